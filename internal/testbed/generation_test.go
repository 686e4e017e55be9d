package testbed

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func build(t *testing.T, n *Nix, s System) string {
	t.Helper()
	toplevel, err := n.Build(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return toplevel
}

func TestGenerations(t *testing.T) {
	t.Parallel()
	n := New(t)
	made := time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)
	for i, s := range []System{
		{Release: "25.05"},
		{Release: "25.05", Packages: []string{"git"}},
		{Packages: []string{"git"}},
	} {
		number, err := n.AddGeneration(t.Context(), build(t, n, s))
		if err != nil {
			t.Fatal(err)
		}
		if number != i+1 {
			t.Errorf("generation %d has number %d", i+1, number)
		}
		if err := n.SetGenerationTime(number, made.AddDate(0, 0, i)); err != nil {
			t.Fatal(err)
		}
	}
	again, err := n.AddGeneration(t.Context(), build(t, n, System{Packages: []string{"git"}}))
	if err != nil || again != 3 {
		t.Errorf("the same system again: generation %d, %v; want 3", again, err)
	}

	out, err := n.output(t.Context(), "nix-env", "--profile", n.SystemProfile, "--list-generations")
	if err != nil {
		t.Fatal(err)
	}
	var got [][]string
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		got = append(got, append(fields[:2], fields[3:]...)) // without the time of day
	}
	want := [][]string{{"1", "2025-03-04"}, {"2", "2025-03-05"}, {"3", "2025-03-06", "(current)"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nix-env --list-generations (-want +got):\n%s", diff)
	}
}

func TestToplevel(t *testing.T) {
	t.Parallel()
	n := New(t)
	const revision = "0123456789abcdef0123456789abcdef01234567"
	toplevel := build(t, n, System{
		Label: "25.11.20251122.fedcba9", HostName: "box", Revision: revision,
		Packages: []string{"firefox", "zlib"}, Services: []string{"nginx"},
		Specialisations: []string{"gaming"}, Kernel: "linuxPackages_6_6",
		Extra: `users.users.rose = { isNormalUser = true; packages = [ pkgs.tuxpaint ]; };`,
	})

	if name := filepath.Base(toplevel)[33:]; name != "nixos-system-box-25.11.20251122.fedcba9" {
		t.Errorf("the name is %s", name)
	}
	for _, name := range []string{
		"kernel", "kernel-modules/lib/modules/6.6.117/modules.dep", "initrd", "firmware", "init", "etc/os-release",
		"etc/systemd/system/nginx.service", "etc/systemd/system/multi-user.target.wants/nginx.service",
		"etc/profiles/per-user/rose/bin/tuxpaint", "sw/bin/firefox", "sw/share/doc/zlib", "systemd",
		"activate", "dry-activate", "bin/switch-to-configuration", "configuration-name", "extra-dependencies",
		"specialisation/gaming/bin/switch-to-configuration", "specialisation/gaming/sw/bin/htop", "boot.json",
	} {
		if _, err := os.Stat(filepath.Join(toplevel, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(toplevel, "sw/bin/htop")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("htop is for the specialisation only: %v", err)
	}
	for name, want := range map[string]string{
		"nixos-version":          "25.11.20251122.fedcba9",
		"init-interface-version": "systemd 2",
		"kernel-params":          "loglevel=4",
		"etc/hostname":           "box\n",
	} {
		if got := read(t, toplevel, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}

	path, err := os.Readlink(filepath.Join(toplevel, "sw"))
	if err != nil {
		t.Fatal(err)
	}
	references, err := n.output(t.Context(), "nix-store", "--query", "--references", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"firefox-145.0.1", "zlib-1.3.1"} {
		if !strings.Contains(references, name) {
			t.Errorf("system-path does not refer to %s itself:\n%s", name, references)
		}
	}
}

func TestBootspec(t *testing.T) {
	t.Parallel()
	n := New(t)
	toplevel := build(t, n, System{Specialisations: []string{"gaming", "travel"}})

	type v1 struct {
		Init, Initrd, Kernel, Label, System, Toplevel string
		KernelParams                                  []string
	}
	type document struct {
		V1              v1                         `json:"org.nixos.bootspec.v1"`
		Specialisations map[string]json.RawMessage `json:"org.nixos.specialisation.v1"`
	}
	parse := func(text []byte) document {
		t.Helper()
		var d document
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	link := func(name string) string {
		t.Helper()
		target, err := os.Readlink(filepath.Join(toplevel, name))
		if err != nil {
			t.Fatal(err)
		}
		return target
	}

	boot := parse([]byte(read(t, toplevel, "boot.json")))
	want := v1{
		Init: toplevel + "/init", Initrd: link("initrd"), Kernel: link("kernel"), Toplevel: toplevel,
		Label:  "NixOS 25.11.20251120.c0ffee1 (Linux 6.12.58)",
		System: read(t, toplevel, "system"), KernelParams: []string{"loglevel=4"},
	}
	if diff := cmp.Diff(want, boot.V1); diff != "" {
		t.Errorf("boot.json (-want +got):\n%s", diff)
	}
	if len(boot.Specialisations) != 2 {
		t.Fatalf("boot.json has %d specialisations, want 2", len(boot.Specialisations))
	}
	inner := parse(boot.Specialisations["travel"])
	if got, want := inner.V1.Toplevel, link("specialisation/travel"); got != want {
		t.Errorf("toplevel of travel is %s, want %s", got, want)
	}
}

func TestNixosVersion(t *testing.T) {
	t.Parallel()
	n := New(t)
	const nixpkgs = "c0ffee1b5d2a4938677f8e9d0c1b2a394857e6f1"
	const revision = "0123456789abcdef0123456789abcdef01234567"
	known := filepath.Join(build(t, n, System{Revision: revision}), "sw/bin/nixos-version")
	unknown := filepath.Join(build(t, n, System{}), "sw/bin/nixos-version")

	for _, test := range []struct{ script, flag, want string }{
		{known, "", "25.11.20251120.c0ffee1 (Xantusia)"},
		{known, "--hash", nixpkgs},
		{known, "--configuration-revision", revision},
		{known, "--json", `{"configurationRevision":"` + revision + `","nixosVersion":"25.11.20251120.c0ffee1","nixpkgsRevision":"` + nixpkgs + `"}`},
		{unknown, "--json", `{"nixosVersion":"25.11.20251120.c0ffee1","nixpkgsRevision":"` + nixpkgs + `"}`},
	} {
		got, err := n.output(t.Context(), test.script, test.flag)
		if err != nil || got != test.want {
			t.Errorf("nixos-version %s: %q, %v; want %q", test.flag, got, err, test.want)
		}
	}
	if !strings.Contains(read(t, known), `echo "`+revision+`"`) {
		t.Errorf("the revision does not stand in the script:\n%s", read(t, known))
	}
	if got, err := n.output(t.Context(), unknown, "--configuration-revision"); exitStatus(err) != 1 {
		t.Errorf("an unknown revision: %q, %v; want exit status 1", got, err)
	}
}

// Two releases differ in versions, additions and removals.
func TestReleases(t *testing.T) {
	t.Parallel()
	n := New(t)
	closure := func(s System) string {
		t.Helper()
		out, err := n.output(t.Context(), "nix-store", "--query", "--requisites", build(t, n, s))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	older := closure(System{Release: "25.05", Packages: []string{"firefox", "neofetch"}})
	newer := closure(System{Release: "25.11", Packages: []string{"firefox", "fastfetch"}})
	for _, test := range []struct {
		name, pattern string
		older, newer  bool
	}{
		{"changed, before", `-firefox-138\.0\.4$`, true, false},
		{"changed, after", `-firefox-145\.0\.1$`, false, true},
		{"removed", `-neofetch-`, true, false},
		{"added", `-fastfetch-`, false, true},
		{"indirect", `-gtk3-`, true, true},
		{"kernel, before", `-linux-6\.12\.29$`, true, false},
		{"kernel, after", `-linux-6\.12\.58$`, false, true},
	} {
		pattern := regexp.MustCompile(`(?m)` + test.pattern)
		if pattern.MatchString(older) != test.older || pattern.MatchString(newer) != test.newer {
			t.Errorf("%s: %s in the older closure: %v, in the newer: %v", test.name, test.pattern, !test.older, !test.newer)
		}
	}

	var failed *CommandError
	_, err := n.Build(t.Context(), System{Release: "25.11", Packages: []string{"neofetch"}})
	if !errors.As(err, &failed) || !strings.Contains(failed.Stderr, "undefined variable 'neofetch'") {
		t.Errorf("neofetch in 25.11: %v", err)
	}
}

func exitStatus(err error) int {
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}
