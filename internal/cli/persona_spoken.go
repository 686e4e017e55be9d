package cli

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/progress"
)

// spoken is for screen readers: lines that are sentences, or names with values, without
// columns, colour, and signs that are read as their names, or not at all.
type spoken struct {
	usual
	said *speaker
}

func newSpoken(a *app) *spoken {
	a.style = style{}
	a.Width = 0 // nothing is cut off
	s := &spoken{usual: usual{a}}
	a.Out = &filter{a.Out, (&speech{start: true}).put}
	a.Err = &filter{a.Err, (&speech{start: true}).put}
	s.said = &speaker{to: a.Err, every: sayEvery, now: a.now, later: func(d time.Duration, f func()) stopper { return time.AfterFunc(d, f) }}
	return s
}

func (s *spoken) observer(op operation.Operation) operation.Observer {
	return operation.ObserverFunc(func(e operation.Event) {
		if e.Kind == operation.EventPlan && e.Plan != nil {
			s.plan(s.Err, op, e.Plan)
			return
		}
		s.said.observe(e)
	})
}

func (s *spoken) plan(w io.Writer, op operation.Operation, plan *operation.Plan) {
	s.said.quiet()
	s.usual.plan(w, op, plan)
}

func (s *spoken) result(r operation.Result) error {
	s.said.quiet()
	return s.renderResult(r)
}

func (s *spoken) failure(r operation.Result) {
	s.said.quiet()
	s.showError(r.Err)
}

// aloud is one of the words for screen readers, by its name.
func aloud(name string, values ...string) string {
	return persona.Phrase(persona.ScreenReader, name, values...)
}

func (s *spoken) question() string { return aloud("question") + " " }

func (s *spoken) signs() signs {
	return signs{aloud("added"), aloud("removed"), aloud("changed"), aloud("needs"), true}
}

func (s *spoken) entry(prefix string, _ int, name, text string) string {
	return prefix + name + ": " + text
}

func (s *spoken) pairs(w io.Writer, pairs [][2]string) {
	for _, pair := range pairs {
		if pair[1] != "" {
			fmt.Fprintln(w, pair[0]+": "+clean(pair[1]))
		}
	}
}

// table makes a sentence of each row: "Generation 3: date 2025-11-20, current."
func (s *spoken) table(w io.Writer, rows [][]string) {
	head := rows[0]
	first := strings.ToLower(strings.Replace(head[0], "#", aloud("number"), 1)) // at the prompt
	for _, row := range rows[1:] {
		var cells []string
		for i, cell := range row {
			if i > 0 && cell != "" {
				cells = append(cells, strings.TrimSpace(strings.ToLower(head[i])+" "+cell))
			}
		}
		line := strings.ToUpper(first[:1]) + first[1:] + " " + row[0]
		if len(cells) > 0 {
			line += ": " + strings.Join(cells, ", ")
		}
		fmt.Fprintln(w, withStop(clean(line)))
	}
}

// diffLine says what is done to a line. Lines that stay are left out.
func (s *spoken) diffLine(line string) string {
	say := ""
	switch {
	case strings.HasPrefix(line, "--- "):
		return ""
	case strings.HasPrefix(line, "+++ "):
		say = aloud("in-file", line[4:])
	case strings.HasPrefix(line, "+"):
		say = aloud("added-line", line[1:])
	case strings.HasPrefix(line, "-"):
		say = aloud("removed-line", line[1:])
	}
	return strings.TrimSuffix((&speech{start: true}).put(say), "\n")
}

// speech makes of text what a screen reader reads well. It goes on from piece to piece.
type speech struct {
	start  bool // of a line
	spaces int  // that were held back
	word   bool // stands before them in place of a sign, and has one space after it
	last   rune
}

// put changes a piece of text: indentation goes, gaps between columns become commas,
// hashes of store paths and signs go or become words.
func (s *speech) put(text string) string {
	var b strings.Builder
	text = persona.ShortPaths(text)
	for at, r := range text {
		switch {
		case r == '\n':
			b.WriteByte('\n')
			*s = speech{start: true}
		case unicode.IsSpace(r):
			s.spaces++
		case s.start && strings.ContainsRune("+-~>", r) && strings.HasPrefix(text[at+1:], " "):
			// The mark of an item of a list.
		case spokenSign(r) != "":
			s.spaces = max(s.spaces, 1)
			s.write(&b, spokenSign(r))
			s.word = true
		default:
			s.write(&b, spokenRune(r))
		}
	}
	return b.String()
}

// write writes text, and what is due before it.
func (s *speech) write(b *strings.Builder, text string) {
	if text == "" {
		return
	}
	if s.word {
		s.spaces = 1
	}
	if s.spaces > 0 && !s.start {
		if s.spaces > 1 && !strings.ContainsRune(".,:;?!", s.last) {
			b.WriteByte(',')
		}
		b.WriteByte(' ')
	}
	b.WriteString(text)
	s.last, _ = utf8.DecodeLastRuneInString(text)
	s.start, s.spaces, s.word = false, 0, false
}

// spokenSign is a sign in words; "" is none.
func spokenSign(r rune) string {
	if r < utf8.RuneSelf || unicode.IsLetter(r) {
		return ""
	}
	return aloud(string(r))
}

// spokenRune is a character as it is written; "" is one that is left out.
func spokenRune(r rune) string {
	switch r {
	case '–', '—', '‑':
		return "-"
	case '‘', '’':
		return "'"
	case '“', '”', '„':
		return `"`
	case utf8.RuneError:
		return ""
	}
	if r < 0x7f && r > ' ' || r >= 0x7f && unicode.In(r, unicode.L, unicode.M, unicode.N) {
		return string(r)
	}
	return ""
}

// sayEvery is how long there is nothing said after a sentence of progress.
const sayEvery = 4 * time.Second

// stopper is a timer.
type stopper interface{ Stop() bool }

// speaker says in sentences what is being done: what comes too soon after another is said
// later, if it is the case then.
type speaker struct {
	to    io.Writer
	every time.Duration
	now   func() time.Time
	later func(time.Duration, func()) stopper

	mu      sync.Mutex
	spoke   time.Time
	waiting string // what is to be said next
	timer   stopper

	state progress.State // of what is built and downloaded
	said  string         // of that, last
	told  time.Time      // how long it takes
}

func (p *speaker) observe(e operation.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	failed := len(p.state.Failed)
	p.state.Observe(e, p.now())
	if len(p.state.Failed) > failed {
		fmt.Fprintln(p.to, withStop(progress.HasFailed(p.state.Failed[failed])))
	}
	switch e.Kind {
	case operation.EventWarning:
		fmt.Fprintln(p.to, withStop(aloud("warning", clean(e.Text))))
	case operation.EventPhase, operation.EventStart:
		if urgent := e.Phase == "confirm" || e.Phase == "revert"; urgent {
			p.spoke = time.Time{}
		}
		p.offer(clean(e.Text))
	case operation.EventProgress:
		if e.Activity == 0 || p.said == "" { // else the sums say it
			p.offer(progressSentence(e))
		}
	case operation.EventStop, operation.EventEstimate:
		p.sums(e)
	}
}

// sums offers how far it all is: when something is done, and how long it takes each minute.
func (p *speaker) sums(e operation.Event) {
	if e.Kind == operation.EventEstimate && p.now().Sub(p.told) < time.Minute {
		return
	}
	text := p.state.Spoken(p.now())
	if text == "" || text == p.said || !p.state.Active() {
		return
	}
	p.said, p.told = text, p.now()
	p.offer(text)
}

// offer says a sentence, now or when it is time.
func (p *speaker) offer(text string) {
	if text == "" {
		return
	}
	p.waiting = withStop(text)
	wait := p.every - p.now().Sub(p.spoke)
	if p.spoke.IsZero() || wait <= 0 {
		p.speak()
		return
	}
	if p.timer == nil {
		p.timer = p.later(wait, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.speak()
		})
	}
}

func (p *speaker) speak() {
	p.stop()
	if p.waiting != "" {
		fmt.Fprintln(p.to, p.waiting)
		p.waiting, p.spoke = "", p.now()
	}
}

func (p *speaker) stop() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// quiet ends the progress: what was to be said is over.
func (p *speaker) quiet() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stop()
	p.waiting, p.spoke = "", time.Time{}
}

func progressSentence(e operation.Event) string {
	if e.Done == 0 {
		return ""
	}
	done, expected := fmt.Sprint(e.Done), fmt.Sprint(e.Expected)
	if e.Unit == operation.Bytes {
		done, expected = operation.Size(e.Done), operation.Size(e.Expected)
	}
	if e.Expected == 0 {
		return aloud("done", done)
	}
	return aloud("done-of", done, expected)
}
