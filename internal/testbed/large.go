package testbed

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"luminousnix/nix/daemon"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// Fill adds store objects of one small file each through the daemon: one whose
// closure has so many paths, and others that nothing refers to, to a total of
// count. It returns the one, which refers to all of its closure; the others of
// it refer to a few of those made before them.
func (n *Nix) Fill(ctx context.Context, count, closure int) (store.Path, error) {
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: n.Socket, StoreDir: store.Dir(n.StoreDir)})
	if err != nil {
		return "", fmt.Errorf("testbed: %w", err)
	}
	defer conn.Close()
	sources := make([]daemon.Source, 0, count)
	members := make([]store.Path, 0, closure)
	for i := range count {
		var references []store.Path
		switch {
		case i == closure-1:
			references = members
		case i < closure:
			references = earlier(members, i)
		}
		source, err := n.object(i, references)
		if err != nil {
			return "", fmt.Errorf("testbed: %w", err)
		}
		sources = append(sources, source)
		if i < closure {
			members = append(members, source.Info.Path)
		}
	}
	if err := conn.AddMultipleToStore(ctx, sources, daemon.AddOptions{DontCheckSigs: true}); err != nil {
		return "", fmt.Errorf("testbed: %w", err)
	}
	return members[closure-1], nil
}

// FillMore adds so many objects, numbered from first on, that nothing refers to, and
// one that refers to all of them and to others that are there already, which it
// returns.
func (n *Nix) FillMore(ctx context.Context, first, count int, others []store.Path) (store.Path, error) {
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: n.Socket, StoreDir: store.Dir(n.StoreDir)})
	if err != nil {
		return "", fmt.Errorf("testbed: %w", err)
	}
	defer conn.Close()
	var sources []daemon.Source
	references := others
	for i := first; i <= first+count; i++ {
		var refers []store.Path
		if i == first+count {
			refers = references
		}
		source, err := n.object(i, refers)
		if err != nil {
			return "", fmt.Errorf("testbed: %w", err)
		}
		sources = append(sources, source)
		references = append(references, source.Info.Path)
	}
	if err := conn.AddMultipleToStore(ctx, sources, daemon.AddOptions{DontCheckSigs: true}); err != nil {
		return "", fmt.Errorf("testbed: %w", err)
	}
	return sources[count].Info.Path, nil
}

// earlier picks what member i refers to: five others, spread over all before it.
func earlier(members []store.Path, i int) []store.Path {
	var picked []store.Path
	seen := map[int]bool{}
	for k := range 5 {
		if at := (i*(k+3)*7919 + k*104729) % max(i, 1); at < i && !seen[at] {
			seen[at] = true
			picked = append(picked, members[at])
		}
	}
	return picked
}

// object makes a store object of one file of a few bytes.
func (n *Nix) object(i int, references []store.Path) (daemon.Source, error) {
	name := fmt.Sprintf("object%d-1.%d", i/4, i%4) // a package, and a version of it
	content := fmt.Appendf(nil, "object %d of a large store\n", i)
	var archive bytes.Buffer
	w := nar.NewWriter(&archive)
	if err := w.WriteHeader(&nar.Header{Type: nar.Regular, Size: int64(len(content))}); err != nil {
		return daemon.Source{}, err
	}
	if _, err := w.Write(content); err != nil {
		return daemon.Source{}, err
	}
	if err := w.Close(); err != nil {
		return daemon.Source{}, err
	}
	dir := store.Dir(n.StoreDir)
	path, err := dir.MakePath("output:out", store.Sum(store.SHA256, []byte(name)), name)
	if err != nil {
		return daemon.Source{}, err
	}
	data := archive.Bytes()
	return daemon.Source{
		Info: &store.PathInfo{
			Path: path, NarHash: store.Sum(store.SHA256, data), NarSize: int64(len(data)), References: references,
		},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}, nil
}
