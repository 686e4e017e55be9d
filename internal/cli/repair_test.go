package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
)

// downloaded is a machine that has its system from a binary cache: of no path it has
// the derivation.
type downloaded struct {
	*testing.T
	nix   *testbed.Nix
	cache *binarycache.Cache
}

func newDownloaded(t *testing.T) *downloaded {
	t.Helper()
	d := &downloaded{T: t, cache: binarycache.New(t)}
	d.cache.Compression = "none"
	// Without derivations that are kept, a collection of garbage leaves what they gave.
	d.nix = testbed.NewWith(t, testbed.Options{Settings: d.cache.Settings() + "keep-derivations = false\n"})
	if err := errors.Join(
		d.nix.AddHistory(t.Context()),
		d.cache.Push(t.Context(), d.nix, d.nix.SystemProfile),
		d.nix.Command(t.Context(), "nix-store", "--gc").Run(),
	); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(d.nix.StoreDir, "*.drv"))
	if err != nil || len(left) > 0 {
		t.Fatalf("%d derivations are left, %v", len(left), err)
	}
	return d
}

// path is the store path of a package with its version.
func (d *downloaded) path(name string) string {
	d.Helper()
	found, err := filepath.Glob(filepath.Join(d.nix.StoreDir, "*-"+name))
	if err != nil || len(found) != 1 {
		d.Fatalf("%s is at %v, %v", name, found, err)
	}
	return found[0]
}

// spoil changes the files of packages, and forgets that they were found sound.
func (d *downloaded) spoil(names ...string) {
	d.Helper()
	for _, name := range names {
		dir := d.path(name)
		err := errors.Join(
			os.Chmod(dir, 0o755),
			os.WriteFile(filepath.Join(dir, "spoilt"), []byte("What is this?"), 0o644),
		)
		if err != nil {
			d.Fatal(err)
		}
	}
}

// described is the file that describes a package in the cache.
func (d *downloaded) described(name string) string {
	hash, _, _ := strings.Cut(filepath.Base(d.path(name)), "-")
	return filepath.Join(d.cache.Dir, hash+".narinfo")
}

// archive is where the archive of a package is, below the cache.
func (d *downloaded) archive(name string) string {
	d.Helper()
	text, err := os.ReadFile(d.described(name))
	if err != nil {
		d.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\nURL: ")
	url, _, _ := strings.Cut(rest, "\n")
	return url
}

// damaged is what became of each of the packages that were damaged, as "git-2.51.2:
// changed, build, repaired, system 3".
func damaged(check operation.StoreCheck) (all []string) {
	for _, d := range check.Damaged {
		_, name, _ := strings.Cut(filepath.Base(d.Path), "-")
		text := name + ": " + d.Problem + ", " + d.Remedy
		if d.Repaired {
			text += ", repaired"
		}
		for _, g := range d.Generations {
			text += ", " + filepath.Base(g.Profile) + " " + string(rune('0'+g.Generation))
		}
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

// sound has the whole store looked at, by ask-nix and by Nix.
func (d *downloaded) sound() {
	d.Helper()
	if got := ask[operation.StoreCheck](d.T, d.nix, "verify", "--no-cache"); got.Error != nil {
		d.Errorf("%v: %q", got.Error, damaged(got.Data))
	}
	out, err := d.nix.Command(d.Context(), "nix-store", "--verify", "--check-contents").CombinedOutput()
	if err != nil || strings.Contains(string(out), "modified") {
		d.Errorf("nix-store --verify: %v\n%s", err, out)
	}
}

// downloads counts what was downloaded since.
func (d *downloaded) downloads(since int) (count int) {
	for _, r := range d.cache.Requests()[since:] {
		if r.Method == "GET" && strings.HasPrefix(r.Path, "/nar/") {
			count++
		}
	}
	return count
}

// TestRepairByDownload repairs what has no derivation on the machine from a binary
// cache, and tells what that does not have, or has damaged.
func TestRepairByDownload(t *testing.T) {
	t.Parallel()
	d := newDownloaded(t)

	// By download only; that of git could be built, and is downloaded all the same.
	if out, err := d.nix.Command(t.Context(), "nix-instantiate", "<nixpkgs>", "-A", "git").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	d.spoil("gimp-3.0.6", "kdenlive-25.08.3", "git-2.51.2")
	before := len(d.cache.Requests())
	got := ask[operation.StoreCheck](t, d.nix, "repair", "--yes")
	want := []string{
		"gimp-3.0.6: changed, download, repaired, system 3",
		"git-2.51.2: changed, build, repaired, system 3",
		"kdenlive-25.08.3: changed, download, repaired, system 3",
	}
	if diff := cmp.Diff(want, damaged(got.Data)); diff != "" || got.Status != 0 || got.Message != "Repaired 3 store paths." {
		t.Errorf("status %d, %q, %v: %s", got.Status, got.Message, got.Error, diff)
	}
	if n := d.downloads(before); n != 3 {
		t.Errorf("%d paths were downloaded", n)
	}
	d.sound()

	// The cache has no archive of one any more, a damaged one of another, and does not
	// know the third. That of git is built then.
	d.spoil("gimp-3.0.6", "kdenlive-25.08.3", "fastfetch-2.54.0", "git-2.51.2")
	away := []string{filepath.Join(d.cache.Dir, d.archive("gimp-3.0.6")), d.described("fastfetch-2.54.0"), d.described("git-2.51.2")}
	for _, file := range away {
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
	}
	archive, err := os.ReadFile(filepath.Join(d.cache.Dir, d.archive("kdenlive-25.08.3")))
	at := bytes.Index(archive, []byte("#!/"))
	if err != nil || at < 0 {
		t.Fatalf("the archive of kdenlive has no script: %v", err)
	}
	d.cache.SetFaults(binarycache.Faults{Path: "/" + d.archive("kdenlive-25.08.3"), FlipAt: int64(at) + 5})
	got = ask[operation.StoreCheck](t, d.nix, "repair", "--yes")
	want = []string{
		"fastfetch-2.54.0: changed, , system 3",
		"gimp-3.0.6: changed, download, system 3",
		"git-2.51.2: changed, build, repaired, system 3",
		"kdenlive-25.08.3: changed, download, system 3",
	}
	if diff := cmp.Diff(want, damaged(got.Data)); diff != "" || got.Status != 1 || got.Error == nil || got.Error.Message != "3 store paths cannot be repaired" {
		t.Fatalf("status %d, %v: %s", got.Status, got.Error, diff)
	}
	for name, why := range map[string]string{
		"fastfetch-2.54.0": "its derivation is not in the store, and no substituter has it",
		"gimp-3.0.6":       "does not exist in binary cache",
		"kdenlive-25.08.3": "hash mismatch",
	} {
		told := slices.ContainsFunc(got.Error.Details, func(line string) bool {
			return strings.Contains(line, name+": changed, and not repaired: ") && strings.Contains(line, why) &&
				strings.HasSuffix(line, "; needed by generation 3 of system")
		})
		if !told {
			t.Errorf("that %s stays damaged because it %s is not told: %q", name, why, got.Error.Details)
		}
	}

	// Once the cache is well again, they are repaired; nothing else is looked at.
	for _, file := range away {
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
	}
	d.cache.SetFaults(binarycache.Faults{})
	got = ask[operation.StoreCheck](t, d.nix, "repair", "--yes")
	if got.Status != 0 || got.Message != "Repaired 3 store paths." || got.Data.Paths-got.Data.Resumed != 3 {
		t.Errorf("status %d, %q, %v: %q, %d of %d not looked at again", got.Status, got.Message, got.Error, damaged(got.Data), got.Data.Resumed, got.Data.Paths)
	}
	d.sound()
}
