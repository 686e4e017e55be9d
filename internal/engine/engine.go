// Package engine runs operations. Every face of ask-nix (command line, Go API,
// later others) gives it an [operation.Operation] and gets an
// [operation.Result]; nothing here knows of terminals.
//
// A read-only operation is answered; a changing one goes through plan, confirm,
// execute, verify (see transaction.go). Around that lie decorators over one
// interface, [Executor], each in a file of its own: metrics, guard, progress,
// recovery, keeper (of answers). The audit log decorates the change itself (audit.go).
package engine

import (
	"cmp"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/audit"
	"luminousnix/internal/backend"
	"luminousnix/internal/cache"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/job"
	"luminousnix/internal/language"
	"luminousnix/internal/metrics"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/internal/settings"
	"luminousnix/internal/systemd"
)

// Options configures an engine. Settings is required; the rest has defaults.
type Options struct {
	Settings *settings.Settings
	// Getenv reads the environment; os.Getenv by default.
	Getenv func(string) string
	// Now is the clock; time.Now by default.
	Now func() time.Time
	// Log is told what is done, for debugging; nobody by default.
	Log *slog.Logger
	// Terminal says that somebody can be asked for a password.
	Terminal bool
	// Program is ask-nix, by its absolute path: what is to outlive this process is
	// done by it. Without it a switch is done in this process, and there are no jobs.
	Program string
	// Words are the command line that was typed, for whoever has to type it as root.
	Words []string
	// Wait waits before something is tried again, no longer than its context; with a timer
	// by default.
	Wait func(context.Context, time.Duration) error
}

// Engine runs operations on one machine. It is safe for concurrent use.
type Engine struct {
	settings *settings.Settings
	getenv   func(string) string
	now      func() time.Time
	log      *slog.Logger
	terminal bool
	program  string
	words    []string
	wait     func(context.Context, time.Duration) error
	host     *host.Host
	cache    *cache.Cache
	failures record.File
	metrics  metrics.File
	audit    audit.Log
	chain    Executor
	// unmeasured is the chain for what nobody has asked for, and for the plan of a job. What
	// nobody has asked for is not tried again: it has no attempts.
	unmeasured Executor

	toldFallback atomic.Bool // that Nix's programs were used, which is said once
}

// Call is one operation to run, and how.
type Call struct {
	Operation operation.Operation
	// Sentence is what the person said, for the audit log; it may be empty.
	Sentence string
	// ProposedBy says who has guessed the operation: [operation.ProposedByModel], or "" for
	// one that was asked for. A change that was proposed is always confirmed.
	ProposedBy string
	// Corrected are arguments of the operation that were put in the place of what was said.
	Corrected []operation.Correction
	// Observer is told of progress; it may be nil.
	Observer operation.Observer
	// Confirm is shown the plan of a change that needs to be confirmed and says
	// whether to go on. It is nil when there is nobody to ask: then nothing
	// changes.
	Confirm func(context.Context, operation.Operation, operation.Plan) (bool, error)
	// Keep asks whether a system is kept that was switched to with a time to confirm
	// it; it is nil when there is nobody to ask.
	Keep action.Keep
	// Confirmed says that Confirm says yes to whatever plan there is.
	Confirmed bool
	// Unasked reports whether Confirm says yes to a plan without asking; nil is that it
	// always asks. Manner is how the change was confirmed, where that was done before.
	Unasked func(operation.Operation, *operation.Plan) bool
	Manner  operation.Confirmation
	// DryRun stops after the plan.
	DryRun bool
	// NoCache neither uses nor keeps answers.
	NoCache bool

	machine  *action.Machine
	attempts *attempts // nil where nothing is tried again
}

// observer is who is told of progress; there always is somebody.
func (c Call) observer() operation.Observer {
	return cmp.Or(c.Observer, operation.Silent)
}

// Executor runs one operation. Decorators are executors around an executor.
type Executor interface {
	Execute(context.Context, Call) operation.Result
}

// maxFailures bounds the file of failures; two such files are kept.
const maxFailures = 1 << 20

// New returns an engine. It opens nothing: that is left to what needs it.
func New(o Options) *Engine {
	e := &Engine{settings: o.Settings, getenv: o.Getenv, now: o.Now, log: o.Log, terminal: o.Terminal, program: o.Program, words: o.Words, wait: o.Wait}
	if e.getenv == nil {
		e.getenv = os.Getenv
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.wait == nil {
		e.wait = wait
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.host = host.Find(e.getenv, e.settings.Root)
	e.host.Patience = e.settings.Patience
	if e.settings.Offline {
		e.host.Offline = e.settings.Origin("offline")
	}
	ttl := e.settings.CacheTTL
	if !e.settings.CacheEnabled {
		ttl = 0
	}
	e.cache = cache.New(e.host.AnswersDir(e.settings.CachePersist), ttl, e.now)
	e.failures = record.File{Path: filepath.Join(e.host.StateHome(), "failures.jsonl"), Max: maxFailures}
	e.metrics = metrics.File{Path: filepath.Join(e.host.StateHome(), "metrics")}
	e.audit = audit.Log{Path: filepath.Join(e.host.StateHome(), action.AuditName), Now: e.now}
	if host.IsRoot() {
		e.audit.Group = func() int { return e.host.Group("wheel") }
	}
	e.unmeasured = &guard{&progress{&recovering{&keeper{&transaction{e}, e}, e}, e}}
	e.chain = &measured{e.unmeasured, e}
	return e
}

// Execute runs one operation. The result says whether it succeeded; it is
// complete in either case.
func (e *Engine) Execute(ctx context.Context, call Call) operation.Result {
	call.attempts = &attempts{engine: e}
	call.machine = e.machineFor(call)
	return e.told(call, e.chain.Execute(ctx, call))
}

// told adds to a result that is shown what is no part of the answer itself: what was
// corrected, that Nix's programs were used, which is said once, and a switch that was
// interrupted.
func (e *Engine) told(call Call, result operation.Result) operation.Result {
	result.ProposedBy, result.Corrected = call.ProposedBy, call.Corrected
	var before []string
	for _, correction := range call.Corrected {
		before = append(before, correction.String())
	}
	result.Warnings = slices.Concat(before, result.Warnings)
	if why := call.machine.FellBack(); why != "" && !e.toldFallback.Swap(true) {
		result.Warnings = append(result.Warnings, "Nix's programs were used: "+why)
	}
	if warning := e.interrupted(call.machine); warning != "" {
		result.Warnings = append(result.Warnings, warning)
	}
	return result
}

// ExecuteAll runs several operations in order and stops after the first that
// fails; there are as many results as operations that were tried.
func (e *Engine) ExecuteAll(ctx context.Context, calls []Call) []operation.Result {
	var results []operation.Result
	for _, call := range calls {
		result := e.Execute(ctx, call)
		results = append(results, result)
		if !result.Success() {
			break
		}
	}
	return results
}

// Metrics sums up all operations that were run on this machine by this user. That the
// counts were damaged is an [metrics.DamagedError]: they start anew.
func (e *Engine) Metrics() (operation.Metrics, error) {
	m, err := e.metrics.Read()
	m.Enabled = e.settings.MetricsEnabled
	return m, err
}

// machineFor is the machine for an attempt to do what is called for.
func (e *Engine) machineFor(call Call) *action.Machine {
	h := *e.host
	if a := call.attempts; a != nil {
		h.Substituters, h.Lean = a.substituters, a.lean
		h.Revive = func(ctx context.Context, err error) bool { return a.revive(ctx, call, err) }
	}
	m := e.machineOn(&h)
	m.NoCache, m.Keep, m.Preview = call.NoCache, call.Keep, call.DryRun
	return m
}

// machine is the machine for what is not called for as an operation.
func (e *Engine) machine() *action.Machine { return e.machineOn(e.host) }

// machineOn puts together what an action works with. The backend is made anew
// each time, because it remembers what it had to fall back on.
func (e *Engine) machineOn(h *host.Host) *action.Machine {
	if e.settings.Backend != "native" {
		h = h.WithPrograms()
	}
	m := &action.Machine{
		Host:  h,
		Shelf: e.shelf(),
		Channel: shelf.Channel{
			Base: e.settings.CatalogURL, Name: e.settings.CatalogChannel, HomeOptions: e.settings.CatalogHomeOptions,
			Downloads: filepath.Join(e.host.CacheHome(), evaluation.DownloadsName), Now: e.now,
		},
		Cache:         e.cache,
		CachePersists: e.settings.CachePersist,
		Foreseen:      e.foreseen(),
		Failures:      e.failures,
		Metrics:       e.metrics,
		Measures:      e.settings.MetricsEnabled,
		Audit:         e.audit,
		Activate:      e.settings.Activate == "always" || e.settings.Activate == "auto" && !e.host.Moved(),
		Unprivileged:  e.settings.AllowUnprivileged,
		ActivationEnv: nixos.ActivationEnv(e.getenv),

		ActivationTimeout: e.settings.ActivationTimeout,
		Program:           e.program,
		Jobs:              job.Folder(filepath.Join(e.host.StateHome(), "jobs")),
		SystemJobs:        job.Folder(filepath.Join(e.host.SystemState(), "jobs")),
		JobEnv:            host.JobEnvironment(e.settings.Environ()),
		Elevation:         e.settings.Elevation,
		Terminal:          e.terminal,
		Language:          language.Of(e.settings.Language, e.getenv),
		Now:               e.now,
		Log:               e.log,
	}
	if systemd.Runs(e.host.Root) {
		m.FailedUnits, m.ExternalPower = systemd.FailedUnits, systemd.ExternalPower
	}
	m.Evaluator = e.evaluator(h)
	m.FlakeEvaluator = &evaluation.Command{Host: h, Env: e.ProgramEnv()}
	native, command := backend.NewNative(h), backend.NewCommand(h)
	origin := e.settings.Origin("backend")
	switch e.settings.Backend {
	case "native":
		m.Backend, m.BackendReason = native, "chosen by "+origin
	case "command":
		m.Backend, m.BackendReason = command, "chosen by "+origin
	default:
		m.Backend = backend.NewAuto(native, command)
	}
	return m
}

// evaluator evaluates as the setting says.
func (e *Engine) evaluator(h *host.Host) evaluation.Evaluator {
	native := evaluation.NewNative(h)
	if !e.settings.CacheEnabled {
		native.CacheFile = ""
	}
	command := &evaluation.Command{Host: h, Env: e.ProgramEnv()}
	switch e.settings.Backend {
	case "native":
		return native
	case "command":
		return command
	}
	return &evaluation.Auto{Native: native, Command: command}
}

// ProgramEnv is the environment of programs that do the work of Nix.
func (e *Engine) ProgramEnv() []string { return e.host.ProgramEnv(os.Environ()) }

func (e *Engine) shelf() shelf.Shelf {
	return shelf.Shelf{Dir: filepath.Join(e.host.CacheHome(), "catalog")}
}

// OpenSearcher opens the catalogue for many searches, as a picker makes them. Of the call
// counts how it is run.
func (e *Engine) OpenSearcher(ctx context.Context, call Call) (*action.Searcher, error) {
	s, err := action.OpenSearcher(ctx, e.machineFor(call), call.observer())
	if err != nil {
		return nil, action.Explain(err)
	}
	return s, nil
}

// World is the machine for package grounding, to be closed. Of the call counts how it is
// run; build says that the index of the catalogue is made where there is none yet.
func (e *Engine) World(ctx context.Context, call Call, build bool) *action.World {
	return action.NewWorld(ctx, e.machineFor(call), build, call.observer())
}
