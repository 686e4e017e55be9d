package progress_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/persona"
	"luminousnix/internal/plainfile"
)

// TestWords: the words of progress are those that are said.
func TestWords(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	text, err := os.ReadFile("../persona/en/progress.txt")
	if err != nil {
		t.Fatal(err)
	}
	words := plainfile.Pairs(string(text), " ")
	if len(words) < 20 {
		t.Errorf("there are only %v", words)
	}
	for word := range words {
		if !strings.Contains(source.String(), `"`+word+`"`) && !strings.HasPrefix(word, "spoken-") {
			t.Errorf("%q is never said", word)
		}
	}
	for _, part := range strings.Split(source.String(), `say("`)[1:] {
		if word, _, _ := strings.Cut(part, `"`); word != "spoken-" && persona.Phrase("progress", word) == "" {
			t.Errorf("there is no %q", word)
		}
	}
}
