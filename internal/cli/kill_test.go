package cli_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// kills is how often a change is cut short: more for make test-long.
func kills() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 2000
	}
	return 60
}

// TestKill cuts switches short at random moments, with Ctrl-C and with SIGKILL:
// the profile is the old one or the new one, no generation is lost, and the next
// switch works.
func TestKill(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	p := profile.Profile(nix.SystemProfile)
	current, cut := 3, 0
	for range kills() {
		target := 5 - current // 2 or 3
		sig := []syscall.Signal{syscall.SIGINT, syscall.SIGKILL}[random.IntN(2)]
		cmd := nix.Command(t.Context(), binary, "switch-generation", strconv.Itoa(target), "--yes")
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(25 * time.Millisecond))))
		if err := cmd.Process.Signal(sig); err != nil && err != os.ErrProcessDone {
			t.Fatal(err)
		}
		err := cmd.Wait()
		state, readErr := p.Read()
		if readErr != nil || len(state.Generations) != 3 {
			t.Fatalf("after %v: %+v, %v", sig, state, readErr)
		}
		if state.Current != current && state.Current != target {
			t.Fatalf("after %v: generation %d is current; it was %d and should become %d", sig, state.Current, current, target)
		}
		if err == nil && state.Current != target {
			t.Fatalf("it reported success, but generation %d is current, not %d", state.Current, target)
		}
		if err != nil {
			cut++
			if code := cmd.ProcessState.ExitCode(); sig == syscall.SIGINT && code != 130 && code != -1 {
				t.Errorf("Ctrl-C: exit status %d, want 130", code)
			}
		}
		current = state.Current
	}
	if cut == 0 {
		t.Error("not one switch was cut short: the test shows nothing")
	}
	t.Logf("%d of %d were cut short", cut, kills())
	after := nix.Command(t.Context(), binary, "switch-generation", strconv.Itoa(5-current), "--yes")
	after.Env = append(after.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	if out, err := after.CombinedOutput(); err != nil {
		t.Fatalf("the switch after them: %v\n%s", err, out)
	}
}

// TestKillDuringActivation presses Ctrl-C while the activation runs: it is
// finished all the same, since a half-activated system would be worse.
func TestKillDuringActivation(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	cmd := nix.Command(t.Context(), binary, "rollback", "--yes")
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// Wait until the activation has said its first word, then interrupt the
	// whole group as a terminal does.
	seen, buf := "", make([]byte, 4096)
	for !strings.Contains(seen, "updating the boot menu") {
		n, err := stderr.Read(buf)
		if err != nil {
			t.Fatalf("%v after %q", err, seen)
		}
		seen += string(buf[:n])
	}
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = stderr.Read(buf)
	}
	_ = cmd.Wait() // done or interrupted; what counts is what is left
	state, err := profile.Profile(nix.SystemProfile).Read()
	if err != nil || state.Current != 2 {
		t.Fatalf("%+v, %v", state, err)
	}
	running, err := filepath.EvalSymlinks(filepath.Join(nix.Root, "run", "current-system"))
	if err != nil || running != state.Generations[1].Target {
		t.Errorf("running %s, %v; generation 2 is current", running, err)
	}
}
