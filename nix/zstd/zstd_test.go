package zstd_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	encoder "github.com/klauspost/compress/zstd"

	"luminousnix/nix/zstd"
)

const window = 8 << 20

// contents are of all kinds: nothing, noise, text, what repeats far and near, one byte.
func contents() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var words, skewed bytes.Buffer
	for i := range 60_000 {
		words.WriteString([]string{"store ", "path ", "derivation ", "nix ", "closure\n"}[random.IntN(5)])
		if i%7 == 0 {
			words.WriteByte(byte(random.IntN(256)))
		}
		skewed.WriteByte(byte(random.ExpFloat64() * 9))
	}
	far := bytes.Repeat(noise[:200_000], 30)
	return map[string][]byte{
		"nothing": {}, "one": {7}, "zeros": make([]byte, 1<<20), "noise": noise, "words": words.Bytes(),
		"skewed": skewed.Bytes(), "far": far, "sentence": []byte("the quick brown fox jumps over the lazy dog"),
		"pairs": bytes.Repeat([]byte("ab"), 70_000), "mixed": append(append([]byte{}, noise[:1000]...), words.Bytes()...),
	}
}

func compress(t testing.TB, content []byte, options ...encoder.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := encoder.NewWriter(&b, append([]encoder.EOption{encoder.WithEncoderConcurrency(1)}, options...)...)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReader reads what another library has compressed, at all of its levels.
func TestReader(t *testing.T) {
	t.Parallel()
	for name, content := range contents() {
		for level := encoder.SpeedFastest; level <= encoder.SpeedBestCompression; level++ {
			for _, size := range []int{1 << 10, 64 << 10, window} {
				compressed := compress(t, content, encoder.WithEncoderLevel(level), encoder.WithWindowSize(size))
				got, err := io.ReadAll(zstd.NewReader(bytes.NewReader(compressed), window))
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("%s at level %v with a window of %d: %d of %d bytes, %v", name, level, size, len(got), len(content), err)
				}
			}
		}
		single := compressAll(t, content)
		if got, err := io.ReadAll(iotest.OneByteReader(zstd.NewReader(iotest.HalfReader(bytes.NewReader(single)), window))); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s in small pieces: %d of %d bytes, %v", name, len(got), len(content), err)
		}
	}
}

// compressAll writes the size of the content into the frame.
func compressAll(t testing.TB, content []byte) []byte {
	t.Helper()
	w, err := encoder.NewWriter(nil, encoder.WithSingleSegment(true), encoder.WithZeroFrames(true))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(content, nil)
}

func TestFrames(t *testing.T) {
	t.Parallel()
	skipped := "\x5a\x2a\x4d\x18\x03\x00\x00\x00xyz"
	text := skipped + string(compress(t, []byte("one, "))) + skipped + string(compressAll(t, []byte("two")))
	got, err := io.ReadAll(zstd.NewReader(strings.NewReader(text), window))
	if err != nil || string(got) != "one, two" {
		t.Errorf("%q, %v", got, err)
	}
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"no frame":           {"hello, world", zstd.ErrCorrupt},
		"a frame and more":   {text + "x", io.ErrUnexpectedEOF},
		"cut in a skipped":   {skipped[:len(skipped)-1], io.ErrUnexpectedEOF},
		"a dictionary":       {"\x28\xb5\x2f\xfd\x01\x00\x07", zstd.ErrUnsupported},
		"a reserved bit":     {"\x28\xb5\x2f\xfd\x08\x00", zstd.ErrUnsupported},
		"too large a window": {"\x28\xb5\x2f\xfd\x00\xff", zstd.ErrUnsupported},
	} {
		if _, err := io.ReadAll(zstd.NewReader(strings.NewReader(c.text), window)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestDamage cuts a file short at each byte, and changes each: that is an error, and never
// other content, since there is a checksum.
func TestDamage(t *testing.T) {
	t.Parallel()
	content := contents()["words"][:3000]
	whole := compress(t, content)
	for n := 1; n < len(whole); n++ {
		if _, err := io.ReadAll(zstd.NewReader(bytes.NewReader(whole[:n]), window)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d of %d bytes: %v", n, len(whole), err)
		}
		damaged := bytes.Clone(whole)
		damaged[n] ^= 1 << (n % 8)
		if got, err := io.ReadAll(zstd.NewReader(bytes.NewReader(damaged), window)); err == nil && !bytes.Equal(got, content) {
			t.Errorf("byte %d changed: %d bytes and no error", n, len(got))
		}
	}
}

// FuzzReader: whatever is read, it ends, does not panic, and is what the other library reads.
func FuzzReader(f *testing.F) {
	for _, content := range contents() {
		f.Add(compress(f, content[:min(len(content), 4000)]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const most = 4 << 20
		got, err := io.ReadAll(io.LimitReader(zstd.NewReader(bytes.NewReader(data), 1<<20), most))
		other, otherErr := encoder.NewReader(bytes.NewReader(data), encoder.WithDecoderConcurrency(1), encoder.WithDecoderMaxWindow(1<<20))
		if otherErr != nil {
			return
		}
		defer other.Close()
		want, otherErr := io.ReadAll(io.LimitReader(other, most))
		if err == nil && otherErr == nil && !bytes.Equal(got, want) {
			t.Errorf("%d bytes, want %d", len(got), len(want))
		}
	})
}

func BenchmarkReader(b *testing.B) {
	content := bytes.Repeat(contents()["words"], 20)
	data := compress(b, content)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		if _, err := io.Copy(io.Discard, zstd.NewReader(bytes.NewReader(data), window)); err != nil {
			b.Fatal(err)
		}
	}
}
