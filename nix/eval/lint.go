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
