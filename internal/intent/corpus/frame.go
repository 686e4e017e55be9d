package corpus

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// Frame is what may stand around a request. frames.tsv has a line for each: what a
// framed request asks for – an operation, none, or "same" – a tab, and the frame, with
// {r} where the request is.
type Frame struct {
	Want operation.Name // "" is that of the request
	Text string
}

// ParseFrames reads the lines of frames.tsv.
func ParseFrames(text string) ([]Frame, error) {
	var all []Frame
	for line := range strings.Lines(text) {
		want, frame, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok || !strings.Contains(frame, "{r}") {
			return nil, fmt.Errorf("frame %q has no tab or no {r}", line)
		}
		f := Frame{operation.Name(want), frame}
		if want == "same" {
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
// ones depends on their order only.
func Framed(frames []Frame, sentences []Sentence, each int, begins func(string) bool) []Sentence {
	var requests, changing []*Sentence
	for i := range sentences {
		s := &sentences[i]
		if len(s.Want) > 1 || len(strings.Fields(s.Text)) > aRequest || !begins(s.Text) {
			continue
		}
		requests = append(requests, s)
		if spec, _ := operation.Lookup(s.Want[0].Name); spec.Changing {
			changing = append(changing, s)
		}
	}
	var all []Sentence
	for n, f := range frames {
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

func (f *Frame) around(s *Sentence, n int) Sentence {
	request := strings.TrimRight(s.Text, ".!? ")
	framed := Sentence{Family: fmt.Sprintf("frame/%d", n), Text: strings.Replace(f.Text, "{r}", request, 1), Want: s.Want, Also: s.Also}
	if f.Want != "" {
		framed.Want, framed.Also = []operation.Operation{{Name: f.Want}}, nil
	}
	return framed
}
