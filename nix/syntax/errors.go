package syntax

import "strconv"

// Error is an error in a file: of its syntax, or a variable that is not defined.
type Error struct {
	File *File // Root is nil
	Span       // of what is wrong
	// Message is what is wrong in Nix's words, without the position.
	Message string
	// Hint is a sentence on the likely mistake, or empty. HintAt is the
	// position it is about, such as where a brace was opened; -1 without.
	Hint   string
	HintAt Pos
}

// Error is the message with its position before, as file:line:column.
func (e *Error) Error() string {
	return e.At(e.Start) + ": " + e.Message
}

// At is a position in the error's file, as file:line:column.
func (e *Error) At(p Pos) string {
	return e.File.at(p)
}

// at is a position as file:line:column.
func (f *File) at(p Pos) string {
	line, column := f.Position(p)
	return f.Name + ":" + strconv.Itoa(line) + ":" + strconv.Itoa(column)
}
