// Package process starts other programs. It is the only package of ask-nix that
// does (a repository test holds it to that), so that every child is started the
// same way: by argument vector, never through a shell, with an environment that
// is listed and not inherited, and ended when its context ends.
package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Command is a program to run.
type Command struct {
	// Argv is the program, found on the PATH of Env unless it is absolute, and
	// its arguments.
	Argv []string
	// Env is the whole environment, as NAME=value; [Clean] is applied to it.
	Env []string
	// Dir is the directory it runs in; our own if empty.
	Dir string
	// Stdin, if set, is what it reads; otherwise there is nothing to read.
	Stdin io.Reader
	// Stderr, if set, takes its standard error as it comes.
	Stderr io.Writer
	// Lines, if set, is given each line of standard output and standard error
	// as it comes. Otherwise standard output is returned whole.
	Lines func(line string)
	// Output, if set, takes both streams without this process between: the program
	// can write on when this one is gone.
	Output *os.File
	// Inherit are files that the program is given, as descriptors from 3 on.
	Inherit []*os.File
	// Detached keeps the program out of reach of the terminal's Ctrl-C, for
	// work that must not stop half-way. When the context ends, all that it has
	// started ends with it.
	Detached bool
}

// grace is how long a program has to end after it was asked to.
const grace = 5 * time.Second

// maxLine bounds a line that is passed on; longer ones come in pieces.
const maxLine = 64 << 10

// ExitError means that the program ran and ended with a status other than 0.
type ExitError struct {
	Program string
	Status  int    // exit status, or 128 + the signal that killed it
	Stderr  string // its last words, if they were not passed on
}

func (e *ExitError) Error() string {
	text := fmt.Sprintf("%s ended with status %d", e.Program, e.Status)
	if e.Stderr != "" {
		text += ": " + e.Stderr
	}
	return text
}

// ErrNotFound means that there is no such program.
var ErrNotFound = exec.ErrNotFound

// Run runs the program to its end and returns its standard output. The error
// is an [*ExitError] when its status is not 0, matches [ErrNotFound] when there
// is no such program, and ctx's own when ctx ended first.
func Run(ctx context.Context, c Command) ([]byte, error) {
	program, err := Find(c.Argv[0], c.Env)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, c.Argv[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.ExtraFiles = Clean(c.Env), c.Dir, c.Stdin, c.Inherit
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: c.Detached}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = grace
	if c.Detached {
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
		defer func() {
			if ctx.Err() != nil && cmd.Process != nil {
				_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what did not end by itself
			}
		}()
	}
	if c.Output != nil {
		cmd.Stdout, cmd.Stderr = c.Output, c.Output
		return nil, explain(ctx, cmd, cmd.Run(), "")
	}
	var stdout bytes.Buffer
	stderr := tail{limit: 4 << 10}
	if c.Lines != nil {
		return nil, runLines(ctx, cmd, c.Lines)
	}
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if c.Stderr != nil {
		cmd.Stderr = c.Stderr
	}
	err = cmd.Run()
	return stdout.Bytes(), explain(ctx, cmd, err, stderr.String())
}

// Leave starts the program in a session of its own and does not wait for it: it goes
// on when this one has ended, and nobody reads what it says.
func Leave(c Command) error {
	program, err := Find(c.Argv[0], c.Env)
	if err != nil {
		return err
	}
	cmd := exec.Command(program, c.Argv[1:]...)
	cmd.Env, cmd.Dir = Clean(c.Env), c.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	return cmd.Process.Release()
}

func runLines(ctx context.Context, cmd *exec.Cmd, line func(string)) error {
	reader, writer := io.Pipe()
	cmd.Stdout, cmd.Stderr = writer, writer
	done := make(chan struct{})
	go func() {
		defer close(done)
		passLines(reader, line)
	}()
	err := cmd.Run()
	writer.Close()
	<-done
	return explain(ctx, cmd, err, "")
}

func passLines(r io.Reader, line func(string)) {
	buffered := bufio.NewReaderSize(r, maxLine)
	for {
		text, err := buffered.ReadSlice('\n')
		if len(text) > 0 {
			line(strings.TrimRight(string(text), "\r\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}

func explain(ctx context.Context, cmd *exec.Cmd, err error, stderr string) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("running %s: %w", cmd.Path, err)
	}
	status := exit.ExitCode()
	if wait, ok := exit.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		status = 128 + int(wait.Signal())
	}
	return &ExitError{Program: cmd.Path, Status: status, Stderr: strings.TrimSpace(stderr)}
}

// Find looks a program up on the PATH of the environment it will run in, not of
// our own. Relative entries are passed over, and for root what others may write. The error
// matches [ErrNotFound].
func Find(name string, env []string) (string, error) {
	if strings.HasPrefix(name, "/") {
		return name, nil
	}
	for _, entry := range env {
		list, ok := strings.CutPrefix(entry, "PATH=")
		if !ok {
			continue
		}
		for _, dir := range strings.Split(list, ":") {
			file := dir + "/" + name
			if !strings.HasPrefix(dir, "/") {
				continue
			}
			info, err := os.Stat(file)
			if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
				continue
			}
			if folder, err := os.Stat(dir); err == nil && trusted(folder, info) {
				return file, nil
			}
		}
	}
	return "", fmt.Errorf("%s: %w", name, ErrNotFound)
}

// tail keeps the last bytes written to it.
type tail struct {
	limit int
	buf   []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - t.limit; over > 0 {
		t.buf = t.buf[over:]
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.buf) }
