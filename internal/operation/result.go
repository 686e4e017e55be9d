package operation

import (
	"encoding/json"
	"time"
)

// Schema is the version of the JSON form of [Result].
const Schema = 1

// ProposedByModel is the ProposedBy of an operation that a language model has proposed.
const ProposedByModel = "llm"

// Result is what an operation answered. Its JSON form is the contract with
// scripts.
type Result struct {
	Operation Operation
	// ProposedBy is [ProposedByModel] where nobody asked for the operation in words that
	// are understood; else "".
	ProposedBy string
	// Corrected are arguments that were put in the place of what was said.
	Corrected []Correction
	// Message says in one line what is the case now.
	Message string
	// Data is one of the Data types of this package, by operation; nil when
	// the operation failed before it had any.
	Data any
	// Plan is set for changing operations.
	Plan *Plan
	// Err is set when the operation failed.
	Err *Error
	// Warnings are things a person should know that are no failures.
	Warnings []string
	// Recovery are the attempts to go on after something had failed, in order.
	Recovery []Recovery
	// Suggestions are requests that make sense next.
	Suggestions []string
	Cached      bool
	// Entry is the number of the change in the history; "" where nothing was begun.
	Entry EntryNumber
	// CacheAsked says that the answer could have come from the cache.
	CacheAsked bool
	// Backend is "native" or "command", and BackendReason says why when it is
	// not the one that is used by default.
	Backend       string
	BackendReason string
	Duration      time.Duration
	// Metrics is set when it was asked for.
	Metrics *Metrics
}

// Success reports whether the operation did what was asked.
func (r Result) Success() bool { return r.Err == nil }

// ExitCode is the exit status of a process that ran only this operation: that of
// nixos-rebuild where that has done it.
func (r Result) ExitCode() int {
	if r.Err == nil {
		return 0
	}
	if rebuilt, ok := r.Data.(*Rebuilt); ok && rebuilt.Status > 0 {
		return rebuilt.Status
	}
	return r.Err.Code.ExitCode()
}

// MarshalJSON gives the object of schema 1.
func (r Result) MarshalJSON() ([]byte, error) {
	name := r.Operation.Name
	if name == "" {
		name = None
	}
	var alternatives []Alternative
	if r.Err != nil {
		alternatives = r.Err.Alternatives
	}
	return json.Marshal(struct {
		Schema        int           `json:"schema"`
		Operation     Name          `json:"operation"`
		Arguments     Arguments     `json:"arguments"`
		ProposedBy    string        `json:"proposedBy,omitempty"`
		Corrected     []Correction  `json:"corrected,omitempty"`
		Success       bool          `json:"success"`
		Message       string        `json:"message"`
		Data          any           `json:"data,omitempty"`
		Plan          *Plan         `json:"plan,omitempty"`
		Error         *Error        `json:"error,omitempty"`
		Alternatives  []Alternative `json:"alternatives,omitempty"`
		Warnings      []string      `json:"warnings,omitempty"`
		Recovery      []Recovery    `json:"recovery,omitempty"`
		Suggestions   []string      `json:"suggestions"`
		Cached        bool          `json:"cached"`
		Entry         EntryNumber   `json:"entry,omitempty"`
		Backend       string        `json:"backend"`
		BackendReason string        `json:"backendReason"`
		DurationMs    float64       `json:"durationMs"`
		Metrics       *Metrics      `json:"metrics,omitempty"`
	}{
		Schema, name, r.Operation.Arguments, r.ProposedBy, r.Corrected, r.Success(), r.Message, r.Data, r.Plan, r.Err, alternatives,
		r.Warnings, r.Recovery, nonNil(r.Suggestions), r.Cached, r.Entry, r.Backend, r.BackendReason,
		float64(r.Duration.Round(time.Microsecond)) / float64(time.Millisecond),
		r.Metrics,
	})
}

func nonNil(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
