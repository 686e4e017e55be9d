package action

import (
	"context"
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

func help(_ context.Context, _ *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	data := operation.HelpData{Topic: args.Topic, Operations: []operation.Spec{}}
	for _, spec := range operation.All() {
		if matches(spec, args.Topic) {
			data.Operations = append(data.Operations, spec)
		}
	}
	if len(data.Operations) == 0 {
		return Answer{}, operation.Errorf(operation.CodeNotFound, "there is no help about %q", args.Topic).
			WithHint("`ask-nix help` lists everything.")
	}
	return Answer{Message: "Say what you want in plain words, or use an exact command.", Data: &data}, nil
}

func matches(spec operation.Spec, topic string) bool {
	text := strings.ToLower(fmt.Sprintf("%s %s %s", spec.Name, spec.Summary, spec.Example))
	for _, word := range strings.Fields(strings.ToLower(topic)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}
