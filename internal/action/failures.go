package action

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/journal"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/nix/buildlog"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

const (
	recent     = 7 * 24 * time.Hour // of builds that failed
	mostBuilds = 5
	logLines   = 10
	// systemDeadline bounds the wait for systemd and its journal.
	systemDeadline = 5 * time.Second
)

func showErrors(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	data := operation.Failures{Failures: []operation.Failure{}, Units: []string{}, Journal: []operation.JournalEntry{}, Unknown: []string{}}
	written, err := record.Read[Failed](m.Failures)
	if err != nil {
		return Answer{}, err
	}
	for _, s := range slices.Backward(written) {
		if s.Operation == operation.ExplainError || len(data.Failures) == rows(args) {
			continue // that an error is not known is no failure
		}
		data.Failures = append(data.Failures, operation.Failure{
			Time: s.Time, Operation: s.Operation, Code: s.Code, Message: s.Message, Hint: s.Hint,
		})
	}
	unknown := func(what string, err error) { data.Unknown = append(data.Unknown, fmt.Sprintf("%s: %v", what, err)) }
	if data.Builds, err = failedBuilds(m); err != nil {
		unknown("the logs of builds", err)
	}
	ctx, cancel := context.WithTimeout(ctx, systemDeadline)
	defer cancel()
	if m.FailedUnits != nil {
		if data.Units, err = m.FailedUnits(ctx); err != nil {
			unknown("failed units", err)
		}
	}
	if data.Journal, err = journalLines(ctx, m, rows(args)); err != nil {
		unknown("the journal", err)
	}
	return Answer{Message: failuresMessage(&data), Data: &data, Suggestions: failureSuggestions(&data)}, nil
}

func failuresMessage(f *operation.Failures) string {
	var parts []string
	add := func(n int, one, many string) {
		switch n {
		case 0:
		case 1:
			parts = append(parts, "one "+one)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(len(f.Units), "failed unit", "failed units")
	add(len(f.Failures), "failure of ask-nix", "failures of ask-nix")
	add(len(f.Builds), "build without a result", "builds without a result")
	add(len(f.Journal), "line in the journal", "lines in the journal")
	if len(parts) == 0 {
		return "Nothing has failed."
	}
	text := strings.Join(parts, ", ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}

func failureSuggestions(f *operation.Failures) []string {
	if len(f.Failures)+len(f.Builds)+len(f.Journal) == 0 {
		return nil
	}
	return []string{"ask-nix why"}
}

// journalLines are of the journal of the machine, or of the one whose files are below
// the root. Not every machine has one.
func journalLines(ctx context.Context, m *Machine, n int) ([]operation.JournalEntry, error) {
	none := []operation.JournalEntry{}
	reader := journal.Reader{Env: m.ActivationEnv}
	if m.Host.Moved() {
		reader.Dir = m.Host.Path("var", "log", "journal")
		if _, err := os.Stat(reader.Dir); err != nil {
			return none, nil
		}
	}
	entries, err := reader.Failures(ctx, n)
	if err != nil {
		if errors.Is(err, journal.ErrNone) {
			err = nil
		}
		return none, err
	}
	return entries, nil
}

// failedBuilds are builds of the last days that left no result, the newest first. Nix
// does not write down whether a build failed: what is known is that there is a log, and
// that an output is not there.
func failedBuilds(m *Machine) ([]operation.FailedBuild, error) {
	builds := []operation.FailedBuild{}
	logs, err := buildlog.Dir(m.Host.LogDir).Newest(m.Now().Add(-recent))
	if err != nil {
		return builds, err
	}
	for _, log := range logs {
		if len(builds) == mostBuilds {
			break
		}
		if !withoutResult(m.Host.StoreDir, log.Derivation) {
			continue
		}
		lines, err := log.Tail(logLines)
		if err != nil {
			continue // deleted meanwhile
		}
		drv := store.Path(filepath.Join(string(m.Host.StoreDir), log.Derivation))
		builds = append(builds, operation.FailedBuild{
			Derivation: string(drv), Name: log.Name(), Time: log.Time, File: log.File, Log: lines,
			Explanation: diagnosis.Hint(strings.Join(lines, "\n")),
		})
	}
	return builds, nil
}

// withoutResult says whether a derivation is there, and an output that it is to have is
// not.
func withoutResult(dir store.Dir, base string) bool {
	path, err := dir.Parse(filepath.Join(string(dir), base))
	if err != nil {
		return false
	}
	name, ok := derivation.NameOf(path)
	if !ok {
		return false
	}
	text, err := os.ReadFile(string(path))
	if err != nil {
		return false
	}
	drv, err := derivation.Parse(dir, name, text)
	if err != nil {
		return false
	}
	for _, output := range drv.Outputs {
		if output.Path == "" {
			continue // only known once it is built
		}
		if _, err := os.Lstat(string(output.Path)); os.IsNotExist(err) {
			return true
		}
	}
	return false
}
