package intent

import (
	"os"
	"slices"
	"strings"
	"testing"

	"luminousnix/internal/operation"
)

// acceptable maps the coarse labels of testdata/utterances.tsv to the operations
// that answer such a sentence rightly. A question about doing something ("how do
// I …") is also right as answer-question.
func acceptable(label string) []operation.Name {
	switch label {
	case "search":
		return []operation.Name{operation.SearchPackages, operation.FindProgram, operation.ShowPackage}
	case "install":
		return []operation.Name{operation.InstallPackages}
	case "remove":
		return []operation.Name{operation.RemovePackages}
	case "list":
		return []operation.Name{operation.ListPackages, operation.ShowPackage}
	case "generations":
		return []operation.Name{operation.ListGenerations}
	case "diff":
		return []operation.Name{operation.CompareGenerations, operation.BuildSystem}
	case "rollback":
		return []operation.Name{operation.Rollback, operation.SwitchGeneration, operation.Undo}
	case "update":
		return []operation.Name{operation.UpdateSystem}
	case "cleanup":
		return []operation.Name{operation.CleanUp, operation.CollectGarbage, operation.DeleteGenerations}
	case "disk":
		return []operation.Name{operation.DiskUsage}
	case "version":
		return []operation.Name{operation.ShowPackage, operation.ShowSystem, operation.SearchPackages}
	case "explain":
		return []operation.Name{operation.ShowConfiguration, operation.ShowOption, operation.SearchOptions, operation.ExplainDependency}
	case "options":
		return []operation.Name{operation.SearchOptions, operation.ShowOption, operation.SetOption}
	case "repair":
		return []operation.Name{operation.RepairStore, operation.VerifyStore, operation.CheckHealth, operation.ExplainError}
	case "error":
		return []operation.Name{operation.ExplainError, operation.ShowErrors}
	case "other":
		return []operation.Name{operation.AnswerQuestion, operation.Help, operation.None}
	}
	return nil
}

// aboutDoing reports a sentence that asks how something is done or says that it
// did not work, so that explaining is right and doing is not.
func aboutDoing(sentence string) bool {
	text := strings.ToLower(sentence)
	for _, sign := range []string{"how ", "howto ", "any way ", "unable ", " not ", "n't ", "why"} {
		if strings.HasPrefix(text, sign) || strings.Contains(text, " "+strings.TrimLeft(sign, " ")) || strings.Contains(text, sign) && sign == "n't " {
			return true
		}
	}
	return strings.HasSuffix(text, "why?")
}

// offersOne reports a question with a right operation among its choices.
func offersOne(choices []operation.Alternative, want []operation.Name) bool {
	return slices.ContainsFunc(choices, func(a operation.Alternative) bool { return slices.Contains(want, a.Name) })
}

func TestUtterances(t *testing.T) {
	t.Parallel()
	const floor = 0.95
	data, err := os.ReadFile("testdata/utterances.tsv")
	if err != nil {
		t.Fatal(err)
	}
	right, offered, total := 0, 0, 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(fields) < 2 {
			continue
		}
		sentence, want := fields[0], acceptable(fields[1])
		if aboutDoing(sentence) {
			want = append(want, operation.AnswerQuestion)
		}
		total++
		reading, err := Understand(sentence, testNow)
		if err == nil && slices.Contains(want, reading.Operations[0].Name) || err != nil && slices.Contains(want, operation.None) {
			right++
			continue
		}
		if err != nil && offersOne(operation.AsError(err).Alternatives, want) {
			offered++
			continue
		}
		t.Logf("%q is %s, understood as %v (%.2f, %v)", sentence, fields[1], reading.Operations, reading.Confidence, err)
	}
	accuracy := float64(right+offered) / float64(total)
	t.Logf("%d of %d operations right, %d of them among choices: %.1f %%", right+offered, total, offered, 100*accuracy)
	if accuracy < floor {
		t.Errorf("accuracy %.3f is below %.2f", accuracy, floor)
	}
}
