// Package json reads and writes JSON as Nix does, whose library is nlohmann's
// "JSON for Modern C++".
//
// It differs from encoding/json in what Nix's values and hashes depend on:
// integers and floats are told apart and printed in that library's form, text
// that is not UTF-8 is refused instead of repaired, keys keep their place, and
// error messages are the ones that users of Nix know.
//
//	v, err := json.Parse(`{"a": [1, 2.5]}`)
package json

// Value is a parsed value.
type Value struct {
	Kind    Kind
	Bool    bool
	Int     int64
	Uint    uint64 // of an integer too large for Int; its Kind is Unsigned
	Float   float64
	Text    string
	List    []Value
	Members []Member // of an object, as written: a key may occur twice
}

// Member is a key of an object with its value.
type Member struct {
	Key   string
	Value Value
}

// Kind is what a value is.
type Kind uint8

// The kinds of values. A number is an integer if it is written without fraction
// and exponent and fits into 64 bits, Unsigned if it fits only without a sign.
const (
	Null Kind = iota
	Bool
	Int
	Unsigned
	Float
	String
	Array
	Object
)

// Error says why a text is not JSON, or a value cannot be written as such.
type Error struct {
	ID      string // such as parse_error.101
	Message string
}

func (e *Error) Error() string { return "[json.exception." + e.ID + "] " + e.Message }
