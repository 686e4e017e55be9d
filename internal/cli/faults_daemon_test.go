package cli_test

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
)

// building is a machine with a package whose build waits for a file: `leave`.
type building struct {
	*faulty
	begun, leave string
}

func newBuilding(t *testing.T) *building {
	t.Helper()
	b := &building{faulty: onFaulty(t, testbed.New(t))}
	b.begun, b.leave = filepath.Join(b.nix.Dir, "begun"), filepath.Join(b.nix.Dir, "leave")
	wait := "echo >>" + b.begun + "; until [ -e " + b.leave + " ]; do sleep 0.02; done; mkdir $out; echo >$out/"
	b.offer(map[string]string{"homegrown": wait + "homegrown"})
	return b
}

// awaitBuild waits until a build has begun.
func (b *building) awaitBuild() {
	b.Helper()
	for end := time.Now().Add(deadline / 2); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(b.begun); err == nil {
			return
		}
		if time.Now().After(end) {
			b.Fatal("nothing is built")
		}
	}
}

// letBuild has all builds come to an end.
func (b *building) letBuild() {
	b.Helper()
	if err := os.WriteFile(b.leave, nil, 0o644); err != nil {
		b.Fatal(err)
	}
}

// workers are the processes of the daemon that serve a connection.
func (b *building) workers() []int {
	b.Helper()
	parent, err := daemonOf(b.nix)
	if err != nil {
		b.Fatal(err)
	}
	return slices.DeleteFunc(b.nix.Processes(), func(pid int) bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		return err != nil || len(fields) < 2 || fields[1] != strconv.Itoa(parent)
	})
}

func (b *building) signal(s syscall.Signal, pids ...int) {
	b.Helper()
	if len(pids) == 0 {
		b.Fatal("there is nobody to be sent a signal")
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, s); err != nil {
			b.Fatal(err)
		}
	}
}

// TestFaultDaemonKilled kills what serves a build half-way: the daemon is connected to
// again, and what was asked for is done, once.
func TestFaultDaemonKilled(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	a := b.finish(b.command("install", "homegrown", "--user", "--yes"), func() {
		b.awaitBuild()
		b.signal(syscall.SIGKILL, b.workers()...)
		b.letBuild()
	})
	b.wantSuccess("a worker that was killed", a, "retry")
	if !strings.Contains(a.said, "the Nix daemon hung up") || !strings.Contains(a.said, "trying again (1 of 3)") {
		t.Errorf("it was told so:\n%s", a.said)
	}
	links, err := filepath.Glob(filepath.Join(b.nix.StateDir, "profiles/per-user/*/profile-*-link"))
	if err != nil || len(links) != 1 {
		t.Errorf("the generations are %v, %v", links, err)
	}
	b.sound()
	b.wantChain()
	// What had failed is in the audit log, and that it went on.
	text, err := os.ReadFile(filepath.Join(b.state(), "audit.jsonl"))
	if err != nil || !strings.Contains(string(text), `"recovery":["daemon: `) {
		t.Errorf("%v, the audit log:\n%s", err, text)
	}
	if m := b.must(binary, "metrics"); !strings.Contains(m, "1 of 1") {
		t.Errorf("the metrics:\n%s", m)
	}
}

// state is the state folder of ask-nix, by who runs the test.
func (f *faulty) state() string {
	if os.Geteuid() == 0 {
		return filepath.Join(f.nix.Root, "var/lib/luminous-nix")
	}
	return filepath.Join(f.nix.Home, ".local/state/luminous-nix")
}

// TestFaultDaemonRestarted ends the whole daemon half-way through a build, and starts one
// anew: that, or where it is too late Nix's own programs, do the rest.
func TestFaultDaemonRestarted(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	b.env = append(b.env, "LUMINOUS_NIX_PATIENCE=30") // for a machine that has much else to do
	var again *testbed.Nix
	a := b.finish(b.command("install", "homegrown", "--user", "--yes", "--backend", "native"), func() {
		b.awaitBuild()
		if err := b.nix.Stop(); err != nil {
			t.Error(err)
		}
		b.letBuild()
		var err error
		if again, err = testbed.Start(t.Context(), b.nix.Dir); err != nil {
			t.Fatal(err)
		}
	})
	defer again.Stop()
	if !a.Success || len(a.Recovery) == 0 {
		t.Errorf("status %d, %+v, %+v\n%s", a.status, a.Error, a.Recovery, a.said)
	}
	b.sound()
	b.wantChain()
}

// TestFaultDaemonHung has the daemon hang: it is waited for as long as the setting says,
// then Nix's programs do its work, and where they must not it is told what helps.
func TestFaultDaemonHung(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	b.letBuild()
	pid, err := daemonOf(b.nix)
	if err != nil {
		t.Fatal(err)
	}
	b.signal(syscall.SIGSTOP, pid)
	defer b.signal(syscall.SIGCONT, pid)
	a := b.ask("install", "homegrown", "--user", "--yes", "--backend", "native")
	b.wantFailure("natively", a, 1, "takes connections and does not answer within 1s", "sudo systemctl restart nix-daemon")
	if os.Geteuid() == 0 { // only root can do the daemon's work
		a = b.ask("install", "homegrown", "--user", "--yes")
		b.wantSuccess("with Nix's programs", a, "nix-programs")
	}
}

// TestFaultDaemonHungInBuild has what serves a build hang half-way. A build may be silent
// for hours, so that it is waited for; Ctrl-C ends that at once, and nothing is lost.
func TestFaultDaemonHungInBuild(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	cmd := b.command("install", "homegrown", "--user", "--yes")
	var workers []int
	var asked time.Time
	a := b.finish(cmd, func() {
		b.awaitBuild()
		workers = b.workers()
		b.signal(syscall.SIGSTOP, workers...)
		asked = time.Now()
		b.signal(syscall.SIGINT, cmd.Process.Pid)
	})
	if took := time.Since(asked); took > 10*time.Second {
		t.Errorf("it took %s to end", took)
	}
	if a.status != 130 || a.Success || len(a.Recovery) > 0 {
		t.Errorf("status %d, %+v, %+v", a.status, a.Error, a.Recovery)
	}
	b.signal(syscall.SIGCONT, workers...)
	b.letBuild()
	b.wantSuccess("the next one", b.ask("install", "homegrown", "--user", "--yes"), "")
	b.sound()
	b.wantChain()
}

// TestFaultDaemonHungWholly has all of the daemon hang half-way through a build: that is told
// after six times the patience, since a new connection shows it.
func TestFaultDaemonHungWholly(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	cmd := b.command("install", "homegrown", "--user", "--yes")
	told, err := os.Create(filepath.Join(b.nix.Dir, "told"))
	if err != nil {
		t.Fatal(err)
	}
	defer told.Close()
	cmd.Stderr = told
	daemon, err := daemonOf(b.nix)
	if err != nil {
		t.Fatal(err)
	}
	hung := []int{daemon}
	a := b.finish(cmd, func() {
		b.awaitBuild()
		hung = append(hung, b.workers()...)
		b.signal(syscall.SIGSTOP, hung...)
		for end := time.Now().Add(deadline / 2); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			if text, err := os.ReadFile(told.Name()); err == nil && strings.Contains(string(text), "sudo systemctl restart nix-daemon") {
				break
			}
		}
		b.signal(syscall.SIGCONT, hung...)
		b.letBuild()
	})
	text, err := os.ReadFile(told.Name())
	if err != nil || strings.Count(string(text), "it may hang") != 1 {
		t.Errorf("%v, what was told:\n%s", err, text)
	}
	b.wantSuccess("once it goes on", a, "")
	b.sound()
	b.wantChain()
}

// TestFaultDaemonGone has no daemon: where Nix's programs must not take its place it is
// tried for a while, and told what helps.
func TestFaultDaemonGone(t *testing.T) {
	t.Parallel()
	b := newBuilding(t)
	b.letBuild()
	if err := b.nix.Stop(); err != nil {
		t.Fatal(err)
	}
	a := b.ask("install", "homegrown", "--user", "--yes", "--backend", "native")
	b.wantFailure("natively", a, 1, "connecting to the Nix daemon", "systemctl status nix-daemon.socket")
	if a.took > 20*time.Second {
		t.Errorf("it took %s", a.took)
	}
	if a.remedies() != "" {
		t.Errorf("there is nothing to connect to, and yet: %+v", a.Recovery)
	}

	// A socket that is left over may be that of one that is just being started.
	left, err := net.ListenUnix("unix", &net.UnixAddr{Name: b.nix.Socket, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	left.SetUnlinkOnClose(false)
	if err := left.Close(); err != nil {
		t.Fatal(err)
	}
	a = b.ask("install", "homegrown", "--user", "--yes", "--backend", "native")
	b.wantFailure("a socket that is left over", a, 1, "connection refused", "systemctl status nix-daemon.socket")
	if a.remedies() != "retry retry retry" {
		t.Errorf("what was done is %+v", a.Recovery)
	}
}
