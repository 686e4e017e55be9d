// Package evaluation is the one way in which ask-nix has the Nix language
// evaluated. A [Request] says what and how, an [Evaluator] does it:
//
//	e := evaluation.New(evaluation.Options{Host: h, Cache: file})
//	result, err := e.Evaluate(ctx, evaluation.Request{
//		Sources: []evaluation.Source{{Kind: evaluation.File, Text: "<nixpkgs>"}},
//		Attributes: []string{"hello"},
//	})
//
// There are four evaluators. [Native] evaluates in this process, by nix/eval, and
// keeps what it found out, until something changes that the evaluation had read.
// [Command] runs nix-instantiate. [Auto] uses the first and, for what that cannot
// do, the second. [Verify] has both do it and compares.
//
// [Reader.Explain] makes of what went wrong an error for people.
package evaluation

import (
	"context"
	"io"
	"time"

	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
	"luminousnix/nix/store"
)

// Evaluator evaluates.
type Evaluator interface {
	// Evaluate does what the request asks for. Where it fails after some of the
	// results, these are returned with the error, which Explain knows.
	Evaluate(ctx context.Context, r Request) (*Result, error)
}

// Request is what to evaluate, and how. The zero value of a field means what it
// means to nix-instantiate when nothing is said.
type Request struct {
	// Sources are evaluated in this order.
	Sources []Source
	// Attributes are the attribute paths that are wanted of each source; the
	// source itself if there are none.
	Attributes []string
	// Arguments are those of functions: --arg and --argstr.
	Arguments []Argument
	// Want says what is wanted: derivations, or the printed value.
	Want Want
	// Print says how values are printed.
	Print Printing
	// Write puts derivations and sources into the store and builds what the
	// evaluation imports; without it paths are only computed.
	Write bool
	// Link is where a link is made that keeps the first derivation from being
	// collected; the next ones get -2, -3 and so on. It needs Write. "" is none.
	Link string

	// SearchPath is where <name> is looked for.
	SearchPath []eval.SearchEntry
	// BaseDir is where relative paths begin at, an absolute path.
	BaseDir string
	// System is builtins.currentSystem; that of this machine if empty.
	System string
	// Features are the experimental features that are on.
	Features []string
	// MaxCallDepth is how deeply calls may nest; 0 is Nix's own number.
	MaxCallDepth int
	// MaxMemory is how many bytes this program may come to use for the evaluation,
	// natively; 0 is [MemoryLimit], and less is no limit.
	MaxMemory int64
	// Workers is by how many goroutines at once what a printed set or list has is
	// evaluated, natively; one if 0.
	Workers int
	// Pure and Restrict keep the evaluation from reading what it is not given.
	Pure, Restrict bool
	// AllowedURIs are the beginnings of what may be fetched all the same.
	AllowedURIs []string
	// DownloadTTL is how long a download is taken as it is, without asking whether
	// it has changed; 0 is an hour, and less is never.
	DownloadTTL time.Duration
	// AbortOnWarn makes errors of the warnings of builtins.warn.
	AbortOnWarn bool
	// TraceVerbose makes builtins.traceVerbose print.
	TraceVerbose bool
	// ShowTrace has the nix command print all that led to an error.
	ShowTrace bool
	// Lints are warnings of older habits.
	Lints eval.Lints
	// Settings are other settings of Nix; only the nix command minds them.
	Settings []Setting

	// Edited are files as they would be, by their absolute paths without symbolic
	// links: they are evaluated in place of what is on disk. Only the native evaluator
	// can do that, and keeps nothing of it.
	Edited map[string][]byte

	// NoCache neither uses nor keeps results.
	NoCache bool
	// Stderr takes the messages of the evaluation as they come; nil discards
	// them.
	Stderr io.Writer

	// Made, if set, is called for each derivation that is made, natively: how far it is.
	// It is called from one goroutine at a time, unless there are Workers.
	Made func()

	// Keep keeps derivations that are not written in memory, for Verify to look
	// into. It goes with NoCache.
	Keep bool
}

// SourceKind is what the text of a Source is.
type SourceKind int

// The kinds of sources.
const (
	// File is a path, that of a directory with a default.nix, or <name>.
	File SourceKind = iota
	// Expression is text that was given as an argument.
	Expression
	// Input is text that was read from standard input.
	Input
)

// Source is something to evaluate.
type Source struct {
	Kind SourceKind
	Text string
}

// Argument is an argument that functions are given by name.
type Argument struct {
	Name, Text string
	IsString   bool // Text is the value, not an expression
}

// Setting is a setting of nix.conf.
type Setting struct{ Name, Value string }

// Want is what is wanted of an evaluation.
type Want int

// What may be wanted.
const (
	Derivations Want = iota
	Values
)

// Printing is how values are printed.
type Printing struct {
	Format Format
	// Strict evaluates and prints all that is in a value.
	Strict bool
	// NoLocation leaves positions out of XML.
	NoLocation bool
}

// Format is a form of printed values.
type Format int

// The forms.
const (
	Nix Format = iota
	JSON
	XML
	Raw
)

// Result is what an evaluation gave.
type Result struct {
	// Derivations are those that were found, in their order.
	Derivations []Derivation
	// Values are the printed values, each with the line end that belongs to it.
	Values []string
	// Messages is what went to Stderr.
	Messages []byte
	// Cached says that nothing was evaluated, since nothing has changed.
	Cached bool
	// Missed says why a result that was kept could not be used: which input is
	// not as it was. It is "" where there was none.
	Missed string
	// Backend is "native" or "command", and Reason why Auto did not use native.
	Backend, Reason string

	// Trace is what the evaluation read; nil if that is not known.
	Trace *trace.Trace

	// keepable says that the result stays right for as long as what was read does.
	keepable bool
	// load loads the derivations that were made.
	load derivation.Load
}

// Derivation is a derivation that an expression gave.
type Derivation struct {
	Path   store.Path
	Output string // that the value stood for, usually "out"
	Link   string // that was made to it; "" is none
}
