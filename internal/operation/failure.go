package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Code classifies a failure; it is stable and decides the exit code.
type Code string

// The codes.
const (
	CodeFailed        Code = "failed"         // it was tried and did not work
	CodeNotAvailable  Code = "not-available"  // not here: a program is missing, or the backend cannot do it
	CodeUsage         Code = "usage"          // the request is not well-formed
	CodeNotUnderstood Code = "not-understood" // no operation was recognised
	CodeAmbiguous     Code = "ambiguous"      // several operations are equally likely
	CodePermission    Code = "permission"     // somebody else may do it
	CodeNotFound      Code = "not-found"      // no such package, generation, profile
	CodeNetwork       Code = "network"        // a server could not be reached
	CodeConfiguration Code = "configuration"  // evaluation or syntax, of Nix or of ask-nix
	CodeDeclined      Code = "declined"       // nobody confirmed it
	CodeRefused       Code = "refused"        // not safe to do
	CodeInterrupted   Code = "interrupted"    // Ctrl-C or a signal
)

// ExitCode is the process exit status for the code: 0 done, 1 failed, 2 usage
// or not understood, 3 permission, 4 not found, 5 network, 6 configuration, 7
// declined, 8 refused for safety, 130 interrupted.
func (c Code) ExitCode() int {
	switch c {
	case "":
		return 0
	case CodeUsage, CodeNotUnderstood, CodeAmbiguous:
		return 2
	case CodePermission:
		return 3
	case CodeNotFound:
		return 4
	case CodeNetwork:
		return 5
	case CodeConfiguration:
		return 6
	case CodeDeclined:
		return 7
	case CodeRefused:
		return 8
	case CodeInterrupted:
		return 130
	}
	return 1
}

// Error is a failure as every face shows it: a line of what happened and a line
// of what to do. It wraps its cause.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Details are more lines for whoever wants to know: an excerpt of the source,
	// what led to the error.
	Details []string `json:"details,omitempty"`
	// Alternatives are what could have been meant, for code ambiguous, or can be done in
	// place of what is not there.
	Alternatives []Alternative `json:"-"` // in JSON it stands beside the error

	cause error
}

// Alternative is another reading of a request.
type Alternative struct {
	Operation
	Confidence float64 `json:"confidence"`
	// Say is how to ask for exactly this.
	Say string `json:"say"`
}

// Errorf makes an error; like [fmt.Errorf] it wraps the operands of %w verbs.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	cause := errors.Unwrap(err)
	if _, several := err.(interface{ Unwrap() []error }); several {
		cause = err
	}
	return &Error{Code: code, Message: err.Error(), cause: cause}
}

// WithHint returns the error with a line of what to do.
func (e *Error) WithHint(hint string) *Error {
	e.Hint = hint
	return e
}

// WithCause returns the error wrapping cause, without showing it in the message.
func (e *Error) WithCause(cause error) *Error {
	e.cause = cause
	return e
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// AsError makes an [*Error] of any error: itself if it is one, interrupted for
// a cancelled context, else failed with err's own text.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var typed *Error
	if errors.As(err, &typed) {
		return typed
	}
	if errors.Is(err, context.Canceled) {
		return &Error{Code: CodeInterrupted, Message: "interrupted", cause: err}
	}
	return &Error{Code: CodeFailed, Message: err.Error(), cause: err}
}

// FirstLine is the first line of a message that has something in it, without the space
// around the message.
func FirstLine(message string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(message), "\n")
	return line
}
