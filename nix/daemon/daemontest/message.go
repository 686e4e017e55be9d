package daemontest

import (
	"errors"
	"fmt"
	"os"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
)

// failure is an error in the daemon's words.
type failure struct {
	level   daemon.Level
	message string
	trace   []string
}

func (f *failure) Error() string { return f.message }

// fail makes a failure of a format whose values are coloured, as Nix does.
func fail(format string, values ...any) error {
	for i, value := range values {
		values[i] = fmt.Sprintf("\x1b[35;1m%v\x1b[0m", value)
	}
	return &failure{message: fmt.Sprintf(format, values...)}
}

// sendError writes an error without sending it off.
func (c *connection) sendError(err error) {
	var said *failure
	if !errors.As(err, &said) {
		said = &failure{message: err.Error()}
	}
	c.w.Uint(wire.Failed)
	c.w.Text("Error")
	c.w.Uint(uint64(said.level))
	c.w.Text("Error")
	c.w.Text(said.message)
	c.w.Uint(0)
	c.w.Uint(uint64(len(said.trace)))
	for _, trace := range said.trace {
		c.w.Uint(0)
		c.w.Text(trace)
	}
}

// say sends a line for the log, if the client wants those of its level.
func (c *connection) say(level daemon.Level, format string, values ...any) {
	if level > c.settings.verbosity {
		return
	}
	c.w.Uint(wire.Next)
	c.w.Text(fmt.Sprintf(format, values...) + "\n")
	c.w.Flush() // the error stays with the writer
}

// start tells that an activity began, and returns its ID.
func (c *connection) start(level daemon.Level, kind daemon.ActivityType, text string, fields ...any) uint64 {
	c.activities++
	id := uint64(os.Getpid())<<32 + c.activities
	c.w.Uint(wire.StartActivity)
	c.w.Uint(id)
	c.w.Uint(uint64(level))
	c.w.Uint(uint64(kind))
	c.w.Text(text)
	c.sendFields(fields)
	c.w.Uint(0) // real daemons know no parents either
	c.w.Flush()
	return id
}

func (c *connection) stop(activity uint64) {
	c.w.Uint(wire.StopActivity)
	c.w.Uint(activity)
	c.w.Flush()
}

func (c *connection) result(activity uint64, kind daemon.ResultType, fields ...any) {
	c.w.Uint(wire.Result)
	c.w.Uint(activity)
	c.w.Uint(uint64(kind))
	c.sendFields(fields)
	c.w.Flush()
}

// sendFields writes fields, each an int, an int64 or a string.
func (c *connection) sendFields(fields []any) {
	c.w.Uint(uint64(len(fields)))
	for _, field := range fields {
		switch field := field.(type) {
		case int:
			c.w.Uint(0)
			c.w.Uint(uint64(field))
		case int64:
			c.w.Uint(0)
			c.w.Uint(uint64(field))
		default:
			c.w.Uint(1)
			c.w.Text(fmt.Sprint(field))
		}
	}
}
