package diagnosis_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"luminousnix/internal/diagnosis"
)

// failingLog makes the output of a switch with an error at one of its lines.
func failingLog(lines, at int, trouble string) string {
	var b strings.Builder
	for i := range lines {
		if i == at {
			b.WriteString(trouble)
		}
		fmt.Fprintf(&b, "\x1b[35;1mcompiling\x1b[0m module %d of the garden, with all its flowers and -O2 -Wall -Wextra\n", i)
	}
	return b.String()
}

// TestLongLogs finds what decides anywhere in a log of 5,000 lines, with colours and
// links in it, and keeps little of it.
func TestLongLogs(t *testing.T) {
	t.Parallel()
	const failed = "\x1b[31;1merror:\x1b[0m builder for '\x1b[35;1m/nix/store/4ikm9l7rc4mfm3wsnwhi4jhdrmx1nhsa-wilted-1.0.drv\x1b[0m' failed with exit code 3;\n" +
		"       last 1 log lines:\n       > no water\n       For full logs, run '\x1b[1mnix log /nix/store/4ikm9l7rc4mfm3wsnwhi4jhdrmx1nhsa-wilted-1.0.drv\x1b[0m'.\n"
	for trouble, id := range map[string]string{
		failed: "build-failed",
		"\x1b]8;;file:///x\x1b\\\x1b[31;1merror:\x1b[0m\x1b]8;;\x1b\\ attribute 'tulip' missing\n": "attribute-missing",
		"cp: error writing 'x': No space left on device\n":                                         "no-space",
	} {
		for _, at := range []int{0, 1, 2500, 4990, 4999} {
			text, err := diagnosis.Read(strings.NewReader(failingLog(5000, at, trouble)))
			if err != nil {
				t.Fatal(err)
			}
			if len(text) > 64<<10 || strings.ContainsAny(text, "\x1b") || strings.Contains(text, "]8;") {
				t.Errorf("%s at %d: %d bytes are kept, of which %q", id, at, len(text), text[:80])
			}
			if e := diagnosis.Explain(text); e.ID != id {
				t.Errorf("%s at %d: taken for %q: %s", id, at, e.ID, e.Error)
			}
			if !diagnosis.IsError(text) {
				t.Errorf("%s at %d: not taken for an error", id, at)
			}
		}
	}
}

// TestManyErrors: the first of thousands of errors, and the last, are kept.
func TestManyErrors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&b, "error: flower %d has wilted\n", i)
	}
	text, err := diagnosis.Read(strings.NewReader(b.String()))
	if err != nil || !strings.Contains(text, "flower 0 ") || !strings.Contains(text, "flower 19999 ") || len(text) > 64<<10 {
		t.Errorf("%d bytes, %v: %.80q", len(text), err, text)
	}
}

// TestBoundedMemory reads a line and a text that are larger than what may be held.
func TestBoundedMemory(t *testing.T) {
	const size = 32 << 20
	for name, r := range map[string]io.Reader{
		"one line": io.LimitReader(repeat(strings.Repeat("x", 4096)), size),
		"lines":    io.LimitReader(repeat("making all in garden, which could not be faster\n"), size),
		"empty":    io.LimitReader(repeat("\n"), size/32),
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		text, err := diagnosis.Read(r)
		runtime.GC()
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapSys) - int64(before.HeapSys); err != nil || len(text) > 64<<10 || grown > 16<<20 {
			t.Errorf("%s: %d bytes are kept, the heap grew by %d, %v", name, len(text), grown, err)
		}
	}
}

// repeat reads the same text for ever.
func repeat(text string) io.Reader { return &repeated{text: text} }

type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	n := copy(p, r.text[r.at:])
	r.at = (r.at + n) % len(r.text)
	return n, nil
}

func TestReadFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("the pipe is broken")
	if _, err := diagnosis.Read(io.MultiReader(strings.NewReader("error: x\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestIsError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"error: the tulips are sad":            true,
		"building…\nerror: the tulips are sad": true,
		"fatal: not a git repository":          true,
		"undefined variable pkgss":             true,
		"":                                     false,
		"list my generations":                  false,
		"all went well\nnothing was wrong":     false,
		"{ pkgs, ... }: { }":                   false,
	} {
		if got := diagnosis.IsError(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
