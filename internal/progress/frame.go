package progress

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"luminousnix/internal/operation"
)

// Shape is how a picture is drawn. Lines are at most Width-1 columns, and at most Height-1
// of them.
type Shape struct {
	Width, Height int
	Colour        bool
}

// mostHeight is how high a picture is at most, on however high a terminal.
const mostHeight = 30

// The signs before what is told, with the codes of their colours.
const (
	signRunning, codeRunning = "●", "33"
	signWaiting, codeWaiting = "·", "34"
	signFailed, codeFailed   = "✗", "31"
	signDown, codeDown       = "↓", "36"
	codeDim                  = "2"
	codeBold                 = "1"
)

// Frame draws the picture: what is built as a tree of what waits for it, downloads, what
// else goes on, what has failed with the end of its log, and the totals. It is empty while
// nothing runs.
func (s *State) Frame(now time.Time, shape Shape) []string {
	if !s.Active() && !s.between(now) || shape.Width < 20 || shape.Height < 4 {
		return nil
	}
	f := &frame{state: s, now: now, shape: shape}
	room := min(shape.Height-1, mostHeight) - 1
	failures := f.failures(room / 2)
	room -= len(failures)
	others := f.others(max(1, room/4))
	room -= len(others)
	downloads := f.downloads(max(1, room/3))
	builds := f.builds(max(1, room-len(downloads)))
	lines := append(builds, others...)
	lines = append(append(lines, downloads...), failures...)
	lines = append(lines, f.totals())
	return lines[max(0, len(lines)-(shape.Height-1)):]
}

// frame is a picture that is being drawn.
type frame struct {
	state *State
	now   time.Time
	shape Shape
}

// line begins a line.
func (f *frame) line() *line { return &line{left: f.shape.Width - 1, colour: f.shape.Colour} }

// line is a line that is filled from the left until there is no more room.
type line struct {
	text   strings.Builder
	left   int
	colour bool
}

// add adds text in a colour, by its code; "" is none.
func (l *line) add(code, text string) *line {
	text = cut(text, l.left)
	if text == "" {
		return l
	}
	l.left -= columns(text)
	if !l.colour {
		code = ""
	}
	if code != "" {
		l.text.WriteString("\x1b[" + code + "m" + text + "\x1b[0m")
	} else {
		l.text.WriteString(text)
	}
	return l
}

// details adds what there is, each after two spaces.
func (l *line) details(code string, texts ...string) *line {
	for _, text := range texts {
		if text != "" {
			l.add(code, "  "+text)
		}
	}
	return l
}

func (l *line) String() string { return l.text.String() }

// columns is how wide text is on whatever terminal: they do not agree on all characters.
func columns(text string) int { return max(ansi.StringWidth(text), ansi.StringWidthWc(text)) }

// cut leaves out the end of text that is wider than there is room.
func cut(text string, room int) string {
	if room <= 0 {
		return ""
	}
	if columns(text) <= room {
		return text
	}
	for short := room; short > 0; short-- {
		if shorter := ansi.Truncate(text, short, "…"); columns(shorter) <= room {
			return shorter
		}
	}
	return ""
}

// builds are the derivations that are built, each below what waits for it; in a flat list
// where there is no room for the tree.
func (f *frame) builds(room int) []string {
	lines := f.tree(room)
	if lines == nil {
		return f.list(f.state.Running(operation.Building), room, func(a *Activity) string { return f.building("", a) })
	}
	others := slices.DeleteFunc(f.state.Running(operation.Building), f.state.forest.has)
	return append(lines, f.list(others, room-len(lines), func(a *Activity) string { return f.building("", a) })...)
}

// list is a line for each, and one for those that there is no room for.
func (f *frame) list(all []*Activity, room int, draw func(*Activity) string) (lines []string) {
	if room <= 0 {
		return nil
	}
	shown := all
	if len(all) > room {
		shown = all[:room-1]
	}
	for _, a := range shown {
		lines = append(lines, draw(a))
	}
	if left := len(all) - len(shown); left > 0 {
		lines = append(lines, f.line().add(codeDim, "  "+say("more", strconv.Itoa(left))).String())
	}
	return lines
}

// tree draws the part of the forest in which something is built or has failed; nil if that
// takes more lines than there is room for.
func (f *frame) tree(room int) []string {
	forest := &f.state.forest
	drawn := map[int]bool{}
	for _, a := range f.state.Running(operation.Building) {
		if i, ok := forest.byPath[a.Path]; ok {
			forest.mark(drawn, i)
		}
	}
	for _, a := range f.state.Failed {
		if i, ok := forest.byPath[a.Path]; ok {
			forest.mark(drawn, i)
		}
	}
	if len(drawn) == 0 || len(drawn) > room {
		return nil
	}
	var lines []string
	var draw func(i int, first, rest string)
	draw = func(i int, first, rest string) {
		lines = append(lines, f.node(i, first))
		var children []int
		for _, c := range forest.nodes[i].children {
			if drawn[c] {
				children = append(children, c)
			}
		}
		for n, c := range children {
			if n == len(children)-1 {
				draw(c, rest+"└─ ", rest+"   ")
			} else {
				draw(c, rest+"├─ ", rest+"│  ")
			}
		}
	}
	for _, root := range forest.roots {
		if drawn[root] {
			draw(root, "", "")
		}
	}
	return lines
}

// mark marks a derivation and all that it is drawn below.
func (f *forest) mark(drawn map[int]bool, i int) {
	for ; i >= 0 && !drawn[i]; i = f.nodes[i].parent {
		drawn[i] = true
	}
}

func (f *frame) node(i int, before string) string {
	n := &f.state.forest.nodes[i]
	switch {
	case n.status == underway && n.activity != nil:
		return f.building(before, n.activity)
	case n.status == failed && n.activity != nil:
		return f.failed(before, n.activity)
	}
	l := f.line().add(codeDim, before).add(codeWaiting, signWaiting+" ").add("", n.name)
	return l.details(codeDim, say("waits-for", strconv.Itoa(f.state.forest.left(i)))).String()
}

func (f *frame) building(before string, a *Activity) string {
	took := Clock(a.Elapsed(f.now))
	if usual := f.state.forest.usual(a); usual >= time.Second {
		took = say("of-about", took, Clock(usual))
	}
	l := f.line().add(codeDim, before).add(codeRunning, signRunning+" ").add(codeBold, a.Name).details("", a.Stage, took)
	if a.From != "" {
		l.details(codeDim, say("on", a.From))
	}
	return l.String()
}

func (f *frame) failed(before string, a *Activity) string {
	what := say("failed")
	if a.Stage != "" {
		what = say("failed-in", a.Stage)
	}
	return f.line().add(codeDim, before).add(codeFailed, signFailed+" "+a.Name).
		details(codeFailed, what, say("after", Clock(a.Elapsed(f.now)))).String()
}

func (f *frame) downloads(room int) []string {
	return f.list(f.state.Running(operation.Downloading), room, func(a *Activity) string {
		l := f.line().add(codeDown, signDown+" ").add(codeBold, a.Name).details("", amount(a))
		if rate := a.Rate(f.now); rate > 0 {
			l.details("", say("rate", operation.Size(int64(rate))))
		}
		l.details("", Clock(a.Elapsed(f.now)))
		if a.From != "" {
			l.details(codeDim, say("from", a.From))
		}
		return l.String()
	})
}

// amount is how far an activity is; "" is not known.
func amount(a *Activity) string {
	count := func(n int64) string {
		if a.Unit == operation.Bytes {
			return operation.Size(n)
		}
		return strconv.FormatInt(n, 10)
	}
	switch {
	case a.Type == operation.Evaluating && a.Done > 0 && a.Expected > 0:
		return say("evaluated-of", count(a.Done), count(max(a.Done, a.Expected)))
	case a.Type == operation.Evaluating && a.Done > 0:
		return say("evaluated", count(a.Done))
	case a.Done == 0 && a.Expected == 0:
		return ""
	case a.Expected == 0:
		return count(a.Done)
	}
	return say("part-of", count(a.Done), count(max(a.Done, a.Expected)))
}

func (f *frame) others(room int) []string {
	all := append(f.state.Running(operation.Evaluating), f.state.Running("")...)
	if len(all) == 0 {
		return nil
	}
	return f.list(all, room, func(a *Activity) string {
		return f.line().add(codeRunning, signRunning+" ").add(codeBold, a.Name).details("", amount(a), Clock(a.Elapsed(f.now))).String()
	})
}

// failures are what has failed, the last of it in most detail: the end of its log.
func (f *frame) failures(room int) []string {
	var lines []string
	for n := len(f.state.Failed) - 1; n >= 0 && len(lines) < room; n-- {
		a := f.state.Failed[n]
		block := []string{f.failed("", a)}
		for _, text := range a.Tail {
			block = append(block, f.line().add(codeDim, "  │ ").add("", text).String())
		}
		if over := len(lines) + len(block) - room; over > 0 {
			block = append(block[:1], block[min(len(block), 1+over):]...)
		}
		lines = append(block, lines...)
	}
	return lines
}

// totals is the last line.
func (f *frame) totals() string {
	l := f.line()
	builds, downloads := f.state.Waiting()
	separate := func(parts []string) {
		if len(parts) > 0 {
			if l.left < f.shape.Width-1 {
				l.add(codeDim, " │ ")
			}
			l.add("", strings.Join(parts, " "))
		}
	}
	separate([]string{Clock(f.now.Sub(f.state.began))})
	if low, high, ok := f.state.Left(f.now); ok {
		separate([]string{Remaining(low, high)})
	}
	if c := f.state.Count(operation.Building); c.Started()+builds > 0 {
		separate(counted("builds", c, builds))
	}
	if c := f.state.Count(operation.Downloading); c.Started()+downloads > 0 {
		separate(append(counted("downloads", c, downloads), f.loaded()...))
	}
	return l.String()
}

// Remaining says that so much time is left.
func Remaining(low, high time.Duration) string {
	if high < 2*time.Second {
		return say("soon")
	}
	return say("left", Range(low, high))
}

func counted(name string, c Count, waiting int) []string {
	parts := []string{say(name)}
	for _, one := range []struct {
		name string
		n    int
	}{{"running", c.Running}, {"done", c.Done}, {"waiting", waiting}, {"broken", c.Failed}} {
		if one.n > 0 {
			parts = append(parts, say(one.name, strconv.Itoa(one.n))+",")
		}
	}
	parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], ",")
	return parts
}

// loaded is how much was downloaded, and how fast.
func (f *frame) loaded() (parts []string) {
	got, all := f.state.Bytes(), f.state.ExpectedBytes()
	switch {
	case all > 0:
		parts = append(parts, "("+say("part-of", operation.Size(got), operation.Size(all))+")")
	case got > 0:
		parts = append(parts, "("+operation.Size(got)+")")
	}
	if rate := f.state.Rate(f.now); rate > 0 {
		parts = append(parts, say("rate", operation.Size(int64(rate))))
	}
	return parts
}
