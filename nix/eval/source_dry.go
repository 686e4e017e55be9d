package eval

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// DryStore computes the paths of what is added and writes nothing. The zero value
// is ready.
type DryStore struct {
	Directory store.Dir // store.DefaultDir if empty
	// Keep keeps derivations in memory, for Derivation to return.
	Keep bool

	mu          sync.Mutex
	references  map[store.Path][]store.Path // of texts and derivations
	outputs     map[store.Path]map[string]derivation.Output
	derivations map[store.Path]*derivation.Derivation // if they are kept
}

// NotRealisedError means that an evaluation needs the content of a store path
// that is not there: what Nix calls import from derivation.
type NotRealisedError struct {
	Element ContextElement
}

func (e *NotRealisedError) Error() string {
	return fmt.Sprintf("cannot build '%s' during evaluation", e.Element.Path())
}

// Dir implements Store.
func (s *DryStore) Dir() store.Dir {
	if s.Directory == "" {
		return store.DefaultDir
	}
	return s.Directory
}

// AddText implements Store.
func (s *DryStore) AddText(_ context.Context, name string, text []byte, references []store.Path) (store.Path, error) {
	p, err := s.Dir().TextPath(name, store.Sum(store.SHA256, text), references)
	if err != nil || len(references) == 0 {
		return p, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refer(p, references)
	return p, nil
}

// refer remembers references. The caller holds the lock.
func (s *DryStore) refer(p store.Path, references []store.Path) {
	if s.references == nil {
		s.references = make(map[store.Path][]store.Path)
	}
	s.references[p] = references
}

// AddSource implements Store.
func (s *DryStore) AddSource(_ context.Context, name string, dump func(io.Writer) error) (store.Path, error) {
	h := store.SHA256.New()
	if err := dump(h); err != nil {
		return "", err
	}
	narHash, err := store.NewHash(store.SHA256, h.Sum(nil))
	if err != nil {
		return "", err
	}
	return s.Dir().SourcePath(name, narHash, store.References{})
}

// AddFile implements Store.
func (s *DryStore) AddFile(_ context.Context, name string, content []byte) (store.Path, error) {
	ca := store.ContentAddress{Method: store.Flat, Hash: store.Sum(store.SHA256, content)}
	return s.Dir().FixedOutputPath(name, ca, store.References{})
}

// AddDerivation implements Store.
func (s *DryStore) AddDerivation(_ context.Context, d *derivation.Derivation) (store.Path, error) {
	p, err := d.Path(s.Dir())
	if err != nil {
		return "", err
	}
	references := d.References()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refer(p, references)
	if s.outputs == nil {
		s.outputs = make(map[store.Path]map[string]derivation.Output)
	}
	s.outputs[p] = d.Outputs
	if s.Keep {
		if s.derivations == nil {
			s.derivations = make(map[store.Path]*derivation.Derivation)
		}
		s.derivations[p] = d
	}
	return p, nil
}

// Outputs implements Store.
func (s *DryStore) Outputs(ctx context.Context, p store.Path) (map[string]derivation.Output, error) {
	s.mu.Lock()
	outputs := s.outputs[p]
	s.mu.Unlock()
	if outputs != nil {
		return outputs, nil
	}
	d, err := s.Derivation(ctx, p)
	if err != nil {
		return nil, err
	}
	return d.Outputs, nil
}

// Derivation implements Store. What is not kept is read from the directory.
func (s *DryStore) Derivation(ctx context.Context, p store.Path) (*derivation.Derivation, error) {
	s.mu.Lock()
	d := s.derivations[p]
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	return derivation.FromStore(s.Dir())(ctx, p)
}

// References implements Store.
func (s *DryStore) References(_ context.Context, p store.Path) ([]store.Path, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.references[p], nil
}

// IsValid implements Store: what is in the directory counts as valid.
func (s *DryStore) IsValid(_ context.Context, p store.Path) (bool, error) {
	_, err := os.Lstat(string(p))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Realise implements Store: it fails for what would have to be built.
func (s *DryStore) Realise(_ context.Context, c Context) error {
	for _, e := range c {
		if e.Output() != "" {
			return &NotRealisedError{e}
		}
	}
	return nil
}
