// Package trace knows what an evaluation read, and whether that is still so.
//
// A [Recorder] stands between an evaluator and what it reads, and remembers each
// question that was asked, with what the answer depended on:
//
//	recorder := trace.NewRecorder(eval.Host{}, trace.Options{StoreDir: store.DefaultDir})
//	ev := eval.New(eval.Options{Inputs: recorder})
//	… evaluate …
//	t := recorder.Trace()
//
// A result belongs to the same expression again for as long as [Trace.Check]
// finds every input as it was. A trace can be kept: it marshals to a few dozen
// bytes an input.
//
// # What counts
//
// No more is recorded than was asked. Of a directory that was only walked through
// counts that it is one, of a file whose type was asked the type and whether its
// owner may execute it, of a file that was read its content, of a directory that
// was listed the names and types in it. A file that was found absent must stay
// absent. What is below a store path does not change while the store path is
// there, so of all that only the store path's being there counts.
//
// # When a file is not read again
//
// Files and directories are compared by what lstat says first: size, times of
// modification and of change, inode and mode. Where all of these are as they were
// the content is taken to be. Where one differs the content is read, and decides.
// A file that was changed shortly before it was read could change once more within
// the same tick of its file system's clock, and lstat would not tell: such a file
// is always read, until it has become old enough. This is the rule that git has
// for its index. Files of /proc, /sys and /dev, and those whose size is not the
// length of their content, are read always.
//
// What this does not see: a change through writable memory that was mapped before,
// until it is written back, and the time stamps of a file server whose clock is
// more than two seconds behind.
package trace

import (
	"cmp"
	"crypto/sha256"
	"iter"
	"strings"
)

// Trace is what an evaluation read. It is made by [Recorder.Trace] or by
// unmarshalling one that was kept.
type Trace struct {
	inputs    []input // sorted by compareInputs, without duplicates
	obstacle  Obstacle
	refreshed bool
}

// Kind says what was asked of an input.
type Kind uint8

// The kinds of inputs.
const (
	Entry     Kind = iota + 1 // what lstat tells of a path: that it is absent, or its type
	Link                      // where a symbolic link leads
	Content                   // what is in a file
	Listing                   // what is in a directory
	StorePath                 // whether a store path is there
	Variable                  // a variable of the environment
	URL                       // what was downloaded from a URL
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case Entry:
		return "entry"
	case Link:
		return "link"
	case Content:
		return "content"
	case Listing:
		return "listing"
	case StorePath:
		return "store path"
	case Variable:
		return "variable"
	case URL:
		return "url"
	}
	return "unknown"
}

// Input is one thing that was asked.
type Input struct {
	Kind Kind
	Name string // a path, the name of a variable, or a URL
}

// Inputs returns what was asked, files first.
func (t *Trace) Inputs() iter.Seq[Input] {
	return func(yield func(Input) bool) {
		for i := range t.inputs {
			if !yield(Input{t.inputs[i].kind, t.inputs[i].name}) {
				return
			}
		}
	}
}

// Len is the number of inputs.
func (t *Trace) Len() int { return len(t.inputs) }

// Obstacle is why a trace does not tell when its result is still right.
type Obstacle uint8

// What makes a trace useless.
const (
	NoObstacle  Obstacle = iota
	Timed                // the time was read
	Unsettled            // an input changed while the evaluation ran
	Uncheckable          // something failed in a way that cannot be compared
)

// String says it in words.
func (o Obstacle) String() string {
	switch o {
	case NoObstacle:
		return "nothing"
	case Timed:
		return "it depends on the current time"
	case Unsettled:
		return "what it read changed meanwhile"
	case Uncheckable:
		return "something that it read failed in an unknown way"
	}
	return "unknown"
}

// Storable says whether the result may be kept.
func (t *Trace) Storable() bool { return t.obstacle == NoObstacle }

// Obstacle says why the result may not be kept.
func (t *Trace) Obstacle() Obstacle { return t.obstacle }

// Refreshed says that [Trace.Check] had to read files that lstat alone will do for
// from now on, if the trace is kept as it is now.
func (t *Trace) Refreshed() bool { return t.refreshed }

// input is what is remembered of one thing that was asked. Which fields count
// depends on the kind.
type input struct {
	kind    Kind
	name    string
	failure failure  // how asking failed; 0 if it did not
	file    fileType // of an Entry
	target  string   // of a Link
	sum     sum      // of Content, Listing, Variable, URL
	stat    identity // of Content and Listing; zero where it is not to be trusted
}

// sum is a SHA-256.
type sum = [sha256.Size]byte

func compareInputs(a, b input) int {
	return cmp.Or(
		cmp.Compare(a.kind.group(), b.kind.group()),
		strings.Compare(a.name, b.name),
		cmp.Compare(a.kind, b.kind),
	)
}

// group is where the kind stands in the order of inputs: what is asked about one
// path stands together.
func (k Kind) group() int {
	switch k {
	case Entry, Link, Content, Listing:
		return 0
	case StorePath:
		return 1
	case Variable:
		return 2
	}
	return 3
}
