package eval

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"luminousnix/nix/store"
	"luminousnix/nix/tarball"
)

// HashMismatchError means that what was downloaded is not what the expression
// expects. nix-instantiate exits with status 102 then.
type HashMismatchError struct {
	URL       string
	Want, Got store.Hash
}

func (e *HashMismatchError) Error() string {
	return fmt.Sprintf("hash mismatch in file downloaded from '%s':\n  specified: %s\n  got:       %s",
		e.URL, prefixed(e.Want), prefixed(e.Got))
}

func prefixed(h store.Hash) string { return string(h.Algorithm()) + ":" + h.Nix32() }

// fetched returns the store path of what is at a URL. What is pinned by a hash
// and in the store already is taken from there; all else is downloaded, once for
// each evaluator.
func (w *worker) fetched(d download) (store.Path, error) {
	if !d.hash.IsZero() {
		p, err := w.store.Dir().FixedOutputPath(d.name, store.ContentAddress{Method: d.method, Hash: d.hash}, store.References{})
		if err != nil {
			return "", w.storeError(err, d.name)
		}
		valid, err := w.store.IsValid(w.ctx, p)
		if err != nil {
			return "", w.storeError(err, d.name)
		}
		if valid {
			return p, nil
		}
	}
	key := d
	key.named, key.isSet = false, false
	p, err := w.made.fetches.do(w.ctx, key, func() (store.Path, error) { return w.fetchNow(d) })
	var e *Error
	if err != nil && !errors.As(err, &e) {
		err = w.downloadError(err, d.builtin) // of waiting
	}
	return p, err
}

func (w *worker) fetchNow(d download) (store.Path, error) {
	got, err := w.inputs.Download(w.ctx, d.url)
	if err != nil {
		return "", w.downloadError(err, d.builtin)
	}
	if d.method == store.Flat {
		return w.addDownload(d, got)
	}
	return w.addTarball(d, got)
}

// addDownload adds a file as it is.
func (w *worker) addDownload(d download, got Download) (store.Path, error) {
	if err := w.checkHash(d, got.Hash); err != nil {
		return "", err
	}
	content, err := os.ReadFile(got.File)
	if err != nil {
		return "", w.downloadError(err, d.builtin)
	}
	p, err := w.store.AddFile(w.ctx, d.name, content)
	if err != nil {
		return "", w.storeError(err, d.name)
	}
	_, err = w.mount(p, mountedFile(got.File))
	return p, w.storeError(err, d.name)
}

// addTarball adds what is in an archive.
func (w *worker) addTarball(d download, got Download) (p store.Path, err error) {
	tree, err := tarball.Open(w.ctx, got.File, tarball.Options{})
	if err != nil {
		return "", w.downloadError(fmt.Errorf("cannot unpack '%s': %w", d.url, err), d.builtin)
	}
	used := false
	defer func() {
		if !used { // the store has it now, or it is not wanted
			tree.Close()
		}
	}()
	if !d.hash.IsZero() {
		hash, err := narHash(tree)
		if err == nil {
			err = w.checkHash(d, hash)
		}
		if err != nil {
			return "", w.storeError(err, d.name)
		}
	}
	if p, err = w.store.AddSource(w.ctx, d.name, tree.WriteNAR); err == nil {
		used, err = w.mount(p, tree)
	}
	return p, w.storeError(err, d.name)
}

func narHash(tree *tarball.Tree) (store.Hash, error) {
	h := store.SHA256.New()
	if err := tree.WriteNAR(h); err != nil {
		return store.Hash{}, err
	}
	return store.NewHash(store.SHA256, h.Sum(nil))
}

func (w *worker) checkHash(d download, got store.Hash) error {
	if d.hash.IsZero() || d.hash == got {
		return nil
	}
	cause := &HashMismatchError{d.url, d.hash, got}
	failure := w.fail(KindEval, noPos, "%v", cause)
	failure.cause = cause
	return failure
}

// downloadError gives an error of a download the form of others.
func (w *worker) downloadError(err error, builtin string) error {
	var unsupported *NotSupportedError
	var compression *tarball.CompressionError
	switch {
	case w.ctx.Err() != nil:
		failure := w.fail(KindInterrupted, noPos, "interrupted: %v", w.ctx.Err())
		failure.cause = w.ctx.Err()
		return failure
	case errors.As(err, &unsupported):
		return w.notSupported(builtin)
	case errors.As(err, &compression): // which Nix may know
		err = fmt.Errorf("%w: %w", &NotSupportedError{builtin}, err)
	}
	failure := w.fail(KindEval, noPos, "%v", err)
	failure.cause = err
	return failure
}

// resolveChannel returns the URL that channel:NAME stands for, and other URLs as
// they are.
func resolveChannel(url string) string {
	if name, ok := strings.CutPrefix(url, "channel:"); ok {
		return "https://channels.nixos.org/" + name + "/nixexprs.tar.xz"
	}
	return url
}

// onceEach remembers what was made for each key. Several goroutines that want the
// same wait for one of them. Errors are not remembered. The zero value is empty.
type onceEach[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]*onceEntry[V]
}

type onceEntry[V any] struct {
	turn  chan struct{} // has room for the one that makes it
	known bool
	value V
}

func (o *onceEach[K, V]) do(ctx context.Context, key K, makeValue func() (V, error)) (V, error) {
	o.mu.Lock()
	if o.entries == nil {
		o.entries = make(map[K]*onceEntry[V])
	}
	e := o.entries[key]
	if e == nil {
		e = &onceEntry[V]{turn: make(chan struct{}, 1)}
		o.entries[key] = e
	}
	o.mu.Unlock()

	var none V
	select {
	case e.turn <- struct{}{}:
	case <-ctx.Done():
		return none, ctx.Err()
	}
	defer func() { <-e.turn }()
	if e.known {
		return e.value, nil
	}
	value, err := makeValue()
	if err != nil {
		return none, err
	}
	e.value, e.known = value, true
	return value, nil
}
