package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/internal/durable"
)

// writer is the log while this process has it.
type writer struct {
	log              Log
	lock, file, kept *os.File // kept is the head's
	head             head
	recent           []located // all lines from the first one on that may belong to a change that is not over
	tail             []byte    // what is no line after the last one
	open             bool      // the last line has no end
}

// Close lets others write.
func (w *writer) Close() error {
	var err error
	for _, file := range []*os.File{w.kept, w.file, w.lock} {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}
	return err
}

// write waits for the log and has what a crash has left at its end written down.
func (l Log) write() (*writer, error) {
	if err := l.folder(); err != nil {
		return nil, err
	}
	w := &writer{log: l}
	err := w.take()
	if err == nil {
		err = w.mend()
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

// look reads the log without writing anything to it.
func (l Log) look() (*writer, error) {
	w := &writer{log: l}
	var err error
	if w.lock, err = l.openLock(); err == nil {
		w.file, err = openOurs(l.Path, os.O_RDONLY)
	}
	if err == nil {
		w.kept, _ = openOurs(l.headPath(), os.O_RDONLY) // without it all of the log is read
		err = w.read()
	}
	if err != nil {
		w.Close()
		return nil, err
	}
	return w, nil
}

func (w *writer) take() (err error) {
	l := w.log
	if w.lock, err = l.openLock(); err != nil {
		return err
	}
	if err = takeTurn(w.lock, unix.F_WRLCK); err != nil {
		return err
	}
	var made bool
	if w.file, made, err = l.open(l.Path, os.O_APPEND); err != nil {
		return err
	}
	if w.kept, _, err = l.open(l.headPath(), 0); err != nil {
		return err
	}
	if made {
		if err := durable.SyncFolder(filepath.Dir(l.Path)); err != nil {
			return err
		}
	}
	return w.read()
}

// read finds the end of the chain and the recent lines. Where the head says them nothing
// else is read; else all of the file.
func (w *writer) read() error {
	var stat unix.Stat_t
	if err := unix.Fstat(int(w.file.Fd()), &stat); err != nil {
		return fmt.Errorf("reading %s: %w", w.log.Path, err)
	}
	said, ok := readHead(w.kept)
	w.head = said
	if !ok {
		w.head = head{Hash: noHash}
	}
	known := ok && said.File == stat.Ino && said.Size == stat.Size && 0 <= said.Recent && said.Recent <= stat.Size
	begin := int64(0)
	if known {
		begin = said.Recent
	}
	w.head.File, w.head.Size, w.head.Recent = stat.Ino, stat.Size, begin
	content := make([]byte, stat.Size-begin)
	if n, err := w.file.ReadAt(content, begin); n < len(content) {
		return err
	}
	end := begin
	for found := range rows(content, begin) {
		if found.ok {
			w.recent = append(w.recent, found)
			end, w.open = found.end(), found.open
		}
	}
	w.tail = content[end-begin:]
	if known {
		return nil
	}
	return w.last()
}

// last finds out which line the next one follows: the last one that there is. Where the
// head knows of a later one, lines are missing, and it stays visible that they are.
func (w *writer) last() error {
	older, err := w.log.older()
	if err != nil {
		return err
	}
	lines := w.recent
	for n := len(older) - 1; n >= 0 && len(lines) == 0; n-- {
		content, err := readOurs(older[n])
		if err != nil {
			return err
		}
		for found := range rows(content, 0) {
			if found.ok {
				lines = append(lines, found)
			}
		}
	}
	if n := len(lines); n > 0 && lines[n-1].Number > w.head.Lines {
		w.head.Lines, w.head.Hash = lines[n-1].Number, lines[n-1].hash
	}
	if w.head.First == 0 {
		w.head.First, err = w.log.first()
	}
	return err
}

// first is the number of the oldest line that there is; 1 where there is none.
func (l Log) first() (int64, error) {
	older, err := l.older()
	if err != nil {
		return 0, err
	}
	for _, path := range append(older, l.Path) {
		content, err := readOurs(path)
		if err != nil {
			return 0, err
		}
		for found := range rows(content, 0) {
			if found.ok {
				return found.Number, nil
			}
		}
	}
	return 1, nil
}

// mend ends a last line that has no end, and writes down what was cut short after it.
func (w *writer) mend() error {
	if len(w.tail) == 0 && !w.open {
		return nil
	}
	if w.open {
		if _, err := w.file.Write([]byte{'\n'}); err != nil {
			return err
		}
		w.open = false
		w.head.Size++
		w.recent[len(w.recent)-1].text = append(w.recent[len(w.recent)-1].text, '\n')
		return nil
	}
	torn := &Torn{Bytes: len(w.tail), Hash: hashOf(w.tail)}
	if w.tail[len(w.tail)-1] != '\n' {
		if _, err := w.file.Write([]byte{'\n'}); err != nil {
			return err
		}
		w.head.Size++
	}
	w.tail = nil
	return w.append(Line{Time: w.log.Now(), UID: os.Getuid(), EUID: os.Geteuid(), Torn: torn})
}

// append adds a line to the chain, on the disk.
func (w *writer) append(line Line) error {
	line.Link = Link{w.head.Lines + 1, w.head.Hash}
	text, hash, err := seal(line)
	if err != nil {
		return fmt.Errorf("recording: %w", err)
	}
	_, err = w.file.Write(text)
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		_ = w.file.Truncate(w.head.Size) // else the next one finds what is left of it
		return fmt.Errorf("recording: %w", err)
	}
	w.recent = append(w.recent, located{Line: line, hash: hash, at: w.head.Size, text: text, ok: true})
	w.head.Lines, w.head.Hash = line.Number, hash
	w.head.Size += int64(len(text))
	w.remember()
	return nil
}

// remember writes the head. Where that cannot be written the next writer finds that it is
// not as the log is, and reads that.
func (w *writer) remember() { _ = w.head.write(w.kept) }

// forget says which changes are not over; what is before them is not recent any more.
func (w *writer) forget(open []located) {
	begin := w.head.Size
	for i := range open {
		begin = min(begin, open[i].at)
	}
	if begin == w.head.Recent || w.head.Lines == 0 {
		return
	}
	w.head.Recent = begin
	w.remember()
}

// end writes the second line of a change.
func (w *writer) end(line Line, o Outcome) error {
	line.Plan, line.Shown, line.Argv, line.Confirmed = nil, nil, nil, ""
	if o.Recovery == nil { // whoever writes this does not know of what was before
		o.Recovery = line.Recovery
	}
	line.Time, line.Done, line.Outcome = w.log.Now(), true, o
	return w.append(line)
}

// settle writes the second lines that are missing of changes whose process is gone.
func (w *writer) settle(judge Judge) error {
	var open []located
	for _, line := range unfinished(w.recent) {
		outcome, over := Outcome{}, false
		if !held(w.lock, place(line.ID)) {
			outcome, over = judge(line.Line)
		}
		if !over {
			open = append(open, line)
			continue
		}
		if err := w.end(line.Line, outcome); err != nil {
			return err
		}
	}
	w.forget(open)
	return nil
}

const (
	defaultMax  = 1 << 20
	defaultKeep = 8
)

// rotate puts a file aside that is full, unless lines of a change that is not over are in
// it. The chain goes on in the new one.
func (w *writer) rotate() error {
	l := w.log
	size, keep := l.Max, l.Keep
	if size == 0 {
		size = defaultMax
	}
	if keep == 0 {
		keep = defaultKeep
	}
	if w.head.Size < size || w.head.Recent < w.head.Size {
		return nil
	}
	aside := olderName(l.Path, w.head.Lines)
	if err := unix.Renameat2(unix.AT_FDCWD, l.Path, unix.AT_FDCWD, aside, unix.RENAME_NOREPLACE); err != nil {
		if errors.Is(err, syscall.EEXIST) {
			return nil // somebody has put it there: nothing is overwritten
		}
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	var err error
	if w.file, _, err = l.open(l.Path, os.O_APPEND); err != nil {
		return err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(int(w.file.Fd()), &stat); err != nil {
		return err
	}
	w.recent = nil
	w.head.File, w.head.Size, w.head.Recent = stat.Ino, stat.Size, 0
	return w.drop(keep)
}

// drop deletes the oldest files. The head says so before, and on the disk, so that nobody
// takes them for lost.
func (w *writer) drop(keep int) error {
	older, err := w.log.older()
	if err != nil {
		return err
	}
	gone := older[:max(0, len(older)-keep)]
	if len(gone) > 0 {
		w.head.First = lastOf(w.log.Path, gone[len(gone)-1]) + 1
	}
	if err := w.head.write(w.kept); err != nil {
		return err
	}
	if err := w.kept.Sync(); err != nil {
		return err
	}
	for _, path := range gone {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return durable.SyncFolder(filepath.Dir(w.log.Path))
}
