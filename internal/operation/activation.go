package operation

import "time"

// Outcome is how the activation of a system ended.
type Outcome string

// The outcomes.
const (
	OutcomeSwitched  Outcome = "switched"  // the machine is in the new state
	OutcomeReverted  Outcome = "reverted"  // it is in the old one again
	OutcomeUnchanged Outcome = "unchanged" // it never left the old one
	OutcomeStuck     Outcome = "stuck"     // neither: Problems says why
)

// Activation is what came of taking the machine to another system.
type Activation struct {
	Outcome Outcome `json:"outcome"`
	// Code and Reason say why it did not become the new state.
	Code   Code   `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
	// From and To are generations of Profile, which is the path of a link; 0 is none.
	Profile string           `json:"profile,omitempty"`
	From    GenerationNumber `json:"from,omitempty"`
	To      GenerationNumber `json:"to,omitempty"`
	// Toplevel is what was to be activated, Previous what ran before: store paths.
	Toplevel string `json:"toplevel"`
	Previous string `json:"previous,omitempty"`
	// ExitStatus is that of switch-to-configuration; -1 if it did not end by itself,
	// or never ran.
	ExitStatus int `json:"exitStatus"`
	// FailedBefore are the units that had failed before, Failed those that failed
	// since, Logs the last lines of each.
	FailedBefore []string            `json:"failedBefore,omitempty"`
	Failed       []string            `json:"failed,omitempty"`
	Logs         map[string][]string `json:"logs,omitempty"`
	// Output are the last lines of switch-to-configuration.
	Output []string `json:"output,omitempty"`
	// Problems are what went wrong on the way back.
	Problems []string `json:"problems,omitempty"`
	// Step is the last step of the transaction that was reached.
	Step string `json:"step,omitempty"`
	// Change is what it belongs to in the audit log, and Recovery the change that has
	// brought it to an end when it was interrupted.
	Change   ChangeID `json:"change,omitzero"`
	Recovery ChangeID `json:"recovery,omitzero"`
}

// ChangeID names a change in audit logs: in that of whoever made it, and in that of
// whoever had root make it.
type ChangeID struct {
	ID    string `json:"id,omitempty"`
	Asked string `json:"asked,omitempty"`
}

// Is reports whether the change has this id in one of the logs.
func (c ChangeID) Is(id string) bool { return id != "" && (c.ID == id || c.Asked == id) }

// Job is a job of this machine, or what came of one.
type Job struct {
	ID        string    `json:"job"`
	State     string    `json:"state"` // running, done or died
	Time      time.Time `json:"time"`  // when it was started
	User      string    `json:"user"`
	Operation Name      `json:"operation"`
	Arguments Arguments `json:"arguments"`
	// Success and Message are those of its result, when it has one.
	Success bool   `json:"success"`
	Message string `json:"message,omitempty"`
}

// Jobs is the data of list-jobs, newest first.
type Jobs struct {
	Jobs []Job `json:"jobs"`
}
