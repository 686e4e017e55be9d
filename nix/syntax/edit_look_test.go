package syntax_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/syntax"
)

func parse(t *testing.T, source string) *syntax.File {
	t.Helper()
	f, err := syntax.Parse("f", []byte(source), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestAddArgument(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, want string }{
		{"{ ... }: { }", "{ pkgs, ... }: { }"},
		{"{ config, ... }: { }", "{ config, pkgs, ... }: { }"},
		{"{ config, lib ? 1 }: { }", "{ config, lib ? 1, pkgs }: { }"},
		{"{}: { }", "{ pkgs }: { }"},
		{"{ config\n, lib\n, ...\n}:\n{ }", "{ config\n, lib, pkgs\n, ...\n}:\n{ }"},
		{"{\n  config,\n  lib,\n  ...\n}:\n{ }", "{\n  config,\n  lib,\n  pkgs,\n  ...\n}:\n{ }"},
		{"{\r\n  config,\r\n  ...\r\n}:\r\n{ }", "{\r\n  config,\r\n  pkgs,\r\n  ...\r\n}:\r\n{ }"},
		{"args@{ config, ... }: { }", "args@{ config, pkgs, ... }: { }"},
		{"# mine\n{\n}\n", "# mine\n{ pkgs, ... }:\n{\n}\n"},
		{"let x = 1; in { a = x; }", "{ pkgs, ... }:\nlet x = 1; in { a = x; }"},
		{"args: { }", "! f:1:1: pkgs cannot be added to the arguments of the function"},
		{"{ pkgs, ... }: { }", "! f: pkgs was not changed: f:1:9: duplicate formal function argument 'pkgs'"},
	} {
		after, err := syntax.AddArgument(parse(t, test.source), "pkgs")
		got := string(after)
		if err != nil {
			got = "! " + err.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s", test.source, diff)
		}
	}
}

func TestLook(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"{ }":                              "0 definitions, 0 parts, 0 shared",
		"{ a.b.c = 1; }":                   "1 definitions, 0 parts, 0 shared: 1",
		"{ a.b.d = 1; }":                   "0 definitions, 0 parts, 2 shared",
		"{ a = lib.mkIf x { b.c = 1; }; }": "1 definitions, 0 parts, 1 shared conditional: 1 conditional",
		"{ a.b.c.d = 1; a.b.c.e = 2; }":    "0 definitions, 2 parts, 0 shared",
		"{ a.b = { inherit c; }; }":        "1 definitions, 0 parts, 2 shared: inherited",
		"{ a = f { }; }":                   "0 definitions, 0 parts, 0 shared blocked",
	} {
		f := parse(t, source)
		site, err := syntax.Look(f, []string{"a", "b", "c"})
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprintf("%d definitions, %d parts, %d shared", len(site.Definitions), site.Parts, site.Shared)
		if site.Conditional {
			got += " conditional"
		}
		if site.Blocked != nil {
			got += " blocked"
		}
		for _, d := range site.Definitions {
			switch {
			case d.Value == nil:
				got += ": inherited"
			case d.Conditional:
				got += ": " + text(f, d.Value) + " conditional"
			default:
				got += ": " + text(f, d.Value)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", source, diff)
		}
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	const source = "{ a = (with pkgs; [ b ]) ++ [ pkgs.c ] ++ lib.optionals x [ d ] ++ f y; }"
	f := parse(t, source)
	path := []string{"a"}
	site, err := syntax.Look(f, path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	found := syntax.Lists(site.Definitions[0].Value)
	for _, l := range found {
		got = append(got, fmt.Sprint(text(f, l.List), l.With != nil, l.Conditional))
	}
	if diff := cmp.Diff([]string{"[ b ]true false", "[ pkgs.c ]false false", "[ d ]false true"}, got); diff != "" {
		t.Error(diff)
	}
	after, err := syntax.AppendTo(f, path, found[1].List, "pkgs.e")
	if err != nil || string(after) != "{ a = (with pkgs; [ b ]) ++ [ pkgs.c pkgs.e ] ++ lib.optionals x [ d ] ++ f y; }" {
		t.Errorf("%s, %v", after, err)
	}
	if _, err := syntax.AppendTo(f, path, found[0].List, "e f"); err == nil {
		t.Error("two elements at once")
	}
}

func text(f *syntax.File, e syntax.Expr) string {
	s := e.Range()
	return string(f.Source[s.Start:s.End])
}
