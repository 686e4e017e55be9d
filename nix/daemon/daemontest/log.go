package daemontest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// logLines is how many lines of a log an error shows.
const logLines = 10

// buildLog is what a builder has said.
type buildLog struct {
	whole bytes.Buffer
	tail  []string
}

// line sends a line to the client and remembers it. Builders say to Nix itself
// what phase they are in.
func (l *buildLog) line(j *job, text string) {
	if raw, ok := strings.CutPrefix(text, "@nix "); ok {
		var said struct{ Action, Phase string }
		if json.Unmarshal([]byte(raw), &said) == nil {
			if said.Action == "setPhase" {
				j.result(j.activity, daemon.ResultSetPhase, said.Phase)
			}
			return
		}
	}
	l.whole.WriteString(text + "\n")
	if l.tail = append(l.tail, text); len(l.tail) > logLines {
		l.tail = l.tail[1:]
	}
	j.result(j.activity, daemon.ResultBuildLogLine, text)
}

func (l *buildLog) save(j *job) {
	// A log that cannot be kept is no reason for a build to fail.
	_ = j.keepLog(j.drvPath.Base(), &l.whole)
}

// timeoutError is a build that took too long.
type timeoutError struct{ failure }

func (e *timeoutError) Unwrap() error { return &e.failure }

// follow reads the builder's output to its end, and kills the builder when that
// takes too long or when the client hangs up.
func (j *job) follow(r *os.File, kill func()) error {
	lines := make(chan string)
	left := make(chan struct{})
	defer close(left)
	go func() {
		defer close(lines)
		reader := bufio.NewReader(r)
		for {
			text, err := reader.ReadString('\n')
			if text != "" {
				select {
				case lines <- strings.TrimRight(text, "\r\n"):
				case <-left:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	timeout, silence := timer(j.settings.timeout), timer(j.settings.maxSilence)
	defer timeout.Stop()
	defer silence.Stop()
	late := func(format string, limit time.Duration) error {
		kill()
		said := fail("building of '%s' from .drv file timed out after "+format, string(j.drvPath)+"!*", int(limit.Seconds()))
		return &timeoutError{*said.(*failure)}
	}
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				return nil
			}
			if j.settings.maxSilence > 0 {
				silence.Reset(j.settings.maxSilence)
			}
			j.log.line(j, line)
		case <-timeout.C:
			return late("%s seconds", j.settings.timeout)
		case <-silence.C:
			return late("%s seconds of silence", j.settings.maxSilence)
		case <-j.ctx.Done():
			kill()
			return errHungUp
		}
	}
}

// timer returns a timer that never ends for 0.
func timer(d time.Duration) *time.Timer {
	if d == 0 {
		d = 1<<63 - 1
	}
	return time.NewTimer(d)
}

// LogFile returns where the log of a derivation's build is.
func (s *Server) LogFile(drv store.Path) string { return s.logFile(drv.Base()) }

func (s *Server) logFile(base string) string {
	return filepath.Join(s.LogDir, "drvs", base[:2], base[2:])
}

func (s *Server) keepLog(base string, log io.Reader) error {
	name := s.logFile(base)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, log); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// addBuildLog keeps a log that the client has.
func (c *connection) addBuildLog() error {
	base := c.r.Text()
	if _, err := c.StoreDir.Parse(string(c.StoreDir) + "/" + base); c.r.Err() == nil && err != nil {
		c.r.Fail(badPath(c.StoreDir, string(c.StoreDir)+"/"+base))
	}
	c.upload = wire.NewFrameReader(c.r)
	return c.work(func() error {
		if !c.trusted {
			return fail("you are not privileged to add logs")
		}
		if !strings.HasSuffix(base, ".drv") {
			return fail("path '%s' is not a derivation", base)
		}
		return c.keepLog(base, c.upload)
	}, ack)
}
