package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

// changeLog is an audit log as this person may read it.
type changeLog struct {
	audit.Log
	name string // as in [operation.HistoryEntry]
}

// letter is what the numbers of its changes begin with.
func (l changeLog) letter() string {
	if l.name == operation.SystemLog {
		return operation.SystemEntry
	}
	return operation.UserEntry
}

// changeLogs are the log that we write, and that of the system where it is another.
func (m *Machine) changeLogs() []changeLog {
	system := m.Audit
	system.Path = filepath.Join(m.Host.SystemState(), AuditName)
	if m.Audit.Path == system.Path {
		return []changeLog{{system, operation.SystemLog}}
	}
	return []changeLog{{m.Audit, operation.UserLog}, {system, operation.SystemLog}}
}

// Entry is the number in the history of a change in the log that we write.
func (m *Machine) Entry(line int64) operation.EntryNumber { return m.changeLogs()[0].entry(line) }

func (l changeLog) entry(line int64) operation.EntryNumber {
	return operation.EntryNumber(l.letter() + strconv.FormatInt(line, 10))
}

// logged is a change as the logs have it.
type logged struct {
	operation.HistoryEntry
	id, undoes, asked string
}

func showHistory(_ context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	if args.Verify {
		return verifyHistory(m)
	}
	all, warnings, err := m.history(rows(args))
	if err != nil {
		return Answer{}, err
	}
	data := operation.History{Entries: []operation.HistoryEntry{}}
	for _, change := range slices.Backward(all) {
		data.Entries = append(data.Entries, change.HistoryEntry)
	}
	if len(data.Entries) > rows(args) {
		data.Entries = data.Entries[:rows(args)]
	}
	message := fmt.Sprintf("The last %d changes.", len(data.Entries))
	switch len(data.Entries) {
	case 0:
		message = "ask-nix has changed nothing yet."
	case 1:
		message = "One change."
	}
	return Answer{Message: message, Data: &data, Warnings: warnings}, nil
}

// history is what the logs have, oldest first: at least so many of the newest changes of
// each, or all for 0. What may not be read is told in the warnings.
func (m *Machine) history(changes int) (all []logged, warnings []string, err error) {
	// That nothing can be added to the log is no reason not to show it.
	if err := m.Audit.Settle(m.JudgeChange); err != nil {
		m.Log.Debug("the audit log is left as it is", "error", err)
	}
	for i, l := range m.changeLogs() {
		lines, err := l.Newest(changes)
		if i > 0 && err != nil {
			warnings = append(warnings, notRead(err))
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		all = byTime(all, pairUp(l, lines))
	}
	all = foldAsked(all)
	markUndone(all)
	return all, warnings, nil
}

// notRead says why the log of the system is not shown.
func notRead(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "what root has changed is not shown: you may not read the system's log, which root and the group wheel may"
	}
	return fmt.Sprintf("what root has changed is not shown: %v", err)
}

// pairUp joins the two lines of each change. One without a second line is not over, or
// was cut short and nothing can be added to the log: it counts as interrupted.
func pairUp(l changeLog, lines []audit.Line) (entries []logged) {
	index := map[string]int{}
	for _, line := range lines {
		if !line.Done {
			index[line.ID] = len(entries)
			entry := logged{id: line.ID, undoes: line.Undoes, asked: line.Asked, HistoryEntry: operation.HistoryEntry{
				Entry: l.entry(line.Number), Log: l.name, Time: line.Time, User: line.User, UID: line.UID,
				Operation: line.Operation.Name, Arguments: line.Operation.Arguments, Sentence: line.Sentence, Argv: line.Argv,
				ProposedBy: line.ProposedBy, Confirmed: line.Confirmed,
				Outcome: operation.CodeInterrupted, Message: cutShort, Recovery: []string{},
			}}
			if line.Plan != nil {
				entry.Summary = line.Plan.Summary
			}
			entries = append(entries, entry)
		} else if i, ok := index[line.ID]; ok {
			entries[i].Outcome, entries[i].Message, entries[i].Back = line.Code, line.Message, line.Back
			entries[i].Recovery = append(entries[i].Recovery, line.Recovery...)
		}
	}
	return entries
}

// byTime makes one list of two by time. Each keeps its own order, also where the clock was
// set back.
func byTime(a, b []logged) []logged {
	all := make([]logged, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if b[0].Time.Before(a[0].Time) {
			all, b = append(all, b[0]), b[1:]
		} else {
			all, a = append(all, a[0]), a[1:]
		}
	}
	return append(append(all, a...), b...)
}

// foldAsked leaves out what root has done for a change that is there itself.
func foldAsked(all []logged) []logged {
	at := map[string]int{}
	for i := range all {
		at[all[i].id] = i
	}
	return slices.DeleteFunc(all, func(done logged) bool {
		i, ok := at[done.asked]
		if done.asked == "" || !ok || all[i].id != done.asked {
			return false
		}
		all[i].Log = operation.BothLogs
		return true
	})
}

// markUndone marks what was taken back, unless that itself was.
func markUndone(all []logged) {
	at := map[string]*logged{}
	for i := range all {
		at[all[i].id] = &all[i]
	}
	for _, change := range slices.Backward(all) {
		undone := at[change.undoes]
		if change.undoes == "" || undone == nil {
			continue
		}
		at[change.id].Undoes = undone.Entry
		if change.Outcome == "" && at[change.id].UndoneBy == "" && undone.UndoneBy == "" {
			undone.UndoneBy = change.Entry
		}
	}
}

// mostProblems is how many of each log are told to people.
const mostProblems = 20

// verifyHistory checks the logs.
func verifyHistory(m *Machine) (Answer, error) {
	data := operation.History{Entries: []operation.HistoryEntry{}}
	answer := Answer{Data: &data}
	first, lines := "", int64(0)
	for i, l := range m.changeLogs() {
		checked, err := l.Verify()
		if i > 0 && errors.Is(err, fs.ErrPermission) {
			answer.Warnings = append(answer.Warnings, "the system's log is not checked: you may not read it, which root and the group wheel may")
			continue
		}
		if err != nil {
			return answer, err
		}
		check := operation.HistoryCheck{
			Log: l.name, Path: l.Path, Files: checked.Files, Lines: checked.Lines, Torn: places(checked.Torn), Problems: places(checked.Problems),
		}
		lines += check.Lines
		if first == "" && len(check.Problems) > 0 {
			first = filepath.Join(filepath.Dir(l.Path), check.Problems[0])
		}
		data.Checks = append(data.Checks, check)
	}
	if first != "" {
		err := operation.Errorf(operation.CodeFailed, "the history is not as it was written: %s", first).
			WithHint("What was altered or removed is nowhere else, unless in a backup; whoever may write the file could have done it.")
		for _, check := range data.Checks {
			err.Details = append(err.Details, check.Problems[:min(mostProblems, len(check.Problems))]...)
		}
		return answer, err
	}
	answer.Message = fmt.Sprintf("The history is whole: %d lines, none of them altered, and none missing.", lines)
	return answer, nil
}

func places(all []audit.Place) []string {
	text := []string{}
	for _, place := range all {
		text = append(text, place.String())
	}
	return text
}
