package syntax

import (
	"math"
	"unsafe"
)

// ParseOptions change what Parse accepts.
type ParseOptions struct {
	// PipeOperators allows the experimental operators |> and <|.
	PipeOperators bool
	// Arena is where the tree is allocated; nil for memory of its own.
	Arena *Arena
}

// maxDepth is how deep expressions may nest. It keeps everything that follows a
// tree by recursion within Go's stack.
const maxDepth = 10_000

// Parse parses a file. The error is an *Error: of the syntax, of attributes
// defined twice or formals given twice. Undefined variables are for Check.
//
// The source is kept and must not be changed after.
func Parse(name string, source []byte, options ParseOptions) (file *File, err error) {
	p := parser{file: newFile(name, source), options: options}
	if len(source) >= math.MaxInt32 {
		return nil, &Error{File: newFile(name, nil), Message: "file is too large", HintAt: -1}
	}
	p.file.options = options
	p.file.options.Arena = nil
	p.src = unsafe.String(unsafe.SliceData(source), len(source))
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			e.explain()
			file, err = nil, e
		default:
			panic(e)
		}
	}()
	if p.Arena = options.Arena; p.Arena == nil {
		p.Arena = new(Arena)
	}
	p.Arena.reset()
	p.next()
	root := p.expr()
	p.want(tEOF)
	p.file.Root = root
	return p.file, nil
}

// parser is a recursive descent parser. It finds an error at the token at which
// Nix's own does, and expects the same tokens there. Errors are panics with an
// *Error, which Parse recovers.
type parser struct {
	lexer
	file    *File
	options ParseOptions

	depth  int // how deep expr and the like are in themselves
	height int // bound of the height of the trees built in the innermost of them

	*Arena
}

// enter begins a nested expression and returns what leave needs.
func (p *parser) enter() (outer int) {
	p.depth++
	if p.depth > maxDepth {
		p.failDeep()
	}
	outer = p.height
	p.height = 0
	return outer
}

// leave ends what enter began.
func (p *parser) leave(outer int) {
	p.depth--
	p.height = max(outer, p.height+1)
}

// grow accounts for a node around the one that was built before it, in a chain of
// operators or arguments.
func (p *parser) grow() {
	p.height++
	if p.height > maxDepth {
		p.failDeep()
	}
}

func (p *parser) failDeep() {
	p.fail(Span{p.start, p.end}, "expression is nested too deeply")
}

// fail ends the parse with an error.
func (p *parser) fail(at Span, message string) {
	panic(&Error{File: p.file, Span: at, Message: message, HintAt: -1})
}

// unexpected ends the parse at the current token, where only the expected kinds
// can be. None is given where there are more than the four that Nix would list.
func (p *parser) unexpected(expected ...kind) {
	p.unexpectedKind(p.tok, Span{p.start, p.end}, expected...)
}

// unexpectedKind ends the parse at a token of the kind. It makes a message of its
// own for what the lexer of Nix refuses.
func (p *parser) unexpectedKind(k kind, at Span, expected ...kind) {
	p.fail(at, unexpectedMessage(k, expected))
}

// want moves past a token that alone is expected.
func (p *parser) want(k kind) {
	if p.tok != k {
		p.unexpected(k)
	}
	if k != tEOF {
		p.next()
	}
}

// next moves to the next token. It refuses what Nix's lexer does, before the grammar
// has a say.
func (p *parser) next() {
	p.lexer.next()
	switch p.tok {
	case tPipeFrom, tPipeTo:
		if !p.options.PipeOperators {
			p.fail(Span{p.start, p.end}, "experimental Nix feature 'pipe-operators' is disabled; "+
				"add '--extra-experimental-features pipe-operators' to enable it")
		}
	case tInt:
		p.checkInteger()
	case tFloat:
		p.checkFloat()
	}
}

// resume goes on after the end of a text whose inside the parser read itself.
func (p *parser) resume(end int) {
	p.pos, p.end = end, Pos(end)
	p.next()
}

// from is the span from a position to the end of the token before the current.
func (p *parser) from(start Pos) Span {
	return Span{start, p.prevEnd}
}
