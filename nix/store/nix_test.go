package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/store"
)

// nixOutput runs a command of the real Nix and returns the line that it prints.
func nixOutput(t *testing.T, nix *testbed.Nix, name string, args ...string) string {
	t.Helper()
	cmd := nix.Command(context.WithoutCancel(t.Context()), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// TestRealNix compares with each release of Nix. Those before 2.27 do not know
// BLAKE3.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			compare(t, testbed.NewWith(t, testbed.Options{
				Release: release, Settings: "extra-experimental-features = nix-command blake3-hashes\n",
			}))
		})
	}
}

func compare(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "abc.txt")
	if err := os.WriteFile(file, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Run("encodings", func(t *testing.T) {
		for _, a := range algorithms() {
			if a == store.BLAKE3 {
				if nix.Release.Name == "forky" {
					compareBLAKE3(t, nix)
				}
				continue
			}
			compareEncodings(t, nix, file, a)
		}
	})
	t.Run("paths", func(t *testing.T) { comparePaths(t, nix, file) })
}

func compareEncodings(t *testing.T, nix *testbed.Nix, file string, a store.Algorithm) {
	t.Helper()
	h := store.Sum(a, []byte("abc"))
	kind := string(a)
	want := []string{
		nixOutput(t, nix, "nix-hash", "--type", kind, "--flat", file),
		nixOutput(t, nix, "nix-hash", "--type", kind, "--flat", "--base32", file),
		nixOutput(t, nix, "nix-hash", "--type", kind, "--to-base16", h.Nix32()),
		nixOutput(t, nix, "nix-hash", "--type", kind, "--to-base32", h.Base16()),
		nixOutput(t, nix, "nix", "--extra-experimental-features", "nix-command", "hash", "to-sri", "--type", kind, h.Nix32()),
		nixOutput(t, nix, "nix", "--extra-experimental-features", "nix-command", "hash", "to-base64", h.String()),
	}
	got := []string{h.Base16(), h.Nix32(), h.Base16(), h.Nix32(), h.SRI(), h.Base64()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", a, diff)
	}
}

// compareBLAKE3 hashes files of lengths around those where its tree grows.
func compareBLAKE3(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	for _, size := range []int{0, 1, 64, 1023, 1024, 1025, 2048, 4097, 100_000} {
		content := []byte(strings.Repeat("blake three ", size/12+1))[:size]
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, content, 0o644); err != nil {
			t.Fatal(err)
		}
		want := nixOutput(t, nix, "nix", "hash", "file", "--type", "blake3", "--sri", file)
		if got := store.Sum(store.BLAKE3, content).SRI(); got != want {
			t.Errorf("BLAKE3 of %d bytes: %s, want %s", size, got, want)
		}
	}
}

func comparePaths(t *testing.T, nix *testbed.Nix, file string) {
	t.Helper()
	dir := store.Dir(nix.StoreDir)
	must := func(p store.Path, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return string(p)
	}
	narOf := func(a store.Algorithm) store.Hash {
		t.Helper()
		h, err := store.ParseHashOf(a, nixOutput(t, nix, "nix-hash", "--type", string(a), "--base32", file))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	check := func(want, got string) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}

	check(nixOutput(t, nix, "nix-store", "--add", file), must(dir.SourcePath("abc.txt", narOf(store.SHA256), store.References{})))
	for _, a := range []store.Algorithm{store.MD5, store.SHA1, store.SHA256, store.SHA512} {
		flat := store.ContentAddress{Method: store.Flat, Hash: store.Sum(a, []byte("abc"))}
		check(nixOutput(t, nix, "nix-store", "--add-fixed", string(a), file), must(dir.PathFor("abc.txt", flat, store.References{})))
		recursive := store.ContentAddress{Method: store.Recursive, Hash: narOf(a)}
		check(nixOutput(t, nix, "nix-store", "--add-fixed", "--recursive", string(a), file), must(dir.PathFor("abc.txt", recursive, store.References{})))
		check(nixOutput(t, nix, "nix-store", "--print-fixed-path", "--recursive", string(a), recursive.Hash.Nix32(), "n"),
			must(dir.FixedOutputPath("n", recursive, store.References{})))
	}

	plain := nixOutput(t, nix, "nix-instantiate", "--eval", "-E", `builtins.toFile "plain" "abc"`)
	plain = strings.Trim(plain, `"`)
	check(plain, must(dir.TextPath("plain", store.Sum(store.SHA256, []byte("abc")), nil)))
	second := strings.Trim(nixOutput(t, nix, "nix-instantiate", "--eval", "-E", `builtins.toFile "a-second" "xyz"`), `"`)

	// toFile with references, which are listed in another order than they are used.
	content := plain + " " + second
	got := nixOutput(t, nix, "nix-instantiate", "--eval", "-E",
		`builtins.toFile "both" "${builtins.toFile "plain" "abc"} ${builtins.toFile "a-second" "xyz"}"`)
	check(strings.Trim(got, `"`), must(dir.TextPath("both", store.Sum(store.SHA256, []byte(content)), []store.Path{store.Path(second), store.Path(plain)})))
}
