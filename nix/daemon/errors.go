package daemon

import "strings"

// Error is an error that the daemon reported.
type Error struct {
	Level   int      // 0 error, 1 warning, …
	Message string   // without colours
	Trace   []string // innermost last
}

func (e *Error) Error() string { return e.Message }

// ProtocolError means that the other side does not speak the protocol, or a
// version of it that this client knows.
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
