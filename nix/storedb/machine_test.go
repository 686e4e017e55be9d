package storedb_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// machine is a real Nix whose store has all kinds of roots and garbage.
type machine struct {
	*testbed.Nix
	dir    store.Dir
	making store.Path // a temporary root that is not valid yet
}

func newMachine(t *testing.T, release testbed.Release) *machine {
	t.Helper()
	nix := testbed.NewWith(t, testbed.Options{Release: release})
	m := &machine{Nix: nix, dir: store.Dir(nix.StoreDir)}
	for _, system := range []testbed.System{{Release: "25.05"}, {Packages: []string{"git"}}} {
		toplevel, err := nix.Build(t.Context(), system)
		if err != nil {
			t.Fatal(err)
		}
		if system.Release == "" {
			continue // garbage, but for what the other has too
		}
		if _, err := nix.AddGeneration(t.Context(), toplevel); err != nil {
			t.Fatal(err)
		}
	}
	m.addLinks(t)
	m.addFixed(t)
	m.addTemporary(t)
	m.addProcess(t)
	return m
}

// build builds a derivation with a few more attributes, and links it if link is
// not empty.
func (m *machine) build(t *testing.T, name, more, link string) store.Path {
	t.Helper()
	out := []string{"--no-out-link"}
	if link != "" {
		out = []string{"--out-link", link}
	}
	expression := `derivation { name = "` + name + `"; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin";
		args = [ "-c" "mkdir -p $out/bin; cp /bin/sleep $out/bin; echo $out $needs >$out/self" ]; ` + more + ` }`
	return m.path(t, m.ask(t, "nix-build", append(out, "--expr", expression)...)[0])
}

func (m *machine) path(t *testing.T, text string) store.Path {
	t.Helper()
	path, err := m.dir.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// ask runs one of the nix programs and returns the words it printed.
func (m *machine) ask(t *testing.T, name string, args ...string) []string {
	t.Helper()
	return strings.Fields(string(m.output(t, name, args...)))
}

func (m *machine) output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	out, err := m.Command(t.Context(), name, args...).Output()
	if err != nil {
		if exit, ok := err.(*exec.ExitError); ok {
			t.Logf("%s", exit.Stderr)
		}
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return out
}

func (m *machine) addLinks(t *testing.T) {
	t.Helper()
	roots := filepath.Join(m.StateDir, "gcroots")
	elsewhere := t.TempDir()
	kept := m.build(t, "kept", "", filepath.Join(elsewhere, "result")) // an indirect root
	inside := m.build(t, "inside", "", "")
	file := m.build(t, "file", "", "")
	far := m.build(t, "far", "", "")
	must(t, os.MkdirAll(filepath.Join(roots, "deep", "er"), 0o755))
	must(t, os.Symlink(string(inside)+"/bin/sleep", filepath.Join(roots, "deep", "er", "inside")))
	must(t, os.WriteFile(filepath.Join(roots, file.Base()), nil, 0o644))
	must(t, os.WriteFile(filepath.Join(roots, "00000000000000000000000000000000-not-valid"), nil, 0o644))
	must(t, os.Symlink(m.StoreDir+"/00000000000000000000000000000000-not-valid", filepath.Join(roots, "not-valid")))
	must(t, os.Symlink(m.StoreDir, filepath.Join(roots, "store")))
	must(t, os.Symlink("nowhere", filepath.Join(roots, "dangling")))
	must(t, os.Symlink("../profiles", filepath.Join(roots, "directory")))
	// Two links away: the second is a root, but a third is not followed.
	must(t, os.Symlink(string(far), filepath.Join(elsewhere, "far")))
	must(t, os.Symlink("far", filepath.Join(elsewhere, "farther")))
	must(t, os.Symlink(filepath.Join(elsewhere, "farther"), filepath.Join(roots, "too-far")))
	must(t, os.Symlink(string(kept), filepath.Join(m.StateDir, "profiles", "kept")))
	// A relative link into the store does not count.
	relative, err := filepath.Rel(roots, string(far))
	must(t, err)
	must(t, os.Symlink(relative, filepath.Join(roots, "relative")))
}

// addFixed makes one output by two derivations, of which the second is a root
// but not the recorded deriver, and adds files without deriver.
func (m *machine) addFixed(t *testing.T) {
	t.Helper()
	text := filepath.Join(t.TempDir(), "text")
	must(t, os.WriteFile(text, []byte("text"), 0o644))
	m.ask(t, "nix-store", "--add", text)
	m.ask(t, "nix-store", "--add-fixed", "sha256", text)
	needs := m.build(t, "needed", "", "")
	user := m.build(t, "user", `needs = "`+string(needs)+`";`, "")
	m.ask(t, "nix-store", "--realise", string(user), "--add-root", filepath.Join(m.StateDir, "gcroots", "user"))
	for _, version := range []string{"1", "2"} {
		expression := `derivation { name = "fixed"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo hello >$out" ];
			version = "` + version + `"; outputHashMode = "flat"; outputHashAlgo = "sha256";
			outputHash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"; }`
		drv := m.ask(t, "nix-instantiate", "--expr", expression)[0]
		if version == "1" {
			m.ask(t, "nix-store", "--realise", drv)
			continue
		}
		must(t, os.Symlink(drv, filepath.Join(m.StateDir, "gcroots", "fixed")))
	}
}

func (m *machine) addTemporary(t *testing.T) {
	t.Helper()
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: m.Socket, StoreDir: m.dir})
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	m.making = store.Path(m.StoreDir + "/11111111111111111111111111111111-making")
	for _, path := range []store.Path{m.build(t, "temporary", "", ""), m.making} {
		must(t, conn.AddTempRoot(t.Context(), path))
	}
	// One of a process that ended without a word.
	must(t, os.WriteFile(filepath.Join(m.StateDir, "temproots", "999999999"), []byte(string(m.making)+"\x00"), 0o600))
}

// addProcess starts a program that uses the store in all ways that count.
func (m *machine) addProcess(t *testing.T) {
	t.Helper()
	program, folder := m.build(t, "program", "", ""), m.build(t, "folder", "", "")
	open, environment := m.build(t, "open", "", ""), m.build(t, "environment", "", "")
	file, err := os.Open(string(open) + "/self")
	must(t, err)
	t.Cleanup(func() { file.Close() })
	process := exec.CommandContext(t.Context(), string(program)+"/bin/sleep", "1000")
	process.Dir = string(folder) + "/bin"
	process.Env = []string{"LIST=/usr/bin:" + string(environment) + "/bin:" + m.StoreDir + "/none", "STORE=" + m.StoreDir}
	process.ExtraFiles = []*os.File{file}
	must(t, process.Start())
	t.Cleanup(func() {
		process.Process.Kill()
		process.Wait()
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (m *machine) open(t *testing.T, stateDir string) *storedb.DB {
	t.Helper()
	db, err := storedb.Open(t.Context(), storedb.Options{StoreDir: m.dir, StateDir: stateDir, Dial: m.dial})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func (m *machine) dial(ctx context.Context) (storedb.Daemon, error) {
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: m.Socket, StoreDir: m.dir})
	if err != nil {
		return nil, err
	}
	return conn, nil
}

// query asks nix-store, and sorts.
func (m *machine) query(t *testing.T, what string, paths ...string) []store.Path {
	t.Helper()
	var found []store.Path
	for _, word := range m.ask(t, "nix-store", append([]string{"--query", what}, paths...)...) {
		found = append(found, m.path(t, word))
	}
	slices.Sort(found)
	return slices.Compact(found)
}
