package testbed

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func switchTo(t *testing.T, n *Nix, toplevel, action string) Switched {
	t.Helper()
	result, err := n.Switch(t.Context(), toplevel, action)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// addGeneration builds s and makes it the newest generation.
func addGeneration(t *testing.T, n *Nix, s System) string {
	t.Helper()
	toplevel := build(t, n, s)
	if _, err := n.AddGeneration(t.Context(), toplevel); err != nil {
		t.Fatal(err)
	}
	return toplevel
}

// state is what a switch can change.
type state struct {
	Current string // target of run/current-system
	Default string // menu entry
	Entries []string
	Units   []string
}

func stateOf(t *testing.T, n *Nix) state {
	t.Helper()
	names := func(pattern string) []string {
		paths, err := filepath.Glob(filepath.Join(n.Root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, path := range paths {
			found = append(found, filepath.Base(path))
		}
		return found
	}
	s := state{
		Entries: names("boot/loader/entries/*.conf"),
		Units:   names("run/systemd/running/*"),
	}
	s.Current, _ = os.Readlink(filepath.Join(n.Root, "run", "current-system"))
	menu, _ := os.ReadFile(filepath.Join(n.Root, "boot", "loader", "loader.conf"))
	_, after, _ := strings.Cut(string(menu), "default ")
	s.Default, _, _ = strings.Cut(after, "\n")
	return s
}

func TestActions(t *testing.T) {
	t.Parallel()
	n := New(t)
	first := addGeneration(t, n, System{})
	second := addGeneration(t, n, System{Services: []string{"nginx"}, Specialisations: []string{"gaming"}})

	one := state{
		Current: first, Default: "nixos-generation-1.conf", Units: []string{"firewall.service"},
		Entries: []string{"nixos-generation-1.conf", "nixos-generation-2-specialisation-gaming.conf", "nixos-generation-2.conf"},
	}
	booted, tested, both := one, one, one
	booted.Default = "nixos-generation-2.conf"
	tested.Current = second
	tested.Units = []string{"firewall.service", "nginx.service"}
	both.Current, both.Default, both.Units = second, booted.Default, tested.Units

	for _, step := range []struct {
		toplevel, action string
		want             state
		says             string
	}{
		{first, "check", state{}, ""},
		{first, "dry-activate", state{}, "would start the following units: firewall.service"},
		{first, "switch", one, "starting the following units: firewall.service"},
		{second, "dry-activate", one, "would start the following units: nginx.service"},
		{second, "boot", booted, "updating the boot menu..."},
		{first, "boot", one, ""},
		{second, "test", tested, "activating the configuration..."},
		{first, "test", one, "stopping the following units: nginx.service"},
		{second, "switch", both, "starting the following units: nginx.service"},
		{second, "switch", both, "setting up /etc..."},
	} {
		result := switchTo(t, n, step.toplevel, step.action)
		if result.Status != 0 {
			t.Fatalf("%s: status %d\n%s", step.action, result.Status, result.Output)
		}
		if !strings.Contains(result.Output, step.says) {
			t.Errorf("%s does not say %q:\n%s", step.action, step.says, result.Output)
		}
		if diff := cmp.Diff(step.want, stateOf(t, n)); diff != "" {
			t.Fatalf("after %s of %s (-want +got):\n%s", step.action, step.toplevel, diff)
		}
	}
	lines := strings.Split(strings.TrimSpace(read(t, n.Root, "run/log/switch")), "\n")
	if len(lines) != 10 || lines[2] != "switch "+first+" 0" {
		t.Errorf("run/log/switch:\n%s", strings.Join(lines, "\n"))
	}
	if got := read(t, n.Root, "etc/os-release"); !strings.Contains(got, "\nID=nixos\n") {
		t.Errorf("etc/os-release:\n%s", got)
	}

	// A changed unit is restarted; entries of deleted generations go away.
	third := addGeneration(t, n, System{
		Services: []string{"nginx", "openssh"},
		Extra:    `systemd.services.nginx.environment.LANG = "C";`,
	})
	if err := os.Remove(n.GenerationLink(2)); err != nil {
		t.Fatal(err)
	}
	result := switchTo(t, n, third, "switch")
	if !strings.Contains(result.Output, "stopping the following units: firewall.service, nginx.service\n") ||
		!strings.Contains(result.Output, "starting the following units: firewall.service, nginx.service, sshd.service\n") {
		t.Errorf("switch to changed units:\n%s", result.Output)
	}
	want := []string{"nixos-generation-1.conf", "nixos-generation-3.conf"}
	if diff := cmp.Diff(want, stateOf(t, n).Entries); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestSpecialisation(t *testing.T) {
	t.Parallel()
	n := New(t)
	toplevel := addGeneration(t, n, System{Specialisations: []string{"gaming"}})
	variant, err := os.Readlink(filepath.Join(toplevel, "specialisation", "gaming"))
	if err != nil {
		t.Fatal(err)
	}
	if result := switchTo(t, n, filepath.Join(toplevel, "specialisation", "gaming"), "test"); result.Status != 0 {
		t.Fatalf("status %d\n%s", result.Status, result.Output)
	}
	if got := stateOf(t, n).Current; got != variant {
		t.Errorf("the current system is %s, want %s", got, variant)
	}
	if _, err := os.Stat(filepath.Join(n.Root, "run/current-system/sw/bin/htop")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(variant, "specialisation", "gaming")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a specialisation has itself as one: %v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	n := New(t)
	good := addGeneration(t, n, System{})
	before := state{
		Current: good, Default: "nixos-generation-1.conf",
		Entries: []string{"nixos-generation-1.conf"}, Units: []string{"firewall.service"},
	}

	for i, test := range []struct {
		fault     Fault
		status    int
		says      string
		bootable  bool // the boot menu has been changed
		activated bool // the system runs
	}{
		{FaultCheck, 1, "pre-switch check 'luminousFault' failed", false, false},
		{FaultBootLoader, 1, "failed to install the boot loader", false, false},
		{FaultInit, 100, "process 1", true, false},
		{FaultActivate, 2, "activation snippet 'luminousFault' failed (1)", true, true},
		{FaultUnit, 4, "warning: the following units failed: broken.service", true, true},
		{FaultKill, -1, "activating the configuration...", true, true},
	} {
		if result := switchTo(t, n, good, "switch"); result.Status != 0 {
			t.Fatalf("back to the good system: status %d\n%s", result.Status, result.Output)
		}
		bad := addGeneration(t, n, System{Fault: test.fault})
		number, err := n.currentGeneration()
		if err != nil || number != 2 {
			t.Fatalf("fault %d is generation %d, %v", i, number, err)
		}
		result := switchTo(t, n, bad, "switch")
		if result.Status != test.status || !strings.Contains(result.Output, test.says) {
			t.Errorf("fault %s: status %d, want %d and %q in\n%s", test.fault, result.Status, test.status, test.says, result.Output)
		}
		want := before
		if test.bootable {
			want.Default = "nixos-generation-2.conf"
			want.Entries = []string{"nixos-generation-1.conf", "nixos-generation-2.conf"}
		}
		if test.activated {
			want.Current = bad
		}
		if diff := cmp.Diff(want, stateOf(t, n)); diff != "" {
			t.Errorf("after fault %s (-want +got):\n%s", test.fault, diff)
		}
		for _, args := range [][]string{{"--rollback"}, {"--delete-generations", "2"}} {
			if _, err := n.output(t.Context(), "nix-env", append([]string{"--profile", n.SystemProfile}, args...)...); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestHangHoldsLock(t *testing.T) {
	t.Parallel()
	n := New(t)
	good := addGeneration(t, n, System{})
	hanging := build(t, n, System{Fault: FaultHang})

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := n.Command(ctx, filepath.Join(hanging, "bin/switch-to-configuration"), "switch")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); !strings.HasPrefix(line, "hanging") {
		t.Errorf("the hanging switch says %q, %v", line, err)
	}
	second := switchTo(t, n, good, "check")
	if second.Status != int(syscall.EAGAIN) || !strings.Contains(second.Output, "could not acquire lock") {
		t.Errorf("beside another switch: status %d\n%s", second.Status, second.Output)
	}
	if diff := cmp.Diff(state{}, stateOf(t, n)); diff != "" {
		t.Errorf("the hanging switch changed something (-want +got):\n%s", diff)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); exitStatus(err) != 143 {
		t.Errorf("the hanging switch ended with %v, want status 143", err)
	}
	if result := switchTo(t, n, good, "switch"); result.Status != 0 {
		t.Errorf("after the hanging switch: status %d\n%s", result.Status, result.Output)
	}
}

func TestSwitchRefuses(t *testing.T) {
	t.Parallel()
	n := New(t)
	toplevel := build(t, n, System{})
	if result := switchTo(t, n, toplevel, "swich"); result.Status != 1 || !strings.Contains(result.Output, "Usage:") {
		t.Errorf("an unknown action: status %d\n%s", result.Status, result.Output)
	}
	if err := os.Remove(filepath.Join(n.Root, "etc/NIXOS")); err != nil {
		t.Fatal(err)
	}
	if result := switchTo(t, n, toplevel, "switch"); result.Status != 1 || !strings.Contains(result.Output, "not a NixOS") {
		t.Errorf("on something else than a NixOS: status %d\n%s", result.Status, result.Output)
	}
}

// A system laid out as 22.05 did it lacks what has been added since.
func TestOldLayout(t *testing.T) {
	t.Parallel()
	n := New(t)
	const slow = `system.activationScripts.wait = "sleep 2";`
	old := build(t, n, System{Layout: "22.05", Specialisations: []string{"gaming"}, Extra: slow})
	for name, there := range map[string]bool{
		"boot.json": false, "configuration-name": false,
		"append-initrd-secrets": true, "specialisation/gaming/nixos-version": true, "init-interface-version": true,
	} {
		if _, err := os.Stat(filepath.Join(old, name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	if result := switchTo(t, n, old, "check"); result.Status != 1 || !strings.Contains(result.Output, "Usage:") {
		t.Errorf("check, which it does not know: status %d\n%s", result.Status, result.Output)
	}
	refused := build(t, n, System{Layout: "22.05", Fault: FaultCheck})
	if result := switchTo(t, n, refused, "test"); result.Status != 0 {
		t.Errorf("a check before, which it does not make: status %d\n%s", result.Status, result.Output)
	}
	// Nothing keeps two of them apart.
	cmd := n.Command(t.Context(), filepath.Join(old, "bin/switch-to-configuration"), "test")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if result := switchTo(t, n, refused, "test"); result.Status != 0 {
		t.Errorf("beside another one: status %d\n%s", result.Status, result.Output)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
