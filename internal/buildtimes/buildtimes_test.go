package buildtimes_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/buildtimes"
)

func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func open(t *testing.T, file buildtimes.File) *buildtimes.DB {
	t.Helper()
	db, err := file.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func fresh(t *testing.T) buildtimes.File {
	return buildtimes.File{Path: filepath.Join(t.TempDir(), "state", buildtimes.Name)}
}

func add(t *testing.T, db *buildtimes.DB, builds ...buildtimes.Build) {
	t.Helper()
	if err := db.Add(t.Context(), builds); err != nil {
		t.Fatal(err)
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	file := fresh(t)
	db := open(t, file)
	add(t, db, buildtimes.Build{Name: "vim-9.1", Took: 10 * time.Second, Ended: day(1)}, buildtimes.Build{Name: "etc", Took: 500 * time.Millisecond, Ended: day(2)})
	for n := range buildtimes.PerName + 2 {
		add(t, db, buildtimes.Build{Name: fmt.Sprint("linux-6.", n), Took: time.Duration(n) * time.Second, Ended: day(1 + n)})
	}
	add(t, db, buildtimes.Build{Name: "vim-9.2", Took: 30 * time.Second, Ended: day(3)})
	for _, bytes := range []int64{100, 400} {
		if err := db.AddTransfer(t.Context(), bytes, 2*time.Second, day(1)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := db.Known(t.Context(), []string{"vim-9.3", "linux-7.0", "nano-1", "etc"})
	if err != nil {
		t.Fatal(err)
	}
	want := buildtimes.Known{
		Seconds:   map[string][]float64{"vim": {30, 10}, "linux": {11, 10, 9, 8, 7, 6, 5, 4, 3, 2}, "etc": {0.5}},
		Usual:     []float64{6.5, 20, 0.5},
		Bandwidth: []float64{200, 50},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := db.SetCount(t.Context(), "evaluation of a", 70); err != nil {
		t.Fatal(err)
	}
	if n, err := db.Count(t.Context(), "evaluation of a"); n != 70 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := db.Count(t.Context(), "evaluation of b"); n != 0 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for path, mode := range map[string]fs.FileMode{file.Path: 0o600, filepath.Dir(file.Path): fs.ModeDir | 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

// TestBounds: what was built long ago is forgotten, all of it.
func TestBounds(t *testing.T) {
	t.Parallel()
	db := open(t, fresh(t))
	var builds []buildtimes.Build
	for n := range buildtimes.MostNames + 100 {
		builds = append(builds, buildtimes.Build{Name: fmt.Sprint("p", n), Took: time.Second, Ended: day(1).Add(time.Duration(n) * time.Second)})
	}
	add(t, db, builds...)
	all, err := db.All(t.Context())
	if err != nil || len(all) != buildtimes.MostNames {
		t.Errorf("%d builds, %v", len(all), err)
	}
	if known, err := db.Known(t.Context(), []string{"p0", "p99", "p100"}); err != nil || len(known.Seconds) != 1 {
		t.Errorf("%v, %v", known.Seconds, err)
	}
}

// TestDamaged: a damaged file is put aside, and a new one begun; one that is something else,
// or that others can write to, is left alone.
func TestDamaged(t *testing.T) {
	t.Parallel()
	good := fresh(t)
	db := open(t, good)
	add(t, db, buildtimes.Build{Name: "vim", Took: time.Second, Ended: day(1)})
	db.Close()
	content, err := os.ReadFile(good.Path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"no database": func([]byte) []byte { return []byte("a text that is no database at all, and longer than a head") },
		"cut":         func(b []byte) []byte { return b[:len(b)/2+100] },
		"zeros":       func(b []byte) []byte { return append(make([]byte, 200), b[200:]...) },
		"a page":      func(b []byte) []byte { clear(b[4096:8192]); clear(b[100:4096]); return b },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := fresh(t)
			if err := os.MkdirAll(filepath.Dir(file.Path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file.Path, damage(append([]byte(nil), content...)), 0o600); err != nil {
				t.Fatal(err)
			}
			db := open(t, file)
			add(t, db, buildtimes.Build{Name: "nano", Took: time.Second, Ended: day(1)})
			if all, err := db.All(t.Context()); err != nil || len(all) != 1 {
				t.Errorf("%v, %v", all, err)
			}
			if _, err := os.Stat(file.Path + buildtimes.Aside); err != nil {
				t.Error(err)
			}
		})
	}
	for name, spoil := range map[string]func(path string) error{
		"others may write": func(path string) error { return os.Chmod(path, 0o666) },
		"a link": func(path string) error {
			if err := os.Rename(path, path+"2"); err != nil {
				return err
			}
			return os.Symlink(path+"2", path)
		},
		"a folder of others": func(path string) error { return os.Chmod(filepath.Dir(path), 0o777) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := fresh(t)
			open(t, file).Close()
			if err := spoil(file.Path); err != nil {
				t.Fatal(err)
			}
			if db, err := file.Open(t.Context()); err == nil {
				db.Close()
				t.Error("it is opened")
			}
		})
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	db := open(t, fresh(t))
	csv := filepath.Join(t.TempDir(), "build-reports.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(csv, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	takes := func(want int) {
		t.Helper()
		if n, err := db.Import(t.Context(), csv); n != want || err != nil {
			t.Errorf("%d builds are taken over, %v; want %d", n, err, want)
		}
	}
	const some = "hostname,derivation name,utc time,build seconds\n,firefox,2026-01-02 03:04:05,1500\n,firefox,2026-01-03 03:04:05,1600\n" +
		"builder.example.org,firefox,2026-01-04 00:00:00,9\n,odd,yesterday,3\n,odd,2026-01-03 00:00:00,-1\n,short\n\"unclosed\n"
	write(some)
	takes(2)
	takes(0)
	write("hostname,derivation name,utctime,build_seconds\n,firefox,2026-01-02 03:04:05,1500\n,vim,2026-01-09 03:04:05,60\n")
	takes(1)
	known, err := db.Known(t.Context(), []string{"firefox-147.0", "vim-9"})
	if diff := cmp.Diff(map[string][]float64{"firefox": {1600, 1500}, "vim": {60}}, known.Seconds); diff != "" || err != nil {
		t.Error(diff, err)
	}
	write("a,b\n1,2\n")
	if _, err := db.Import(t.Context(), csv); err == nil {
		t.Error("another file is taken over")
	}
	if _, err := db.Import(t.Context(), csv+".none"); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
}

// TestTogether: processes add at the same time, and nothing is lost.
func TestTogether(t *testing.T) {
	t.Parallel()
	file := fresh(t)
	open(t, file).Close()
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			db, err := file.Open(context.Background())
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			for i := range 5 {
				if err := db.Add(context.Background(), []buildtimes.Build{{Name: fmt.Sprintf("p%c%c", 'a'+n, 'a'+i), Took: time.Second, Ended: day(1)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if builds, err := open(t, file).All(t.Context()); err != nil || len(builds) != 20 {
		t.Errorf("%d builds, %v", len(builds), err)
	}
}
