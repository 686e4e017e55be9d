package wire_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

const dir = store.DefaultDir

// written is what write puts on the wire.
func written(write func(*wire.Writer)) []byte {
	var b bytes.Buffer
	w := wire.NewWriter(&b)
	write(w)
	w.Flush()
	return b.Bytes()
}

// TestPrimitives compares with bytes written by hand from the protocol's rules.
func TestPrimitives(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		write func(*wire.Writer)
		want  string
	}{
		"number":   {func(w *wire.Writer) { w.Uint(0x0102030405060708) }, "0807060504030201"},
		"true":     {func(w *wire.Writer) { w.Bool(true) }, "0100000000000000"},
		"empty":    {func(w *wire.Writer) { w.Text("") }, "0000000000000000"},
		"padded":   {func(w *wire.Writer) { w.Text("abc") }, "03000000000000006162630000000000"},
		"unpadded": {func(w *wire.Writer) { w.Text("abcdefgh") }, "08000000000000006162636465666768"},
		"list":     {func(w *wire.Writer) { w.Texts([]string{"a"}) }, "010000000000000001000000000000006100000000000000"},
		"map": {
			func(w *wire.Writer) { w.Map(map[string]string{"b": "", "a": ""}) },
			"0200000000000000" + "01000000000000006100000000000000" + "0000000000000000" +
				"01000000000000006200000000000000" + "0000000000000000",
		},
		"frames": {func(w *wire.Writer) {
			f := wire.NewFrameWriter(w)
			io.WriteString(f, "abc")
			f.Close()
		}, "0300000000000000" + "616263" + "0000000000000000"},
	} {
		if diff := cmp.Diff(test.want, hex.EncodeToString(written(test.write))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestRefused: what is wrong is a SyntaxError, what ends too early is not.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent string
		read func(*wire.Reader)
		why  string
	}{
		"huge":       {"0000000000010000", func(r *wire.Reader) { r.Text() }, "a string of 1099511627776 bytes"},
		"padding":    {"01000000000000006101000000000000", func(r *wire.Reader) { r.Text() }, "padding that is not zero"},
		"too large":  {"ffffffffffffffff", func(r *wire.Reader) { r.Int() }, "the number 18446744073709551615 is too large"},
		"no path":    {"01000000000000006100000000000000", func(r *wire.Reader) { r.Path(dir) }, `"a" is not a store path: it is not in the store directory /nix/store`},
		"no address": {"01000000000000006100000000000000", func(r *wire.Reader) { r.ContentAddress() }, ""},
	} {
		sent, err := hex.DecodeString(test.sent)
		if err != nil {
			t.Fatal(err)
		}
		r := wire.NewReader(bytes.NewReader(sent))
		test.read(r)
		var wrong *wire.SyntaxError
		if !errors.As(r.Err(), &wrong) || test.why != "" && wrong.Why != test.why {
			t.Errorf("%s: %v, want %s", name, r.Err(), test.why)
		}
	}
	whole := written(func(w *wire.Writer) { w.Texts([]string{"one", "two"}) })
	for n := range whole {
		r := wire.NewReader(iotest.OneByteReader(bytes.NewReader(whole[:n])))
		r.Texts()
		if err := r.Err(); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

// TestMemory: a length is not believed before its bytes are there. It does not
// run beside other tests, whose memory would count.
func TestMemory(t *testing.T) {
	sent := written(func(w *wire.Writer) { w.Uint(60 << 20) })
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := wire.NewReader(bytes.NewReader(sent))
	r.Text()
	runtime.ReadMemStats(&after)
	if err := r.Err(); !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
		t.Errorf("%d bytes taken for a string that is not there", took)
	}
}

func drawPath(t *rapid.T, label string) store.Path {
	hash := rapid.StringMatching(`[0-9abcdf-np-sv-z]{32}`).Draw(t, label+" hash")
	name := rapid.StringMatching(`[a-z0-9+_?=][a-z0-9+._?=-]{0,20}`).Draw(t, label+" name")
	p, err := dir.Parse(string(dir) + "/" + hash + "-" + name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func drawPaths(t *rapid.T, label string) []store.Path {
	var paths []store.Path
	for range rapid.IntRange(0, 4).Draw(t, label) {
		paths = append(paths, drawPath(t, label))
	}
	return paths
}

var equal = []cmp.Option{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b store.Hash) bool { return a == b }),
	cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }),
}

// TestPathInfo: what is written is read again.
func TestPathInfo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		info := &store.PathInfo{
			Path:       drawPath(t, "path"),
			NarHash:    store.Sum(store.SHA256, rapid.SliceOf(rapid.Byte()).Draw(t, "content")),
			NarSize:    rapid.Int64Range(0, 1<<62).Draw(t, "size"),
			References: drawPaths(t, "references"),
			Ultimate:   rapid.Bool().Draw(t, "ultimate"),
			Signatures: rapid.SliceOfN(rapid.String(), 0, 3).Draw(t, "signatures"),
		}
		if rapid.Bool().Draw(t, "derived") {
			info.Deriver = drawPath(t, "deriver")
		}
		if rapid.Bool().Draw(t, "registered") {
			info.Registered = time.Unix(rapid.Int64Range(1, 1<<33).Draw(t, "time"), 0)
		}
		if rapid.Bool().Draw(t, "addressed") {
			info.ContentAddress = store.ContentAddress{Method: store.Recursive, Hash: info.NarHash}
		}
		r := wire.NewReader(bytes.NewReader(written(func(w *wire.Writer) { w.PathInfo(info) })))
		got := r.PathInfo(dir, info.Path)
		if diff := cmp.Diff(info, got, equal...); r.Err() != nil || diff != "" {
			t.Fatalf("%v\n%s", r.Err(), diff)
		}
	})
}

// TestBasicDerivation: what is written is read again.
func TestBasicDerivation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := &derivation.Derivation{
			Name: "x",
			Outputs: map[string]derivation.Output{
				"out":   {Path: drawPath(t, "out")},
				"float": {Method: store.Recursive, Algorithm: store.SHA256},
			},
			InputSources: drawPaths(t, "sources"),
			System:       rapid.String().Draw(t, "system"),
			Builder:      rapid.String().Draw(t, "builder"),
			Args:         rapid.SliceOf(rapid.String()).Draw(t, "args"),
			Env:          rapid.MapOf(rapid.String(), rapid.String()).Draw(t, "env"),
		}
		r := wire.NewReader(bytes.NewReader(written(func(w *wire.Writer) { w.BasicDerivation(d) })))
		got := r.BasicDerivation(dir, d.Name)
		if diff := cmp.Diff(d, got, equal...); r.Err() != nil || diff != "" {
			t.Fatalf("%v\n%s", r.Err(), diff)
		}
	})
}

// TestFrames: a stream in any pieces comes out whole, and what follows it too.
func TestFrames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SliceOfN(rapid.Byte(), 0, 1<<17)).Draw(t, "pieces")
		sent := written(func(w *wire.Writer) {
			f := wire.NewFrameWriter(w)
			for _, piece := range pieces {
				f.Write(piece)
			}
			f.Close()
			w.Text("after")
		})
		r := wire.NewReader(bytes.NewReader(sent))
		got, err := io.ReadAll(wire.NewFrameReader(r))
		if err != nil || !bytes.Equal(got, bytes.Join(pieces, nil)) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if after := r.Text(); after != "after" {
			t.Fatalf("%q follows, %v", after, r.Err())
		}
	})
}

// FuzzRecords reads random bytes as every record: an error or a value that is
// written as it was read, and never a panic.
func FuzzRecords(f *testing.F) {
	info := &store.PathInfo{NarHash: store.Sum(store.SHA256, nil), Signatures: []string{"a:b"}}
	f.Add(written(func(w *wire.Writer) { w.PathInfo(info) }))
	f.Add(written(func(w *wire.Writer) { w.BasicDerivation(&derivation.Derivation{Env: map[string]string{"a": "b"}}) }))
	f.Add(written(func(w *wire.Writer) { w.Texts([]string{strings.Repeat("x", 100)}) }))
	f.Fuzz(func(t *testing.T, sent []byte) {
		r := wire.NewReader(bytes.NewReader(sent))
		if info := r.PathInfo(dir, ""); r.Err() == nil {
			again := wire.NewReader(bytes.NewReader(written(func(w *wire.Writer) { w.PathInfo(info) })))
			if diff := cmp.Diff(info, again.PathInfo(dir, ""), equal...); diff != "" {
				t.Error(diff)
			}
		}
		r = wire.NewReader(bytes.NewReader(sent))
		if d := r.BasicDerivation(dir, "x"); r.Err() == nil {
			again := wire.NewReader(bytes.NewReader(written(func(w *wire.Writer) { w.BasicDerivation(d) })))
			if diff := cmp.Diff(d, again.BasicDerivation(dir, "x"), equal...); diff != "" {
				t.Error(diff)
			}
		}
		io.Copy(io.Discard, wire.NewFrameReader(wire.NewReader(bytes.NewReader(sent))))
		r = wire.NewReader(bytes.NewReader(sent))
		r.Map()
	})
}
