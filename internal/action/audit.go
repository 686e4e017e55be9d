package action

import (
	"encoding/json"
	"fmt"

	"luminousnix/internal/activation"
	"luminousnix/internal/audit"
	"luminousnix/internal/job"
	"luminousnix/internal/operation"
)

// AuditName is the name of the audit log in the state folder: root's is that of the
// system, and everybody has one for what they change themselves.
const AuditName = "audit.jsonl"

// cutShort is the outcome of a change of which nothing else is known.
const cutShort = "it was cut short"

// JudgeChange finds out what came of a change whose process is gone. What is no switch was
// cut short. A switch has a process of its own, also where root has made it for
// somebody else; it may go on, or have to be recovered, and then is not over.
func (m *Machine) JudgeChange(line audit.Line) (o audit.Outcome, over bool) {
	pending, err := activation.Find(m.ActivationDir())
	if err != nil || pending != nil && pending.Request.Change.Is(line.ID) {
		return o, false
	}
	jobs, err := m.SystemJobs.List()
	if err != nil {
		return o, false
	}
	for _, j := range jobs {
		var task ActivationTask
		if j.Request.Kind != job.Activation || json.Unmarshal(j.Request.Task, &task) != nil || !task.Change.Is(line.ID) {
			continue
		}
		var said ActivationLine
		if ok, err := j.Result(&said); ok || err != nil {
			return said.outcome(task), err == nil
		}
		if j.State() == job.Running {
			return o, false
		}
	}
	if last, ok := m.ended(line.ID); ok {
		said := ActivationLine{Report: &last}
		return said.outcome(ActivationTask{Resume: last.Recovery.Is(line.ID)}), true
	}
	return audit.Outcome{Code: operation.CodeInterrupted, Message: cutShort}, true
}

// outcome is what came of a task.
func (l *ActivationLine) outcome(task ActivationTask) audit.Outcome {
	switch {
	case l.Report == nil && l.Error == nil:
		return audit.Outcome{Code: operation.CodeInterrupted, Message: cutShort}
	case l.Error != nil:
		return audit.Outcome{Code: l.Error.Code, Message: l.Error.Message}
	case task.Resume && l.Report.Outcome != operation.OutcomeStuck:
		return audit.Outcome{Message: recovered(l.Report)}
	}
	return reportOutcome(l.Report)
}

func reportOutcome(r *operation.Activation) audit.Outcome {
	if err := operation.AsError(failedActivation(r)); err != nil {
		return audit.Outcome{Code: err.Code, Message: err.Message}
	}
	return audit.Outcome{Message: switched(r), Back: wayBack(r.Profile, r.From, r.To)}
}

// wayBack is that of a profile whose current generation has changed; nil where it has
// not, or there was none.
func wayBack(path string, from, to operation.GenerationNumber) *operation.WayBack {
	if path == "" || from == 0 || to == 0 || from == to {
		return nil
	}
	return &operation.WayBack{Profile: path, From: from, To: to}
}

// switched says what the machine was taken to.
func switched(r *operation.Activation) string {
	if r.To == 0 {
		return "The machine runs " + r.Toplevel + "."
	}
	return fmt.Sprintf("The machine is at generation %d.", r.To)
}

// writeOutcomes writes the second lines of the changes that this process has made: of the
// switch, and of the one that has brought an earlier one to an end. Where it is killed
// before, [Machine.JudgeChange] finds out the same. What has yet to be brought to an end
// has no outcome.
func (m *Machine) writeOutcomes(task ActivationTask, line ActivationLine, o operation.Observer) {
	if line.Error != nil && interrupted(m.ActivationDir(), task.Change) {
		return
	}
	write := func(c operation.ChangeID, outcome audit.Outcome) {
		if c.ID == "" {
			return
		}
		if err := m.Audit.End(c.ID, outcome); err != nil {
			o.Observe(operation.Event{Kind: operation.EventWarning, Text: "the outcome could not be written to the audit log: " + err.Error()})
		}
	}
	if line.Report != nil && line.Report.Change != task.Change {
		write(line.Report.Change, reportOutcome(line.Report))
	}
	write(task.Change, line.outcome(task))
}
