package engine

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/action"
	"luminousnix/internal/backend"
	"luminousnix/internal/job"
	"luminousnix/internal/operation"
	"luminousnix/nix/storedb"
)

// broken does nothing, programs does it.
type (
	broken   struct{ backend.Backend }
	programs struct{ backend.Backend }
)

func (broken) Usage(context.Context) (storedb.Usage, error) {
	return storedb.Usage{}, backend.ErrUnsupported
}
func (programs) Usage(context.Context) (storedb.Usage, error) { return storedb.Usage{}, nil }
func (programs) Name() string                                 { return "command" }

// fallingBack is an operation for which Nix's programs have to be used.
type fallingBack struct{}

func (fallingBack) Execute(ctx context.Context, call Call) operation.Result {
	call.machine.Backend = backend.NewAuto(broken{}, programs{})
	_, err := call.machine.Backend.Usage(ctx)
	return operation.Result{Operation: call.Operation, Err: operation.AsError(err), Plan: &operation.Plan{}}
}

// TestProgramsAreToldOnce: that Nix's programs were used is said with the first result that
// is shown, be it of a job that was begun, and not taken by what nobody sees.
func TestProgramsAreToldOnce(t *testing.T) {
	t.Parallel()
	note := []string{"Nix's programs were used: " + backend.ErrUnsupported.Error()}
	disk := Call{Operation: operation.New(operation.DiskUsage, operation.Arguments{})}
	optimise := Call{Operation: operation.New(operation.OptimiseStore, operation.Arguments{}), Confirm: yes}

	e, _ := newEngine(t, "/bin/true")
	e.unmeasured, e.chain = fallingBack{}, fallingBack{}
	for range 3 {
		e.Foreseen(action.Foreseen{After: operation.ListGenerations, Next: operation.DiskUsage})
	}
	if e.Prepare(t.Context(), operation.ListGenerations) != operation.DiskUsage {
		t.Error("nothing was prepared")
	}
	first, second := e.Execute(t.Context(), disk), e.Execute(t.Context(), disk)
	if diff := cmp.Diff([][]string{note, nil}, [][]string{first.Warnings, second.Warnings}); diff != "" {
		t.Error(diff)
	}

	e, _ = newEngine(t, "/bin/true")
	e.unmeasured, e.chain = fallingBack{}, fallingBack{}
	first, second = e.Detach(t.Context(), optimise), e.Execute(t.Context(), disk)
	if diff := cmp.Diff([][]string{note, nil}, [][]string{first.Warnings, second.Warnings}); diff != "" {
		t.Error(diff)
	}
}

func yes(context.Context, operation.Operation, operation.Plan) (bool, error) { return true, nil }

func no(context.Context, operation.Operation, operation.Plan) (bool, error) { return false, nil }

// TestDetachKeepsAttempts: what had to be tried again for the plan of a job is told, whether
// the job is begun or not.
func TestDetachKeepsAttempts(t *testing.T) {
	t.Parallel()
	e, _ := newEngine(t, "/bin/true")
	made := []operation.Recovery{{Trouble: operation.TroubleNetwork, Remedy: operation.RemedyRetry}}
	e.unmeasured = does(func(Call) operation.Result {
		return operation.Result{Plan: &operation.Plan{}, Recovery: made}
	})
	for _, confirm := range []func(context.Context, operation.Operation, operation.Plan) (bool, error){no, yes} {
		result := e.Detach(t.Context(), Call{Operation: operation.New(operation.SwitchGeneration, operation.Arguments{Generation: 2}), Confirm: confirm})
		if diff := cmp.Diff(made, result.Recovery); diff != "" {
			t.Error(diff)
		}
	}
}

// TestRunJobAsksNobody: a job that does not say how it was confirmed changes nothing.
func TestRunJobAsksNobody(t *testing.T) {
	t.Parallel()
	e, profile := newEngine(t, "")
	j, err := e.machine().Jobs.Create(job.Request{
		Time: e.now(), User: "rose", Operation: operation.New(operation.SwitchGeneration, operation.Arguments{Generation: 2}), Kind: job.Operation,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.RunJob(t.Context(), j.Dir); err != nil {
		t.Fatal(err)
	}
	var result struct{ Error *operation.Error }
	if ok, err := j.Result(&result); !ok || err != nil || result.Error == nil || result.Error.Code != operation.CodeDeclined {
		t.Errorf("%v, %v, %+v", ok, err, result.Error)
	}
	if now, err := os.Readlink(profile); err != nil || now != "system-1-link" {
		t.Errorf("it is %s, %v", now, err)
	}
}

// TestDetach: a job is told what the call says, and its result what was corrected. What the
// job does is counted by the job, and what never became one is counted at once.
func TestDetach(t *testing.T) {
	t.Parallel()
	e, _ := newEngine(t, "/bin/true")
	call := Call{
		Operation: operation.New(operation.SwitchGeneration, operation.Arguments{Generation: 2}), Sentence: "switch to teh second", NoCache: true,
		Corrected: []operation.Correction{{Argument: "package", From: "a", To: "b"}}, Confirm: no,
	}
	for _, confirm := range []func(context.Context, operation.Operation, operation.Plan) (bool, error){no, yes} {
		call.Confirm = confirm
		result := e.Detach(t.Context(), call)
		if diff := cmp.Diff(call.Corrected, result.Corrected); diff != "" || len(result.Warnings) != 1 {
			t.Errorf("%s; warnings %q", diff, result.Warnings)
		}
	}
	call.Operation, call.Confirm, call.Confirmed = operation.New(operation.SwitchGeneration, operation.Arguments{Steps: 1}), nil, true
	if result := e.Detach(t.Context(), call); result.Err == nil || result.Err.Code != operation.CodeUsage {
		t.Errorf("of an operation that is none: %+v", result)
	}
	jobs, err := e.machine().Jobs.List()
	if err != nil || len(jobs) != 1 {
		t.Fatal(jobs, err)
	}
	if r := jobs[0].Request; !r.NoCache || r.Sentence != call.Sentence {
		t.Errorf("%+v", r)
	}
	counted, err := e.Metrics()
	if err != nil || counted.TotalOperations != 2 || counted.SuccessRate != 0 {
		t.Errorf("%+v, %v", counted, err)
	}
}
