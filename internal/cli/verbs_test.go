package cli_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
)

// step is what is asked of nixos-rebuild on one machine and of ask-nix on another.
type step struct {
	label        string // of the system that is configured before; "" leaves it
	theirs, ours string
}

// same is a step with the same words for both.
func same(label, words string) step { return step{label, words, words} }

// difference is a line of what is left behind that only one of the two has, and is meant.
type difference struct{ text, reason string }

// verb is what is done, and the differences of what is left behind that are meant.
type verb struct {
	name         string
	steps        []step
	theirs, ours []difference
}

var (
	theirResult = difference{"/result", "the newer nixos-rebuild in Python leaves none either, but for build: what runs is kept by /run/current-system"}
	ourPlan     = difference{"/run/luminous-nix/system.drv", "keeps what a plan speaks of while somebody reads it, until the next one or the next boot"}
	ourBuild    = difference{"/run/luminous-nix/system", "keeps what was built until it is a generation, which nixos-rebuild leaves to luck"}
	theirUnit   = difference{"dry-activate unit=nixos-rebuild", "a question changes nothing, so it need not outlive whoever asked"}
	ourNoUnit   = difference{"dry-activate unit=none", theirUnit.reason}
	theirRoot   = difference{"-> /nix/var/nix/profiles/system", "the collector walks the profiles by itself: a root of such a link says nothing new, as the lines of --print-roots show"}
	theirAgain  = difference{"run 3: ", "ask-nix activates nothing where the machine is there already"}
	theirAsked  = difference{"asked 2: ", theirAgain.reason}
)

// verbs are those that both have.
func verbs() []verb {
	built := []difference{ourBuild} // which begins as ourPlan does
	rooted := []difference{theirRoot}
	return []verb{
		{name: "build", steps: []step{same("25.11.one", "build")}, ours: []difference{ourPlan}},
		{name: "dry-build", steps: []step{same("25.11.one", "dry-build")}, ours: []difference{ourPlan}},
		{
			name: "dry-activate", steps: []step{same("25.11.one", "dry-activate")},
			theirs: []difference{theirResult, theirUnit}, ours: []difference{ourBuild, ourNoUnit},
		},
		{name: "test", steps: []step{same("25.11.one", "test")}, theirs: []difference{theirResult}, ours: built},
		{name: "boot", steps: []step{same("25.11.one", "boot")}, theirs: rooted, ours: built},
		{name: "switch", steps: []step{same("25.11.one", "switch")}, theirs: rooted, ours: built},
		{name: "install-bootloader", steps: []step{same("25.11.one", "switch --install-bootloader")}, theirs: rooted, ours: built},
		{name: "specialisation", steps: []step{same("25.11.one", "switch --specialisation gaming")}, theirs: rooted, ours: built},
		{name: "profile-name", steps: []step{same("25.11.one", "switch -p work"), same("25.11.two", "boot --profile-name work")}, theirs: rooted, ours: built},
		{
			name: "rollback", theirs: rooted, ours: built,
			steps: []step{same("25.11.one", "switch"), same("25.11.two", "switch"), {"", "switch --rollback", "rollback"}},
		},
		{
			name: "rollback-profile-name", theirs: rooted, ours: built,
			steps: []step{same("25.11.one", "switch -p work"), same("25.11.two", "switch -p work"), same("", "switch --rollback -p work")},
		},
		{
			name: "back-and-forth", ours: built,
			steps:  []step{same("25.11.one", "switch"), {"", "switch --rollback", "rollback"}, same("", "switch"), same("25.11.two", "test"), same("", "boot")},
			theirs: []difference{theirResult, theirRoot},
		},
		{
			name:  "build-host", // older releases build here when that is said
			steps: []step{{"25.11.one", "switch --build-host localhost", "switch --fast --build-host localhost"}},
		},
		{
			name: "again", ours: built, theirs: []difference{theirAgain, theirAsked, theirRoot},
			steps: []step{same("25.11.one", "switch"), same("", "switch")},
		},
	}
}

// TestHostsVerbs compares what the nixos-rebuild of the nixpkgs that NIXPKGS names and we
// leave behind on two machines: profiles, roots, links, boot menu, units, and what
// switch-to-configuration was asked for, how often and with what environment.
func TestHostsVerbs(t *testing.T) {
	t.Parallel()
	program := nixosRebuild(t)
	for _, v := range verbs() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			for _, s := range v.steps {
				for word := range strings.FieldsSeq(s.theirs) {
					if (strings.HasPrefix(word, "--") || word == "localhost") && !strings.Contains(program, word) {
						t.Skipf("this nixos-rebuild does not know %s", word)
					}
				}
			}
			theirs, ours := newVerbHost(t), newVerbHost(t)
			for _, h := range []verbHost{theirs, ours} {
				if err := h.WriteFile("/usr/local/bin/nixos-rebuild", []byte(program), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range v.steps {
				// What it builds of its own nixpkgs, to begin with, is not in the fixture.
				theirs.does(s.label, "nixos-rebuild --fast "+s.theirs)
				ours.does(s.label, "ask-nix --yes "+s.ours)
			}
			want, got := theirs.left(), ours.left()
			if !strings.Contains(program, "systemd-run") { // older ones run it by themselves
				for i, line := range got {
					got[i] = strings.Replace(line, "unit=nixos-rebuild", "unit=none", 1)
				}
				v.theirs = slices.DeleteFunc(v.theirs, func(d difference) bool { return d == theirUnit })
				v.ours = slices.DeleteFunc(v.ours, func(d difference) bool { return d == ourNoUnit })
			}
			want, got = without(t, want, got, v.theirs), without(t, got, want, v.ours)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what is left behind (-nixos-rebuild +ask-nix):\n%s", diff)
			}
		})
	}
}

// nixosRebuild is the program, where it is a script still, with what its placeholders
// stand for on a host.
func nixosRebuild(t *testing.T) string {
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS names no nixpkgs, whose nixos-rebuild this would run")
	}
	for _, place := range []string{"pkgs/os-specific/linux/nixos-rebuild", "nixos/modules/installer/tools"} {
		if text, err := os.ReadFile(filepath.Join(tree, place, "nixos-rebuild.sh")); err == nil {
			return strings.NewReplacer("@shell@", "/bin/bash", "@runtimeShell@", "/bin/bash", "@nix@", "/usr", "@path@", "/usr/bin").Replace(string(text))
		}
	}
	t.Skip("the nixpkgs of NIXPKGS has no nixos-rebuild that is a script")
	return ""
}

// verbHost is a machine whose systems write down how they are switched to.
type verbHost struct{ *onHost }

func newVerbHost(t *testing.T) verbHost {
	h := verbHost{newHost(t)}
	h.configureVerbs("25.11.before")
	h.says("mkdir", "/root/work")
	return h
}

func (h verbHost) configureVerbs(label string) {
	h.Helper()
	h.configure(testbed.System{
		Label: label, Packages: []string{"git"}, Services: []string{"nginx"}, Specialisations: []string{"gaming"},
		Extra: `system.preSwitchChecks.record = ''
    unit=none
    ! grep -q /nixos-rebuild-switch-to-configuration /proc/self/cgroup || unit=nixos-rebuild
    action=$(tr '\0' '\n' </proc/$PPID/cmdline | tail -n1)
    echo "$action unit=$unit bootloader=$NIXOS_INSTALL_BOOTLOADER locale=$LOCALE_ARCHIVE" >>/run/log/environment
  '';`,
	})
}

// does configures a system and runs a command line in a folder of root's, which must
// succeed.
func (h verbHost) does(label, line string) {
	h.Helper()
	if label != "" {
		h.configureVerbs(label)
	}
	h.says("sh", append([]string{"-c", `cd /root/work && LOCALE_ARCHIVE=/locales exec "$@" </dev/null`, "sh"}, strings.Fields(line)...)...)
}

// left is what is left behind: a line for each file and link, and for what it says.
func (h verbHost) left() []string {
	h.Helper()
	// Asking Nix for its roots removes those that lead nowhere.
	const script = `set -e
nix-store --gc --print-roots 2>/dev/null | sed -n '/^{\|^\/proc/!s/^/root /p'
find /nix/var/nix/profiles /nix/var/nix/gcroots /root/work /boot /run/current-system /run/booted-system \
	-type l -printf '%p -> %l\n' -o -printf '%p %y %m\n'
grep -r '' /boot/loader
cat -n /run/log/switch | sed 's/^ *\([0-9]*\)\t/run \1: /'
[ ! -e /run/log/environment ] || cat -n /run/log/environment | sed 's/^ *\([0-9]*\)\t/asked \1: /'
systemctl list-units --type=service --state=active,failed --plain --no-legend nginx.service sshd.service firewall.service |
	while read -r unit load active _; do echo "$unit is $active"; done`
	lines := strings.Split(h.says("sh", "-c", script), "\n")
	slices.Sort(lines)
	return lines
}

// without takes the lines out that are not in others and are meant, each of which must
// have one.
func without(t *testing.T, lines, others []string, meant []difference) []string {
	t.Helper()
	for _, d := range meant {
		found := false
		lines = slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
			is := strings.Contains(line, d.text) && !slices.Contains(others, line)
			found = found || is
			return is
		})
		if !found {
			t.Errorf("there is no line with %q any more: %s", d.text, d.reason)
		}
	}
	return lines
}
