package instantiate

import (
	"io"
	"os"
	"path/filepath"
	"slices"

	"luminousnix/internal/evaluation"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// source says what an operand is.
func (c *command) source(word operand) (evaluation.Source, error) {
	switch {
	case word == "-":
		text, err := io.ReadAll(c.in)
		return evaluation.Source{Kind: evaluation.Input, Text: string(text)}, err
	case c.expressions:
		return evaluation.Source{Kind: evaluation.Expression, Text: string(word)}, nil
	}
	return evaluation.Source{Text: string(word)}, nil
}

// text is the text of an operand and where it is from.
type text struct {
	name string // as errors show it
	dir  string // that relative paths begin at
	text []byte
}

// read reads an operand; a folder means its default.nix.
func (c *command) read(word operand) (text, error) {
	s, err := c.source(word)
	if err != nil {
		return text{}, err
	}
	switch s.Kind {
	case evaluation.Expression:
		return text{name: "«string»", dir: c.here, text: []byte(s.Text)}, nil
	case evaluation.Input:
		return text{name: "«stdin»", dir: c.here, text: []byte(s.Text)}, nil
	}
	path, err := filepath.Abs(s.Text)
	if err != nil {
		return text{}, err
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, "default.nix")
	}
	content, err := os.ReadFile(path)
	return text{name: path, dir: filepath.Dir(path), text: content}, err
}

// parse prints the syntax tree.
func (c *command) parse(word operand) error {
	s, err := c.read(word)
	if err != nil {
		return err
	}
	file, err := syntax.Parse(s.name, s.text, syntax.ParseOptions{PipeOperators: slices.Contains(c.Features, "pipe-operators")})
	if err != nil {
		return err
	}
	ev := eval.New(eval.Options{Features: c.Features})
	if err := syntax.Check(file, ev.Defined); err != nil {
		return err
	}
	c.out.WriteString(syntax.Desugar(file, syntax.Dirs{Base: s.dir, Home: c.getenv("HOME")}))
	c.out.WriteByte('\n')
	return nil
}
