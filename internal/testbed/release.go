package testbed

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Release is a Nix that a bed can be run with.
type Release struct {
	Name   string // "installed", or the suite of Debian that it is from
	BinDir string // where its programs are: nix, nix-daemon, nix-env and so on
}

var (
	// ErrNotInstalled says that there is no nix-daemon on this machine.
	ErrNotInstalled = errors.New("nix-daemon is not installed; run scripts/setup")
	// ErrNotFetched says that scripts/nix-releases has not run.
	ErrNotFetched = errors.New("the releases of Nix for tests are not here; run make test-nix")
)

// suites are those of Debian that scripts/nix-releases fetches, older first.
// On 2026-11-22 they had Nix 2.26.3 and 2.34.8.
var suites = [...]string{"trixie", "forky"}

// Installed is the Nix that PATH leads to; the error is ErrNotInstalled.
func Installed() (Release, error) {
	daemon, err := exec.LookPath("nix-daemon")
	if err != nil {
		return Release{}, ErrNotInstalled
	}
	return Release{Name: "installed", BinDir: filepath.Dir(daemon)}, nil
}

// Fetched is the Nix of a suite of Debian, trixie or forky, as scripts/nix-releases
// has unpacked it. The error is ErrNotFetched, wrapped, if it has not.
func Fetched(suite string) (Release, error) {
	dir, err := releasesDir()
	if err != nil {
		return Release{}, err
	}
	bin := filepath.Join(dir, suite, "bin")
	if _, err := os.Stat(filepath.Join(bin, "nix-daemon")); err != nil {
		return Release{}, fmt.Errorf("testbed: Debian %s: %w", suite, ErrNotFetched)
	}
	return Release{Name: suite, BinDir: bin}, nil
}

// Releases are those that are here, the installed one first, then by age.
func Releases() []Release {
	var found []Release
	if r, err := Installed(); err == nil {
		found = append(found, r)
	}
	for _, suite := range suites {
		if r, err := Fetched(suite); err == nil {
			found = append(found, r)
		}
	}
	return found
}

// AllReleases is Releases for a test that needs every one of them: it fails when
// one is missing. Such tests have RealNix in their names, and so `make test-nix`
// runs them.
func AllReleases(tb testing.TB) []Release {
	tb.Helper()
	installed, err := Installed()
	if err != nil {
		tb.Fatalf("testbed: %v", err)
	}
	all := []Release{installed}
	for _, suite := range suites {
		r, err := Fetched(suite)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// releasesDir is where scripts/nix-releases unpacks.
func releasesDir() (string, error) {
	dir, err := CacheDir("LUMINOUS_NIX_RELEASES", "nix")
	if err != nil {
		return "", fmt.Errorf("testbed: %w: %w", err, ErrNotFetched)
	}
	return dir, nil
}

// CacheDir is where a script keeps what it makes for the tests: what the variable
// says, or .cache/NAME of the module that the working directory belongs to.
func CacheDir(variable, name string) (string, error) {
	if dir := os.Getenv(variable); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, ".cache", name), nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("outside of the repository")
		}
	}
}
