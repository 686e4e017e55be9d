package intent

import (
	"os"
	"runtime"
	"testing"

	"luminousnix/internal/intent/corpus"
)

// TestModelIsOfTheCorpus makes the model anew: that in the repository is what the corpus
// gives, byte for byte.
func TestModelIsOfTheCorpus(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skipf("%s may fuse additions and multiplications, which rounds otherwise", runtime.GOARCH)
	}
	if slowdown > 1 {
		t.Skip("learning takes minutes with the race detector")
	}
	frames, err := corpus.ParseFrames(text(t, "corpus/frames.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	made := string(Train(load(t, "corpus/en.tsv"), frames, text(t, "learn/concepts.txt")))
	if committed := text(t, "learn/model.bin"); made != committed {
		t.Errorf("model.bin (%d bytes) is not what the corpus gives (%d bytes): go generate ./internal/intent/learn", len(committed), len(made))
	}
	const most = 1 << 20
	if len(made) > most {
		t.Errorf("the model has %d bytes, more than %d", len(made), most)
	}
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
