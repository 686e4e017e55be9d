package action

import (
	"context"
	"fmt"
	"strings"

	"luminousnix/internal/answers"
	"luminousnix/internal/operation"
)

// help lists the operations that a topic is about, or else answers what it asks about
// Nix.
func help(_ context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	data := operation.HelpData{Topic: args.Topic, Operations: []operation.Spec{}}
	for _, spec := range operation.All() {
		if matches(spec, args.Topic) {
			data.Operations = append(data.Operations, spec)
		}
	}
	if len(data.Operations) == 0 {
		if matches, certainty := answers.SearchIn(m.Language, args.Topic); certainty == answers.Sure {
			return answered(args.Topic, matches[0]), nil
		}
		return Answer{}, operation.Errorf(operation.CodeNotFound, "there is no help about %q", args.Topic).
			WithHint("`ask-nix help` lists everything.")
	}
	return Answer{Message: "Say what you want in plain words, or use an exact command.", Data: &data}, nil
}

// matches compares a topic with the name, summary and command of an operation, not with
// a sentence that is its example.
func matches(spec operation.Spec, topic string) bool {
	text := fmt.Sprintf("%s %s", spec.Name, spec.Summary)
	if !strings.HasPrefix(spec.Example, `"`) {
		text += " " + spec.Example
	}
	text = strings.ToLower(text)
	for _, word := range strings.Fields(strings.ToLower(topic)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
