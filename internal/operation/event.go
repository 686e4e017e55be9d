package operation

import "time"

// Event is one piece of progress. Evaluation, builds, downloads, activation and
// clean-up all tell their progress in this form; renderers need no other.
type Event struct {
	Kind     EventKind  `json:"event"`
	Phase    string     `json:"phase,omitempty"`    // for EventPhase: "check", "switch", "activate", "verify", …
	Activity ActivityID `json:"activity,omitempty"` // what the event is about; 0 is the operation itself
	Parent   ActivityID `json:"parent,omitempty"`   // for EventStart: the activity this one is part of
	Text     string     `json:"text,omitempty"`     // one line, without control characters
	Unit     Unit       `json:"unit,omitempty"`     // for EventProgress
	Done     int64      `json:"done,omitempty"`     // for EventProgress
	Expected int64      `json:"expected,omitempty"` // for EventProgress; 0 is not known
	Plan     *Plan      `json:"plan,omitempty"`     // for EventPlan
	Deadline time.Time  `json:"deadline,omitzero"`  // for EventPhase "confirm": until when it has to be

	Type     ActivityType `json:"type,omitempty"`     // for EventStart
	Path     string       `json:"path,omitempty"`     // for EventStart: the derivation that is built, the store path that is downloaded
	From     string       `json:"from,omitempty"`     // for EventStart: where a download comes from, or the machine that builds; "" is this one
	Failed   bool         `json:"failed,omitempty"`   // for EventStop
	Expect   *Expectation `json:"expect,omitempty"`   // for EventExpect
	Estimate *Estimate    `json:"estimate,omitempty"` // for EventEstimate
	At       time.Time    `json:"at,omitzero"`        // when it happened; the engine fills it in
}

// Expectation is what is going to be built and downloaded, known before it begins.
type Expectation struct {
	Builds    []ExpectedBuild `json:"builds,omitempty"`
	Downloads int             `json:"downloads,omitempty"` // store paths
	Bytes     int64           `json:"bytes,omitempty"`     // to download
	Unpacked  int64           `json:"unpacked,omitempty"`  // bytes of the store
}

// ExpectedBuild is a derivation that is going to be built, and the numbers, from 0, of the
// other ones that it needs.
type ExpectedBuild struct {
	Path  string  `json:"path"`
	Needs []int   `json:"needs,omitempty"`
	Usual float64 `json:"usual,omitempty"` // seconds that it usually takes; 0 is not known
}

// Estimate is how long it takes until all is built and downloaded: eight times of ten at
// least Low and at most High. In seconds.
type Estimate struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// ActivityID tells activities of one operation apart.
type ActivityID uint64

// EventKind is the kind of an [Event].
type EventKind string

// The kinds.
const (
	EventPhase    EventKind = "phase"    // the operation enters a phase
	EventStart    EventKind = "start"    // an activity begins
	EventProgress EventKind = "progress" // done and expected of an activity
	EventStop     EventKind = "stop"     // an activity ended
	EventLog      EventKind = "log"      // a line of output
	EventWarning  EventKind = "warning"  // something a person should know
	EventPlan     EventKind = "plan"     // what is going to be done, as far as it is known
	EventStage    EventKind = "stage"    // an activity enters a phase, such as the buildPhase of a build
	EventExpect   EventKind = "expect"   // what is going to be built and downloaded
	EventEstimate EventKind = "estimate" // how long that takes from now on
)

// ActivityType is what an activity does.
type ActivityType string

// The types. Activities of no type are only told by their text.
const (
	Building    ActivityType = "build"
	Downloading ActivityType = "download"
	Evaluating  ActivityType = "evaluate"
)

// Unit is what Done and Expected count.
type Unit string

// The units.
const (
	Items Unit = "items"
	Bytes Unit = "bytes"
)

// Observer is told of progress. Observe is called from one goroutine at a time
// and must not block for long.
type Observer interface {
	Observe(Event)
}

// ObserverFunc is a function as an [Observer].
type ObserverFunc func(Event)

// Observe calls f.
func (f ObserverFunc) Observe(e Event) { f(e) }

// Silent is an observer that ignores everything.
var Silent Observer = ObserverFunc(func(Event) {})
