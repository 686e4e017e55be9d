package evaluation_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
)

// TestReader: what happens in a library is told by what of the reader's own led to
// it.
func TestReader(t *testing.T) {
	t.Parallel()
	// A module system in a few lines: modules are files that get arguments by name
	// and options that are evaluated with a context, as that of NixOS does.
	const library = `file:
let
  module = import file;
  given = builtins.mapAttrs (name: _: builtins.addErrorContext
    "while evaluating the module argument ` + "`${name}' in \\\"${toString file}\\\":" + `"
    { pkgs = { hello = 1; }; }.${name}) (builtins.functionArgs module);
  check = name: value: builtins.addErrorContext "while evaluating the option ` + "`${name}':" + `"
    (if builtins.isString value then value else throw "not a string, but a ${builtins.typeOf value}");
  config = module given;
in
builtins.mapAttrs check (builtins.removeAttrs config [ "imports" ]) // {
  imports = map import (config.imports or [ ]);
}`
	for name, test := range map[string]struct {
		source string
		want   told
	}{
		"argument": {"{ foo }: { greeting = foo; }", told{
			"own/argument.nix: no module is given an argument foo",
			"Remove foo from the arguments at the top of the file, or define it by _module.args.foo or specialArgs.",
		}},
		"option": {"{ }: {\n  greeting = 1;\n}", told{
			"library/default.nix:8:49: not a string, but a int (for the option greeting)",
			"The place above, and what led to it below, show what to change.",
		}},
		"called": {"{ }: {\n  greeting = (import ../library/deep.nix) 1;\n}", told{
			"library/deep.nix:1:4: expected a set but found an integer: 1 (for the option greeting, from own/called.nix:2:15)",
			"The place above, and what led to it below, show what to change.",
		}},
		"imports": {"{ }: {\n  imports = [\n    ./gone.nix\n  ];\n}", told{
			"library/default.nix:12:3: path 'own/gone.nix' does not exist (named in own/imports.nix:3:5)",
			"A file that is named there does not exist or cannot be read; paths without a leading / begin at the folder of the file they are in.",
		}},
		"own": {"{ }: { a = { }.b; }", told{
			"own/own.nix:1:12: attribute 'b' missing",
			"The set has no attribute b; `ask-nix search` finds how packages are called.",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, folder := range []string{"library", "own"} {
				if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			write(t, dir, "library/default.nix", library)
			write(t, dir, "library/deep.nix", "x: x.y")
			write(t, dir, "own/"+name+".nix", test.source)
			file := filepath.Join(dir, "own", name+".nix")
			native := &evaluation.Native{Host: host.Find(func(string) string { return "" }, "")}
			_, err := native.Evaluate(t.Context(), evaluation.Request{
				Sources: []evaluation.Source{{Kind: evaluation.Expression, Text: "import " + dir + "/library " + file}},
				Want:    evaluation.Values, Print: evaluation.Printing{Strict: true}, BaseDir: dir,
			})
			if err == nil {
				t.Fatal("it can be evaluated")
			}
			reader := evaluation.Reader{Library: []string{dir + "/library"}, Files: []string{file}}
			failure := reader.Explain(err)
			got := told{strings.ReplaceAll(failure.Message, dir+"/", ""), strings.ReplaceAll(failure.Hint, dir+"/", "")}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			// All of the trail has what the short one has.
			reader.Full = true
			full := reader.Explain(err).Details
			for _, line := range failure.Details {
				if !slices.Contains(full, line) && !strings.HasPrefix(line, "(") {
					t.Errorf("%q is not in the full details %q", line, full)
				}
			}
		})
	}
}
