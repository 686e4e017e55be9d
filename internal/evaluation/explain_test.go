package evaluation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

// told is what people see of an error, with the folder of the test left out.
type told struct{ Message, Hint string }

// explain evaluates a file and explains why that fails.
func explain(t *testing.T, dir, file string) (told, *operation.Error) {
	t.Helper()
	native := &evaluation.Native{Host: host.Find(func(string) string { return "" }, ""), Downloads: t.TempDir()}
	// A function is called only if there are arguments.
	arguments := []evaluation.Argument{{Name: "unused", Text: "1"}}
	_, err := native.Evaluate(t.Context(), evaluation.Request{
		Sources:   []evaluation.Source{{Text: filepath.Join(dir, file)}},
		Arguments: arguments, MaxMemory: 256 << 20,
		Want: evaluation.Values, Print: evaluation.Printing{Strict: true}, BaseDir: dir,
	})
	if err == nil {
		t.Fatalf("%s can be evaluated", file)
	}
	failure := evaluation.Reader{}.Explain(err)
	if failure.Code != operation.CodeConfiguration || failure.Code.ExitCode() != 6 {
		t.Errorf("%s: code %s", file, failure.Code)
	}
	short := func(text string) string { return strings.ReplaceAll(text, dir+"/", "") }
	return told{short(failure.Message), short(failure.Hint)}, failure
}

// TestExplain goes through errors of the language.
func TestExplain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		source string
		want   told
	}{
		"undefined": {"{\n  a = htop;\n}", told{
			"undefined.nix:2:7: undefined variable 'htop'",
			"Nothing of that name is defined here: if it is a package, write pkgs.htop; a module needs it among its arguments, as in { config, pkgs, lib, ... }:",
		}},
		"attribute": {"let set = { hostName = 1; }; in set.hostname", told{
			"attribute.nix:1:33: attribute 'hostname' missing",
			"Did you mean hostName?",
		}},
		"argument": {"(import ./function.nix) { }", told{
			"function.nix:1:1: function 'anonymous lambda' called without required argument 'system'",
			"Give the function system, or a default for it: { system ? null }:",
		}},
		"called with nothing": {"{ system }: system", told{
			"called-with-nothing.nix:1:3: cannot evaluate a function that has an argument without a value ('system')",
			"Give it with --arg system or --argstr system, or a default in the function: { system ? null }:",
		}},
		"bomb": {"builtins.genList (x: x) 1000000000", told{
			"bomb.nix:1:1: out of memory: the evaluation needs more than 256 MiB",
			"Something in it may grow without end; if it needs that much, --max-memory allows more, as in --max-memory 8GiB.",
		}},
		"semicolon": {"{\n  a = 1\n  b = 2;\n}", told{
			"semicolon.nix:3:5: syntax error, unexpected '=', expecting ';'",
			"Is ';' missing at 2:8?",
		}},
		"missing": {"import ./not-there.nix", told{
			"missing.nix:1:1: path 'not-there.nix' does not exist",
			"A file that is named there does not exist or cannot be read; paths without a leading / begin at the folder of the file they are in.",
		}},
		"recursion": {"let a = b; b = a; in a", told{
			"recursion.nix:1:9: infinite recursion encountered",
			"A value needs itself. In a module, mind that `imports` cannot depend on config or pkgs, and that lib.mkIf is to be used in place of if … then for what depends on config.",
		}},
		"assertion": {"assert 1 == 2; 3", told{
			"assertion.nix:1:1: an integer with value '1' is not equal to an integer with value '2'",
			"The condition at that place does not hold; what is asserted says what is expected.",
		}},
		"hash": {`builtins.fetchurl { url = "file://${toString ./function.nix}"; sha256 = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; }`, told{
			"hash.nix:1:1: hash mismatch in file downloaded from 'file://function.nix':",
			"If the content is what you want, put the hash after `got:` below into the expression.",
		}},
		"git": {`builtins.fetchGit "/nowhere"`, told{
			"git.nix:1:1: builtins.fetchGit is not supported natively",
			"--backend command has Nix's own program evaluate this.",
		}},
		"import from derivation": {
			`import (derivation { name = "made"; system = "x"; builder = "/bin/sh"; })`, told{
				"import-from-derivation.nix:1:1: cannot build '/nix/store/nii0x0ad91d6m3kwk75aw3s2abr2872d-made.drv' during evaluation",
				"The expression imports what has to be built first, and nothing is built here; `ask-nix instantiate` builds it.",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, strings.ReplaceAll(name, " ", "-")+".nix", test.source)
			write(t, dir, "function.nix", "{ system, crossSystem ? null }: system")
			got, _ := explain(t, dir, strings.ReplaceAll(name, " ", "-")+".nix")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
