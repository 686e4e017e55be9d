// Package lock waits for the lock of a file, but not for ever, and finds out who has it.
//
// The locks are those of flock(2), as Nix and ask-nix use them. Linux lists them in
// /proc/locks, each with the process that took it; whoever is in a PID namespace of its own
// sees none of those outside.
package lock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Patience is how long a lock is waited for that is held for moments only: whoever has it
// for longer was stopped.
const Patience = 20 * time.Second

// The pause between two tries doubles from the first to the second. flock cannot be waited
// for with a limit, and nothing tells when a lock is free.
const (
	firstPause = 200 * time.Microsecond
	lastPause  = 20 * time.Millisecond
)

// Holder is a process that has a file locked.
type Holder struct {
	PID  int
	Argv []string // what it was started with; nil where we may not know
}

// String is a name for people, such as "process 4711 (ask-nix switch)". What else is on its
// command line may be a secret.
func (h Holder) String() string {
	if len(h.Argv) == 0 {
		return fmt.Sprintf("process %d", h.PID)
	}
	name := filepath.Base(h.Argv[0])
	if len(h.Argv) > 1 && !strings.HasPrefix(h.Argv[1], "-") {
		name += " " + h.Argv[1]
	}
	return fmt.Sprintf("process %d (%s)", h.PID, name)
}

// HeldError is a lock that somebody else had for as long as it was waited for.
type HeldError struct {
	Path   string
	Holder Holder // PID 0 where it is not known
}

func (e *HeldError) Error() string {
	who := "another process"
	if e.Holder.PID != 0 {
		who = e.Holder.String()
	}
	return fmt.Sprintf("%s has %s locked", who, e.Path)
}

// Take locks an open file for this process alone, and waits until ctx ends or patience is
// over. The error is a [*HeldError] then, or one of the system call.
func Take(ctx context.Context, file *os.File, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			holder, _ := Find(file.Name()) // it may be gone by now
			return &HeldError{file.Name(), holder}
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// Find finds who has the file locked; ok is false where nobody has, or it is not known.
func Find(path string) (h Holder, ok bool) {
	var stat unix.Stat_t
	if unix.Stat(path, &stat) != nil {
		return h, false
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return h, false
	}
	device := fmt.Sprintf("%02x:%02x", unix.Major(stat.Dev), unix.Minor(stat.Dev))
	for line := range strings.Lines(string(locks)) {
		// "1: FLOCK  ADVISORY  WRITE 4711 00:2f:123 0 EOF"; one that waits has "->" as its second.
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" {
			continue
		}
		at := strings.LastIndexByte(fields[5], ':')
		pid, err := strconv.Atoi(fields[4])
		if at < 0 || err != nil || pid <= 0 || fields[5][at+1:] != strconv.FormatUint(stat.Ino, 10) {
			continue
		}
		// Btrfs tells of another device here than stat does.
		if fields[5][:at] == device || hasOpen(pid, path) {
			return Holder{pid, argv(pid)}, true
		}
	}
	return Holder{}, false
}

// hasOpen reports whether a process has the file open, as far as we may know.
func hasOpen(pid int, path string) bool {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		return false
	}
	for _, file := range files {
		if target, err := os.Readlink(file); err == nil && target == path {
			return true
		}
	}
	return false
}

// argv is what a process was started with; nil where it is gone, or not ours to look at.
func argv(pid int) (words []string) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil || len(text) == 0 {
		return nil
	}
	for word := range bytes.SplitSeq(bytes.TrimSuffix(text, []byte{0}), []byte{0}) {
		words = append(words, string(word))
	}
	return words
}
