package daemontest

import (
	"crypto/sha256"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// addToStore adds content under the path that it gives itself.
func (c *connection) addToStore() error {
	name, method, references, repair := c.r.Text(), c.r.Text(), c.r.Paths(c.StoreDir), c.r.Bool()
	c.upload = wire.NewFrameReader(c.r)
	var info *store.PathInfo
	return c.work(func() (err error) {
		address, err := parseMethod(method)
		if err != nil {
			return err
		}
		info, err = c.addContent(name, address, references, c.upload, repair && c.trusted)
		return err
	}, func(w *wire.Writer) {
		w.Text(string(info.Path))
		w.PathInfo(info)
	})
}

// parseMethod parses such as fixed:r:sha256 to a content address without digest.
func parseMethod(text string) (address contentMethod, err error) {
	method, algorithm := store.Method(""), ""
	for _, prefix := range []struct {
		text   string
		method store.Method
	}{{"text:", store.Text}, {"fixed:r:", store.Recursive}, {"fixed:git:", store.Git}, {"fixed:", store.Flat}} {
		if rest, ok := strings.CutPrefix(text, prefix.text); ok && method == "" {
			method, algorithm = prefix.method, rest
		}
	}
	address = contentMethod{method: method}
	switch address.algorithm, err = store.ParseAlgorithm(algorithm); {
	case method == "":
		return address, fail("not a content address because it is not in the form '<prefix>:<rest>': %s", text)
	case err != nil:
		return address, fail("unknown hash algorithm '%s'", algorithm)
	case method == store.Git:
		return address, fail("experimental Nix feature '%s' is disabled", "git-hashing")
	case method == store.Text && address.algorithm != store.SHA256:
		return address, fail("text hashes must be sha256, not '%s'", algorithm)
	}
	return address, nil
}

type contentMethod struct {
	method    store.Method
	algorithm store.Algorithm
}

// addContent adds what data has, which is an archive for [store.Recursive].
func (c *connection) addContent(name string, method contentMethod, references []store.Path, data io.Reader, repair bool) (*store.PathInfo, error) {
	dir, err := os.MkdirTemp(c.scratch(), "add-")
	if err != nil {
		return nil, err
	}
	defer removeTree(dir)
	tree := filepath.Join(dir, "x")
	digest := method.algorithm.New()
	if err := receive(io.TeeReader(data, digest), tree, method.method == store.Recursive); err != nil {
		return nil, err
	}
	sum, err := store.NewHash(method.algorithm, digest.Sum(nil))
	if err != nil {
		return nil, err
	}
	info := &store.PathInfo{References: references, ContentAddress: store.ContentAddress{Method: method.method, Hash: sum}}
	if info.Path, err = c.StoreDir.PathFor(name, info.ContentAddress, store.References{Others: references}); err != nil {
		return nil, err
	}
	if info.NarHash, info.NarSize, err = nar.Hash(tree); err != nil {
		return nil, err
	}
	if err := c.moveIn(tree, info, repair); err != nil {
		return nil, err
	}
	return c.objects.info(info.Path), nil
}

// receive makes a tree of an archive or of a file's bytes.
func receive(r io.Reader, tree string, archive bool) error {
	if archive {
		return nar.Unpack(r, tree)
	}
	file, err := os.Create(tree)
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, r); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// moveIn moves a tree into the store and registers it, unless it is there.
func (c *connection) moveIn(tree string, info *store.PathInfo, repair bool) error {
	c.objects.tempRoot(c.id, info.Path)
	unlock, err := c.objects.lock(c.ctx, info.Path)
	if err != nil {
		return err
	}
	defer unlock()
	if c.objects.isValid(info.Path) && !repair {
		return nil
	}
	return c.objects.moveIn(tree, info)
}

// moveIn is the same for who holds the lock of the path.
func (o *objects) moveIn(tree string, info *store.PathInfo) error {
	if err := canonicalise(tree); err != nil {
		return err
	}
	if err := removeTree(string(info.Path)); err != nil {
		return err
	}
	if err := os.Rename(tree, string(info.Path)); err != nil {
		return err
	}
	if err := seal(string(info.Path)); err != nil {
		return err
	}
	if err := o.register(info); err != nil {
		removeTree(string(info.Path))
		return err
	}
	return nil
}

// addToStoreNar adds a path that the client describes.
func (c *connection) addToStoreNar() error {
	p := c.path()
	info := c.r.PathInfo(c.StoreDir, p)
	repair, dontCheck := c.r.Bool(), c.r.Bool()
	c.upload = wire.NewFrameReader(c.r)
	return c.work(func() error { return c.addNar(info, c.upload, repair, dontCheck) }, nil)
}

// addMultipleToStore adds many of them in one stream.
func (c *connection) addMultipleToStore() error {
	repair, dontCheck := c.r.Bool(), c.r.Bool()
	c.upload = wire.NewFrameReader(c.r)
	return c.work(func() error {
		stream := wire.NewReader(c.upload)
		for range stream.Items() {
			info := stream.PathInfo(c.StoreDir, stream.Path(c.StoreDir))
			if err := stream.Err(); err != nil {
				break
			}
			if err := c.addNar(info, stream, repair, dontCheck); err != nil {
				return err
			}
		}
		return stream.Err()
	}, nil)
}

// addNar reads an archive to its end and adds it, if it is what info says and if
// the client may.
func (c *connection) addNar(info *store.PathInfo, r io.Reader, repair, dontCheck bool) error {
	if !c.trusted {
		info.Ultimate, repair, dontCheck = false, false, false
	}
	if !dontCheck && !c.options.Unsigned && !c.vouched(info) {
		return fail("cannot add path '%s' because it lacks a signature by a trusted key", info.Path)
	}
	dir, err := os.MkdirTemp(c.scratch(), "add-")
	if err != nil {
		return err
	}
	defer removeTree(dir)
	tree := filepath.Join(dir, "x")
	source := &countingReader{r: r, digest: sha256.New()}
	if err := nar.Unpack(source, tree); err != nil {
		return err
	}
	if err := source.check(info); err != nil {
		return err
	}
	if err := c.checkAddress(tree, info); err != nil {
		return err
	}
	return c.moveIn(tree, info, repair)
}

// countingReader hashes and counts what is read.
type countingReader struct {
	r      io.Reader
	digest hash.Hash
	size   int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.digest.Write(p[:n])
	c.size += int64(n)
	return n, err
}

// check compares with what info says.
func (c *countingReader) check(info *store.PathInfo) error {
	got, err := store.NewHash(store.SHA256, c.digest.Sum(nil))
	if err != nil {
		return err
	}
	if got != info.NarHash {
		return fail("hash mismatch importing path '%s';\n  specified: %s\n  got:       %s", info.Path, info.NarHash, got)
	}
	if c.size != info.NarSize {
		return fail("size mismatch importing path '%s';\n  specified: %v\n  got:       %v", info.Path, info.NarSize, c.size)
	}
	return nil
}
