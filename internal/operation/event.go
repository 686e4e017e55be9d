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
