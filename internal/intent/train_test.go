package intent

import (
	"os"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/intent/corpus"
)

// TestModelIsOfTheCorpus holds that the model was made from the sentences, frames, concepts
// and phrases that are here now, by the fingerprints that were written down when it was made;
// TestModelIsLearntAnewLong makes it again.
func TestModelIsOfTheCorpus(t *testing.T) {
	t.Parallel()
	model := text(t, "learn/model.bin")
	want := fingerprint(model, text(t, "corpus/en.tsv"), text(t, "corpus/frames.tsv"), text(t, "learn/concepts.txt"))
	if diff := cmp.Diff(want, text(t, "learn/model.sum")); diff != "" {
		t.Errorf("go generate ./internal/intent/learn (-want +got):\n%s", diff)
	}
	const most = 1 << 20
	if len(model) > most {
		t.Errorf("the model has %d bytes, more than %d", len(model), most)
	}
}

// TestModelIsLearntAnewLong makes the model anew: that in the repository is what the corpus
// gives, byte for byte.
func TestModelIsLearntAnewLong(t *testing.T) {
	t.Parallel()
	switch {
	case os.Getenv("LUMINOUS_NIX_LONG") == "":
		t.Skip("learning takes a minute: make test-long does it")
	case runtime.GOARCH != "amd64":
		t.Skipf("%s may fuse additions and multiplications, which rounds otherwise", runtime.GOARCH)
	case slowdown > 1:
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
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
