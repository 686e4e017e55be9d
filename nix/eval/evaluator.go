package eval

import (
	"io"
	"sync"

	"luminousnix/nix/syntax"
)

// Options say how to evaluate. The zero value evaluates like nix-instantiate
// --eval without NIX_PATH, and adds nothing to a store.
type Options struct {
	// Store takes what the evaluation adds; a DryStore if nil.
	Store Store
	// Inputs is what the evaluation reads; Host{} if nil.
	Inputs Inputs
	// SearchPath is where <name> is looked for, in this order.
	SearchPath []SearchEntry
	// BaseDir is what relative paths of expressions that are not in a file begin
	// at, an absolute path.
	BaseDir string
	// CurrentSystem is builtins.currentSystem, such as x86_64-linux.
	CurrentSystem string
	// Features are the experimental features that are on.
	Features []string
	// MaxCallDepth is how deeply function calls may nest; 10,000 if 0, and at most
	// 50,000.
	MaxCallDepth int
	// MaxMemory is how many bytes of the heap the program may come to use; no limit
	// if 0. That it is reached is an error of kind KindOutOfMemory.
	MaxMemory int64
	// Stderr takes the messages of builtins.trace and warn; nil discards them.
	Stderr io.Writer
	// TraceVerbose turns builtins.traceVerbose on.
	TraceVerbose bool
	// Lints are warnings of the language's older habits.
	Lints Lints
	// Parallel allows any number of goroutines to use the Evaluator at once. What
	// one of them is about to know, others wait for. It costs a few per cent.
	Parallel bool
	// AbortOnWarn makes builtins.warn an error.
	AbortOnWarn bool
	// Pure is pure evaluation: no search path, environment, time or current
	// system, no download without a hash, and no files but AllowedPaths and what
	// the evaluation itself puts into the store.
	Pure bool
	// Restrict is restricted evaluation: no environment, no files but what is
	// named by the search path and AllowedPaths and what the evaluation itself
	// puts into the store, and no downloads but from AllowedURIs.
	Restrict bool
	// AllowedPaths may be read in spite of Pure and Restrict, with all that is
	// below them.
	AllowedPaths []string
	// AllowedURIs are the beginnings of URLs from which to download in spite of
	// Restrict: whole URLs, URLs up to a slash, or a scheme with its colon.
	AllowedURIs []string
}

// SearchEntry is an element of the search path: <Prefix/…> is in Path.
type SearchEntry struct {
	Prefix string // "" for a directory of many
	Path   string
}

// Evaluator evaluates files and expressions. What files evaluate to is
// remembered for as long as it lives. Its methods, and forcing what it returned,
// are for one goroutine at a time, unless Options.Parallel is set.
type Evaluator struct {
	options   Options
	store     Store
	inputs    Inputs
	symbols   *symbols
	positions *positions

	mu      sync.Mutex
	imports map[string]*Thunk // by canonical path
	globals *globals

	made   made // see source.go
	parked parked

	arenas sync.Pool // of *syntax.Arena
}

// New returns an evaluator.
func New(options Options) *Evaluator {
	const defaultMaxCallDepth = 10_000
	if options.MaxCallDepth == 0 {
		options.MaxCallDepth = defaultMaxCallDepth
	}
	options.MaxCallDepth = min(options.MaxCallDepth, maxCalls)
	if options.Store == nil {
		options.Store = new(DryStore)
	}
	if options.Inputs == nil {
		options.Inputs = Host{}
	}
	if options.Stderr == nil {
		options.Stderr = io.Discard
	}
	ev := &Evaluator{
		options:   options,
		store:     options.Store,
		inputs:    options.reading(),
		symbols:   newSymbols(),
		positions: new(positions),
		imports:   make(map[string]*Thunk),
	}
	ev.parked.init()
	ev.arenas.New = func() any { return new(syntax.Arena) }
	ev.globals = newGlobals(ev)
	return ev
}
