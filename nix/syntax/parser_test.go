package syntax_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/syntax"
)

// TestDeep parses what nests deeper than it may: an error, with Go's stack intact.
func TestDeep(t *testing.T) {
	t.Parallel()
	const n = 200_000
	for name, source := range map[string]string{
		"parentheses": strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"lists":       strings.Repeat("[", n) + strings.Repeat("]", n),
		"sets":        strings.Repeat("{a=", n) + "1" + strings.Repeat(";}", n),
		"recursive":   strings.Repeat("rec{a=", n) + "1" + strings.Repeat(";}", n),
		"strings":     strings.Repeat(`"${`, n) + "1" + strings.Repeat(`}"`, n),
		"indented":    strings.Repeat("''${", n) + "1" + strings.Repeat("}''", n),
		"paths":       strings.Repeat("./${", n) + "1" + strings.Repeat("}", n),
		"names":       "a." + strings.Repeat("${a.", n) + "a" + strings.Repeat("}", n),
		"functions":   strings.Repeat("a: ", n) + "1",
		"formals":     strings.Repeat("{a?", n) + "1" + strings.Repeat("}:1", n),
		"arguments":   "f" + strings.Repeat(" 1", n),
		"with":        strings.Repeat("with a;", n) + "1",
		"let":         strings.Repeat("let a=", n) + "1" + strings.Repeat(";in 1", n),
		"let body":    strings.Repeat("let{a=", n) + "1" + strings.Repeat(";}", n),
		"inherit":     strings.Repeat("{inherit(", n) + "1" + strings.Repeat(");}", n),
		"if":          strings.Repeat("if a then b else ", n) + "1",
		"not":         strings.Repeat("!", n) + "1",
		"negations":   strings.Repeat("- ", n) + "1",
		"sum":         "1" + strings.Repeat(" + 1", n),
		"lists sum":   "1" + strings.Repeat(" ++ 1", n),
		"has":         "a" + strings.Repeat(" ? a", n),
		"or":          strings.Repeat("a.a or ", n) + "1",
		"pipes":       "1" + strings.Repeat(" |> f", n),
		"pipes from":  strings.Repeat("f <| ", n) + "1",
		"path":        "{" + strings.Repeat("a.", n) + "a = 1; }",
		"open":        strings.Repeat("[", n),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{PipeOperators: true})
			if err == nil || !strings.HasSuffix(err.Error(), "expression is nested too deeply") {
				t.Errorf("the error is %.200v", err)
			}
		})
	}
}

// TestWide parses what is long without being deep.
func TestWide(t *testing.T) {
	t.Parallel()
	const n = 50_000
	for _, source := range []string{
		"[" + strings.Repeat(" (1 + 2)", n) + "]",
		"[" + strings.Repeat(" a.b", n) + "]",
		"{" + strings.Repeat(" inherit;", n) + "}",
		`"` + strings.Repeat("${a}b", n) + `"`,
		"''" + strings.Repeat("''$", n) + "''",
		"a" + strings.Repeat(".a", n) + " ? " + "b" + strings.Repeat(".b", n),
		"{" + strings.Repeat(" a.b.c.d = { }; a.b.c.d = { };", n/10) + "}",
		strings.Repeat("{ a = { }; a =", 2000) + "{ }" + strings.Repeat("; }", 2000),
	} {
		f, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
		if err != nil {
			t.Errorf("%.20s…: %v", source, err)
			continue
		}
		if got := syntax.NewTree(f).String(); got != source {
			t.Errorf("%.20s… is printed as %.20s…", source, got)
		}
	}
}

// TestAttrs looks at what bindings define.
func TestAttrs(t *testing.T) {
	t.Parallel()
	const source = "{ a.b = 1; inherit x; inherit (f) y; a.c = rec { d = 2; }; a.c.e = 3; ${n} = 4; }"
	f, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var list func(prefix string, a *syntax.Attrs)
	list = func(prefix string, a *syntax.Attrs) {
		for _, attr := range a.List {
			line := prefix + attr.Name
			switch {
			case attr.Set != nil:
				if attr.Set.Rec {
					line += " rec"
				}
				list(prefix+attr.Name+".", attr.Set)
			case attr.Inherited:
				line += " inherited"
			case attr.From >= 0:
				line += " from " + slice(source, a.From[attr.From])
			default:
				line += " = " + slice(source, attr.Value)
			}
			got = append(got, line)
		}
		for _, attr := range a.Dynamic {
			got = append(got, prefix+slice(source, attr.Name)+" = "+slice(source, attr.Value))
		}
	}
	list("", f.Root.(*syntax.AttrSet).Attrs())
	want := []string{
		"a.b = 1", "a.c.d = 2", "a.c.e = 3", "a.c rec", "a", "x inherited", "y from f", "n = 4",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// slice is the source of an expression.
func slice(source string, e syntax.Expr) string {
	s := e.Range()
	return source[s.Start:s.End]
}

func TestPosition(t *testing.T) {
	t.Parallel()
	f, err := syntax.Parse("f", []byte("[\n 1\r\n 2\r 3\n]"), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got [][2]int
	for _, e := range f.Root.(*syntax.List).Elements {
		line, column := f.Position(e.Range().Start)
		got = append(got, [2]int{line, column})
	}
	if d := cmp.Diff([][2]int{{2, 2}, {3, 2}, {4, 2}}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	source := "# one\n/* two\n */ x # three\n+ /**/ y\n# end"
	f, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, token := range syntax.NewTree(f).Tokens {
		got = append(got, token.Text+" "+strings.Join(token.Comments(), "|"))
	}
	want := []string{"x # one|/* two\n */", "+ # three", "y /**/", " # end"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}
