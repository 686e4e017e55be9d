package audit

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// openLock opens the file beside the log whose bytes are locked: the first one while the
// log is written, and that of the time of each change while its process is there. The
// locks are gone with the process, however it ends. Whoever may read the log may not open
// it: they could keep others from writing.
func (l Log) openLock() (*os.File, error) {
	return openOurs(l.Path+".lock", os.O_RDWR|os.O_CREATE)
}

// hold waits for a byte of the file, or tries to get it.
func hold(file *os.File, command int, kind int16, at int64) error {
	for {
		err := unix.FcntlFlock(file.Fd(), command, &unix.Flock_t{Type: kind, Start: at, Len: 1})
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// patience is how long the log is waited for. Whoever writes it has it for milliseconds;
// only one that was stopped has it for longer.
const patience = 20 * time.Second

var errBusy = errors.New("another process has it for a long time now; perhaps it was stopped")

// takeTurn keeps everybody else from writing the log, or only waits for them to have
// written it, until the file is closed. Where the file system knows no locks nobody is kept
// from it.
func takeTurn(lock *os.File, kind int16) error {
	deadline := time.Now().Add(patience)
	for pause := 50 * time.Microsecond; ; pause = min(2*pause, 5*time.Millisecond) {
		err := hold(lock, unix.F_OFD_SETLK, kind, 0)
		switch {
		case err == nil || errors.Is(err, unix.ENOLCK):
			return nil
		case !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EACCES):
			return fmt.Errorf("locking %s: %w", lock.Name(), err)
		case time.Now().After(deadline):
			return fmt.Errorf("locking %s: %w", lock.Name(), errBusy)
		}
		time.Sleep(pause)
	}
}

// place is the byte that stands for a change; 0 is none.
func place(id string) int64 {
	text, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseInt(text, 10, 64) // what is no number was not begun by us
	return n
}

// held reports whether somebody holds the byte, or might.
func held(file *os.File, at int64) bool {
	if at == 0 {
		return false
	}
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: at, Len: 1}
	err := unix.FcntlFlock(file.Fd(), unix.F_OFD_GETLK, &lock)
	return err != nil || lock.Type != unix.F_UNLCK
}
