package syntax

import "strings"

// explain adds a hint to the error of a parse: what mistake is likely behind it.
func (e *Error) explain() {
	x := newExplainer(e)
	switch {
	case !strings.HasPrefix(e.Message, "syntax error"):
		x.explainLexical()
	case x.explainComment() || x.explainUnclosed():
	case x.tok == tInvalid:
		x.explainInvalid()
	case x.explainByToken() || x.explainMissing():
	}
}

// explainer knows what was read before an error.
type explainer struct {
	err    *Error
	source string
	tok    kind   // at which the error was found
	before []seen // the tokens before it
	open   []seen // of which those that still need their counterpart
}

// seen is a token that was read.
type seen struct {
	kind
	Span
}

// newExplainer reads the source up to the error again.
func newExplainer(e *Error) *explainer {
	x := &explainer{err: e, source: string(e.File.Source)}
	t := tokenizer{lexer: lexer{src: x.source}}
	for {
		t.next()
		x.tok = t.tok
		if t.start >= e.Start || t.tok == tEOF {
			return x
		}
		x.read(seen{t.tok, Span{t.start, t.end}})
	}
}

// read keeps account of a token.
func (x *explainer) read(s seen) {
	switch s.kind {
	case tBraceOpen:
		if top := len(x.open) - 1; top >= 0 && x.open[top].kind == tLet && x.last().kind == tLet {
			x.open = x.open[:top] // let { … } has no in
		}
		x.open = append(x.open, s)
	case tParenOpen, tBracketOpen, tInterpolate, tLet, tIf, tIndentedOpen:
		x.open = append(x.open, s)
	case tQuote:
		if x.innermost() == tQuote {
			x.close()
		} else {
			x.open = append(x.open, s)
		}
	case tBraceClose, tParenClose, tBracketClose, tIn, tElse, tIndentedClose:
		x.close()
	}
	x.before = append(x.before, s)
}

// innermost is the kind of what was opened last.
func (x *explainer) innermost() kind {
	if n := len(x.open); n > 0 {
		return x.open[n-1].kind
	}
	return tEOF
}

func (x *explainer) close() {
	if n := len(x.open); n > 0 {
		x.open = x.open[:n-1]
	}
}

// last is the last token before the error.
func (x *explainer) last() seen { return x.lastBut(0) }

// lastBut is a token before the error, the last being 0.
func (x *explainer) lastBut(n int) seen {
	if i := len(x.before) - 1 - n; i >= 0 {
		return x.before[i]
	}
	return seen{}
}

// expects reports whether the error's message says that a kind was expected.
func (x *explainer) expects(k kind) bool {
	_, expected, _ := strings.Cut(x.err.Message, ", expecting ")
	for name := range strings.SplitSeq(expected, " or ") {
		if name == kindNames[k] {
			return true
		}
	}
	return false
}

// hint gives the error its hint.
func (x *explainer) hint(at Pos, text string) bool {
	x.err.Hint, x.err.HintAt = text, at
	return true
}

// lineColumn is a position as texts have it.
func (x *explainer) lineColumn(p Pos) string {
	at := x.err.At(p)
	return strings.TrimPrefix(at, x.err.File.Name+":")
}

// explainLexical explains what is no syntax error.
func (x *explainer) explainLexical() {
	if x.err.Message == "path has a trailing slash" {
		x.hint(x.err.Start, "A path cannot end in a slash: leave it away.")
	}
}

// explainComment explains a comment without end.
func (x *explainer) explainComment() bool {
	at := x.err.Start
	if strings.HasPrefix(x.source[at:], "*") && x.last().kind == tDivide && x.last().End == at {
		at--
	}
	if !strings.HasPrefix(x.source[at:], "/*") {
		return false
	}
	return x.hint(at, "This comment is never closed with */.")
}

// explainUnclosed explains what is open where the file ends or something else is
// closed.
func (x *explainer) explainUnclosed() bool {
	switch x.tok {
	case tEOF:
	case tBraceClose, tParenClose, tBracketClose, tSemicolon, tIn:
		if x.innermost() != tParenOpen && x.innermost() != tBracketOpen || x.closes() {
			return false
		}
	default:
		return false
	}
	if len(x.open) == 0 {
		return false
	}
	open := x.open[len(x.open)-1]
	at := x.lineColumn(open.Start)
	switch open.kind {
	case tLet:
		return x.hint(open.Start, "The let at "+at+" has no in.")
	case tIf:
		return x.hint(open.Start, "The if at "+at+" has no else.")
	case tQuote, tIndentedOpen:
		return x.hint(open.Start, "The string that begins at "+at+" is never closed.")
	}
	return x.hint(open.Start, "The "+kindNames[open.kind]+" at "+at+" is not closed.")
}

// closes reports whether the error's token is the counterpart of what is open.
func (x *explainer) closes() bool {
	switch x.innermost() {
	case tParenOpen:
		return x.tok == tParenClose
	case tBracketOpen:
		return x.tok == tBracketClose
	}
	return false
}

// explainInvalid explains bytes that are no token.
func (x *explainer) explainInvalid() {
	at := x.err.Start
	rest := x.source[at:]
	switch {
	case rest == "":
	case rest[0] == '\'':
		x.hint(at, `Strings are in double quotes ("…"), or between pairs of single ones (''…'').`)
	case rest[0] == '$':
		x.hint(at, "A variable is its name alone; within strings it is ${name}.")
	case rest[0] == '&' || rest[0] == '|':
		x.hint(at, "Logical operators are && and ||.")
	case strings.HasPrefix(rest, "“") || strings.HasPrefix(rest, "”") || strings.HasPrefix(rest, "„"):
		x.hint(at, `These are typographic quotes: strings are in plain ones ("…").`)
	case strings.HasPrefix(rest, "\u00a0"):
		x.hint(at, "This is a no-break space: put a plain one.")
	case strings.HasPrefix(rest, "\ufeff"):
		x.hint(at, "The file begins with a byte order mark, which must be removed.")
	case rest[0] >= 0x80:
		x.hint(at, "Letters outside of ASCII can be only in strings and comments.")
	}
}
