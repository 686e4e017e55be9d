package trace_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/nix/eval/trace"
)

func TestMarshalled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), everything())
	time.Sleep(2 * tick)
	_, read := w.evaluate(t, tick)
	recorder := trace.NewRecorder(w, trace.Options{})
	_, _ = recorder.Lstat(w.root + "/" + strings.Repeat("long", 100) + "/a")
	_, _ = recorder.Lstat(w.root + "/" + strings.Repeat("long", 100) + "/b")
	for _, original := range []*trace.Trace{read, recorder.Trace(), new(trace.Trace)} {
		encoded, err := original.MarshalBinary()
		must(t, err)
		decoded := again(t, original)
		twice, err := decoded.MarshalBinary()
		must(t, err)
		if !bytes.Equal(encoded, twice) || decoded.Digest() != original.Digest() || decoded.Len() != original.Len() {
			t.Errorf("a trace of %d inputs is one of %d after it was kept", original.Len(), decoded.Len())
		}
	}
}

// The digest tells what was read, not when.
func TestDigest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), everything())
	_, young := w.evaluate(t, time.Hour)
	time.Sleep(2 * tick)
	_, old := w.evaluate(t, tick)
	touch("text")(t, w)
	_, touched := w.evaluate(t, tick)
	if young.Digest() != old.Digest() || old.Digest() != touched.Digest() {
		t.Error("digests differ, though content does not")
	}
	rewrite("text", "another text")(t, w)
	if _, changed := w.evaluate(t, tick); changed.Digest() == old.Digest() {
		t.Error("the digest is the same, though a content changed")
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, t.TempDir(), map[string]string{"a": "1", "b": "->a"})
	recorder := trace.NewRecorder(w, trace.Options{})
	_, err := recorder.ReadFile(filepath.Join(w.root, "a"))
	must(t, err)
	_, err = recorder.Readlink(filepath.Join(w.root, "b"))
	must(t, err)
	good, err := recorder.Trace().MarshalBinary()
	must(t, err)
	bad := map[string][]byte{
		"empty":         {},
		"other version": append([]byte{2}, good[1:]...),
		"too long":      append(bytes.Clone(good), 0),
		"many inputs":   binary.AppendUvarint([]byte{1}, 1<<60),
		"unknown kind":  {1, 1, 9, 0, 1, 'a', 0, 1},
		"no type":       {1, 1, 1, 0, 1, 'a', 0, 0},
		"shared":        {1, 1, 1, 5, 1, 'a', 0, 1},
		"long name":     {1, 1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xf, 'a', 0, 1},
		"twice":         {1, 2, 1, 0, 1, 'a', 0, 1, 1, 1, 0, 0, 1},
		"not sorted":    {1, 2, 1, 0, 1, 'b', 0, 1, 1, 0, 1, 'a', 0, 1},
	}
	for n := range len(good) - 1 {
		bad["cut after "+string(rune('0'+n%10))+strings.Repeat("+10", n/10)] = good[:n]
	}
	for name, data := range bad {
		var kept trace.Trace
		if err := kept.UnmarshalBinary(data); !errors.Is(err, trace.ErrMalformed) {
			t.Errorf("%s: error %v", name, err)
		}
		if kept.Len() != 0 {
			t.Errorf("%s: %d inputs", name, kept.Len())
		}
	}
}

// Whatever is decoded is encoded as it was, or is an error.
func FuzzUnmarshal(f *testing.F) {
	w := newWorld(f, f.TempDir(), everything())
	_, read := w.evaluate(f, 0)
	encoded, err := read.MarshalBinary()
	must(f, err)
	f.Add(encoded)
	f.Add([]byte{1, 1, 1, 0, 1, 'a', 0, 1})
	f.Add([]byte{1, 2, 1, 0, 1, 'a', 2, 2, 0, 1, 'b', 0, 1, 'c'})
	f.Fuzz(func(t *testing.T, data []byte) {
		var kept trace.Trace
		if err := kept.UnmarshalBinary(data); err != nil {
			if !errors.Is(err, trace.ErrMalformed) {
				t.Errorf("error %v", err)
			}
			return
		}
		encoded, err := kept.MarshalBinary()
		must(t, err)
		var again trace.Trace
		must(t, again.UnmarshalBinary(encoded))
		if again.Digest() != kept.Digest() || len(encoded) > len(data) {
			t.Errorf("%d bytes became %d", len(data), len(encoded))
		}
	})
}
