// Package toml reads TOML 1.0 as builtins.fromTOML of Nix does, whose library is
// toml11.
//
// It is as strict as the specification. Tables keep the order in which their
// keys were first written. Dates and times stay texts, in the one form that Nix
// prints them in.
//
//	table, err := toml.Parse("a = 1\n[b]\nc = [1.5, 2024-01-01]\n")
package toml

import (
	"fmt"
	"strings"
)

// Value is a parsed value.
type Value struct {
	Kind  Kind
	Bool  bool
	Int   int64
	Float float64
	Text  string // of a string or a timestamp
	List  []*Value
	Table *Table
}

// Kind is what a value is.
type Kind uint8

// The kinds of values.
const (
	Bool Kind = iota
	Int
	Float
	String
	Timestamp // a date, a time or both
	Array
	TableKind
)

// Table is a table. Its entries are in the order in which they were written.
type Table struct {
	Entries []Entry

	index  map[string]int
	origin origin
}

// Entry is a key of a table with its value.
type Entry struct {
	Key   string
	Value *Value
}

// origin says how a table came to be, which decides what may be added to it.
type origin uint8

const (
	implicit origin = iota // a part of the header of another table
	header                 // by its own header
	dotted                 // by a dotted key
	inline                 // { … }: nothing may be added
)

func newTable(o origin) *Table { return &Table{origin: o, index: make(map[string]int)} }

func (t *Table) get(key string) *Value {
	if i, ok := t.index[key]; ok {
		return t.Entries[i].Value
	}
	return nil
}

func (t *Table) put(key string, v *Value) {
	t.index[key] = len(t.Entries)
	t.Entries = append(t.Entries, Entry{key, v})
}

// Error says where a text is not TOML.
type Error struct {
	Line, Column int // from 1; the column is in bytes
	Why          string

	text string // the line
	hint string // what stands under the line
}

// Error has the form of the library that Nix uses, with the line and a mark
// below the column.
func (e *Error) Error() string {
	number := fmt.Sprint(e.Line)
	blank := strings.Repeat(" ", len(number))
	var out strings.Builder
	fmt.Fprintf(&out, "[error] %s\n", e.Why)
	fmt.Fprintf(&out, "%s--> fromTOML\n", blank)
	fmt.Fprintf(&out, " %s |\n", blank)
	fmt.Fprintf(&out, " %s | %s\n", number, e.text)
	fmt.Fprintf(&out, " %s | %s^-- %s\n", blank, strings.Repeat(" ", e.Column-1), e.hint)
	return out.String()
}

// Parse reads a document. Its error is an [*Error].
func Parse(text string) (*Table, error) {
	p := parser{text: text, root: newTable(header)}
	if err := p.document(); err != nil {
		return nil, err
	}
	return p.root, nil
}
