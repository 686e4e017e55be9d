package evaluation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
	"luminousnix/nix/daemon"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/syntax"
)

// Reader is who an error is explained to. The zero value knows nothing of them.
type Reader struct {
	// Library are folders with files that are not theirs, such as nixpkgs: where
	// an error happens there, it is told which of their own files led to it.
	Library []string
	// Files are theirs, as far as it is known: where a file is missing, it is told
	// which of these names it.
	Files []string
	// Full shows all that led to it.
	Full bool
}

// own says whether a file is the reader's own.
func (r Reader) own(file string) bool {
	return strings.HasPrefix(file, "/") && !slices.ContainsFunc(r.Library, func(dir string) bool {
		return strings.HasPrefix(file, dir+"/")
	})
}

// Explain makes of the error of an evaluation one for people: what happened and
// where in one line, what to do in another, and the source and what led to it as
// details, nearest first. Its code is configuration where the expression is at
// fault. Errors that it does not know are left to [operation.AsError].
func (r Reader) Explain(err error) *operation.Error {
	var native *eval.Error
	var syntactic *syntax.Error
	var command *CommandError
	var difference *DifferenceError
	switch {
	case errors.As(err, &native):
		return r.explainNative(native).WithCause(err)
	case errors.As(err, &syntactic):
		return explainSyntax(syntactic).WithCause(err)
	case errors.As(err, &command):
		return explainCommand(command).WithCause(err)
	case errors.As(err, &difference):
		failure := operation.Errorf(operation.CodeFailed, "%s", difference.Text).
			WithHint("This is a mistake in ask-nix; please report it. --backend command evaluates by Nix's own program.")
		failure.Details = lines(difference.Details)
		return failure.WithCause(err)
	case errors.Is(err, process.ErrNotFound):
		return operation.Errorf(operation.CodeFailed, "%s is not installed", Program).
			WithHint("--backend native evaluates without it.").WithCause(err)
	}
	return operation.AsError(err)
}

// explained is what is found out about an error.
type explained struct{ message, hint string }

func (r Reader) explainNative(e *eval.Error) *operation.Error {
	var found explained
	ok := false
	if e.Kind == eval.KindThrow || e.Kind == eval.KindAbort || e.Kind == eval.KindEval {
		found, ok = thrown(e.Message)
	}
	if !ok {
		found, ok = moduleArgument(e)
	}
	if !ok {
		found = byKind(e)
		found.message += r.origin(e, found.message)
		if e.Kind == eval.KindFile {
			found.message += r.named(quoted(e.Message))
		}
	}
	code := operation.CodeConfiguration
	switch {
	case e.Kind == eval.KindInterrupted:
		code = operation.CodeInterrupted
	case errors.Is(e, fetch.ErrOffline), errors.As(e, new(*OfflineError)):
		code = operation.CodeNetwork
		found.hint = "Offline nothing is fetched: evaluate it once with a network, or give what is in the store already."
	case errors.As(e, new(*fetch.NetworkError)), errors.As(e, new(*fetch.StatusError)):
		code = operation.CodeNetwork
		found.hint = "Try again when the server can be reached; a `sha256` in the expression lets what is in the store be used without it."
	}
	failure := operation.Errorf(code, "%s", found.message).WithHint(found.hint).WithCause(e)
	failure.Details = r.details(e)
	return failure
}

// thrown explains what modules and packages throw.
func thrown(message string) (explained, bool) {
	if found, ok := fromModules(message); ok {
		return found, true
	}
	return fromPackages(message)
}

// place is the position as file:line:column with the separator to what comes next;
// "" where there is none.
func place(p eval.Position) string {
	if p.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
}

// byKind explains by what kind of error it is.
func byKind(e *eval.Error) explained {
	message := place(e.Position()) + oneLine(e.Message)
	var unsupported *eval.NotSupportedError
	var unbuilt *eval.NotRealisedError
	var build *daemon.BuildError
	var mismatch *eval.HashMismatchError
	var syntactic *syntax.Error
	switch {
	case e.Kind == eval.KindParse && errors.As(e, &syntactic):
		return explained{message, syntaxHint(syntactic)}
	case errors.As(e, &mismatch):
		return explained{message, "If the content is what you want, put the hash after `got:` below into the expression."}
	case errors.As(e, &unsupported):
		return explained{message, "--backend command has Nix's own program evaluate this."}
	case errors.As(e, &unbuilt):
		return explained{message, "The expression imports what has to be built first, and nothing is built here; `ask-nix instantiate` builds it."}
	case errors.As(e, &build):
		return explained{message, "The expression imports what has to be built first, and that failed: `nix-store --read-log " + build.Path.String() + "` shows how."}
	}
	return explained{message, kindHint(e)}
}

func kindHint(e *eval.Error) string {
	suggestions := e.Suggestions()
	switch e.Kind {
	case eval.KindUndefined:
		if len(suggestions) > 0 {
			return Meant(suggestions)
		}
		return "Nothing of that name is defined here: if it is a package, write pkgs." + quoted(e.Message) + "; a module needs it among its arguments, as in { config, pkgs, lib, ... }:"
	case eval.KindMissingAttribute:
		if len(suggestions) > 0 {
			return Meant(suggestions)
		}
		return "The set has no attribute " + quoted(e.Message) + "; `ask-nix search` finds how packages are called."
	case eval.KindMissingArgument:
		return argumentHint(e.Message)
	case eval.KindFile:
		return "A file that is named there does not exist or cannot be read; paths without a leading / begin at the folder of the file they are in."
	case eval.KindInfiniteRecursion:
		return recursionHint(e)
	case eval.KindStackOverflow:
		return "Something calls itself without end; --show-trace shows what."
	case eval.KindOutOfMemory:
		return "Something in it may grow without end; if it needs that much, --max-memory allows more, as in --max-memory 8GiB."
	case eval.KindRestricted:
		return "Reading that is forbidden in this evaluation; --impure or --option allowed-uris allow it."
	case eval.KindAssertion:
		return "The condition at that place does not hold; what is asserted says what is expected."
	}
	if strings.Contains(e.Message, "unexpected argument") {
		return "The function does not take " + lastQuoted(e.Message) + "; leave it out, or let it take others too: { … , ... }:"
	}
	return "The place above, and what led to it below, show what to change."
}

// argumentHint tells how to give an argument that a function needs: one that the
// expressions call, or one that is called since it is all that a file has.
func argumentHint(message string) string {
	if strings.HasPrefix(message, "function ") {
		name := lastQuoted(message)
		return "Give the function " + name + ", or a default for it: { " + name + " ? null }:"
	}
	name := quoted(message)
	return "Give it with --arg " + name + " or --argstr " + name + ", or a default in the function: { " + name + " ? null }:"
}

// recursionHint tells of imports that depend on the configuration that they make,
// the most usual reason in a module.
func recursionHint(e *eval.Error) string {
	for _, frame := range e.Trail() {
		if strings.Contains(frame.Text, "module argument") || strings.Contains(frame.Text, "imports") {
			return "`imports` cannot depend on config or pkgs, since these are made from what is imported: import unconditionally and use lib.mkIf inside, or pass the value by specialArgs."
		}
	}
	return "A value needs itself. In a module, mind that `imports` cannot depend on config or pkgs, and that lib.mkIf is to be used in place of if … then for what depends on config."
}

func explainSyntax(e *syntax.Error) *operation.Error {
	failure := operation.Errorf(operation.CodeConfiguration, "%s: %s", e.At(e.Start), oneLine(e.Message)).WithHint(syntaxHint(e))
	failure.Details = trimIndent(e.File.Excerpt(e.Start))
	return failure
}

// syntaxHint is the likely mistake.
func syntaxHint(e *syntax.Error) string {
	if e.Hint == "" {
		return "Look at the place and just before it: a semicolon, quote or bracket is missing or there is one too many."
	}
	return e.Hint
}

// explainCommand takes what nix-instantiate said: the last error in it, with the
// place below it, or all if there is none.
func explainCommand(e *CommandError) *operation.Error {
	const word = "error: "
	found := explained{e.Error(), "That is what " + Program + " says; --backend native explains more."}
	if start := strings.LastIndex(e.Stderr, word); start >= 0 {
		text := strings.Join(trimIndent(strings.Repeat(" ", len(word))+e.Stderr[start+len(word):]), "\n")
		if better, ok := thrown(text); ok {
			found = better
		} else if message := said(text); message != "" {
			found.message = message
		}
	}
	failure := operation.Errorf(operation.CodeConfiguration, "%s", found.message).WithHint(found.hint)
	failure.Details = lines(e.Stderr)
	return failure
}

// said is the first line of an error with its place before it, if there is one.
func said(text string) string {
	message := oneLine(text)
	if message == "" {
		return ""
	}
	for line := range strings.Lines(text) {
		if at, found := strings.CutPrefix(strings.TrimSpace(line), "at "); found {
			return strings.TrimSuffix(at, ":") + ": " + message
		}
	}
	return message
}

// Meant asks whether one of the names was meant.
func Meant(names []string) string {
	if len(names) == 1 {
		return "Did you mean " + names[0] + "?"
	}
	last := len(names) - 1
	return "Did you mean " + strings.Join(names[:last], ", ") + " or " + names[last] + "?"
}

// oneLine is the first line of a text that says something.
func oneLine(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return ""
}

// lines are the lines of a text without empty ones.
func lines(text string) []string {
	var all []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// trimIndent are the lines without what all of them begin with of blanks.
func trimIndent(text string) []string {
	all := lines(text)
	least := -1
	for _, line := range all {
		if blank := len(line) - len(strings.TrimLeft(line, " ")); least < 0 || blank < least {
			least = blank
		}
	}
	for i, line := range all {
		all[i] = line[least:]
	}
	return all
}

// quoted is the first text between quotes in a message.
func quoted(message string) string {
	_, rest, _ := strings.Cut(message, "'")
	name, _, _ := strings.Cut(rest, "'")
	return name
}

// lastQuoted is the last one.
func lastQuoted(message string) string {
	end := strings.LastIndexByte(message, '\'')
	if end < 0 {
		return ""
	}
	start := strings.LastIndexByte(message[:end], '\'')
	return message[start+1 : end]
}
