package evaluation

import (
	"strings"

	"luminousnix/nix/store"
)

// fromPackages explains what nixpkgs throws for a package that it refuses.
func fromPackages(message string) (explained, bool) {
	sentence := oneLine(message)
	if !strings.Contains(strings.ToLower(message), "refusing to evaluate") {
		return explained{}, false
	}
	name, at := refusedPackage(sentence)
	switch {
	case strings.Contains(sentence, "unfree"):
		pname, _ := store.SplitName(name)
		return refused(name, at, "is unfree",
			"nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ \""+pname+"\" ];",
			"or nixpkgs.config.allowUnfree = true; for all of them"), true
	case strings.Contains(sentence, "insecure"):
		return refused(name, at, "is known to be insecure", "nixpkgs.config.permittedInsecurePackages = [ \""+name+"\" ];", ""), true
	case strings.Contains(sentence, "broken"):
		return refused(name, at, "is marked as broken", "nixpkgs.config.allowBroken = true;", ""), true
	case strings.Contains(sentence, "not supported"), strings.Contains(sentence, "not available on"):
		return refused(name, at, "is not for this kind of machine", "nixpkgs.config.allowUnsupportedSystem = true;", ""), true
	}
	return explained{sentence, "nixpkgs refuses this package; the details say why."}, true
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
