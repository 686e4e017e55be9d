package narinfo_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

const dir = store.Dir("/x/store")

// Base names and hashes that occur in the texts.
const (
	app     = "zqrj3s84aw5b1183va620dw9sihsx20r-app"
	dep     = "m632m90vdpqs9bzmy3chlcmcc8zgfgzw-dep"
	drv     = "5z0xdllbraxkbbz5wymix0g6cdqj9dpv-app.drv"
	narHash = "sha256:1qw3y18zz7jvwwhwc25lklyxs723r6ifb9yrpx3h947yvkkhb115"
	zstHash = "sha256:144ssnk70x524qqli9xaaqi2rarsqdnv2kdb7rnqz48dsgwg1xp0"
)

// full has all fields as Nix prints them.
const full = `StorePath: /x/store/` + app + `
URL: nar/144ssnk70x524qqli9xaaqi2rarsqdnv2kdb7rnqz48dsgwg1xp0.nar.zst
Compression: zstd
FileHash: ` + zstHash + `
FileSize: 197
NarHash: ` + narHash + `
NarSize: 264
References: ` + dep + ` ` + app + `
Deriver: ` + drv + `
System: x86_64-linux
Sig: a-1:AAAA
Sig: b-1:BBBB
CA: fixed:r:` + narHash + `
`

// least has the fields that Nix cannot do without.
const least = `StorePath: /x/store/` + app + `
URL: nar/a.nar
NarHash: ` + narHash + `
NarSize: 264
`

// sameHash compares hashes, whose fields cmp may not see.
func sameHash() cmp.Option {
	return cmp.Comparer(func(a, b store.Hash) bool { return a == b })
}

func hash(t testing.TB, s string) store.Hash {
	t.Helper()
	h, err := store.ParseHash(s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func path(base string) store.Path { return store.Path(string(dir) + "/" + base) }

func fullInfo(t testing.TB) *narinfo.NarInfo {
	return &narinfo.NarInfo{
		PathInfo: store.PathInfo{
			Path: path(app), Deriver: path(drv), NarHash: hash(t, narHash), NarSize: 264,
			References: []store.Path{path(dep), path(app)}, Signatures: []string{"a-1:AAAA", "b-1:BBBB"},
			ContentAddress: store.ContentAddress{Method: store.Recursive, Hash: hash(t, narHash)},
		},
		URL: "nar/144ssnk70x524qqli9xaaqi2rarsqdnv2kdb7rnqz48dsgwg1xp0.nar.zst", Compression: narinfo.Zstd,
		FileHash: hash(t, zstHash), FileSize: 197, System: "x86_64-linux",
	}
}

func leastInfo(t testing.TB) *narinfo.NarInfo {
	return &narinfo.NarInfo{
		PathInfo: store.PathInfo{Path: path(app), NarHash: hash(t, narHash), NarSize: 264},
		URL:      "nar/a.nar", Compression: narinfo.BZip2,
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	with := func(change func(*narinfo.NarInfo)) *narinfo.NarInfo {
		i := leastInfo(t)
		change(i)
		return i
	}
	for name, test := range map[string]struct {
		text string
		want *narinfo.NarInfo
	}{
		"full":             {full, fullInfo(t)},
		"least":            {least, leastInfo(t)},
		"unknown fields":   {"Colour: red\n" + least + "a: \n", leastInfo(t)},
		"no references":    {least + "References: \n", leastInfo(t)},
		"unknown deriver":  {least + "Deriver: unknown-deriver\n", leastInfo(t)},
		"empty signature":  {least + "Sig: \n", leastInfo(t)},
		"empty address":    {least + "CA: \n", leastInfo(t)},
		"the last counts":  {least + "URL: b\nURL: c d\n", with(func(i *narinfo.NarInfo) { i.URL = "c d" })},
		"a known deriver":  {least + "Deriver: " + drv + "\nDeriver: unknown-deriver\n", with(func(i *narinfo.NarInfo) { i.Deriver = path(drv) })},
		"odd compression":  {least + "Compression: lzip\n", with(func(i *narinfo.NarInfo) { i.Compression = "lzip" })},
		"unsorted, spaces": {least + "References:  " + app + "  " + dep + " " + app + " \n", with(func(i *narinfo.NarInfo) { i.References = []store.Path{path(dep), path(app)} })},
		"signatures":       {least + "Sig: z\nSig: a:b\nSig: z\n", with(func(i *narinfo.NarInfo) { i.Signatures = []string{"a:b", "z"} })},
		"SRI hash":         {strings.Replace(least, narHash, hash(t, narHash).SRI(), 1), leastInfo(t)},
		"leading zeros":    {strings.Replace(least, " 264", " 000264", 1), leastInfo(t)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := narinfo.Parse(dir, []byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, sameHash()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	sha1 := store.Sum(store.SHA1, nil).String()
	for name, test := range map[string]struct {
		text  string
		line  int
		field string
	}{
		"empty":               {"", 0, "StorePath"},
		"no URL":              {strings.Replace(least, "URL: nar/a.nar\n", "", 1), 0, "URL"},
		"no hash":             {strings.Replace(least, "NarHash: "+narHash+"\n", "", 1), 0, "NarHash"},
		"size zero":           {strings.Replace(least, " 264", " 0", 1), 0, "NarSize"},
		"no line end":         {strings.TrimSuffix(least, "\n"), 4, ""},
		"no colon":            {least + "nonsense\n", 5, ""},
		"no name":             {least + ": x\n", 5, ""},
		"no space":            {least + "URL:nar/b.nar\n", 5, ""},
		"a later space":       {least + "URL:nar: b.nar\n", 5, ""},
		"no value":            {"References:\n" + least, 1, ""},
		"blank line":          {"\n" + least, 1, ""},
		"references twice":    {least + "References: " + dep + "\nReferences: \n", 6, "References"},
		"address twice":       {full + "CA: \n", 14, "CA"},
		"other store":         {strings.Replace(least, "/x/store", "/y/store", 1), 1, "StorePath"},
		"below a path":        {strings.Replace(least, app, app+"/bin", 1), 1, "StorePath"},
		"carriage returns":    {strings.ReplaceAll(least, "\n", "\r\n"), 1, "StorePath"},
		"absolute reference":  {least + "References: /x/store/" + dep + "\n", 5, "References"},
		"climbing reference":  {least + "References: ../" + dep + "\n", 5, "References"},
		"tab":                 {least + "References: " + dep + "\t" + app + "\n", 5, "References"},
		"empty deriver":       {least + "Deriver: \n", 5, "Deriver"},
		"absolute deriver":    {least + "Deriver: /x/store/" + drv + "\n", 5, "Deriver"},
		"NUL":                 {least + "URL: a\x00\n", 5, "URL"},
		"trailing space":      {least + "NarHash: " + narHash + " \n", 5, "NarHash"},
		"sha1":                {least + "NarHash: " + sha1 + "\n", 5, "NarHash"},
		"bad file hash":       {least + "FileHash: \n", 5, "FileHash"},
		"negative":            {least + "FileSize: -1\n", 5, "FileSize"},
		"plus":                {least + "FileSize: +1\n", 5, "FileSize"},
		"beyond 63 bits":      {least + "NarSize: 9223372036854775808\n", 5, "NarSize"},
		"bad address":         {least + "CA: x\n", 5, "CA"},
		"too long":            {strings.Repeat("a", narinfo.MaxSize+1), 0, ""},
		"too many signatures": {least + manySignatures(1025), 1029, "Sig"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := narinfo.Parse(dir, []byte(test.text))
			var wrong *narinfo.ParseError
			if !errors.As(err, &wrong) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff([]any{test.line, test.field}, []any{wrong.Line, wrong.Field}); diff != "" {
				t.Errorf("%v: %s", err, diff)
			}
		})
	}
}

func manySignatures(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("Sig: " + strings.Repeat("a", i+1) + "\n")
	}
	return b.String()
}

func TestParseErrorsLeadOn(t *testing.T) {
	t.Parallel()
	var wrongHash *store.HashError
	if _, err := narinfo.Parse(dir, []byte("NarHash: sha256:e\n")); !errors.As(err, &wrongHash) {
		t.Errorf("error %v", err)
	}
	var wrongPath *store.ParseError
	if _, err := narinfo.Parse(dir, []byte("Deriver: e\n")); !errors.As(err, &wrongPath) {
		t.Errorf("error %v", err)
	}
	var wrongAddress *store.ContentAddressError
	if _, err := narinfo.Parse(dir, []byte("CA: e\n")); !errors.As(err, &wrongAddress) {
		t.Errorf("error %v", err)
	}
}

// endless is a reader that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	source := &endless{}
	_, err := narinfo.Read(dir, source)
	var wrong *narinfo.ParseError
	if !errors.As(err, &wrong) || source.read > narinfo.MaxSize+1 {
		t.Errorf("read %d bytes, error %v", source.read, err)
	}
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	unsorted := fullInfo(t)
	unsorted.References = []store.Path{path(app), path(dep), path(app)}
	unsorted.Signatures = []string{"b-1:BBBB", "a-1:AAAA"}
	for name, test := range map[string]struct {
		info *narinfo.NarInfo
		want string
	}{
		"full":     {fullInfo(t), full},
		"unsorted": {unsorted, full},
		"least": {leastInfo(t), `StorePath: /x/store/` + app + `
URL: nar/a.nar
Compression: bzip2
NarHash: ` + narHash + `
NarSize: 264
References: ` + `
`},
	} {
		got, err := test.info.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(got)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestMarshalErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*narinfo.NarInfo)
		field  string
	}{
		"StorePath":   {func(i *narinfo.NarInfo) { i.Path = "" }, "References"},
		"URL":         {func(i *narinfo.NarInfo) { i.URL = "" }, "URL"},
		"line":        {func(i *narinfo.NarInfo) { i.URL = "a\nSig: x:y" }, "URL"},
		"Compression": {func(i *narinfo.NarInfo) { i.Compression = "" }, "Compression"},
		"FileSize":    {func(i *narinfo.NarInfo) { i.FileSize = -1 }, "FileSize"},
		"NarHash":     {func(i *narinfo.NarInfo) { i.NarHash = store.Hash{} }, "NarHash"},
		"sha1":        {func(i *narinfo.NarInfo) { i.NarHash = store.Sum(store.SHA1, nil) }, "NarHash"},
		"NarSize":     {func(i *narinfo.NarInfo) { i.NarSize = 0 }, "NarSize"},
		"References":  {func(i *narinfo.NarInfo) { i.References = []store.Path{"/y/store/" + dep} }, "References"},
		"Deriver":     {func(i *narinfo.NarInfo) { i.Deriver = "x" }, "Deriver"},
		"System":      {func(i *narinfo.NarInfo) { i.System = "\n" }, "System"},
		"Sig":         {func(i *narinfo.NarInfo) { i.Signatures = []string{"\r"} }, "Sig"},
		"CA":          {func(i *narinfo.NarInfo) { i.ContentAddress.Method = "x" }, "CA"},
	} {
		info := fullInfo(t)
		info.Deriver = ""
		test.change(info)
		_, err := info.MarshalText()
		var wrong *narinfo.FieldError
		if !errors.As(err, &wrong) || wrong.Field != test.field {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// drawPath draws the path of a store object.
func drawPath(t *rapid.T, label string) store.Path {
	return path(rapid.StringMatching(`[0-9abcdfghijklmnpqrsvwxyz]{32}-[a-z0-9+._?=-]{1,20}`).Draw(t, label))
}

func drawInfo(t *rapid.T) *narinfo.NarInfo {
	line := rapid.StringMatching(`[ -~äé世]{1,30}`)
	sha := rapid.Custom(func(t *rapid.T) store.Hash {
		return store.Sum(store.SHA256, []byte(rapid.String().Draw(t, "hashed")))
	})
	i := &narinfo.NarInfo{
		PathInfo: store.PathInfo{
			Path: drawPath(t, "path"), NarHash: sha.Draw(t, "NarHash"), NarSize: rapid.Int64Range(1, math.MaxInt64).Draw(t, "NarSize"),
			Signatures: rapid.SliceOfN(line, 0, 3).Draw(t, "Sig"),
		},
		URL: line.Draw(t, "URL"), Compression: narinfo.Compression(line.Draw(t, "Compression")),
		FileSize: rapid.Int64Range(0, math.MaxInt64).Draw(t, "FileSize"),
	}
	for range rapid.IntRange(0, 4).Draw(t, "references") {
		i.References = append(i.References, drawPath(t, "reference"))
	}
	if rapid.Bool().Draw(t, "more") {
		i.FileHash, i.Deriver, i.System = sha.Draw(t, "FileHash"), drawPath(t, "Deriver"), line.Draw(t, "System")
		i.ContentAddress = store.ContentAddress{Method: store.Text, Hash: sha.Draw(t, "CA")}
	}
	return i
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text, err := drawInfo(t).MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := narinfo.Parse(dir, text)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parsed.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(text), string(again)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte(least))
	f.Add([]byte("References: " + dep + "\nCA: text:" + narHash + "\n" + least + "Sig: \n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := narinfo.ParseCacheInfo(text); err != nil && !errors.As(err, new(*narinfo.ParseError)) {
			t.Errorf("error %v", err)
		}
		info, err := narinfo.Parse(dir, text)
		if err != nil {
			if !errors.As(err, new(*narinfo.ParseError)) {
				t.Errorf("error %v", err)
			}
			return
		}
		narinfo.ContentAddressed(&info.PathInfo)
		printed, err := info.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		again, err := narinfo.Parse(dir, printed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(info, again, sameHash()); diff != "" {
			t.Error(diff)
		}
	})
}
