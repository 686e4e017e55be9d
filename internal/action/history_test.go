package action_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/action"
	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

// twoLogs is a machine whose person has a log of their own beside that of the system.
func twoLogs(t *testing.T) (m *action.Machine, own, system audit.Log) {
	t.Helper()
	m = bare(t, nil)
	system = audit.Log{Path: filepath.Join(m.Host.SystemState(), action.AuditName), Now: time.Now}
	return m, m.Audit, system
}

// logChange writes both lines of a change.
func logChange(t *testing.T, l audit.Log, line audit.Line, o audit.Outcome) (id string) {
	t.Helper()
	entry, err := l.Begin(line, func(audit.Line) (o audit.Outcome, over bool) { return o, false })
	if err == nil {
		err = entry.End(o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return entry.ID
}

// TestHistoryOfBothLogs: one order by time, in which each log keeps its own, also where the
// clock was set back; what root did for somebody is told once.
func TestHistoryOfBothLogs(t *testing.T) {
	t.Parallel()
	m, own, system := twoLogs(t)
	at := func(minute int) time.Time { return time.Date(2025, 12, 1, 12, minute, 0, 0, time.UTC) }
	line := func(minute int, what, asked string) audit.Line {
		return audit.Line{Time: at(minute), User: "rosa", Asked: asked, Plan: &operation.Plan{Summary: what}}
	}
	logChange(t, system, line(1, "a", ""), audit.Outcome{})
	logChange(t, own, line(2, "b", ""), audit.Outcome{})
	asked := logChange(t, own, line(5, "c", ""), audit.Outcome{})
	logChange(t, system, line(6, "c for root", asked), audit.Outcome{})
	logChange(t, own, line(3, "d, when the clock was set back", ""), audit.Outcome{})
	logChange(t, system, line(7, "of somebody else", "17-4"), audit.Outcome{})
	logChange(t, own, line(8, "e", ""), audit.Outcome{})
	var got []string
	for _, e := range read(t, m, operation.ShowHistory).Data.(*operation.History).Entries {
		got = append(got, fmt.Sprintf("%s %s %s", e.Entry, e.Log, e.Summary))
	}
	want := []string{
		"u7 user e", "s5 system of somebody else", "u5 user d, when the clock was set back", "u3 both c", "u1 user b", "s1 system a",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestUndoSaysWhyNot: every operation that changes something has a reason and a hint where
// undo cannot take it back, or a way back.
func TestUndoSaysWhyNot(t *testing.T) {
	t.Parallel()
	undone, _ := action.Find(operation.Undo)
	for _, spec := range operation.All() {
		if !spec.Changing {
			continue
		}
		m, own, _ := twoLogs(t)
		line := audit.Line{Time: time.Now(), User: m.Host.UserName(), Operation: operation.New(spec.Name, operation.Arguments{}), Plan: &operation.Plan{Summary: "Change it"}}
		logChange(t, own, line, audit.Outcome{})
		for _, entry := range []operation.EntryNumber{"", "u1", "1"} {
			_, err := undone.Change(m, operation.Arguments{Entry: entry}).Plan(context.Background(), operation.Silent)
			failed := operation.AsError(err)
			if failed == nil || failed.Code != operation.CodeRefused || failed.Hint == "" || !strings.HasPrefix(failed.Message, "u1 (change it) cannot be undone: ") {
				t.Errorf("%s: %v", spec.Name, err)
			}
			reasons := []operation.Name{operation.Migrate, operation.RepairStore, operation.OptimiseStore, operation.CancelJob, operation.TryPackages}
			if slices.Contains(reasons, spec.Name) && strings.Contains(failed.Message, "it changed no generation") {
				t.Errorf("%s: %v", spec.Name, err)
			}
			if spec.Risk == operation.Destructive && !strings.Contains(failed.Message, "what it deleted is gone") {
				t.Errorf("%s: %v", spec.Name, err)
			}
		}
	}
}

// TestUndoChooses the last change of this person that can be taken back.
func TestUndoChooses(t *testing.T) {
	t.Parallel()
	undone, _ := action.Find(operation.Undo)
	back := func(path string) *operation.WayBack {
		return &operation.WayBack{Files: []operation.FileChange{{Path: path, Backup: "/none/backup"}}}
	}
	for name, test := range map[string]struct {
		entry operation.EntryNumber
		want  string
	}{
		"the last of one's own": {"", "/none/first has changed since"},
		"by number":             {"u1", "/none/first has changed since"},
		"of somebody else":      {"s1", "/none/theirs has changed since"},
		"not made":              {"u5", "u5 (third) was not made, so that nothing is to be taken back: no space"},
		"unknown":               {"u2", "the history has no change u2"},
	} {
		m, own, system := twoLogs(t)
		me := m.Host.UserName()
		edit := operation.New(operation.SetOption, operation.Arguments{})
		logChange(t, own, audit.Line{Time: time.Now(), User: me, Operation: edit, Plan: &operation.Plan{Summary: "First"}}, audit.Outcome{Back: back("/none/first")})
		logChange(t, own, audit.Line{Time: time.Now(), User: me, Operation: operation.New(operation.VerifyStore, operation.Arguments{}), Plan: &operation.Plan{Summary: "Second"}}, audit.Outcome{})
		logChange(t, own, audit.Line{Time: time.Now(), User: me, Operation: edit, Plan: &operation.Plan{Summary: "Third"}}, audit.Outcome{Code: operation.CodeFailed, Message: "no space"})
		logChange(t, system, audit.Line{Time: time.Now(), User: "somebody", Operation: edit, Plan: &operation.Plan{Summary: "Theirs"}}, audit.Outcome{Back: back("/none/theirs")})
		_, err := undone.Change(m, operation.Arguments{Entry: test.entry}).Plan(context.Background(), operation.Silent)
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(test.want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
