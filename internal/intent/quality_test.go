package intent

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/intent/corpus"
)

func load(t testing.TB, path string) []corpus.Sentence {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	all, err := corpus.Parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// held are the sentences of the families that nothing was learnt from.
func held(t testing.TB) []corpus.Sentence {
	return slices.DeleteFunc(load(t, "corpus/en.tsv"), func(s corpus.Sentence) bool { return !corpus.Held(s.Family) })
}

// talk reports a family of what was written last, as people talk: its names begin with a small
// letter and a number. A third of these sentences ask for several things.
func talk(family string) bool {
	return len(family) > 2 && family[0] >= 'a' && family[0] <= 'z' && digit(family[1])
}

// heldOf are the sentences held back that are of such a family, or are not.
func heldOf(t testing.TB, talks bool) []corpus.Sentence {
	return slices.DeleteFunc(held(t), func(s corpus.Sentence) bool { return talk(s.Family) != talks })
}

// tally counts how sentences were understood.
type tally struct {
	total, right, direct, asked int
	judged, arguments           int
}

func (a *tally) add(v corpus.Verdict) {
	a.total++
	a.right += one(v.Operation)
	a.direct += one(v.Operation && !v.Asked)
	a.asked += one(v.Asked)
	a.judged += one(v.Judged)
	a.arguments += one(v.Arguments)
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }

func (a *tally) String() string {
	return fmt.Sprintf("%5d sentences: right %.1f %%, without asking %.1f %%, asked %.1f %%, arguments right %.1f %% of %d", a.total,
		percent(a.right, a.total), percent(a.direct, a.total), percent(a.asked, a.total), percent(a.arguments, a.judged), a.judged)
}

func count(sentences []corpus.Sentence) *tally {
	a := &tally{}
	for i := range sentences {
		reading, err := Understand(sentences[i].Text, testNow)
		a.add(sentences[i].Judge(reading.Operations, err))
	}
	return a
}

// TestQuality holds what is understood of sentences that nothing was learnt from: of the
// families that are held back, and of judged.tsv and people.tsv, which somebody else wrote who
// knew the names of the operations only. The bounds are a little below what was measured.
func TestQuality(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name                     string
		sentences                []corpus.Sentence
		right, direct, arguments float64
	}{
		{"families held back", heldOf(t, false), 90, 79, 94},
		{"talk held back", heldOf(t, true), 77, 66, 90},
		{"judged", load(t, "testdata/judged.tsv"), 95, 88, 91},
		{"people", load(t, "testdata/people.tsv"), 97, 92, 94},
	} {
		a := count(test.sentences)
		t.Logf("%s: %v", test.name, a)
		if percent(a.right, a.total) < test.right || percent(a.direct, a.total) < test.direct || percent(a.arguments, a.judged) < test.arguments {
			t.Errorf("%s: below %.0f, %.0f and %.0f %%", test.name, test.right, test.direct, test.arguments)
		}
	}
}

// BenchmarkLanguage prints how well each operation is understood, which are taken for which
// others, and how long a sentence takes.
func BenchmarkLanguage(b *testing.B) {
	sentences := slices.Concat(held(b), load(b, "testdata/judged.tsv"), load(b, "testdata/people.tsv"))
	var times []time.Duration
	for b.Loop() {
		for i := range sentences {
			start := time.Now()
			_, _ = Understand(sentences[i].Text, testNow)
			times = append(times, time.Since(start))
		}
	}
	slices.Sort(times)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "us-median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "us-p99")
	fmt.Fprint(os.Stdout, "\n", report(b)) // a log of it would be cut
}

func report(tb testing.TB) string {
	var text strings.Builder
	for _, set := range []struct {
		name      string
		sentences []corpus.Sentence
	}{{"families held back", heldOf(tb, false)}, {"talk held back", heldOf(tb, true)}, {"judged", load(tb, "testdata/judged.tsv")}, {"people", load(tb, "testdata/people.tsv")}} {
		fmt.Fprintf(&text, "%s\n%v\n\n", set.name, count(set.sentences))
		operations(&text, set.sentences)
	}
	return text.String()
}

// operations writes a line for each operation: how often it was right, and what it was
// taken for else.
func operations(text *strings.Builder, sentences []corpus.Sentence) {
	tallies, confused := map[string]*tally{}, map[string]map[string]int{}
	for i := range sentences {
		s := &sentences[i]
		name := string(s.Want[0].Name)
		if len(s.Want) > 1 {
			name = "several"
		}
		if tallies[name] == nil {
			tallies[name], confused[name] = &tally{}, map[string]int{}
		}
		reading, err := Understand(s.Text, testNow)
		v := s.Judge(reading.Operations, err)
		tallies[name].add(v)
		if !v.Operation {
			confused[name][string(v.Got)]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tallies)) {
		a := tallies[name]
		fmt.Fprintf(text, "%-22s %4d %5.1f %%  %s\n", name, a.total, percent(a.right, a.total), most(confused[name]))
	}
	text.WriteByte('\n')
}

func most(counts map[string]int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(all, ", ")
}
