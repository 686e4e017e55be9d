// Package syntax is the syntax of the Nix language: a parser that keeps all of a
// file, its comments and layout too, a printer, and edits that change nothing
// else than what they are asked for.
package syntax

// File is a parsed file.
type File struct {
	Name   string // as errors show it
	Source []byte
	Root   Expr
}
