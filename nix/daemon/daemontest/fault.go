package daemontest

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"luminousnix/nix/daemon"
)

// Trouble is what goes wrong in a [Fault].
type Trouble int

// The troubles.
const (
	// Refuse is an error at the work: it is sent once and the connection can be
	// used on. For operations with an upload, Bytes of it are read before.
	Refuse Trouble = iota
	// Abort is an error at reading the request: it is sent twice, and the server
	// hangs up.
	Abort
	// HangUp closes the connection after Bytes more were sent, of this answer or
	// of later ones.
	HangUp
	// Stall sends Bytes more and then nothing, until the client hangs up.
	Stall
	// SlowAnswer waits for Delay before the work.
	SlowAnswer
	// SlowWrites sends the answer in pieces of 8 bytes, with Delay before each.
	SlowWrites
	// Chatter sends Lines lines for the log before it reads an upload, or does
	// anything else.
	Chatter
	// Garble sends Raw in place of the answer, and goes on.
	Garble
)

// Fault is something that goes wrong on purpose.
type Fault struct {
	Trouble Trouble
	At      Operation // at which requests, any by default
	Skip    int       // how many of those pass before
	Times   int       // at how many it happens then: 0 is one, negative is all

	// Message, Level and Trace are the error of Refuse and Abort.
	Message string
	Level   daemon.Level
	Trace   []string
	// Early sends the error of Refuse before the rest of the upload is read.
	// Real daemons read all of it before.
	Early bool

	Bytes int64
	Delay time.Duration
	Lines int
	Raw   []byte
}

// DiskFull is the fault of a full disk: an error after n bytes of an upload.
func DiskFull(at Operation, n int64) Fault {
	return Fault{At: at, Bytes: n, Message: "writing to file: \x1b[35;1mNo space left on device\x1b[0m"}
}

// Inject makes a fault happen from now on.
func (s *Server) Inject(fault Fault) {
	if fault.Times == 0 {
		fault.Times = 1
	}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = append(s.faults.list, &fault)
}

// Heal takes back all faults that have not happened.
func (s *Server) Heal() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.list = nil
}

type faults struct {
	mu   sync.Mutex
	list []*Fault
}

// take returns the faults that happen at a request.
func (f *faults) take(op Operation) (struck []Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, fault := range f.list {
		if fault.At != op && (fault.At != OpAny || op == OpHandshake) {
			continue
		}
		if fault.Skip > 0 {
			fault.Skip--
			continue
		}
		if fault.Times > 0 {
			fault.Times--
		}
		struck = append(struck, *fault)
		if fault.Times == 0 {
			fault.Skip = 0
		}
	}
	f.list = slices.DeleteFunc(f.list, func(fault *Fault) bool { return fault.Times == 0 })
	return struck
}

// strike lets happen what happens at the beginning of a request, before all of
// it was read.
func (c *connection) strike(op Operation) error {
	c.out.delay = 0
	c.struck = c.faults.take(op)
	for _, fault := range c.struck {
		switch fault.Trouble {
		case Abort:
			return fault.failure()
		case HangUp, Stall:
			c.out.left, c.out.stall = max(fault.Bytes, 0), fault.Trouble == Stall
			if c.out.left == 0 {
				return c.out.end()
			}
		case SlowWrites:
			c.out.delay = fault.Delay
		}
	}
	return nil
}

// interfere lets happen what happens at the work.
func (c *connection) interfere() error {
	for _, fault := range c.struck {
		switch fault.Trouble {
		case SlowAnswer:
			if err := c.sleep(fault.Delay); err != nil {
				return err
			}
		case Chatter:
			for n := range fault.Lines {
				c.say(daemon.LevelError, "line %d %s", n, strings.Repeat(".", 100))
			}
		case Refuse:
			if c.upload != nil {
				io.CopyN(io.Discard, c.upload, fault.Bytes) // its error stays with c.r
			}
			return fault.failure()
		}
	}
	return nil
}

// early says whether the error of the request goes before the upload is read.
func (c *connection) early() bool {
	return c.upload != nil && slices.ContainsFunc(c.struck, func(f Fault) bool { return f.Trouble == Refuse && f.Early })
}

// garble sends nonsense if it has to.
func (c *connection) garble() (done bool) {
	for _, fault := range c.struck {
		if fault.Trouble == Garble {
			c.w.Write(fault.Raw)
			done = true
		}
	}
	return done
}

func (f Fault) failure() *failure {
	message := f.Message
	if message == "" {
		message = fmt.Sprintf("injected fault at operation %d", uint64(f.At))
	}
	return &failure{level: f.Level, message: message, trace: f.Trace}
}

// sleep waits, but no longer than there is a client.
func (c *connection) sleep(d time.Duration) error {
	stop := c.watch()
	defer stop()
	select {
	case <-time.After(d):
		return nil
	case <-c.ctx.Done():
		return errHungUp
	}
}
