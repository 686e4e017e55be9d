package cli

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"luminousnix/internal/batch"
	"luminousnix/internal/engine"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// aboutBatch is what `batch --help` says beside the usage.
const aboutBatch = `Each line of FILE, or of standard input, is a request: a sentence, the name of an
operation, or an object such as {"operation":"compare-generations","arguments":{"from":1,
"to":2}} or {"sentence":"list my generations"}. Each has one line of JSON as its answer, the
object of --json, in the order of the requests.

What only reads is done concurrently. What changes something is done by itself, after all
that stands before it and before all that stands after it, and only with --yes. A request
that fails does not end the batch, unless --fail-fast is given; the exit status is the
greatest of all.`

func batchCommand(a *app) *cobra.Command {
	var failFast bool
	cmd := &cobra.Command{
		Use:     "batch [FILE]",
		Short:   "Answer many requests, a line each",
		Long:    aboutBatch,
		Example: "  ask-nix batch requests.txt\n  echo '{\"operation\":\"disk-usage\"}' | ask-nix batch",
		Args:    cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) > 1 {
				return errSentence{}
			}
			a.flags.json = true
			if a.flags.explain || a.flags.detach {
				return operation.Errorf(operation.CodeUsage, "batch takes neither --explain nor --detach")
			}
			in, err := a.batchInput(words)
			if err != nil {
				return err
			}
			defer in.Close()
			return a.batch(cmd.Context(), in, failFast)
		},
	}
	cmd.Flags().BoolVar(&failFast, "fail-fast", false, "end after the first request that fails")
	return cmd
}

// batchInput opens the file that is named, or standard input.
func (a *app) batchInput(words []string) (io.ReadCloser, error) {
	if len(words) == 0 || words[0] == "-" {
		if a.talking {
			return nil, operation.Errorf(operation.CodeUsage, "batch needs a file with requests at the prompt").
				WithHint("For example: batch requests.txt")
		}
		if a.InTerminal {
			a.note("Type requests, one a line; Ctrl-D ends.")
		}
		return io.NopCloser(a.In), nil
	}
	file, err := os.Open(words[0])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, operation.Errorf(operation.CodeNotFound, "%w", err).WithHint("`ask-nix batch --help` shows how it is used.")
	}
	return file, err
}

// batch answers the requests of a reader. The error is the greatest exit status.
func (a *app) batch(ctx context.Context, in io.Reader, failFast bool) error {
	if err := a.prepare(); err != nil {
		return err
	}
	a.present()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	requests, done, read := make(chan batch.Request), make(chan struct{}), make(chan error, 1)
	defer close(done)
	go func() {
		read <- batch.Read(in, a.read, requests, done)
		close(requests)
	}()
	worst := 0
	err := batch.Run(ctx, requests, batch.Options{
		Execute:  a.executeRequest,
		FailFast: failFast,
		Answer: func(answer batch.Answer) error {
			worst = max(worst, answer.ExitCode())
			return a.writeAnswer(answer)
		},
	})
	if err != nil {
		return err
	}
	select {
	case err = <-read:
	default: // it ended before all was read
	}
	if err == nil && worst != 0 {
		return exitStatus(worst)
	}
	return err
}

// writeAnswer writes a line of JSON at once: who has asked may wait for it. Then the
// catalogue may be updated, as after the answer to a single request.
func (a *app) writeAnswer(answer batch.Answer) error {
	if err := a.writeJSON(a.answerObject(answer)); err != nil {
		return err
	}
	if err := a.flush(); err != nil {
		return err
	}
	var tried []operation.Operation
	for _, result := range answer.Results {
		tried = append(tried, result.Operation)
	}
	a.engine.UpdateBehind(tried)
	return nil
}

// answerObject is the JSON form of the answer to one request.
func (a *app) answerObject(answer batch.Answer) any {
	if len(answer.Results) > 0 && a.flags.showMetrics {
		a.addMetrics(answer.Results)
	}
	switch results := answer.Results; {
	case len(results) == 1:
		return results[0]
	case len(results) > 1:
		return several{answer.Request.Operations[0], results}
	}
	failed := operation.Result{Err: answer.Err()}
	if failed.Err != nil {
		failed.Message = failed.Err.Message
	}
	if operations := answer.Request.Operations; len(operations) > 0 {
		failed.Operation = operations[0]
	}
	return failed
}

// executeRequest runs the operations of a request.
func (a *app) executeRequest(ctx context.Context, request batch.Request) []operation.Result {
	reading, err := intent.Reading{Operations: request.Operations}, error(nil)
	if request.Sentence != "" {
		reading, err = a.groundTelling(ctx, request.Sentence, request.Reading, operation.Silent)
	}
	if err != nil {
		failed := operation.AsError(err)
		return []operation.Result{{Operation: request.Operations[0], Message: failed.Message, Err: failed}}
	}
	var calls []engine.Call
	for i, op := range reading.Operations {
		if err := a.flags.apply(&op); err != nil {
			failed := operation.AsError(err)
			return []operation.Result{{Operation: op, Message: failed.Message, Err: failed}}
		}
		if err := a.mayChange(op); err != nil {
			return []operation.Result{{Operation: op, Message: err.Message, Err: err}}
		}
		calls = append(calls, engine.Call{
			Operation: op, Sentence: request.Sentence, Confirm: a.confirmer(), Confirmed: a.flags.yes,
			DryRun: a.flags.dryRun, NoCache: a.flags.noCache, Corrected: reading.CorrectedIn(i),
		})
	}
	return a.engine.ExecuteAll(ctx, calls)
}

// mayChange refuses what changes something and is not confirmed beforehand, also what is
// safe: nobody looks at each line of a batch.
func (a *app) mayChange(op operation.Operation) *operation.Error {
	if spec, _ := operation.Lookup(op.Name); !spec.Changing || a.flags.yes || a.flags.dryRun {
		return nil
	}
	return operation.Errorf(operation.CodeDeclined, "nothing was changed: a batch changes something only with --yes").
		WithHint("Give --yes to confirm all of it beforehand, or --dry-run to see the plans.")
}
