// Package action is what each operation does: one small function or type an
// operation, over the machine, its Nix and the catalogue of packages. It knows
// nothing of how it is run: asking for confirmation, caching, recording and
// measuring are the engine's.
//
// [Find] is the table from operation to action.
package action

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/audit"
	"luminousnix/internal/backend"
	"luminousnix/internal/cache"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/job"
	"luminousnix/internal/language"
	"luminousnix/internal/lock"
	"luminousnix/internal/metrics"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// Machine is all that actions work with.
type Machine struct {
	Host    *host.Host
	Backend backend.Backend
	// BackendReason says why this backend was chosen beforehand; "" when it is
	// the default one.
	BackendReason string
	// Evaluator evaluates the Nix language.
	Evaluator evaluation.Evaluator
	// FlakeEvaluator evaluates systems of flakes.
	FlakeEvaluator *evaluation.Command
	// Shelf has the catalogues of packages and options. Channel is where the newest
	// one comes from; its Name is "" where the machine is to say it.
	Shelf   shelf.Shelf
	Channel shelf.Channel
	Cache   *cache.Cache
	// CachePersists says that the cache is still there when the machine is started again.
	CachePersists bool
	// NoCache neither uses nor keeps what was read before.
	NoCache bool
	// Preview says that only the plan of a change is wanted.
	Preview bool
	// Foreseen is the file of [Foreseen].
	Foreseen record.File
	Failures record.File // of [Failed]
	// Metrics has the counts of operations, to which is added if Measures.
	Metrics  metrics.File
	Measures bool
	Audit    audit.Log
	// Change is the change that is made, once its first line is in the audit log.
	Change *audit.Entry
	// Activate says whether a switch runs the activation of the system.
	Activate bool
	// Unprivileged allows changing a system without being root.
	Unprivileged bool
	// ActivationEnv is the environment that an activation is given, and
	// ActivationTimeout how long it may take.
	ActivationEnv     []string
	ActivationTimeout time.Duration
	// Jobs are those of the person asking, SystemJobs those of the machine.
	Jobs, SystemJobs job.Folder
	// Program is ask-nix, by an absolute path, to be started for jobs; without it a
	// switch is done in this process, and ends with it. JobEnv is their environment.
	Program string
	JobEnv  []string
	// Elevation is how to become root, Terminal whether somebody can be asked for a
	// password.
	Elevation string
	Terminal  bool
	// Keep asks whether a switch is kept that has to be confirmed; nil where nobody is
	// here to be asked.
	Keep Keep
	// FailedUnits lists the units of systemd that have failed; nil where nobody can
	// tell.
	FailedUnits func(context.Context) ([]string, error)
	// ExternalPower tells whether the machine is not running on a battery; nil where
	// nobody can tell.
	ExternalPower func(context.Context) (bool, error)
	// Language is how the language of a question is found.
	Language language.Language
	// Now is the clock.
	Now func() time.Time
	Log *slog.Logger

	evaluated *evaluation.Result // the last one
}

// BackendUsed names the backend that was used so far and says why, where it is
// not the one used by default.
func (m *Machine) BackendUsed() (name, reason string) {
	if reason := m.Host.Substituted(); reason != "" {
		return "command", reason
	}
	if m.evaluated != nil {
		return m.evaluated.Backend, cmp.Or(m.evaluated.Reason, m.BackendReason)
	}
	if auto, ok := m.Backend.(*backend.Auto); ok {
		return auto.Name(), auto.Reason()
	}
	return m.Backend.Name(), m.BackendReason
}

// Answer is what an action has to say when it succeeded.
type Answer struct {
	Message     string
	Data        any
	Warnings    []string
	Suggestions []string
	// Cached says that nothing had to be done for it.
	Cached bool
	// Back is what is needed to take a change back; nil where undo cannot.
	Back *operation.WayBack
	// CacheAsked says that it was tried to do nothing for it.
	CacheAsked bool
}

// Action is what an operation does: it has Read or Change, not both.
type Action struct {
	// Read answers a read-only operation.
	Read func(context.Context, *Machine, operation.Arguments, operation.Observer) (Answer, error)
	// State describes everything that the answer of Read depends on beyond the
	// arguments, so that an answer can be kept as long as it is the same. It is
	// nil where keeping answers does not pay.
	State func(context.Context, *Machine, operation.Arguments) ([]string, error)
	// Change prepares a changing operation.
	Change func(*Machine, operation.Arguments) Change
}

// Change is one changing operation, in the order of its methods. One that is an io.Closer
// keeps something open from its Plan on, and is closed in the end.
type Change interface {
	// Plan finds out what would be done, changing nothing.
	Plan(context.Context, operation.Observer) (operation.Plan, error)
	// Apply does what was planned.
	Apply(context.Context, operation.Observer) (Answer, error)
	// Verify checks that the machine is now as planned.
	Verify(context.Context) error
}

// Staged is a change whose exact plan needs work that changes nothing of the machine,
// such as building. That is done once the plan was shown and nobody is asked before:
// the exact one is what has to be confirmed.
type Staged interface {
	Change
	Prepare(context.Context, operation.Observer) (operation.Plan, error)
}

// Reverting is a change that takes another one back, whose id in the audit log it knows
// from its Plan on.
type Reverting interface {
	Change
	Undoes() string
}

// Restricted is a change that not everybody may make.
type Restricted interface {
	// Permit returns an [*operation.Error] with code permission when this
	// person may not apply the plan.
	Permit() error
}

// Find returns the action of an operation; ok is false for a name that no operation has.
func Find(name operation.Name) (a Action, ok bool) {
	switch name {
	case operation.ListGenerations:
		return Action{Read: listGenerations}, true
	case operation.CompareGenerations:
		return Action{Read: compareGenerations, State: compareState}, true
	case operation.SearchPackages:
		return Action{Read: searchPackages}, true
	case operation.SearchOptions:
		return Action{Read: searchOptions}, true
	case operation.FindProgram:
		return Action{Read: findProgram}, true
	case operation.ShowPackage:
		return Action{Read: showPackage}, true
	case operation.ShowOption:
		return Action{Read: showOption}, true
	case operation.ShowCatalog:
		return Action{Read: showCatalog}, true
	case operation.InstallPackages:
		return Action{Change: newInstallPackages}, true
	case operation.RemovePackages:
		return Action{Change: newRemovePackages}, true
	case operation.TryPackages:
		return Action{Change: newTryPackages}, true
	case operation.SetOption:
		return Action{Change: newSetOption}, true
	case operation.BuildSystem:
		return Action{Change: newBuildSystem}, true
	case operation.UpdateCatalog:
		return Action{Change: newUpdateCatalog}, true
	case operation.BuildCatalog:
		return Action{Change: newBuildCatalog}, true
	case operation.ListPackages:
		return Action{Read: listPackages, State: profileState}, true
	case operation.DiskUsage:
		return Action{Read: diskUsage}, true
	case operation.ShowSystem:
		return Action{Read: showSystem}, true
	case operation.ShowConfiguration:
		return Action{Read: showConfiguration}, true
	case operation.CheckConfiguration:
		return Action{Read: checkConfiguration}, true
	case operation.ShowErrors:
		return Action{Read: showErrors}, true
	case operation.ExplainError:
		return Action{Read: explainError}, true
	case operation.CheckHealth:
		return Action{Read: checkHealth}, true
	case operation.ShowMetrics:
		return Action{Read: showMetrics}, true
	case operation.ShowCache:
		return Action{Read: showCache}, true
	case operation.ShowHistory:
		return Action{Read: showHistory}, true
	case operation.AnswerQuestion:
		return Action{Read: answerQuestion}, true
	case operation.Help:
		return Action{Read: help}, true
	case operation.ClearCache:
		return Action{Change: newClearCache}, true
	case operation.Migrate:
		return Action{Change: newMigrate}, true
	case operation.Rollback:
		return Action{Change: newRollback}, true
	case operation.SwitchSystem, operation.BootSystem, operation.TestSystem:
		return Action{Change: newChangeSystem(name)}, true
	case operation.UpdateSystem:
		return Action{Change: newUpdateSystem}, true
	case operation.DryActivateSystem:
		return Action{Change: newDryActivate}, true
	case operation.RebuildRemotely:
		return Action{Change: newRebuildRemotely}, true
	case operation.RecoverSwitch:
		return Action{Change: newRecoverSwitch}, true
	case operation.ConfirmSwitch:
		return Action{Change: newConfirmSwitch}, true
	case operation.ListJobs:
		return Action{Read: listJobs}, true
	case operation.AttachJob:
		return Action{Read: attachJob}, true
	case operation.CancelJob:
		return Action{Change: newCancelJob}, true
	case operation.SwitchGeneration:
		return Action{Change: newSwitchGeneration}, true
	case operation.DeleteGenerations:
		return Action{Change: newDeleteGenerations}, true
	case operation.PinGeneration:
		return Action{Change: newPinGeneration}, true
	case operation.UnpinGeneration:
		return Action{Change: newUnpinGeneration}, true
	case operation.ListPins:
		return Action{Read: listPins}, true
	case operation.CleanUp:
		return Action{Change: newCleanUp}, true
	case operation.ExplainDependency:
		return Action{Read: explainDependency}, true
	case operation.VerifyStore:
		return Action{Change: newVerifyStore}, true
	case operation.RepairStore:
		return Action{Change: newRepairStore}, true
	case operation.OptimiseStore:
		return Action{Change: newOptimiseStore}, true
	case operation.CollectGarbage:
		return Action{Change: newCollectGarbage}, true
	case operation.Undo:
		return Action{Change: newUndo}, true
	}
	return Action{}, false
}

// Explain turns the errors of the libraries below into the ones people see.
func Explain(err error) error {
	var typed *operation.Error
	var noGeneration *profile.NoGenerationError
	var notValid *store.NotValidError
	var said *daemon.Error
	var locked *profile.LockedError
	var held *lock.HeldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typed):
		withDiagnosis(typed)
		return err
	case errors.As(err, &noGeneration):
		return operation.Errorf(operation.CodeNotFound, "there is no generation %d", noGeneration.Number).
			WithHint("`ask-nix generations` lists those there are.").WithCause(err)
	case errors.Is(err, profile.ErrNoPrevious):
		return operation.Errorf(operation.CodeNotFound, "there is no generation before the current one").
			WithHint("`ask-nix generations` lists those there are.").WithCause(err)
	case errors.Is(err, profile.ErrNotExist):
		return operation.Errorf(operation.CodeNotFound, "%w", err).
			WithHint("`ask-nix system` shows which profiles this machine has; -p NAME chooses one.")
	case errors.As(err, &notValid):
		return operation.Errorf(operation.CodeNotFound, "%w", err).
			WithHint("The path was removed from the store, or never was in it; `ask-nix generations` lists what is there.")
	case errors.As(err, &said) && said.Kind == daemon.KindDiskFull:
		return diskFull(err)
	case errors.As(err, &locked):
		holder, _ := lock.Find(locked.Path)
		return waitFor(&lock.HeldError{Path: locked.Path, Holder: holder}, err)
	case errors.As(err, &held):
		return waitFor(held, err)
	case errors.Is(err, unix.ELOOP), errors.Is(err, unix.EISDIR), errors.Is(err, audit.ErrNotOurs):
		return operation.Errorf(operation.CodeFailed, "%w", err).
			WithHint("Something else is where ask-nix keeps a file of its own. Look at it, and move it away.")
	case errors.Is(err, backend.ErrUnsupported) && !errors.Is(err, fs.ErrPermission):
		return operation.Errorf(operation.CodeFailed, "%w", err).
			WithHint("`ask-nix system` shows how Nix is here; `--backend command` uses the nix programs.")
	case errors.Is(err, fs.ErrPermission):
		return operation.Errorf(operation.CodePermission, "%w", err).WithHint(AsRoot)
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Net == "unix" {
		return operation.Errorf(operation.CodeFailed, "%w", err).
			WithHint("Is Nix installed, and its daemon running? `systemctl status nix-daemon.socket` tells.")
	}
	if explained := explainOffline(err); explained != nil {
		return explained
	}
	if explained := explainCatalog(err); explained != nil {
		return explained
	}
	if explained := diagnosed(err); explained != nil {
		return explained
	}
	return err
}

// waitFor says who has a lock that was waited for.
func waitFor(held *lock.HeldError, err error) error {
	return operation.Errorf(operation.CodeFailed, "%w", held).
		WithHint("Wait until it has finished, then try again.").WithCause(err)
}

// FellBack says why Nix's programs were used where nobody had asked for them; "" if they
// were not.
func (m *Machine) FellBack() string {
	if reason := m.Host.Substituted(); reason != "" {
		return reason
	}
	if auto, ok := m.Backend.(*backend.Auto); ok && auto.Name() == "command" {
		return auto.Reason()
	}
	return ""
}

// localTime is how the dates of generations are written.
func localTime(t time.Time) string { return t.Local().Format(time.DateTime) }
