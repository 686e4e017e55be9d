package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/hosts"
)

// onHost is a machine with systemd, three generations and ask-nix.
type onHost struct {
	*testing.T
	*hosts.Host
}

func newHost(t *testing.T) *onHost {
	h := &onHost{t, hosts.New(t)}
	if err := h.NixOS.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(binary)
	if err == nil {
		err = h.WriteFile("/usr/local/bin/ask-nix", program, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// answer is what --json says, as far as the tests look at it.
type answer struct {
	Success  bool
	Message  string
	Warnings []string
	Recovery []operation.Recovery
	Error    *operation.Error
	Data     struct {
		Job        string
		State      string
		Activation operation.Activation
		Jobs       []operation.Job
	}
}

// ask runs ask-nix as root, or as an ordinary user, and reads its answer. JSON is read
// whatever the exit status.
func (h *onHost) ask(args ...string) answer {
	h.Helper()
	return h.read(h.Command(h.Context(), "ask-nix", append(args, "--json")...))
}

func (h *onHost) read(cmd *exec.Cmd) (a answer) {
	h.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.Fatal(err)
	}
	if err := json.Unmarshal(out, &a); err != nil {
		h.Fatalf("%v: %v\n%s\n%s", cmd.Args, err, out, &stderr)
	}
	return a
}

// says is what a command on the host prints; it must succeed.
func (h *onHost) says(name string, args ...string) string {
	h.Helper()
	out, err := h.Command(h.Context(), name, args...).CombinedOutput()
	if err != nil {
		h.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// await waits until a condition of the shell holds, half a minute at most.
func (h *onHost) await(condition string) {
	h.Helper()
	h.says("timeout", "30", "sh", "-c", "until "+condition+"; do sleep 0.1; done")
}

// configure writes the configuration of the machine.
func (h *onHost) configure(s testbed.System) {
	h.Helper()
	if err := h.NixOS.WriteConfiguration(s); err != nil {
		h.Fatal(err)
	}
}

// wantState checks which generation is current, that it is the one that runs, and that
// no unit of ours is left.
func (h *onHost) wantState(generation string) {
	h.Helper()
	if got := h.says("readlink", "/nix/var/nix/profiles/system"); got != "system-"+generation+"-link" {
		h.Errorf("the profile is at %s, not at generation %s", got, generation)
	}
	want := h.says("readlink", "-f", "/nix/var/nix/profiles/system-"+generation+"-link")
	if got := h.says("readlink", "-f", "/run/current-system"); got != want {
		h.Errorf("%s runs, not %s", got, want)
	}
	if menu := h.says("cat", "/boot/loader/loader.conf"); !strings.Contains(menu, "default nixos-generation-"+generation+".conf") {
		h.Errorf("the boot menu does not start generation %s:\n%s", generation, menu)
	}
}

// TestHostsSwitch switches as root and as an ordinary user with sudo, in the unit of
// nixos-rebuild, and agrees with Nix on what is left behind.
func TestHostsSwitch(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.configure(testbed.System{Packages: []string{"git"}, Services: []string{"nginx", "openssh"}, Label: "25.11.fourth"})
	if a := h.ask("switch", "--yes"); !a.Success || a.Data.Activation.Outcome != operation.OutcomeSwitched {
		t.Fatalf("%+v", a)
	}
	h.wantState("4")
	if log := h.says("journalctl", "-u", "nixos-rebuild-switch-to-configuration", "-o", "cat"); log == "" {
		t.Error("nothing ran in the unit of nixos-rebuild")
	}
	if list := h.says("nix-env", "-p", "/nix/var/nix/profiles/system", "--list-generations"); !strings.Contains(list, "4 ") || strings.Count(list, "current") != 1 {
		t.Errorf("nix-env lists\n%s", list)
	}

	h.configure(testbed.System{Packages: []string{"vim"}, Services: []string{"openssh"}, Label: "25.11.fifth"})
	if dry := h.read(h.CommandOfUser(t.Context(), "ask-nix", "dry-activate", "--json")); !dry.Success {
		t.Errorf("dry-activate with sudo: %+v", dry)
	}
	h.wantState("4")
	a := h.read(h.CommandOfUser(t.Context(), "ask-nix", "switch", "--yes", "--json"))
	if !a.Success {
		t.Fatalf("with sudo: %+v", a)
	}
	h.wantState("5")
	if units := h.says("systemctl", "list-units", "--type=service", "--plain", "--no-legend"); strings.Contains(units, "nginx") {
		t.Error("nginx.service still runs")
	}
	if audit := h.says("cat", "/var/lib/luminous-nix/audit.jsonl"); !strings.Contains(audit, "fifth") {
		t.Error("what root did for somebody is not in its audit log")
	}
	// What root runs is not a file that the user could change.
	if denied := h.read(h.CommandOfUser(t.Context(), "ask-nix", "rollback", "--yes", "--json")); !denied.Success {
		t.Errorf("rollback with sudo: %+v", denied)
	}
	h.wantState("4")

	// nixos-rebuild and ask-nix keep each other out.
	h.says("systemd-run", "--unit=nixos-rebuild-switch-to-configuration", "--collect", "sleep", "60")
	if a := h.ask("rollback", "--yes"); a.Success || !strings.Contains(a.Message, "another switch") {
		t.Errorf("beside another switch: %+v", a)
	}
	h.says("systemctl", "stop", "nixos-rebuild-switch-to-configuration")
	h.wantState("4")
}

// wantOutcomes checks that of each change root's audit log has said once how it ended.
func (h *onHost) wantOutcomes() {
	h.Helper()
	h.says("sleep", "3.5") // until a job that never began counts as one that died
	h.ask("history")
	text, err := h.ReadFile("/var/lib/luminous-nix/audit.jsonl")
	if err != nil {
		h.Fatal(err)
	}
	begun, ended := map[string]int{}, map[string]int{}
	for line := range strings.Lines(text) {
		var l audit.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil || l.Torn != nil {
			continue // cut short by a kill
		}
		if l.Done {
			ended[l.ID]++
		} else {
			begun[l.ID]++
		}
	}
	if diff := cmp.Diff(begun, ended); diff != "" || len(begun) == 0 {
		h.Errorf("not every change has one outcome: %s\n%s", diff, text)
	}
}

// TestHostsFaults: what fails is taken back, and its cause is told.
func TestHostsFaults(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	for _, test := range []struct {
		fault  testbed.Fault
		status int
		told   string
	}{
		{testbed.FaultActivate, 2, "activation script failed"},
		{testbed.FaultUnit, 4, "broken.service"},
		{testbed.FaultBootLoader, 1, "boot loader"},
		{testbed.FaultInit, 100, "reboot"},
	} {
		h.configure(testbed.System{Fault: test.fault, Services: []string{"openssh"}})
		a := h.ask("switch", "--yes")
		if a.Success || a.Data.Activation.Outcome != operation.OutcomeReverted || a.Data.Activation.ExitStatus != test.status ||
			!strings.Contains(a.Message, test.told) || len(a.Data.Activation.Problems) > 0 {
			t.Errorf("%s: %+v", test.fault, a)
		}
		h.wantState("3")
	}

	// A unit that is not reloaded has not failed; it is told all the same.
	for n, language := range []string{"C", "C.UTF-8"} {
		h.configure(testbed.System{Services: []string{"openssh"}, Extra: `systemd.services.stubborn = {
    wantedBy = [ "multi-user.target" ];
    environment.LANG = "` + language + `";
    serviceConfig = { ExecStart = "/bin/sleep infinity"; ExecReload = "/bin/false"; X-ReloadIfChanged = true; };
  };`})
		a := h.ask("switch", "--yes")
		if !a.Success || a.Data.Activation.ExitStatus != 4*n || len(a.Warnings) != n {
			t.Errorf("with a unit that cannot be reloaded: %+v", a)
		}
	}

	// A unit that had failed before is no reason to go back.
	h.says("systemd-run", "--unit=hapless", "false")
	h.await("systemctl is-failed --quiet hapless")
	h.configure(testbed.System{Packages: []string{"git"}, Services: []string{"openssh"}, Label: "25.11.fine"})
	a := h.ask("switch", "--yes")
	if !a.Success || len(a.Data.Activation.FailedBefore) != 1 || len(a.Data.Activation.Failed) != 0 {
		t.Errorf("with a unit that had failed before: %+v", a)
	}
	if !strings.Contains(strings.Join(a.Warnings, "\n"), "hapless.service") {
		t.Errorf("it is not told: %v", a.Warnings)
	}
}

// TestHostsFaultDaemon has somebody stop Nix's daemon and its socket: the socket is started
// again, which is told, and who may not do that is told what does.
func TestHostsFaultDaemon(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.configure(testbed.System{Packages: []string{"git"}, Services: []string{"openssh"}, Label: "25.11.fourth"})
	h.says("systemctl", "stop", "nix-daemon.socket", "nix-daemon.service")
	// started says whether that was the last of what was done.
	started := func(a answer) (tried, done bool) {
		last := operation.Recovery{}
		if n := len(a.Recovery); n > 0 {
			last = a.Recovery[n-1]
		}
		return last.Remedy == operation.RemedyStartDaemon, last.Refused == ""
	}
	a := h.read(h.CommandOfUser(t.Context(), "ask-nix", "build", "--json"))
	if tried, done := started(a); a.Success || !tried || done || a.Error.Hint == "" {
		t.Errorf("an ordinary user: %+v", a)
	}
	a = h.ask("switch", "--yes")
	if tried, done := started(a); !a.Success || !tried || !done {
		t.Errorf("root: %+v", a)
	}
	h.wantState("4")
	if active := h.says("systemctl", "is-active", "nix-daemon.socket"); active != "active" {
		t.Errorf("the socket is %s", active)
	}
}

// TestHostsKill kills the caller and the transaction at random moments. The unit starts
// the transaction again, which then goes back; whoever asked may be gone.
func TestHostsKill(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 3))
	current, target, restarted := "3", "2", 0
	for n := range 8 {
		cmd := h.Command(t.Context(), "ask-nix", "switch-generation", target, "--yes")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(700 * time.Millisecond))))
		if n%2 == 0 {
			h.says("sh", "-c", "pkill -KILL -f '[a]sk-nix switch-generation' || true")
		} else {
			h.says("sh", "-c", "systemctl kill --kill-whom=main --signal=KILL nixos-rebuild-switch-to-configuration || true")
		}
		_ = cmd.Wait()
		// It may be between being killed and being started again.
		const ended = "! systemctl is-active --quiet nixos-rebuild-switch-to-configuration"
		h.await(ended + " && sleep 0.4 && " + ended)
		a := h.ask("system")
		if len(a.Warnings) > 0 {
			t.Errorf("it did not come to an end by itself: %v", a.Warnings)
		}
		if log := h.says("journalctl", "-u", "nixos-rebuild-switch-to-configuration", "-o", "cat"); strings.Contains(log, "Scheduled restart job") {
			restarted++
		}
		if h.says("readlink", "/nix/var/nix/profiles/system") == "system-"+target+"-link" {
			current, target = target, current
		}
		h.wantState(current)
	}
	t.Logf("after %d kills a transaction had been started again", restarted)
	h.wantOutcomes()
}

// TestHostsPower cuts the power in a switch; the next start says so, and the switch is
// brought to an end by what was booted.
func TestHostsPower(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.configure(testbed.System{Packages: []string{"git"}, Services: []string{"openssh"}, Label: "25.11.cut"})
	a := h.ask("switch", "--yes", "--detach", "--confirm-within", "10m")
	if !a.Success || a.Data.Job == "" {
		t.Fatalf("%+v", a)
	}
	if unit := h.says("systemctl", "is-active", "luminous-nix-job-"+a.Data.Job); unit != "active" {
		t.Errorf("the job's unit is %s", unit)
	}
	h.await(`grep -qs '"step":"confirm"' /var/lib/luminous-nix/activation/journal.jsonl`)
	h.wantState("4")
	if err := errors.Join(h.Cut(t.Context()), h.Boot(t.Context())); err != nil {
		t.Fatal(err)
	}
	if a := h.ask("generations"); !strings.Contains(strings.Join(a.Warnings, "\n"), "was interrupted") {
		t.Errorf("the next start says %v", a.Warnings)
	}
	if a := h.ask("recover", "--yes"); !a.Success {
		t.Errorf("%+v", a)
	}
	h.wantState("4") // it booted the new one
}

// TestHostsConfirm lets the time to confirm pass, and confirms in time.
func TestHostsConfirm(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	if a := h.ask("rollback", "--yes", "--confirm-within", "1s"); a.Success || a.Error.Code != operation.CodeDeclined {
		t.Errorf("%+v", a)
	}
	h.wantState("3")
	h.ask("rollback", "--yes", "--confirm-within", "1m", "--detach")
	h.await(`grep -qs '"step":"confirm"' /var/lib/luminous-nix/activation/journal.jsonl`)
	if a := h.read(h.CommandOfUser(t.Context(), "ask-nix", "confirm", "--json")); !a.Success {
		t.Errorf("with sudo: %+v", a)
	}
	h.await("! test -e /var/lib/luminous-nix/activation/journal.jsonl")
	h.wantState("2")
}

// TestHostsOldRelease goes to a system that is laid out as NixOS 22.05 did it, and back.
func TestHostsOldRelease(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	old := testbed.System{
		Layout: "22.05", Label: "22.05.20221217.4e0e7f1", Services: []string{"openssh"}, Specialisations: []string{"gaming"},
		Revision: "77aa7da1e1a5cbf8a7fcc1c8be46f6c3d2b4c5a6",
	}
	toplevel, err := h.NixOS.Build(t.Context(), old)
	if err == nil {
		_, err = h.NixOS.AddGeneration(t.Context(), toplevel)
	}
	if err != nil {
		t.Fatal(err)
	}
	if files := h.says("ls", toplevel); strings.Contains(files, "boot.json") {
		t.Fatalf("this is not the layout of 22.05:\n%s", files)
	}
	h.says("nix-env", "-p", "/nix/var/nix/profiles/system", "--rollback")
	for _, generation := range []string{"4", "3", "4"} {
		if a := h.ask("switch-generation", generation, "--yes"); !a.Success {
			t.Fatalf("to generation %s: %+v", generation, a)
		}
		h.wantState(generation)
	}
	list := h.says("ask-nix", "generations")
	if line := lineWith(list, "22.05.20221217.4e0e7f1"); !strings.Contains(line, "gaming") || !strings.Contains(line, "77aa7da1e1a5") || !strings.Contains(line, "6.12.58") {
		t.Errorf("what is known of the old system is %q in\n%s", line, list)
	}
	if err := h.Reboot(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wantState("4")
}

func lineWith(text, word string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, word) {
			return line
		}
	}
	return ""
}

// TestHostsNixpkgs switches with the switch-to-configuration of the nixpkgs that NIXPKGS
// names, up to the releases in which it is a script in Perl.
func TestHostsNixpkgs(t *testing.T) {
	t.Parallel()
	tree := os.Getenv("NIXPKGS")
	if tree == "" {
		t.Skip("NIXPKGS names no nixpkgs, whose switch-to-configuration this would run")
	}
	program, err := os.ReadFile(filepath.Join(tree, "nixos/modules/system/activation/switch-to-configuration.pl"))
	if err != nil {
		t.Skipf("the nixpkgs of NIXPKGS has no switch-to-configuration in Perl: %v", err)
	}
	h := newHost(t)
	const file = "/etc/nixos/switch-to-configuration.pl"
	if err := h.WriteFile(file, program, 0o644); err != nil {
		t.Fatal(err)
	}
	real := testbed.System{Services: []string{"nginx"}, Label: "25.11.real", SwitchProgram: file}
	h.configure(real)
	if a := h.ask("switch", "--yes"); !a.Success || a.Data.Activation.Outcome != operation.OutcomeSwitched {
		t.Fatalf("from our switch to the real one: %+v", a)
	}
	h.wantState("4")

	// A changed service is stopped and started, a new one started, a removed one stopped.
	before := h.says("systemctl", "show", "--property=MainPID", "--value", "nginx.service")
	real.Services, real.Label = []string{"nginx", "openssh"}, "25.11.changed"
	real.Extra = `systemd.services.nginx.environment.LANG = "C"; networking.firewall.enable = false;`
	h.configure(real)
	if a := h.ask("switch", "--yes"); !a.Success {
		t.Fatalf("from the real switch to the real one: %+v", a)
	}
	h.wantState("5")
	if after := h.says("systemctl", "show", "--property=MainPID", "--value", "nginx.service"); after == before || after == "0" {
		t.Errorf("nginx.service has process %s, and had %s", after, before)
	}
	if units := h.says("sh", "-c", "systemctl is-active sshd.service firewall.service || true"); units != "active\ninactive" {
		t.Errorf("sshd.service and firewall.service are\n%s", units)
	}

	for _, test := range []struct {
		fault  testbed.Fault
		status int
	}{{testbed.FaultUnit, 4}, {testbed.FaultActivate, 2}, {testbed.FaultBootLoader, 1}, {testbed.FaultInit, 100}} {
		real.Fault = test.fault
		h.configure(real)
		a := h.ask("switch", "--yes")
		if a.Success || a.Data.Activation.Outcome != operation.OutcomeReverted || a.Data.Activation.ExitStatus != test.status {
			t.Errorf("%s: %+v", test.fault, a)
		}
		h.wantState("5")
	}
	if a := h.ask("switch-generation", "3", "--yes"); !a.Success {
		t.Errorf("from the real switch to ours: %+v", a)
	}
	h.wantState("3")
}
