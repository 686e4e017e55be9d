package toml_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval/internal/toml"
)

// documents are texts on which all releases of Nix agree.
func documents() []string {
	return []string{
		"", "\n", "# only a comment", "a = 1", "a = 1\r\nb = 2\r\n", "a = 1 # comment", "\ta\t=\t1\t",
		"a.b.c = 1\na.b.d = 2", "a . b = 1", `"a b" = 1`, "'a.b' = 1", `"" = 1`, "1 = 1", "1.2 = 3", `a."b.c".d = 1`,
		"a = true\nb = false", "a = tru", "a = True",
		"a = 0", "a = +1", "a = -0", "a = 1_000", "a = 1__0", "a = _1", "a = 1_", "a = 01", "a = 0x1F", "a = 0xdead_beef", "a = 0o17", "a = 0b101",
		"a = 0x", "a = 0o8", "a = 0b2", "a = 0X1", "a = 9223372036854775807", "a = -9223372036854775808", "a = 0x7fffffffffffffff",
		"a = 1.5", "a = 1.", "a = .5", "a = 1e5", "a = 1E5", "a = 1e+5", "a = 1e-5", "a = 1.5e3", "a = 1.e5", "a = 1e", "a = 1e1.5", "a = 1_0.5_0", "a = 1._5", "a = 03.14", "a = 0.5", "a = -0.5", "a = 1e05", "a = 0e0",
		`a = ""`, `a = "x\ty\n\"\\"`, `a = "\u00e9\U0001F600"`, `a = "\q"`, `a = "\u12"`, `a = "\ud800"`, `a = "\U00110000"`, "a = \"x\ny\"", "a = \"x\ty\"", "a = \"\x01\"", "a = 'x\\ty'", "a = 'x", "a = '\x01'",
		"a = \"\"\"\nx\ny\"\"\"", "a = \"\"\"x \\\n   y\"\"\"", "a = \"\"\"x\\  \n\n  y\"\"\"", `a = """x"y""z"""""`, `a = """"x""""`, "a = '''\nx\\y'''", "a = ''''x''''", "a = '''''x'''", `a = """x`, `a = """"""`, "a = ''''''", `a = """\q"""`, "a = \"\"\"x\\ y\"\"\"",
		"a = []", "a = [1, 2]", "a = [1, 2,]", "a = [1, \"x\", [true]]", "a = [\n1,\n# c\n2\n]", "a = [,]", "a = [1 2]", "a = [1,,2]", "a = [", "a = [1",
		"a = {}", "a = { b = 1 }", "a = { b = 1, c.d = 2 }", "a = { b = { c = 1 } }", "a = { b = 1 c = 2 }", "a = { b = 1, b = 2 }", "a = { b", "a = { b = 1 }\n[a]", "a = { b = 1 }\na.c = 2", "a = { b.c = 1, b.d = 2 }",
		"[a]\nb = 1", "[a.b]\nc = 1", "[ a . b ]\nc = 1", "[a]\n[a]", "[a.b]\n[a]", "[a]\n[a.b]", "[a]\nb = 1\n[a.b]", "[a.b]\nc = 1\n[a.b.d]\n[a]\ne = 1", "[]", "[a", "[a]]", "[a] b = 1", "[a.]", "[.a]", "[a..b]",
		"[[a]]\nb = 1\n[[a]]\nb = 2", "[[a]]\n[a.b]\nc = 1\n[[a]]\n[a.b]\nc = 2", "[[a.b]]\n[[a.b]]", "[a]\n[[a]]", "[[a]]\n[a]", "a = []\n[[a]]", "a = [{}]\n[[a]]", "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]", "[ [a] ]", "[[a] ]",
		"a = 1\na = 2", "a.b = 1\na = 2", "a = 1\na.b = 2", "a = 1\n[a]", "a = 1\n[a.b]",
		"a", "a =", "= 1", "a = 1 b = 2", "a = nope", "a = 1 2", "é = 1", "a b = 1", "a = \"x\"y", "\ufeffa = 1",
		"# a\x01b", "a = 1 # \x7f",
		"b = 1\na = 2\n[d]\n[c]",
	}
}

// timestamps are texts with dates and times.
func timestamps() []string {
	var texts []string
	for _, value := range []string{
		"1979-05-27T07:32:00Z", "1979-05-27t07:32:00z", "1979-05-27 07:32:00Z", "1979-05-27T00:32:00-07:00", "1979-05-27T00:32:00+00:00", "1979-05-27T00:32:00-00:00",
		"1979-05-27T00:32:00.999999-07:00", "1979-05-27T07:32:00", "1979-05-27T00:32:00.999999", "1979-05-27", "07:32:00", "00:32:00.999999",
		"00:00:00.5", "00:00:00.123456789", "00:00:00.1234567891", "00:00:00.000", "00:00:00.1234", "00:00:00.", "07:32", "7:32:00", "24:00:00", "23:60:00", "23:59:60", "23:59:61",
		"1979-02-29", "2000-02-29", "1900-02-29", "1979-13-01", "1979-00-01", "1979-01-32", "1979-1-1", "1979-05-27T", "1979-05-27T25:00:00", "1979-05-27 ", "1979-05-27 # c",
		"1979-05-27T07:32:00+24:00", "1979-05-27T07:32:00+25:00", "1979-05-27T07:32:00+07", "1979-05-27T07:32:00Zx", "1979-05-27x", "0000-01-01", "1979-05-27T07:32", "[1979-05-27, 07:32:00]",
	} {
		texts = append(texts, "a = "+value)
	}
	return texts
}

// TestRealNix compares what is read, and what is refused, with each release of
// Nix.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			bed := testbed.NewWith(t, testbed.Options{Release: release})
			texts := documents()
			if release.Name == "forky" { // older ones know no dates, or print them as written
				texts = append(texts, timestamps()...)
			}
			for _, text := range texts {
				want, err := evaluate(t, bed, text)
				table, failure := toml.Parse(text)
				switch {
				case err != nil && failure == nil:
					t.Errorf("%q is read, but Nix: %v", text, err)
				case err == nil && failure != nil:
					t.Errorf("%q: %v, but Nix reads %v", text, failure, want)
				case err == nil:
					if diff := cmp.Diff(want, plainTable(table)); diff != "" {
						t.Errorf("%q (-Nix +got):\n%s", text, diff)
					}
				}
			}
		})
	}
}

func evaluate(t *testing.T, bed *testbed.Nix, text string) (any, error) {
	t.Helper()
	file := filepath.Join(bed.Dir, "test.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := bed.Command(ctx, "nix-instantiate", "--option", "experimental-features", "parse-toml-timestamps", "--eval", "--strict", "--json", "-E", "builtins.fromTOML (builtins.readFile "+file+")")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, errors.New(stderr.String())
	}
	var v any
	if err := json.Unmarshal(out, &v); err != nil {
		t.Fatal(err)
	}
	return v, nil
}

func plainTable(table *toml.Table) map[string]any {
	m := make(map[string]any)
	for _, entry := range table.Entries {
		m[entry.Key] = plain(entry.Value)
	}
	return m
}

// plain is the value as package json would have decoded it.
func plain(v *toml.Value) any {
	switch v.Kind {
	case toml.Bool:
		return v.Bool
	case toml.Int:
		return float64(v.Int)
	case toml.Float:
		return v.Float
	case toml.String:
		return v.Text
	case toml.Timestamp:
		return map[string]any{"_type": "timestamp", "value": v.Text}
	case toml.Array:
		list := make([]any, len(v.List))
		for i, element := range v.List {
			list[i] = plain(element)
		}
		return list
	}
	return plainTable(v.Table)
}
