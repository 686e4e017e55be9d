package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/build"
	"luminousnix/internal/diagnosis"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/nix/buildlog"
)

func explainError(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	text, source := args.Text, ""
	if strings.TrimSpace(text) == "" {
		last, err := lastFailure(ctx, m)
		if err != nil {
			return Answer{}, err
		}
		if last.text == "" {
			return Answer{}, operation.Errorf(operation.CodeNotFound, "nothing has failed lately that could be explained").
				WithHint("Give the message in quotes: ask-nix why 'error: …'")
		}
		text, source = last.text, last.source
	}
	explanation := diagnosis.Explain(text)
	explanation.Source = source
	if !explanation.Known {
		return unexplained(&explanation, text)
	}
	return Answer{Message: explanation.What, Data: &explanation, Suggestions: commands(explanation.Fixes)}, nil
}

// unexplained says that nobody here knows the error, and what to search for.
func unexplained(e *operation.Explanation, text string) (Answer, error) {
	err := operation.Errorf(operation.CodeNotFound, "ask-nix does not know this error").
		WithHint("The line that tells most is below; search for it, in quotes, among the issues of nixpkgs and Nix, and on discourse.nixos.org.")
	if e.Error != "" {
		err.Details = []string{e.Error}
	}
	if e.Source != "" {
		const last = 5
		lines := strings.Split(strings.TrimSpace(text), "\n")
		err.Message += " " + e.Source
		err.Details = lines[max(0, len(lines)-last):]
		err.Hint = strings.Replace(err.Hint, "The line that tells most is", "What it ended with is", 1)
	}
	return Answer{Data: e}, err
}

func commands(fixes []operation.Fix) []string {
	var commands []string
	for _, fix := range fixes {
		if fix.Command != "" {
			commands = append(commands, fix.Command)
		}
	}
	return commands
}

// failed is something that failed, with all that it said.
type failed struct {
	time         time.Time
	text, source string
}

// lastFailure is what failed last: an operation of ask-nix, a build, or a switch or
// service of Nix in the journal.
func lastFailure(ctx context.Context, m *Machine) (last failed, err error) {
	if last, err = lastOperation(m); err != nil {
		return failed{}, err
	}
	logs, err := buildlog.Dir(m.Host.LogDir).Newest(m.Now().Add(-recent))
	if err != nil {
		return failed{}, err
	}
	for _, log := range logs {
		if !log.Time.After(last.time.Add(-together)) {
			break // all others are older still
		}
		if !withoutResult(m.Host.StoreDir, log.Derivation) {
			continue
		}
		lines, err := log.Tail(200)
		if err != nil {
			continue
		}
		build := failed{log.Time, strings.Join(lines, "\n"), "from the build log " + log.File}
		if !log.Time.After(last.time) {
			if !strings.Contains(last.text, log.Name()) {
				break // the operation failed later, for another reason
			}
			build.text += "\n" + last.text
		}
		last = build
		break
	}
	ctx, cancel := context.WithTimeout(ctx, systemDeadline)
	defer cancel()
	entries, err := journalLines(ctx, m, 20)
	if err != nil || len(entries) == 0 || !entries[0].Time.After(last.time) {
		return last, nil // without a journal there is nothing newer
	}
	var lines []string
	for _, entry := range slices.Backward(entries) {
		if entry.Time.After(entries[0].Time.Add(-together)) {
			lines = append(lines, entry.Message)
		}
	}
	return failed{entries[0].Time, strings.Join(lines, "\n"), "from the journal of " + entries[0].Unit}, nil
}

// together is how far apart what belongs together may be.
const together = time.Minute

// lastOperation is the last operation of ask-nix that failed for a reason other than
// how it was asked for.
func lastOperation(m *Machine) (failed, error) {
	written, err := record.Read[Failed](m.Failures)
	if err != nil {
		return failed{}, err
	}
	for _, s := range slices.Backward(written) {
		switch s.Code {
		case operation.CodeUsage, operation.CodeNotUnderstood, operation.CodeAmbiguous, operation.CodeDeclined,
			operation.CodeRefused, operation.CodeInterrupted, operation.CodeNotAvailable:
			continue
		}
		if s.Operation == operation.ExplainError {
			continue
		}
		source := fmt.Sprintf("of %s at %s", s.Operation, s.Time.Local().Format(time.DateTime))
		return failed{s.Time, s.Message, source}, nil
	}
	return failed{}, nil
}

// withDiagnosis adds what helps against an error to one that says nothing of that, and
// what the log of a build shows to one of a build.
func withDiagnosis(err *operation.Error) {
	if err.Code == operation.CodeInterrupted {
		return
	}
	var built *build.FailedError
	switch {
	case errors.As(err, &built):
		hint := diagnosis.Hint(strings.Join(built.Log, "\n"))
		if hint != "" && !strings.HasPrefix(err.Hint, hint) {
			err.Hint = strings.TrimSpace(hint + " " + err.Hint)
		}
	case err.Hint == "":
		err.Hint = diagnosis.Hint(strings.Join(append([]string{err.Message}, err.Details...), "\n"))
	}
}

// diagnosed makes an error with a hint of one that nobody has explained; nil where its
// text is not known.
func diagnosed(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	hint := diagnosis.Hint(err.Error())
	if hint == "" {
		return nil
	}
	return operation.Errorf(operation.CodeFailed, "%w", err).WithHint(hint)
}
