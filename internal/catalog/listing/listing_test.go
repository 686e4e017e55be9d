package listing

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func readAll(r io.Reader) ([]Entry, error) {
	var all []Entry
	err := Packages(r, func(e Entry) error {
		all = append(all, e)
		return nil
	})
	return all, err
}

const sample = `{ "version" : 2,
"other": [1, {"a": "]}"}, null],
"packages": {
 "hello": {"name":"hello-2.12","pname":"hello","version":"2.12","outputs":{"out":null},
  "meta":{"available":true,"broken":false,"description":"Says \"hi\" \u00e9\ud83d\ude00\n","homepage":["https://a","https://b"],
   "license":{"shortName":"gpl3Plus","spdxId":"GPL-3.0-or-later","free":true},"mainProgram":"hello","platforms":["a","b"]}},
 "set.bad": {"name":"bad-1","version":"","meta":{"available":false,"broken":true,"unfree":true,
   "license":[{"fullName":"Some"},{"spdxId":"MIT"},"bsd"],"knownVulnerabilities":["x"],"homepage":null,"description":null}},
 "bare": {"meta":null},
 "unfree": {"pname":"u","meta":{"license":{"free":false,"shortName":"unfree"},"insecure":true}}
}}`

func sampleEntries() []Entry {
	return []Entry{
		{
			Attribute: "hello", Name: "hello", Version: "2.12", Description: "Says \"hi\" é😀\n",
			Homepage: "https://a", License: "gpl3Plus", MainProgram: "hello", Platforms: "a b",
		},
		{Attribute: "set.bad", Name: "bad-1", License: "Some, MIT, bsd", Broken: true, Unfree: true, Insecure: true, Unavailable: true},
		{Attribute: "bare"},
		{Attribute: "unfree", Name: "u", License: "unfree", Unfree: true, Insecure: true},
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	got, err := readAll(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleEntries(), got); diff != "" {
		t.Error(diff)
	}
}

// Values cut at the end of the window are parsed again from their start.
func TestReadInSmallPieces(t *testing.T) {
	t.Parallel()
	w := newWindow(iotest.OneByteReader(strings.NewReader(sample)))
	w.buf = make([]byte, 0, 16)
	var got []Entry
	err := w.document(func(e Entry) error {
		got = append(got, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sampleEntries(), got); diff != "" {
		t.Error(diff)
	}
}

// A long array that comes again is skipped by comparing.
func TestReadRepeatedArrays(t *testing.T) {
	t.Parallel()
	long := `["` + strings.Repeat("x", minRepeated) + `", "]", ["\""]]`
	text := `{"packages":{"a":{"x":` + long + `,"pname":"A"},"b":{"x":` + long + `,"pname":"B"}}}`
	got, err := readAll(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entry{{Attribute: "a", Name: "A"}, {Attribute: "b", Name: "B"}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, reason string }{
		{"empty", "", "the file ends in the middle"},
		{"not an object", "[]", "expected '{', found '['"},
		{"another version", `{"version":3,"packages":{}}`, "version 3 of the format is not known here, only 2"},
		{"no packages", `{"version":2}`, `there is no "packages" in it`},
		{"a package that is no object", `{"packages":{"a":1}}`, "a package must be an object"},
		{"no comma", `{"packages":{"a":{} "b":{}}}`, "expected ',', found '\"'"},
		{"no value", `{"packages":{"a":{"x":}}}`, "expected a value, found '}'"},
	}
	for _, test := range tests {
		_, err := readAll(strings.NewReader(test.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Reason != test.reason {
			t.Errorf("%s: got %v, want %q", test.name, err, test.reason)
		}
	}
	for n := range len(sample) - 1 {
		var syntax *SyntaxError
		if _, err := readAll(strings.NewReader(sample[:n])); !errors.As(err, &syntax) {
			t.Fatalf("cut at %d of %d bytes: got %v", n, len(sample), err)
		}
	}
}

func TestReadPassesErrorsOn(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	if err := Packages(strings.NewReader(sample), func(Entry) error { return stop }); err != stop {
		t.Errorf("error of yield: got %v", err)
	}
	if _, err := readAll(iotest.ErrReader(stop)); err != stop {
		t.Errorf("error of the reader: got %v", err)
	}
}

// What encoding/json accepts as a listing must give the same names here.
func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(`{"packages":{"a\"\\":{"pname":"\ud800"}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := readAll(strings.NewReader(string(text)))
		var want struct {
			Version  *int
			Packages map[string]struct{ Pname string }
		}
		if json.Unmarshal(text, &want) != nil || err != nil || !json.Valid(text) {
			return
		}
		for _, e := range got {
			if p, ok := want.Packages[e.Attribute]; ok && p.Pname != "" && p.Pname != e.Name && len(got) == len(want.Packages) {
				t.Errorf("%q: got name %q, encoding/json %q", e.Attribute, e.Name, p.Pname)
			}
		}
	})
}

const sampleOptions = `{
 "services.x.enable": {"declarations":["nixos/modules/x.nix"],"default":{"_type":"literalExpression","text":"false"},
  "description":"Whether to enable {option}` + "`services.y` {x} and {file}`/etc/x`" + `.","loc":["services","x","enable"],"readOnly":false,"type":"boolean"},
 "a.<name>.b": {"declarations":[{"name":"<home-manager/a.nix>","url":"https://x"}],"description":{"_type":"mdDoc","text":"B"},
  "example":[1, 2],"readOnly":true,"relatedPackages":"- [a](x) pkgs.tmux and ` + "`pkgs.python3Packages.b`." + `","type":"list"}
}
`

func TestOptions(t *testing.T) {
	t.Parallel()
	var got []Entry
	err := Options(strings.NewReader(sampleOptions), func(e Entry) error {
		got = append(got, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{
		{
			Kind: Option, Attribute: "services.x.enable", Position: "nixos/modules/x.nix", Type: "boolean", Default: "false",
			Description: "Whether to enable `services.y` {x} and `/etc/x`.",
		},
		{
			Kind: Option, Attribute: "a.<name>.b", Position: "<home-manager/a.nix>", Type: "list", Description: "B",
			Example: "[1, 2]", Related: "tmux python3Packages.b", ReadOnly: true,
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOptionsErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"a":1}`, sampleOptions + "x", sampleOptions[:200], "<html>"} {
		err := Options(strings.NewReader(text), func(Entry) error { return nil })
		var typed *SyntaxError
		if !errors.As(err, &typed) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

func FuzzOptions(f *testing.F) {
	f.Add([]byte(sampleOptions))
	f.Fuzz(func(t *testing.T, text []byte) {
		_ = Options(strings.NewReader(string(text)), func(Entry) error { return nil })
	})
}
