package daemon

import (
	"context"
	"io"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// AddOptions says how paths are added. Both are for trusted users.
type AddOptions struct {
	Repair        bool // put it in place of what is there
	DontCheckSigs bool // believe it without a signature
}

// AddToStore adds data to the store under the path that its content gives it,
// and returns what is known of it. Method and algorithm say how: for
// [store.Recursive] data is an archive (NAR), otherwise a file's bytes.
// references are what the content refers to.
func (c *Conn) AddToStore(ctx context.Context, name string, method store.Method, algorithm store.Algorithm, references []store.Path, data io.Reader) (info *store.PathInfo, err error) {
	err = c.upload(ctx, wire.AddToStore, func(w *wire.Writer) {
		w.Text(name)
		w.Text(methodText(method) + string(algorithm))
		w.Paths(references)
		w.Bool(false) // repair
	}, copyFrom(data), func(r *wire.Reader) {
		info = r.PathInfo(c.dir, r.Path(c.dir))
	})
	return info, err
}

// methodText is how the operation spells a method, before the algorithm.
func methodText(m store.Method) string {
	switch m {
	case store.Text:
		return "text:"
	case store.Recursive:
		return "fixed:r:"
	case store.Git:
		return "fixed:git:"
	}
	return "fixed:"
}

// AddToStoreNar adds the path of info, whose content is the archive nar. Its
// references must be valid. Users that are not trusted need a signature by a key
// that the daemon trusts, or a content address; otherwise the error is of
// [KindUnsigned].
//
// When nar fails, or ctx ends, the connection is closed and nothing is added.
func (c *Conn) AddToStoreNar(ctx context.Context, info *store.PathInfo, nar io.Reader, options AddOptions) error {
	return c.upload(ctx, wire.AddToStoreNar, func(w *wire.Writer) {
		w.Text(string(info.Path))
		w.PathInfo(info)
		w.Bool(options.Repair)
		w.Bool(options.DontCheckSigs)
	}, copyFrom(nar), nil)
}

// Source is a store object to add.
type Source struct {
	Info *store.PathInfo
	// Open opens its archive; it is closed when it was read.
	Open func() (io.ReadCloser, error)
}

// AddMultipleToStore adds many store objects in one stream. Each must come after
// those that it refers to. Those that were added before an error stay.
func (c *Conn) AddMultipleToStore(ctx context.Context, sources []Source, options AddOptions) error {
	return c.upload(ctx, wire.AddMultipleToStore, func(w *wire.Writer) {
		w.Bool(options.Repair)
		w.Bool(options.DontCheckSigs)
	}, func(out io.Writer) error {
		w := wire.NewWriter(out)
		w.Uint(uint64(len(sources)))
		for _, source := range sources {
			w.Text(string(source.Info.Path))
			w.PathInfo(source.Info)
			if err := source.copy(w); err != nil {
				return err
			}
		}
		return w.Flush()
	}, nil)
}

func (s Source) copy(w io.Writer) error {
	nar, err := s.Open()
	if err != nil {
		return err
	}
	defer nar.Close()
	_, err = io.Copy(w, nar)
	return err
}

// AddSignatures adds signatures, of the form NAME:BASE64, to a valid path.
func (c *Conn) AddSignatures(ctx context.Context, p store.Path, signatures []string) error {
	return c.call(ctx, wire.AddSignatures, func(w *wire.Writer) {
		w.Text(string(p))
		w.Texts(signatures)
	}, readAck)
}

// AddBuildLog keeps the log of a derivation's build, for trusted users.
func (c *Conn) AddBuildLog(ctx context.Context, drv store.Path, log io.Reader) error {
	return c.upload(ctx, wire.AddBuildLog, func(w *wire.Writer) { w.Text(drv.Base()) }, copyFrom(log), readAck)
}

func copyFrom(r io.Reader) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	}
}
