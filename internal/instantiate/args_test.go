package instantiate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/nix/eval"
)

// TestArguments: what is said on the command line is what is asked for.
func TestArguments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want evaluation.Request
	}{
		{[]string{"--attr", "a.b", "-A", "c"}, evaluation.Request{Attributes: []string{"a.b", "c"}}},
		{[]string{"--arg", "x", "1", "--argstr", "y", "z"}, evaluation.Request{Arguments: []evaluation.Argument{
			{Name: "x", Text: "1"}, {Name: "y", Text: "z", IsString: true},
		}}},
		{[]string{"--json", "--strict"}, evaluation.Request{Print: evaluation.Printing{Format: evaluation.JSON, Strict: true}}},
		{[]string{"--xml", "--no-location"}, evaluation.Request{Print: evaluation.Printing{Format: evaluation.XML, NoLocation: true}}},
		{[]string{"--raw"}, evaluation.Request{Print: evaluation.Printing{Format: evaluation.Raw}}},
		{[]string{"--add-root", "result"}, evaluation.Request{Link: "result"}},
		{[]string{"--pure-eval", "--restrict-eval", "--abort-on-warn", "--trace-verbose"}, evaluation.Request{
			Pure: true, Restrict: true, AbortOnWarn: true, TraceVerbose: true,
		}},
		{[]string{"--pure-eval", "--impure"}, evaluation.Request{}},
		{[]string{"--option", "restrict-eval", "true", "--option", "allowed-uris", "https://a/ github:", "--option", "extra-allowed-uris", "b"}, evaluation.Request{
			Restrict: true, AllowedURIs: []string{"https://a/", "github:", "b"},
		}},
		{[]string{"--option", "system", "riscv64-linux"}, evaluation.Request{System: "riscv64-linux"}},
		{[]string{"--option", "eval-system", "x", "--option", "system", "y"}, evaluation.Request{System: "x"}},
		{[]string{"--option", "tarball-ttl", "60"}, evaluation.Request{DownloadTTL: time.Minute}},
		{[]string{"--option", "tarball-ttl", "0"}, evaluation.Request{DownloadTTL: -1}},
		{[]string{"--max-call-depth", "5", "--extra-experimental-features", "flakes pipe-operators"}, evaluation.Request{
			MaxCallDepth: 5, Features: []string{"flakes", "pipe-operators"},
		}},
		{[]string{"--lint-url-literals", "fatal"}, evaluation.Request{Lints: eval.Lints{URLLiterals: eval.LintFatal}}},
		{[]string{"--option", "sandbox", "false"}, evaluation.Request{Settings: []evaluation.Setting{{Name: "sandbox", Value: "false"}}}},
		{[]string{"--no-eval-cache"}, evaluation.Request{NoCache: true}},
	} {
		got, err := parseArguments(test.args)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		if diff := cmp.Diff(test.want, got.Request); diff != "" {
			t.Errorf("%q: %s", test.args, diff)
		}
	}
	for _, args := range [][]string{
		{"--backend", "other"}, {"--max-call-depth", "-1"}, {"--option", "tarball-ttl", "soon"}, {"--lint-url-literals", "maybe"}, {"--option", "x"},
	} {
		if _, err := parseArguments(args); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}
