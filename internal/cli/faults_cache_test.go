package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
)

// distant is a machine whose packages are in a binary cache, and nowhere else.
type distant struct {
	*faulty
	cache *binarycache.Cache
	path  string // what `install parcel` downloads
}

func newDistant(t *testing.T, more func(*binarycache.Cache) string) *distant {
	t.Helper()
	cache := binarycache.New(t)
	cache.Compression = "none"
	d := &distant{cache: cache, faulty: onFaulty(t, testbed.NewWith(t, testbed.Options{Settings: cache.Settings() + more(cache)}))}
	d.offer(map[string]string{"parcel": "mkdir $out; head -c 300000 /dev/urandom >$out/data"})
	d.path = d.must("nix-build", "--no-out-link", "<nixpkgs>", "-A", "parcel")
	if err := cache.Push(t.Context(), d.nix, d.path); err != nil {
		t.Fatal(err)
	}
	d.must("nix-store", "--delete", d.path)
	return d
}

// install downloads the package, and is rid of it again if that went well.
func (d *distant) install(faults binarycache.Faults) reply {
	d.Helper()
	d.cache.SetFaults(faults)
	a := d.ask("install", "parcel", "--user", "--yes")
	links, err := filepath.Glob(filepath.Join(d.nix.StateDir, "profiles/per-user/*/profile*"))
	if err != nil {
		d.Fatal(err)
	}
	for _, link := range links {
		if err := os.Remove(link); err != nil {
			d.Fatal(err)
		}
	}
	valid := d.nix.Command(d.Context(), "nix-store", "--check-validity", d.path).Run()
	if a.Success != (valid == nil) {
		d.Errorf("success %v, and of the package: %v", a.Success, valid)
	}
	if a.Success != (len(links) > 0) {
		d.Errorf("success %v, and the profile has %v", a.Success, links)
	}
	d.must("nix-collect-garbage")
	return a
}

// TestFaultCacheSlowOrCut has a binary cache that is slow, or cuts what it sends, or fails
// now and then: it takes longer, and is done.
func TestFaultCacheSlowOrCut(t *testing.T) {
	t.Parallel()
	d := newDistant(t, noMore)
	d.wantSuccess("slow", d.install(binarycache.Faults{Latency: 100 * time.Millisecond}), "")
	d.wantSuccess("cut half-way", d.install(binarycache.Faults{Path: "/nar/", CutAfter: 200_000}), "")
	d.wantSuccess("now and then 500", d.install(binarycache.Faults{ErrorRate: 0.5}), "")
	d.sound()
}

// TestFaultCacheFails has a binary cache that is of no use: it is tried again, within
// bounds, and then told with what can be done. Nothing of it is in the store.
func TestFaultCacheFails(t *testing.T) {
	t.Parallel()
	d := newDistant(t, noMore)
	for name, faults := range map[string]binarycache.Faults{
		"500":     {Path: "/nar/", ErrorRate: 1},
		"cut":     {Path: "/nar/", CutAfter: 10},
		"hanging": {Path: "/nar/", Silent: true},
	} {
		a := d.install(faults)
		d.wantFailure(name, a, 5, "", "try again when the network is back")
		if len(a.Recovery) == 0 || len(a.Recovery) > 3 || strings.Count(a.remedies(), "retry") != len(a.Recovery) {
			t.Errorf("%s: what was done is %+v", name, a.Recovery)
		}
		if strings.Count(a.said, "trying again") != len(a.Recovery) {
			t.Errorf("%s: it is not told what is done:\n%s", name, a.said)
		}
		t.Logf("%s: %s after %s", name, a.remedies(), a.took.Round(time.Millisecond))
	}
	d.wantSuccess("well again", d.install(binarycache.Faults{}), "")
	d.sound()
	d.wantChain()
}

// TestFaultCacheLies has a binary cache that sends something else than it has signed: it
// is not believed, and not asked again.
func TestFaultCacheLies(t *testing.T) {
	t.Parallel()
	d := newDistant(t, noMore)
	a := d.install(binarycache.Faults{Path: "/nar/", FlipAt: 150_000})
	d.wantFailure("a lie", a, 1, "", "nothing of it is used")
	if len(a.Recovery) > 0 {
		t.Errorf("it was tried again: %+v", a.Recovery)
	}
	d.wantSuccess("the truth", d.install(binarycache.Faults{}), "")
	d.sound()
}

// TestFaultCacheOther has a binary cache that Nix knows to be one, and that answers 500 to
// everything now, before another one that has what is wanted: that is gone on with.
func TestFaultCacheOther(t *testing.T) {
	t.Parallel()
	broken := binarycache.New(t)
	d := newDistant(t, func(c *binarycache.Cache) string {
		return "substituters = " + broken.URL + " " + c.URL + "\n"
	})
	info := filepath.Join(broken.Dir, "nix-cache-info")
	if err := os.WriteFile(info, []byte("StoreDir: "+d.nix.StoreDir+"\nWantMassQuery: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.wantSuccess("both are there", d.install(binarycache.Faults{}), "")
	broken.SetFaults(binarycache.Faults{ErrorRate: 1})
	before := len(d.cache.Requests())
	a := d.install(binarycache.Faults{})
	t.Logf("%q after %s", a.remedies(), a.took.Round(time.Millisecond))
	d.wantSuccess("one is broken", a, "retry other-substituters")
	downloaded := 0
	for _, r := range d.cache.Requests()[before:] {
		if strings.HasPrefix(r.Path, "/nar/") {
			downloaded++
		}
	}
	if downloaded == 0 {
		t.Error("nothing was downloaded from the other one")
	}
}

func noMore(*binarycache.Cache) string { return "" }
