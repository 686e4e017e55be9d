package daemontest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// within is a deadline for whatever a test asks of a server.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func dial(t *testing.T, server *daemontest.Server, change ...func(*daemon.Options)) *daemon.Conn {
	t.Helper()
	options := server.Options()
	for _, change := range change {
		change(&options)
	}
	conn, err := daemon.Dial(within(t), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func check[T any](t *testing.T, what string, got T, err error, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		t.Errorf("%s: %v\n%s", what, err, diff)
	}
}

// must is for what a test cannot do without.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func archive(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := nar.NewWriter(&b)
	err := w.WriteHeader(&nar.Header{Type: nar.Regular, Size: int64(len(content))})
	_, err2 := io.WriteString(w, content)
	if err := errors.Join(err, err2, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// object is a store object that is not named after its content.
func object(t *testing.T, server *daemontest.Server, name, content string, references ...store.Path) (*store.PathInfo, []byte) {
	t.Helper()
	data := archive(t, content)
	p := must[store.Path](t)(server.StoreDir.MakePath("output:out", store.Sum(store.SHA256, []byte(name)), name))
	return &store.PathInfo{Path: p, NarHash: store.Sum(store.SHA256, data), NarSize: int64(len(data)), References: references}, data
}

func nobody(server *daemontest.Server) store.Path {
	return store.Path(string(server.StoreDir) + "/" + strings.Repeat("0", 32) + "-nobody")
}

// shell is a derivation that runs a script.
func shell(name, script string) *derivation.Derivation {
	return &derivation.Derivation{
		Name: name, Outputs: map[string]derivation.Output{"out": {}},
		System: "x86_64-linux", Builder: "/bin/sh", Args: []string{"-c", script},
		Env: map[string]string{"name": name, "PATH": "/usr/bin:/bin"},
	}
}

// versions runs test with each version of the protocol that a server can have.
func versions(t *testing.T, options daemontest.Options, test func(*testing.T, *daemontest.Server, *daemon.Conn)) {
	t.Helper()
	for minor := daemon.Oldest().Minor; minor <= daemon.Newest().Minor; minor++ {
		t.Run(fmt.Sprint(minor), func(t *testing.T) {
			t.Parallel()
			options := options
			options.Version = daemon.Version{Major: 1, Minor: minor}
			server := daemontest.New(t, options)
			test(t, server, dial(t, server))
		})
	}
}

func TestGreeting(t *testing.T) {
	t.Parallel()
	versions(t, daemontest.Options{NixVersion: "2.99", Trust: daemon.NotTrusted}, func(t *testing.T, server *daemontest.Server, conn *daemon.Conn) {
		wantNix, wantTrust := "", daemon.TrustUnknown
		if conn.Version.Minor >= 33 {
			wantNix = "2.99"
		}
		if conn.Version.Minor >= 35 {
			wantTrust = daemon.NotTrusted
		}
		check(t, "version of Nix", conn.NixVersion, nil, wantNix)
		check(t, "trust", conn.Trust, nil, wantTrust)
		older := dial(t, server, func(o *daemon.Options) { o.Newest = daemon.Oldest() })
		if older.Version != daemon.Oldest() {
			t.Errorf("an older client speaks %s", older.Version)
		}
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	versions(t, daemontest.Options{}, func(t *testing.T, server *daemontest.Server, conn *daemon.Conn) {
		ctx := within(t)
		text := must[store.Path](t)(server.AddText("text", "some text"))
		info := must[*store.PathInfo](t)(conn.AddToStore(ctx, "upper", store.Text, store.SHA256, []store.Path{text}, strings.NewReader(string(text))))
		check(t, "references", info.References, nil, []store.Path{text})
		asked, err := conn.PathInfo(ctx, info.Path)
		if diff := cmp.Diff(info, asked, cmp.Comparer(func(a, b store.Hash) bool { return a == b })); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		tree := t.TempDir()
		if err := os.WriteFile(filepath.Join(tree, "file"), []byte("x"), 0o755); err != nil {
			t.Fatal(err)
		}
		source := must[store.Path](t)(server.AddTree("source", tree))
		var want, got bytes.Buffer
		if err := errors.Join(nar.Pack(&want, tree), conn.NarFromPath(ctx, source, &got)); err != nil || !bytes.Equal(want.Bytes(), got.Bytes()) {
			t.Errorf("the archive is another one: %v", err)
		}
		if stat, err := os.Stat(filepath.Join(string(source), "file")); err != nil || stat.Mode() != 0o555 || stat.ModTime().Unix() != 1 {
			t.Errorf("file: %v, %v", stat, err)
		}

		one, data := object(t, server, "one", "one", info.Path)
		if err := conn.AddToStoreNar(ctx, one, bytes.NewReader(data), daemon.AddOptions{DontCheckSigs: true}); err != nil {
			t.Fatal(err)
		}
		two, data2 := object(t, server, "two", "two", one.Path)
		if err := conn.AddMultipleToStore(ctx, []daemon.Source{
			{Info: one, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }},
			{Info: two, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data2)), nil }},
		}, daemon.AddOptions{DontCheckSigs: true}); err != nil {
			t.Fatal(err)
		}
		if err := conn.AddSignatures(ctx, two.Path, []string{"b:x", "a:x", "b:x"}); err != nil {
			t.Fatal(err)
		}
		signed, err := conn.PathInfo(ctx, two.Path)
		check(t, "signatures", signed.Signatures, err, []string{"a:x", "b:x"})

		valid, err := conn.IsValidPath(ctx, two.Path)
		check(t, "is valid", valid, err, true)
		referrers, err := conn.Referrers(ctx, one.Path)
		check(t, "referrers", referrers, err, []store.Path{two.Path})
		all, err := conn.AllValidPaths(ctx)
		wantAll := []store.Path{text, info.Path, source, one.Path, two.Path}
		slices.Sort(wantAll)
		check(t, "all valid paths", all, err, wantAll)
		some, err := conn.ValidPaths(ctx, []store.Path{two.Path, nobody(server), two.Path}, false)
		check(t, "valid paths", some, err, []store.Path{two.Path})
		found, err := conn.PathFromHashPart(ctx, one.Path.HashPart())
		check(t, "from hash part", found, err, one.Path)
		if _, err := conn.PathFromHashPart(ctx, "short"); !errors.As(err, new(*daemon.Error)) {
			t.Errorf("a short hash part: %v", err)
		}
		if err := conn.OptimiseStore(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestRequests(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	there := must[store.Path](t)(server.AddText("there", "there"))
	infos, err := conn.PathInfos(within(t), []store.Path{there, nobody(server)})
	if err != nil || infos[0] == nil || infos[1] != nil {
		t.Errorf("%v, %v", infos, err)
	}
	check(t, "requests", server.Requests(), nil, []daemontest.Operation{daemontest.OpQueryPathInfo, daemontest.OpQueryPathInfo})
	if n := server.Connections(); n != 1 {
		t.Errorf("%d connections", n)
	}
	server.Disconnect()
	if _, err := conn.AllValidPaths(within(t)); err == nil {
		t.Error("connected after Disconnect")
	}
	dial(t, server)
}

func TestRealisations(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{CADerivations: true})
	conn := dial(t, server)
	p := must[store.Path](t)(server.AddText("output", "output"))
	want := daemon.Realisation{ID: "sha256:" + strings.Repeat("0", 64) + "!out", OutPath: p, Signatures: []string{"a:b"}}
	if err := conn.RegisterDrvOutput(within(t), want); err != nil {
		t.Fatal(err)
	}
	got, ok, err := conn.QueryRealisation(within(t), want.ID)
	if !ok {
		t.Error("it is not known")
	}
	check(t, "realisation", got, err, want)
	without := dial(t, daemontest.New(t, daemontest.Options{}))
	var said *daemon.Error
	if err := without.RegisterDrvOutput(within(t), want); !errors.As(err, &said) || said.Kind != daemon.KindUnsupported {
		t.Errorf("without the feature: %v", err)
	}
}

func TestSubstitute(t *testing.T) {
	t.Parallel()
	cache := daemontest.New(t, daemontest.Options{})
	below := must[store.Path](t)(cache.AddText("below", "below"))
	above := must[store.Path](t)(cache.AddText("above", "above", below))
	server := daemontest.New(t, daemontest.Options{Substituter: cache})
	here := func(p store.Path) store.Path { return store.Path(string(server.StoreDir) + "/" + p.Base()) }
	copies := 0
	conn := dial(t, server, func(o *daemon.Options) {
		o.Observer = func(event daemon.Event) {
			if e, ok := event.(daemon.Started); ok && e.Type == daemon.ActivityCopyPath {
				copies++
			}
		}
	})
	ctx := within(t)
	size := must[*store.PathInfo](t)(dial(t, cache).PathInfo(ctx, above)).NarSize
	want := daemon.SubstitutableInfo{Path: here(above), References: []store.Path{here(below)}, DownloadSize: size, NarSize: size}
	one, ok, err := conn.SubstitutablePathInfo(ctx, here(above))
	if !ok {
		t.Error("nobody has it")
	}
	check(t, "substitutable", one, err, want)
	several, err := conn.SubstitutablePathInfos(ctx, map[store.Path]store.ContentAddress{here(above): {}, nobody(server): {}})
	check(t, "substitutable infos", several, err, []daemon.SubstitutableInfo{want})
	paths, err := conn.SubstitutablePaths(ctx, []store.Path{nobody(server), here(below)})
	check(t, "substitutable paths", paths, err, []store.Path{here(below)})
	missing, err := conn.Missing(ctx, []daemon.DerivedPath{{Path: here(above)}, {Path: nobody(server)}})
	if err != nil || len(missing.WillSubstitute) != 2 || len(missing.Unknown) != 1 || missing.DownloadSize <= size {
		t.Errorf("missing %+v, %v", missing, err)
	}
	results, err := conn.Build(ctx, []daemon.DerivedPath{{Path: here(above)}}, daemon.BuildNormal)
	if err != nil || results[0].Status != daemon.StatusSubstituted || copies != 2 {
		t.Errorf("%+v, %v; %d copies", results, err, copies)
	}
	if err := conn.EnsurePath(ctx, nobody(server)); err == nil {
		t.Error("it was made out of nothing")
	}
	// A path that rotted is downloaded again by repairing.
	if err := errors.Join(os.Chmod(string(here(above)), 0o644), os.WriteFile(string(here(above)), []byte("rot"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for _, repair := range []bool{false, true} {
		if remain, err := conn.VerifyStore(ctx, true, repair); err != nil || remain == repair {
			t.Errorf("verifying, repair %v: %v, %v", repair, remain, err)
		}
	}
	if content, err := os.ReadFile(string(here(above))); err != nil || string(content) != "above" {
		t.Errorf("repaired to %q, %v", content, err)
	}
}
