package shelf

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog/vocabulary"
	"luminousnix/nix/syntax"
)

// aliasesText has what aliases.nix of some releases have.
const aliasesText = `lib: self: super:
with self;
let
  # Not an alias.
  checkInPkgs = n: alias: if builtins.hasAttr n super then throw "Alias ${n} is still there" else alias;
  mapAliases = aliases: lib.mapAttrs (n: alias: checkInPkgs n alias) aliases;
in
  ### Deprecated aliases
mapAliases ({
  ag = silver-searcher; # added 2018-04-25
  accounts-qt = libsForQt5.accounts-qt; # added 2015-12-19
  "0x0" = self.zerox;
  same = pkgs.same;
  gone = throw "gone has been removed: nobody wants it"; # added 2019-01-01
  'quoted' = null;
  inherit (ocaml-ng) ocamlPackages_4_03 ocamlPackages_4_04;
  inherit self;
} // {
  tool = with python3Packages; toPythonApplication tool;
  fork = (fork-ng // { recurseForDerivations = true; });
  custom = base.tool.override { x = 1; };
  warned = lib.warn "warned is called better now" better;
  kept = dontDistribute kept-ng;
  onDarwin = if stdenv.isDarwin then darwin.tool else null;
  helper = lib.helper;
  made = callPackage ./made.nix { };
} // lib.optionalAttrs config.allowAliases {
  conditional = other;
})
`

func TestReadRenames(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "aliases.nix")
	write(t, file, strings.Replace(aliasesText, "  'quoted' = null;\n", "  none = null;\n", 1))
	got, names, err := readRenames(file)
	if err != nil {
		t.Fatal(err)
	}
	to := func(old, pkg string) vocabulary.Rename { return vocabulary.Rename{Old: old, New: []string{pkg}} }
	want := []vocabulary.Rename{
		to("ag", "silver-searcher"), to("accounts-qt", "libsForQt5.accounts-qt"), to("0x0", "zerox"),
		{Old: "gone", Reason: "has been removed: nobody wants it"},
		to("ocamlPackages_4_03", "ocaml-ng.ocamlPackages_4_03"), to("ocamlPackages_4_04", "ocaml-ng.ocamlPackages_4_04"),
		to("fork", "fork-ng"), to("custom", "base.tool"),
		{Old: "warned", New: []string{"better"}, Reason: "is called better now"},
		to("kept", "kept-ng"), to("onDarwin", "darwin.tool"), to("conditional", "other"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, name := range []string{"same", "none", "tool", "helper", "made"} {
		if !names[name] {
			t.Errorf("%s is an alias", name)
		}
	}
}

func TestReadRenamesFails(t *testing.T) {
	t.Parallel()
	if _, _, err := readRenames(write(t, filepath.Join(t.TempDir(), "aliases.nix"), "{ a = ; }")); err == nil {
		t.Error("a syntax error is none")
	}
}

// TestMessages finds what a message says to use instead.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value, reason string
		new           []string
	}{
		{`throw "old has been renamed to 'new'"`, "has been renamed to 'new'", []string{"new"}},
		{"throw \"'old' was removed. Use `pkgs.a.b-c` instead.\"", "was removed. Use `pkgs.a.b-c` instead.", []string{"a.b-c"}},
		{`throw "old: removed in favour of 'a', 'b' or 'c'"`, "removed in favour of 'a', 'b' or 'c'", []string{"a", "b", "c"}},
		{`throw "replaced by \"new\" (2020-01-01)"`, `replaced by "new" (2020-01-01)`, []string{"new"}},
		{`throw "The old package is gone, in favor of the “new” one"`, `The old package is gone, in favor of the “new” one`, []string{"new"}},
		{`throw "deprecated 2018-10-21: use postgresql_10 instead"`, "deprecated 2018-10-21: use postgresql_10 instead", []string{"postgresql_10"}},
		{`throw "deprecated, use that instead"`, "deprecated, use that instead", nil},
		{`throw "removed. Don't use it: it's 'broken'"`, "removed. Don't use it: it's 'broken'", nil},
		{"throw ''\n  old was removed;\n    see ${other} and ${toString 1}.\n''", "was removed; see other and .", nil},
		{`throw ("old is " + "no more")`, "is no more", nil},
		{`throw "` + strings.Repeat("ä ", 150) + `"`, strings.Repeat("ä ", 99) + "ä…", nil},
		{`lib.warnOnInstantiate "old is deprecated" (new.override { })`, "is deprecated", []string{"new"}},
		{`assert x; throw old`, "", nil},
		{`x: y`, "", nil},
	} {
		f, err := syntax.Parse("test", []byte(test.value), syntax.ParseOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var m meaning
		m.read(f.Root)
		if diff := cmp.Diff(vocabulary.Rename{Old: "old", New: test.new, Reason: test.reason}, m.rename("old")); diff != "" {
			t.Errorf("%s: %s", test.value, diff)
		}
	}
}
