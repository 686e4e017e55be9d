package toml

// value reads one value.
func (p *parser) value() (*Value, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("nested too deeply", "here")
	}
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == '"' || c == '\'':
		return p.stringValue()
	case c == '[':
		return p.array()
	case c == '{':
		return p.inlineTable()
	case p.take("true"):
		return &Value{Kind: Bool, Bool: true}, nil
	case p.take("false"):
		return &Value{Kind: Bool}, nil
	case isDigit(c) || c == '+' || c == '-' || c == 'i' || c == 'n':
		return p.numberOrTime()
	}
	return nil, p.fail("bad format: unknown value appeared", "here")
}

func (p *parser) stringValue() (*Value, error) {
	var text string
	var err error
	switch {
	case p.take(`"""`):
		text, err = p.longString('"')
	case p.take(`'''`):
		text, err = p.longString('\'')
	case p.peek() == '"':
		text, err = p.basicString()
	default:
		text, err = p.literalString()
	}
	return &Value{Kind: String, Text: text}, err
}

func (p *parser) array() (*Value, error) {
	p.at++
	v := &Value{Kind: Array, List: []*Value{}}
	for {
		if err := p.skipLines(); err != nil {
			return nil, err
		}
		if p.take("]") {
			return v, nil
		}
		if !p.more() {
			return nil, p.fail("toml::parse_array: missing closing bracket `]`", "expected `]`, reached EOF")
		}
		element, err := p.value()
		if err != nil {
			return nil, err
		}
		v.List = append(v.List, element)
		if err := p.skipLines(); err != nil {
			return nil, err
		}
		if !p.take(",") && p.peek() != ']' {
			return nil, p.fail("toml::parse_array: missing array separator `,` after an element", "expected `,`")
		}
	}
}

func (p *parser) inlineTable() (*Value, error) {
	p.at++
	table := newTable(dotted)
	p.skipBlanks()
	if !p.take("}") {
		for {
			if err := p.keyValue(table); err != nil {
				return nil, err
			}
			p.skipBlanks()
			if p.take("}") {
				break
			}
			if !p.take(",") {
				return nil, p.fail("toml::parse_inline_table: missing table separator `,` after a value", "expected `,`")
			}
			p.skipBlanks()
			if p.peek() == '}' {
				return nil, p.fail("toml::parse_inline_table: trailing comma is not allowed in TOML-v1.0.0)", "here")
			}
		}
	}
	closeTable(table)
	return &Value{Kind: TableKind, Table: table}, nil
}

// closeTable forbids to add to an inline table and to the tables that its dotted keys
// made.
func closeTable(table *Table) {
	table.origin = inline
	for _, entry := range table.Entries {
		if entry.Value.Kind == TableKind && entry.Value.Table.origin != inline {
			closeTable(entry.Value.Table)
		}
	}
}
