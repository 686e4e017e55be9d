package progress

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"luminousnix/internal/operation"
)

// Bounds of what is kept. What is beyond them is not told by the picture.
const (
	mostRunning = 1024
	mostFailed  = 32
	mostTail    = 20   // last lines of a log
	longestLine = 1000 // bytes of a line or a name
)

// Activity is something that goes on, or has failed.
type Activity struct {
	ID       operation.ActivityID
	Type     operation.ActivityType
	Name     string // for people
	Path     string
	From     string
	Stage    string // the phase of a build, "" is not known
	Started  time.Time
	Ended    time.Time // of one that has failed
	Unit     operation.Unit
	Done     int64
	Expected int64    // 0 is not known
	Tail     []string // of its log

	rate rate
}

// Elapsed is how long it has gone on, or went on.
func (a *Activity) Elapsed(now time.Time) time.Duration {
	if !a.Ended.IsZero() {
		now = a.Ended
	}
	return max(0, now.Sub(a.Started))
}

// Rate is how many bytes a second come now; 0 is not known.
func (a *Activity) Rate(now time.Time) float64 { return a.rate.at(now) }

// Count is how many activities of a type there were. What has started either runs, or is
// done, or has failed.
type Count struct{ Running, Done, Failed int }

// Started is how many have started.
func (c Count) Started() int { return c.Running + c.Done + c.Failed }

// State is where an operation is. The zero value is one that has not begun. It is not safe
// for concurrent use.
type State struct {
	Failed []*Activity // the first of them
	Lost   int         // activities that are not told, for want of room

	began    time.Time // the first activity, or what is expected
	stopped  time.Time // of the last one that has ended
	running  map[operation.ActivityID]*Activity
	order    []*Activity // those that run, in the order in which they started
	counts   map[operation.ActivityType]Count
	ended    int64 // bytes of downloads that have ended
	bytes    rate
	expect   operation.Expectation
	before   [2]int // builds and downloads that had started before it was known
	loaded   int64  // bytes that had come before
	forest   forest
	estimate operation.Estimate
	guessed  time.Time // when; zero is never
}

// Observe takes an event that comes at a time.
func (s *State) Observe(e operation.Event, now time.Time) {
	if !e.At.IsZero() {
		now = e.At
	}
	switch e.Kind {
	case operation.EventStart:
		s.start(e, now)
	case operation.EventStage:
		if a := s.running[e.Activity]; a != nil {
			a.Stage = short(e.Phase)
		}
	case operation.EventProgress:
		s.progress(e, now)
	case operation.EventLog:
		if a := s.running[e.Activity]; a != nil {
			tail := append(a.Tail, short(e.Text))
			a.Tail = tail[max(0, len(tail)-mostTail):]
		}
	case operation.EventStop:
		s.stop(e, now)
	case operation.EventExpect:
		if e.Expect != nil {
			s.expected(*e.Expect, now)
		}
	case operation.EventEstimate:
		if e.Estimate != nil {
			s.estimate, s.guessed = *e.Estimate, now
		}
	}
}

func (s *State) expected(e operation.Expectation, now time.Time) {
	if !s.Active() {
		s.began = now // what was before, such as a question, does not count
	}
	s.expect, s.forest = e, plant(e.Builds)
	s.before = [2]int{s.Count(operation.Building).Started(), s.Count(operation.Downloading).Started()}
	s.loaded = s.Bytes()
}

func (s *State) start(e operation.Event, now time.Time) {
	if e.Activity == 0 || s.running[e.Activity] != nil {
		return
	}
	if len(s.running) >= mostRunning {
		s.Lost++
		return
	}
	if s.running == nil {
		s.running, s.counts = map[operation.ActivityID]*Activity{}, map[operation.ActivityType]Count{}
	}
	if s.began.IsZero() {
		s.began = now
	}
	a := &Activity{
		ID: e.Activity, Type: typeOf(e.Type), Name: nameOf(e), Path: short(e.Path), From: short(e.From), Started: now,
	}
	s.running[a.ID] = a
	s.order = append(s.order, a)
	c := s.counts[a.Type]
	c.Running++
	s.counts[a.Type] = c
	s.forest.set(a.Path, underway, a)
}

// typeOf is one of the types that there are, so that there is no end of none.
func typeOf(t operation.ActivityType) operation.ActivityType {
	switch t {
	case operation.Building, operation.Downloading, operation.Evaluating:
		return t
	}
	return ""
}

// nameOf is what people call what an activity is about.
func nameOf(e operation.Event) string {
	name := Name(e.Path)
	if name == "" {
		name = e.Text
	}
	return short(name)
}

func (s *State) progress(e operation.Event, now time.Time) {
	a := s.running[e.Activity]
	if a == nil {
		return
	}
	a.Unit = e.Unit
	a.Done, a.Expected = max(0, e.Done), max(0, e.Expected)
	if a.Unit == operation.Bytes {
		a.rate.add(a.Done, now)
	}
	if a.Type == operation.Downloading {
		s.bytes.add(s.Bytes(), now)
	}
}

func (s *State) stop(e operation.Event, now time.Time) {
	a := s.running[e.Activity]
	if a == nil {
		return
	}
	delete(s.running, e.Activity)
	s.order = slices.DeleteFunc(s.order, func(b *Activity) bool { return a == b })
	s.stopped = now
	c := s.counts[a.Type]
	c.Running--
	if e.Failed {
		c.Failed++
		a.Ended = now
		if len(s.Failed) < mostFailed {
			s.Failed = append(s.Failed, a)
		}
		s.forest.set(a.Path, failed, a)
	} else {
		c.Done++
		s.forest.set(a.Path, done, nil)
	}
	s.counts[a.Type] = c
	if a.Type == operation.Downloading && a.Unit == operation.Bytes {
		s.ended += a.Done
	}
}

// Running are the activities of a type that run, those that started first come first. "" is
// all of the other types.
func (s *State) Running(of operation.ActivityType) []*Activity {
	var found []*Activity
	for _, a := range s.order {
		if a.Type == of {
			found = append(found, a)
		}
	}
	return found
}

// Active reports whether something runs.
func (s *State) Active() bool { return len(s.order) > 0 }

// between reports whether nothing runs for a moment only: there is more to come.
func (s *State) between(now time.Time) bool {
	builds, downloads := s.Waiting()
	return builds+downloads > 0 && !s.stopped.IsZero() && now.Sub(s.stopped) < time.Second && len(s.Failed) == 0
}

// Count is how many activities of a type there were.
func (s *State) Count(of operation.ActivityType) Count { return s.counts[of] }

// Waiting is how many builds and downloads have not begun yet, as far as is known.
func (s *State) Waiting() (builds, downloads int) {
	return max(0, len(s.expect.Builds)-(s.Count(operation.Building).Started()-s.before[0])),
		max(0, s.expect.Downloads-(s.Count(operation.Downloading).Started()-s.before[1]))
}

// Bytes is how many bytes were downloaded, and ExpectedBytes how many are to be; 0 is not
// known.
func (s *State) Bytes() int64 {
	sum := s.ended
	for _, a := range s.order {
		if a.Type == operation.Downloading && a.Unit == operation.Bytes {
			sum += a.Done
		}
	}
	return sum
}

// ExpectedBytes is at least as much as has come already.
func (s *State) ExpectedBytes() int64 {
	if s.expect.Bytes <= 0 {
		return 0
	}
	return max(s.loaded+s.expect.Bytes, s.Bytes())
}

// Rate is how many bytes of all downloads together come a second; 0 is not known.
func (s *State) Rate(now time.Time) float64 { return s.bytes.at(now) }

// Left is how long it still takes, from a time to a time; ok is false while that is not
// known.
func (s *State) Left(now time.Time) (low, high time.Duration, ok bool) {
	if s.guessed.IsZero() {
		return 0, 0, false
	}
	passed := max(0, now.Sub(s.guessed))
	low, high = seconds(s.estimate.Low)-passed, seconds(s.estimate.High)-passed
	return max(0, low), max(0, high), true
}

// seconds makes a duration of what may be any number.
func seconds(n float64) time.Duration {
	const most = 365 * 24 * time.Hour
	if !(n > 0) {
		return 0
	}
	return time.Duration(min(n, most.Seconds()) * float64(time.Second))
}

// short is a line without its end, if it is very long, and without what could move the
// cursor or change colours: much of it is what builders say.
func short(text string) string {
	if len(text) > longestLine {
		text = strings.Clone(text[:longestLine]) // the rest is not to be kept
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r) && r != utf8.RuneError:
			return r
		}
		return -1
	}, ansi.Strip(text))
}
