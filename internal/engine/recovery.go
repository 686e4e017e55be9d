package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
	"luminousnix/internal/recovery"
	"luminousnix/internal/systemd"
)

// recovering runs an operation again after a failure that may pass, or that something can
// be done about; recovery.go of package recovery decides which. Each time all of it is done
// anew, from the plan on: what was done before is found there and not done again. It stands
// around the cache, so that answers do not tell of how they came about.
type recovering struct {
	next   Executor
	engine *Engine
}

// attempts are those of one call, to do all of it and to reach Nix's daemon on the way.
type attempts struct {
	engine *Engine

	mu       sync.Mutex
	observer operation.Observer
	made     []operation.Recovery
	first    time.Time // when something failed first
	begun    bool      // the change that is made now has been written down
	// agreed is the plan that was said yes to.
	agreed *operation.Plan
	// substituters and lean are those of [host.Host].
	substituters []string
	lean         bool
}

func (r *recovering) Execute(ctx context.Context, call Call) operation.Result {
	a := call.attempts
	if a == nil {
		return r.next.Execute(ctx, call)
	}
	a.observer = call.Observer
	for {
		result := r.next.Execute(ctx, call)
		again := result.Err != nil && r.goOn(ctx, &call, &result)
		a.notePrograms(call.machine.Host.Substituted())
		if !again {
			result.Recovery = a.made
			if result.Err != nil {
				result.Message = result.Err.Message
			}
			return result
		}
		begun := call.machine.Change
		*call.machine = *r.engine.machineFor(call) // whoever has it is told of the last one
		call.machine.Change = begun
	}
}

// goOn does what is to be done about a failure, and reports whether it is to be tried
// again. Else the error is completed.
func (r *recovering) goOn(ctx context.Context, call *Call, result *operation.Result) bool {
	a := call.attempts
	if full := action.NoRoom(r.engine.host, result.Err); full != nil {
		result.Err = full
	}
	failed := result.Err
	trouble := recovery.Classify(failed)
	if trouble == operation.TroubleNetwork && r.engine.settings.Offline {
		trouble = operation.TroubleUnreachable
	}
	step := r.engine.policy().Decide(trouble, a.state(ctx, *call, trouble))
	done := false
	if step.Remedy != "" {
		done = r.apply(ctx, call, trouble, step, failed)
	}
	switch {
	case done:
		a.begins(false)
		return true
	case ctx.Err() != nil && step.Wait > 0:
		result.Err = operation.Errorf(operation.CodeInterrupted, "interrupted while waiting to try again: %w", failed).WithHint(failed.Hint)
	case trouble == operation.TroubleDiskFull && ctx.Err() == nil:
		r.adviseRoom(ctx, *call, failed)
	default:
		recovery.Advise(failed, trouble)
	}
	return false
}

// state is what is known for a decision.
func (a *attempts) state(ctx context.Context, call Call, trouble operation.Trouble) recovery.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.first.IsZero() {
		a.first = a.engine.now()
	}
	asks, agreed := call.consent()
	s := recovery.State{
		Since: a.engine.now().Sub(a.first), Ended: ctx.Err() != nil,
		// An interrupted switch is found before anything else is begun.
		Begun: a.begun && trouble != operation.TroubleSwitch, Repeatable: recovery.Repeatable(call.Operation),
		Asks: asks, Agreed: agreed, Systemd: systemd.Runs(a.engine.host.Root),
	}
	for _, made := range a.made {
		s.Made = append(s.Made, made.Remedy)
	}
	return s
}

// consent reports whether there is somebody to be asked about what else has to be done for
// a change, and whether everything was agreed to beforehand. Neither is for what makes room
// itself, for a dry run, or where somebody has agreed to one plan only.
func (c Call) consent() (asks, agreed bool) {
	spec, _ := operation.Lookup(c.Operation.Name)
	if c.Confirm == nil || c.DryRun || !spec.Changing || c.Operation.Name == operation.CleanUp || c.Operation.Name == operation.CollectGarbage {
		return false, false
	}
	agreed = c.Confirmed || c.Manner == operation.ConfirmedBeforehand
	return !agreed && c.Manner == "", agreed
}

// apply does a step, and reports whether that was possible.
func (r *recovering) apply(ctx context.Context, call *Call, trouble operation.Trouble, step recovery.Step, failed *operation.Error) bool {
	a := call.attempts
	made := operation.Recovery{Trouble: trouble, Remedy: step.Remedy, Failure: operation.FirstLine(failed.Message)}
	switch step.Remedy {
	case operation.RemedySubstituters:
		if a.choose(ctx) {
			made.Message = a.trying(step.Wait) + ", with " + strings.Join(a.substituters, " ") + " only"
			break
		}
		made.Remedy = operation.RemedyRetry // nothing to choose from
		fallthrough
	case operation.RemedyRetry:
		made.Message = a.trying(step.Wait)
	case operation.RemedyCleanUp:
		err := r.makeRoom(ctx, *call, &made, failed)
		return a.record(made, err)
	case operation.RemedyFewerJobs:
		err := r.buildLess(ctx, *call, &made)
		return a.record(made, err)
	case operation.RemedyRecover:
		err := r.endSwitch(ctx, *call, &made)
		return a.record(made, err)
	default:
		return false // what is done for a connection is done there
	}
	a.tell(made)
	return a.record(made, r.engine.wait(ctx, step.Wait))
}

// revive does what is to be done where the daemon cannot be talked to, and reports whether
// it may be different now.
func (a *attempts) revive(ctx context.Context, call Call, err error) bool {
	trouble := recovery.Classify(err)
	s := a.state(ctx, call, trouble)
	s.Begun = false // a connection changes nothing
	step := a.engine.policy().Decide(trouble, s)
	made := operation.Recovery{Trouble: trouble, Remedy: step.Remedy, Failure: operation.FirstLine(err.Error())}
	switch step.Remedy {
	case operation.RemedyRetry:
		made.Message = a.trying(step.Wait)
		if !slices.Contains(s.Made, operation.RemedyRetry) { // the others follow at once
			a.tell(made)
		}
		return a.record(made, a.engine.wait(ctx, step.Wait))
	case operation.RemedyStartDaemon:
		made.Message = "starting " + daemonSocket
		a.tell(made)
		return a.record(made, systemd.StartUnit(ctx, daemonSocket))
	}
	return false
}

// daemonSocket is the unit that starts Nix's daemon when somebody connects.
const daemonSocket = "nix-daemon.socket"

func (a *attempts) trying(wait time.Duration) string {
	when := ""
	if wait >= 100*time.Millisecond {
		when = " in " + inSeconds(wait)
	}
	return fmt.Sprintf("trying again%s (%d of %d)", when, 1+a.repeated(), recovery.Retries)
}

func (a *attempts) repeated() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, made := range a.made {
		if made.Remedy == operation.RemedyRetry || made.Remedy == operation.RemedySubstituters {
			n++
		}
	}
	return n
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// tell tells whoever watches.
func (a *attempts) tell(made operation.Recovery) {
	if a.observer != nil {
		a.observer.Observe(operation.Event{Kind: operation.EventWarning, Text: made.Failure + "; " + made.Message})
	}
}

// record takes down what was done, or why not, and reports whether it was.
func (a *attempts) record(made operation.Recovery, err error) bool {
	if err != nil {
		failed := operation.AsError(err)
		made.Refused = failed.Message
		if failed.Code != operation.CodeDeclined && failed.Code != operation.CodeInterrupted && a.observer != nil { // whoever did that knows
			a.observer.Observe(operation.Event{Kind: operation.EventWarning, Text: "that was not possible: " + operation.FirstLine(failed.Message)})
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made = append(a.made, made)
	return err == nil
}

// notePrograms takes down that Nix's programs did the work of its daemon.
func (a *attempts) notePrograms(why string) {
	if why != "" {
		a.record(operation.Recovery{
			Trouble: operation.TroubleDaemon, Remedy: operation.RemedyPrograms, Failure: why, Message: "Nix's programs did its work",
		}, nil)
	}
}

// lines are what was done, for the audit log.
func (a *attempts) lines() (lines []string) {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, made := range a.made {
		lines = append(lines, made.String())
	}
	return lines
}

// begin says that from now on something may be changed.
func (a *attempts) begin() {
	if a != nil {
		a.begins(true)
	}
}

func (a *attempts) begins(begun bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = begun
}

// agrees reports whether somebody has said yes to the same plan before, but for the room
// that there is and the time that it takes.
func (a *attempts) agrees(plan operation.Plan) bool {
	if a == nil || a.agreed == nil {
		return false
	}
	before := *a.agreed
	before.Space, plan.Space = nil, nil
	before.Time, plan.Time = nil, nil
	return reflect.DeepEqual(before, plan)
}

// agree remembers what somebody has said yes to.
func (a *attempts) agree(plan operation.Plan) {
	if a != nil {
		a.agreed = &plan
	}
}

// recovered counts the attempts of a result for the metrics, and reports whether it came
// to a good end by them.
func recovered(result *operation.Result) (n int, well bool) {
	for _, made := range result.Recovery {
		well = well || made.Refused == ""
	}
	return len(result.Recovery), well && result.Success()
}

func (e *Engine) policy() recovery.Policy {
	return recovery.Policy{Patience: e.settings.Patience, Rand: rand.Float64}
}

// wait waits, and no longer than ctx.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}
