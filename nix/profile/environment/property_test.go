package environment_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile/environment"
	"luminousnix/nix/store"
)

// shelf is a set of random packages that are linked together.
type shelf struct {
	packs      []pack
	priorities []int
}

func names() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"a", "b", "share", "lib", "info", "dir", "log", ".hidden", "nix-support", "manifest.json", "é x", "a.b", "B"})
}

// shelves makes two to four packages that often have the same files and links to
// each other.
func shelves() *rapid.Generator[shelf] {
	return rapid.Custom(func(t *rapid.T) shelf {
		var s shelf
		for i := range rapid.IntRange(2, 4).Draw(t, "packages") {
			p := pack{fmt.Sprintf("pack%d", i), files{"/": "/"}}
			fill(t, p.files, "", i, rapid.IntRange(1, 3).Draw(t, "depth"))
			if i > 0 && rapid.IntRange(0, 3).Draw(t, "propagates") == 0 {
				propagate(t, p.files, i)
			}
			s.packs = append(s.packs, p)
			s.priorities = append(s.priorities, rapid.IntRange(1, 3).Draw(t, "priority"))
		}
		return s
	})
}

// fill puts random entries into the directory at prefix.
func fill(t *rapid.T, f files, prefix string, earlier, depth int) {
	for _, name := range rapid.SliceOfNDistinct(names(), 1, 4, rapid.ID).Draw(t, "names") {
		path := prefix + name
		switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case kind < 6 && depth > 0:
			f[path] = "/"
			fill(t, f, path+"/", earlier, depth-1)
		case kind == 6:
			f[path] = "-> " + linkTarget(t, earlier)
		default:
			f[path] = "content"
		}
	}
}

func linkTarget(t *rapid.T, earlier int) string {
	below := strings.Join(rapid.SliceOfN(names(), 0, 2).Draw(t, "below"), "/")
	if earlier > 0 && rapid.Bool().Draw(t, "other") {
		return fmt.Sprintf("{%d}/%s", rapid.IntRange(0, earlier-1).Draw(t, "package"), below)
	}
	return "./" + below + "x"
}

func propagate(t *rapid.T, f files, earlier int) {
	for name := range f {
		if name == "nix-support" || strings.HasPrefix(name, "nix-support/") {
			delete(f, name)
		}
	}
	var list []string
	for _, i := range rapid.SliceOfN(rapid.IntRange(0, earlier-1), 1, 3).Draw(t, "propagated") {
		list = append(list, fmt.Sprintf("{%d}", i))
	}
	f["nix-support/propagated-user-env-packages"] = strings.Join(list, " \n")
}

// TestLinkProperty compares the trees of random packages with those of Nix's
// own builder of environments, for which one run of Nix makes many.
func TestLinkProperty(t *testing.T) {
	t.Parallel()
	release, err := testbed.Installed()
	if err != nil {
		t.Fatal(err)
	}
	compareShelves(t, newBed(t, release), 0)
}

func TestRealNixLinkProperty(t *testing.T) {
	t.Parallel()
	for i, release := range testbed.AllReleases(t)[1:] {
		t.Run(release.Name, func(t *testing.T) { compareShelves(t, newBed(t, release), i+1) })
	}
}

// TestLinkLong does the same for thousands.
func TestLinkLong(t *testing.T) {
	if os.Getenv("LUMINOUS_NIX_LONG") == "" {
		t.Skip("LUMINOUS_NIX_LONG is not set")
	}
	for i, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			b := newBed(t, release)
			for seed := range 25 {
				compareShelves(t, b, 100+25*i+seed)
			}
		})
	}
}

func compareShelves(t *testing.T, b *bed, batch int) {
	t.Helper()
	const count = 60
	cases := make([]shelf, count)
	for i := range cases {
		cases[i] = shelves().Example(batch*count + i)
	}
	paths := addShelves(t, b, batch, cases)
	outs := buildShelves(b, cases, paths)
	failed := 0
	for i, s := range cases {
		var packages []environment.Package
		for n, path := range paths[i] {
			packages = append(packages, environment.Package{Path: path, Priority: s.priorities[n]})
		}
		tree, err := environment.Link(t.Context(), packages)
		var conflict *environment.ConflictError
		var kind *environment.KindError
		if err != nil && !errors.As(err, &conflict) && !errors.As(err, &kind) && !errors.Is(err, syscall.ELOOP) {
			t.Errorf("case %d of batch %d: %v", i, batch, err)
		}
		if (err == nil) != (outs[i] != "") {
			t.Errorf("case %d of batch %d: we have %v, Nix has %q: %+v", i, batch, err, outs[i], s)
			continue
		}
		if err != nil {
			failed++
			continue
		}
		want, got := map[string]string{}, map[string]string{}
		walk(t, want, outs[i])
		flatten(got, "", tree.Root)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("case %d of batch %d (-Nix +we): %+v\n%s", i, batch, s, diff)
		}
	}
	t.Logf("%d trees equal, %d conflicts", count-failed, failed)
}

// addShelves adds the first packages of all cases at once, then the second ones,
// which may refer to the first, and so on.
func addShelves(t *testing.T, b *bed, batch int, cases []shelf) [][]store.Path {
	t.Helper()
	paths := make([][]store.Path, len(cases))
	for round := range 4 {
		args := []string{"--add"}
		var owners []int
		for i, s := range cases {
			if round < len(s.packs) {
				source := filepath.Join(t.TempDir(), fmt.Sprintf("b%d-c%d-%s", batch, i, s.packs[round].name))
				s.packs[round].write(t, source, paths[i])
				args = append(args, source)
				owners = append(owners, i)
			}
		}
		for n, line := range strings.Fields(b.run("nix-store", args...)) {
			paths[owners[n]] = append(paths[owners[n]], b.parse(line))
		}
	}
	return paths
}

// buildShelves returns the environments that Nix makes, "" where it fails.
func buildShelves(b *bed, cases []shelf, paths [][]store.Path) []string {
	b.t.Helper()
	var expression strings.Builder
	expression.WriteString("let env = name: derivations: derivation { inherit name derivations; system = \"builtin\";\n" +
		"builder = \"builtin:buildenv\"; manifest = builtins.toFile \"env-manifest.nix\" \"[ ]\"; }; in [\n")
	for i, s := range cases {
		fmt.Fprintf(&expression, "(env \"case-%d\" [", i)
		for n, path := range paths[i] {
			fmt.Fprintf(&expression, " \"true\" %d 1 \"%s\"", s.priorities[n], path)
		}
		expression.WriteString(" ])\n")
	}
	expression.WriteString("]")
	file := filepath.Join(b.t.TempDir(), "environments.nix")
	if err := os.WriteFile(file, []byte(expression.String()), 0o644); err != nil {
		b.t.Fatal(err)
	}
	drvs := strings.Fields(b.run("nix-instantiate", file))
	outs := strings.Fields(b.run("nix-store", append([]string{"--query", "--outputs"}, drvs...)...))
	if len(outs) != len(cases) {
		b.t.Fatalf("%d outputs", len(outs))
	}
	_, _, _ = b.try("nix-store", append([]string{"--realise", "--keep-going"}, drvs...)...)
	invalid := b.run("nix-store", append([]string{"--check-validity", "--print-invalid"}, outs...)...)
	for path := range strings.FieldsSeq(invalid) {
		for i := range outs {
			if outs[i] == path {
				outs[i] = ""
			}
		}
	}
	return outs
}

// walk lists what is below root: the targets of links, and "/" for directories.
func walk(t *testing.T, to map[string]string, root string) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimPrefix(path, root)
		if err != nil || name == "/manifest.nix" {
			return err
		}
		if entry.IsDir() {
			to[name] = "/"
			return nil
		}
		to[name], err = os.Readlink(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func flatten(to map[string]string, path string, n *environment.Node) {
	if !n.IsDir() {
		to[path] = n.Target
		return
	}
	to[path] = "/"
	for name, entry := range n.Entries {
		flatten(to, path+"/"+name, entry)
	}
}
