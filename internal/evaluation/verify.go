package evaluation

import (
	"context"
	"fmt"
	"strings"

	"luminousnix/nix/derivation"
)

// Verify evaluates with both and compares.
type Verify struct {
	Native  Evaluator
	Command Evaluator
}

// DifferenceError means that the two evaluators did not agree.
type DifferenceError struct {
	// Text says in one line what is different.
	Text string
	// Details show the first difference, in some lines.
	Details string
}

func (e *DifferenceError) Error() string { return e.Text }

// Evaluate implements Evaluator. The result is the native one. Results that are
// kept from before are not used. The error is a [*DifferenceError] when the
// results differ; when only one fails, it is that one's error and a
// DifferenceError.
func (v *Verify) Evaluate(ctx context.Context, r Request) (*Result, error) {
	r.NoCache, r.Keep = true, true
	ours, ourErr := v.Native.Evaluate(ctx, r)
	quiet := r
	quiet.Stderr, quiet.Link = nil, "" // said and linked already
	theirs, theirErr := v.Command.Evaluate(ctx, quiet)
	switch {
	case ourErr != nil && theirErr != nil:
		return ours, ourErr
	case ourErr != nil:
		return ours, fmt.Errorf("%w; %w", ourErr, &DifferenceError{Text: "the nix command evaluates this, the native evaluator does not"})
	case theirErr != nil:
		return ours, fmt.Errorf("%w; %w", theirErr, &DifferenceError{Text: "the native evaluator evaluates this, the nix command does not"})
	case r.Want == Values:
		return ours, compareValues(ours, theirs)
	}
	return ours, v.compareDerivations(ctx, quiet, ours, theirs)
}

func compareValues(ours, theirs *Result) error {
	our, their := strings.Join(ours.Values, ""), strings.Join(theirs.Values, "")
	if our == their {
		return nil
	}
	return &DifferenceError{Text: "the values differ", Details: firstDifference(our, their)}
}

// compareDerivations compares which derivations were found, and looks into the
// first ones that differ.
func (v *Verify) compareDerivations(ctx context.Context, r Request, ours, theirs *Result) error {
	for i := range min(len(ours.Derivations), len(theirs.Derivations)) {
		our, their := ours.Derivations[i], theirs.Derivations[i]
		if our.Path == their.Path && our.Output == their.Output {
			continue
		}
		failure := &DifferenceError{Text: fmt.Sprintf("derivation %d differs: %s!%s natively, %s!%s by the nix command",
			i+1, our.Path, our.Output, their.Path, their.Output)}
		if our.Path != their.Path {
			failure.Details = v.look(ctx, r, ours, theirs, i)
		}
		return failure
	}
	if len(ours.Derivations) != len(theirs.Derivations) {
		return &DifferenceError{Text: fmt.Sprintf("%d derivations natively, %d by the nix command",
			len(ours.Derivations), len(theirs.Derivations))}
	}
	return nil
}

// look finds the first difference below the i-th derivation. Natively, what was
// not written is in memory; the nix command has to write its derivations, so that
// they can be read.
func (v *Verify) look(ctx context.Context, r Request, ours, theirs *Result, i int) string {
	note := ""
	if !r.Write {
		r.Write = true
		written, err := v.Command.Evaluate(ctx, r)
		if err != nil || i >= len(written.Derivations) {
			return fmt.Sprintf("The nix command could not write its derivations, so that they cannot be looked into: %v\n", err)
		}
		note = "The nix command was run once more and wrote its derivations into the store, to look into them.\n"
		theirs = written
	}
	text, err := compareGraphs(ctx, side{ours.load, ours.Derivations[i].Path}, side{theirs.load, theirs.Derivations[i].Path})
	if err != nil {
		text = fmt.Sprintf("The derivations cannot be looked into: %v\n", err)
	}
	return note + text
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(ours, theirs string) string {
	a, b := strings.Split(ours, "\n"), strings.Split(theirs, "\n")
	line := 0
	for line < len(a) && line < len(b) && a[line] == b[line] {
		line++
	}
	return fmt.Sprintf("line %d\n  native:  %s\n  command: %s\n", line+1, around(at(a, line), at(b, line)), around(at(b, line), at(a, line)))
}

func at(lines []string, n int) string {
	if n < len(lines) {
		return lines[n]
	}
	return ""
}

// around cuts a long line to where it begins to differ from another one.
func around(line, other string) string {
	const before, most = 30, 100
	same := 0
	for same < len(line) && same < len(other) && line[same] == other[same] {
		same++
	}
	start := max(0, same-before)
	end := min(len(line), start+most)
	text := line[start:end]
	if start > 0 {
		text = "…" + text
	}
	if end < len(line) {
		text += "…"
	}
	return fmt.Sprintf("%q", text)
}

// nameOf is the name of a derivation by its path.
func nameOf(s side) string {
	if name, ok := derivation.NameOf(s.path); ok {
		return name
	}
	return string(s.path)
}
