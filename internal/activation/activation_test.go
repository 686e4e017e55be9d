package activation_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/internal/activation"
	"luminousnix/internal/backend"
	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// childVariable has the test's program be the process of a transaction that stops
// at a step.
const childVariable = "ACTIVATION_TEST_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childVariable); text != "" {
		if err := runChild(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is what the child process is to do.
type child struct {
	Request activation.Request
	StopAt  activation.Step // "" is not at all
}

func runChild(text string) error {
	var c child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return err
	}
	h := host.Find(os.Getenv, os.Getenv("LUMINOUS_NIX_ROOT"))
	m := machineOf(h)
	m.Reached = func(step activation.Step) {
		if step == c.StopAt {
			fmt.Println(step)
			select {} // until it is killed
		}
	}
	report, err := activation.Run(context.Background(), m, c.Request, operation.Silent)
	if err == nil && report.Outcome != operation.OutcomeSwitched {
		err = fmt.Errorf("%+v", report)
	}
	return err
}

// none keeps nothing: nobody collects garbage in these tests.
type none struct{}

func (none) Close() error { return nil }

func machineOf(h *host.Host) *activation.Machine {
	return &activation.Machine{
		Dir: filepath.Join(h.SystemState(), "activation"), Profiles: backend.NewNative(h), StoreDir: h.StoreDir,
		Keep:    func(context.Context, store.Path) (io.Closer, error) { return none{}, nil },
		Running: h.RunningSystem, BootID: func() string { return "this boot" },
		Env: []string{"PATH=/usr/bin:/bin"}, Timeout: time.Minute, Now: time.Now,
	}
}

// bed is a machine with a history of three generations, of which the newest one runs.
type bed struct {
	*testing.T
	nix *testbed.Nix
	*activation.Machine
	profile profile.Profile
	old     string // toplevel
}

func newBed(t *testing.T) *bed {
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{
		"NIX_STORE_DIR": nix.StoreDir, "NIX_STATE_DIR": nix.StateDir, "NIX_DAEMON_SOCKET_PATH": nix.Socket, "HOME": nix.Home,
	}
	h := host.Find(func(name string) string { return env[name] }, nix.Root)
	return &bed{T: t, nix: nix, Machine: machineOf(h), profile: h.SystemProfile(), old: h.RunningSystem()}
}

// build builds a system that is not a generation yet.
func (b *bed) build(fault testbed.Fault) activation.Request {
	b.Helper()
	toplevel, err := b.nix.Build(b.Context(), testbed.System{Packages: []string{"git"}, Label: "25.11.new", Fault: fault})
	if err != nil {
		b.Fatal(err)
	}
	return activation.Request{Action: nixos.Switch, Toplevel: store.Path(toplevel), Profile: b.profile, Expected: 3}
}

func (b *bed) run(r activation.Request) operation.Activation {
	b.Helper()
	report, err := activation.Run(b.Context(), b.Machine, r, operation.Silent)
	if err != nil {
		b.Fatal(err)
	}
	return report
}

// check checks which generation is current, what runs and what the boot menu starts,
// and that no generation is lost and no journal is left.
func (b *bed) check(generation int, running string) {
	b.Helper()
	state, err := b.profile.Read()
	if err != nil {
		b.Fatal(err)
	}
	if state.Current != generation {
		b.Errorf("generation %d is current, not %d", state.Current, generation)
	}
	for number := range 3 {
		if _, err := state.Generation(b.profile, number+1); err != nil {
			b.Errorf("generation %d is lost: %v", number+1, err)
		}
	}
	if got := b.Running(); got != running {
		b.Errorf("%s is running, not %s", got, running)
	}
	menu, err := os.ReadFile(filepath.Join(b.nix.Root, "boot/loader/loader.conf"))
	if err != nil {
		b.Error(err)
	}
	if want := fmt.Sprintf("default nixos-generation-%d.conf", generation); !slices.Contains(strings.Split(string(menu), "\n"), want) {
		b.Errorf("the boot menu does not start generation %d:\n%s", generation, menu)
	}
	if pending, err := activation.Find(b.Dir); err != nil || pending != nil {
		b.Errorf("a journal is left: %+v, %v", pending, err)
	}
}

func TestSwitch(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.build(testbed.NoFault)
	report := b.run(r)
	want := operation.Activation{
		Outcome: operation.OutcomeSwitched, Profile: string(r.Profile), From: 3, To: 4,
		Toplevel: string(r.Toplevel), Previous: b.old, Step: "verify",
	}
	if diff := cmp.Diff(want, report, cmpopts.IgnoreFields(want, "Output")); diff != "" {
		t.Error(diff)
	}
	b.check(4, string(r.Toplevel))
	if last, ok := activation.Last(b.Dir); !ok || last.Outcome != operation.OutcomeSwitched {
		t.Errorf("kept report: %+v, %v", last, ok)
	}

	// And back to a generation that is there.
	back := b.run(activation.Request{Action: nixos.Switch, Toplevel: store.Path(b.old), Profile: b.profile, Generation: 3, Expected: 4})
	if back.Outcome != operation.OutcomeSwitched {
		t.Errorf("%+v", back)
	}
	b.check(3, b.old)
}

// TestFaults has switch-to-configuration fail in all the ways that it can; the machine
// is in its old state then, and the report says why.
func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, status := range map[testbed.Fault]int{
		testbed.FaultCheck: 1, testbed.FaultBootLoader: 1, testbed.FaultInit: 100, testbed.FaultActivate: 2,
		testbed.FaultUnit: 4, testbed.FaultHang: -1,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			r := b.build(fault)
			if fault == testbed.FaultHang {
				b.Timeout = 500 * time.Millisecond
			}
			report := b.run(r)
			if report.Outcome != operation.OutcomeReverted || report.ExitStatus != status || report.Reason == "" || len(report.Problems) > 0 {
				t.Errorf("%+v", report)
			}
			b.check(3, b.old)
		})
	}
}

// failing are units that fail whenever something was activated.
type failing struct{ units [][]string }

func (f *failing) FailedUnits(context.Context) ([]string, error) {
	units := f.units[0]
	if len(f.units) > 1 {
		f.units = f.units[1:]
	}
	return units, nil
}

func (*failing) Log(_ context.Context, unit string) []string { return []string{unit + " said no"} }

// TestFailedUnits: status 4 is a reason to go back only when a unit failed that had not
// failed before.
func TestFailedUnits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   testbed.Fault
		units   [][]string // before, after
		outcome operation.Outcome
		failed  []string
	}{
		"failed newly":         {testbed.FaultUnit, [][]string{{"old.service"}, {"old.service", "broken.service"}}, operation.OutcomeReverted, []string{"broken.service"}},
		"failed before":        {testbed.FaultUnit, [][]string{{"broken.service"}, {"broken.service"}}, operation.OutcomeSwitched, nil},
		"nobody minds":         {testbed.NoFault, [][]string{{}, {"other.service"}}, operation.OutcomeSwitched, []string{"other.service"}},
		"mended by the switch": {testbed.NoFault, [][]string{{"old.service"}, {}}, operation.OutcomeSwitched, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			b.Units = &failing{test.units}
			r := b.build(test.fault)
			report := b.run(r)
			if report.Outcome != test.outcome {
				t.Errorf("%+v", report)
			}
			if diff := cmp.Diff(test.failed, report.Failed, cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
			for _, unit := range test.failed {
				if diff := cmp.Diff([]string{unit + " said no"}, report.Logs[unit]); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestBootAndTest(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	boot := b.build(testbed.NoFault)
	boot.Action = nixos.Boot
	b.run(boot)
	b.check(4, b.old)

	// What runs is not what the machine starts with; a switch that fails leaves it so.
	broken := b.build(testbed.FaultActivate)
	broken.Expected = 4
	if report := b.run(broken); report.Outcome != operation.OutcomeReverted || len(report.Problems) > 0 {
		t.Errorf("%+v", report)
	}
	b.check(4, b.old)

	test := activation.Request{Action: nixos.Test, Toplevel: boot.Toplevel}
	if report := b.run(test); report.Outcome != operation.OutcomeSwitched {
		t.Errorf("%+v", report)
	}
	b.check(4, string(boot.Toplevel))
	failing := activation.Request{Action: nixos.Test, Toplevel: broken.Toplevel}
	if report := b.run(failing); report.Outcome != operation.OutcomeReverted {
		t.Errorf("%+v", report)
	}
	b.check(4, string(boot.Toplevel))
}

func TestSpecialisation(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := activation.Request{Action: nixos.Switch, Toplevel: store.Path(b.old), Specialisation: "gaming", Profile: b.profile, Generation: 3, Expected: 3}
	if report := b.run(r); report.Outcome != operation.OutcomeSwitched {
		t.Fatalf("%+v", report)
	}
	gaming, err := filepath.EvalSymlinks(b.old + "/specialisation/gaming")
	if err != nil {
		t.Fatal(err)
	}
	b.check(3, gaming)
}

// TestConfirm confirms one switch and lets another one expire.
func TestConfirm(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if err := activation.Answer(b.Dir, true); !errors.Is(err, activation.ErrNothingToConfirm) {
		t.Errorf("nothing waits: %v", err)
	}
	r := b.build(testbed.NoFault)
	r.ConfirmWithin = 100 * time.Millisecond
	if report := b.run(r); report.Outcome != operation.OutcomeReverted || report.Code != operation.CodeDeclined {
		t.Errorf("%+v", report)
	}
	b.check(3, b.old)

	r.ConfirmWithin = time.Minute
	confirmed := make(chan error, 1)
	b.Reached = func(step activation.Step) {
		if step == activation.StepConfirm {
			pending, err := activation.Find(b.Dir)
			if err == nil && !pending.Runs {
				err = errors.New("it counts as interrupted")
			}
			confirmed <- errors.Join(err, activation.Answer(b.Dir, true))
		}
	}
	if report := b.run(r); report.Outcome != operation.OutcomeSwitched {
		t.Errorf("%+v", report)
	}
	if err := <-confirmed; err != nil {
		t.Error(err)
	}
	b.check(4, string(r.Toplevel))
}

// TestFaultDamagedJournal: where the journal of an interrupted switch is damaged nobody is told
// that nothing was changed. It is put aside, and the next switch works.
func TestFaultDamagedJournal(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.build(testbed.NoFault)
	b.kill(r, activation.StepActivate)
	file := filepath.Join(b.Dir, "journal.jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[1] ^= 0x20
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if pending, err := activation.Find(b.Dir); err != nil || pending == nil || !pending.Damaged || pending.Runs {
		t.Fatalf("%+v, %v", pending, err)
	}
	report, err := activation.Resume(t.Context(), b.Machine, operation.ChangeID{}, operation.Silent)
	if err != nil || report.Outcome != operation.OutcomeStuck || !strings.Contains(report.Reason, "damaged") {
		t.Errorf("%+v, %v", report, err)
	}
	if kept, err := os.ReadFile(file + ".damaged"); !slices.Equal(kept, text) {
		t.Errorf("what is left of it is lost: %v", err)
	}
	state, err := b.profile.Read()
	if err != nil {
		t.Fatal(err)
	}
	r.Expected = state.Current
	if report := b.run(r); report.Outcome != operation.OutcomeSwitched {
		t.Errorf("%+v", report)
	}
	b.check(4, string(r.Toplevel))
}

// TestFaultClockSetBack: where the clock was set back while a switch waited to be confirmed and
// its process was killed, it is not waited for longer than was asked for.
func TestFaultClockSetBack(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.build(testbed.NoFault)
	r.ConfirmWithin = 300 * time.Millisecond
	b.kill(r, activation.StepConfirm)
	b.Now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	report, err := activation.Resume(ctx, b.Machine, operation.ChangeID{}, operation.Silent)
	if err != nil || report.Outcome != operation.OutcomeReverted || report.Code != operation.CodeDeclined {
		t.Errorf("%+v, %v", report, err)
	}
	b.check(3, b.old)
}

// TestCancel: until the activation begins everything is taken back; then it goes on.
func TestCancel(t *testing.T) {
	t.Parallel()
	for step, outcome := range map[activation.Step]operation.Outcome{
		activation.StepBegin:    operation.OutcomeUnchanged,
		activation.StepProfile:  operation.OutcomeReverted,
		activation.StepActivate: operation.OutcomeSwitched,
		activation.StepConfirm:  operation.OutcomeReverted,
	} {
		t.Run(string(step), func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			r := b.build(testbed.NoFault)
			if step == activation.StepConfirm {
				r.ConfirmWithin = time.Minute
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b.Reached = func(s activation.Step) {
				if s == step {
					cancel()
				}
			}
			report, err := activation.Run(ctx, b.Machine, r, operation.Silent)
			if err != nil || report.Outcome != outcome {
				t.Fatalf("%+v, %v", report, err)
			}
			if outcome == operation.OutcomeSwitched {
				b.check(4, string(r.Toplevel))
			} else {
				b.check(3, b.old)
			}
		})
	}
}

// TestKillAtEachStep kills the process of a transaction at each of its steps. The
// profile leads to a whole system at once; when the transaction is resumed the machine
// is in the old or in the new state.
func TestKillAtEachStep(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		step      activation.Step
		fault     testbed.Fault
		restarted string // the system with which the machine was started since: "", old or new
		outcome   operation.Outcome
	}{
		{activation.StepBegin, testbed.NoFault, "", operation.OutcomeUnchanged},
		{activation.StepProfile, testbed.NoFault, "", operation.OutcomeReverted},
		{activation.StepActivate, testbed.NoFault, "", operation.OutcomeReverted},
		{activation.StepVerify, testbed.NoFault, "", operation.OutcomeSwitched},
		{activation.StepConfirm, testbed.NoFault, "", operation.OutcomeReverted}, // the time is over
		{activation.StepRevert, testbed.FaultActivate, "", operation.OutcomeReverted},
		{activation.StepProfile, testbed.NoFault, "old", operation.OutcomeReverted},
		{activation.StepActivate, testbed.NoFault, "old", operation.OutcomeReverted},
		{activation.StepActivate, testbed.NoFault, "new", operation.OutcomeSwitched},
		{activation.StepVerify, testbed.NoFault, "old", operation.OutcomeReverted},
		{activation.StepRevert, testbed.FaultActivate, "new", operation.OutcomeReverted},
	} {
		t.Run(string(test.step)+test.restarted, func(t *testing.T) {
			t.Parallel()
			b := newBed(t)
			r := b.build(test.fault)
			if test.step == activation.StepConfirm {
				r.ConfirmWithin = 300 * time.Millisecond
			}
			b.kill(r, test.step)
			if state, err := b.profile.Read(); err != nil || state.Current != 3 && state.Target == "" {
				t.Errorf("after the kill: %+v, %v", state, err)
			}
			pending, err := activation.Find(b.Dir)
			if err != nil || pending == nil || pending.Runs || pending.Step != test.step {
				t.Fatalf("the next start finds %+v, %v", pending, err)
			}
			if _, err := activation.Run(t.Context(), b.Machine, r, operation.Silent); !errors.Is(err, activation.ErrInterrupted) {
				t.Errorf("another switch is not refused: %v", err)
			}
			b.restart(test.restarted, r)
			report, err := activation.Resume(t.Context(), b.Machine, operation.ChangeID{}, operation.Silent)
			if err != nil || report.Outcome != test.outcome {
				t.Fatalf("%+v, %v", report, err)
			}
			switch {
			case test.outcome == operation.OutcomeSwitched:
				b.check(4, string(r.Toplevel))
			case test.restarted == "new":
				b.check(3, string(r.Toplevel)) // it goes away at the next start
			default:
				b.check(3, b.old)
			}
			if _, err := activation.Resume(t.Context(), b.Machine, operation.ChangeID{}, operation.Silent); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is something left to resume: %v", err)
			}
		})
	}
}

// kill runs a transaction in a process of its own and kills that at a step.
func (b *bed) kill(r activation.Request, step activation.Step) {
	b.Helper()
	text, err := json.Marshal(child{r, step})
	if err != nil {
		b.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), program)
	cmd.Env = append(b.nix.Env(), childVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		b.Fatalf("it never reached the step %s: %q, %v", step, line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// restart makes it look as if the machine had been started with a system since.
func (b *bed) restart(which string, r activation.Request) {
	b.Helper()
	system := map[string]string{"old": b.old, "new": string(r.Toplevel)}[which]
	if system == "" {
		return
	}
	b.BootID = func() string { return "the next boot" }
	link := filepath.Join(b.nix.Root, "run/current-system")
	if err := errors.Join(os.Remove(link), os.Symlink(system, link)); err != nil {
		b.Fatal(err)
	}
}

// TestOneAtATime: a second transaction waits for nobody and is refused.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.build(testbed.NoFault)
	second := make(chan error, 1)
	b.Reached = func(step activation.Step) {
		if step == activation.StepActivate {
			other := *b.Machine
			_, err := activation.Run(b.Context(), &other, r, operation.Silent)
			second <- err
		}
	}
	b.run(r)
	if err := <-second; !errors.Is(err, activation.ErrBusy) {
		t.Errorf("got %v", err)
	}
}

// TestPlanIsStale: what was planned for another generation is not done.
func TestPlanIsStale(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.build(testbed.NoFault)
	r.Expected = 2
	if _, err := activation.Run(t.Context(), b.Machine, r, operation.Silent); err == nil {
		t.Error("it was done")
	}
	b.check(3, b.old)
}
