package evaluation

import (
	"errors"
	"strings"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// Refusal is why nixpkgs refuses a package.
type Refusal string

// The reasons of nixpkgs.
const (
	Unfree      Refusal = "is unfree"
	Insecure    Refusal = "is known to be insecure"
	Broken      Refusal = "is marked as broken"
	Unsupported Refusal = "is not for this kind of machine"
)

// Refused says why nixpkgs refused a package, if that is what the error of an evaluation
// is about.
func Refused(err error) (why Refusal, ok bool) {
	var native *eval.Error
	var command *CommandError
	switch {
	case errors.As(err, &native):
		why = refusal(native.Message, oneLine(native.Message))
	case errors.As(err, &command):
		why = refusal(command.Stderr, command.Stderr)
	}
	return why, why != ""
}

// refuses reports whether it is nixpkgs that refuses a package by throwing a message.
func refuses(message string) bool {
	return strings.Contains(strings.ToLower(message), "refusing to evaluate")
}

// refusal reads the reason out of the sentence of what nixpkgs throws that has it; "" for
// another message.
func refusal(message, sentence string) Refusal {
	switch {
	case !refuses(message):
		return ""
	case strings.Contains(sentence, "unfree"):
		return Unfree
	case strings.Contains(sentence, "insecure"):
		return Insecure
	case strings.Contains(sentence, "broken"):
		return Broken
	case strings.Contains(sentence, "not supported"), strings.Contains(sentence, "not available on"):
		return Unsupported
	}
	return ""
}

// fromPackages explains what nixpkgs throws for a package that it refuses.
func fromPackages(message string) (explained, bool) {
	sentence := oneLine(message)
	if !refuses(message) {
		return explained{}, false
	}
	name, at := refusedPackage(sentence)
	line, more := "", ""
	why := refusal(message, sentence)
	switch why {
	case Unfree:
		pname, _ := store.SplitName(name)
		line = "nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ \"" + pname + "\" ];"
		more = "or nixpkgs.config.allowUnfree = true; for all of them"
	case Insecure:
		line = "nixpkgs.config.permittedInsecurePackages = [ \"" + name + "\" ];"
	case Broken:
		line = "nixpkgs.config.allowBroken = true;"
	case Unsupported:
		line = "nixpkgs.config.allowUnsupportedSystem = true;"
	default:
		return explained{sentence, "nixpkgs refuses this package; the details say why."}, true
	}
	return refused(name, at, string(why), line, more), true
}

func refused(name, at, why, line, more string) explained {
	message := "the package " + name + " " + why
	if at != "" {
		message = at + ": " + message
	}
	hint := "Remove it, or add to the configuration: " + line
	if more != "" {
		hint += " (" + more + ")"
	}
	return explained{message, hint}
}

// refusedPackage reads the name of the package, and where it is defined. The name
// stands between typographic quotes, or plain ones in newer releases.
func refusedPackage(sentence string) (name, at string) {
	start := strings.IndexAny(sentence, "‘'`")
	if start < 0 {
		return "", ""
	}
	rest := strings.TrimLeft(sentence[start:], "‘'`")
	end := strings.IndexAny(rest, "’'")
	if end < 0 {
		return rest, ""
	}
	name, rest = rest[:end], strings.TrimLeft(rest[end:], "’'")
	if after, found := strings.CutPrefix(rest, " in "); found {
		at, _, _ = strings.Cut(after, " ")
	}
	return name, strings.Trim(at, "‘’'`,:")
}
