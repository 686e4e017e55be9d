package evaluation

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"

	"luminousnix/internal/host"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// daemonStore puts what an evaluation makes into the store, through the daemon.
// What is added is kept by the connection's temporary roots. The DryStore knows of
// derivations what others are hashed by.
type daemonStore struct {
	*eval.DryStore
	mu      sync.Mutex // one request at a time
	conn    *daemon.Conn
	offline string // see [host.Host]
	// changed says that something was added or kept, or built.
	changed bool
}

func newDaemonStore(conn *daemon.Conn, h *host.Host) *daemonStore {
	return &daemonStore{DryStore: &eval.DryStore{Directory: h.StoreDir}, conn: conn, offline: h.Offline}
}

func (s *daemonStore) add(ctx context.Context, name string, method store.Method, references []store.Path, data io.Reader) (store.Path, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	info, err := s.conn.AddToStore(ctx, name, method, store.SHA256, references, data)
	if err != nil {
		return "", err
	}
	return info.Path, nil
}

// AddText implements eval.Store. What is there already is only kept.
func (s *daemonStore) AddText(ctx context.Context, name string, text []byte, references []store.Path) (store.Path, error) {
	p, err := s.DryStore.AddText(ctx, name, text, references)
	if err != nil {
		return "", err
	}
	if valid, err := s.keep(ctx, p); err != nil || valid {
		return p, err
	}
	return s.add(ctx, name, store.Text, references, strings.NewReader(string(text)))
}

// keep makes a path a temporary root and says whether it is valid.
func (s *daemonStore) keep(ctx context.Context, p store.Path) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	if err := s.conn.AddTempRoot(ctx, p); err != nil {
		return false, err
	}
	return s.conn.IsValidPath(ctx, p)
}

// AddSource implements eval.Store.
func (s *daemonStore) AddSource(ctx context.Context, name string, dump func(io.Writer) error) (store.Path, error) {
	p, err := s.DryStore.AddSource(ctx, name, dump)
	if err != nil {
		return "", err
	}
	if valid, err := s.keep(ctx, p); err != nil || valid {
		return p, err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(dump(w)) }()
	defer r.Close()
	return s.add(ctx, name, store.Recursive, nil, r)
}

// AddFile implements eval.Store.
func (s *daemonStore) AddFile(ctx context.Context, name string, content []byte) (store.Path, error) {
	return s.add(ctx, name, store.Flat, nil, strings.NewReader(string(content)))
}

// AddDerivation implements eval.Store.
func (s *daemonStore) AddDerivation(ctx context.Context, d *derivation.Derivation) (store.Path, error) {
	if _, err := s.DryStore.AddDerivation(ctx, d); err != nil {
		return "", err
	}
	text, err := d.MarshalText()
	if err != nil {
		return "", err
	}
	return s.AddText(ctx, d.Name+derivation.Extension, text, d.References())
}

// References implements eval.Store. What this evaluation has not made, the daemon
// knows.
func (s *daemonStore) References(ctx context.Context, p store.Path) ([]store.Path, error) {
	references, err := s.DryStore.References(ctx, p)
	if err != nil || len(references) > 0 {
		return references, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return referencesOf(ctx, s.conn, p)
}

// referencesOf asks the daemon. A path that is not valid refers to nothing.
func referencesOf(ctx context.Context, conn *daemon.Conn, p store.Path) ([]store.Path, error) {
	info, err := conn.PathInfo(ctx, p)
	var invalid *store.NotValidError
	switch {
	case errors.As(err, &invalid):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return info.References, nil
}

// IsValid implements eval.Store.
func (s *daemonStore) IsValid(ctx context.Context, p store.Path) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.IsValidPath(ctx, p)
}

// Realise implements eval.Store: it builds what an import from a derivation needs.
func (s *daemonStore) Realise(ctx context.Context, c eval.Context) error {
	var paths []daemon.DerivedPath
	for _, element := range c {
		if output := element.Output(); output != "" {
			paths = append(paths, daemon.Outputs(element.Path(), output))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = true
	if s.offline != "" {
		missing, err := s.conn.Missing(ctx, paths)
		if err != nil {
			return err
		}
		if err := WithinReach(ctx, s.offline, s.DryStore.Derivation, missing); err != nil {
			return err
		}
	}
	results, err := s.conn.Build(ctx, paths, daemon.BuildNormal)
	if err != nil {
		return err
	}
	for _, result := range results {
		if err := result.Err(); err != nil {
			return err
		}
	}
	return nil
}

// askingStore writes nothing, but asks the daemon what paths refer to: what may be
// read of the store depends on that. Where there is no daemon, they refer to nothing.
type askingStore struct {
	*eval.DryStore
	dial func(context.Context) (*daemon.Conn, error)

	mu   sync.Mutex
	conn *daemon.Conn
}

// References implements eval.Store.
func (s *askingStore) References(ctx context.Context, p store.Path) ([]store.Path, error) {
	references, err := s.DryStore.References(ctx, p)
	if err != nil || len(references) > 0 {
		return references, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		if s.conn, err = s.dial(ctx); err != nil {
			return nil, err
		}
	}
	return referencesOf(ctx, s.conn, p)
}

func (s *askingStore) close() {
	if s.conn != nil {
		s.conn.Close()
	}
}
