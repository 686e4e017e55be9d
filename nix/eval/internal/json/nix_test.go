package json_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval/internal/json"
)

// malformed are texts that are not JSON.
func malformed() []string {
	return []string{
		"[", "[1,]", `{"a"}`, `{"a":}`, "{a:1}", "nul", "nulx", "truex", "01", "-", "-x", "1.", "1.x", "1e", "1e+", "1e400", `"`, `"\x"`, `"\u12"`, `"\u12x4"`, `"\ud800"`, `"\ud800x"`, `"\ud800\u0041"`, `"\udc00"`,
		"[1] x", "[1] 2", "[\n1,\n x", "\"a\tb\"", "\"a\nb\"", "\"\x01\"", `{"a":1,}`, "/*a*/1", "NaN", "[1 2]", "+1", ".5", "'a'", "   ", `{"a":1 "b":2}`, `{"a" 1}`, `{1:2}`, "\"é", "[1}", `{"a":1]`, "]", "}", ",", ":", `["a", tru]`,
		"\n\n  x", "[1,\n2,\n\"\\q\"]", "[\"\xff\"]", "\"\xe2\x82\"", "\"\xed\xa0\x80\"", "\xff", "[1, 2", `{"a": {"b": [`, "1 1", `"a" "b"`, "\xef\xbbx", "\xc3\xa9", "[tr", "-01", "1.5.5", "--1",
	}
}

// TestRealNix compares error messages with those of each release of Nix.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			for _, text := range malformed() {
				_, err := json.Parse(text)
				if err == nil {
					t.Errorf("%q is read", text)
					continue
				}
				if want := realError(t, bed, text); !strings.Contains(want, "error: "+err.Error()) {
					t.Errorf("%q: %v, but Nix: %s", text, err, want)
				}
			}
		})
	}
}

func realError(t *testing.T, bed *testbed.Nix, text string) string {
	t.Helper()
	file := filepath.Join(bed.Dir, "test.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := bed.Command(ctx, "nix-instantiate", "--eval", "--strict", "-E", "builtins.fromJSON (builtins.readFile "+file+")")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if out, err := cmd.Output(); err == nil {
		return "reads " + string(out)
	}
	return stderr.String()
}
