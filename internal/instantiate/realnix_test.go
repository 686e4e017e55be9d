package instantiate

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
)

// bed is a real Nix, and our command with its environment.
type bed struct{ *testbed.Nix }

// ours runs our command.
func (b bed) ours(args ...string) (status int, out, stderr string) {
	var o, e bytes.Buffer
	status = run(context.Background(), args, strings.NewReader(""), &o, &e, b.Env())
	return status, o.String(), e.String()
}

// theirs runs nix-instantiate of the bed.
func (b bed) theirs(t *testing.T, args ...string) string {
	t.Helper()
	cmd := b.Command(t.Context(), Name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", Name, args, err, stderr.String())
	}
	return string(out)
}

func eachRelease(t *testing.T, test func(t *testing.T, b bed)) {
	t.Helper()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			test(t, bed{testbed.NewWith(t, testbed.Options{Release: release})})
		})
	}
}

// TestRealNixInstantiate writes the derivations of a NixOS and of all packages
// into an empty store, and then has each Nix do so: it finds all of them valid and
// prints the same paths.
func TestRealNixInstantiate(t *testing.T) {
	t.Parallel()
	eachRelease(t, func(t *testing.T, b bed) {
		for _, args := range [][]string{
			{b.Nixpkgs + "/nixos", "-A", "config.system.build.toplevel", "--argstr", "system", "x86_64-linux"},
			{b.Nixpkgs, "--arg", "config", "{ allowUnfree = true; allowBroken = true; allowInsecure = true; }"},
			{"-E", "(import " + b.Nixpkgs + " { }).hello", "-E", "[ (import " + b.Nixpkgs + " { }).git ]"},
		} {
			status, dry, stderr := b.ours(append(args, "--dry-run")...)
			if status != 0 {
				t.Fatalf("%q: %s", args, stderr)
			}
			_, out, stderr := b.ours(args...)
			if diff := cmp.Diff(dry, out); diff != "" {
				t.Errorf("%q is not what --dry-run says: %s\n%s", args, diff, stderr)
			}
			paths := strings.Fields(out)
			if len(paths) == 0 {
				t.Fatalf("%q gave nothing", args)
			}
			check := b.Command(t.Context(), "nix-store", append([]string{"--check-validity"}, paths...)...)
			if said, err := check.CombinedOutput(); err != nil {
				t.Errorf("%q: %v: %s", args, err, said)
			}
			if diff := cmp.Diff(b.theirs(t, args...), out); diff != "" {
				t.Errorf("%q: %s", args, diff)
			}
		}
	})
}

// TestRealNixRoot keeps a derivation by a link.
func TestRealNixRoot(t *testing.T) {
	t.Parallel()
	b := bed{testbed.New(t)}
	link := filepath.Join(t.TempDir(), "root")
	status, out, stderr := b.ours("-E", "[ (import "+b.Nixpkgs+" { }).hello (import "+b.Nixpkgs+" { }).git ]", "--add-root", link)
	if status != 0 || out != link+"\n"+link+"-2\n" {
		t.Fatalf("status %d, %q, %s", status, out, stderr)
	}
	target, err := os.Readlink(link)
	if err != nil {
		t.Fatal(err)
	}
	if said, err := b.Command(t.Context(), "nix-store", "--gc").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if _, err := os.Stat(target); err != nil {
		t.Errorf("the collector took it: %v", err)
	}
}

// TestRealNixImportFromDerivation builds during the evaluation.
func TestRealNixImportFromDerivation(t *testing.T) {
	t.Parallel()
	const expression = `import (derivation {
		name = "made"; system = builtins.currentSystem; builder = "/bin/sh";
		args = [ "-c" "echo '{ answer = 6 * 7; }' > $out" ];
	})`
	eachRelease(t, func(t *testing.T, b bed) {
		status, out, stderr := b.ours("--eval", "--strict", "--read-write-mode", "-E", expression)
		if status != 0 || out != "{ answer = 42; }\n" {
			t.Errorf("status %d, %q, %s", status, out, stderr)
		}
		// Without being allowed to write, nothing is built.
		if status, _, stderr := b.ours("--eval", "-E", "1 + 1", "--strict"); status != 0 {
			t.Errorf("status %d, %s", status, stderr)
		}
	})
}

// TestRealNixBackends: whoever evaluates, the same is printed; and both compared are
// the same.
func TestRealNixBackends(t *testing.T) {
	t.Parallel()
	eachRelease(t, func(t *testing.T, b bed) {
		toplevel := []string{b.Nixpkgs + "/nixos", "-A", "config.system.build.toplevel"}
		_, want, _ := b.ours(toplevel...)
		if want == "" {
			t.Fatal("nothing is printed")
		}
		for _, flags := range [][]string{
			{"--backend", "native"}, {"--backend", "command"}, {"--verify"}, {"--verify", "--dry-run"}, {"--no-eval-cache"}, {},
		} {
			status, got, stderr := b.ours(append(flags, toplevel...)...)
			if diff := cmp.Diff(want, got); diff != "" || status != 0 {
				t.Errorf("%q: status %d, %s%s", flags, status, diff, stderr)
			}
		}
		// A failure is Nix's own, words and status.
		theirs := b.Command(t.Context(), Name, "-E", "1")
		said, err := theirs.CombinedOutput()
		if err == nil {
			t.Error("1 is a derivation")
		}
		status, _, stderr := b.ours("--backend", "command", "-E", "1")
		if diff := cmp.Diff(string(said), stderr); diff != "" || status != 1 {
			t.Errorf("status %d, %s", status, diff)
		}
	})
}

// TestRealNixDifference: what differs is shown, and the status is 1. The version of
// Nix is what the two cannot agree on.
func TestRealNixDifference(t *testing.T) {
	t.Parallel()
	b := bed{testbed.New(t)}
	status, out, stderr := b.ours("--verify", "-E",
		`derivation { name = "x"; system = "x"; builder = "b"; version = toString builtins.langVersion + builtins.nixVersion; }`)
	if status != 1 || !strings.Contains(stderr, "error: derivation 1 differs: ") ||
		!strings.Contains(stderr, "differs first in x\n") || !strings.Contains(stderr, "\nattribute version:\n  native:  \"") {
		t.Errorf("status %d, %s%s", status, out, stderr)
	}
}

// TestDownloadMismatch: the status tells it from other failures, as Nix's does.
func TestDownloadMismatch(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("not what was expected"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, stderr bytes.Buffer
	status := run(t.Context(), []string{"--eval", "--no-eval-cache", "-E", `builtins.fetchurl { url = "file://` + file + `";
		sha256 = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }`},
		strings.NewReader(""), &out, &stderr, []string{"NIX_REMOTE=dummy://", "XDG_CACHE_HOME=" + t.TempDir()})
	if status != 102 {
		t.Errorf("status %d, %s", status, stderr.String())
	}
}

// TestUsage: what is not understood is an error like Nix's.
func TestUsage(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"error: unrecognised flag '--no-such-flag'\nTry 'nix-instantiate --help' for more information.\n": {"--no-such-flag"},
		"error: flag '-A' requires more arguments\nTry 'nix-instantiate --help' for more information.\n":  {"-A"},
	} {
		var out, stderr bytes.Buffer
		status := run(t.Context(), args, strings.NewReader(""), &out, &stderr, nil)
		if diff := cmp.Diff(want, stderr.String()); diff != "" || status != 1 || out.Len() > 0 {
			t.Errorf("%q: status %d, %q, %s", args, status, out.String(), diff)
		}
	}
}

// TestHelp names every flag that is understood.
func TestHelp(t *testing.T) {
	t.Parallel()
	var out, stderr bytes.Buffer
	status := run(t.Context(), []string{"--help"}, strings.NewReader(""), &out, &stderr, nil)
	if status != 0 || stderr.Len() > 0 {
		t.Fatalf("status %d, %s", status, stderr.String())
	}
	for flag := range strings.FieldsFuncSeq(out.String(), func(r rune) bool { return strings.ContainsRune(" ,\n", r) }) {
		if !strings.HasPrefix(flag, "--") {
			continue
		}
		_, err := parseArguments([]string{flag, "1", "1"}, nil)
		if err != nil && strings.Contains(err.Error(), "unrecognised") {
			t.Errorf("help names %s: %v", flag, err)
		}
	}
}
