package syntax_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"luminousnix/nix/syntax"
)

// runEdit runs an edit of the form: operation path [argument].
func runEdit(t *testing.T, f *syntax.File, edit string) ([]byte, error) {
	t.Helper()
	operation, rest, _ := strings.Cut(edit, " ")
	name, argument, _ := strings.Cut(rest, " ")
	path, err := syntax.ParsePath(name)
	if err != nil {
		t.Fatal(err)
	}
	switch operation {
	case "set":
		return syntax.Set(f, path, argument)
	case "insert":
		return syntax.Insert(f, path, argument)
	case "append":
		return syntax.Append(f, path, argument)
	case "remove":
		return syntax.Remove(f, path, argument)
	case "delete":
		return syntax.Delete(f, path)
	}
	t.Fatalf("no edit %q", operation)
	return nil, nil
}

// TestEditConfiguration edits a configuration. Its cases, in configuration.cases,
// are separated by empty lines: the edit, then the lines that are removed and added,
// or the error after an exclamation mark.
func TestEditConfiguration(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "edit")
	source := read(t, filepath.Join(dir, "configuration.nix"))
	cases := filepath.Join(dir, "configuration.cases")
	var got []string
	for c := range strings.SplitSeq(strings.TrimSpace(string(read(t, cases))), "\n\n") {
		edit, _, _ := strings.Cut(c, "\n")
		f, err := syntax.Parse("configuration.nix", source, syntax.ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		after, err := runEdit(t, f, strings.ReplaceAll(edit, `\n`, "\n"))
		if err == nil {
			got = append(got, edit+"\n"+changes(source, after))
			continue
		}
		var problem *syntax.EditError
		if !errors.As(err, &problem) {
			t.Errorf("%s: the error is %T", edit, err)
		}
		got = append(got, edit+"\n! "+err.Error())
	}
	compare(t, cases, strings.Join(got, "\n\n")+"\n")
}

// changes are the lines that differ.
func changes(before, after []byte) string {
	var lines []string
	for line := range strings.Lines(string(diff.Diff("a", before, "b", after))) {
		if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "+++") {
			continue
		}
		if line[0] == '+' || line[0] == '-' {
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return strings.Join(lines, "\n")
}

// TestEdit edits small files.
func TestEdit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, edit, want string }{
		{"{ }", "set a 1", "{\n  a = 1;\n}"},
		{"{}", "set a.b 1", "{\n  a.b = 1;\n}"},
		{"{\n}\n", "set a 1", "{\n  a = 1;\n}\n"},
		{"{\n  # nothing yet\n}\n", "set a 1", "{\n  # nothing yet\n  a = 1;\n}\n"},
		{"{ # nothing yet\n}\n", "set a 1", "{ # nothing yet\n  a = 1;\n}\n"},
		{"{ a = 1; }", "set b 2", "{ a = 1; b = 2; }"},
		{"{ a = 1; }", "delete a", "{ }"},
		{"{ a = 1; b = 2; c = 3; }", "delete b", "{ a = 1; c = 3; }"},
		{"{a=1;b=2;}", "delete a", "{b=2;}"},
		{"{\r\n  a = 1;\r\n}\r\n", "set b 2", "{\r\n  a = 1;\r\n  b = 2;\r\n}\r\n"},
		{"{\r\n  a = 1; # one\r\n}\r\n", "delete a", "{\r\n}\r\n"},
		{"{\n\ta = 1;\n\tb = {\n\t\tc = 1;\n\t};\n}", "set b.d 2", "{\n\ta = 1;\n\tb = {\n\t\tc = 1;\n\t\td = 2;\n\t};\n}"},
		{"{\n    a = 1;\n    b = { };\n}", "set b.d 2", "{\n    a = 1;\n    b = {\n        d = 2;\n    };\n}"},
		{"{\n  a = 1; # one\n\n  # end\n}", "set b 2", "{\n  a = 1; # one\n  b = 2;\n\n  # end\n}"},
		{"{\n  a = 1; /* one\n    and more */\n}", "set b 2", "{\n  a = 1; /* one\n    and more */\n  b = 2;\n}"},
		{"{ a = /* x */ 1 /* y */; }", "set a 2", "{ a = /* x */ 2 /* y */; }"},
		{"{ a = (1); }", "set a 2", "{ a = 2; }"},
		{"{ inherit (x) a b; }", "delete a", "{ inherit (x) b; }"},
		{"{ inherit (x) a; c = 1; }", "delete a", "{ c = 1; }"},
		{"{ inherit (x) a; }", "set a 1", "! f:1:15: a is inherited"},
		{"{ inherit a; }", "set a.b 1", "! f:1:3: a.b is within a value that is inherited"},
		{"{ a.b = 1; a = { c = 2; }; }", "set a.c 3", "{ a.b = 1; a = { c = 3; }; }"},
		{"{ a.b = 1; a = { c = 2; }; }", "set a.d 3", "{ a.b = 1; a = { c = 2; d = 3; }; }"},
		{"{ a.b = 1; a.c = 2; }", "delete a", "{ }"},
		{"{ a.b = 1; a = { c = 2; }; }", "delete a", "{ }"},
		{"{ \"a.b\".c = 1; }", "set \"a.b\".d 2", "{ \"a.b\".c = 1; \"a.b\".d = 2; }"},
		{"{ ${x} = 1; }", "set a 1", "! f:1:3: a may be defined by a name that is an expression"},
		{"{ a.${x} = 1; b = 1; }", "set b 2", "{ a.${x} = 1; b = 2; }"},
		{"import ./x", "set a 1", "! f:1:1: a cannot be in this file, which is not written as a set"},
		{"let x = 1; in { pkgs, ... }: with pkgs; { a = 1; }", "set a x", "let x = 1; in { pkgs, ... }: with pkgs; { a = x; }"},
		{"{ a = [ ]; }", "append a 1", "{ a = [ 1 ]; }"},
		{"{ a = []; }", "append a 1", "{ a = [ 1 ]; }"},
		{"{ a = [1]; }", "append a 2", "{ a = [1 2]; }"},
		{"{\n  a = [\n  ];\n}", "append a 1", "{\n  a = [\n    1\n  ];\n}"},
		{"{\n  a = [\n    # none\n  ];\n}", "append a 1", "{\n  a = [\n    # none\n    1\n  ];\n}"},
		{"{\n  a = [ 1\n        2 ];\n}", "append a 3", "{\n  a = [ 1\n        2\n        3 ];\n}"},
		{"{\n  a = [ 1 # one\n  ];\n}", "append a 2", "{\n  a = [ 1 # one\n    2\n  ];\n}"},
		{"{ a = [ 1 ] ++ [ 2 ]; }", "append a 3", "! f:1:7: a is more than one list"},
		{"{ a = lib.mkIf x (with p; [ b ]); }", "append a c", "{ a = lib.mkIf x (with p; [ b c ]); }"},
		{"{ a = lib.mkForce [ b ]; }", "append a b", "! f:1:21: a has the element b already"},
		{"{ a = f [ b ]; }", "append a c", "! f:1:7: a is not written as a list"},
		{"{ a = [ b ]; }", "append a c # d", "! f: a cannot have the element: element:1:8: syntax error, unexpected end of file"},
		{"{ a = [ b /* of b */ c ]; }", "remove a b", "{ a = [ /* of b */ c ]; }"},
		{"{ a = [ b c ]; }", "remove a c", "{ a = [ b ]; }"},
		{"{ a = [b c]; }", "remove a b", "{ a = [c]; }"},
		{"{ a = [ b ] ++ [ b ]; }", "remove a b", "! f:1:18: a has b in more than one list"},
		{"{ a = [ b c b ]; }", "remove a b", "{ a = [ c ]; }"},
		{"{ a = if x then [ b ] else [ c ]; }", "remove a c", "{ a = if x then [ b ] else [ ]; }"},
		{"{ a = [\n  b c\n  d\n]; }", "remove a b", "{ a = [\n  c\n  d\n]; }"},
		{"{ a = [ \"b\" ]; }", "remove a \"b\"", "{ a = [ ]; }"},
	} {
		f, err := syntax.Parse("f", []byte(test.source), syntax.ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v", test.source, err)
			continue
		}
		got := ""
		if after, err := runEdit(t, f, test.edit); err != nil {
			got = "! " + err.Error()
		} else {
			got = string(after)
		}
		if got != test.want {
			t.Errorf("%s\n%s\nwant %s\ngot  %s", test.edit, test.source, test.want, got)
		}
	}
}
