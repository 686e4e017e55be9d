package syntax

// explainByToken explains a token that is a usual mistake where it is.
func (x *explainer) explainByToken() bool {
	at := x.err.Start
	switch x.tok {
	case tComma:
		switch {
		case x.innermost() == tBracketOpen:
			return x.hint(at, "The elements of a list are separated by spaces, not by commas.")
		case x.expects(tSemicolon):
			return x.hint(at, "Each attribute ends with ';', not with ','.")
		}
	case tSemicolon:
		if x.expects(tInherit) {
			return x.hint(at, "This ';' is one too many.")
		}
		if x.expects(tEOF) {
			return x.hint(at, "Only attributes end with ';': a file is one expression.")
		}
	case tColon:
		if x.expects(tAssign) {
			return x.hint(at, "An attribute is set with '=', not with ':'.")
		}
	case tEqual, tNotEqual, tLess, tLessEqual, tMore, tMoreEqual:
		if x.err.Message == unexpectedMessage(x.tok, nil) && x.operandBefore() {
			return x.hint(at, "Comparisons cannot be chained: put parentheses, or && between them.")
		}
		if x.tok == tEqual && x.expects(tAssign) {
			return x.hint(at, "An attribute is set with a single '='.")
		}
	case tBraceClose, tParenClose, tBracketClose:
		if len(x.open) == 0 {
			return x.hint(at, "Nothing is open here that this could close.")
		}
		if x.last().kind == tSemicolon {
			return x.explainSemicolonTaken()
		}
	case tAssign:
		return x.explainAssign()
	case tIf, tThen, tElse, tAssert, tWith, tLet, tIn, tRec, tInherit:
		if x.last().kind == tDot || x.expects(tInherit) && !x.expects(tIn) {
			return x.hint(at, kindNames[x.tok]+" is a keyword: as a name it must be in double quotes.")
		}
	}
	return false
}

// operandBefore reports whether the token before the error can end an operand.
func (x *explainer) operandBefore() bool {
	switch x.last().kind {
	case tIdent, tInt, tFloat, tQuote, tIndentedClose, tPath, tHomePath, tSearchPath, tURI,
		tParenClose, tBraceClose, tBracketClose:
		return true
	}
	return false
}

// explainSemicolonTaken explains a closing brace where an expression should be: the
// semicolon before was taken for that of with or assert.
func (x *explainer) explainSemicolonTaken() bool {
	for i := len(x.before) - 2; i >= 0; i-- {
		switch s := x.before[i]; s.kind {
		case tWith, tAssert:
			return x.hint(s.Start, "The "+kindNames[s.kind]+" at "+x.lineColumn(s.Start)+
				" needs a ';' before the expression that it is for.")
		case tSemicolon, tAssign:
			return false
		}
	}
	return false
}

// explainAssign explains a '=' that cannot be.
func (x *explainer) explainAssign() bool {
	at := x.err.Start
	switch {
	case x.expects(tEOF):
		return x.hint(at, "Attributes must be in braces: { name = value; }.")
	case x.innermost() == tParenOpen, x.expects(tThen), x.expects(tSemicolon) && x.inCondition():
		return x.hint(at, "Values are compared with '=='; '=' sets an attribute.")
	case x.innermost() == tBracketOpen:
		return x.hint(at, "A list has no attributes: they must be in braces.")
	case x.expects(tSemicolon) || x.inInherit():
		// The path before this is that of the next attribute.
		return x.missingSemicolon(x.beforePath())
	case x.expects(tElse):
		return x.missing("else", x.beforePath())
	}
	return false
}

// beforePath is the number of tokens at the end that are an attribute path.
func (x *explainer) beforePath() int {
	n := x.name(0)
	for n > 0 && x.lastBut(n).kind == tDot {
		more := x.name(n + 1)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n
}

// name is the number of tokens that are a name, the last of which is the numbered
// one from the end.
func (x *explainer) name(from int) int {
	switch x.lastBut(from).kind {
	case tIdent, tOrKeyword:
		return 1
	case tQuote:
		for n := 1; from+n < len(x.before); n++ {
			if x.lastBut(from+n).kind == tQuote {
				return n + 1
			}
		}
	}
	return 0
}

// inCondition reports whether the error is in what stands between assert or with
// and its semicolon.
func (x *explainer) inCondition() bool {
	for i := len(x.before) - 1; i >= 0; i-- {
		switch x.before[i].kind {
		case tAssert, tWith:
			return true
		case tSemicolon, tAssign, tBraceOpen:
			return false
		}
	}
	return false
}

// inInherit reports whether the error is in an inherit.
func (x *explainer) inInherit() bool {
	for i := len(x.before) - 1; i >= 0; i-- {
		switch x.before[i].kind {
		case tInherit:
			return true
		case tSemicolon, tAssign, tBraceOpen, tLet:
			return false
		}
	}
	return false
}

// explainMissing explains by what was expected.
func (x *explainer) explainMissing() bool {
	at := x.err.Start
	switch {
	case x.expects(tIn), x.expects(tAssign) && x.innermost() == tLet:
		return x.hint(at, "Between the bindings of the let at "+x.openedAt(tLet)+" and its result must be 'in'.")
	case x.expects(tSemicolon):
		return x.missingSemicolon(0)
	case x.inInherit():
		return x.missingSemicolon(0)
	case x.expects(tAt):
		return x.missing("':'", 0)
	case x.expects(tThen):
		return x.missing("then", 0)
	case x.expects(tElse):
		return x.missing("else", 0)
	case x.expects(tComma):
		return x.missing("','", 0)
	case x.expects(tAssign) && x.beforePath() > 0:
		return x.hint(x.last().End, "An attribute needs a value: name = value;")
	case x.expects(tEOF) && len(x.open) == 0 && x.tok == tColon:
		return x.hint(at, "A function must be in parentheses here.")
	}
	return false
}

// openedAt is where the innermost token of a kind is that is open.
func (x *explainer) openedAt(k kind) string {
	for i := len(x.open) - 1; i >= 0; i-- {
		if x.open[i].kind == k {
			return x.lineColumn(x.open[i].Start)
		}
	}
	return "the beginning"
}

// missingSemicolon explains that a semicolon is missing before the last n tokens.
func (x *explainer) missingSemicolon(n int) bool {
	return x.missing("';'", n)
}

// missing explains that something is missing before the last n tokens.
func (x *explainer) missing(what string, n int) bool {
	if n >= len(x.before) {
		return false
	}
	at := x.lastBut(n).End
	return x.hint(at, "Is "+what+" missing at "+x.lineColumn(at)+"?")
}
