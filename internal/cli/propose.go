package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/intent"
	"luminousnix/internal/llm"
	"luminousnix/internal/operation"
)

// sure is the confidence from which a reading is taken as it is.
const sure = 0.6

// unsure reports a sentence that was not understood, or hardly. One that is refused, or
// asks for nothing, is no such sentence.
func unsure(reading intent.Reading, err error) bool {
	if err == nil {
		return reading.Confidence < sure
	}
	code := operation.AsError(err).Code
	return !errors.Is(err, intent.ErrDeclined) && (code == operation.CodeNotUnderstood || code == operation.CodeAmbiguous)
}

// propose asks the language model of the settings, if there is one, what a sentence
// means. Without an answer that can be used the reading and the error stay as they
// were, and a line says why.
func (a *app) propose(ctx context.Context, sentence string, reading intent.Reading, unread error) (intent.Reading, error) {
	if err := a.prepare(); err != nil {
		return reading, err
	}
	a.present()
	if a.settings.LLMURL == "" {
		return reading, unread
	}
	client, err := llm.New(llm.Config{
		URL: a.settings.LLMURL, Kind: a.settings.LLMKind, Model: a.settings.LLMModel,
		Timeout: a.settings.LLMTimeout, KeyFile: a.settings.LLMKeyFile, Remote: a.settings.LLMRemote,
	})
	if err != nil {
		typed := operation.AsError(err)
		return a.without(reading, unread, fmt.Sprintf("No language model was asked: %s. %s", typed.Message, typed.Hint))
	}
	if client.Remote() && a.settings.Offline {
		return a.without(reading, unread, fmt.Sprintf("The language model at %s was not asked: %s says that nothing is fetched.", client.Host(), a.settings.Origin("offline")))
	}
	// What leaves the machine is said, whoever reads it.
	if client.Remote() || !a.flags.json {
		a.note(fmt.Sprintf("asking the language model %s at %s…", client.Model(), client.Host()))
	}
	op, err := client.Propose(ctx, sentence, a.now())
	switch {
	case ctx.Err() != nil:
		return reading, err
	case err != nil:
		return a.without(reading, unread, fmt.Sprintf("The language model %s %v.", client.Model(), err))
	}
	a.proposedBy = operation.ProposedByModel
	if !a.flags.json {
		a.note(fmt.Sprintf("Proposed by the language model %s: %s", client.Model(), inWords(op)))
	}
	return intent.Reading{Operations: []operation.Operation{op}}, nil
}

// without goes on without a proposal: a line is added to the error, or shown before the
// answer.
func (a *app) without(reading intent.Reading, unread error, line string) (intent.Reading, error) {
	if unread == nil {
		if !a.flags.json {
			a.note("note: " + line)
		}
		return reading, nil
	}
	told := *operation.AsError(unread)
	told.Details = append(slices.Clip(told.Details), line)
	return reading, &told
}

// inWords is an operation with all its arguments on a line, as in
// install packages (packages: "vim","git").
func inWords(op operation.Operation) string {
	spec, _ := operation.Lookup(op.Name)
	content, err := json.Marshal(op.Arguments)
	var values map[string]json.RawMessage
	if err != nil || json.Unmarshal(content, &values) != nil {
		return string(op.Name)
	}
	var arguments []string
	for _, a := range spec.Arguments {
		if value := values[a.Name]; value != nil {
			arguments = append(arguments, a.Name+": "+strings.Trim(string(value), "[]"))
		}
	}
	if len(arguments) == 0 {
		return lowerFirst(spec.Summary)
	}
	return lowerFirst(spec.Summary) + " (" + strings.Join(arguments, ", ") + ")"
}
