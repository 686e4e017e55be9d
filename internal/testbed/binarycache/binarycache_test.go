package binarycache_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
)

// size is that of the file in the path which is copied; no compression makes it
// smaller.
const size = 300_000

const expression = `derivation { name = "large"; system = builtins.currentSystem; builder = "/bin/sh";
	PATH = "/usr/bin:/bin"; args = [ "-c" "head -c 300000 /dev/urandom >$out" ]; }`

// bed is a Nix with a cache that has one path, which the store has no more.
type bed struct {
	nix   *testbed.Nix
	cache *binarycache.Cache
	path  string
}

// newBed starts both, with more settings than the cache's own.
func newBed(t *testing.T, release testbed.Release, compression, settings string) *bed {
	t.Helper()
	cache := binarycache.New(t)
	cache.Compression = compression
	b := &bed{cache: cache, nix: testbed.NewWith(t, testbed.Options{
		Release:  release,
		Settings: cache.Settings() + settings,
	})}
	b.path = b.must(t, "nix-build", "--no-out-link", "--expr", expression)
	if err := cache.Push(t.Context(), b.nix, b.path); err != nil {
		t.Fatal(err)
	}
	b.delete(t)
	return b
}

func (b *bed) must(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := b.nix.Command(t.Context(), name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// awaitDead waits until nothing keeps the path: the process of the daemon that got it does until
// it is over, which is after whoever asked has gone.
func (b *bed) awaitDead(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if strings.Contains(b.must(t, "nix-store", "--gc", "--print-dead"), b.path) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still alive", b.path)
		}
	}
}

func (b *bed) delete(t *testing.T) {
	t.Helper()
	b.awaitDead(t)
	b.must(t, "nix-store", "--delete", b.path)
	if _, err := os.Lstat(b.path); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("%s is still there: %v", b.path, err)
	}
}

// substitute gets the path from the cache; nothing can build it, because its
// derivation is not named. It returns what Nix says, and the requests it made.
func (b *bed) substitute(t *testing.T) (output string, requests []binarycache.Request, err error) {
	t.Helper()
	before := len(b.cache.Requests())
	out, err := b.nix.Command(t.Context(), "nix-store", "--realise", b.path).CombinedOutput()
	return string(out), b.cache.Requests()[before:], err
}

// ranges counts the downloads that were resumed.
func ranges(requests []binarycache.Request) (count int) {
	for _, r := range requests {
		if r.Range != "" {
			count++
		}
	}
	return count
}

func TestRealNixSubstitutes(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		for _, compression := range []string{"xz", "zstd", "none"} {
			t.Run(release.Name+"/"+compression, func(t *testing.T) {
				t.Parallel()
				b := newBed(t, release, compression, "")
				files, err := filepath.Glob(filepath.Join(b.cache.Dir, "*.narinfo"))
				if err != nil || len(files) != 1 {
					t.Fatalf("the cache has %v, %v", files, err)
				}
				text, err := os.ReadFile(files[0])
				if err != nil || !strings.Contains(string(text), "\nCompression: "+compression+"\n") {
					t.Errorf("the cache has, %v:\n%s", err, text)
				}
				out, requests, err := b.substitute(t)
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if info, err := os.Stat(b.path); err != nil || info.Size() != size {
					t.Errorf("substituted %v, %v", info, err)
				}
				if last := requests[len(requests)-1].Path; !strings.HasPrefix(last, "/nar/") {
					t.Errorf("the last request is for %s", last)
				}
				b.must(t, "nix", "store", "verify", b.path)
			})
		}
	}
}

// faultCase is a fault, and what a Nix that substitutes makes of it.
type faultCase struct {
	name    string
	faults  binarycache.Faults
	refused string        // what Nix says when it gives up; empty if it does not
	ranges  int           // how many resumed downloads there are at least
	atLeast time.Duration // how long it takes
	slow    bool          // mostly waiting, so only with one release
}

func TestRealNixFaults(t *testing.T) {
	t.Parallel()
	cases := []faultCase{
		{name: "status 500", faults: binarycache.Faults{ErrorRate: 0.5}},
		{name: "all 500", faults: binarycache.Faults{ErrorRate: 1}, refused: "500", slow: true},
		{name: "cut", faults: binarycache.Faults{Path: "/nar/", CutAfter: 150_000}, ranges: 2},
		{name: "stall", faults: binarycache.Faults{Path: "/nar/", StallAfter: 200_000}, ranges: 1, atLeast: time.Second, slow: true},
		{name: "flip", faults: binarycache.Faults{Path: "/nar/", FlipAt: 150_000}, refused: "hash mismatch"},
		{name: "latency", faults: binarycache.Faults{Latency: 200 * time.Millisecond}, atLeast: 400 * time.Millisecond},
		{name: "silent", faults: binarycache.Faults{Path: "/nar/", Silent: true}, refused: "unable to download", atLeast: 3 * time.Second, slow: true},
	}
	releases := testbed.AllReleases(t)
	for _, release := range releases {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			runFaults(t, release, cases, func(c faultCase) bool { return !c.slow })
		})
	}
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		runFaults(t, releases[0], cases, func(c faultCase) bool { return c.slow })
	})
}

// runFaults substitutes the same path once for each of the cases that are wanted.
func runFaults(t *testing.T, release testbed.Release, cases []faultCase, want func(faultCase) bool) {
	b := newBed(t, release, "none", "")
	for _, test := range cases {
		if !want(test) {
			continue
		}
		b.cache.SetFaults(test.faults)
		start := time.Now()
		out, requests, err := b.substitute(t)
		took := time.Since(start)
		t.Logf("%s: %d requests in %v", test.name, len(requests), took.Round(time.Millisecond))
		if took < test.atLeast {
			t.Errorf("%s: took %v", test.name, took)
		}
		if got := ranges(requests); got < test.ranges {
			t.Errorf("%s: %d resumed downloads of %v", test.name, got, requests)
		}
		if test.refused != "" {
			if err == nil || !strings.Contains(out, test.refused) {
				t.Errorf("%s: %v\n%s", test.name, err, out)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", test.name, err, out)
		}
		b.delete(t)
	}
}

// A path that another key has signed is as good as unsigned.
func TestRealNixForeignKey(t *testing.T) {
	t.Parallel()
	other := binarycache.New(t).PublicKey
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release, "", "trusted-public-keys = "+other+"\n")
			out, _, err := b.substitute(t)
			if err == nil || !strings.Contains(out, "sign") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// The faults by themselves, as any client of HTTP meets them.
func TestFaults(t *testing.T) {
	t.Parallel()
	c := binarycache.New(t)
	content := strings.Repeat("0123456789", 10)
	if err := os.WriteFile(filepath.Join(c.Dir, "file"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	get := func() (status int, body string, err error) {
		client := http.Client{Timeout: 200 * time.Millisecond}
		resp, err := client.Get(c.URL + "/file")
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		return resp.StatusCode, string(data), err
	}

	for _, test := range []struct {
		name   string
		faults binarycache.Faults
		status int
		body   string
		fails  bool
	}{
		{"none", binarycache.Faults{}, 200, content, false},
		{"elsewhere", binarycache.Faults{Path: "/nar/", ErrorRate: 1, Silent: true}, 200, content, false},
		{"error", binarycache.Faults{ErrorRate: 1}, 500, "a fault of the test\n", false},
		{"cut", binarycache.Faults{CutAfter: 25}, 200, content[:25], true},
		{"stall", binarycache.Faults{StallAfter: 25}, 200, content[:25], true},
		{"cut before stall", binarycache.Faults{CutAfter: 25, StallAfter: 50}, 200, content[:25], true},
		{"flip", binarycache.Faults{FlipAt: 1}, 200, "1" + content[1:], false},
		{"flip after the end", binarycache.Faults{FlipAt: 101}, 200, content, false},
		{"latency", binarycache.Faults{Latency: time.Minute}, 0, "", true},
		{"silent", binarycache.Faults{Silent: true}, 0, "", true},
	} {
		c.SetFaults(test.faults)
		status, body, err := get()
		if status != test.status || body != test.body || (err != nil) != test.fails {
			t.Errorf("%s: status %d, %q, %v", test.name, status, body, err)
		}
	}

	c.SetFaults(binarycache.Faults{ErrorRate: 0.3})
	var pattern strings.Builder
	for range 10 {
		status, _, err := get()
		if err != nil {
			t.Fatal(err)
		}
		pattern.WriteByte("25"[min(1, status/500)])
	}
	if got, want := pattern.String(), "2225225225"; got != want {
		t.Errorf("of ten requests %s fail, want %s", got, want)
	}
}
