package tarball

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// compression is how a file is packed, as its first bytes tell; its name does not
// matter.
type compression int

const (
	plain compression = iota // a tar file, perhaps
	gzipped
	bzipped
	xzipped
	zstandard
	zipped
)

// bufferSize is that of reading archives and writing their content.
const bufferSize = 256 << 10

// maxWindow is how much memory a zstd file may ask for. What `zstd --ultra -22`
// writes needs 128 MiB.
const maxWindow = 128 << 20

// detect looks at the beginning of a file.
func detect(in *bufio.Reader) (compression, error) {
	start, err := in.Peek(6)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	begins := func(magic string) bool { return bytes.HasPrefix(start, []byte(magic)) }
	switch {
	case begins("\x1f\x8b"):
		return gzipped, nil
	case begins("BZh"):
		return bzipped, nil
	case begins("\xfd7zXZ\x00"):
		return xzipped, nil
	case begins("\x28\xb5\x2f\xfd"):
		return zstandard, nil
	case begins("PK\x03\x04"), begins("PK\x05\x06"):
		return zipped, nil
	case begins("LZIP"):
		return 0, &CompressionError{"lzip"}
	case begins("\x1f\x9d"):
		return 0, &CompressionError{"compress"}
	case begins("\x04\x22\x4d\x18"):
		return 0, &CompressionError{"lz4"}
	case begins("\x5d\x00\x00"):
		return 0, &CompressionError{"lzma"}
	}
	return plain, nil
}

// decompress returns the content of a file, and what ends the work.
func decompress(in io.Reader, kind compression) (io.Reader, func(), error) {
	nothing := func() {}
	switch kind {
	case gzipped:
		r, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, readError(err, "gzip")
		}
		return r, nothing, nil
	case bzipped:
		return bzip2.NewReader(in), nothing, nil
	case xzipped:
		r, err := xz.NewReader(in)
		if err != nil {
			return nil, nil, readError(err, "xz")
		}
		return r, nothing, nil
	case zstandard:
		r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, readError(err, "zstd")
		}
		return r, r.Close, nil
	}
	return in, nothing, nil
}
