package testbed

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// lifetime says what a daemon does when the process that started it ends.
type lifetime int

const (
	attached lifetime = iota // it ends too
	detached                 // it goes on
)

// startDaemon starts the daemon and returns when it answers.
func (n *Nix) startDaemon(ctx context.Context, life lifetime) error {
	cmd := n.daemonCommand()
	log, err := os.Create(n.logFile())
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log

	// A session of its own: ^C in the terminal is not meant for the daemon.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if life == attached {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM
	}
	// A socket that an earlier daemon left would look like an answer.
	if err := removeIfExists(n.Socket); err != nil {
		return err
	}
	gone, err := startOnOwnThread(cmd)
	if err != nil {
		return err
	}
	n.pid = cmd.Process.Pid
	n.gone = gone
	err = os.WriteFile(n.pidFile(), []byte(strconv.Itoa(n.pid)+"\n"), 0o644)
	if err == nil {
		err = n.awaitDaemon(ctx)
	}
	if err != nil {
		return errors.Join(err, n.stopDaemon())
	}
	return nil
}

func (n *Nix) daemonCommand() *exec.Cmd {
	cmd := exec.Command(filepath.Join(n.Release.BinDir, "nix-daemon"))
	// Of two values for one variable the later one counts. With NIX_REMOTE=daemon
	// the daemon would be its own client, and each connection make another.
	cmd.Env = append(n.Env(), "NIX_REMOTE=local", "TMPDIR="+n.buildDir(), n.mark())
	cmd.Dir = n.Dir
	return cmd
}

// startOnOwnThread starts cmd and returns a channel that is closed when it has
// ended. The kernel sends Pdeathsig when the *thread* that forked ends, so that
// thread is kept for as long as the process lives.
func startOnOwnThread(cmd *exec.Cmd) (<-chan struct{}, error) {
	started := make(chan error, 1)
	gone := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how a daemon ends that is told to does not matter
		}
	}()
	return gone, <-started
}

// patience is how long is waited for what always comes, on a machine whose disk is busy with
// something else.
const patience = time.Minute

// awaitDaemon waits until the daemon answers a client. An accepted connection
// would not be enough: the first two clients of a new store, if they came at
// once, would both create its database, and one of them would fail.
func (n *Nix) awaitDaemon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if n.greet(ctx) == nil {
			return nil
		}
		select {
		case <-n.gone:
			return fmt.Errorf("nix-daemon ended at once: %s", n.daemonLog())
		case <-ctx.Done():
			return fmt.Errorf("nix-daemon does not answer at %s: %w", n.Socket, ctx.Err())
		case <-time.After(time.Millisecond):
		}
	}
}

// greet begins Nix's worker protocol as a client: a word that says so, which the
// daemon answers with one of its own once it has opened the store.
func (n *Nix) greet(ctx context.Context) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", n.Socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	const hello, answer = 0x6e697863, 0x6478696f
	if err := binary.Write(conn, binary.LittleEndian, uint64(hello)); err != nil {
		return err
	}
	var got uint64
	if err := binary.Read(conn, binary.LittleEndian, &got); err != nil {
		return err
	}
	if got != answer {
		return fmt.Errorf("%s answers %#x", n.Socket, got)
	}
	return nil
}

// stopDaemon ends the daemon and everything that it started.
func (n *Nix) stopDaemon() error {
	if n.daemonRuns() {
		// The daemon first: it must not serve anybody else. It listens to
		// SIGTERM; one that hangs, or that a test has stopped, does not.
		_ = syscall.Kill(n.pid, syscall.SIGTERM)
		if !waitUntil(2*time.Second, n.daemonGone) {
			_ = syscall.Kill(n.pid, syscall.SIGKILL)
		}
		if !waitUntil(patience, n.daemonGone) {
			return fmt.Errorf("nix-daemon, process %d, cannot be stopped", n.pid)
		}
	}
	var left []int
	ended := waitUntil(patience, func() bool {
		left = n.Processes()
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(left) == 0
	})
	if !ended {
		return fmt.Errorf("processes %v of the daemon cannot be stopped", left)
	}
	if err := removeIfExists(n.Socket); err != nil {
		return err
	}
	if !strings.HasPrefix(n.Socket, n.Dir) {
		if err := removeIfExists(filepath.Dir(n.Socket)); err != nil {
			return err
		}
	}
	return removeIfExists(n.pidFile())
}

// daemonRuns reports whether n.pid is the daemon of this directory, and not some
// process that has got its number since.
func (n *Nix) daemonRuns() bool {
	return n.pid > 0 && hasVariable(n.pid, n.mark())
}

// daemonGone is the opposite, once the process has also been waited for.
func (n *Nix) daemonGone() bool {
	if n.gone == nil {
		return !n.daemonRuns()
	}
	select {
	case <-n.gone:
		return true
	default:
		return false
	}
}

// readPID takes the daemon's number from an earlier process's file, if there is
// one. The daemon may have ended since.
func (n *Nix) readPID() error {
	text, err := os.ReadFile(n.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if n.pid, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		return fmt.Errorf("%s: %w", n.pidFile(), err)
	}
	return nil
}

func (n *Nix) pidFile() string { return filepath.Join(n.Dir, "nix-daemon.pid") }
func (n *Nix) logFile() string { return filepath.Join(n.Dir, "nix-daemon.log") }

func (n *Nix) daemonLog() string {
	text, err := os.ReadFile(n.logFile())
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(text))
}

// waitUntil asks done every few milliseconds, for at most the given time.
func waitUntil(limit time.Duration, done func() bool) bool {
	for deadline := time.Now().Add(limit); ; time.Sleep(2 * time.Millisecond) {
		if done() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

func removeIfExists(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
