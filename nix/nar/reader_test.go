package nar_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

func ExampleReader() {
	var b bytes.Buffer
	if err := write(&b, sample()); err != nil {
		panic(err)
	}
	in := nar.NewReader(&b)
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			panic(err)
		}
		if h.Executable {
			fmt.Println(h.Path, h.Size)
			io.Copy(os.Stdout, in)
		}
	}
	// Output:
	// run 10
	// #!/bin/sh
}

// TestGolden has the bytes of a small archive, and the hash that Nix gives it.
func TestGolden(t *testing.T) {
	t.Parallel()
	want := "0d000000000000006e69782d617263686976652d31000000" + // nix-archive-1
		"01000000000000002800000000000000" + "04000000000000007479706500000000" + // ( type
		"0700000000000000726567756c617200" + "0800000000000000636f6e74656e7473" + // regular contents
		"03000000000000006162630000000000" + "01000000000000002900000000000000" // abc )
	got := archive(t, []entry{file("", "abc", false)})
	if diff := cmp.Diff(want, hex.EncodeToString(got)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("0c2jffsl15masdjkw0akr32jl4daplrwaq81lapg84nqai3ip9qi", store.Sum(store.SHA256, got).Nix32()); diff != "" {
		t.Error(diff)
	}
}

func TestReadSample(t *testing.T) {
	t.Parallel()
	b := archive(t, sample())
	for name, r := range map[string]io.Reader{
		"plain": bytes.NewReader(b), "one byte": iotest.OneByteReader(bytes.NewReader(b)),
		"data with error": iotest.DataErrReader(bytes.NewReader(b)),
	} {
		got, err := read(r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(sample(), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestSkip says that content need not be read, in whole or in part.
func TestSkip(t *testing.T) {
	t.Parallel()
	in := nar.NewReader(bytes.NewReader(archive(t, sample())))
	var paths, want []string
	for _, e := range sample() {
		want = append(want, e.Path)
	}
	for {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, h.Path)
		in.Read(make([]byte, 1))
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Error(diff)
	}
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := drawTree(t)
		got, err := read(bytes.NewReader(archive(t, want)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestTruncated(t *testing.T) {
	t.Parallel()
	whole := archive(t, sample())
	for size := range whole {
		for _, short := range []func([]byte) error{readErr, skipErr} {
			err := short(whole[:size])
			var wrong *nar.Error
			if !errors.As(err, &wrong) || !errors.Is(err, io.ErrUnexpectedEOF) || wrong.Offset != int64(size) {
				t.Fatalf("after %d bytes: %v", size, err)
			}
		}
	}
}

func readErr(b []byte) error {
	_, err := read(bytes.NewReader(b))
	return err
}

func skipErr(b []byte) error {
	in := nar.NewReader(bytes.NewReader(b))
	for {
		if _, err := in.Next(); err != nil {
			return err
		}
	}
}

func TestTrailing(t *testing.T) {
	t.Parallel()
	b := append(archive(t, sample()), "rest"...)
	r := bytes.NewReader(b)
	in := nar.NewReader(r)
	for {
		if _, err := in.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if r.Len() != len("rest") {
		t.Errorf("%d bytes are left after the archive", r.Len())
	}
	var wrong *nar.Error
	if err := readErr(b); !errors.As(err, &wrong) || wrong.Why != "more follows the end of the archive" {
		t.Errorf("%v", err)
	}
}

func TestSourceError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	b := archive(t, []entry{file("", "abcdefgh", false)})
	for _, size := range []int{0, 30, len(b) - 18} {
		_, err := read(io.MultiReader(bytes.NewReader(b[:size]), iotest.ErrReader(broken)))
		var wrong *nar.Error
		if !errors.As(err, &wrong) || !errors.Is(err, broken) || wrong.Offset != int64(size) {
			t.Errorf("after %d bytes: %v", size, err)
		}
	}
}

func TestWrong(t *testing.T) {
	t.Parallel()
	root := []any{"nix-archive-1", "(", "type"}
	dir := append(root, "directory")
	named := func(name string) []any { return append(dir, "entry", "(", "name", name, "node") }
	two := func(first, second string) []any {
		return append(named(first), "(", "type", "symlink", "target", "x", ")", ")", "entry", "(", "name", second, "node")
	}
	for _, test := range []struct {
		items  []any
		offset int64
		why    string
	}{
		{[]any{"nix-archive-2"}, 0, `"nix-archive-2" stands where "nix-archive-1" is needed`},
		{[]any{"nix-archive-1", ")"}, 24, `")" stands where "(" is needed`},
		{append(root, "device"), 56, `"device" is no type of file`},
		{append(root, 1<<62), 56, "a word has 4611686018427387904 bytes, more than 13"},
		{append(root, "regular", ")"), 72, `")" stands where contents is needed`},
		{append(root, "regular", "executable", "yes"), 96, `"yes" stands where "" is needed`},
		{append(root, "regular", "contents", -1), 88, "a file cannot have 18446744073709551615 bytes"},
		{append(root, "regular", "contents", 1<<62, "x"), 112, "the archive ends too early"},
		{append(root, "regular", "contents", "abc", "x"), 104, `"x" stands where ")" is needed`},
		{append(root, "symlink", "target", ""), 88, "the target is empty"},
		{append(root, "symlink", "target", "a\x00b"), 88, `the target "a\x00b" has a NUL`},
		{append(root, "symlink", "target", strings.Repeat("t", 4096)), 88, "a target has 4096 bytes, more than 4095"},
		{append(dir, "exit"), 80, `"exit" stands where entry or ) is needed`},
		{named(""), 128, `"" is not the name of a file`},
		{named("."), 128, `"." is not the name of a file`},
		{named(".."), 128, `".." is not the name of a file`},
		{named("a/b"), 128, `the name "a/b" has a slash`},
		{named("a\x00"), 128, `the name "a\x00" has a NUL`},
		{named("a~nix~case~hack~1"), 128, `the name "a~nix~case~hack~1" has ~nix~case~hack~, which Nix keeps for itself`},
		{named(strings.Repeat("n", 256)), 128, "a name has 256 bytes, more than 255"},
		{two("a", "a"), 320, `the name "a" is not sorted after "a"`},
		{two("b", "a"), 320, `the name "a" is not sorted after "b"`},
	} {
		err := readErr(strs(test.items...))
		var got *nar.Error
		if !errors.As(err, &got) {
			t.Errorf("%q: %v", test.items, err)
			continue
		}
		want := fmt.Sprint(test.offset, test.why)
		if diff := cmp.Diff(want, fmt.Sprint(got.Offset, got.Why)); diff != "" {
			t.Errorf("%q: %s", test.items, diff)
		}
	}
}

// TestPadding sets bytes of every piece of padding, one at a time.
func TestPadding(t *testing.T) {
	t.Parallel()
	whole := archive(t, []entry{file("", "abc", false)})
	for _, i := range []int{21, 33, 39, 52, 71, 99, 103, 113, 119} {
		changed := bytes.Clone(whole)
		if changed[i] != 0 {
			t.Fatalf("byte %d is not padding", i)
		}
		changed[i] = 7
		var wrong *nar.Error
		if err := readErr(changed); !errors.As(err, &wrong) || wrong.Why != "the padding has 0x07, not zero" || wrong.Offset != int64(i) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// endless is the beginning of an archive in which directories never end.
type endless struct{ rest []byte }

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		e.rest = strs("entry", "(", "name", "d", "node", "(", "type", "directory")
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestDeep(t *testing.T) {
	t.Parallel()
	in := nar.NewReader(&endless{rest: strs("nix-archive-1", "(", "type", "directory")})
	depth := 0
	var err error
	for ; err == nil && depth < 10_000; depth++ {
		_, err = in.Next()
	}
	var wrong *nar.Error
	if !errors.As(err, &wrong) || wrong.Why != "the path is longer than 4095 bytes" || depth != 2050 {
		t.Errorf("at depth %d: %v", depth, err)
	}
}

// TestMemory is not parallel: it measures what the whole process allocates.
func TestMemory(t *testing.T) {
	const size = 256 << 20
	head := strs("nix-archive-1", "(", "type", "regular", "contents", size)
	for name, use := range map[string]func(*nar.Reader) error{
		"read": func(in *nar.Reader) error { _, err := io.Copy(io.Discard, in); return err },
		"skip": func(in *nar.Reader) error { _, err := in.Next(); return err },
	} {
		in := nar.NewReader(io.MultiReader(bytes.NewReader(head), io.LimitReader(zeros{}, size), bytes.NewReader(strs(")"))))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		h, err := in.Next()
		if err != nil || h.Size != size {
			t.Fatalf("%v, %v", h, err)
		}
		if err := use(in); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func FuzzReader(f *testing.F) {
	f.Add(archive(f, sample()))
	f.Add(archive(f, []entry{file("", "abc", true)}))
	f.Add(archive(f, []entry{link("", "/etc")}))
	f.Add(strs("nix-archive-1", "(", "type", "regular", "contents", 1<<62))
	f.Fuzz(func(t *testing.T, b []byte) {
		entries, err := read(bytes.NewReader(b))
		if err != nil {
			var wrong *nar.Error
			if !errors.As(err, &wrong) || wrong.Offset > int64(len(b)) {
				t.Fatalf("%#v", err)
			}
			return
		}
		// What is accepted has one form only.
		if !bytes.Equal(archive(t, entries), b) {
			t.Fatalf("%q is read as %v, which is written otherwise", b, entries)
		}
	})
}
