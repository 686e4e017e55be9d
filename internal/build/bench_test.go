package build_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/build"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// BenchmarkETAOfBuilds has a real daemon build sixteen packages, two at once, in eight
// versions, of which each takes some twenty percent longer or shorter than the others of
// its package. From the fourth on it prints by what part of the true time the whole was
// foretold wrong, when so much of it had passed: a median of the versions.
func BenchmarkETAOfBuilds(b *testing.B) {
	nix := testbed.NewWith(b, testbed.Options{Settings: "max-jobs = 2\n"})
	h := host.Find(getenv(nix), nix.Root)
	shares := []float64{0, 0.25, 0.5, 0.75}
	for range b.N {
		wrong := make([][]float64, len(shares))
		for version := range 8 {
			errors := measure(b, nix, h, version, shares)
			for i := range errors {
				if version >= 3 {
					wrong[i] = append(wrong[i], errors[i])
				}
			}
		}
		for i, share := range shares {
			slices.Sort(wrong[i])
			b.ReportMetric(100*wrong[i][len(wrong[i])/2], fmt.Sprintf("%.0f%%:error-%%", 100*share))
		}
	}
}

// measure builds a version of the packages.
func measure(b *testing.B, nix *testbed.Nix, h *host.Host, version int, shares []float64) (errors []float64) {
	b.Helper()
	r := rand.New(rand.NewPCG(uint64(version), 5))
	same := rand.New(rand.NewPCG(3, 5))
	var text strings.Builder
	text.WriteString("let make = name: seconds: needs: derivation { inherit name needs; system = builtins.currentSystem; builder = \"/bin/sh\"; PATH = \"/usr/bin:/bin\"; args = [ \"-c\" \"sleep ${seconds}; echo > $out\" ]; };\n")
	for i := range 16 {
		seconds := 0.5 * math.Exp(0.7*same.NormFloat64()) * math.Exp(0.2*r.NormFloat64())
		needs := ""
		for range same.IntN(3) {
			if i > 0 {
				needs += fmt.Sprintf(" p%d", same.IntN(i))
			}
		}
		fmt.Fprintf(&text, "p%d = make \"p%c-%d\" \"%.3f\" [%s ];\n", i, 'a'+i, version, seconds, needs)
	}
	text.WriteString("in make \"all-0\" \"0\" [ p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 p12 p13 p14 p15 ]")
	file := filepath.Join(nix.Dir, "packages.nix")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	out, err := nix.Command(b.Context(), "nix-instantiate", file).Output()
	if err != nil {
		b.Fatal(err)
	}
	path := daemon.Outputs(store.Path(strings.TrimSpace(string(out))))
	type told struct {
		at time.Duration
		of operation.Estimate
	}
	var all []told
	began := time.Now()
	s, err := build.Open(b.Context(), h, operation.ObserverFunc(func(e operation.Event) {
		if e.Kind == operation.EventEstimate {
			all = append(all, told{time.Since(began), *e.Estimate})
		}
	}))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	missing, err := s.Conn.Missing(b.Context(), []daemon.DerivedPath{path})
	if err != nil {
		b.Fatal(err)
	}
	s.Expect(b.Context(), &missing)
	began = time.Now()
	if err := s.Build(b.Context(), path); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began).Seconds()
	for _, share := range shares {
		for i := len(all) - 1; i >= 0; i-- {
			if at := all[i].at.Seconds(); at <= share*took || i == 0 {
				foretold := at + (all[i].of.Low+all[i].of.High)/2
				errors = append(errors, math.Abs(foretold-took)/took)
				break
			}
		}
	}
	return errors
}
