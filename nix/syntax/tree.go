package syntax

import (
	"iter"
	"sort"
	"strings"
)

// Tree is all of a file: its tokens in order, each with the whitespace and comments
// before it. It is made when asked for, so that parsing alone does not pay for it.
//
// The nodes of a file lead into it by their spans: see Within.
type Tree struct {
	File   *File
	Tokens []Token // the last is of kind EOFToken
}

// Token is a token of a file.
type Token struct {
	Span
	Kind   TokenKind
	Text   string // as it is written
	Before string // whitespace and comments between it and the token before
}

// TokenKind is the kind of a token.
type TokenKind uint8

// The kinds of tokens.
const (
	Symbol   TokenKind = iota // operators and delimiters, also those of strings
	Keyword                   // if, let, or …
	Name                      // identifiers
	Number                    // integers and floats
	Text                      // text in strings, as it is written
	PathText                  // the text of paths, <paths> and URIs
	Unknown                   // no token of the language
	EOFToken                  // the end of the file, with what is before it
)

// NewTree is the tree of a file.
func NewTree(f *File) *Tree {
	t := &Tree{File: f}
	for token := range Tokens(string(f.Source)) {
		t.Tokens = append(t.Tokens, token)
	}
	return t
}

// String is the source of the tree, byte for byte.
func (t *Tree) String() string {
	var b strings.Builder
	for _, token := range t.Tokens {
		b.WriteString(token.Before)
		b.WriteString(token.Text)
	}
	return b.String()
}

// Within are the tokens of a span, such as that of a node.
func (t *Tree) Within(s Span) []Token {
	return t.Tokens[t.at(s.Start):t.at(s.End)]
}

// at is the index of the first token at or after a position.
func (t *Tree) at(p Pos) int {
	return sort.Search(len(t.Tokens), func(i int) bool { return t.Tokens[i].Start >= p })
}

// Comments are the comments of what is before a token, without line ends.
func (t Token) Comments() []string {
	var comments []string
	for rest := t.Before; ; {
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest == "" {
			return comments
		}
		n := lineLength(rest)
		if rest[0] == '/' {
			n = strings.Index(rest[2:], "*/") + 4
		}
		comments = append(comments, rest[:n])
		rest = rest[n:]
	}
}

// Tokens are the tokens of source, up to one of kind EOFToken. It needs no valid
// source: what is no token is of kind Unknown.
func Tokens(source string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		t := tokenizer{lexer: lexer{src: source}}
		for {
			end := int(t.end)
			t.next()
			token := Token{
				Span:   Span{t.start, t.end},
				Kind:   kindOf(t.tok),
				Text:   source[t.start:t.end],
				Before: source[end:t.start],
			}
			if !yield(token) || t.tok == tEOF {
				return
			}
		}
	}
}

// kindOf is the exported kind of a token.
func kindOf(k kind) TokenKind {
	switch k {
	case tEOF:
		return EOFToken
	case tInvalid:
		return Unknown
	case tIdent:
		return Name
	case tInt, tFloat:
		return Number
	case tText, tIndentedText:
		return Text
	case tPath, tHomePath, tSearchPath, tURI:
		return PathText
	case tIf, tThen, tElse, tAssert, tWith, tLet, tIn, tRec, tInherit, tOrKeyword:
		return Keyword
	}
	return Symbol
}

// tokenizer reads all tokens by itself: it knows from a stack where it is, which the
// parser knows from its grammar.
type tokenizer struct {
	lexer
	inside []kind // tBraceOpen, tQuote, tIndentedOpen or tPath, from the outside in
}

// next moves to the next token.
func (t *tokenizer) next() {
	t.prevEnd = t.end
	t.tok = tInvalid
	if n := len(t.inside); n > 0 && t.inside[n-1] != tBraceOpen {
		t.start = Pos(t.pos)
		t.tok = t.within(t.inside[n-1])
	}
	if t.tok == tInvalid {
		t.lexer.next()
		t.account()
	}
	t.end = Pos(t.pos)
}

// account keeps the stack for a token outside of strings.
func (t *tokenizer) account() {
	switch t.tok {
	case tBraceOpen, tInterpolate:
		t.push(tBraceOpen)
	case tBraceClose:
		t.pop()
	case tQuote:
		t.push(tQuote)
	case tIndentedOpen:
		t.push(tIndentedOpen)
		t.pos = t.firstLine(t.pos)
	case tPath, tHomePath:
		t.push(tPath)
	}
}

func (t *tokenizer) push(k kind) { t.inside = append(t.inside, k) }

func (t *tokenizer) pop() {
	if n := len(t.inside); n > 0 {
		t.inside = t.inside[:n-1]
	}
}

// within reads a token inside a string or path, or returns tInvalid at the end of a
// path.
func (t *tokenizer) within(k kind) kind {
	if t.pos >= len(t.src) {
		return tEOF
	}
	if t.interpolationAt(t.pos) {
		t.push(tBraceOpen)
		return t.take(2, tInterpolate)
	}
	switch k {
	case tQuote:
		if t.src[t.pos] == '"' {
			t.pop()
			return t.take(1, tQuote)
		}
		t.pos, _ = t.quotedText(t.pos)
		return tText
	case tIndentedOpen:
		end, _ := t.indentedText(t.pos)
		if end == t.pos {
			t.pop()
			return t.take(2, tIndentedClose)
		}
		t.pos = end
		return tIndentedText
	}
	end := t.pathText(t.pos)
	if end == t.pos {
		t.pop()
		return tInvalid
	}
	t.pos = end
	return tPath
}
