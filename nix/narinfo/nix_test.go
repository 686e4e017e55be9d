package narinfo_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/narinfo"
	"luminousnix/nix/store"
)

// nixRun is a real Nix with one path that refers to a source, an output and
// itself, and a key that Nix made.
type nixRun struct {
	*testbed.Nix
	app     store.Path
	keyFile string
	key     narinfo.SecretKey
}

// run returns the output of a command, and its error for those who expect one.
func (n *nixRun) run(t *testing.T, stdin, name string, args ...string) (string, error) {
	t.Helper()
	// Without the test's cancellation: it would stop the command half-way.
	cmd := n.Command(context.WithoutCancel(t.Context()), name, args...)
	cmd.Env = append(cmd.Env, "NIX_CONFIG=experimental-features = nix-command")
	cmd.Stdin = strings.NewReader(stdin)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s %q: %w\n%s", name, args, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

func (n *nixRun) must(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := n.run(t, "", name, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func newNixRun(t *testing.T) *nixRun {
	t.Helper()
	n := &nixRun{Nix: testbed.New(t)}
	source := filepath.Join(t.TempDir(), "abc.txt")
	if err := os.WriteFile(source, []byte("abc"), 0o644); err != nil {
		t.Fatal(err)
	}
	n.app = store.Path(n.must(t, "nix-build", "--no-out-link", "-E", `
		let
		  run = name: script: derivation { inherit name; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" script ]; };
		  dep = run "dep" "echo dep > $out";
		in run "app" "echo ${dep} ${`+source+`} $out > $out"`))
	text := n.must(t, "nix", "key", "generate-secret", "--key-name", "cache.example.org-1")
	n.keyFile = filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(n.keyFile, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	n.key = secretKey(t, text)
	if diff := cmp.Diff(text, n.key.Secret()); diff != "" {
		t.Error(diff)
	}
	return n
}

// copyTo makes Nix write the closure of app into a cache, signed.
func (n *nixRun) copyTo(t *testing.T, directory, compression string) {
	t.Helper()
	n.must(t, "nix", "copy", "--to", "file://"+directory+"?compression="+compression+"&secret-key="+n.keyFile, string(n.app))
}

// TestNix compares with the Nix of this machine.
func TestNix(t *testing.T) {
	t.Parallel()
	n := newNixRun(t)
	t.Run("print", func(t *testing.T) { comparePrint(t, n) })
	t.Run("keys", func(t *testing.T) { compareKeys(t, n) })
	t.Run("signatures", func(t *testing.T) { compareSignatures(t, n) })
	t.Run("parse", func(t *testing.T) { compareParse(t, n) })
}

// comparePrint compares all that Nix writes with what we print of it, and its
// signatures with ours.
func comparePrint(t *testing.T, n *nixRun) {
	for _, compression := range []string{"none", "zstd", "gzip", "xz", "bzip2"} {
		cache := t.TempDir()
		n.copyTo(t, cache, compression)
		files, err := filepath.Glob(filepath.Join(cache, "*.narinfo"))
		if err != nil || len(files) != 3 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		addressed := 0
		for _, file := range files {
			if comparePrintOf(t, n, file, narinfo.Compression(compression)) {
				addressed++
			}
		}
		if addressed != 1 {
			t.Errorf("%d paths are content-addressed, want the source", addressed)
		}
		compareCacheInfo(t, n, cache)
	}
}

func comparePrintOf(t *testing.T, n *nixRun, file string, compression narinfo.Compression) (addressed bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := narinfo.Parse(store.Dir(n.StoreDir), text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	printed, err := info.MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(printed)); diff != "" {
		t.Error(diff)
	}
	signature, err := n.key.Sign(&info.PathInfo)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(info.Signatures, []string{signature}); diff != "" {
		t.Error(diff)
	}
	if signed := narinfo.Verify(&info.PathInfo, []narinfo.PublicKey{n.key.Public()}); len(signed) != 1 {
		t.Errorf("%s is not signed: %v", info.Path, info.Signatures)
	}
	if info.Compression != compression || filepath.Base(file) != narinfo.FileName(info.Path) {
		t.Errorf("%s in %s", info.Compression, file)
	}
	return narinfo.ContentAddressed(&info.PathInfo)
}

func compareCacheInfo(t *testing.T, n *nixRun, cache string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(cache, narinfo.CacheInfoName))
	if err != nil {
		t.Fatal(err)
	}
	printed, err := (&narinfo.CacheInfo{StoreDir: store.Dir(n.StoreDir)}).MarshalText()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(printed)); diff != "" {
		t.Error(diff)
	}
}

func compareKeys(t *testing.T, n *nixRun) {
	ours, err := narinfo.GenerateKey("ours-1")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []narinfo.SecretKey{ours, n.key} {
		public, err := n.run(t, key.Secret(), "nix", "key", "convert-secret-to-public")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(public, key.Public().String()); diff != "" {
			t.Error(diff)
		}
	}
}

// compareSignatures lets Nix sign with our key, and verify what we signed.
func compareSignatures(t *testing.T, n *nixRun) {
	cache := t.TempDir()
	n.copyTo(t, cache, "none")
	ours, err := narinfo.GenerateKey("ours-1")
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "ours")
	if err := os.WriteFile(keyFile, []byte(ours.Secret()), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(cache, narinfo.FileName(n.app))
	original, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := narinfo.Parse(store.Dir(n.StoreDir), original)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := ours.Sign(&info.PathInfo)
	if err != nil {
		t.Fatal(err)
	}
	info.Signatures = append(info.Signatures, signature)
	want, err := info.MarshalText()
	if err != nil {
		t.Fatal(err)
	}

	n.must(t, "nix", "store", "sign", "--store", "file://"+cache, "--key-file", keyFile, string(n.app))
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(got), string(want)); diff != "" {
		t.Error(diff)
	}

	verify := func(signatures ...string) error {
		t.Helper()
		info.Signatures = signatures
		text, err := info.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err = n.run(t, "", "nix", "store", "verify", "--store", "file://"+cache, "--trusted-public-keys", ours.Public().String(), string(n.app))
		return err
	}
	if err := verify(signature); err != nil {
		t.Errorf("Nix does not take our signature: %v", err)
	}
	if err := verify("ours-1:" + strings.TrimPrefix(signature, "ours-1:")[4:] + "AAAA"); err == nil {
		t.Error("Nix takes a wrong signature")
	}
	if err := verify(); err == nil {
		t.Error("Nix takes no signature")
	}
}

// verdict is what became of a text.
type verdict struct {
	Refused    bool
	NarSize    int64
	References []string
	Deriver    string
	Signatures []string
	CA         string
	URL        string
}

// compareParse gives Nix and us the same, odd texts.
func compareParse(t *testing.T, n *nixRun) {
	cache := t.TempDir()
	n.copyTo(t, cache, "none")
	file := filepath.Join(cache, narinfo.FileName(n.app))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	line := func(field string) string {
		_, rest, _ := strings.Cut("\n"+text, "\n"+field+": ")
		value, _, _ := strings.Cut(rest, "\n")
		return field + ": " + value + "\n"
	}
	without := func(field string) string { return strings.Replace(text, line(field), "", 1) }
	address := "CA: fixed:r:" + strings.TrimPrefix(line("NarHash"), "NarHash: ")
	type odd struct {
		text     string
		stricter bool // we refuse what Nix takes, or takes for something else
	}
	tests := map[string]odd{
		"no line end":          {strings.TrimSuffix(text, "\n"), false},
		"blank line":           {text + "\n", false},
		"first blank":          {"\n" + text, false},
		"carriage returns":     {strings.ReplaceAll(text, "\n", "\r\n"), false},
		"no colon":             {text + "nonsense\n", false},
		"unknown":              {text + "Foo: bar\nSystem: riscv64-linux\n", false},
		"references twice":     {text + line("References"), false},
		"references then none": {text + "References: \n", false},
		"none then references": {"References: \n" + text, false},
		"unsorted":             {without("References") + "References: " + n.app.Base() + "  " + n.app.Base() + " \n" + "Sig: z:z\nSig: a\n", false},
		"absolute reference":   {without("References") + "References: " + string(n.app) + "\n", false},
		"address":              {text + address, false},
		"address twice":        {text + address + address, false},
		"address then none":    {text + address + "CA: \n", false},
		"none then address":    {text + "CA: \n" + address, false},
		"bad address":          {text + "CA: x\n", false},
		"unknown deriver":      {without("Deriver") + "Deriver: unknown-deriver\n", false},
		"deriver then unknown": {text + "Deriver: unknown-deriver\n", false},
		"absolute deriver":     {without("Deriver") + "Deriver: " + string(n.app) + "\n", false},
		"odd signature":        {without("Sig") + "Sig: nonsense \n", false},
		"size plus":            {text + "NarSize: -1\n", false},
		"size zero":            {text + "NarSize: 0\n", false},
		"size zeros":           {text + "NarSize: 007\n", false},
		"size spaces":          {text + "NarSize:  7\n", false},
		"last URL":             {text + "URL: a b \n", false},
		"SRI":                  {text + "FileHash: " + store.Sum(store.SHA512, nil).SRI() + "\n", false},
		"relative path":        {text + "StorePath: " + n.app.Base() + "\n", false},
		"below path":           {text + "StorePath: " + string(n.app) + "/bin\n", false},

		"no space":       {strings.Replace(text, "URL: ", "URL:", 1), true},
		"no value":       {text + "URL:\nx: y\n", true},
		"plus":           {text + "NarSize: +7\n", true},
		"64 bits":        {text + "NarSize: 18446744073709551615\n", true},
		"sha1":           {text + "NarHash: " + store.Sum(store.SHA1, nil).String() + "\n", true},
		"path slashes":   {text + "StorePath: " + n.StoreDir + "//" + n.app.Base() + "/\n", true},
		"control in URL": {text + "URL: a\tb\n", true},
	}
	for _, field := range []string{"StorePath", "URL", "Compression", "FileHash", "FileSize", "NarHash", "NarSize", "References", "Deriver", "Sig"} {
		tests["without "+field] = odd{without(field), false}
		tests["bare "+field] = odd{strings.Replace(text, line(field), field+":\n", 1), true}
		if field != "References" {
			tests["twice "+field] = odd{text + line(field), false}
		}
		// Nix stops at an assertion for the path, and keeps an empty signature.
		if field != "StorePath" && field != "Sig" {
			tests["empty "+field] = odd{strings.Replace(text, line(field), field+": \n", 1), false}
		}
	}
	for name, test := range tests {
		if err := os.WriteFile(file, []byte(test.text), 0o644); err != nil {
			t.Fatal(err)
		}
		ours := ourVerdict(n, test.text)
		if test.stricter {
			if !ours.Refused {
				t.Errorf("%s: not refused", name)
			}
			continue
		}
		if diff := cmp.Diff(nixVerdict(t, n, cache), ours); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, test.text)
		}
	}
}

func nixVerdict(t *testing.T, n *nixRun, cache string) verdict {
	t.Helper()
	out, err := n.run(t, "", "nix", "path-info", "--json", "--store", "file://"+cache, string(n.app))
	if err != nil {
		return verdict{Refused: true}
	}
	var answer []verdict
	if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer) != 1 {
		t.Fatalf("%s: %v", out, err)
	}
	if len(answer[0].References) == 0 {
		answer[0].References = nil
	}
	return answer[0]
}

func ourVerdict(n *nixRun, text string) verdict {
	info, err := narinfo.Parse(store.Dir(n.StoreDir), []byte(text))
	if err != nil {
		return verdict{Refused: true}
	}
	v := verdict{NarSize: info.NarSize, Deriver: string(info.Deriver), Signatures: info.Signatures, CA: info.ContentAddress.String(), URL: info.URL}
	for _, reference := range info.References {
		v.References = append(v.References, string(reference))
	}
	return v
}
