package testbed

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What modules make of options, evaluated with a system of nothing but them.
func TestModules(t *testing.T) {
	t.Parallel()
	n := New(t)
	const base = `{ config, lib, ... }: with lib; {
  options.flag = mkOption { type = types.bool; default = false; };
  options.names = mkOption { type = types.listOf types.str; default = [ "default" ]; };
  options.text = mkOption { type = types.lines; };
  options.box = mkOption {
    default = { };
    type = types.attrsOf (types.submodule ({ name, ... }: {
      options.label = mkOption { type = types.str; default = name; };
      options.size = mkOption { type = types.nullOr types.int; default = null; };
    }));
  };
  options.either = mkOption { type = types.either types.int types.str; default = 0; };
  options.fixed = mkOption { type = types.int; readOnly = true; default = 1; };
}`
	tests := []struct {
		name    string
		modules []string
		get     string
		want    string // JSON
		err     []string
	}{
		{"default", nil, "names", `["default"]`, nil},
		{"definitions replace the default", []string{`{ names = [ "a" ]; }`}, "names", `["a"]`, nil},
		{"lists are joined", []string{`{ names = [ "a" ]; }`, `{ names = [ "b" ]; }`}, "names", `["a","b"]`, nil},
		{"order", []string{`{ lib, ... }: { names = lib.mkMerge [ (lib.mkAfter [ "z" ]) [ "m" ] (lib.mkBefore [ "a" ]) ]; }`}, "names", `["a","m","z"]`, nil},
		{"mkIf", []string{`{ lib, config, ... }: lib.mkIf config.flag { names = [ "on" ]; }`, `{ flag = true; }`}, "names", `["on"]`, nil},
		{"mkIf not", []string{`{ lib, config, ... }: lib.mkIf config.flag { names = [ "on" ]; }`}, "names", `["default"]`, nil},
		{"mkForce", []string{`{ lib, ... }: { names = lib.mkForce [ "only" ]; }`, `{ names = [ "b" ]; }`}, "names", `["only"]`, nil},
		{"mkDefault", []string{`{ lib, ... }: { flag = lib.mkDefault true; }`, `{ flag = false; }`}, "flag", `false`, nil},
		{"mkForce inside mkIf", []string{`{ lib, ... }: { flag = lib.mkIf true (lib.mkForce true); }`, `{ flag = false; }`}, "flag", `true`, nil},
		{"imports count once", []string{`{ imports = [ ./extra.nix ]; }`, `{ imports = [ ./extra.nix ]; }`}, "names", `["extra"]`, nil},
		{"lines", []string{`{ text = "a"; }`, `{ text = "b"; }`}, "text", `"a\nb"`, nil},
		{"submodules", []string{`{ box.x.size = 1; }`, `{ lib, ... }: { box.y = lib.mkIf true { label = "why"; }; box.z = lib.mkIf false { }; }`}, "box", `{"x":{"label":"x","size":1},"y":{"label":"why","size":null}}`, nil},
		{"either", []string{`{ either = "s"; }`}, "either", `"s"`, nil},
		{"arguments", []string{`{ extra, ... }: { names = [ extra ]; }`, `{ _module.args.extra = "given"; }`}, "names", `["given"]`, nil},

		{"no such option", []string{`{ box.x.colour = 1; }`}, "box", "", []string{"`box.x.colour' does not exist", "module-0.nix"}},
		{"no such option at the top", []string{`{ boxes = { }; }`}, "flag", "", []string{"`boxes' does not exist", "module-0.nix"}},
		{"conflict", []string{`{ flag = true; }`, `{ flag = false; }`}, "flag", "", []string{"`flag' has conflicting definition values", "module-0.nix': true", "module-1.nix': false"}},
		{"wrong type", []string{`{ flag = "yes"; }`}, "flag", "", []string{"`flag' is not of type `boolean'", `module-0.nix': "yes"`}},
		{"wrong element", []string{`{ names = [ "a" 2 ]; }`}, "names", "", []string{"`names.<2>' is not of type `string'", "module-0.nix"}},
		{"not defined", nil, "text", "", []string{"`text' is used but not defined"}},
		{"not a set", []string{`{ lib, ... }: { options.a.b = lib.mkOption { }; config.a = 1; }`}, "a.b", "", []string{"`a' is a set of options", "module-0.nix"}},
		{"declared twice", []string{`{ lib, ... }: { options.flag = lib.mkOption { }; }`}, "flag", "", []string{"`flag' is declared more than once", "base.nix", "module-0.nix"}},
		{"read-only", []string{`{ fixed = 2; }`, `{ fixed = 3; }`}, "fixed", "", []string{"`fixed' is read-only", "module-1.nix': 3"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
				return path
			}
			paths := []string{write("base.nix", base)}
			write("extra.nix", `{ names = [ "extra" ]; }`)
			for i, module := range test.modules {
				paths = append(paths, write("module-"+string(rune('0'+i))+".nix", module))
			}
			expression := `((import <nixpkgs/lib>).evalModules { modules = [ ` + strings.Join(paths, " ") + ` ]; }).config.` + test.get
			got, err := n.output(t.Context(), "nix-instantiate", "--eval", "--strict", "--json", "--expr", expression)
			if test.err == nil {
				if err != nil || got != test.want {
					t.Errorf("%s = %s, %v; want %s", test.get, got, err, test.want)
				}
				return
			}
			var failed *CommandError
			if !errors.As(err, &failed) {
				t.Fatalf("%s = %s, want an error", test.get, got)
			}
			for _, part := range test.err {
				if !strings.Contains(failed.Stderr, part) {
					t.Errorf("the error does not say %q:\n%s", part, failed.Stderr)
				}
			}
		})
	}
}

// Every option is documented, with an existing declaration.
func TestOptionsDocumentation(t *testing.T) {
	t.Parallel()
	n := New(t)
	out, err := n.output(t.Context(), "nix-build", "<nixpkgs/nixos>", "--no-out-link", "--attr", "config.system.build.manual.optionsJSON")
	if err != nil {
		t.Fatal(err)
	}
	type literal struct{ Text string }
	var options map[string]struct {
		Description, Type string
		Declarations      []string
		Default, Example  *literal
	}
	if err := json.Unmarshal([]byte(read(t, out, "share/doc/nixos/options.json")), &options); err != nil {
		t.Fatal(err)
	}
	for name, option := range options {
		if option.Description == "" || option.Type == "" || len(option.Declarations) != 1 {
			t.Errorf("%s is not documented: %+v", name, option)
			continue
		}
		file, found := strings.CutPrefix(option.Declarations[0], "nixos/")
		if _, err := os.Stat(filepath.Join(n.Nixpkgs, file)); !found || err != nil {
			t.Errorf("%s is said to be declared in %s: %v", name, option.Declarations[0], err)
		}
	}
	got := options["users.users.<name>.home"]
	if diff := cmp.Diff(&literal{`"/home/${name}"`}, got.Default); diff != "" {
		t.Errorf("default of a user's home (-want +got):\n%s", diff)
	}
	if len(options) < 60 {
		t.Errorf("only %d options", len(options))
	}
}

func TestPackages(t *testing.T) {
	t.Parallel()
	n := New(t)
	eval := func(expression string) (string, error) {
		return n.output(t.Context(), "nix-instantiate", "--eval", "--strict", "--json", "--expr", expression)
	}
	for expression, want := range map[string]string{
		`(import <nixpkgs> { }).firefox.name`:                                                                                                  `"firefox-145.0.1"`,
		`(import <nixpkgs> { release = "25.05"; }).firefox.version`:                                                                            `"138.0.4"`,
		`(import <nixpkgs> { }).firefox.meta.license.spdxId`:                                                                                   `"MPL-2.0"`,
		`(import <nixpkgs> { }).neovim.meta.mainProgram`:                                                                                       `"nvim"`,
		`(import <nixpkgs> { }) ? neofetch`:                                                                                                    `false`,
		`(import <nixpkgs> { config.allowUnfree = true; }).steam.name`:                                                                         `"steam-1.0.0.85"`,
		`(import <nixpkgs> { overlays = [ (f: p: { jq = p.jq.overrideAttrs (o: { version = "2"; }); }) ]; }).jq.name`:                          `"jq-2"`,
		`(import <nixpkgs> { overlays = [ (f: p: { zlib = p.xz; }) ]; }).curl.uses == map (n: (import <nixpkgs> { }).${n}) [ "openssl" "xz" ]`: `true`,
	} {
		if got, err := eval(expression); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", expression, got, err, want)
		}
	}
	var failed *CommandError
	_, err := eval(`(import <nixpkgs> { }).steam.outPath`)
	if !errors.As(err, &failed) || !strings.Contains(failed.Stderr, "has an unfree license") {
		t.Errorf("an unfree package: %v", err)
	}
}
