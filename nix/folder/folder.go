// Package folder tells whether the links of a folder are still those that were read before.
package folder

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Settled is how old the last change of a folder, or a file, has to be to be told from the next
// one. File systems count time in steps of some milliseconds, a few in steps of seconds.
const Settled = 2 * time.Second

// State is a folder of links as it was at one moment. The system changes its time with each
// name that is made, deleted or renamed in it, and a link cannot be changed but only replaced:
// two equal states have the same links, if the first one was [State.Settled] when it was looked
// at. Only the times of the links themselves may be others: no program of Nix changes them.
type State struct {
	device, inode uint64
	changed       int64 // nanoseconds of Unix time
}

// At looks at a folder, which is to be done before its links are read; ok is false where there
// is none.
func At(path string) (s State, ok bool) {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil {
		return s, false
	}
	return State{uint64(stat.Dev), stat.Ino, stat.Ctim.Nano()}, true
}

// String tells one state from another.
func (s State) String() string { return fmt.Sprintf("%d %d %d", s.device, s.inode, s.changed) }

// Changed is when the folder was changed last.
func (s State) Changed() time.Time { return time.Unix(0, s.changed) }

// Settled reports that the folder was not changed so lately that its time may not tell that
// change from the next one.
func (s State) Settled(now time.Time) bool { return now.Sub(s.Changed()) >= Settled }
