package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"luminousnix/internal/engine"
	"luminousnix/internal/grounding"
	"luminousnix/internal/intent"
	"luminousnix/internal/language"
	"luminousnix/internal/operation"
)

// certain is the reading of an exact command.
func certain(op operation.Operation) intent.Reading {
	return intent.Reading{Operations: []operation.Operation{op}, Confidence: 1}
}

// say understands a sentence and does what it says. inexact is why its words are no exact
// command, if they begin like one.
func (a *app) say(ctx context.Context, sentence string, inexact errSentence) error {
	reading, err := a.understand(ctx, sentence, inexact)
	if err != nil {
		return err
	}
	if _, ok := pasted(sentence); ok {
		sentence = "" // the arguments have it
	}
	return a.perform(ctx, sentence, reading)
}

// understand reads a sentence, or text that was pasted in its place; what is not
// understood a language model may be asked about.
func (a *app) understand(ctx context.Context, sentence string, inexact errSentence) (intent.Reading, error) {
	a.proposedBy = ""
	if text, ok := pasted(sentence); ok {
		return certain(operation.New(operation.ExplainError, operation.Arguments{Text: text})), nil
	}
	if err := a.prepare(); err != nil {
		return intent.Reading{}, err
	}
	reading, err := a.read(sentence)
	if wrong := inexact.instead(reading, err); wrong != nil {
		return reading, wrong
	}
	if unsure(reading, err) {
		reading, err = a.propose(ctx, sentence, reading, err)
	}
	if err != nil {
		return reading, err
	}
	return a.ground(ctx, sentence, reading)
}

// ground checks what a sentence was understood as against the machine.
func (a *app) ground(ctx context.Context, sentence string, reading intent.Reading) (intent.Reading, error) {
	if err := a.prepare(); err != nil {
		return reading, err
	}
	a.present()
	return a.groundTelling(ctx, sentence, reading, a.presented().observer(reading.Operations[0]))
}

// groundTelling is ground for whoever has the settings, with somebody to tell of progress.
func (a *app) groundTelling(ctx context.Context, sentence string, reading intent.Reading, o operation.Observer) (intent.Reading, error) {
	reading.Operations = slices.Clone(reading.Operations)
	for i := range reading.Operations {
		if err := a.flags.apply(&reading.Operations[i]); err != nil {
			return reading, err
		}
	}
	world := a.engine.World(ctx, engine.Call{Observer: o, NoCache: a.flags.noCache}, !a.flags.explain)
	grounded, err := grounding.Ground(world, sentence, reading)
	return grounded, errors.Join(err, world.Close())
}

// read understands a sentence by itself.
func (a *app) read(sentence string) (intent.Reading, error) {
	return intent.UnderstandIn(a.language(), sentence, a.now())
}

// language is how the language of a sentence is found.
func (a *app) language() language.Language { return language.Of(a.settings.Language, a.getenv) }

// perform runs the operations of a reading and shows the results.
func (a *app) perform(ctx context.Context, sentence string, reading intent.Reading) error {
	if a.take != nil {
		a.take(reading)
		return nil
	}
	_, err := a.carryOut(ctx, sentence, reading)
	return err
}

// carryOut is perform for whoever wants the results, too.
func (a *app) carryOut(ctx context.Context, sentence string, reading intent.Reading) ([]operation.Result, error) {
	for i := range reading.Operations {
		if err := a.flags.apply(&reading.Operations[i]); err != nil {
			return nil, err
		}
		if err := a.withPiped(&reading.Operations[i]); err != nil {
			return nil, err
		}
	}
	if err := a.prepare(); err != nil {
		return nil, err
	}
	a.present()
	a.sure = reading.Confidence
	if a.flags.explain {
		return nil, a.explain(reading)
	}
	if changes(reading.Operations) {
		var stop func()
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
	}
	a.behind = nil
	end := a.draw(changes(reading.Operations) || a.talking)
	var calls []engine.Call
	for i, op := range reading.Operations {
		call := a.call(op, sentence)
		call.Corrected = reading.CorrectedIn(i)
		calls = append(calls, call)
	}
	results := a.execute(ctx, calls)
	end()
	if a.flags.showMetrics {
		a.addMetrics(results)
	}
	err := a.conclude(ctx, reading.Operations, results)
	a.flush()
	a.engine.UpdateBehind(reading.Operations)
	return results, err
}

// execute runs the operations, or starts the one that changes something as a job.
func (a *app) execute(ctx context.Context, calls []engine.Call) []operation.Result {
	if !a.flags.detach {
		return a.engine.ExecuteAll(ctx, calls)
	}
	if a.proposedBy != "" {
		err := operation.Errorf(operation.CodeUsage, "--detach is not for what a language model proposes").
			WithHint("Leave it out, or ask with an exact command: `ask-nix help` lists them.")
		return []operation.Result{{Operation: calls[0].Operation, ProposedBy: a.proposedBy, Message: err.Message, Err: err}}
	}
	spec, _ := operation.Lookup(calls[0].Operation.Name)
	if len(calls) > 1 || !spec.Changing || a.flags.dryRun {
		err := operation.Errorf(operation.CodeUsage, "--detach is for one operation that changes something")
		return []operation.Result{{Operation: calls[0].Operation, Message: err.Message, Err: err}}
	}
	return []operation.Result{a.engine.Detach(ctx, calls[0])}
}

// conclude shows the results, or goes on in a shell with what is tried.
func (a *app) conclude(ctx context.Context, operations []operation.Operation, results []operation.Result) error {
	if data, ok := a.tried(results); ok {
		a.showMeasured(results)
		return a.try(ctx, data)
	}
	err := a.show(operations, results)
	a.showMeasured(results)
	return err
}

// changes reports whether something could be left half-done. Whoever only looks
// may be killed by a signal, which saves the half millisecond of catching it.
func changes(operations []operation.Operation) bool {
	return slices.ContainsFunc(operations, func(op operation.Operation) bool {
		spec, _ := operation.Lookup(op.Name)
		return spec.Changing
	})
}

func (a *app) call(op operation.Operation, sentence string) engine.Call {
	return engine.Call{
		Operation: op, Sentence: sentence, ProposedBy: a.proposedBy, Observer: a.watching(op),
		Confirm: a.confirmer(), Keep: a.keeper(), Confirmed: a.flags.yes && a.proposedBy == "", Unasked: a.presented().unasked, DryRun: a.flags.dryRun, NoCache: a.flags.noCache,
	}
}

// show shows the results; what it returns decides the exit status, which is
// that of the last operation tried.
func (a *app) show(operations []operation.Operation, results []operation.Result) error {
	last := results[len(results)-1]
	if a.flags.json {
		var answer any = last
		if len(operations) > 1 {
			answer = several{operations[0], results}
		}
		if err := a.writeJSON(answer); err != nil {
			return err
		}
	} else {
		for i, result := range results {
			if i > 0 {
				fmt.Fprintln(a.Out)
			}
			if err := a.render(result); err != nil {
				return err
			}
		}
	}
	if left := len(operations) - len(results); left > 0 && !a.flags.json {
		a.note(fmt.Sprintf("ask-nix: because that failed, the rest was not done: %s", operations[len(results)].Name))
	}
	if status := last.ExitCode(); status != 0 {
		return exitStatus(status)
	}
	return nil
}

// several is the JSON form of several results: the object of the last one, with
// the name and arguments of the first operation, and all results.
type several struct {
	first   operation.Operation
	results []operation.Result
}

func (s several) MarshalJSON() ([]byte, error) {
	last := s.results[len(s.results)-1]
	last.Operation = s.first
	last.Data, last.Plan = nil, nil
	last.Duration = 0
	for _, result := range s.results {
		last.Duration += result.Duration
	}
	object, err := json.Marshal(last)
	if err != nil {
		return nil, err
	}
	results, err := json.Marshal(s.results)
	if err != nil {
		return nil, err
	}
	object = append(object[:len(object)-1], `,"results":`...)
	return append(append(object, results...), '}'), nil
}

func (a *app) writeJSON(value any) error {
	encoder := json.NewEncoder(a.Out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// fail shows an error that no operation had part in, and returns its exit
// status.
func (a *app) fail(err *operation.Error) int {
	if a.flags.json {
		a.writeJSON(operation.Result{Message: err.Message, Err: err})
	} else {
		a.tell(err)
	}
	return err.Code.ExitCode()
}
