package packaging_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/engine"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/testbed"
	"luminousnix/nix/eval"
	"luminousnix/nix/nar"
)

// bed is a Nix and the two ways of having a file of Nix evaluated.
type bed struct {
	*testbed.Nix
	repository string // its top
	stubs      string // testdata
	native     *evaluation.Native
}

func newBed(t *testing.T, release testbed.Release) *bed {
	t.Helper()
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	stubs, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	nix := testbed.NewWith(t, testbed.Options{Release: release})
	return &bed{nix, repository, stubs, &evaluation.Native{Host: host.Find(getenv(nix), nix.Root)}}
}

func getenv(nix *testbed.Nix) func(string) string {
	return func(name string) string {
		for _, entry := range nix.Env() {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// goEnv asks Go where it has its things.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// with is an expression that may use: repository and tree, two paths; overlay, what
// nixpkgs would have; pkgs; flake, the outputs of flake.nix; and nixos, which makes a
// system of modules.
func (b *bed) with(t *testing.T, expression string) string {
	t.Helper()
	quote := func(s string) string {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	return `let
  repository = ` + b.repository + `;
  tree = ` + b.Nixpkgs + `;
  overlay = import ` + b.stubs + `/nixpkgs.nix {
    go = ` + quote(goEnv(t, "GOROOT")) + `;
    cache = ` + quote(goEnv(t, "GOCACHE")) + `;
    modules = ` + quote(goEnv(t, "GOMODCACHE")) + `;
  };
  lib = import (tree + "/lib");
  pkgs = import tree { overlays = [ overlay ]; };
  flake = (import (repository + "/flake.nix")).outputs {
    self = flake;
    nixpkgs = {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] (system: import tree { inherit system; overlays = [ overlay ]; });
    };
  };
  nixos = modules: import (tree + "/nixos/lib/eval-config.nix") {
    modules = [ flake.nixosModules.default ` + b.stubs + `/nixos.nix { nixpkgs.overlays = [ overlay ]; } ] ++ modules;
  };
in ` + expression
}

// value has an expression evaluated by our evaluator and by Nix, which must say the same,
// and reads it as JSON.
func (b *bed) value(t *testing.T, expression string, to any) {
	t.Helper()
	result, err := b.native.Evaluate(t.Context(), evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: expression}},
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		SearchPath: []eval.SearchEntry{{Prefix: "nixpkgs", Path: b.Nixpkgs}},
		BaseDir:    b.Dir,
	})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.Command(t.Context(), "nix-instantiate", "--eval", "--strict", "--json", "--expr", expression).Output()
	if err != nil {
		t.Fatal(said(err))
	}
	if diff := cmp.Diff(strings.TrimSpace(string(theirs)), strings.TrimSpace(result.Values[0])); diff != "" {
		t.Fatalf("Nix, and ours: %s", diff)
	}
	if err := json.Unmarshal(theirs, to); err != nil {
		t.Fatal(err)
	}
}

// said is what a program said when it failed.
func said(err error) string {
	if exit, ok := err.(*exec.ExitError); ok {
		return string(exit.Stderr)
	}
	return err.Error()
}

// TestVendorHash makes the folder that nixpkgs makes of go.mod, and hashes it.
func TestVendorHash(t *testing.T) {
	t.Parallel()
	vendor := filepath.Join(t.TempDir(), "vendor")
	if out, err := exec.Command("go", "mod", "vendor", "-o", vendor).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want, _, err := nar.Hash(vendor)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../package.nix")
	if err != nil {
		t.Fatal(err)
	}
	if line := `vendorHash = "` + want.SRI() + `";`; !strings.Contains(string(text), line) {
		t.Errorf("go.mod has changed; in package.nix must stand\n%s", line)
	}
}

// TestFlake looks at all that the flake gives, with each release of Nix.
func TestFlakeRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			type packaged struct{ Name, Default, Overlaid, Main, System string }
			var got struct {
				Outputs  []string
				Packages map[string]packaged
				Same     bool
			}
			b.value(t, b.with(t, `{
  outputs = builtins.attrNames flake;
  packages = builtins.mapAttrs (system: packages: {
    inherit (packages.ask-nix) name system;
    default = packages.default.drvPath;
    main = packages.ask-nix.meta.mainProgram;
    overlaid = (import tree { inherit system; overlays = [ overlay flake.overlays.default ]; }).ask-nix.drvPath;
  }) flake.packages;
  same = builtins.all (packages: packages.default.drvPath == packages.ask-nix.drvPath) (builtins.attrValues flake.packages);
}`), &got)
			if diff := cmp.Diff([]string{"nixosModules", "overlays", "packages"}, got.Outputs); diff != "" || !got.Same || len(got.Packages) != 2 {
				t.Errorf("%+v %s", got, diff)
			}
			for system, p := range got.Packages {
				want := packaged{"ask-nix-" + engine.Version, p.Default, p.Default, "ask-nix", system}
				if diff := cmp.Diff(want, p); diff != "" || !strings.HasSuffix(p.Default, "-ask-nix-"+engine.Version+".drv") {
					t.Errorf("%s: %s %s", system, p.Default, diff)
				}
			}
		})
	}
}

// TestFlakeIsAFlake has the nix command take the folder as a flake, which checks what
// an expression of our own cannot: that its inputs and its outputs have the right form.
func TestFlakeIsAFlake(t *testing.T) {
	t.Parallel()
	b := newBed(t, testbed.AllReleases(t)[0])
	folder := t.TempDir()
	for _, name := range []string{"flake.nix", "module.nix", "package.nix", "internal/engine/version.go"} {
		text, err := os.ReadFile(filepath.Join(b.repository, name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := b.Command(t.Context(), "nix", "eval", "--json", "--no-write-lock-file", "--override-input", "nixpkgs", "path:"+b.Nixpkgs,
		"path:"+folder+"#packages", "--apply", "builtins.mapAttrs (_: builtins.attrNames)").Output()
	if err != nil {
		t.Fatal(said(err))
	}
	want := `{"aarch64-linux":["ask-nix","default"],"x86_64-linux":["ask-nix","default"]}`
	if diff := cmp.Diff(want, strings.TrimSpace(string(out))); diff != "" {
		t.Error(diff)
	}
}

const enabled = `{ programs.ask-nix = { enable = true; settings = { persona = "technical"; cache.ttl = 600; color = "never"; }; }; }`

// TestModule looks at what the module makes of a system, and at what it leaves alone
// where it is not enabled.
func TestModuleRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, release)
			type system struct {
				Options  []string
				Packages []string
				Etc      bool
				Rules    []string
				Polkit   string
			}
			var got struct {
				On, Off, Bare system
				Same          bool
			}
			b.value(t, b.with(t, `let
  look = system: {
    options = builtins.attrNames system.options.programs.ask-nix;
    packages = map (p: p.pname) (builtins.filter (p: p.pname or "" == "ask-nix") system.config.environment.systemPackages);
    etc = system.config.environment.etc ? "luminous-nix/config.toml";
    rules = system.config.systemd.tmpfiles.rules;
    polkit = system.config.security.polkit.extraConfig;
  };
in {
  on = look (nixos [ `+enabled+` ]);
  off = look (nixos [ { programs.ask-nix.settings.persona = "technical"; } ]);
  bare = look (nixos [ { programs.ask-nix.enable = true; } ]);
  same = (nixos [ { nixpkgs.overlays = [ flake.overlays.default ]; } ]).config.programs.ask-nix.package.drvPath
    == (nixos [ ]).config.programs.ask-nix.package.drvPath;
}`), &got)
			options := []string{"enable", "package", "settings"}
			rules := []string{"d /var/lib/luminous-nix 0755 root root -"}
			want := system{options, []string{"ask-nix"}, true, rules, got.On.Polkit}
			if diff := cmp.Diff(want, got.On); diff != "" || !got.Same {
				t.Error(diff)
			}
			want.Etc = false
			if diff := cmp.Diff(want, got.Bare); diff != "" {
				t.Error("without settings:", diff)
			}
			if diff := cmp.Diff(system{Options: options, Packages: []string{}, Rules: []string{}}, got.Off); diff != "" {
				t.Error("not enabled:", diff)
			}
		})
	}
}

// TestSystemRealNix builds ask-nix as package.nix says, and a NixOS with it, and looks into
// the store.
func TestSystemRealNix(t *testing.T) {
	t.Parallel()
	b := newBed(t, testbed.AllReleases(t)[0])
	toplevel := b.build(t, `(nixos [ `+enabled+` ]).config.system.build.toplevel`)
	for file, want := range map[string]string{
		"etc/luminous-nix/config.toml":        "color = \"never\"\npersona = \"technical\"\n[cache]\nttl = 600\n",
		"etc/tmpfiles.d/00-nixos.conf":        "d /var/lib/luminous-nix 0755 root root -\n",
		"etc/polkit-1/rules.d/10-nixos.rules": "polkit.addRule(function(action, subject) {",
	} {
		text, err := os.ReadFile(filepath.Join(toplevel, file))
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, %s", file, err, text)
		}
	}
	program, err := filepath.EvalSymlinks(filepath.Join(toplevel, "sw/bin/ask-nix"))
	if err != nil {
		t.Fatal(err)
	}
	version, err := exec.Command(program, "--version").Output()
	if diff := cmp.Diff("ask-nix "+engine.Version+"\n", string(version)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	out := filepath.Dir(filepath.Dir(program))
	for file, part := range map[string]string{
		"share/man/man1/ask-nix.1":                       "ask-nix - Manage NixOS in plain words",
		"share/man/man1/ask-nix-rollback.1":              "rollback",
		"share/bash-completion/completions/ask-nix.bash": "complete -o default",
		"share/zsh/site-functions/_ask-nix":              "#compdef ask-nix",
		"share/fish/vendor_completions.d/ask-nix.fish":   "complete -c ask-nix",
	} {
		text, err := os.ReadFile(filepath.Join(out, file))
		if err != nil || !strings.Contains(string(text), part) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if programs, err := os.ReadDir(filepath.Join(out, "bin")); err != nil || len(programs) != 1 {
		t.Errorf("programs %v, %v", programs, err)
	}

	wrong := b.with(t, `(nixos [ { programs.ask-nix = { enable = true; settings.persna = "technical"; }; } ]).config.system.build.toplevel`)
	if _, err := b.Command(t.Context(), "nix-build", "--no-out-link", "--expr", wrong).Output(); err == nil || !strings.Contains(said(err), `there is no setting "persna"`) {
		t.Errorf("a setting that does not exist: %v", err)
	}
}

func (b *bed) build(t *testing.T, expression string) string {
	t.Helper()
	out, err := b.Command(t.Context(), "nix-build", "--no-out-link", "--expr", b.with(t, expression)).Output()
	if err != nil {
		t.Fatal(said(err))
	}
	return strings.TrimSpace(string(out))
}
