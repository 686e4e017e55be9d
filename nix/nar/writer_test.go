package nar_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/nar"
)

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		entries   []entry
		path, why string
	}{
		{nil, "", "there is no root"},
		{[]entry{directory("a")}, "a", "the first entry must be the root"},
		{[]entry{directory(""), directory("")}, "", `"" is not the name of a file`},
		{[]entry{file("", "", false), directory("a")}, "a", `no directory "" is open`},
		{[]entry{directory(""), directory("a/b")}, "a/b", `no directory "a" is open`},
		{[]entry{directory(""), directory("/a")}, "/a", "the path is not clean"},
		{[]entry{directory(""), directory("..")}, "..", `".." is not the name of a file`},
		{[]entry{directory(""), directory("b"), directory("a")}, "a", `the name "a" is not sorted after "b"`},
		{[]entry{directory(""), directory("a"), directory("b"), directory("a/x")}, "a/x", `no directory "a" is open`},
		{[]entry{link("", "")}, "", "the target is empty"},
		{[]entry{{Header: nar.Header{Type: "device"}}}, "", `"device" is no type of file`},
		{[]entry{{Header: nar.Header{Type: nar.Regular, Size: -1}}}, "", "a file cannot have -1 bytes"},
		{[]entry{{Header: nar.Header{Type: nar.Regular, Size: 3}, Content: "ab"}}, "", "1 bytes of its content are missing"},
	} {
		err := write(io.Discard, test.entries)
		var got *nar.HeaderError
		if !errors.As(err, &got) {
			t.Errorf("%v: %v", test.entries, err)
			continue
		}
		if diff := cmp.Diff(&nar.HeaderError{Path: test.path, Why: test.why}, got); diff != "" {
			t.Errorf("%v: %s", test.entries, diff)
		}
	}
}

func TestWriterTooLong(t *testing.T) {
	t.Parallel()
	for _, e := range []entry{
		{Header: nar.Header{Type: nar.Regular, Size: 1}, Content: "ab"},
		{Header: nar.Header{Type: nar.Directory}, Content: "ab"},
	} {
		if err := write(io.Discard, []entry{e}); !errors.Is(err, nar.ErrTooLong) {
			t.Errorf("%v: %v", e, err)
		}
	}
}

func TestWriterClose(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := nar.NewWriter(&b)
	if err := w.WriteHeader(&nar.Header{Type: nar.Symlink, Target: "x"}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := w.WriteHeader(&nar.Header{Path: "a", Type: nar.Directory}); err == nil {
		t.Error("an entry is taken after Close")
	}
	if got, err := read(&b); err != nil || len(got) != 1 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestWriterDestination says that a full disk is reported, whenever it fills.
func TestWriterDestination(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	big := string(make([]byte, 200_000))
	for _, room := range []int{0, 100, 100_000, 200_100} {
		err := write(&limited{room, full}, []entry{directory(""), file("a", big, false), file("b", big, false)})
		if !errors.Is(err, full) {
			t.Errorf("%d bytes of room: %v", room, err)
		}
	}
}

type limited struct {
	room int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.room {
		return 0, l.err
	}
	l.room -= len(p)
	return len(p), nil
}
