package manifest_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// recorded is what nix-env of Nix 2.8 writes, with line breaks for the reader.
const recorded = `[ { meta = { available = true; broken = false; description = "GNU \"hello\" for \${x} \\ $$"; ` +
	`license = { free = true; spdxId = "GPL-3.0-or-later"; }; maintainers = [ { github = "x"; } [ ] { } ]; ` +
	`number = -3; outputsToInstall = [ "out" "doc" ]; position = "a\nb\tc\rd"; priority = "7"; ratio = 1.5; size = 1e+06; nothing = null; }; ` +
	`doc = { outPath = "` + doc + `"; }; name = "git-2.51.0"; out = { outPath = "` + git + `"; }; outPath = "` + git + `"; ` +
	`outputs = [ "out" "doc" ]; system = "x86_64-linux"; type = "derivation"; } ` +
	`{ drvPath = "` + drv + `"; meta = { active = "false"; priority = 3; }; name = "hello-2.12.1"; out = { outPath = "` + hello + `"; }; ` +
	`outPath = "` + hello + `"; outputs = [ "out" ]; system = "builtin"; type = "derivation"; } ]`

const drv = "/nix/store/3ghsl9sd83mc26i81adpa2fzf3yw4f68-hello-2.12.1.drv"

func TestParseNixEnv(t *testing.T) {
	t.Parallel()
	got, err := manifest.ParseNixEnv(store.DefaultDir, []byte(recorded))
	if err != nil {
		t.Fatal(err)
	}
	want := []manifest.Installed{
		{
			Name: "git-2.51.0", System: "x86_64-linux", OutPath: git,
			Outputs: []manifest.Output{{Name: "out", Path: git}, {Name: "doc", Path: doc}},
			Meta: map[string]any{
				"available": true, "broken": false, "description": `GNU "hello" for ${x} \ $$`,
				"license":          map[string]any{"free": true, "spdxId": "GPL-3.0-or-later"},
				"maintainers":      []any{map[string]any{"github": "x"}, []any{}, map[string]any{}},
				"number":           int64(-3),
				"outputsToInstall": []any{"out", "doc"},
				"position":         "a\nb\tc\rd", "priority": "7", "ratio": 1.5, "size": 1e6, "nothing": nil,
			},
		},
		{
			Name: "hello-2.12.1", System: "builtin", OutPath: hello, DrvPath: drv,
			Outputs: []manifest.Output{{Name: "out", Path: hello}},
			Meta:    map[string]any{"active": "false", "priority": int64(3)},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	type setting struct {
		Active   bool
		Priority int
	}
	settings := []setting{{got[0].Active(), got[0].Priority()}, {got[1].Active(), got[1].Priority()}}
	if diff := cmp.Diff([]setting{{true, 7}, {false, 3}}, settings); diff != "" {
		t.Error(diff)
	}
	if plain := new(manifest.Installed); !plain.Active() || plain.Priority() != manifest.DefaultPriority {
		t.Error("a package without meta is not active or has a priority")
	}
	taken := manifest.FromNixEnv(append(got, got[1]))
	if diff := cmp.Diff([]manifest.Element{element("git", git), element("hello", hello), element("hello-1", hello)}, taken.Elements); diff != "" {
		t.Error(diff)
	}
}

// TestLiterals shows the values of meta, which can be any.
func TestLiterals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want any
	}{
		{`null`, nil},
		{` true`, true},
		{`9223372036854775807`, int64(math.MaxInt64)},
		{`-0.25`, -0.25},
		{`.5`, 0.5},
		{`""`, ""},
		{`"$"`, "$"},
		{`"$$$"`, "$$$"},
		{`"$${x}"`, "$${x}"},
		{`"\${x}\q"`, "${x}q"},
		{"\"a\r\nb\rc\"", "a\nb\nc"},
		{"\"\xff\"", "\xff"},
		{`[]`, []any{}},
		{`[1"a"{}[2]]`, []any{int64(1), "a", map[string]any{}, []any{int64(2)}}},
		{`{a=1;"b c"=2;or=3;a'-_9=4;}`, map[string]any{"a": int64(1), "b c": int64(2), "or": int64(3), "a'-_9": int64(4)}},
	} {
		got, err := manifest.ParseNixEnv(store.DefaultDir, []byte(withMeta(test.text)))
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if diff := cmp.Diff(test.want, got[0].Meta["x"]); diff != "" {
			t.Errorf("%s: %s", test.text, diff)
		}
	}
}

func withMeta(x string) string {
	return `[{type="derivation";name="a";outPath="` + hello + `";outputs=[];meta={x=` + x + `;};}]`
}

func TestParseNixEnvErrors(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, test := range []struct{ text, want string }{
		{``, "manifest.nix, byte 0: expected a value"},
		{`[`, "manifest.nix, byte 1: expected a value"},
		{`[ ] 1`, "manifest.nix, byte 4: nothing more is expected"},
		{`{ }`, "manifest.nix: it is not a list"},
		{`[ 1 ]`, "manifest.nix: element 0: it is not a derivation"},
		{`[ { type = "other"; } ]`, "manifest.nix: element 0: it is not a derivation"},
		{`[ { a = 1; a = 2; } ]`, `manifest.nix, byte 11: the attribute "a" is there twice`},
		{`[ { a 1; } ]`, "manifest.nix, byte 6: expected ="},
		{`[ { a = 1 } ]`, "manifest.nix, byte 10: expected ;"},
		{`[ { = 1; } ]`, "manifest.nix, byte 4: expected the name of an attribute"},
		{`[ { a.b = 1; } ]`, "manifest.nix, byte 5: expected ="},
		{`[ "a`, "manifest.nix, byte 4: the string does not end"},
		{`[ "a\`, "manifest.nix, byte 4: expected a character after the backslash"},
		{"[ \"\x00\" ]", "manifest.nix, byte 3: a string cannot have a zero byte"},
		{`[ "${x}" ]`, "manifest.nix, byte 3: interpolation is not supported"},
		{`[ <CODE> ]`, "manifest.nix, byte 2: expected a value"},
		{`[ 99999999999999999999 ]`, "manifest.nix, byte 2: this is not a number"},
		{`[ 1e9999 ]`, "manifest.nix, byte 2: this is not a number"},
		{`[ - ]`, "manifest.nix, byte 2: this is not a number"},
		{deep, "manifest.nix, byte 65: lists and sets lie too deep"},
		{`[{type="derivation";}]`, "manifest.nix: element 0: name is not a string"},
		{`[{type="derivation";name="a";outPath="/etc";}]`, `manifest.nix: element 0: outPath: "/etc" is not a store path`},
		{`[{type="derivation";name="a";outPath="` + hello + `";outputs=1;}]`, "manifest.nix: element 0: outputs is not a list"},
		{`[{type="derivation";name="a";outPath="` + hello + `";outputs=["x"];}]`, "manifest.nix: element 0: an output is not named"},
		{`[{type="derivation";name="a";outPath="` + hello + `";outputs=[];meta=1;}]`, "manifest.nix: element 0: meta is not a set"},
		{`[{type="derivation";name="a";outPath="` + hello + `";outputs=[];system=1;}]`, "manifest.nix: element 0: system is not a string"},
	} {
		installed, err := manifest.ParseNixEnv(store.DefaultDir, []byte(test.text))
		var wrong *manifest.LiteralError
		if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.40s: %v, %v; want %s", test.text, installed, err, test.want)
		}
	}
}

func FuzzParseNixEnv(f *testing.F) {
	f.Add([]byte(recorded))
	f.Add([]byte(withMeta(`[1"a"{"b c"=-2.5e+3;}]`)))
	f.Fuzz(func(t *testing.T, data []byte) {
		installed, err := manifest.ParseNixEnv(store.DefaultDir, data)
		if err != nil {
			var wrong *manifest.LiteralError
			if !errors.As(err, &wrong) || wrong.Offset > len(data) {
				t.Fatalf("%q: %v", data, err)
			}
			return
		}
		for _, i := range installed {
			if _, err := store.DefaultDir.Parse(string(i.OutPath)); err != nil {
				t.Fatalf("%q: %v", data, err)
			}
		}
		if text, err := manifest.FromNixEnv(installed).Marshal(); err != nil {
			t.Fatalf("%q: %s, %v", data, text, err)
		}
	})
}
