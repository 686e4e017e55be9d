package instantiate

import (
	"io"
	"os"
	"path/filepath"
	"slices"

	"luminousnix/nix/syntax"
)

// source is the text of an operand and where it is from.
type source struct {
	name string // as errors show it
	path string // of the file, "" for an expression
	dir  string // that relative paths begin at
	text []byte
}

// read reads an operand: an expression, standard input, or a file; a folder means
// its default.nix.
func (c *command) read(operand string) (source, error) {
	here, err := os.Getwd()
	if err != nil {
		return source{}, err
	}
	if c.expressions {
		return source{name: "«string»", dir: here, text: []byte(operand)}, nil
	}
	if operand == "-" {
		text, err := io.ReadAll(c.in)
		return source{name: "«stdin»", dir: here, text: text}, err
	}
	path, err := filepath.Abs(operand)
	if err != nil {
		return source{}, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "default.nix")
	}
	text, err := os.ReadFile(path)
	return source{name: path, path: path, dir: filepath.Dir(path), text: text}, err
}

// parse prints the syntax tree.
func (c *command) parse(operand string) error {
	s, err := c.read(operand)
	if err != nil {
		return err
	}
	file, err := syntax.Parse(s.name, s.text, syntax.ParseOptions{PipeOperators: slices.Contains(c.features, "pipe-operators")})
	if err != nil {
		return err
	}
	ev, err := c.evaluator(nil)
	if err != nil {
		return err
	}
	if err := syntax.Check(file, ev.Defined); err != nil {
		return err
	}
	c.out.WriteString(syntax.Desugar(file, syntax.Dirs{Base: s.dir, Home: c.getenv("HOME")}))
	c.out.WriteByte('\n')
	return nil
}
