package bench_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/nar"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// The large store that the libraries below nix/ are measured on.
const (
	storePaths   = 20_000
	storeClosure = 2_000
)

// library is the large store, made for the first benchmark that needs it.
type library struct {
	*bed
	tool string // the command store
	top  store.Path
	drv  store.Path // that is not built
}

var large = sync.OnceValues(func() (*library, error) {
	dir := filepath.Dir(machine.askNix)
	nix, err := testbed.Start(context.Background(), filepath.Join(dir, "large"))
	if err != nil {
		return nil, err
	}
	stops = append(stops, nix.Stop)
	l := &library{bed: &bed{nix, machine.askNix, nix.Env(), machine.null}, tool: filepath.Join(dir, "store")}
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", l.tool, "luminousnix/cmd/store")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	if l.top, err = nix.Fill(context.Background(), storePaths, storeClosure); err != nil {
		return nil, err
	}
	l.drv, err = l.instantiate()
	return l, err
})

func (l *library) instantiate() (store.Path, error) {
	expression := `derivation { name = "new"; system = builtins.currentSystem; builder = "/bin/sh"; }`
	out, err := l.Command(context.Background(), "nix-instantiate", "--expr", expression).Output()
	if err != nil {
		return "", err
	}
	p, _, err := l.dir().Split(string(out[:len(out)-1]))
	return p, err
}

func (l *library) dir() store.Dir { return store.Dir(l.StoreDir) }

func (l *library) open(b *testing.B) *storedb.DB {
	b.Helper()
	db, err := storedb.Open(b.Context(), storedb.Options{StoreDir: l.dir(), StateDir: l.StateDir})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db
}

func (l *library) dial(b *testing.B) *daemon.Conn {
	b.Helper()
	conn, err := daemon.Dial(b.Context(), daemon.Options{Socket: l.Socket, StoreDir: l.dir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return conn
}

func needLarge(b *testing.B) *library {
	b.Helper()
	l, err := large()
	if err != nil {
		b.Fatal(err)
	}
	return l
}

// against runs our command, the same within this process, and the program of Nix
// through the daemon and on the store itself, in turns, and reports the medians:
// P is how many times faster our process is, I this process on what it has open.
func (l *library) against(b *testing.B, ours []string, inside func() error, theirs ...string) {
	b.Helper()
	local := &bed{l.Nix, l.askNix, append(l.Env(), "NIX_REMOTE=local"), l.null}
	var process, inProcess, peer, peerLocal []time.Duration
	for b.Loop() {
		process = append(process, l.time(b, ours...))
		start := time.Now()
		if err := inside(); err != nil {
			b.Fatal(err)
		}
		inProcess = append(inProcess, time.Since(start))
		peer = append(peer, l.time(b, theirs...))
		peerLocal = append(peerLocal, local.time(b, theirs...))
	}
	reportAgainst(b, process, inProcess, peer, peerLocal)
}

func reportAgainst(b *testing.B, process, inProcess, peer, peerLocal []time.Duration) {
	b.Helper()
	p, i, through, direct := median(process), median(inProcess), median(peer), median(peerLocal)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(p), "ms-P")
	b.ReportMetric(milliseconds(i), "ms-I")
	b.ReportMetric(milliseconds(through), "nix-daemon-ms")
	b.ReportMetric(milliseconds(direct), "nix-local-ms")
	b.ReportMetric(ratio(through, p), "x-daemon-P")
	b.ReportMetric(ratio(direct, p), "x-local-P")
	b.ReportMetric(ratio(through, i), "x-daemon-I")
	b.ReportMetric(ratio(direct, i), "x-local-I")
}

func ratio(theirs, ours time.Duration) float64 { return float64(theirs) / float64(ours) }

func BenchmarkStoreClosure(b *testing.B) {
	l := needLarge(b)
	graph, err := l.open(b).Graph(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l.against(b, []string{l.tool, "requisites", string(l.top)}, func() error {
		_, err := graph.Closure(l.top)
		return err
	}, "nix-store", "--query", "--requisites", string(l.top))
}

func BenchmarkStoreSizes(b *testing.B) {
	l := needLarge(b)
	graph, err := l.open(b).Graph(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	l.against(b, []string{l.tool, "sizes", string(l.top)}, func() error {
		_, err := graph.ClosureSizes(l.top)
		return err
	}, "nix", "--extra-experimental-features", "nix-command", "path-info", "-rSh", string(l.top))
}

func BenchmarkStoreDryRun(b *testing.B) {
	l := needLarge(b)
	conn := l.dial(b)
	l.against(b, []string{l.tool, "dry-run", string(l.drv)}, func() error {
		_, err := conn.Missing(b.Context(), []daemon.DerivedPath{daemon.Outputs(l.drv)})
		return err
	}, "nix", "--extra-experimental-features", "nix-command", "build", "--dry-run", "--no-link", string(l.drv))
}

// BenchmarkStoreSet makes a new generation each time: two paths take turns.
func BenchmarkStoreSet(b *testing.B) {
	l := needLarge(b)
	conn := l.dial(b)
	below, err := l.open(b).References(b.Context(), l.top)
	if err != nil {
		b.Fatal(err)
	}
	paths := []store.Path{l.top, below[0].Path}
	profiles := filepath.Dir(l.SystemProfile)
	inside := profile.Profile(filepath.Join(profiles, "inside"))
	options := profile.CreateOptions{StateDir: profile.StateDir(l.StateDir)}
	local := &bed{l.Nix, l.askNix, append(l.Env(), "NIX_REMOTE=local"), l.null}
	var process, inProcess, peer, peerLocal []time.Duration
	for n := 0; b.Loop(); n++ {
		path := paths[n%2]
		process = append(process, l.time(b, l.tool, "set", filepath.Join(profiles, "ours"), string(path)))
		start := time.Now()
		if _, err := inside.Create(b.Context(), conn, path, options); err != nil {
			b.Fatal(err)
		}
		inProcess = append(inProcess, time.Since(start))
		peer = append(peer, l.time(b, "nix-env", "--profile", filepath.Join(profiles, "theirs"), "--set", string(path)))
		peerLocal = append(peerLocal, local.time(b, "nix-env", "--profile", filepath.Join(profiles, "local"), "--set", string(path)))
	}
	reportAgainst(b, process, inProcess, peer, peerLocal)
}

func BenchmarkStoreDead(b *testing.B) {
	l := needLarge(b)
	db := l.open(b)
	l.against(b, []string{l.tool, "dead"}, func() error {
		roots, err := db.Roots(b.Context())
		if err != nil {
			return err
		}
		graph, err := db.Graph(b.Context())
		if err != nil {
			return err
		}
		paths := make([]store.Path, len(roots))
		for i, root := range roots {
			paths[i] = root.Path
		}
		graph.Dead(paths, storedb.Liveness{})
		return nil
	}, "nix-store", "--gc", "--print-dead")
}

// BenchmarkCleanUpDecide decides what a clean-up of the large store would free, with
// a profile of 200 generations: the whole process, and what Nix takes to print what is
// dead.
func BenchmarkCleanUpDecide(b *testing.B) {
	l := needLarge(b)
	if err := l.crowd(b); err != nil {
		b.Fatal(err)
	}
	ours := []string{l.askNix, "clean-up", "--keep", "5", "--dry-run"}
	theirs := []string{"nix-store", "--gc", "--print-dead"}
	l.time(b, ours...)
	var times, peer []time.Duration
	for b.Loop() {
		times = append(times, l.time(b, ours...))
		peer = append(peer, l.time(b, theirs...))
	}
	report(b, median(times))
	b.ReportMetric(milliseconds(median(peer)), "print-dead-ms")
}

// crowd makes generations of members of the large closure, the top of it the last.
func (l *library) crowd(b *testing.B) error {
	closure, err := l.open(b).Closure(b.Context(), l.top)
	if err != nil {
		return err
	}
	for n := 1; n <= generations; n++ {
		target := closure[n*len(closure)/(generations+1)].Path
		if n == generations {
			target = l.top
		}
		if err := os.Symlink(string(target), l.GenerationLink(n)); err != nil && !os.IsExist(err) {
			return err
		}
		if err := l.SetGenerationTime(n, time.Now().AddDate(0, 0, n-generations)); err != nil {
			return err
		}
	}
	err = os.Symlink(filepath.Base(l.GenerationLink(generations)), l.SystemProfile)
	if os.IsExist(err) {
		return nil
	}
	return err
}

// BenchmarkNarHash hashes the archive of a tree of 1 GiB that the page cache has,
// and the same bytes with SHA-256 alone.
func BenchmarkNarHash(b *testing.B) {
	tree := filepath.Join(filepath.Dir(machine.askNix), "tree")
	if err := makeTree(tree); err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(tree)
	var hashed, alone []time.Duration
	for b.Loop() {
		start := time.Now()
		_, size, err := nar.Hash(tree)
		if err != nil {
			b.Fatal(err)
		}
		hashed = append(hashed, time.Since(start))
		start = time.Now()
		sha256Alone(size)
		alone = append(alone, time.Since(start))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(milliseconds(median(hashed)), "nar-ms")
	b.ReportMetric(milliseconds(median(alone)), "sha256-ms")
	b.ReportMetric(100*ratio(median(alone), median(hashed)), "%-of-sha256")
}

// makeTree makes 16 folders with files of 4 KiB to 32 MiB, 1 GiB in all.
func makeTree(dir string) error {
	block := make([]byte, 32<<20)
	for i := range block {
		block[i] = byte(i * i >> 7)
	}
	for folder := range 16 {
		name := filepath.Join(dir, fmt.Sprint(folder))
		if err := os.MkdirAll(name, 0o755); err != nil {
			return err
		}
		left := 64 << 20
		for n := 0; left > 0; n++ {
			size := min(left, 4<<10<<(n%14))
			if err := os.WriteFile(filepath.Join(name, fmt.Sprint(n)), block[:size], 0o644); err != nil {
				return err
			}
			left -= size
		}
	}
	return nil
}

func sha256Alone(size int64) {
	hash := sha256.New()
	block := make([]byte, 1<<20)
	for size > 0 {
		n := min(size, int64(len(block)))
		hash.Write(block[:n])
		size -= n
	}
}

// BenchmarkStreaming adds a file of 2 GiB to the store and reads its archive, and
// reports the most memory that each had resident.
func BenchmarkStreaming(b *testing.B) {
	l := needLarge(b)
	file := filepath.Join(l.Dir, "2GiB")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		b.Fatal(err)
	}
	if err := os.Truncate(file, 2<<30); err != nil {
		b.Fatal(err)
	}
	var add, cat float64
	for b.Loop() {
		out, resident := l.resident(b, l.tool, "add", "2GiB", file)
		add = max(add, resident)
		_, resident = l.resident(b, l.tool, "cat", strings.TrimSpace(out))
		cat = max(cat, resident)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(add, "MiB-add")
	b.ReportMetric(cat, "MiB-cat")
}

// resident runs a command to its end and returns what it printed, unless that is
// long, and the most memory it had resident, in MiB.
func (l *library) resident(b *testing.B, argv ...string) (string, float64) {
	b.Helper()
	cmd := l.Command(b.Context(), argv[0], argv[1:]...)
	var out strings.Builder
	cmd.Stdout = limited{&out}
	if err := cmd.Run(); err != nil {
		b.Fatalf("%v: %v", argv, err)
	}
	return out.String(), float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

// limited keeps a few bytes of what is written and lets the rest go.
type limited struct{ *strings.Builder }

func (l limited) Write(p []byte) (int, error) {
	if room := 4096 - l.Len(); room > 0 {
		l.Builder.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
