package cachedir_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/nar"
	"luminousnix/nix/narinfo"
	"luminousnix/nix/narinfo/cachedir"
	"luminousnix/nix/store"
)

// nixRun is a real Nix that has built app, which refers to dep and itself.
type nixRun struct {
	*testbed.Nix
	app, dep store.Path
	key      narinfo.SecretKey
	keyFile  string
	content  string // of app
}

func (n *nixRun) run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	// Without the test's cancellation: it would stop the command half-way.
	cmd := n.Command(context.WithoutCancel(t.Context()), name, args...)
	cmd.Env = append(cmd.Env, "NIX_CONFIG=experimental-features = nix-command")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %q: %w\n%s", name, args, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

func (n *nixRun) must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := n.run(t, name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newNixRun(t *testing.T) *nixRun {
	t.Helper()
	n := &nixRun{Nix: testbed.New(t)}
	build := func(attribute string) store.Path {
		t.Helper()
		return store.Path(n.must(t, "nix-build", "--no-out-link", "-A", attribute, "-E", `
			let
			  run = name: script: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; };
			in rec { dep = run "dep" "echo dep > $out"; app = run "app" "echo ${dep} $out > $out"; }`))
	}
	n.dep, n.app = build("dep"), build("app")
	data, err := os.ReadFile(string(n.app))
	if err != nil {
		t.Fatal(err)
	}
	n.content = string(data)
	if n.key, err = narinfo.GenerateKey("ours-1"); err != nil {
		t.Fatal(err)
	}
	n.keyFile = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(n.keyFile, []byte(n.key.Secret()), 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

// nixCache lets Nix write its paths into a cache and opens it.
func (n *nixRun) nixCache(t *testing.T, compression narinfo.Compression) (*cachedir.Cache, string) {
	t.Helper()
	directory := t.TempDir()
	n.must(t, "nix", "copy", "--to", "file://"+directory+"?secret-key="+n.keyFile+"&compression="+string(compression), string(n.app))
	c, err := cachedir.Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, directory
}

// ourCache puts the paths that a cache of Nix tells of into one of ours, from the
// store itself.
func (n *nixRun) ourCache(t *testing.T, from *cachedir.Cache, o cachedir.PutOptions) string {
	t.Helper()
	directory := t.TempDir()
	c, err := cachedir.Create(directory, narinfo.CacheInfo{StoreDir: store.Dir(n.StoreDir)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, p := range []store.Path{n.dep, n.app} {
		info, err := from.Get(p)
		if err != nil {
			t.Fatal(err)
		}
		info.Signatures = nil
		var archive bytes.Buffer
		if err := nar.Pack(&archive, string(p)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Put(t.Context(), &info.PathInfo, &archive, o); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func TestNix(t *testing.T) {
	t.Parallel()
	n := newNixRun(t)
	from, directory := n.nixCache(t, narinfo.None)
	keys := []narinfo.SecretKey{n.key}
	plain := cachedir.PutOptions{Compression: narinfo.None, Keys: keys}
	t.Run("writes the same", func(t *testing.T) { compareCaches(t, directory, n.ourCache(t, from, plain)) })
	t.Run("reads what Nix compressed", func(t *testing.T) { readFromNix(t, n) })

	// From here on the store loses its paths.
	ours := map[narinfo.Compression]string{}
	for _, compression := range []narinfo.Compression{narinfo.None, narinfo.Zstd, narinfo.Gzip} {
		ours[compression] = n.ourCache(t, from, cachedir.PutOptions{Compression: compression, Keys: keys})
	}
	unsigned := n.ourCache(t, from, cachedir.PutOptions{})
	n.must(t, "nix-store", "--delete", string(n.app), string(n.dep))
	for compression, directory := range ours {
		t.Run("Nix copies "+string(compression), func(t *testing.T) {
			n.arrives(t, "nix", "copy", "--from", "file://"+directory, "--option", "trusted-public-keys", n.key.Public().String(), string(n.app))
		})
		t.Run("Nix substitutes "+string(compression), func(t *testing.T) {
			n.arrives(t, "nix-store", "--realise", "--option", "substituters", "file://"+directory,
				"--option", "trusted-public-keys", n.key.Public().String(), string(n.app))
		})
	}
	t.Run("Nix refuses", func(t *testing.T) {
		other, err := narinfo.GenerateKey("ours-1")
		if err != nil {
			t.Fatal(err)
		}
		for directory, trusted := range map[string]narinfo.SecretKey{unsigned: n.key, ours[narinfo.Zstd]: other} {
			out, err := n.run(t, "nix", "copy", "--from", "file://"+directory, "--option", "trusted-public-keys", trusted.Public().String(), string(n.app))
			if err == nil {
				t.Errorf("Nix took it: %s", out)
			}
			if _, err := os.Lstat(string(n.dep)); err == nil {
				t.Error("the path is there")
			}
		}
	})
	// The last: while its connection lasts, the daemon deletes nothing.
	t.Run("the daemon takes the stream", func(t *testing.T) { n.stream(t, ours[narinfo.Zstd]) })
}

// stream gives the daemon the archives of a cache, decompressed.
func (n *nixRun) stream(t *testing.T, directory string) {
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: n.Socket, StoreDir: store.Dir(n.StoreDir)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, err := cachedir.Open(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, p := range []store.Path{n.dep, n.app} {
		info, err := c.Get(p)
		if err != nil {
			t.Fatal(err)
		}
		archive, err := c.Nar(info)
		if err != nil {
			t.Fatal(err)
		}
		defer archive.Close()
		// The daemon's settings do not name our key.
		if err := conn.AddToStoreNar(t.Context(), &info.PathInfo, archive, daemon.AddOptions{DontCheckSigs: true}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := conn.PathInfo(t.Context(), n.app)
	if err != nil {
		t.Fatal(err)
	}
	if signed := narinfo.Verify(got, []narinfo.PublicKey{n.key.Public()}); len(signed) != 1 {
		t.Errorf("signatures %q", got.Signatures)
	}
	n.must(t, "nix-store", "--verify-path", string(n.app), string(n.dep))
}

// arrives runs a command that is to bring app and dep, checks them and deletes
// them again.
func (n *nixRun) arrives(t *testing.T, name string, args ...string) {
	t.Helper()
	n.must(t, name, args...)
	n.must(t, "nix-store", "--verify-path", string(n.app), string(n.dep))
	data, err := os.ReadFile(string(n.app))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(n.content, string(data)); diff != "" {
		t.Error(diff)
	}
	n.must(t, "nix-store", "--delete", string(n.app), string(n.dep))
}

// compareCaches compares all files byte for byte.
func compareCaches(t *testing.T, nix, ours string) {
	names := files(t, nix)
	if diff := cmp.Diff(names, files(t, ours)); diff != "" || len(names) != 5 {
		t.Fatal(diff, names)
	}
	for _, name := range names {
		want, err := os.ReadFile(filepath.Join(nix, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(ours, name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func readFromNix(t *testing.T, n *nixRun) {
	var want bytes.Buffer
	if err := nar.Pack(&want, string(n.app)); err != nil {
		t.Fatal(err)
	}
	for _, compression := range []narinfo.Compression{narinfo.None, narinfo.Zstd, narinfo.Gzip, narinfo.BZip2} {
		c, _ := n.nixCache(t, compression)
		info, err := c.Get(n.app)
		if err != nil {
			t.Fatal(err)
		}
		got, err := read(c, info)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s: %d bytes of %d, error %v", compression, len(got), want.Len(), err)
		}
	}
}

// TestNixChecksContent is why ContentAddressed may leave the content to the
// daemon: a path that is named after its content comes unsigned, but not with
// another content.
func TestNixChecksContent(t *testing.T) {
	t.Parallel()
	n := &nixRun{Nix: testbed.New(t)}
	dir := store.Dir(n.StoreDir)
	for name, forged := range map[string]bool{"right": false, "forged": true} {
		said, _ := archive(t, name, "said")
		data, info := archive(t, name, "given")
		address := store.ContentAddress{Method: store.Recursive, Hash: store.Sum(store.SHA256, said)}
		if !forged {
			address.Hash = info.NarHash
		}
		p, err := dir.PathFor(name, address, store.References{})
		if err != nil {
			t.Fatal(err)
		}
		info.Path, info.ContentAddress = p, address
		directory := t.TempDir()
		c, err := cachedir.Create(directory, narinfo.CacheInfo{StoreDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		added := put(t, c, info, data, cachedir.PutOptions{})
		if !narinfo.ContentAddressed(&added.PathInfo) {
			t.Errorf("%s: not content-addressed", name)
		}
		if _, err := n.run(t, "nix", "copy", "--from", "file://"+directory, string(p)); (err != nil) != forged {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
