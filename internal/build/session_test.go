package build_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/build"
	"luminousnix/internal/buildtimes"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// packages are some of which alpha is downloaded, and two fail.
const packages = `
let
  make = name: command: needs: derivation {
    inherit name needs; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" command ];
  };
in rec {
  alpha = make "alpha-1.2" "head -c 3000000 /dev/urandom > $out" [ ];
  beta = make "beta-2" ''echo '@nix { "action": "setPhase", "phase": "buildPhase" }' >&''${NIX_LOG_FD:-2}; echo hello; echo > $out'' [ alpha ];
  gamma = make "gamma" "echo no water >&2; sleep 0.2; exit 3" [ ];
  delta = make "delta-0.1" "echo no light; exit 1" [ ];
  good = make "good" "echo > $out" [ beta ];
  top = make "top" "echo > $out" [ good gamma delta ];
}
`

// TestSession builds, downloads and fails with each release of Nix: what is told of it is
// right, and how long it took is known afterwards.
func TestSession(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			cache := binarycache.New(t)
			nix := testbed.NewWith(t, testbed.Options{Release: release, Settings: cache.Settings() + "max-jobs = 2\nkeep-going = true\n"})
			h := host.Find(getenv(nix), nix.Root)
			file := filepath.Join(nix.Dir, "packages.nix")
			if err := os.WriteFile(file, []byte(packages), 0o600); err != nil {
				t.Fatal(err)
			}
			alpha := output(t, nix, "nix-build", "--no-out-link", file, "-A", "alpha")
			if err := cache.Push(t.Context(), nix, alpha); err != nil {
				t.Fatal(err)
			}
			output(t, nix, "nix-store", "--delete", alpha)
			good := output(t, nix, "nix-instantiate", file, "-A", "good")
			top := output(t, nix, "nix-instantiate", file, "-A", "top")

			events := run(t, h, good, nil)
			if diff := cmp.Diff([]string{"start alpha-1.2", "stop", "start beta-2", "stage buildPhase", "log hello", "stop", "start good", "stop"}, gist(events)); diff != "" {
				t.Error(diff)
			}
			var s progress.State
			for _, e := range events {
				s.Observe(e, time.Now())
			}
			builds, downloads := s.Count(operation.Building), s.Count(operation.Downloading)
			if builds.Done != 2 || downloads.Done != 1 || s.Bytes() < 3_000_000 || s.ExpectedBytes() < 3_000_000 || s.Failed != nil {
				t.Errorf("%+v, %+v, %d of %d bytes", builds, downloads, s.Bytes(), s.ExpectedBytes())
			}
			if waitB, waitD := s.Waiting(); waitB+waitD != 0 {
				t.Errorf("%d builds and %d downloads wait", waitB, waitD)
			}

			failed := new(build.FailedError)
			events = run(t, h, top, failed)
			var bad int
			for _, e := range events {
				if e.Kind == operation.EventStop && e.Failed {
					bad++
				}
			}
			logs := map[string]string{progress.Name(string(failed.Derivation)): strings.Join(failed.Log, "|")}
			for _, other := range failed.Others {
				logs[progress.Name(string(other.Derivation))] = strings.Join(other.Log, "|")
			}
			if diff := cmp.Diff(map[string]string{"gamma": "no water", "delta-0.1": "no light"}, logs); diff != "" || bad != 2 {
				t.Errorf("%d failed; %s", bad, diff)
			}

			db, err := build.HistoryOf(h).Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			known, err := db.Known(t.Context(), []string{"alpha-1", "beta-3", "good", "gamma", "delta", "top"})
			if err != nil || len(known.Seconds) != 2 || known.Seconds["beta"] == nil || known.Seconds["good"] == nil || len(known.Bandwidth) != 1 {
				t.Errorf("%+v, %v", known, err)
			}
		})
	}
}

// run builds a derivation; what it told comes back. failed takes the error, if there is to
// be one.
func run(t *testing.T, h *host.Host, drv string, failed *build.FailedError) (events []operation.Event) {
	t.Helper()
	s, err := build.Open(t.Context(), h, operation.ObserverFunc(func(e operation.Event) { events = append(events, e) }))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	path := daemon.Outputs(store.Path(drv))
	missing, err := s.Conn.Missing(t.Context(), []daemon.DerivedPath{path})
	if err != nil {
		t.Fatal(err)
	}
	s.Expect(t.Context(), &missing)
	err = s.Build(t.Context(), path)
	var was *build.FailedError
	switch {
	case failed == nil && err != nil:
		t.Fatal(err)
	case failed != nil && !errors.As(err, &was):
		t.Fatalf("got %v", err)
	case failed != nil:
		*failed = *was
	}
	return events
}

// gist is what was told of what went on.
func gist(events []operation.Event) (all []string) {
	for _, e := range events {
		switch e.Kind {
		case operation.EventStart:
			all = append(all, "start "+progress.Name(e.Path))
		case operation.EventStop:
			all = append(all, "stop")
		case operation.EventStage:
			all = append(all, "stage "+e.Phase)
		case operation.EventLog:
			all = append(all, "log "+e.Text)
		}
	}
	return all
}

func output(t *testing.T, nix *testbed.Nix, name string, args ...string) string {
	t.Helper()
	out, err := nix.Command(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// getenv is the environment of a bed.
func getenv(nix *testbed.Nix) func(string) string {
	return func(name string) string {
		for _, entry := range nix.Env() {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// TestEstimate: how long it takes is foretold from what was built before, and shown before
// it is begun and while it goes on.
func TestEstimate(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	h := host.Find(getenv(nix), nix.Root)
	file := filepath.Join(nix.Dir, "packages.nix")
	const slow = `
let make = name: needs: derivation {
  inherit name needs; system = builtins.currentSystem; builder = "/bin/sh"; PATH = "/usr/bin:/bin"; args = [ "-c" "sleep 0.4; echo > $out" ];
};
in make "top-1" [ (make "left-1" [ ]) (make "right-1" [ ]) ]`
	if err := os.WriteFile(file, []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	drv := output(t, nix, "nix-instantiate", file)
	missing := func() *daemon.Missing {
		s, err := build.Open(t.Context(), h, operation.Silent)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m, err := s.Conn.Missing(t.Context(), []daemon.DerivedPath{daemon.Outputs(store.Path(drv))})
		if err != nil {
			t.Fatal(err)
		}
		return &m
	}
	if e := build.Estimate(t.Context(), h, operation.Build{}, missing()); e != nil {
		t.Errorf("without a past it takes %+v", e)
	}
	remember(t, h, map[string]time.Duration{"top-0": 300 * time.Second, "left-0": 60 * time.Second, "right-0": 100 * time.Second})
	one := build.Estimate(t.Context(), h, operation.Build{MaxJobs: 1}, missing())
	two := build.Estimate(t.Context(), h, operation.Build{MaxJobs: 2}, missing())
	if one == nil || two == nil || one.Low > 460 || one.High < 460 || two.Low > 400 || two.High < 400 || two.High >= one.High {
		t.Errorf("460 s with one job are %+v, 400 s with two are %+v", one, two)
	}
	events := run(t, h, drv, nil)
	var first *operation.Event
	for i := range events {
		if events[i].Kind == operation.EventEstimate && first == nil {
			first = &events[i]
		}
	}
	if first == nil || first.Estimate.Low > 460 || first.Estimate.High < 300 {
		t.Errorf("it was foretold that it takes %+v", first)
	}
	if e := build.Estimate(t.Context(), h, operation.Build{}, missing()); e != nil {
		t.Errorf("nothing takes %+v", e)
	}
}

func remember(t *testing.T, h *host.Host, took map[string]time.Duration) {
	t.Helper()
	db, err := build.HistoryOf(h).Open(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for name, d := range took {
		if err := db.Add(t.Context(), []buildtimes.Build{{Name: name, Took: d, Ended: time.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
}
