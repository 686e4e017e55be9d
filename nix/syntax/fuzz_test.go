package syntax_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/nix/syntax"
)

// addFiles adds the cases as seeds.
func addFiles(f *testing.F, add func(source string)) {
	f.Helper()
	for _, pattern := range []string{"okay/*.nix", "fail/*.nix", "edit/*.nix"} {
		names, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			source, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			add(string(source))
		}
	}
}

// FuzzParse parses anything: the tree of all tokens is the source, nodes are within
// each other, and what is printed is Nix that means the same.
func FuzzParse(f *testing.F) {
	addFiles(f, func(source string) { f.Add(source) })
	f.Fuzz(func(t *testing.T, source string) {
		file, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{PipeOperators: true})
		if err != nil {
			var e *syntax.Error
			if !errors.As(err, &e) || e.Start < 0 || int(e.Start) > len(source) {
				t.Fatalf("%#v", err)
			}
			e.Render()
			return
		}
		if got := syntax.NewTree(file).String(); got != source {
			t.Fatalf("printed as\n%s", got)
		}
		checkSpans(t, file.Root, file.Root.Range())
		stable(t, file)
	})
}

// checkSpans checks that nodes are in order and within their parents.
func checkSpans(t *testing.T, e syntax.Expr, outer syntax.Span) {
	t.Helper()
	span := e.Range()
	if span.Start < outer.Start || span.End > outer.End || span.Start >= span.End {
		t.Fatalf("%T at %v in %v", e, span, outer)
	}
	syntax.Children(e, func(child syntax.Expr) bool {
		checkSpans(t, child, span)
		return true
	})
}

// stable checks that what is printed of a file is printed so again when it is parsed.
func stable(t *testing.T, file *syntax.File) {
	t.Helper()
	dirs := syntax.Dirs{Base: "/", Home: "/"}
	once := syntax.Desugar(file, dirs)
	if strings.Contains(once, "assert") || strings.Contains(once, "e+") || strings.Contains(once, "e-") {
		return // printed without parentheses, or not exactly
	}
	again, err := syntax.Parse("f", []byte(once), syntax.ParseOptions{})
	if err != nil {
		return // Nix prints names and paths that it would not read
	}
	printed := syntax.Desugar(again, dirs)
	third, err := syntax.Parse("f", []byte(printed), syntax.ParseOptions{})
	if err != nil {
		t.Fatalf("%v\nonce  %s\ntwice %s", err, once, printed)
	}
	if thrice := syntax.Desugar(third, dirs); thrice != printed {
		t.Fatalf("twice  %s\nthrice %s", printed, thrice)
	}
}

// FuzzTokens splits anything into tokens, none of which is lost.
func FuzzTokens(f *testing.F) {
	addFiles(f, func(source string) { f.Add(source) })
	f.Fuzz(func(t *testing.T, source string) {
		var b strings.Builder
		for token := range syntax.Tokens(source) {
			b.WriteString(token.Before)
			b.WriteString(token.Text)
			token.Comments()
		}
		if b.String() != source {
			t.Fatalf("tokens are\n%s", b.String())
		}
	})
}

// FuzzEdit edits anything: what comes out can be parsed, has all comments that it
// had but at what was removed, and says what was asked for.
func FuzzEdit(f *testing.F) {
	addFiles(f, func(source string) {
		f.Add(source, "a.b", "[ 1 ]")
		f.Add(source, "environment.systemPackages", "pkgs.git")
		f.Add(source, "services.nginx", "{\n  enable = true; # now\n}")
	})
	f.Fuzz(func(t *testing.T, source, name, expr string) {
		file, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
		if err != nil {
			return
		}
		path, err := syntax.ParsePath(name)
		if err != nil {
			return
		}
		for _, edit := range []struct {
			name string
			adds bool
			run  func() ([]byte, error)
		}{
			{"set", false, func() ([]byte, error) { return syntax.Set(file, path, expr) }},
			{"insert", true, func() ([]byte, error) { return syntax.Insert(file, path, expr) }},
			{"append", true, func() ([]byte, error) { return syntax.Append(file, path, expr) }},
			{"remove", false, func() ([]byte, error) { return syntax.Remove(file, path, expr) }},
			{"delete", false, func() ([]byte, error) { return syntax.Delete(file, path) }},
		} {
			after, err := edit.run()
			if err != nil {
				var problem *syntax.EditError
				if !errors.As(err, &problem) {
					t.Fatalf("%#v", err)
				}
				continue
			}
			edited, err := syntax.Parse("f", after, syntax.ParseOptions{})
			if err != nil {
				t.Fatalf("%v:\n%s", err, after)
			}
			if edit.adds && !within(comments(file), comments(edited)) {
				t.Fatalf("%s lost a comment:\n%s", edit.name, after)
			}
		}
	})
}

// comments are all comments of a file.
func comments(f *syntax.File) []string {
	var all []string
	for _, token := range syntax.NewTree(f).Tokens {
		all = append(all, token.Comments()...)
	}
	return all
}

// within reports whether all of the first are in the second, in their order.
func within(some, all []string) bool {
	for _, s := range all {
		if len(some) > 0 && some[0] == s {
			some = some[1:]
		}
	}
	return len(some) == 0
}
