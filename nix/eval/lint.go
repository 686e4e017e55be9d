package eval

import (
	"fmt"
	"strings"

	"luminousnix/nix/syntax"
)

// Lint is what is done about a literal that is better written otherwise.
type Lint uint8

// What a lint may do.
const (
	LintIgnore Lint = iota
	LintWarn        // on Options.Stderr
	LintFatal       // it is an error
)

// Lints are the settings of Nix that are called lint-….
type Lints struct {
	URLLiterals          Lint // https://… without quotes
	ShortPathLiterals    Lint // a/b instead of ./a/b
	AbsolutePathLiterals Lint // /a/b and ~/a
}

func (c *compiler) lint(level Lint, pos Pos, setting, format string, args ...any) {
	if level == LintIgnore {
		return
	}
	message := fmt.Sprintf(format, args...) + " (" + setting + ")"
	if level == LintFatal {
		c.fail(KindParse, pos, message)
		return
	}
	e := &Error{Message: message, pos: pos, positions: c.ev.positions}
	fmt.Fprintln(c.ev.options.Stderr, e.render("warning: ", true))
}

func (c *compiler) lintURL(e *syntax.String) {
	level := c.ev.options.Lints.URLLiterals
	if e.Style != syntax.URI || level == LintIgnore {
		return
	}
	verdict := "discouraged"
	if level == LintFatal {
		verdict = "disallowed"
	}
	c.lint(level, c.at(e.Start), "lint-url-literals",
		"URL literals are %s. Consider using a string literal \"%s\" instead", verdict, e.Parts[0].Text)
}

func (c *compiler) lintPath(e *syntax.Path) {
	const setting = "lint-absolute-path-literals"
	lints := c.ev.options.Lints
	literal, pos := e.Parts[0].Text, c.at(e.Start)
	switch {
	case strings.HasPrefix(literal, "/"):
		c.lint(lints.AbsolutePathLiterals, pos, setting, "absolute path literals are not portable. "+
			"Consider replacing path literal '%s' by a string, relative path, or parameter", literal)
	case strings.HasPrefix(literal, "~"):
		c.lint(lints.AbsolutePathLiterals, pos, setting, "home path literals are not portable. "+
			"Consider replacing path literal '%s' by a string, relative path, or parameter", literal)
	case !strings.HasPrefix(literal, "."):
		c.lint(lints.ShortPathLiterals, pos, "lint-short-path-literals",
			"relative path literal '%s' should be prefixed with '.' for clarity: './%s'", literal, literal)
	}
}

// lintOr warns of a function that is called with the variable or where only a
// simple expression can stand: as an argument, an element or a default. It can be
// there for the sake of old files alone, and reads like the operator or.
func (c *compiler) lintOr(e syntax.Expr) {
	call, ok := e.(*syntax.Apply)
	if !ok {
		return
	}
	if variable, ok := call.Arg.(*syntax.Ident); !ok || variable.Name != "or" {
		return
	}
	position := c.ev.positions.position(c.at(call.Start))
	fmt.Fprintf(c.ev.options.Stderr, "warning: at %s:%d:%d: "+
		"This expression uses `or` as an identifier in a way that will change in a future Nix release.\n"+
		"Wrap this entire expression in parentheses to preserve its current meaning:\n    (%s)\n"+
		"Give feedback at https://github.com/NixOS/nix/pull/11121\n",
		position.File, position.Line, position.Column, c.src.file.Source[call.Start:call.End])
}
