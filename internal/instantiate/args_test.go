package instantiate

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
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
		{[]string{"--max-memory", "500MiB"}, evaluation.Request{MaxMemory: 500 << 20}},
		{[]string{"--option", "max-memory", "1000"}, evaluation.Request{MaxMemory: 1000}},
		{[]string{"--max-memory", "0"}, evaluation.Request{MaxMemory: -1}},
		{[]string{"--lint-url-literals", "fatal"}, evaluation.Request{Lints: eval.Lints{URLLiterals: eval.LintFatal}}},
		{[]string{"--option", "sandbox", "false"}, evaluation.Request{Settings: []evaluation.Setting{{Name: "sandbox", Value: "false"}}}},
		{[]string{"--no-eval-cache"}, evaluation.Request{NoCache: true}},
	} {
		got, err := parseArguments(test.args, nil)
		if err != nil {
			t.Errorf("%q: %v", test.args, err)
			continue
		}
		if diff := cmp.Diff(test.want, got.Request); diff != "" {
			t.Errorf("%q: %s", test.args, diff)
		}
	}
	for _, args := range [][]string{
		{"--backend", "other"},
		{"--max-call-depth", "-1"},
		{"--option", "tarball-ttl", "soon"},
		{"--lint-url-literals", "maybe"},
		{"--option", "x"},
		{"--max-memory", "much"},
		{"--max-memory", "-1"},
		{"--max-memory", "9999999999GiB"},
		{"--max-memory", "MiB"},
	} {
		if _, err := parseArguments(args, nil); err == nil {
			t.Errorf("%q is taken", args)
		}
	}
}

// TestConfiguration: the command line goes before nix.conf, of which counts what is
// about evaluation.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	conf := []host.Setting{
		{Name: "experimental-features", Value: "nix-command"},
		{Name: "experimental-features", Value: "flakes"},
		{Name: "extra-experimental-features", Value: "pipe-operators"},
		{Name: "restrict-eval", Value: "true"},
		{Name: "max-call-depth", Value: "many"},
		{Name: "sandbox", Value: "true"},
	}
	for _, test := range []struct {
		args []string
		want evaluation.Request
	}{
		{nil, evaluation.Request{Restrict: true, Features: []string{"flakes", "pipe-operators"}}},
		{[]string{"--no-restrict-eval", "--extra-experimental-features", "ca-derivations", "--option", "sandbox", "false"}, evaluation.Request{
			Features: []string{"flakes", "pipe-operators", "ca-derivations"}, Settings: []evaluation.Setting{{Name: "sandbox", Value: "false"}},
		}},
		{[]string{"--experimental-features", ""}, evaluation.Request{Restrict: true, Features: []string{}}},
	} {
		got, err := parseArguments(test.args, conf)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got.Request); diff != "" {
			t.Errorf("%q: %s", test.args, diff)
		}
	}
}
