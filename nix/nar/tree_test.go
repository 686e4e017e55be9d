package nar_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/testbed"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

func ExampleHash() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	h, size, err := nar.Hash(dir)
	if err != nil {
		panic(err)
	}
	fmt.Println(h.SRI(), size)
	// Output: sha256-pQpattmS9VmO3ZIQUFn66az8GSmB4IvYhTTCFn6SUmo= 96
}

func TestPackUnpack(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	number := 0
	rapid.Check(t, func(t *rapid.T) {
		entries := drawTree(t)
		want := archive(t, entries)
		number++
		made, copied := filepath.Join(parent, fmt.Sprint(number, "made")), filepath.Join(parent, fmt.Sprint(number, "copied"))
		makeTree(t, made, entries)

		var got bytes.Buffer
		if err := nar.Pack(&got, made); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("the tree of %v is packed as %q", entries, got.Bytes())
		}
		h, size, err := nar.Hash(made)
		if err != nil || h != store.Sum(store.SHA256, want) || size != int64(len(want)) {
			t.Fatalf("%v, %d, %v", h, size, err)
		}
		if err := nar.Unpack(&got, copied); err != nil {
			t.Fatal(err)
		}
		if err := nar.Pack(&got, copied); err != nil || !bytes.Equal(got.Bytes(), want) {
			t.Fatalf("%v: unpacked and packed: %q, %v", entries, got.Bytes(), err)
		}
	})
}

// TestPackDeep says that a tree which is deeper than any path can say is refused.
func TestPackDeep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	for range 2_100 {
		if err != nil {
			t.Fatal(err)
		}
		if err := root.Mkdir("d", 0o755); err != nil {
			t.Fatal(err)
		}
		next, openErr := root.OpenRoot("d")
		root.Close()
		root, err = next, openErr
	}
	root.Close()
	var wrong *fs.PathError
	if _, _, err := nar.Hash(dir); !errors.Is(err, syscall.ENAMETOOLONG) || !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
}

// TestUnpackDeep holds more directories open than any real tree has.
func TestUnpackDeep(t *testing.T) {
	t.Parallel()
	entries := []entry{directory("")}
	for depth := range 200 {
		entries = append(entries, directory(strings.TrimPrefix(strings.Repeat("/d", depth+1), "/")))
	}
	entries = append(entries, file("e", "", false))
	path := filepath.Join(t.TempDir(), "x")
	if err := nar.Unpack(bytes.NewReader(archive(t, entries)), path); err != nil {
		t.Fatal(err)
	}
	if h, _, err := nar.Hash(path); err != nil || h != store.Sum(store.SHA256, archive(t, entries)) {
		t.Errorf("%v, %v", h, err)
	}
}

// TestRealNix compares with each release of Nix, in both directions.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			compare(t, testbed.NewWith(t, testbed.Options{Release: release}))
		})
	}
}

func compare(t *testing.T, nix *testbed.Nix) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	for name, entries := range map[string][]entry{
		"sample": sample(), "file": {file("", "abc", false)}, "executable": {file("", "", true)}, "link": {link("", "/nowhere")},
	} {
		dir := t.TempDir()
		made, restored := filepath.Join(dir, "made"), filepath.Join(dir, "restored")
		makeTree(t, made, entries)
		dumped, err := nix.Command(ctx, "nix-store", "--dump", made).Output()
		if err != nil {
			t.Fatal(err)
		}
		var packed bytes.Buffer
		if err := nar.Pack(&packed, made); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(dumped, packed.Bytes()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		h, _, err := nar.Hash(made)
		if err != nil {
			t.Fatal(err)
		}
		hashed, err := nix.Command(ctx, "nix-hash", "--type", "sha256", "--base32", made).Output()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(hashed), h.Nix32()+"\n"); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		restore := nix.Command(ctx, "nix-store", "--restore", restored)
		restore.Stdin = &packed
		if out, err := restore.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", name, err, out)
		}
		unpacked := filepath.Join(dir, "unpacked")
		if err := nar.Unpack(bytes.NewReader(dumped), unpacked); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list(t, restored), list(t, unpacked)); diff != "" {
			t.Errorf("%s: Nix's and ours differ: %s", name, diff)
		}
	}
}

// list describes each file of a tree with its mode.
func list(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := ""
		switch d.Type() {
		case 0:
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = string(b)
		case fs.ModeSymlink:
			if content, err = os.Readlink(path); err != nil {
				return err
			}
		}
		files[path[len(root):]] = fmt.Sprint(info.Mode(), content)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestPackRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := nar.Pack(io.Discard, filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	var wrong *fs.PathError
	if err := nar.Pack(io.Discard, dir); !errors.Is(err, nar.ErrType) || !errors.As(err, &wrong) || wrong.Path != filepath.Join(dir, "pipe") {
		t.Errorf("a pipe: %v", err)
	}
	if err := nar.Pack(io.Discard, "/proc/self/environ"); !errors.Is(err, nar.ErrChanged) {
		t.Errorf("a file whose size is wrong: %v", err)
	}
	hacked := t.TempDir()
	makeTree(t, hacked, []entry{file("x~nix~case~hack~1", "", false)})
	var refused *nar.HeaderError
	if err := nar.Pack(io.Discard, hacked); !errors.As(err, &refused) {
		t.Errorf("case hack: %v", err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	abc := archive(t, []entry{file("", "abc", false)})
	dir := t.TempDir()
	for name, entries := range map[string][]entry{
		"file": {file("", "", false)}, "directory": {directory("")}, "dangling": {link("", "elsewhere")},
	} {
		path := filepath.Join(dir, name)
		makeTree(t, path, entries)
		if err := nar.Unpack(bytes.NewReader(abc), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("over a %s: %v", name, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "elsewhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link was followed: %v", err)
	}
	if err := nar.Unpack(bytes.NewReader(abc), filepath.Join(dir, "absent", "x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no parent: %v", err)
	}
	var wrong *nar.Error
	if err := nar.Unpack(bytes.NewReader(abc[:100]), filepath.Join(dir, "short")); !errors.As(err, &wrong) {
		t.Errorf("too short: %v", err)
	}
}

// TestUnpackEscape tries a link in the place of a directory; the other ways out
// are names, which the reader refuses.
func TestUnpackEscape(t *testing.T) {
	t.Parallel()
	outside, inside := t.TempDir(), filepath.Join(t.TempDir(), "x")
	b := strs("nix-archive-1", "(", "type", "directory",
		"entry", "(", "name", "a", "node", "(", "type", "symlink", "target", outside, ")", ")",
		"entry", "(", "name", "a", "node", "(", "type", "directory",
		"entry", "(", "name", "f", "node", "(", "type", "regular", "contents", "", ")", ")", ")", ")", ")")
	var wrong *nar.Error
	if err := nar.Unpack(bytes.NewReader(b), inside); !errors.As(err, &wrong) {
		t.Errorf("%v", err)
	}
	if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(archive(f, sample()))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := nar.Unpack(bytes.NewReader(b), filepath.Join(dir, "x")); err != nil {
			return
		}
		var got bytes.Buffer
		if err := nar.Pack(&got, filepath.Join(dir, "x")); err != nil || !bytes.HasPrefix(b, got.Bytes()) {
			t.Fatalf("%q, %v", got.Bytes(), err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Fatalf("%v, %v", entries, err)
		}
	})
}

// TestTreeMemory is not parallel: it measures what the whole process allocates.
func TestTreeMemory(t *testing.T) {
	const size = 256 << 20
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	makeTree(t, big, []entry{file("", "", false)})
	if err := os.Truncate(big, size); err != nil { // a hole: no space is used
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, got, err := nar.Hash(big); err != nil || got != size+112 {
		t.Fatalf("%d, %v", got, err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes were allocated", used)
	}
}

// BenchmarkHash hashes a tree of 256 MiB, half in one file, half in files of
// 64 KiB, and reports how its speed compares with that of SHA-256 on memory.
func BenchmarkHash(b *testing.B) {
	const total = 256 << 20
	dir := b.TempDir()
	data := make([]byte, total/2)
	for i := range data {
		data[i] = byte(i * i >> 7)
	}
	makeTree(b, filepath.Join(dir, "x"), []entry{directory(""), file("big", string(data), false)})
	for i := range total / 2 / (64 << 10) {
		small := data[i*64<<10:][:64<<10]
		if err := os.WriteFile(filepath.Join(dir, "x", fmt.Sprint(i)), small, 0o644); err != nil {
			b.Fatal(err)
		}
	}
	var alone, tree time.Duration
	b.SetBytes(total)
	for b.Loop() {
		start := time.Now()
		state := sha256.New()
		state.Write(data)
		state.Write(data)
		state.Sum(nil)
		alone += time.Since(start)

		start = time.Now()
		if _, _, err := nar.Hash(filepath.Join(dir, "x")); err != nil {
			b.Fatal(err)
		}
		tree += time.Since(start)
	}
	b.ReportMetric(total*float64(b.N)/(1<<20)/tree.Seconds(), "hash-MiB/s")
	b.ReportMetric(total*float64(b.N)/(1<<20)/alone.Seconds(), "sha256-MiB/s")
	b.ReportMetric(100*alone.Seconds()/tree.Seconds(), "%-of-sha256")
}

// BenchmarkUnpack unpacks 2,000 files of 16 KiB.
func BenchmarkUnpack(b *testing.B) {
	content := string(make([]byte, 16<<10))
	entries := []entry{directory("")}
	for i := range 2_000 {
		entries = append(entries, file(fmt.Sprintf("%04d", i), content, false))
	}
	packed := archive(b, entries)
	dir := b.TempDir()
	b.SetBytes(int64(len(packed)))
	for b.Loop() {
		path := filepath.Join(dir, "x")
		if err := nar.Unpack(bufio.NewReader(bytes.NewReader(packed)), path); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := os.RemoveAll(path); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
