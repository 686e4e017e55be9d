package shelf

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/evaluation"
)

// optionsText is what eval-config.nix gives: options as the module system of nixpkgs
// makes them, in the shapes of several releases.
const optionsText = `
{ system, modules, specialArgs ? { } }:
let
  pkgs = specialArgs.pkgs or {
    nginx = derivation { name = "nginx-1"; inherit system; builder = "b"; };
    sets.tool = derivation { name = "tool-1"; inherit system; builder = "b"; };
    lib.helper = x: x;
  };
  option = loc: attributes: {
    _type = "option"; inherit loc; declarations = [ ../modules/web.nix "/elsewhere.nix" ]; type.description = "string";
  } // attributes;
  inner = loc: option loc { description = "inside"; };
  submodule = options: { description = "submodule"; getSubOptions = loc: { _module.args = inner [ "_module" "args" ]; } // builtins.mapAttrs (name: _: inner (loc ++ [ name ])) options; };
  literal = type: text: { _type = type; inherit text; };
in
{
  inherit pkgs;
  options = {
    plain = option [ "plain" ] { description = "A <option>plain</option> &lt;one&gt;"; default = "a\"\n\${x}"; example = 1.5; };
    md = option [ "md" ] { description = literal "mdDoc" "In {command}` + "`nginx`" + `."; default = literal "literalExpression" "pkgs.nginx or null"; example = literal "literalExample" "[ 1 ]"; };
    text = option [ "text" ] { description = "x"; default = throw "not to be evaluated"; defaultText = "pkgs.text"; readOnly = true; };
    package = option [ "package" ] { description = "x"; default = pkgs.nginx; example = [ pkgs.sets.tool (x: x) null true 3 /a/b { } [ ] { a."b c" = 1; } ]; };
    command = option [ "command" ] { description = "x"; default = "${pkgs.nginx}/bin/nginx -g \${y}"; example = derivation { name = "made"; inherit system; builder = "b"; }; };
    endless = option [ "endless" ] { description = "x"; default = let x = { inherit x; }; in x; example = builtins.concatStringsSep "" (builtins.genList (_: "long ") 1000); };
    related = option [ "related" ] { description = "x"; relatedPackages = [ "git" [ "python3Packages" "numpy" ] { path = [ "a" "b" ]; } { name = "c"; } ]; };
    sub = option [ "sub" ] { description = "x"; type = submodule { a = 1; b = 2; }; };
    shallow = option [ "shallow" ] { description = "x"; visible = "shallow"; type = submodule { a = 1; }; };
    transparent = option [ "transparent" ] { description = "x"; visible = "transparent"; type = submodule { a = 1; }; };
    invisible = option [ "invisible" ] { description = "x"; visible = false; type = submodule { a = 1; }; };
    internal = option [ "internal" ] { description = "x"; internal = true; type = submodule { a = 1; }; };
    _module.check = option [ "_module" "check" ] { description = "x"; };
    bad = {
      default = option [ "bad" "default" ] { description = "x"; default = throw "no"; };
      description = option [ "bad" "description" ] { description = throw "no"; type.description = assert false; ""; };
      name = option [ "bad" (throw "no") ] { description = "x"; };
      sub = option [ "bad" "sub" ] { description = "x"; type.getSubOptions = throw "no"; };
      all = throw "no";
    };
    nothing = option [ "nothing" ] { type = { }; };
  };
}
`

// optionsOf reads the options of a tree.
func optionsOf(tb testing.TB, tree Tree) []listing.Entry {
	tb.Helper()
	if err := tree.resolve(); err != nil {
		tb.Fatal(err)
	}
	part, err := tree.options(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	var all []listing.Entry
	err = part.Read(tb.Context(), func(int64) {}, func(e listing.Entry) error {
		all = append(all, e)
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func treeWithOptions(tb testing.TB, text string) Tree {
	dir := tb.TempDir()
	write(tb, filepath.Join(dir, "lib/default.nix"), `{ showOption = builtins.concatStringsSep "."; }`)
	write(tb, filepath.Join(dir, "nixos/lib/eval-config.nix"), text)
	return Tree{Path: dir, System: "x86_64-linux", Evaluator: native()}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	// What most of them are; the others say what they are instead.
	option := func(name string, change func(*listing.Entry)) listing.Entry {
		e := listing.Entry{
			Kind: listing.Option, Attribute: name, Description: "x", Type: "string", Position: "nixos/modules/web.nix",
		}
		change(&e)
		return e
	}
	inside := func(e *listing.Entry) { e.Description = "inside" }
	submodule := func(e *listing.Entry) { e.Type = "submodule" }
	want := []listing.Entry{
		option("bad.default", func(*listing.Entry) {}),
		option("bad.description", func(e *listing.Entry) { e.Description, e.Type = "", "" }),
		option("command", func(e *listing.Entry) {
			e.Default, e.Example = `"${pkgs.nginx}/bin/nginx -g \${y}"`, "<derivation made>"
		}),
		option("endless", func(e *listing.Entry) {
			e.Default = "{ x = { x = { x = { x = { x = { x = { … }; }; }; }; }; }; }"
			e.Example = `"` + strings.Repeat("long ", 400)[:1999] + " …"
		}),
		option("internal.a", inside),
		option("md", func(e *listing.Entry) {
			e.Description, e.Default, e.Example = "In `nginx`.", "pkgs.nginx or null", "[ 1 ]"
		}),
		option("nothing", func(e *listing.Entry) { e.Description, e.Type = "", "" }),
		option("package", func(e *listing.Entry) {
			e.Default, e.Example = "pkgs.nginx", `[ pkgs.sets.tool <function> null true 3 /a/b { } [ ] { a = { "b c" = 1; }; } ]`
		}),
		option("plain", func(e *listing.Entry) {
			e.Description, e.Default, e.Example = "A `plain` <one>", `"a\"\n\${x}"`, "1.5"
		}),
		option("related", func(e *listing.Entry) { e.Related = "git python3Packages.numpy a.b c" }),
		option("shallow", submodule),
		option("sub", submodule), option("sub.a", inside), option("sub.b", inside),
		option("text", func(e *listing.Entry) { e.Default, e.ReadOnly = "pkgs.text", true }),
		option("transparent.a", inside),
	}
	if diff := cmp.Diff(want, optionsOf(t, treeWithOptions(t, optionsText))); diff != "" {
		t.Error(diff)
	}
}

// TestOptionsFail are taken from the snapshot instead, unless it was time to end.
func TestOptionsFail(t *testing.T) {
	t.Parallel()
	for name, tree := range map[string]Tree{
		"no NixOS":     {Path: t.TempDir(), Evaluator: native()},
		"no evaluator": {Path: treeWithOptions(t, optionsText).Path},
		"throw":        treeWithOptions(t, `{ ... }: throw "no"`),
	} {
		b := &build{tree: &tree}
		if err := tree.resolve(); err != nil {
			t.Fatal(err)
		}
		count := 0
		err := b.readOptions(t.Context(), func(int64) {}, func(listing.Entry) error { count++; return nil })
		if err != nil || count < 20_000 || len(b.warnings) != 1 {
			t.Errorf("%s: %d options, warnings %q, %v", name, count, b.warnings, err)
		}
	}
	tree := treeWithOptions(t, optionsText)
	ctx, cancel := context.WithCancel(t.Context())
	tree.Evaluator = cancelling{cancel}
	err := (&build{tree: &tree}).readOptions(ctx, nil, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// cancelling ends the context instead of evaluating.
type cancelling struct{ cancel func() }

func (c cancelling) Evaluate(context.Context, evaluation.Request) (*evaluation.Result, error) {
	c.cancel()
	return nil, errors.New("ended")
}
