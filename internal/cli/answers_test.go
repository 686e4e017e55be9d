package cli_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"

	"luminousnix/internal/action"
	"luminousnix/internal/answers"
	"luminousnix/internal/cli"
	"luminousnix/internal/operation"
)

// TestAnswersAdviseWhatExists has every command that an answer advises be one that
// ask-nix has and takes, or a sentence that is more than another question.
func TestAnswersAdviseWhatExists(t *testing.T) {
	t.Parallel()
	advised := map[string]string{}
	for _, topic := range answers.Topics() {
		for _, try := range topic.Tries {
			if try.Command != "" {
				advised[try.Command] = topic.ID
			}
		}
	}
	if len(advised) < 75 {
		t.Fatalf("only %d commands are advised", len(advised))
	}
	for command, id := range advised {
		words := unquoted(command)
		if words[0] != "ask-nix" || len(words) < 2 {
			t.Errorf("%s: %q is no command of ask-nix", id, command)
			continue
		}
		sentence := strings.Contains(words[1], " ")
		found, _, err := cli.Tree().Find(words[1:])
		if !sentence && (err != nil || !found.HasParent()) {
			t.Errorf("%s: there is no command for %q", id, command)
			continue
		}
		if words[1] == "settings" {
			continue // it is no operation
		}
		explained := exec.Command(binary, append([]string{"--explain", "--json"}, words[1:]...)...)
		explained.Env = []string{"HOME=" + t.TempDir()}
		out, err := explained.Output()
		var reading struct {
			Operation  operation.Name
			Confidence float64
		}
		if err != nil || json.Unmarshal(out, &reading) != nil {
			t.Errorf("%s: %q is not understood: %v %s", id, command, err, out)
			continue
		}
		if _, ok := action.Find(reading.Operation); !ok {
			t.Errorf("%s: %q is not available", id, command)
		}
		question := reading.Operation == operation.AnswerQuestion || reading.Operation == operation.None
		if sentence && question || !sentence && reading.Confidence != 1 {
			t.Errorf("%s: %q is taken for %s, with %v", id, command, reading.Operation, reading.Confidence)
		}
	}
}

// unquoted parts a command as a shell does, of which it has double quotes only.
func unquoted(command string) (words []string) {
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}
