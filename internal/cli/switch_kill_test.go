package cli_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// switchKills is how many switches are killed: more for make test-long.
func switchKills() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 300
	}
	return 15
}

// TestKillSwitch kills the caller of a switch, or the process that does it, or both, at
// random moments, so often that one at least was interrupted half-way. The machine is in the
// old or the new state afterwards, at the latest when the next start has brought to an end
// what it says was interrupted; no generation is lost; and the audit log says once of each
// switch what came of it.
func TestKillSwitch(t *testing.T) {
	t.Parallel()
	k := newKiller(t)
	var alone, resumed int
	kills := switchKills()
	for n := 0; n < kills || resumed == 0 && n < 8*kills; n++ {
		target := 5 - k.current // 2 or 3
		k.cut(target, n%3)
		if k.settle() {
			resumed++
		} else {
			alone++
		}
		k.check(target)
		k.checkAudit()
	}
	t.Logf("%d came to an end by themselves, %d were recovered; outcomes in the audit log: %v", alone, resumed, k.outcomes)
	if resumed == 0 {
		t.Error("no transaction was interrupted: the test shows nothing")
	}
}

type killer struct {
	*testing.T
	nix     *testbed.Nix
	random  *rand.Rand
	profile profile.Profile
	current int

	judged   string // the id of the last change in the audit log
	outcomes map[operation.Code]int
}

func newKiller(t *testing.T) *killer {
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return &killer{
		T: t, nix: nix, random: rand.New(rand.NewPCG(seed, 2)), profile: profile.Profile(nix.SystemProfile), current: 3,
		outcomes: map[operation.Code]int{},
	}
}

func (k *killer) command(args ...string) *exec.Cmd {
	cmd := k.nix.Command(k.Context(), binary, args...)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	return cmd
}

// What is killed.
const (
	theCaller = iota
	theTransaction
	both
)

// cut begins a switch and kills what is to be killed at a random moment.
func (k *killer) cut(target, what int) {
	k.Helper()
	cmd := k.command("switch-generation", strconv.Itoa(target), "--yes")
	if err := cmd.Start(); err != nil {
		k.Fatal(err)
	}
	time.Sleep(time.Duration(k.random.Int64N(int64(600 * time.Millisecond))))
	if what != theTransaction {
		_ = cmd.Process.Kill() // it may have ended
	}
	if what != theCaller {
		for _, pid := range k.processes("run-job") {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	_ = cmd.Wait()
}

// processes are those of this bed whose command line has the word.
func (k *killer) processes(word string) (pids []int) {
	entries, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		k.Fatal(err)
	}
	for _, entry := range entries {
		line, err := os.ReadFile(entry)
		if err != nil || !bytes.Contains(line, []byte(k.nix.Dir+"/")) || !bytes.Contains(line, []byte(word)) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(entry))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// settle waits until nothing runs any more, and recovers what was interrupted.
func (k *killer) settle() (recovered bool) {
	k.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		k.quiet(deadline)
		if _, err := os.Stat(filepath.Join(k.nix.Root, "var/lib/luminous-nix/activation/journal.jsonl")); err != nil {
			return false
		}
		said, err := k.saysInterrupted()
		if err == nil && strings.Contains(said, "was interrupted") {
			break
		}
		// On a busy machine a process may have begun between the looks.
		if err != nil || time.Now().After(deadline) {
			k.Fatalf("the next start does not say that a switch was interrupted: %v\n%s", err, said)
		}
	}
	if out, err := k.command("recover", "--yes").CombinedOutput(); err != nil {
		k.Fatalf("recover: %v\n%s", err, out)
	}
	return true
}

// quiet waits until no process of the switch is seen in several looks: one may miss a
// process that is just being started by another.
func (k *killer) quiet(deadline time.Time) {
	k.Helper()
	for quiet := 0; quiet < 3; quiet++ {
		if len(k.processes("run-job"))+len(k.processes("switch-to-configuration")) > 0 {
			quiet = -1
		}
		if time.Now().After(deadline) {
			k.Fatal("the switch does not come to an end")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// saysInterrupted is what the next start says beside its answer.
func (k *killer) saysInterrupted() (string, error) {
	var stderr bytes.Buffer
	look := k.command("system")
	look.Stderr = &stderr
	err := look.Run()
	return stderr.String(), err
}

// check checks that the machine is wholly in the old or in the new state.
func (k *killer) check(target int) {
	k.Helper()
	state, err := k.profile.Read()
	if err != nil || len(state.Generations) != 3 {
		k.Fatalf("%+v, %v", state, err)
	}
	if state.Current != k.current && state.Current != target {
		k.Fatalf("generation %d is current; it was %d and should become %d", state.Current, k.current, target)
	}
	generation, err := state.Generation(k.profile, state.Current)
	if err != nil {
		k.Fatal(err)
	}
	running, err := filepath.EvalSymlinks(filepath.Join(k.nix.Root, "run/current-system"))
	if err != nil || running != generation.Target {
		k.Errorf("generation %d is current, and %s runs (%v)", state.Current, running, err)
	}
	menu, err := os.ReadFile(filepath.Join(k.nix.Root, "boot/loader/loader.conf"))
	if want := fmt.Sprintf("default nixos-generation-%d.conf\n", state.Current); err != nil || !strings.Contains(string(menu), want) {
		k.Errorf("generation %d is current, and the boot menu is (%v)\n%s", state.Current, err, menu)
	}
	k.units(generation.Target)
	k.current = state.Current
}

// checkAudit checks that of each change the audit log has said once how it ended, and that
// this is what has become of the machine.
func (k *killer) checkAudit() {
	k.Helper()
	log := audit.Log{Path: filepath.Join(k.nix.Root, "var/lib/luminous-nix/audit.jsonl")}
	if os.Geteuid() != 0 {
		log.Path = filepath.Join(k.nix.Home, ".local/state/luminous-nix/audit.jsonl")
	}
	var last audit.Line
	// A job counts as one that starts for some seconds.
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if out, err := k.command("history").CombinedOutput(); err != nil {
			k.Fatalf("history: %v\n%s", err, out)
		}
		lines, err := log.Read()
		if err != nil {
			k.Fatal(err)
		}
		begun, ended := map[string]int{}, map[string]int{}
		for _, line := range lines {
			switch {
			case !line.Done:
				begun[line.ID]++
			default:
				ended[line.ID]++
				if line.Operation.Name == operation.SwitchGeneration {
					last = line
				}
			}
		}
		if cmp.Equal(begun, ended) {
			break
		}
		if time.Now().After(deadline) {
			k.Fatalf("the audit log does not say once of each change how it ended: begun %v, ended %v", begun, ended)
		}
	}
	if last.ID == k.judged {
		return // it was killed before it had begun anything
	}
	k.judged = last.ID
	k.outcomes[last.Code]++
	if made := last.Operation.Arguments.Generation == operation.GenerationNumber(k.current); made != (last.Code == "") {
		k.Errorf("generation %d is current, and the audit log says %q, %s", k.current, last.Code, last.Message)
	}
}

// units checks that the units run which the system wants, as it has them.
func (k *killer) units(toplevel string) {
	k.Helper()
	wanted, err := filepath.Glob(toplevel + "/etc/systemd/system/multi-user.target.wants/*")
	if err != nil || len(wanted) == 0 {
		k.Fatalf("%v, %v", wanted, err)
	}
	for _, file := range wanted {
		want, err := os.ReadFile(file)
		if err != nil {
			k.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(k.nix.Root, "run/systemd/running", filepath.Base(file)))
		if err != nil || !bytes.Equal(got, want) {
			k.Errorf("%s does not run as generation %d has it: %v", filepath.Base(file), k.current, err)
		}
	}
}
