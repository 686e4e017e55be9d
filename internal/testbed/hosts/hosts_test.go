package hosts

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"luminousnix/internal/testbed"
)

// TestAvailable is what `make host-base` prints the reason of.
func TestAvailable(t *testing.T) {
	if err := Available(); err != nil {
		t.Skipf("no hosts here: %v", err)
	}
}

// add builds a system and makes it the newest generation.
func add(t *testing.T, h *Host, s testbed.System) string {
	t.Helper()
	toplevel, err := h.NixOS.Build(t.Context(), s)
	if err == nil {
		_, err = h.NixOS.AddGeneration(t.Context(), toplevel)
	}
	if err != nil {
		t.Fatal(err)
	}
	return toplevel
}

// switchTo is a switch that must end with the status; -1 means by a signal.
func switchTo(t *testing.T, h *Host, toplevel string, status int) string {
	t.Helper()
	result, err := h.NixOS.Switch(t.Context(), toplevel, "switch")
	if err != nil {
		t.Fatal(err)
	}
	if result.Status != status {
		t.Fatalf("switch ended with status %d, not %d:\n%s", result.Status, status, result.Output)
	}
	return result.Output
}

// says is what a command on the host prints, whatever its status.
func says(t *testing.T, h *Host, name string, args ...string) string {
	t.Helper()
	out, err := h.Command(t.Context(), name, args...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// state is what systemd says of units, in their order.
func state(t *testing.T, h *Host, units ...string) []string {
	t.Helper()
	return strings.Fields(says(t, h, "systemctl", append([]string{"is-active"}, units...)...))
}

func want(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestNixOS(t *testing.T) {
	t.Parallel()
	h := New(t)
	if err := h.NixOS.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	newest := says(t, h, "readlink", "/run/current-system")
	want(t, "process 1", "systemd", says(t, h, "cat", "/proc/1/comm"))
	want(t, "units", []string{"active", "active", "active"}, state(t, h, "nginx.service", "sshd.service", "nix-daemon.socket"))
	want(t, "state", "running", says(t, h, "systemctl", "is-system-running"))
	want(t, "configuration", newest,
		says(t, h, "nix-build", "<nixpkgs/nixos>", "--attr", "config.system.build.toplevel", "--no-out-link"))
	release, err := h.ReadFile("/etc/os-release")
	if err != nil || !strings.Contains(release, "ID=nixos\n") {
		t.Errorf("os-release, through three links, is %q, %v", release, err)
	}
	if log := says(t, h, "journalctl", "--identifier=nixos", "--output=cat"); !strings.Contains(log, "finished switching to system configuration "+newest) {
		t.Errorf("the journal has\n%s", log)
	}
	user, err := testbed.Output(h.CommandOfUser(t.Context(), "sh", "-c", "id -un; sudo id -un; nix-store --query --hash "+newest))
	if err != nil || !strings.HasPrefix(user, User+"\nroot\nsha256:") {
		t.Errorf("the user has\n%s, %v", user, err)
	}

	// What is booted is what the boot menu says, however the host was turned off.
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, "booted system", newest, says(t, h, "readlink", "/run/booted-system"))
	want(t, "units after a reboot", []string{"active", "active"}, state(t, h, "nginx.service", "sshd.service"))

	second := says(t, h, "readlink", h.NixOS.GenerationLink(2))
	for _, step := range []struct {
		args []string
		off  func(context.Context) error
		want string
	}{
		{[]string{second + "/bin/switch-to-configuration", "boot"}, h.Cut, second},
		{[]string{newest + "/bin/switch-to-configuration", "boot"}, h.Shutdown, newest},
	} {
		if out, err := h.Command(t.Context(), step.args[0], step.args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", step.args, err, out)
		}
		if err := errors.Join(step.off(t.Context()), h.Boot(t.Context())); err != nil {
			t.Fatal(err)
		}
		want(t, "booted system", step.want, says(t, h, "readlink", "/run/booted-system"))
		want(t, "current system", step.want, says(t, h, "readlink", "/run/current-system"))
	}
}

func TestUnits(t *testing.T) {
	t.Parallel()
	h := New(t)
	const counted = `systemd.services.%s = {
  description = "Version %d"; wantedBy = [ "multi-user.target" ];
  serviceConfig = { ExecStart = "/bin/sleep infinity"; ExecReload = "/bin/true"; %s };
};`
	configuration := func(version int) testbed.System {
		var units string
		for _, unit := range [][2]string{
			{"plain", ""},
			{"kept", "X-RestartIfChanged = false;"},
			{"reloaded", "X-ReloadIfChanged = true;"},
			{"restarted", "X-StopIfChanged = false;"},
		} {
			units += fmt.Sprintf(counted, unit[0], version, unit[1])
		}
		return testbed.System{Extra: units, Services: map[int][]string{1: {"nginx"}, 2: {"openssh"}}[version]}
	}
	switchTo(t, h, add(t, h, configuration(1)), 0)
	pids := func() []string {
		return strings.Fields(says(t, h, "systemctl", "show", "--property=MainPID", "--value", "plain", "kept", "reloaded", "restarted"))
	}
	before := pids()
	out := switchTo(t, h, add(t, h, configuration(2)), 0)
	var lines []string
	for line := range strings.Lines(out) {
		if strings.Contains(line, " the following units: ") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	want(t, "what the switch says", []string{
		"stopping the following units: firewall.service, nginx.service, plain.service",
		"NOT restarting the following units: kept.service",
		"reloading the following units: reloaded.service",
		"restarting the following units: restarted.service",
		"starting the following units: firewall.service, plain.service, sshd.service",
	}, lines)
	var same []bool
	for i, pid := range pids() {
		same = append(same, pid == before[i])
	}
	want(t, "processes that went on", []bool{false, true, true, false}, same)
	want(t, "units", []string{"inactive", "active"}, state(t, h, "nginx.service", "sshd.service"))
}

func TestFaults(t *testing.T) {
	t.Parallel()
	h := New(t)
	good := add(t, h, testbed.System{Services: []string{"nginx"}})
	for _, test := range []struct {
		fault   testbed.Fault
		status  int
		says    string
		current bool // the bad system is the current one
		units   []string
	}{
		{testbed.FaultCheck, 1, "pre-switch check", false, []string{"active", "inactive"}},
		{testbed.FaultBootLoader, 1, "No space left on device", false, []string{"active", "inactive"}},
		{testbed.FaultInit, 100, "process 1", false, []string{"active", "inactive"}},
		{testbed.FaultActivate, 2, "activation snippet", true, []string{"active", "active"}},
		{testbed.FaultUnit, 4, "warning: the following units failed: broken.service", true, []string{"active", "active"}},
		{testbed.FaultKill, -1, "activating", true, []string{"inactive", "inactive"}},
	} {
		switchTo(t, h, good, 0)
		bad := add(t, h, testbed.System{
			Services: []string{"nginx", "openssh"}, Fault: test.fault,
			Extra: `systemd.services.nginx.environment.LANG = "C";`,
		})
		if out := switchTo(t, h, bad, test.status); !strings.Contains(out, test.says) {
			t.Errorf("fault %s says\n%s", test.fault, out)
		}
		current := good
		if test.current {
			current = bad
		}
		want(t, "current system after fault "+string(test.fault), current, says(t, h, "readlink", "/run/current-system"))
		want(t, "units after fault "+string(test.fault), test.units, state(t, h, "nginx.service", "sshd.service"))
	}
	// A second run finishes what was killed.
	switchTo(t, h, good, 0)
	want(t, "units in the end", []string{"active", "inactive"}, state(t, h, "nginx.service", "sshd.service"))
}

// On a full disk the daemon does not even answer. Afterwards all is well again.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	h := NewWith(t, Options{Size: "48m"})
	good := add(t, h, testbed.System{})
	switchTo(t, h, good, 0)
	_ = says(t, h, "dd", "if=/dev/zero", "of=/var/fill", "bs=64k")
	if _, err := h.NixOS.Build(t.Context(), testbed.System{Packages: []string{"gimp"}}); err == nil {
		t.Error("a build on a full disk succeeded")
	}
	if err := os.Remove(h.Path("/var/fill")); err != nil {
		t.Fatal(err)
	}
	switchTo(t, h, add(t, h, testbed.System{Packages: []string{"gimp"}}), 0)
}

func TestStopLeavesNothing(t *testing.T) {
	t.Parallel()
	if err := Available(); err != nil {
		t.Skipf("no hosts here: %v", err)
	}
	h, err := Start(t.Context(), Options{Name: "gone"})
	if err != nil {
		t.Fatal(err)
	}
	dir, leader := h.dir, h.power.leader
	cgroup := h.power.cgroup
	if err := h.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", dir, err)
	}
	if !ended(leader) {
		t.Errorf("process 1 is left: %d", leader)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), dir) {
		t.Errorf("something is mounted below %s: %v", dir, err)
	}
	for _, mount := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if _, err := os.Lstat(filepath.Join(mount, filepath.Base(cgroup))); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the cgroup is left: %v", err)
		}
	}
}

// TestOrphan is a process with a host, for TestKilled to kill.
func TestOrphan(t *testing.T) {
	if os.Getenv("LUMINOUS_TEST_ORPHAN") == "" {
		t.Skip("only TestKilled starts this")
	}
	h, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("leader", h.power.leader)
	time.Sleep(time.Minute)
}

func TestKilled(t *testing.T) {
	t.Parallel()
	if err := Available(); err != nil {
		t.Skipf("no hosts here: %v", err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOrphan$")
	cmd.Env = append(os.Environ(), "LUMINOUS_TEST_ORPHAN=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var leader int
	if _, err := fmt.Fscanf(bufio.NewReader(out), "leader %d\n", &leader); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if !ended(leader) {
		t.Errorf("process 1 of the host, %d, has outlived who started it", leader)
	}
}

// ended waits a little for the kernel to take down the processes of a namespace.
func ended(pid int) bool {
	for range 1000 {
		if syscall.Kill(pid, 0) != nil {
			return true
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}
