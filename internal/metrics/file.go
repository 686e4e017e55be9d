package metrics

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/own"
)

// lockDeadline bounds the wait for a slot. It is held for some microseconds; only whoever
// was stopped at just that moment has it longer.
const lockDeadline = time.Second

var (
	errNotOurs = errors.New("the file is not ours alone")
	errLocked  = errors.New("somebody else has it locked")
	errFull    = errors.New("there is no room for another operation")
)

// damage is why a file does not check.
type damage string

func (d damage) Error() string { return string(d) }

// opened is the file while it is read or written.
type opened struct{ *os.File }

// with calls use with the file. One that does not check is put aside, and use is called
// with the new one. Where there is none it is made if that is wanted; else use is not
// called.
func (f File) with(create bool, use func(*opened) error) (aside *DamagedError, err error) {
	const tries = 3 // others may put files aside, too
	for range tries {
		err = f.once(create, use)
		var why damage
		if !errors.As(err, &why) {
			return aside, err
		}
		put, moveErr := f.putAside(string(why))
		if moveErr != nil {
			return nil, errors.Join(err, moveErr)
		}
		if put != nil {
			aside = put
		}
	}
	return aside, err
}

func (f File) once(create bool, use func(*opened) error) error {
	file, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil
		}
		if err := f.create(); err != nil {
			return err
		}
		file, err = f.open()
	}
	if err != nil {
		return err
	}
	o := &opened{file}
	if err = o.check(); err == nil {
		err = use(o)
	}
	return errors.Join(err, file.Close()) // which ends all locks
}

func (f File) open() (*os.File, error) {
	return os.OpenFile(f.Path, os.O_RDWR|unix.O_NOFOLLOW, 0)
}

// create makes an empty file. It appears whole or not at all, and does not take the place
// of one that another process has made meanwhile.
func (f File) create() error {
	dir := filepath.Dir(f.Path)
	if err := own.Folder(dir); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(dir, ".metrics-")
	if err != nil {
		return err
	}
	_, err = temporary.Write(header())
	if err == nil {
		err = temporary.Truncate(fileSize)
	}
	if err == nil {
		err = temporary.Sync()
	}
	if err == nil {
		if err = os.Link(temporary.Name(), f.Path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	return errors.Join(err, temporary.Close(), os.Remove(temporary.Name()))
}

// check reports a file that is not ours, or not what we have made.
func (o *opened) check() error {
	info, err := o.Stat()
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Geteuid() || !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", o.Name(), errNotOurs)
	}
	if info.Size() != fileSize {
		return damage(fmt.Sprintf("it has %d bytes in place of %d", info.Size(), fileSize))
	}
	first, err := o.block(0)
	if err == nil && !bytes.Equal(first, header()) {
		err = damage("it does not begin as it should")
	}
	return err
}

// block reads the n-th part of the file; the 0th is its header.
func (o *opened) block(n int) ([]byte, error) {
	block := make([]byte, slotSize)
	_, err := o.ReadAt(block, int64(n)*slotSize)
	if errors.Is(err, io.EOF) {
		return nil, damage("it was cut short")
	}
	return block, err
}

// lock locks the n-th part until the file is closed or unlock is called. The lock is that
// of the open file, so that it also holds against others of this process.
func (o *opened) lock(n int) error {
	deadline := time.Now().Add(lockDeadline)
	for wait := 20 * time.Microsecond; ; wait = min(2*wait, 5*time.Millisecond) {
		err := o.setLock(n, unix.F_WRLCK)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EACCES) {
			return err
		}
		if time.Now().After(deadline) {
			return errLocked
		}
		time.Sleep(wait)
	}
}

func (o *opened) unlock(n int) error { return o.setLock(n, unix.F_UNLCK) }

func (o *opened) setLock(n int, kind int16) error {
	return unix.FcntlFlock(o.Fd(), unix.F_OFD_SETLK, &unix.Flock_t{Type: kind, Whence: io.SeekStart, Start: int64(n) * slotSize, Len: slotSize})
}

// add counts a run in the slot of its operation: the first from where its name leads that
// has the name or is free.
func (o *opened) add(r Run) error {
	sum := fnv.New32a()
	sum.Write([]byte(r.Operation))
	first := int(sum.Sum32() % slots)
	for i := range slots {
		n := 1 + (first+i)%slots
		if err := o.lock(n); err != nil {
			return err
		}
		s, used, err := o.slot(n)
		if err != nil {
			return err
		}
		if !used || s.name() == r.Operation {
			s.count(r)
			_, err := o.WriteAt(s.encode(), int64(n)*slotSize)
			return err
		}
		if err := o.unlock(n); err != nil {
			return err
		}
	}
	return errFull
}

// slot reads the n-th part, which is locked.
func (o *opened) slot(n int) (s slot, used bool, err error) {
	block, err := o.block(n)
	if err != nil {
		return s, false, err
	}
	s, used, ok := decode(block)
	if !ok {
		return s, false, damage(fmt.Sprintf("its part %d does not check", n))
	}
	return s, used, nil
}

// all reads all slots that are used. A slot is only locked where it seems not to check:
// then somebody may have been writing it.
func (o *opened) all() (all []slot, err error) {
	content := make([]byte, fileSize)
	if _, err := o.ReadAt(content, 0); err != nil {
		return nil, err
	}
	for n := 1; n <= slots; n++ {
		s, used, ok := decode(content[n*slotSize : (n+1)*slotSize])
		if !ok {
			if err := o.lock(n); err != nil {
				return nil, err
			}
			if s, used, err = o.slot(n); err != nil {
				return nil, err
			}
			if err := o.unlock(n); err != nil {
				return nil, err
			}
		}
		if used {
			all = append(all, s)
		}
	}
	return all, nil
}

// putAside renames a file that does not check, in place of what was put aside before. It
// returns nil when another process has done that already.
func (f File) putAside(why string) (*DamagedError, error) {
	file, err := f.open()
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	o := &opened{file}
	if err := o.lock(0); err != nil {
		return nil, err
	}
	now, err := os.Lstat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !os.SameFile(info, now) || !o.damaged() {
		return nil, err
	}
	aside := f.aside()
	if err := os.Rename(f.Path, aside); err != nil {
		return nil, err
	}
	return &DamagedError{f.Path, aside, why}, nil
}

// damaged looks at the file once more.
func (o *opened) damaged() bool {
	err := o.check()
	if err == nil {
		_, err = o.all()
	}
	var why damage
	return errors.As(err, &why)
}

func (f File) aside() string { return f.Path + ".damaged" }

// Paths are the files that there may be.
func (f File) Paths() []string { return []string{f.Path, f.aside()} }
