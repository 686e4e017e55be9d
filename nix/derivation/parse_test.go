package derivation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

const (
	hashA = "00000000000000000000000000000000"
	hashB = "11111111111111111111111111111111"
	sha   = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

func TestSyntaxError(t *testing.T) {
	t.Parallel()
	const out = `Derive([("out","/nix/store/` + hashA + `-a","","")]`
	type failure struct {
		Offset          int
		Expected, Found string
	}
	for _, test := range []struct {
		text            string // the error is at the ¦, which is taken out
		expected, found string
	}{
		{`¦`, `"Derive("`, "the end"},
		{`¦DrvWithVersion("xp-dyn-drv",[])`, `"Derive("`, `"DrvWithVersion(\"xp-dyn-drv\",[])"`},
		{`Derive([¦`, `"("`, "the end"},
		{`Derive(¦[],`, "a list of at least one output", `"[],"`},
		{`Derive([("out¦`, "a quote", "the end"},
		{`Derive([("o¦\n","","","")]`, "no backslash", `"\\n\",\"\",\"\",\"\")]"`},
		{`Derive([("out",¦"/nix/x","","")]`, "a store path or nothing", `"\"/nix/x\",\"\",\"\")]"`},
		{`Derive([("out","","","` + sha + `¦`, "a quote", "the end"},
		{`Derive([("out","","",¦"00")`, "no hash, as there is no algorithm", `"\"00\")"`},
		{`Derive([("out","",¦"sha3","")`, "a hash algorithm", `"\"sha3\",\"\")"`},
		{`Derive([("out","","r:md5",¦"0")`, "a hash in base 16", `"\"0\")"`},
		{`Derive([("out",¦"/nix/store/` + hashA + `-a","sha256","")`, "no path, as the hash is not known", `"\"/nix/store/` + hashA[:28] + `"…`},
		{`Derive([("out",¦"","sha256","` + sha + `")`, "the path of a fixed output", `"\"\",\"sha256\",\"` + sha[:27] + `"…`},
		{`Derive([("b","","",""),(¦"a","","","")]`, `an output that sorts after "b"`, `"\"a\",\"\",\"\",\"\")]"`},
		{`Derive([("a","","",""),(¦"a","","","")]`, `an output that sorts after "a"`, `"\"a\",\"\",\"\",\"\")]"`},
		{`Derive([("a","","","")¦ ]`, `","`, `" ]"`},
		{`Derive([("a","","",""),¦]`, `"("`, `"]"`},
		{out + `,[(¦"x",[])]`, "a store path", `"\"x\",[])]"`},
		{out + `,[("/nix/store/` + hashB + `-b",["b",¦"a"])]`, `an output that sorts after "b"`, `"\"a\"])]"`},
		{out + `,[],["/nix/store/` + hashB + `-b",¦"/nix/store/` + hashA + `-b"]`, `a path that sorts after "/nix/store/` + hashB + `-b"`, `"\"/nix/store/` + hashA[:28] + `"…`},
		{out + `,[],[],"s¦\"","b"`, "no backslash", `"\\\"\",\"b\""`},
		{out + `,[],[],"s","¦\b"`, `one of \" \\ \n \r \t`, `"\\b\""`},
		{out + `,[],[],"s","\¦`, "a quote", "the end"},
		{out + `,[],[],"s","¦` + "\n", `a quote or one of \n \r \t`, `"\n"`},
		{out + `,[],[],"s","b",["a",¦],[])`, `"\""`, `"],[])"`},
		{out + `,[],[],"s","b",[],[("b",""),(¦"a","")])`, `a variable that sorts after "b"`, `"\"a\",\"\")])"`},
		{out + `,[],[],"s","b",[],[])¦ `, "the end", `" "`},
	} {
		before, after, _ := strings.Cut(test.text, "¦")
		_, err := derivation.Parse(store.DefaultDir, "a", []byte(before+after))
		var syntax *derivation.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		want := failure{len(before), test.expected, test.found}
		if diff := cmp.Diff(want, failure{syntax.Offset, syntax.Expected, syntax.Found}); diff != "" {
			t.Errorf("%s:\n%s", test.text, diff)
		}
	}
}

// TestSyntaxErrorCause asks for the error of nix/store that lies below.
func TestSyntaxErrorCause(t *testing.T) {
	t.Parallel()
	_, err := derivation.Parse(store.DefaultDir, "a", []byte(`Derive([("out","/nix/x","","")]`))
	var path *store.ParseError
	if !errors.As(err, &path) || path.Text != "/nix/x" {
		t.Error(err)
	}
	const want = `derivation "a": at offset 15: a store path or nothing expected, but there is "\"/nix/x\",\"\",\"\")]": ` +
		`"/nix/x" is not a store path: it is not in the store directory /nix/store`
	if err.Error() != want {
		t.Errorf("%v\nwant:\n%s", err, want)
	}
}

func TestParseName(t *testing.T) {
	t.Parallel()
	text := []byte(`Derive([("out","","","")],[],[],"s","b",[],[])`)
	for name, good := range map[string]bool{
		"a":                      true,
		strings.Repeat("n", 207): true,
		strings.Repeat("n", 208): false,
		"a/b":                    false,
		"a b":                    false,
	} {
		_, err := derivation.Parse(store.DefaultDir, name, text)
		var path *store.ParseError
		if good != (err == nil) || !good && !errors.As(err, &path) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestParseMethods has what the golden files cannot: Nix 2.8 knows neither text
// nor Git hashes of outputs.
func TestParseMethods(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		output string
		method store.Method
		kind   derivation.Kind
	}{
		{`"","text:sha256",""`, store.Text, derivation.Floating},
		{`"","git:sha1",""`, store.Git, derivation.Floating},
		{`"","sha512",""`, store.Flat, derivation.Floating},
		{`"","r:blake3",""`, store.Recursive, derivation.Floating},
		{`"","text:sha256","impure"`, store.Text, derivation.Impure},
		{`"/nix/store/` + hashA + `-a","text:sha256","` + sha + `"`, store.Text, derivation.Fixed},
		{`"","",""`, "", derivation.Deferred},
	} {
		text := `Derive([("out",` + test.output + `)],[],[],"s","b",[],[])`
		drv, err := derivation.Parse(store.DefaultDir, "a", []byte(text))
		if err != nil {
			t.Error(err)
			continue
		}
		if out := drv.Outputs["out"]; out.Method != test.method || out.Kind() != test.kind {
			t.Errorf("%s: %+v is %v", test.output, out, out.Kind())
		}
		if got := string(drv.AppendATerm(nil)); got != text {
			t.Errorf("%s\nbecomes\n%s", text, got)
		}
	}
}

func TestInvalid(t *testing.T) {
	t.Parallel()
	type outputs = map[string]derivation.Output
	floating := derivation.Output{Method: store.Flat, Algorithm: store.SHA256}
	fixed := derivation.Output{Path: "/nix/store/" + hashA + "-a", Method: store.Flat, Algorithm: store.SHA256, Hash: store.Sum(store.SHA256, nil)}
	noPath, wrongHash := fixed, fixed
	noPath.Path = ""
	wrongHash.Algorithm = store.SHA1
	for name, drv := range map[string]derivation.Derivation{
		"no outputs":   {},
		"system":       {Outputs: outputs{"out": {}}, System: `"`},
		"output name":  {Outputs: outputs{`o\`: {}}},
		"input output": {Outputs: outputs{"out": {}}, InputDerivations: map[store.Path][]string{drvPath(1): {`"`}}},
		"no algorithm": {Outputs: outputs{"out": {Method: store.Flat}}},
		"impure":       {Outputs: outputs{"out": {Impure: true}}},
		"fixed":        {Outputs: outputs{"out": noPath}},
		"hash":         {Outputs: outputs{"out": wrongHash}},
		"floating":     {Outputs: outputs{"out": {Path: fixed.Path, Method: store.Flat, Algorithm: store.SHA256}}},
	} {
		var invalid *derivation.InvalidError
		if text, err := drv.MarshalText(); !errors.As(err, &invalid) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if path, err := drv.Path(store.DefaultDir); !errors.As(err, &invalid) {
			t.Errorf("%s: %v %s", name, err, path)
		}
	}

	for name, drv := range map[string]derivation.Derivation{
		"no outputs":     {},
		"two kinds":      {Outputs: outputs{"out": floating, "dev": {}}},
		"two fixed":      {Outputs: outputs{"out": fixed, "dev": fixed}},
		"other fixed":    {Outputs: outputs{"dev": fixed}},
		"missing output": {Outputs: outputs{"out": {}}, InputDerivations: map[store.Path][]string{drvPath(1): {"dev"}}},
	} {
		hasher := derivation.NewHasher(store.DefaultDir, fromMap(graph(map[int][]int{1: nil})))
		var invalid *derivation.InvalidError
		if paths, err := hasher.OutputPaths(t.Context(), &drv); !errors.As(err, &invalid) {
			t.Errorf("%s: %v, %v", name, err, paths)
		}
	}
}
