package shelf

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"

	"luminousnix/internal/catalog/vocabulary"
	"luminousnix/nix/syntax"
)

// aliasesFile is where nixpkgs says what became of names.
const aliasesFile = "pkgs/top-level/aliases.nix"

// maxReason is how much of a message is kept, in characters.
const maxReason = 200

// readRenames reads aliases.nix, which is a set of what names stand for:
//
//	ag = silver-searcher;
//	nodejs-8_x = throw "nodejs-8_x has been removed; use 'nodejs'";
//
// The file is read and not evaluated: that would need all of nixpkgs, and would not
// tell one name of a package from another. names are all aliases, also those of which
// the file does not tell in words what became of them.
func readRenames(file string) (renames []vocabulary.Rename, names map[string]bool, err error) {
	source, err := os.ReadFile(file)
	if err != nil {
		return nil, nil, err
	}
	f, err := syntax.Parse(file, source, syntax.ParseOptions{})
	if err != nil {
		return nil, nil, err
	}
	names = make(map[string]bool)
	for _, r := range aliasesIn(f.Root, nil) {
		names[r.Old] = true
		if !slices.Contains(r.New, r.Old) && (len(r.New) > 0 || r.Reason != "") {
			renames = append(renames, r)
		}
	}
	return renames, names, nil
}

// aliasesIn appends the aliases of a set that is the result of functions, such as
// mapAliases ({ … } // { … }).
func aliasesIn(e syntax.Expr, to []vocabulary.Rename) []vocabulary.Rename {
	switch e := e.(type) {
	case *syntax.Lambda:
		return aliasesIn(e.Body, to)
	case *syntax.With:
		return aliasesIn(e.Body, to)
	case *syntax.Let:
		return aliasesIn(e.Body, to)
	case *syntax.Paren:
		return aliasesIn(e.Expr, to)
	case *syntax.Apply:
		return aliasesIn(e.Arg, to)
	case *syntax.Binary:
		if e.Op == syntax.OpUpdate {
			return aliasesIn(e.Right, aliasesIn(e.Left, to))
		}
	case *syntax.AttrSet:
		for i := range e.Bindings {
			to = appendAliases(to, &e.Bindings[i])
		}
	}
	return to
}

func appendAliases(to []vocabulary.Rename, b *syntax.Binding) []vocabulary.Rename {
	if !b.Inherit {
		if old := attributeOf("", b.Path); old != "" {
			var m meaning
			m.read(b.Value)
			to = append(to, m.rename(old))
		}
		return to
	}
	from := packageOf(b.From)
	for i := range b.Names {
		if old := attributeOf("", b.Names[i:i+1]); from != "" && old != "" {
			to = append(to, vocabulary.Rename{Old: old, New: []string{from + "." + old}})
		}
	}
	return to
}

// A meaning is what an alias stands for: a package, a message, or both.
type meaning struct{ pkg, message string }

func (m *meaning) read(e syntax.Expr) {
	switch e := e.(type) {
	case *syntax.Paren:
		m.read(e.Expr)
	case *syntax.With:
		m.read(e.Body)
	case *syntax.Assert:
		m.read(e.Body)
	case *syntax.If: // on some systems the one, on others the other
		m.read(e.Then)
		if m.pkg == "" {
			m.read(e.Else)
		}
	case *syntax.Binary:
		if e.Op == syntax.OpUpdate {
			m.read(e.Left)
		}
	case *syntax.Apply:
		m.call(e)
	default:
		if m.pkg == "" {
			m.pkg = packageOf(e)
		}
	}
}

// call reads a call: throw "…", lib.warn "…" package, package.override { … }, or a
// function that gives the package that it is given.
func (m *meaning) call(call *syntax.Apply) {
	if inner, ok := call.Func.(*syntax.Apply); ok {
		if text := textOf(inner.Arg); strings.HasPrefix(lastName(inner.Func), "warn") && text != "" {
			m.message = text
			m.read(call.Arg)
		}
		return
	}
	switch name := lastName(call.Func); name {
	case "throw", "abort":
		m.message = textOf(call.Arg)
	case "override", "overrideAttrs":
		m.pkg = strings.TrimSuffix(packageOf(call.Func), "."+name)
	case "dontDistribute", "dontRecurseIntoAttrs", "recurseIntoAttrs", "hiPrio", "lowPrio":
		m.read(call.Arg)
	}
}

func (m *meaning) rename(old string) vocabulary.Rename {
	r := vocabulary.Rename{Old: old, Reason: reasonOf(old, m.message)}
	if m.pkg != "" {
		r.New = []string{m.pkg}
	} else {
		r.New = replacements(m.message)
	}
	return r
}

// packageOf returns the attribute path that an expression names, "" if it is not
// such a one.
func packageOf(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Paren:
		return packageOf(e.Expr)
	case *syntax.Ident:
		return withoutPackages(e.Name)
	case *syntax.Select:
		set, ok := e.Set.(*syntax.Ident)
		if !ok || e.Default != nil {
			return ""
		}
		path := attributeOf(set.Name, e.Path)
		if strings.HasPrefix(path, "lib.") {
			return ""
		}
		return withoutPackages(path)
	}
	return ""
}

// withoutPackages takes off the name of the set of all packages, and leaves nothing
// of what is no package at all.
func withoutPackages(path string) string {
	head, rest, nested := strings.Cut(path, ".")
	switch head {
	case "pkgs", "self", "super", "final", "prev":
		return rest
	case "null", "true", "false":
		if !nested {
			return ""
		}
	}
	return path
}

// attributeOf joins an attribute path, "" if a part of it is not known.
func attributeOf(set string, path []syntax.AttrName) string {
	names := make([]string, 0, len(path)+1)
	if set != "" {
		names = append(names, set)
	}
	for _, name := range path {
		if name.Expr != nil || name.Name == "" {
			return ""
		}
		names = append(names, name.Name)
	}
	return strings.Join(names, ".")
}

// lastName returns the name of a function, such as warn for lib.warn.
func lastName(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Ident:
		return e.Name
	case *syntax.Select:
		return e.Path[len(e.Path)-1].Name
	}
	return ""
}

// textOf returns what a string says, on one line. Names in it stay, other
// expressions are left out.
func textOf(e syntax.Expr) string {
	var b strings.Builder
	appendText(&b, e)
	return strings.Join(strings.Fields(b.String()), " ")
}

func appendText(b *strings.Builder, e syntax.Expr) {
	switch e := e.(type) {
	case *syntax.Paren:
		appendText(b, e.Expr)
	case *syntax.Binary:
		if e.Op == syntax.OpAdd {
			appendText(b, e.Left)
			appendText(b, e.Right)
		}
	case *syntax.String:
		for _, part := range e.Parts {
			if part.Expr != nil {
				b.WriteString(packageOf(part.Expr))
			}
			b.WriteString(part.Text)
		}
	}
}

const quotes = "'\"`‘’“”"

// reasonOf is a message without the name that it is about, and not too long.
func reasonOf(old, message string) string {
	first, rest, _ := strings.Cut(message, " ")
	if strings.Trim(first, quotes+":") == old {
		message = rest
	}
	if characters := []rune(message); len(characters) > maxReason {
		message = strings.TrimSpace(string(characters[:maxReason-1])) + "…"
	}
	return message
}

// quotedName is a package in a message; a phrase tells that it is to be used instead.
const quotedName = "['\"`‘“](?:pkgs\\.)?([A-Za-z_][A-Za-z0-9_.+-]*)['\"`’”]"

// A wording has the ways in which messages say what to use instead.
type wording struct{ quoted, instead, unquoted *regexp.Regexp }

// english is compiled when the first aliases are read.
var english = sync.OnceValue(func() wording {
	return wording{
		quoted: regexp.MustCompile(quotedName),
		instead: regexp.MustCompile(`(?i)\b(?:use|renamed to|replaced by|superseded by|moved to|in favou?r of)\s+(?:the\s+)?(` +
			quotedName + `(?:(?:,|,? or|,? and)\s+` + quotedName + `)*)`),
		unquoted: regexp.MustCompile(`(?i)\buse ([A-Za-z_][A-Za-z0-9_+-]*) instead\b`),
	}
})

// replacements finds the packages that a message tells to use instead.
func replacements(message string) []string {
	w := english()
	found := w.instead.FindStringSubmatch(message)
	if found == nil {
		found = w.unquoted.FindStringSubmatch(message)
		if found == nil || slices.Contains([]string{"it", "that", "this", "them", "those", "one"}, found[1]) {
			return nil
		}
		return found[1:]
	}
	var names []string
	for _, name := range w.quoted.FindAllStringSubmatch(found[1], -1) {
		names = append(names, strings.TrimRight(name[1], "."))
	}
	return names
}
