package toml

import (
	"strings"
	"unicode/utf8"
)

type parser struct {
	text  string
	at    int
	depth int
	root  *Table
}

// maxDepth bounds the nesting of arrays and inline tables.
const maxDepth = 10_000

func (p *parser) more() bool { return p.at < len(p.text) }

// peek returns the next byte, and 0 at the end.
func (p *parser) peek() byte {
	if p.more() {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) has(prefix string) bool { return strings.HasPrefix(p.text[p.at:], prefix) }

func (p *parser) take(prefix string) bool {
	if p.has(prefix) {
		p.at += len(prefix)
		return true
	}
	return false
}

func (p *parser) fail(why, hint string) error { return p.failAt(p.at, why, hint) }

func (p *parser) failAt(at int, why, hint string) error {
	before := p.text[:at]
	start := strings.LastIndexByte(before, '\n') + 1
	line, _, _ := strings.Cut(p.text[start:], "\n")
	return &Error{
		Line: strings.Count(before, "\n") + 1, Column: at - start + 1,
		Why: why, hint: hint, text: strings.TrimSuffix(line, "\r"),
	}
}

// document reads all lines.
func (p *parser) document() error {
	if !utf8.ValidString(p.text) {
		at := 0
		for r, size := utf8.DecodeRuneInString(p.text); r != utf8.RuneError || size != 1; r, size = utf8.DecodeRuneInString(p.text[at:]) {
			at += size
		}
		return p.failAt(at, "toml::parse_file: invalid UTF-8", "here")
	}
	p.take("\ufeff")
	table := p.root
	for {
		if err := p.skipLines(); err != nil {
			return err
		}
		if !p.more() {
			return nil
		}
		var err error
		if p.peek() == '[' {
			table, err = p.header()
		} else {
			err = p.keyValue(table)
		}
		if err != nil {
			return err
		}
		if err := p.endOfLine(); err != nil {
			return err
		}
	}
}

func (p *parser) skipBlanks() {
	for p.peek() == ' ' || p.peek() == '\t' {
		p.at++
	}
}

// newline skips one line break if it is next.
func (p *parser) newline() bool { return p.take("\n") || p.take("\r\n") }

// comment skips a comment if it is next.
func (p *parser) comment() error {
	if p.peek() != '#' {
		return nil
	}
	for p.more() && p.peek() != '\n' && !p.has("\r\n") {
		if isControl(p.peek()) {
			return p.fail("toml::parse_comment: invalid control character", "here")
		}
		p.at++
	}
	return nil
}

// isControl says whether c may stand in no comment and no string.
func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

// skipLines skips blanks, comments and line breaks.
func (p *parser) skipLines() error {
	for {
		p.skipBlanks()
		if err := p.comment(); err != nil {
			return err
		}
		if !p.newline() {
			return nil
		}
	}
}

func (p *parser) endOfLine() error {
	p.skipBlanks()
	if err := p.comment(); err != nil {
		return err
	}
	if p.more() && !p.newline() {
		return p.fail("toml::parse_table: newline (LF / CRLF) or EOF is expected", "here")
	}
	return nil
}

// header reads [a.b] or [[a.b]] and returns the table that follows.
func (p *parser) header() (*Table, error) {
	start := p.at
	many := p.take("[[")
	closing := "]]"
	if !many {
		p.at++
		closing = "]"
	}
	keys, err := p.keys()
	if err != nil {
		return nil, err
	}
	if !p.take(closing) {
		return nil, p.fail("toml::parse_file: invalid table key", "expected "+closing)
	}
	table := p.root
	for _, key := range keys[:len(keys)-1] {
		if table, err = p.descend(table, key, start); err != nil {
			return nil, err
		}
	}
	if many {
		return p.element(table, keys[len(keys)-1], start)
	}
	return p.define(table, keys[len(keys)-1], start)
}

// descend goes to a table on the way to that of a header.
func (p *parser) descend(table *Table, key string, start int) (*Table, error) {
	v := table.get(key)
	switch {
	case v == nil:
		next := newTable(implicit)
		table.put(key, &Value{Kind: TableKind, Table: next})
		return next, nil
	case v.Kind == TableKind && v.Table.origin != inline:
		return v.Table, nil
	case v.Kind == Array && v.Table != nil:
		return v.List[len(v.List)-1].Table, nil
	}
	return nil, p.exists(start)
}

// exists is the error of a table that cannot be where it should.
func (p *parser) exists(start int) error {
	return p.failAt(start, "toml::insert_value: failed to insert a table, table already defined", "inserting this")
}

// define makes the table of [header].
func (p *parser) define(parent *Table, key string, start int) (*Table, error) {
	v := parent.get(key)
	if v == nil {
		table := newTable(header)
		parent.put(key, &Value{Kind: TableKind, Table: table})
		return table, nil
	}
	if v.Kind != TableKind || v.Table.origin != implicit {
		return nil, p.exists(start)
	}
	v.Table.origin = header
	return v.Table, nil
}

// element adds a table to the array of [[header]]. Such an array, unlike one
// that is a value, has its Table set.
func (p *parser) element(parent *Table, key string, start int) (*Table, error) {
	v := parent.get(key)
	if v == nil {
		v = &Value{Kind: Array, Table: newTable(inline)}
		parent.put(key, v)
	}
	if v.Kind != Array || v.Table == nil {
		return nil, p.exists(start)
	}
	table := newTable(header)
	v.List = append(v.List, &Value{Kind: TableKind, Table: table})
	return table, nil
}

// keyValue reads a.b = value into a table.
func (p *parser) keyValue(table *Table) error {
	start := p.at
	keys, err := p.keys()
	if err != nil {
		return err
	}
	if !p.take("=") {
		return p.fail("toml::parse_key_value_pair: invalid key value separator `=`", "expected =")
	}
	p.skipBlanks()
	v, err := p.value()
	if err != nil {
		return err
	}
	for _, key := range keys[:len(keys)-1] {
		next := table.get(key)
		if next == nil {
			next = &Value{Kind: TableKind, Table: newTable(dotted)}
			table.put(key, next)
		}
		// Tables of headers are complete; those of dotted keys may grow.
		if next.Kind != TableKind || next.Table.origin != dotted && next.Table.origin != implicit {
			return p.valueExists(start)
		}
		table = next.Table
	}
	last := keys[len(keys)-1]
	if table.get(last) != nil {
		return p.valueExists(start)
	}
	table.put(last, v)
	return nil
}

func (p *parser) valueExists(start int) error {
	return p.failAt(start, "toml::insert_value: failed to insert a value, value already exists", "inserting this")
}

// keys reads a dotted key and the blanks after it.
func (p *parser) keys() ([]string, error) {
	var keys []string
	for {
		p.skipBlanks()
		key, err := p.key()
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
		p.skipBlanks()
		if !p.take(".") {
			return keys, nil
		}
	}
}

func (p *parser) key() (string, error) {
	switch p.peek() {
	case '"':
		return p.basicString()
	case '\'':
		return p.literalString()
	}
	start := p.at
	for isBare(p.peek()) {
		p.at++
	}
	if p.at == start {
		return "", p.fail(`toml::parse_simple_key: invalid key: key must be "quoted", 'quoted-literal', or bare key.`,
			"expected alpha [a-zA-Z], digit [0-9], -, or _")
	}
	return p.text[start:p.at], nil
}

func isBare(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '-' || c == '_'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
