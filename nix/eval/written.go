package eval

import "luminousnix/nix/syntax"

// written is where an expression is written that an error may have to show. It is
// parsed once more for that, so that no syntax tree has to be kept.
type written struct {
	src  *source
	span syntax.Span
	dir  string // of relative paths
}

func (c *compiler) written(e syntax.Expr) written { return written{c.src, e.Range(), c.dir} }

// show returns the expression in the words of nix-instantiate --parse.
func (x written) show(home string) string {
	text := x.src.file.Source[x.span.Start:x.span.End]
	file, err := syntax.Parse("", text, syntax.ParseOptions{PipeOperators: true})
	if err != nil {
		return string(text)
	}
	return syntax.Desugar(file, syntax.Dirs{Base: x.dir, Home: home})
}
