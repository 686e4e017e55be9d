package daemon

import (
	"errors"
	"fmt"
	"strings"
)

// ErrClosed means that the connection was used up before this request: closed by
// the caller, by an earlier error, or by the daemon after one. Nothing was done.
var ErrClosed = errors.New("the connection to the Nix daemon is closed")

// ErrHungUp means that the daemon ended the connection before it had answered. What it was
// asked for may have been done.
var ErrHungUp = errors.New("the Nix daemon hung up")

// Error is an error that the daemon reported.
type Error struct {
	Kind    Kind
	Level   Level
	Message string   // without colours; the daemon's own words
	Trace   []string // what it was doing, without colours, innermost last
}

func (e *Error) Error() string { return e.Message }

// UnsupportedError means that the protocol that is spoken, with a daemon of some
// version, does not have something.
type UnsupportedError struct {
	Version Version // that is spoken
	Needs   Version // that has it
	What    string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("the Nix daemon speaks protocol %s; %s needs %s", e.Version, e.What, e.Needs)
}

// ProtocolError means that the other side does not speak the protocol.
type ProtocolError struct{ Why string }

func (e *ProtocolError) Error() string { return "Nix daemon protocol: " + e.Why }

// plain removes the colour codes that the daemon puts into its messages.
func plain(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "\x1b[")
		b.WriteString(before)
		if !found {
			return strings.TrimSpace(b.String())
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r >= '@' && r <= '~' })
		if end < 0 {
			return strings.TrimSpace(b.String())
		}
		s = after[end+1:]
	}
}
