package audit_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

// made makes a log of so many changes.
func made(t *testing.T, changes int) audit.Log {
	t.Helper()
	l := newLog(t)
	more(t, l, changes)
	return l
}

func more(t *testing.T, l audit.Log, changes int) {
	t.Helper()
	for n := range changes {
		if err := begin(t, l, fmt.Sprint("user", n), cut).End(audit.Outcome{Message: "all }\n well"}); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copied is a copy of a log's files.
func copied(t *testing.T, l audit.Log) audit.Log {
	t.Helper()
	c := l
	c.Path = filepath.Join(t.TempDir(), filepath.Base(l.Path))
	files, err := filepath.Glob(l.Path + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		write(t, filepath.Join(filepath.Dir(c.Path), filepath.Base(file)), read(t, file))
	}
	return c
}

func verify(t *testing.T, l audit.Log) audit.Checked {
	t.Helper()
	c, err := l.Verify()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sound checks that nothing is wrong, and that so much was cut short.
func sound(t *testing.T, l audit.Log, torn int) {
	t.Helper()
	if c := verify(t, l); len(c.Problems) > 0 || len(c.Torn) != torn {
		t.Fatalf("%+v", c)
	}
}

// TestPlain: a line says by itself what it is, and anybody can check it.
func TestPlain(t *testing.T) {
	t.Parallel()
	l := made(t, 2)
	lines := strings.SplitAfter(string(read(t, l.Path)), "\n")
	for i, prefix := range []string{`{"n":1,"before":"0000`, `{"n":2,"before":"`, `{"n":3,"before":"`, `{"n":4,"before":"`} {
		if !strings.HasPrefix(lines[i], prefix) || !strings.HasSuffix(lines[i], "\"}\n") {
			t.Errorf("%s", lines[i])
		}
	}
	info, err := os.Stat(l.Path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if info, err = os.Stat(filepath.Dir(l.Path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if c := verify(t, l); c.Files != 1 || c.Lines != 4 {
		t.Errorf("%+v", c)
	}
	sound(t, audit.Log{Path: filepath.Join(t.TempDir(), "none", "audit.jsonl")}, 0)
}

// TestCutAnywhere cuts the writing of a line at every byte of it, with the head as it was
// before: the lines before and after are whole, nothing of it is lost, and only what was cut
// is told.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	steps := []func() error{
		func() error { begin(t, l, "a", goesOn); return nil },
		func() error { begin(t, l, "b", goesOn); return nil },
		func() error { return endLast(l) },
		func() error { begin(t, l, "c", goesOn); return nil },
	}
	for line, step := range steps {
		before, content := copied(t, l), []byte(nil)
		if line > 0 {
			content = read(t, l.Path)
		}
		if err := step(); err != nil {
			t.Fatal(err)
		}
		after, whole := read(t, l.Path), told(t, l)
		for n := len(content); n < len(after); n++ {
			c := copied(t, before)
			write(t, c.Path, after[:n])
			torn, want := 0, whole
			if n < len(after)-1 {
				want = whole[:line]
			}
			if n > len(content) && n < len(after)-1 {
				torn = 1
			}
			if err := begin(t, c, "next", goesOn).End(audit.Outcome{}); err != nil {
				t.Fatal(err)
			}
			if got := read(t, c.Path); !bytes.HasPrefix(got, after[:n]) {
				t.Fatalf("cut at %d of line %d: something was lost:\n%s", n, line+1, got)
			}
			sound(t, c, torn)
			if diff := cmp.Diff(append(slices.Clone(want), "next begun", "next ended:"), told(t, c)); diff != "" {
				t.Fatalf("cut at %d of line %d: %s", n, line+1, diff)
			}
		}
	}
}

func endLast(l audit.Log) error {
	lines, err := l.Read()
	if err != nil {
		return err
	}
	return l.End(lines[len(lines)-1].ID, audit.Outcome{Message: "well"})
}

// TestCutTwice cuts what the next writer writes about a cut, at every byte.
func TestCutTwice(t *testing.T) {
	t.Parallel()
	l := made(t, 1)
	torn := copied(t, l)
	write(t, torn.Path, append(read(t, l.Path), `{"n":3,"bef`...))
	once := copied(t, torn)
	more(t, once, 1)
	begun, all := len(read(t, torn.Path)), read(t, once.Path)
	for n := begun; n < len(all); n++ {
		c := copied(t, torn)
		write(t, c.Path, all[:n])
		more(t, c, 1)
		if c := verify(t, c); len(c.Problems) > 0 || len(c.Torn) == 0 {
			t.Fatalf("cut at %d: %+v", n-begun, c)
		}
		if !bytes.HasPrefix(read(t, c.Path), all[:n]) {
			t.Fatalf("cut at %d: something was lost", n)
		}
	}
}

// TestTornAtTheEnd: as long as nobody has written since, it is told with its place.
func TestTornAtTheEnd(t *testing.T) {
	t.Parallel()
	l := made(t, 1)
	write(t, l.Path, append(read(t, l.Path), `{"n":3,"bef`...))
	want := []audit.Place{{File: "audit.jsonl", Row: 3, What: "cut short: it has no end"}}
	if diff := cmp.Diff(want, verify(t, l).Problems); diff != "" {
		t.Error(diff)
	}
}

// TestEveryBit flips one bit of each byte, of the whole log.
func TestEveryBit(t *testing.T) {
	t.Parallel()
	l := made(t, 2)
	whole := read(t, l.Path)
	c := copied(t, l)
	for at := range whole {
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << (at % 8)
		write(t, c.Path, flipped)
		got := verify(t, c)
		row := 1 + bytes.Count(whole[:at], []byte("\n"))
		if len(got.Problems) == 0 || got.Problems[0].Row != row {
			t.Fatalf("byte %d of row %d: %+v", at, row, got)
		}
	}
}

// TestEveryLine removes, doubles, swaps and exchanges each line, also with a hash that is
// right for what was altered, and takes the ends away.
func TestEveryLine(t *testing.T) {
	t.Parallel()
	l, other := made(t, 3), made(t, 3)
	lines, others := bytes.SplitAfter(read(t, l.Path), []byte("\n")), bytes.SplitAfter(read(t, other.Path), []byte("\n"))
	lines = lines[:len(lines)-1]
	c := copied(t, l)
	check := func(what string, at int, altered [][]byte, row int) {
		t.Helper()
		write(t, c.Path, bytes.Join(altered, nil))
		got := verify(t, c)
		if len(got.Problems) == 0 || got.Problems[0].Row != row {
			t.Errorf("%s, line %d: %v, want row %d", what, at+1, got, row)
		}
	}
	for i := range lines {
		row := i + 1
		if i == len(lines)-1 {
			row = 0 // nothing comes after it
		}
		check("removed", i, slices.Delete(slices.Clone(lines), i, i+1), row)
		check("doubled", i, slices.Insert(slices.Clone(lines), i, lines[i]), i+2)
		exchanged := slices.Clone(lines)
		exchanged[i] = others[i]
		row = i
		if i == 0 {
			row = 1
		}
		check("exchanged", i, exchanged, row)
		if i > 0 {
			swapped := slices.Clone(lines)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			check("swapped", i, swapped, i)
			check("cut off", i, lines[:i], 0)
			check("the first gone", i, lines[i:], 1)
		}
	}
	write(t, c.Path, nil)
	if got := verify(t, c); len(got.Problems) != 1 || !strings.Contains(got.Problems[0].What, "numbers 1 to 6 are missing") {
		t.Errorf("emptied: %+v", got)
	}
}

// TestRandomDamage does any of it at random, several at a time, and writes on: it is found
// before, and stays found.
func TestRandomDamage(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 2))
	l := made(t, 4)
	whole := bytes.SplitAfter(read(t, l.Path), []byte("\n"))
	whole = whole[:len(whole)-1]
	for n := range 200 {
		c := copied(t, l)
		lines := slices.Clone(whole)
		for range 1 + random.IntN(3) {
			i, j := random.IntN(len(lines)), random.IntN(len(lines))
			switch random.IntN(4) {
			case 0:
				lines = slices.Delete(lines, i, i+1)
			case 1:
				lines[i], lines[j] = lines[j], lines[i]
			case 2:
				lines = slices.Insert(lines, i, lines[j])
			case 3:
				line := bytes.Clone(lines[i])
				line[random.IntN(len(line))] ^= 1 << random.IntN(8)
				lines[i] = line
			}
		}
		text := bytes.Join(lines, nil)
		if bytes.Equal(text, bytes.Join(whole, nil)) {
			continue
		}
		write(t, c.Path, text)
		if got := verify(t, c); len(got.Problems) == 0 {
			t.Fatalf("seed %d, %d: not found:\n%s", seed, n, text)
		}
		more(t, c, 2)
		if got := verify(t, c); len(got.Problems) == 0 {
			t.Fatalf("seed %d, %d: not found any more:\n%s", seed, n, read(t, c.Path))
		}
	}
}

// TestHead: without it, or with another, that is told, and the next change makes it again.
func TestHead(t *testing.T) {
	t.Parallel()
	l, other := made(t, 2), made(t, 2)
	for what, damage := range map[string]func(path string){
		"gone":      func(path string) { _ = os.Remove(path) },
		"empty":     func(path string) { write(t, path, nil) },
		"garbled":   func(path string) { write(t, path, bytes.Repeat([]byte{0}, 256)) },
		"another's": func(path string) { write(t, path, read(t, other.Path+".head")) },
	} {
		c := copied(t, l)
		damage(c.Path + ".head")
		got := verify(t, c)
		if len(got.Problems) != 1 || got.Problems[0].File != "audit.jsonl.head" {
			t.Errorf("%s: %+v", what, got)
		}
		if what == "another's" {
			continue // which names a line that is not there: that stays visible
		}
		more(t, c, 1)
		sound(t, c, 0)
	}
}

// TestCutOffStaysVisible: who takes lines away at the end is found also when others were
// written since.
func TestCutOffStaysVisible(t *testing.T) {
	t.Parallel()
	l := made(t, 3)
	lines := bytes.SplitAfter(read(t, l.Path), []byte("\n"))
	write(t, l.Path, bytes.Join(lines[:4], nil))
	more(t, l, 1)
	got := verify(t, l)
	want := audit.Place{File: "audit.jsonl", Row: 5, What: "before it numbers 5 to 6 are missing"}
	if len(got.Problems) == 0 || got.Problems[0] != want {
		t.Errorf("%+v", got)
	}
}

// TestAlteredIsNotTorn: the last line, altered, is not taken for one that was cut short.
func TestAlteredIsNotTorn(t *testing.T) {
	t.Parallel()
	l := made(t, 2)
	content := read(t, l.Path)
	content[len(content)-100] ^= 1
	write(t, l.Path, content)
	more(t, l, 1)
	got := verify(t, l)
	if len(got.Problems) == 0 || got.Problems[0].Row != 4 || len(got.Torn) > 0 {
		t.Errorf("%+v", got)
	}
}

// TestRotation puts files aside, keeps some, and goes on with the chain.
func TestRotation(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.Max, l.Keep = 4000, 3
	for n := range 40 {
		more(t, l, 1)
		if c := verify(t, l); len(c.Problems) > 0 || c.Files > 4 {
			t.Fatalf("after %d changes: %+v", n, c)
		}
	}
	files, err := filepath.Glob(l.Path + ".0*")
	if err != nil || len(files) != 3 {
		t.Fatalf("%v, %v", files, err)
	}
	all, err := l.Read()
	if err != nil || len(all)%2 != 0 || all[len(all)-1].Number != 80 {
		t.Errorf("%d lines, %v", len(all), err)
	}
	few, err := l.Newest(1)
	if err != nil || len(few) == 0 || len(few) >= len(all) || few[len(few)-1].Number != 80 {
		t.Errorf("%d of %d lines, %v", len(few), len(all), err)
	}
	first := copied(t, l)
	if err := os.Remove(filepath.Join(filepath.Dir(first.Path), filepath.Base(files[1]))); err != nil {
		t.Fatal(err)
	}
	if got := verify(t, first); len(got.Problems) == 0 || got.Problems[0].File != filepath.Base(files[2]) || got.Problems[0].Row != 1 {
		t.Errorf("a file is gone: %+v", got)
	}
	oldest := copied(t, l)
	if err := os.Remove(filepath.Join(filepath.Dir(oldest.Path), filepath.Base(files[0]))); err != nil {
		t.Fatal(err)
	}
	if got := verify(t, oldest); len(got.Problems) == 0 || got.Problems[0].File != filepath.Base(files[1]) {
		t.Errorf("the oldest file is gone: %+v", got)
	}
}

// TestRotationWaits for changes that are not over, whose first line is looked for in the
// file that is written.
func TestRotationWaits(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	l.Max = 3000
	long := begin(t, l, "long", goesOn)
	more(t, l, 5)
	if err := long.End(audit.Outcome{Message: "at last"}); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(l.Path + ".0*"); len(files) != 0 {
		t.Errorf("%v", files)
	}
	more(t, l, 1)
	if files, _ := filepath.Glob(l.Path + ".0*"); len(files) != 1 {
		t.Errorf("%v", files)
	}
	got := told(t, l)
	if !slices.Contains(got, "long ended:  at last") {
		t.Error(got)
	}
	sound(t, l, 0)
}

// TestKilledWhileRotating leaves the log as it is between the steps of putting a file aside.
func TestKilledWhileRotating(t *testing.T) {
	t.Parallel()
	l := made(t, 2)
	if err := os.Rename(l.Path, l.Path+".000000000004"); err != nil {
		t.Fatal(err)
	}
	empty := copied(t, l)
	write(t, empty.Path, nil)
	for _, l := range []audit.Log{l, empty} {
		more(t, l, 1)
		sound(t, l, 0)
		if lines, err := l.Read(); err != nil || len(lines) != 6 || lines[4].Number != 5 {
			t.Errorf("%d lines, %v", len(lines), err)
		}
	}
}

// TestNotOurs: what somebody else may have put there is not used.
func TestNotOurs(t *testing.T) {
	t.Parallel()
	target := made(t, 1)
	for what, prepare := range map[string]func(l audit.Log) error{
		"a link":         func(l audit.Log) error { return os.Symlink(target.Path, l.Path) },
		"a linked head":  func(l audit.Log) error { return os.Symlink(target.Path, l.Path+".head") },
		"a linked lock":  func(l audit.Log) error { return os.Symlink(target.Path, l.Path+".lock") },
		"a pipe":         func(l audit.Log) error { return syscall.Mkfifo(l.Path, 0o600) },
		"an open folder": func(l audit.Log) error { return os.Chmod(filepath.Dir(l.Path), 0o777) },
	} {
		l := newLog(t)
		if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := prepare(l); err != nil {
			t.Fatal(err)
		}
		if entry, err := l.Begin(audit.Line{Time: time.Now()}, cut); err == nil {
			t.Errorf("%s is used: %v", what, entry)
		}
	}
	sound(t, target, 0)
}

// TestGroup: the group may read the log and its head, and not what is locked.
func TestGroup(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root gives files to a group")
	}
	l := newLog(t)
	l.Group = func() int { return 12345 }
	more(t, l, 1)
	for name, want := range map[string]os.FileMode{"": 0o640, ".head": 0o640, ".lock": 0o600} {
		info, err := os.Stat(l.Path + name)
		if err != nil {
			t.Fatal(err)
		}
		gid := info.Sys().(*syscall.Stat_t).Gid
		if info.Mode().Perm() != want || (gid == 12345) != (want == 0o640) {
			t.Errorf("%s: %v, group %d", name, info.Mode(), gid)
		}
	}
	if info, err := os.Stat(filepath.Dir(l.Path)); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestFull: where there is no room nothing is begun, and the log is as it was.
func TestFull(t *testing.T) {
	t.Parallel()
	if os.Getenv("AUDIT_PROCESS") != "" {
		t.Skip("this process only writes for another test")
	}
	l := made(t, 1)
	before := read(t, l.Path)
	// A limit on the size of files cuts a write short, as a full disk does.
	out, err := process(l, "limited", len(before)+300).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "file too large") {
		t.Fatalf("%v: %s", err, out)
	}
	if diff := cmp.Diff(string(before), string(read(t, l.Path))); diff != "" {
		t.Error(diff)
	}
	sound(t, l, 0)
}

// process is this test as another process; see TestProcess.
func process(l audit.Log, what string, number int) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestProcess$", "-test.v")
	cmd.Env = append(os.Environ(), "AUDIT_PROCESS="+what, "AUDIT_LOG="+l.Path, "AUDIT_NUMBER="+strconv.Itoa(number))
	return cmd
}

// TestProcess is what other processes do.
func TestProcess(t *testing.T) {
	number, _ := strconv.Atoi(os.Getenv("AUDIT_NUMBER"))
	l := audit.Log{Path: os.Getenv("AUDIT_LOG"), Now: time.Now, Max: 20000}
	switch os.Getenv("AUDIT_PROCESS") {
	case "":
		t.Skip("it is started by other tests")
	case "many":
		more(t, l, number)
	case "limited":
		limit := syscall.Rlimit{Cur: uint64(number), Max: uint64(number)}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		_, err := l.Begin(audit.Line{Time: time.Now(), Plan: &operation.Plan{Summary: strings.Repeat("x", 2000)}}, cut)
		t.Log(err)
	}
}

// TestManyProcesses has several processes write, while one is killed now and then and
// another verifies.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	l := newLog(t)
	const each = 25
	var all []*exec.Cmd
	for range 4 {
		all = append(all, process(l, "many", each))
	}
	for _, cmd := range all {
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		killed := process(l, "many", 1000)
		if err := killed.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(60 * time.Millisecond)
		if err := killed.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = killed.Wait()
		if c := verify(t, l); len(c.Problems) > 0 && !strings.Contains(c.Problems[0].What, "cut short") {
			t.Errorf("meanwhile: %v", c.Problems)
		}
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	if err := l.Settle(cut); err != nil {
		t.Fatal(err)
	}
	if c := verify(t, l); len(c.Problems) > 0 {
		t.Errorf("%+v", c)
	}
	lines, err := l.Read()
	if err != nil {
		t.Fatal(err)
	}
	begun, ended, well := 0, 0, 0
	for _, line := range lines {
		switch {
		case !line.Done:
			begun++
		default:
			ended++
			if line.Code == "" {
				well++
			}
		}
	}
	if begun != ended || well < 4*each {
		t.Errorf("%d begun, %d ended, %d well", begun, ended, well)
	}
}
