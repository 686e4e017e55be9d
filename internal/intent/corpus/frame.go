package corpus

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// Frame is what may stand around a request. frames.tsv has a line for each: what a
// framed request asks for – an operation, none, "same", or "both" – a tab, and the frame,
// with {r} where the request is, and {s} where a second one is, if it asks for both.
type Frame struct {
	Want operation.Name // "" is that of the request, or of both
	Text string
}

// joins reports a frame around two requests.
func (f *Frame) joins() bool { return strings.Contains(f.Text, "{s}") }

// ParseFrames reads the lines of frames.tsv.
func ParseFrames(text string) ([]Frame, error) {
	var all []Frame
	for line := range strings.Lines(text) {
		want, frame, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok || !strings.Contains(frame, "{r}") {
			return nil, fmt.Errorf("frame %q has no tab or no {r}", line)
		}
		f := Frame{operation.Name(want), frame}
		if want == "same" || want == "both" {
			f.Want = ""
		}
		all = append(all, f)
	}
	return all, nil
}

// aRequest is how many words a request has at most that is put into a frame.
const aRequest = 8

// Framed puts each of the frames around some of the sentences: short ones that ask for
// one thing, of a changing operation where the frame takes away what it asks for. Which
// ones depends on their order only. Frames that join two are left out: see [Joined].
func Framed(frames []Frame, sentences []Sentence, each int, begins func(string) bool) []Sentence {
	var changing []*Sentence
	requests := short(sentences, begins)
	for _, s := range requests {
		if spec, _ := operation.Lookup(s.Want[0].Name); spec.Changing {
			changing = append(changing, s)
		}
	}
	var all []Sentence
	for n, f := range frames {
		if f.joins() {
			continue
		}
		from := changing
		if f.Want == "" {
			from = requests
		}
		for i := range min(each, len(from)) {
			all = append(all, f.around(from[(n*101+i*len(from)/each)%len(from)], n))
		}
	}
	return all
}

// short are the sentences that ask for one thing in few words.
func short(sentences []Sentence, begins func(string) bool) (all []*Sentence) {
	for i := range sentences {
		if s := &sentences[i]; len(s.Want) == 1 && len(strings.Fields(s.Text)) <= aRequest && begins(s.Text) {
			all = append(all, s)
		}
	}
	return all
}

// Join is two requests in a frame.
type Join struct {
	Text   string
	Second int // where the second request begins, in bytes
}

// Joined puts pairs of short sentences, of operations that are not the same, into each of the
// frames that join two. Which ones depends on their order only.
func Joined(frames []Frame, sentences []Sentence, each int, begins func(string) bool) (all []Join) {
	const step, other = 7919, 104729 // primes: neighbours in the corpus are alike
	requests := short(sentences, begins)
	for n, f := range frames {
		for i := range each {
			a, b := requests[(n*step+i*other)%len(requests)], requests[(n*other+i*step)%len(requests)]
			if f.joins() && a.Want[0].Name != b.Want[0].Name && a.Want[0].Name != operation.None && b.Want[0].Name != operation.None {
				all = append(all, f.join(a, b))
			}
		}
	}
	return all
}

func (f *Frame) join(a, b *Sentence) Join {
	before := strings.Replace(f.Text, "{r}", strings.TrimRight(a.Text, ".!? "), 1)
	at := strings.Index(before, "{s}")
	return Join{before[:at] + b.Text, at}
}

func (f *Frame) around(s *Sentence, n int) Sentence {
	request := strings.TrimRight(s.Text, ".!? ")
	framed := Sentence{Family: fmt.Sprintf("frame/%d", n), Text: strings.Replace(f.Text, "{r}", request, 1), Want: s.Want, Also: s.Also}
	if f.Want != "" {
		framed.Want, framed.Also = []operation.Operation{{Name: f.Want}}, nil
	}
	return framed
}
