package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/job"
	"luminousnix/internal/operation"
)

// Detach starts an operation as a job of the person asking, or of the machine when
// that is root.
func Detach(ctx context.Context, m *Machine, op operation.Operation, sentence string, confirmed operation.Confirmation) (Answer, error) {
	if m.Program == "" {
		return Answer{}, operation.Errorf(operation.CodeNotAvailable, "there are no jobs without ask-nix itself").
			WithHint("Give its path when the engine is made.")
	}
	j, err := m.Jobs.Create(job.Request{
		Time: m.Now(), User: m.Host.UserName(), Operation: op, Sentence: sentence, Confirmed: confirmed,
		NoCache: m.NoCache, Kind: job.Operation,
	})
	if err != nil {
		return Answer{}, err
	}
	bus, err := m.bus(ctx)
	if err != nil {
		return Answer{}, err
	}
	launch := job.Launch{Argv: []string{m.Program, job.Command}, Env: m.JobEnv, Bus: bus}
	if bus != nil {
		defer bus.Close()
		if launch.Argv[0], err = m.ownProgram(); err != nil {
			return Answer{}, err
		}
	}
	if err := j.Start(ctx, launch); err != nil {
		return Answer{}, errors.Join(err, j.Remove())
	}
	data := jobData(j)
	return Answer{
		Message:     fmt.Sprintf("Job %s runs by itself now.", j.Request.ID),
		Data:        &data,
		Suggestions: []string{"ask-nix attach " + j.Request.ID, "ask-nix cancel " + j.Request.ID},
	}, nil
}

// jobResult is the result of a job, of either kind.
type jobResult struct {
	Success bool             `json:"success"` // of an operation
	Message string           `json:"message"`
	Err     *operation.Error `json:"error"`
	ActivationLine
}

// readResult reads what came of a job; nil when it has not ended.
func readResult(j *job.Job) (*jobResult, error) {
	var text json.RawMessage
	if ok, err := j.Result(&text); !ok || err != nil {
		return nil, err
	}
	r := &jobResult{}
	if j.Request.Kind == job.Activation {
		if err := json.Unmarshal(text, &r.ActivationLine); err != nil {
			return nil, err
		}
		r.Err = r.Error
		if r.Report != nil {
			r.Message = "The machine is in its new state."
			r.Err = operation.AsError(failedActivation(r.Report))
		}
	} else if err := json.Unmarshal(text, r); err != nil {
		return nil, err
	}
	r.Success = r.Err == nil
	if r.Err != nil {
		r.Message = r.Err.Message
	}
	return r, nil
}

func jobData(j *job.Job) operation.Job {
	r := j.Request
	data := operation.Job{
		ID: r.ID, State: string(j.State()), Time: r.Time, User: r.User, Operation: r.Operation.Name, Arguments: r.Operation.Arguments,
	}
	switch result, err := readResult(j); {
	case err != nil:
		data.Message = err.Error()
	case result != nil:
		data.Success, data.Message = result.Success, result.Message
	}
	return data
}

func listJobs(_ context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	jobs, err := allJobs(m)
	if err != nil {
		return Answer{}, err
	}
	data := &operation.Jobs{Jobs: []operation.Job{}}
	running := 0
	for _, j := range jobs {
		data.Jobs = append(data.Jobs, jobData(j))
		if j.State() == job.Running {
			running++
		}
	}
	return Answer{Message: fmt.Sprintf("%d of %d jobs are running.", running, len(jobs)), Data: data}, nil
}

// allJobs are the jobs of the person asking and of the machine, the newest first.
func allJobs(m *Machine) ([]*job.Job, error) {
	jobs, err := m.Jobs.List()
	if err != nil || m.SystemJobs == m.Jobs {
		return jobs, err
	}
	others, err := m.SystemJobs.List()
	jobs = append(jobs, others...)
	slices.SortStableFunc(jobs, func(a, b *job.Job) int { return strings.Compare(b.Request.ID, a.Request.ID) })
	return jobs, err
}

// findJob finds a job of the person asking or of the machine; without an id the one that
// runs.
func findJob(m *Machine, id string) (*job.Job, error) {
	if id == "" {
		return runningJob(m)
	}
	j, err := m.Jobs.Open(id)
	if errors.Is(err, job.ErrNotExist) {
		j, err = m.SystemJobs.Open(id)
	}
	if errors.Is(err, job.ErrNotExist) {
		return nil, operation.Errorf(operation.CodeNotFound, "there is no job %q", id).WithHint("`ask-nix jobs` lists them.").WithCause(err)
	}
	return j, err
}

// runningJob is the only job that runs.
func runningJob(m *Machine) (*job.Job, error) {
	jobs, err := allJobs(m)
	if err != nil {
		return nil, err
	}
	jobs = slices.DeleteFunc(jobs, func(j *job.Job) bool { return j.State() != job.Running })
	switch len(jobs) {
	case 0:
		return nil, operation.Errorf(operation.CodeNotFound, "no job runs now").WithHint("`ask-nix jobs` lists those that have ended.")
	case 1:
		return jobs[0], nil
	}
	var ids []string
	for _, j := range jobs {
		ids = append(ids, j.Request.ID)
	}
	return nil, operation.Errorf(operation.CodeUsage, "%d jobs run now: %s", len(jobs), strings.Join(ids, ", ")).WithHint("Say which one is meant.")
}

// attachJob follows a job from its beginning to its end; how it ended is how this ends.
func attachJob(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	j, err := findJob(m, args.Job)
	if err != nil {
		return Answer{}, err
	}
	if err := j.Follow(ctx, o); errors.Is(err, job.ErrDied) {
		return Answer{}, operation.Errorf(operation.CodeFailed, "%w", err).
			WithHint("`ask-nix history` and `ask-nix generations` show what it had done by then.")
	} else if err != nil {
		return Answer{}, err
	}
	data := jobData(j)
	result, err := readResult(j)
	if err == nil && result.Err != nil {
		err = result.Err
	}
	return Answer{Message: data.Message, Data: &data}, err
}

// cancelJob asks a job to end.
type cancelJob struct {
	machine *Machine
	id      string
	job     *job.Job
}

func newCancelJob(m *Machine, args operation.Arguments) Change {
	return &cancelJob{machine: m, id: args.Job}
}

func (c *cancelJob) Plan(context.Context, operation.Observer) (plan operation.Plan, err error) {
	if c.job, err = findJob(c.machine, c.id); err != nil {
		return plan, err
	}
	c.id = c.job.Request.ID
	plan.Summary, plan.Risk = fmt.Sprintf("Cancel job %s (%s)", c.id, c.job.Request.Operation.Name), operation.Reversible
	if c.job.State() != job.Running {
		plan.Nothing, plan.Summary = true, fmt.Sprintf("Job %s has ended already", c.id)
		return plan, nil
	}
	plan.Steps = []operation.Step{{Action: "Ask it to end; an activation that has begun goes on to its end"}}
	return plan, nil
}

// cancelWait is how long a job may take to end before we say that it has not yet.
const cancelWait = 10 * time.Second

func (c *cancelJob) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	if err := c.job.Cancel(); err != nil {
		return Answer{}, err
	}
	phase(o, "cancel", "Waiting for job "+c.id+" to end")
	ctx, cancel := context.WithTimeout(ctx, cancelWait)
	defer cancel()
	err := c.job.Follow(ctx, operation.Silent)
	data := jobData(c.job)
	answer := Answer{Message: fmt.Sprintf("Job %s has ended.", c.id), Data: &data}
	if errors.Is(err, context.DeadlineExceeded) {
		answer.Message = fmt.Sprintf("Job %s was asked to end, and has not yet.", c.id)
		answer.Suggestions = []string{"ask-nix attach " + c.id}
		return answer, nil
	}
	if errors.Is(err, job.ErrDied) {
		err = nil
	}
	return answer, err
}

// Verify has nothing to check: whether the job has ended was told.
func (c *cancelJob) Verify(context.Context) error { return nil }
