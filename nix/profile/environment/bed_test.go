package environment_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// files are the files of a package by path: the content of a regular file, a
// link's target after "-> ", or "/" for an empty directory. {0} stands for the
// store path of the first package, and so on.
type files map[string]string

// pack is a package that is not yet in a store.
type pack struct {
	name  string
	files files
}

// bed is a store with packages in it.
type bed struct {
	*testbed.Nix
	t   *testing.T
	dir store.Dir
}

func newBed(t *testing.T, r testbed.Release) *bed {
	t.Helper()
	nix := testbed.NewWith(t, testbed.Options{Release: r})
	return &bed{Nix: nix, t: t, dir: store.Dir(nix.StoreDir)}
}

// try runs a command of Nix and returns its two outputs.
func (b *bed) try(name string, args ...string) (stdout, stderr string, err error) {
	cmd := b.Command(context.WithoutCancel(b.t.Context()), name, args...)
	var out, warnings bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &warnings
	err = cmd.Run()
	return strings.TrimSpace(out.String()), warnings.String(), err
}

func (b *bed) run(name string, args ...string) string {
	b.t.Helper()
	stdout, stderr, err := b.try(name, args...)
	if err != nil {
		b.t.Fatalf("%s %q: %v\n%s", name, args, err, stderr)
	}
	return stdout
}

func (b *bed) parse(text string) store.Path {
	b.t.Helper()
	path, err := b.dir.Parse(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return path
}

// add adds the packages to the store, each of which may refer to earlier ones.
func (b *bed) add(packs []pack) []store.Path {
	b.t.Helper()
	var paths []store.Path
	var waiting []string // sources that were not yet added: one call of Nix adds many
	flush := func() {
		b.t.Helper()
		if len(waiting) == 0 {
			return
		}
		for path := range strings.FieldsSeq(b.run("nix-store", append([]string{"--add"}, waiting...)...)) {
			paths = append(paths, b.parse(path))
		}
		waiting = nil
	}
	for _, p := range packs {
		if p.refers() {
			flush()
		}
		source := filepath.Join(b.t.TempDir(), p.name)
		p.write(b.t, source, paths)
		waiting = append(waiting, source)
	}
	flush()
	return paths
}

func (p pack) refers() bool {
	for _, content := range p.files {
		if strings.Contains(content, "{") {
			return true
		}
	}
	return false
}

// write makes the files of p below source, which is a single file if p has one
// without a name.
func (p pack) write(t testing.TB, source string, earlier []store.Path) {
	t.Helper()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, single := p.files[""]; !single {
		check(os.MkdirAll(source, 0o755))
	}
	for name, content := range p.files {
		for i, path := range earlier {
			content = strings.ReplaceAll(content, fmt.Sprintf("{%d}", i), string(path))
		}
		file := filepath.Join(source, name)
		check(os.MkdirAll(filepath.Dir(file), 0o755))
		if target, link := strings.CutPrefix(content, "-> "); link {
			check(os.Symlink(target, file))
		} else if content == "/" {
			check(os.MkdirAll(file, 0o755))
		} else {
			check(os.WriteFile(file, []byte(content), 0o644))
		}
	}
}

// profile is a profile with no generation yet.
func (b *bed) profile(name string) string {
	return filepath.Join(b.StateDir, "profiles", name)
}

// current is the store path of a profile, "" if it has no generation.
func (b *bed) current(profile string) store.Path {
	b.t.Helper()
	target, err := filepath.EvalSymlinks(profile)
	if os.IsNotExist(err) {
		return ""
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return b.parse(target)
}

// format is the one that this Nix writes.
func (b *bed) format() manifest.Format {
	b.t.Helper()
	probe := b.add([]pack{{"probe", files{"file": "x"}}})[0]
	profile := b.profile("probe")
	b.run("nix", "profile", "install", "--profile", profile, string(probe))
	data, err := os.ReadFile(filepath.Join(profile, "manifest.json"))
	if err != nil {
		b.t.Fatal(err)
	}
	m, err := manifest.Parse(b.dir, data)
	if err != nil {
		b.t.Fatal(err)
	}
	return m.Format
}
