package json

import (
	"fmt"
	"math"
)

// Parse reads one value. Its error is an [*Error].
func Parse(text string) (Value, error) {
	p := parser{scanner: scanner{text: text}}
	p.advance()
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	if p.advance(); p.token != tokenEnd {
		return Value{}, p.unexpected(tokenEnd, "value")
	}
	return v, nil
}

type parser struct {
	scanner
	token token
}

func (p *parser) advance() { p.token = p.next() }

// maxDepth keeps the stack small. The model has no limit here, but its user, the
// evaluator of Nix, fails at a depth that is not much larger.
const maxDepth = 100_000

// value parses the value that begins with the present token, up to its last one.
func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, &Error{"parse_error.101", "nested too deeply"}
	}
	switch p.token {
	case tokenTrue, tokenFalse:
		return Value{Kind: Bool, Bool: p.token == tokenTrue}, nil
	case tokenNull:
		return Value{Kind: Null}, nil
	case tokenString:
		return Value{Kind: String, Text: p.scanner.value.String()}, nil
	case tokenUnsigned, tokenInteger:
		return p.number, nil
	case tokenFloat:
		if math.IsInf(p.number.Float, 0) {
			return Value{}, &Error{"out_of_range.406", "number overflow parsing '" + p.lastRead() + "'"}
		}
		return p.number, nil
	case tokenBeginArray:
		return p.array(depth)
	case tokenBeginObject:
		return p.object(depth)
	case tokenError:
		return Value{}, p.unexpected(tokenNone, "value")
	case tokenEnd:
		if p.read == 1 {
			return Value{}, p.fail("attempting to parse an empty input; check that your input string or stream contains the expected JSON")
		}
	}
	return Value{}, p.unexpected(tokenValue, "value")
}

func (p *parser) array(depth int) (Value, error) {
	v := Value{Kind: Array}
	if p.advance(); p.token == tokenEndArray {
		return v, nil
	}
	for {
		element, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.List = append(v.List, element)
		p.advance()
		switch p.token {
		case tokenEndArray:
			return v, nil
		case tokenComma:
			p.advance()
		default:
			return Value{}, p.unexpected(tokenEndArray, "array")
		}
	}
}

func (p *parser) object(depth int) (Value, error) {
	v := Value{Kind: Object}
	if p.advance(); p.token == tokenEndObject {
		return v, nil
	}
	for {
		if p.token != tokenString {
			return Value{}, p.unexpected(tokenString, "object key")
		}
		key := p.scanner.value.String()
		if p.advance(); p.token != tokenColon {
			return Value{}, p.unexpected(tokenColon, "object separator")
		}
		p.advance()
		member, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Members = append(v.Members, Member{key, member})
		p.advance()
		switch p.token {
		case tokenEndObject:
			return v, nil
		case tokenComma:
			p.advance()
		default:
			return Value{}, p.unexpected(tokenEndObject, "object")
		}
	}
}

// unexpected is the error of the present token while the context was parsed.
func (p *parser) unexpected(expected token, context string) error {
	message := "syntax error while parsing " + context + " - "
	if p.token == tokenError {
		message += p.message + "; last read: '" + p.lastRead() + "'"
	} else {
		message += "unexpected " + p.token.String()
	}
	if expected != tokenNone {
		message += "; expected " + expected.String()
	}
	return p.fail(message)
}

func (p *parser) fail(message string) error {
	return &Error{"parse_error.101", fmt.Sprintf("parse error at line %d, column %d: %s", p.lines+1, p.column, message)}
}
