package channel

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// The names in and of an environment.
const (
	manifestName    = "manifest.nix"
	manifestPath    = "env-manifest.nix"
	environmentPath = "user-environment"
)

// AddEnvironment adds the environment of these channels to the store: a link for each,
// by its name, and the manifest that nix-env reads.
func AddEnvironment(ctx context.Context, s Store, channels []Unpacked) (store.Path, error) {
	channels = slices.SortedFunc(slices.Values(channels), func(a, b Unpacked) int { return cmp.Compare(a.Name, b.Name) })
	var paths []store.Path
	for _, c := range channels {
		paths = append(paths, c.Path)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	listed, err := s.AddToStore(ctx, manifestPath, store.Text, store.SHA256, paths, strings.NewReader(manifestOf(channels)))
	if err != nil {
		return "", err
	}
	archive, err := linksOf(channels, listed.Path)
	if err != nil {
		return "", err
	}
	references := append(paths, listed.Path)
	slices.Sort(references)
	made, err := s.AddToStore(ctx, environmentPath, store.Recursive, store.SHA256, references, bytes.NewReader(archive))
	if err != nil {
		return "", err
	}
	return made.Path, nil
}

// manifestOf lists channels as nix-env lists what it has installed. Neither names nor
// store paths have characters that would have to be escaped.
func manifestOf(channels []Unpacked) string {
	var b strings.Builder
	b.WriteString("[ ")
	for _, c := range channels {
		fmt.Fprintf(&b, `{ meta = { }; name = "%s"; out = { outPath = "%s"; }; outPath = "%s"; outputs = [ "out" ]; system = "builtin"; type = "derivation"; } `,
			c.pathName(), c.Path, c.Path)
	}
	b.WriteString("]")
	return b.String()
}

func linksOf(channels []Unpacked, listed store.Path) ([]byte, error) {
	links := []nar.Header{{Path: manifestName, Type: nar.Symlink, Target: string(listed)}}
	for _, c := range channels {
		links = append(links, nar.Header{Path: c.Name, Type: nar.Symlink, Target: string(c.Path) + "/" + c.Name})
	}
	slices.SortFunc(links, func(a, b nar.Header) int { return cmp.Compare(a.Path, b.Path) })
	var out bytes.Buffer
	archive := nar.NewWriter(&out)
	if err := archive.WriteHeader(&nar.Header{Type: nar.Directory}); err != nil {
		return nil, err
	}
	for i := range links {
		if err := archive.WriteHeader(&links[i]); err != nil {
			return nil, err
		}
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
