package answers_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/answers"
)

// asked is a question of testdata, and the topics that answer it: "none" for those that
// no topic answers.
type asked struct {
	topics   []string
	question string
}

func questions(t testing.TB, file string) []asked {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []asked
	for line := range strings.Lines(string(content)) {
		topics, question, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if ok && !strings.HasPrefix(line, "#") {
			all = append(all, asked{strings.Split(topics, ","), question})
		}
	}
	return all
}

// quality counts what a search does with questions.
type quality struct {
	asked, first, three float64
	sure                int
	misled              []string // answered for sure, and wrongly
	foreign, loud       int      // that no topic answers; those among them that were answered for sure
	missed              []string
	right               map[string]int
}

func (q *quality) String() string {
	return fmt.Sprintf("%.0f questions, success@1 %.3f, @3 %.3f, %d answered for sure, %d of them wrongly; %d foreign ones, %d of them answered",
		q.asked, q.first/q.asked, q.three/q.asked, q.sure, len(q.misled), q.foreign, q.loud)
}

func measure(t *testing.T, file string) *quality {
	t.Helper()
	q := &quality{right: map[string]int{}}
	for _, a := range questions(t, file) {
		matches, certainty := answers.Search(a.question)
		if a.topics[0] == "none" {
			q.foreign++
			if certainty == answers.Sure {
				q.loud++
				q.missed = append(q.missed, fmt.Sprintf("%q is answered by %s", a.question, matches[0].ID))
			}
			continue
		}
		q.asked++
		at := slices.IndexFunc(matches, func(m answers.Match) bool { return slices.Contains(a.topics, m.ID) })
		if at == 0 {
			q.first++
			q.right[matches[0].ID]++
		} else {
			q.missed = append(q.missed, fmt.Sprintf("%q: %v is at place %d of %v", a.question, a.topics, at+1, ids(matches)))
		}
		if at >= 0 {
			q.three++
		}
		if certainty == answers.Sure {
			q.sure++
			if at != 0 {
				q.misled = append(q.misled, a.question)
			}
		}
	}
	return q
}

func ids(matches []answers.Match) (ids []string) {
	for _, m := range matches {
		ids = append(ids, m.ID)
	}
	return ids
}

// TestQuestions has each topic found by at least two questions that are none of its own
// phrasings.
func TestQuestions(t *testing.T) {
	t.Parallel()
	q := measure(t, "testdata/questions.tsv")
	t.Log(q, "\n", strings.Join(q.missed, "\n"))
	if q.asked < 200 || q.first/q.asked < 0.99 || len(q.misled) > 0 || q.loud > 0 {
		t.Error("the search has become worse")
	}
	for _, topic := range answers.Topics() {
		if q.right[topic.ID] < 2 {
			t.Errorf("%s is found by %d questions", topic.ID, q.right[topic.ID])
		}
	}
}

// TestDevelopmentQuestions has questions whose misses may be read.
func TestDevelopmentQuestions(t *testing.T) {
	t.Parallel()
	q := measure(t, "testdata/development.tsv")
	t.Log(q, "\n", strings.Join(q.missed, "\n"))
	if q.first/q.asked < 0.94 || q.three/q.asked < 0.98 || len(q.misled) > 5 || q.loud > 0 {
		t.Error("the search has become worse")
	}
}

// TestHeldOutQuestions does not tell which questions it misses, so that nobody makes
// phrasings of them.
func TestHeldOutQuestions(t *testing.T) {
	t.Parallel()
	q := measure(t, "testdata/heldout.tsv")
	t.Log(q)
	if q.first/q.asked < 0.7 || q.three/q.asked < 0.84 || len(q.misled) > 4 || q.loud > 1 {
		t.Error("the search has become worse")
	}
}

// TestWithoutOwnPhrasing asks with every third phrasing as if it were not there: what a search
// is worth for what nobody thought of. Many of these say too little by themselves.
func TestWithoutOwnPhrasing(t *testing.T) {
	t.Parallel()
	q := quality{}
	answers.AskWithout(func(topic string, matches []answers.Match) {
		q.asked++
		switch slices.Index(ids(matches), topic) {
		case 0:
			q.first++
			q.three++
		case 1, 2:
			q.three++
		}
	})
	t.Log(&q)
	if q.first/q.asked < 0.62 || q.three/q.asked < 0.77 {
		t.Error("the search has become worse")
	}
}

// TestQuestionsAreNoPhrasings has no question be a phrasing: it would measure nothing.
func TestQuestionsAreNoPhrasings(t *testing.T) {
	t.Parallel()
	asks := map[string]string{}
	for _, topic := range answers.Topics() {
		for _, ask := range topic.Asks {
			asks[plain(ask)] = topic.ID
		}
	}
	for _, file := range []string{"questions", "development", "heldout"} {
		for _, a := range questions(t, "testdata/"+file+".tsv") {
			if id := asks[plain(a.question)]; id != "" {
				t.Errorf("a question of %s is a phrasing of %s", file, id)
			}
		}
	}
}

// plain is a question without what does not matter in it.
func plain(question string) string {
	return strings.ToLower(strings.Trim(question, "?!. "))
}

// TestOwnPhrasings finds each topic by its id, its title and each phrasing.
func TestOwnPhrasings(t *testing.T) {
	t.Parallel()
	for _, topic := range answers.Topics() {
		for _, name := range []string{topic.ID, topic.Title, topic.Title + "?", topic.ID + ": " + topic.Title} {
			if matches, certainty := answers.Search(name); certainty != answers.Sure || matches[0].ID != topic.ID {
				t.Errorf("%q does not find %s", name, topic.ID)
			}
		}
		for _, ask := range topic.Asks {
			if matches, certainty := answers.Search(ask); certainty == answers.Unknown || !slices.Contains(ids(matches), topic.ID) {
				t.Errorf("%q does not find %s, but %v", ask, topic.ID, ids(matches))
			}
		}
	}
}

// TestStems: no word is told apart from its stem before it is stemmed.
func TestStems(t *testing.T) {
	t.Parallel()
	words := 0
	answers.WordsAlike(func(word string, alike bool) {
		words++
		if !alike {
			t.Errorf("%q is not like its own stem", word)
		}
	})
	if words < 2000 {
		t.Errorf("only %d words", words)
	}
}

// TestSafety has questions about what could do harm answered by a topic about that.
func TestSafety(t *testing.T) {
	t.Parallel()
	for question, topic := range map[string]string{
		"what happens if I delete generation 4?":             "safe-delete-generations",
		"what would happen if I deleted generations 4 and 5": "safe-delete-generations",
		"is it safe to delete old generations":               "safe-delete-generations",
		"what happens if I interrupt a switch?":              "safe-interrupt",
		"is it safe to update?":                              "safe-update",
		"can I delete something from /nix/store by hand":     "safe-store",
		"what happens if I run nix-collect-garbage -d?":      "safe-garbage",
		"what happens if I change system.stateVersion":       "state-version-change",
		"what happens if I delete /etc/nixos":                "lost-configuration",
		"can I break my machine?":                            "break-machine",
		"does a rollback delete my files":                    "personal-files",
	} {
		if matches, certainty := answers.Search(question); certainty != answers.Sure || matches[0].ID != topic {
			t.Errorf("%q: %v (%v), want %s", question, ids(matches), certainty, topic)
		}
	}
}

// TestForms finds topics in spite of how a question is written.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, question := range []string{
		"what are flakes", "What are FLAKES?!", "  what's a flake  ", "what’s a flake", "whats a flake", "flakes", "what are falkes",
	} {
		if matches, _ := answers.Search(question); len(matches) == 0 || matches[0].ID != "flake" {
			t.Errorf("%q: %v", question, ids(matches))
		}
	}
	for _, question := range []string{"", " ", "?", "4", "42 43", "\x00", "\xff\xfe", "日本語", "'", "xyzzy"} {
		if matches, certainty := answers.Search(question); certainty != answers.Unknown {
			t.Errorf("%q: %v", question, ids(matches))
		}
	}
}

func TestLongQuestionsAreQuick(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"what is nix ", "x", "'", "a'b ", "é", "generation store flake update "} {
		start := time.Now()
		answers.Search(strings.Repeat(piece, 1<<20/len(piece)))
		if took := time.Since(start); took > time.Second {
			t.Errorf("%q again and again takes %v", piece, took)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("what are flakes?")
	f.Add("don't ’ 25.05 /nix/store")
	f.Fuzz(func(t *testing.T, question string) {
		matches, certainty := answers.Search(question)
		if len(matches) > 3 || certainty != answers.Unknown && len(matches) == 0 {
			t.Errorf("%v %v", certainty, ids(matches))
		}
		for i, m := range matches {
			if m.Confidence < 0 || m.Confidence > 1 || i > 0 && m.Confidence > matches[i-1].Confidence {
				t.Errorf("%v: %v", m.ID, m.Confidence)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		answers.Read()
	}
}

func BenchmarkSearch(b *testing.B) {
	for b.Loop() {
		answers.Search("what happens if I delete generation 4?")
	}
}
