package syntax

import "strings"

// kind is the kind of a token. The order is that in which Nix's messages list
// what they expected.
type kind uint8

const (
	tEOF kind = iota
	tInvalid
	tIdent
	tText
	tIndentedText
	tInt
	tFloat
	tPath
	tHomePath
	tSearchPath
	tPathEnd
	tURI
	tIf
	tThen
	tElse
	tAssert
	tWith
	tLet
	tIn
	tRec
	tInherit
	tEqual
	tNotEqual
	tLessEqual
	tMoreEqual
	tUpdate
	tConcat
	tAnd
	tOr
	tImply
	tOrKeyword
	tPipeFrom
	tPipeTo
	tInterpolate
	tIndentedOpen
	tIndentedClose
	tEllipsis
	tLess
	tMore
	tPlus
	tMinus
	tTimes
	tDivide
	tQuestion
	tColon
	tAt
	tSemicolon
	tNot
	tDot
	tQuote
	tParenOpen
	tParenClose
	tBraceOpen
	tBraceClose
	tBracketOpen
	tBracketClose
	tAssign
	tComma
	kinds
)

// kindNames are the names of kinds as Nix's messages have them.
var kindNames = [kinds]string{
	tEOF:           "end of file",
	tInvalid:       "invalid token",
	tIdent:         "identifier",
	tText:          "string",
	tIndentedText:  "indented string",
	tInt:           "integer",
	tFloat:         "floating-point literal",
	tPath:          "path",
	tHomePath:      "'~/…' path",
	tSearchPath:    "'<…>' path",
	tPathEnd:       "end of path",
	tURI:           "URI",
	tIf:            "'if'",
	tThen:          "'then'",
	tElse:          "'else'",
	tAssert:        "'assert'",
	tWith:          "'with'",
	tLet:           "'let'",
	tIn:            "'in'",
	tRec:           "'rec'",
	tInherit:       "'inherit'",
	tEqual:         "'=='",
	tNotEqual:      "'!='",
	tLessEqual:     "'<='",
	tMoreEqual:     "'>='",
	tUpdate:        "'//'",
	tConcat:        "'++'",
	tAnd:           "'&&'",
	tOr:            "'||'",
	tImply:         "'->'",
	tOrKeyword:     "'or'",
	tPipeFrom:      "'<|'",
	tPipeTo:        "'|>'",
	tInterpolate:   "'${'",
	tIndentedOpen:  "start of an indented string",
	tIndentedClose: "end of an indented string",
	tEllipsis:      "'...'",
	tLess:          "'<'",
	tMore:          "'>'",
	tPlus:          "'+'",
	tMinus:         "'-'",
	tTimes:         "'*'",
	tDivide:        "'/'",
	tQuestion:      "'?'",
	tColon:         "':'",
	tAt:            "'@'",
	tSemicolon:     "';'",
	tNot:           "'!'",
	tDot:           "'.'",
	tQuote:         "'\"'",
	tParenOpen:     "'('",
	tParenClose:    "')'",
	tBraceOpen:     "'{'",
	tBraceClose:    "'}'",
	tBracketOpen:   "'['",
	tBracketClose:  "']'",
	tAssign:        "'='",
	tComma:         "','",
}

// startsSimple reports whether a token of the kind can begin an operand that
// needs no parentheses as an argument or list element.
func (k kind) startsSimple() bool {
	switch k {
	case tIdent, tInt, tFloat, tQuote, tIndentedOpen, tPath, tHomePath, tSearchPath,
		tURI, tParenOpen, tLet, tRec, tBraceOpen, tBracketOpen:
		return true
	}
	return false
}

// unexpectedMessage is the message for a token where none of its kind can be.
func unexpectedMessage(found kind, expected []kind) string {
	var b strings.Builder
	b.WriteString("syntax error, unexpected ")
	b.WriteString(kindNames[found])
	for i, k := range expected {
		if i == 0 {
			b.WriteString(", expecting ")
		} else {
			b.WriteString(" or ")
		}
		b.WriteString(kindNames[k])
	}
	return b.String()
}
