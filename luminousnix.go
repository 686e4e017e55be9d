// Package luminousnix manages NixOS from Go: it lists and compares generations,
// searches packages, goes back to an earlier system, and understands plain
// sentences. It does Nix's work in this process; see the packages below nix/ for
// Nix itself as libraries.
//
// [Open] gives a [Client]; [Client.Execute] runs an [Operation] and returns a
// [Result], whose Data is a pointer to the type that belongs to the operation,
// such as *[Generations]. A changing operation shows its [Plan] to
// Options.Confirm first; without it nothing changes.
package luminousnix

import (
	"context"
	"errors"
	"os"
	"time"

	"luminousnix/internal/batch"
	"luminousnix/internal/engine"
	"luminousnix/internal/grounding"
	"luminousnix/internal/intent"
	"luminousnix/internal/language"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// The contract: what goes in and what comes out.
type (
	Operation = operation.Operation
	Arguments = operation.Arguments
	Name      = operation.Name
	Result    = operation.Result
	Plan      = operation.Plan
	Error     = operation.Error
	Event     = operation.Event
	Observer  = operation.Observer
	Metrics   = operation.Metrics
)

// The types of arguments.
type (
	PackageName      = operation.PackageName
	Query            = operation.Query
	GenerationNumber = operation.GenerationNumber
	Date             = operation.Date
	ProfileName      = operation.ProfileName
)

// The data of results.
type (
	Generation        = operation.Generation
	Generations       = operation.Generations
	Comparison        = operation.Comparison
	Found             = operation.Found
	FoundEntry        = operation.FoundEntry
	Info              = operation.Info
	Catalogues        = operation.Catalogues
	InstalledPackages = operation.InstalledPackages
	Disk              = operation.Disk
	System            = operation.System
	Configuration     = operation.Configuration
	Failures          = operation.Failures
	Explanation       = operation.Explanation
	Fix               = operation.Fix
	Health            = operation.Health
	Finding           = operation.Finding
	History           = operation.History
	Switched          = operation.Switched
	Activation        = operation.Activation
	Built             = operation.Built
	Jobs              = operation.Jobs
	Job               = operation.Job
)

// The operations that only read.
const (
	ListGenerations    = operation.ListGenerations
	CompareGenerations = operation.CompareGenerations
	SearchPackages     = operation.SearchPackages
	SearchOptions      = operation.SearchOptions
	ShowPackage        = operation.ShowPackage
	ShowOption         = operation.ShowOption
	ListPackages       = operation.ListPackages
	FindProgram        = operation.FindProgram
	ExplainDependency  = operation.ExplainDependency
	ShowCatalog        = operation.ShowCatalog
	DiskUsage          = operation.DiskUsage
	ShowSystem         = operation.ShowSystem
	ShowConfiguration  = operation.ShowConfiguration
	CheckConfiguration = operation.CheckConfiguration
	ShowErrors         = operation.ShowErrors
	ExplainError       = operation.ExplainError
	CheckHealth        = operation.CheckHealth
	ShowMetrics        = operation.ShowMetrics
	ShowCache          = operation.ShowCache
	ShowHistory        = operation.ShowHistory
	AnswerQuestion     = operation.AnswerQuestion
	ListPins           = operation.ListPins
	ListJobs           = operation.ListJobs
	AttachJob          = operation.AttachJob
	Help               = operation.Help
)

// The operations that change something.
const (
	InstallPackages   = operation.InstallPackages
	RemovePackages    = operation.RemovePackages
	TryPackages       = operation.TryPackages
	UpdateSystem      = operation.UpdateSystem
	BuildSystem       = operation.BuildSystem
	SwitchSystem      = operation.SwitchSystem
	BootSystem        = operation.BootSystem
	TestSystem        = operation.TestSystem
	DryActivateSystem = operation.DryActivateSystem
	RebuildRemotely   = operation.RebuildRemotely
	Rollback          = operation.Rollback
	SwitchGeneration  = operation.SwitchGeneration
	DeleteGenerations = operation.DeleteGenerations
	PinGeneration     = operation.PinGeneration
	UnpinGeneration   = operation.UnpinGeneration
	CleanUp           = operation.CleanUp
	CollectGarbage    = operation.CollectGarbage
	RepairStore       = operation.RepairStore
	VerifyStore       = operation.VerifyStore
	OptimiseStore     = operation.OptimiseStore
	SetOption         = operation.SetOption
	ConfirmSwitch     = operation.ConfirmSwitch
	RecoverSwitch     = operation.RecoverSwitch
	CancelJob         = operation.CancelJob
	UpdateCatalog     = operation.UpdateCatalog
	BuildCatalog      = operation.BuildCatalog
	ClearCache        = operation.ClearCache
	Migrate           = operation.Migrate
	Undo              = operation.Undo
)

// Operations returns the declarations of all operations.
func Operations() []operation.Spec { return operation.All() }

// Options configures a client. The zero value is for the machine we run on,
// with the settings of its user.
type Options struct {
	// Getenv reads the environment, where Nix and the settings are found;
	// os.Getenv by default.
	Getenv func(string) string
	// Root moves /etc, /run and /boot below a folder.
	Root string
	// Backend is auto (the default), native or command.
	Backend string
	// Confirm is shown the plan of a changing operation and says whether to go
	// on. Without it nothing changes.
	Confirm func(context.Context, Operation, Plan) (bool, error)
	// DryRun stops every change after its plan.
	DryRun bool
	// Offline has nothing fetched; what needs the network is an error that says so.
	Offline bool
	// Program is the path of ask-nix, by which a switch is done that outlives this
	// process; without it the switch is done in this process.
	Program string
	// Now is the clock; time.Now by default.
	Now func() time.Time
}

// Client runs operations on one machine. It is safe for concurrent use.
type Client struct {
	options  Options
	engine   *engine.Engine
	language language.Language // how that of a sentence is found
}

// Open reads the settings and returns a client. It opens no file of Nix's and
// starts nothing; there is nothing to close. The error is an [*Error].
func Open(options Options) (*Client, error) {
	if options.Getenv == nil {
		options.Getenv = os.Getenv
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	loaded, err := settings.Load(settings.Places{Getenv: options.Getenv, Root: options.Root})
	if err != nil {
		return nil, err
	}
	offline := ""
	if options.Offline {
		offline = "true"
	}
	for key, value := range map[string]string{"root": options.Root, "backend": options.Backend, "offline": offline} {
		if value == "" {
			continue
		}
		if err := loaded.Override(key, value, "Options"); err != nil {
			return nil, err
		}
	}
	return &Client{options, engine.New(engine.Options{
		Settings: loaded, Getenv: options.Getenv, Now: options.Now, Program: options.Program,
	}), language.Of(loaded.Language, options.Getenv)}, nil
}

// Execute runs one operation. The observer, which may be nil, is told of
// progress. The error is result.Err, an [*Error], when the operation failed;
// even then the result has what there is, such as the plan.
func (c *Client) Execute(ctx context.Context, op Operation, observer Observer) (Result, error) {
	return outcome(c.engine.Execute(ctx, c.call(op, "", observer)))
}

// ExecuteAll runs several operations in order and stops after the first that
// fails. There are as many results as operations that were tried; the error is
// that of the last one.
func (c *Client) ExecuteAll(ctx context.Context, ops []Operation, observer Observer) ([]Result, error) {
	return c.all(ctx, intent.Reading{Operations: ops}, "", observer)
}

// Ask understands a sentence, checks what it names against the machine, and runs what it
// says. When it is not understood, or something is not there, the error is an [*Error], with
// Alternatives where there are any, and there are no results.
func (c *Client) Ask(ctx context.Context, sentence string, observer Observer) ([]Result, error) {
	reading, err := c.read(sentence)
	if err == nil {
		reading, err = c.ground(ctx, sentence, reading, observer)
	}
	if err != nil {
		return nil, operation.AsError(err)
	}
	return c.all(ctx, reading, sentence, observer)
}

// read understands a sentence by itself.
func (c *Client) read(sentence string) (intent.Reading, error) {
	return intent.UnderstandIn(c.language, sentence, c.options.Now())
}

// ground checks what a sentence was understood as against the machine.
func (c *Client) ground(ctx context.Context, sentence string, reading intent.Reading, observer Observer) (intent.Reading, error) {
	world := c.engine.World(ctx, engine.Call{Observer: observer}, true)
	reading, err := grounding.Ground(world, sentence, reading)
	return reading, errors.Join(err, world.Close())
}

// BatchRequest is one request of a batch: a sentence, or an operation where that is empty.
type BatchRequest struct {
	Operation Operation
	Sentence  string
}

// BatchAnswer is the answer to one request: the results of its operations as far as they
// were tried, and the error of the last one, an [*Error]; or why it was not understood.
type BatchAnswer struct {
	Results []Result
	Err     error
}

// Batch answers many requests, in their order. Those that only read are answered
// concurrently; one that changes something is done by itself, after all before it and
// before all after it. One that fails does not end the batch, unless failFast is set: then
// there are as many answers as there are up to that one. The error is that of ctx.
func (c *Client) Batch(ctx context.Context, requests []BatchRequest, failFast bool) ([]BatchAnswer, error) {
	feed := make(chan batch.Request, len(requests))
	for _, r := range requests {
		if r.Sentence != "" {
			feed <- batch.Sentence(r.Sentence, c.read)
		} else {
			feed <- batch.Operation(r.Operation)
		}
	}
	close(feed)
	var answers []BatchAnswer
	err := batch.Run(ctx, feed, batch.Options{
		FailFast: failFast,
		Execute: func(ctx context.Context, r batch.Request) []Result {
			reading := intent.Reading{Operations: r.Operations}
			if r.Sentence != "" {
				grounded, err := c.ground(ctx, r.Sentence, r.Reading, nil)
				if err != nil {
					failed := operation.AsError(err)
					return []Result{{Operation: r.Operations[0], Message: failed.Message, Err: failed}}
				}
				reading = grounded
			}
			results, _ := c.all(ctx, reading, r.Sentence, nil) // the results have their errors
			return results
		},
		Answer: func(a batch.Answer) error {
			answer := BatchAnswer{Results: a.Results}
			if err := a.Err(); err != nil {
				answer.Err = err
			}
			answers = append(answers, answer)
			return nil
		},
	})
	return answers, err
}

// Metrics sums up the operations that were run so far, by this user on this
// machine.
func (c *Client) Metrics() (Metrics, error) { return c.engine.Metrics() }

func (c *Client) all(ctx context.Context, reading intent.Reading, sentence string, observer Observer) ([]Result, error) {
	var calls []engine.Call
	for i, op := range reading.Operations {
		call := c.call(op, sentence, observer)
		call.Corrected = reading.CorrectedIn(i)
		calls = append(calls, call)
	}
	results := c.engine.ExecuteAll(ctx, calls)
	if len(results) == 0 {
		return nil, nil
	}
	_, err := outcome(results[len(results)-1])
	return results, err
}

func (c *Client) call(op Operation, sentence string, observer Observer) engine.Call {
	return engine.Call{
		Operation: op, Sentence: sentence, Observer: observer, Confirm: c.options.Confirm, DryRun: c.options.DryRun,
	}
}

func outcome(result Result) (Result, error) {
	if result.Err != nil {
		return result, result.Err
	}
	return result, nil
}
