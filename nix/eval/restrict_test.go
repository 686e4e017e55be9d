package eval_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/store"
)

// landscape makes files of which a restricted evaluation may read those below
// allowed, and returns their directory.
func landscape(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"secret.txt":              "secret",
		"private/default.nix":     `"secret"`,
		"allowed/a.nix":           `"a"`,
		"allowed/b.txt":           "b",
		"allowed/sub/default.nix": `builtins.readFile ../b.txt`,
		"allowed/out.nix":         `builtins.readFile ../secret.txt`,
		"allowed/deep/er/x":       "x",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"allowed/link":         "b.txt",
		"allowed/escape":       "../secret.txt",
		"allowed/absolute":     dir + "/secret.txt",
		"allowed/escape-dir":   "../private",
		"allowed/chain":        "deep/er/../../escape",
		"allowed/back":         "../allowed/b.txt",
		"allowed/loop":         "loop",
		"allowed/dangling":     "nothing",
		"allowed/dangling-out": "../nothing",
		"allowed/escape.nix":   "../private/default.nix",
		"through":              "allowed",
		"through-file":         "allowed/b.txt",
		"allowed/linked":       "../tree",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// restrictedExpressions are evaluated in each mode. DIR is the landscape, URL the server.
func restrictedExpressions() []string {
	reads := []string{
		`DIR/allowed/b.txt`, `DIR/allowed/link`, `DIR/allowed/escape`, `DIR/allowed/absolute`, `DIR/allowed/chain`,
		`DIR/allowed/back`, `DIR/allowed/dangling`, `DIR/allowed/dangling-out`, `DIR/secret.txt`, `DIR/through/b.txt`,
		`DIR/through-file`, `DIR/allowed/escape-dir/default.nix`, `DIR/allowed/missing`, `DIR/missing`,
		`(DIR/allowed + "/../secret.txt")`, `"DIR/allowed/../secret.txt"`, `"DIR/allowed/escape-dir/../secret.txt"`,
		`"DIR/allowed/escape-dir/../allowed/b.txt"`, `"DIR/private/../allowed/b.txt"`, `/etc/passwd`, `"/proc/self/root/etc/passwd"`,
	}
	dirs := []string{`DIR/allowed`, `DIR/allowed/sub`, `DIR/allowed/escape-dir`, `DIR`, `DIR/private`, `DIR/through`, `/`, `DIR/allowed/linked`}
	var all []string
	for _, file := range reads {
		all = append(all, `builtins.readFile `+file, `builtins.pathExists `+file, `builtins.readFileType `+file)
	}
	for _, d := range dirs {
		all = append(all, `builtins.readDir `+d, `builtins.pathExists `+d)
	}
	return append(
		all,
		`builtins.pathExists "DIR/allowed/escape-dir/"`, `builtins.pathExists "DIR/private/"`, `builtins.pathExists "DIR/allowed/sub/."`,
		`import DIR/allowed/a.nix`, `import DIR/allowed/sub`, `import DIR/allowed/out.nix`, `import DIR/private`,
		`import DIR/allowed/escape-dir`, `import DIR/allowed/escape.nix`, `builtins.scopedImport { } DIR/private`,
		`builtins.scopedImport { } DIR/allowed/escape.nix`,
		`builtins.hashFile "sha256" DIR/allowed/b.txt`, `builtins.hashFile "sha256" DIR/allowed/escape`,
		`<allowed/b.txt>`, `toString <allowed/sub>`, `toString <allowed/escape>`, `toString <allowed/escape-dir/default.nix>`,
		`<missing>`, `builtins.readFile <allowed/b.txt>`, `builtins.nixPath != [ ]`,
		`toString (builtins.findFile [ { prefix = "x"; path = "DIR/private"; } ] "x/default.nix")`,
		`toString (builtins.findFile [ { prefix = "x"; path = "DIR/allowed"; } ] "x/escape-dir/default.nix")`,
		`toString (builtins.findFile [ { prefix = "x"; path = "DIR/allowed"; } ] "x/b.txt")`,
		`builtins.tryEval (builtins.readFile DIR/secret.txt)`,
		`"${DIR/allowed/b.txt}"`, `"${DIR/secret.txt}"`, `"${DIR/allowed/escape}"`, `"${DIR/private}"`, `"${DIR/through/b.txt}"`,
		`builtins.path { path = DIR/allowed/sub; name = "n"; }`, `builtins.path { path = DIR/private; name = "n"; }`,
		`builtins.path { path = DIR/allowed/escape; name = "n"; }`, `builtins.path { path = DIR/allowed/escape; name = "n"; recursive = false; }`,
		`builtins.path { path = "DIR/allowed/../private"; name = "n"; }`,
		`builtins.path { path = DIR/secret.txt; name = "n"; recursive = false; sha256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"; }`,
		`builtins.path { path = DIR/allowed/b.txt; name = "n"; recursive = false; sha256 = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"; }`,
		`builtins.filterSource (p: t: true) DIR/private`, `builtins.filterSource (p: t: t == "directory" || builtins.readFile p == "b") DIR/allowed/deep`,
		`builtins.readFile (builtins.toFile "x" "text")`, `builtins.readFile "${DIR/allowed/b.txt}"`,
		`builtins.readDir (builtins.path { path = DIR/allowed/deep; name = "d"; })`,
		`builtins.getEnv "HOME"`, `builtins.getEnv "NIX_PATH"`, `builtins ? currentTime`, `builtins ? currentSystem`, `builtins.currentTime > 0`,
		`builtins.currentSystem`, `builtins.storePath "DIR/allowed"`, `~/x`, `builtins.toString ~/x`,
		`builtins.fetchurl "URL/file.txt"`, `builtins.fetchurl "URL/allowed/../file.txt"`, `fetchTarball "URL/tree.tar.gz"`,
		`builtins.fetchurl { url = "URL/file.txt"; sha256 = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"; }`,
		`builtins.readFile (builtins.fetchurl { url = "URL/file.txt"; sha256 = "434728a410a78f56fc1b5899c3593436e61ab0c731e9072d95e96db290205e53"; })`,
		`builtins.fetchurl "file://DIR/secret.txt"`, `builtins.fetchurl "file://DIR/allowed/b.txt"`, `builtins.fetchurl "file://DIR/allowed/../secret.txt"`,
		`builtins.pathExists (builtins.fetchurl "DIR/secret.txt")`,
		`(import (fetchTarball "URL/tree.tar.gz")).v`,
		`(derivation { name = "x"; system = "x"; builder = DIR/secret.txt; }).drvPath`,
		`(derivation { name = "x"; system = "x"; builder = DIR/allowed/b.txt; }).drvPath`,
		`builtins.readFile (derivation { name = "x"; system = "x"; builder = "b"; }).drvPath`,
	)
}

// changedSince28 says whether Nix 2.8 did otherwise: it resolved links at other
// times, and did not let an evaluation see what leads to what it may read.
func changedSince28(expression string) bool {
	for _, part := range []string{
		"readFileType", "toFile", `escape-dir/..`, "toString <allowed/escape", `"x/escape-dir`, "toString ~",
		`"${DIR/allowed/escape}"`, `builtins.path { path = DIR/allowed/escape; name = "n"; }`,
		"pathExists DIR/allowed/", "pathExists (builtins.fetchurl", "Exists DIR ", "readDir DIR ",
	} {
		if strings.Contains(expression+" ", part) {
			return true
		}
	}
	return false
}

// mode is a way to limit an evaluation.
type mode struct {
	name string
	// only limits what is evaluated to expressions with this part, and newest the
	// releases of Nix, to save time.
	only   string
	newest bool
	args   []string
	set    func(*eval.Options)
}

func modes(url string) []mode {
	pure := []string{"--option", "pure-eval", "true"}
	restricted := []string{"--option", "restrict-eval", "true"}
	uris := func(list ...string) mode {
		return mode{
			only: "etch",
			args: slices.Concat(restricted, []string{"--option", "allowed-uris", strings.Join(list, " ")}),
			set:  func(o *eval.Options) { o.Restrict, o.AllowedURIs = true, list },
		}
	}
	return []mode{
		{name: "none", newest: true, set: func(*eval.Options) {}},
		{name: "pure", args: pure, set: func(o *eval.Options) { o.Pure = true }},
		{name: "restricted", args: restricted, set: func(o *eval.Options) { o.Restrict = true }},
		{name: "both", newest: true, args: slices.Concat(pure, restricted), set: func(o *eval.Options) { o.Pure, o.Restrict = true, true }},
		uris(url, "https://x.org/").named("uris"),
		uris("http:").named("scheme"),
	}
}

func (m mode) named(name string) mode {
	m.name = name
	return m
}

func TestRealNixRestricted(t *testing.T) {
	t.Parallel()
	dir := landscape(t)
	server := fileServer(t)
	for _, release := range testbed.AllReleases(t) {
		for _, m := range modes(server.URL) {
			if m.newest && release.Name != "forky" {
				continue
			}
			t.Run(release.Name+"/"+m.name, func(t *testing.T) {
				t.Parallel()
				bed := testbed.NewWith(t, testbed.Options{Release: release})
				options := eval.Options{
					Store:      &eval.DryStore{Directory: store.Dir(bed.StoreDir)},
					Inputs:     bedInputs{eval.Host{Downloads: fetch.New(fetch.Options{CacheDir: filepath.Join(t.TempDir(), "cache"), Tries: 1})}, bed.Env()},
					SearchPath: []eval.SearchEntry{{Prefix: "allowed", Path: dir + "/allowed"}},
					BaseDir:    bed.Home, CurrentSystem: "x86_64-linux",
				}
				m.set(&options)
				args := append([]string{"-I", "allowed=" + dir + "/allowed", "--option", "nix-path", ""}, m.args...)
				for _, expression := range restrictedExpressions() {
					if !strings.Contains(expression, m.only) || release.Name == "installed" && changedSince28(expression) {
						continue
					}
					expression = strings.ReplaceAll(strings.ReplaceAll(expression, "DIR", dir), "URL", server.URL)
					want, _ := asNix(t, bed, expression, args...)
					got, _ := asUs(t, options, expression)
					switch {
					case want.Failed != got.Failed || want.Output != got.Output:
						t.Errorf("%s\n Nix: %v %s %s\n got: %v %s %s", expression, want.Failed, want.Output, want.Text, got.Failed, got.Output, got.Text)
					case want.Failed && release.Name == "forky" && !strings.Contains(want.Text, got.Text):
						t.Errorf("%s\n Nix: %s\n got: %s", expression, want.Text, got.Text)
					}
				}
			})
		}
	}
}

// TestRealNixWarn holds builtins.warn to Nix, when warnings are errors.
func TestRealNixWarn(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		if release.Name == "installed" {
			continue // has no builtins.warn
		}
		bed := testbed.NewWith(t, testbed.Options{Release: release})
		for _, expression := range []string{`builtins.warn "w" 1`, `builtins.tryEval (builtins.warn "w" 1)`, `builtins.warn 1 1`} {
			want, _ := asNix(t, bed, expression, "--option", "abort-on-warn", "true")
			got, err := asUs(t, eval.Options{AbortOnWarn: true}, expression)
			if !want.Failed || err == nil || !strings.Contains(want.Text, got.Text) {
				t.Errorf("%s\n Nix: %s\n got: %v", expression, want.Text, err)
			}
		}
	}
}
