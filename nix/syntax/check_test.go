package syntax_test

import (
	"errors"
	"testing"

	"luminousnix/nix/syntax"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	const fine = ""
	for source, want := range map[string]string{
		"true":                             fine,
		"x: x":                             fine,
		"x: y":                             "1:4: undefined variable 'y'",
		"x: [ x (y: x y) y ]":              "1:17: undefined variable 'y'",
		"{ a, b ? a, ... }@c: a c":         fine,
		"{ a ? c }@b: b":                   "1:7: undefined variable 'c'",
		"let a = b; b = 1; in a":           fine,
		"let a = 1; in b":                  "1:15: undefined variable 'b'",
		"let inherit a; in 1":              "1:13: undefined variable 'a'",
		"let a = 1; in { inherit a; }":     fine,
		"let inherit (builtins) a; in a":   fine,
		"let inherit (b) a; b = 1; in a":   fine,
		"rec { a = b; b = 1; }":            fine,
		"{ a = b; b = 1; }":                "1:7: undefined variable 'b'",
		"rec { inherit a; }":               "1:15: undefined variable 'a'",
		"{ a = rec { b = 1; }; a.c = b; }": fine,
		"{ a.c = b; a = rec { b = 1; }; }": "1:9: undefined variable 'b'",
		"let { a = 1; body = a; }":         fine,
		"with builtins; anything":          fine,
		"with anything; 1":                 "1:6: undefined variable 'anything'",
		"[ (with builtins; a) b ]":         "1:22: undefined variable 'b'",
		"with builtins; { inherit (x) y; z = { inherit q; }; }": fine,
		"x: x.${y}":          "1:8: undefined variable 'y'",
		"x: x ? ${y}":        "1:10: undefined variable 'y'",
		"x: { ${y} = 1; }":   "1:8: undefined variable 'y'",
		`"a${y}"`:            "1:5: undefined variable 'y'",
		"./a/${y}":           "1:7: undefined variable 'y'",
		"__curPos":           fine,
		"a: a.b or c":        "1:11: undefined variable 'c'",
		"if x then y else z": "1:4: undefined variable 'x'",
		"assert true; x":     "1:14: undefined variable 'x'",
		"-x":                 "1:2: undefined variable 'x'",
	} {
		f, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got := fine
		if err := syntax.Check(f, global); err != nil {
			got = err.Error()[len("f:"):]
		}
		if got != want {
			t.Errorf("%s:\nwant %s\ngot  %s", source, want, got)
		}
	}
}

func TestCheckHint(t *testing.T) {
	t.Parallel()
	f, err := syntax.Parse("f", []byte("{ config, pkgs, ... }: conifg"), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var e *syntax.Error
	if !errors.As(syntax.Check(f, global), &e) {
		t.Fatal("no error")
	}
	if want := "Did you mean 'config'?"; e.Hint != want {
		t.Errorf("want %q, got %q", want, e.Hint)
	}
}
