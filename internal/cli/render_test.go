package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/settings"
)

// TestCleanText: whatever stands in a name, no presentation gives it to the terminal.
func TestCleanText(t *testing.T) {
	t.Parallel()
	const evil = "vim\x1b]0;owned\a\x9b31m\r"
	op := operation.New(operation.RemovePackages, operation.Arguments{Packages: []operation.PackageName{"vim"}})
	plan := operation.Plan{
		Summary: evil, Risk: operation.Reversible, Undo: evil, Warnings: []string{evil},
		Steps:   []operation.Step{{Action: evil, Path: evil}},
		Changes: &operation.Comparison{Removed: []operation.Change{{Name: evil}, {Name: evil, From: []string{evil}}}},
		Impact:  &operation.Impact{Reboot: []string{evil}},
		Space:   []operation.Space{{Path: evil, Needed: 1}},
	}
	failed := operation.Errorf(operation.CodeFailed, "%s", evil).WithHint(evil)
	failed.Details, failed.Alternatives = []string{evil}, []operation.Alternative{{Operation: op, Say: evil}}
	for _, name := range []string{"", persona.Plain, persona.Brief, persona.Technical, persona.ScreenReader, persona.Calm} {
		var out bytes.Buffer
		a := &app{now: time.Now, settings: &settings.Settings{Persona: name}, flush: func() error { return nil }, getenv: func(string) string { return "" }}
		a.Out, a.Err = &out, &out
		a.present()
		a.presented().plan(a.Err, op, &plan)
		a.presented().failure(operation.Result{Operation: op, Plan: &plan, Err: failed})
		if err := a.presented().result(operation.Result{Operation: op, Plan: &plan, Message: evil, Warnings: []string{evil}, Suggestions: []string{evil}}); err != nil {
			t.Error(err)
		}
		o := a.presented().observer(op)
		for _, kind := range []operation.EventKind{operation.EventPhase, operation.EventWarning, operation.EventStart} {
			o.Observe(operation.Event{Kind: kind, Text: evil})
		}
		(&talk{app: a}).say(evil)
		if strings.ContainsAny(out.String(), "\x1b\a\r\u009b") || strings.Contains(out.String(), "\x9b") || !strings.Contains(out.String(), "owned") {
			t.Errorf("%s: %q", name, out.String())
		}
	}
}
