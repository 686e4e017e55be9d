package cachedir

import (
	"compress/bzip2"
	"compress/gzip"
	"io"

	"github.com/klauspost/compress/zstd"

	"luminousnix/nix/narinfo"
)

// maxWindow is the memory that a zstd stream may ask of its reader: as much as
// the highest level of the zstd program does.
const maxWindow = 128 << 20

// suffix is what the name of an archive ends in after .nar. It is Nix's, but for
// gzip, to which Nix gives none.
func suffix(c narinfo.Compression) string {
	switch c {
	case narinfo.Zstd:
		return ".zst"
	case narinfo.Gzip:
		return ".gz"
	}
	return ""
}

// compressor returns a writer that compresses to w. To close it does not close w.
func compressor(c narinfo.Compression, w io.Writer) (io.WriteCloser, error) {
	switch c {
	case narinfo.None:
		return nopCloser{w}, nil
	case narinfo.Zstd:
		// One goroutine: the stream then is always the same for the same archive.
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	case narinfo.Gzip:
		return gzip.NewWriter(w), nil
	}
	return nil, &CompressionError{c}
}

// decompressor returns a reader of what is compressed in r.
func decompressor(c narinfo.Compression, r io.Reader) (io.ReadCloser, error) {
	switch c {
	case narinfo.None:
		return io.NopCloser(r), nil
	case narinfo.Zstd:
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	case narinfo.Gzip:
		return gzip.NewReader(r)
	case narinfo.BZip2:
		return io.NopCloser(bzip2.NewReader(r)), nil
	}
	return nil, &CompressionError{c}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
