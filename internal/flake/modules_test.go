package flake

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/syntax"
)

func parse(t *testing.T, text string) *syntax.File {
	t.Helper()
	file, err := syntax.Parse("flake.nix", []byte(text), syntax.ParseOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// outputs is a flake.nix whose outputs are these.
func outputs(text string) string {
	return "{ inputs.nixpkgs.url = \"nixpkgs\"; outputs = { self, nixpkgs, ... }@inputs: " + text + "; }"
}

func TestModules(t *testing.T) {
	t.Parallel()
	one := []string{"./configuration.nix"}
	tests := map[string]struct {
		text string
		want []string
	}{
		"plain":              {outputs(`{ nixosConfigurations.box = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./configuration.nix ]; }; }`), one},
		"inputs as a whole":  {`{ outputs = inputs: { nixosConfigurations.box = inputs.nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }; }`, one},
		"set of systems":     {outputs(`{ nixosConfigurations = { other = 1; "box" = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }; }`), one},
		"other system first": {outputs(`{ nixosConfigurations.a = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; }; nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"let-bound library":  {outputs(`let lib = nixpkgs.lib; in { nixosConfigurations.box = lib.nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"inherited function": {outputs(`let inherit (nixpkgs.lib) nixosSystem; in { nixosConfigurations.box = nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"with":               {outputs(`with nixpkgs.lib; { nixosConfigurations.box = nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"inherited system": {outputs(`let system = "x86_64-linux"; pkgs = import nixpkgs { inherit system; }; in {
			nixosConfigurations.box = nixpkgs.lib.nixosSystem { inherit system pkgs; specialArgs = { inherit inputs; }; modules = [ ./configuration.nix ]; }; }`), one},
		"let-bound system":  {outputs(`let box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; in { nixosConfigurations = { inherit box; }; }`), one},
		"systems of a name": {outputs(`let hosts = { box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }; in { nixosConfigurations = hosts; }`), one},
		"inherited systems": {outputs(`let nixosConfigurations.box = 1; in rec { inherit (rec { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }) nixosConfigurations; }`), one},
		"name of a variable": {outputs(`let host = "box"; user = "me"; in {
			nixosConfigurations.${host} = nixpkgs.lib.nixosSystem { modules = [ ./hosts/${host}/default.nix ./users/${user}.nix ]; }; }`), []string{"./hosts/box/default.nix", "./users/me.nix"}},
		"name of text":    {outputs(`let n = "b"; in { nixosConfigurations."${n}ox" = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"updated outputs": {outputs(`flake-utils.lib.eachDefaultSystem (system: { packages = { }; }) // { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }`), one},
		"flake-parts": {outputs(`flake-parts.lib.mkFlake { inherit inputs; } ({ ... }: { systems = [ ]; flake = {
			nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; }; }; })`), one},
		"concatenated": {outputs(`let common = [ ./common.nix ]; in { nixosConfigurations.box = nixpkgs.lib.nixosSystem {
			modules = common ++ [ ./configuration.nix ] ++ nixpkgs.lib.optional true ./maybe.nix; }; }`), []string{"./common.nix", "./configuration.nix"}},
		"inherited list": {outputs(`let modules = [ ./configuration.nix ]; in { nixosConfigurations.box = nixpkgs.lib.nixosSystem { inherit modules; }; }`), one},
		"all kinds of elements": {outputs(`let hardware = ./hardware.nix; in { nixosModules.desktop = ./modules/desktop.nix; nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [
			home-manager.nixosModules.home-manager { networking.hostName = "box"; } ({ pkgs, ... }: { })
			hardware (import ./imported.nix) self.nixosModules.desktop inputs.self.nixosModules.desktop "${self}/a.nix" (self + "/b.nix") (inputs.self + "/c.nix") (./d + "/e.nix")
			../outside /etc/nixos/local.nix (import ./function.nix { inherit inputs; }) <nixpkgs/x> ]; }; }`), []string{
			"./hardware.nix", "./imported.nix", "./modules/desktop.nix", "./a.nix", "./b.nix", "./c.nix", "./d/e.nix", "../outside", "/etc/nixos/local.nix",
		}},
		"arguments in two parts": {outputs(`let common = { system = "x86_64-linux"; }; in { nixosConfigurations.box = nixpkgs.lib.nixosSystem (common // { modules = [ ./configuration.nix ]; }); }`), one},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Modules(parse(t, test.text), "box")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestModulesCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"function of the flake": {outputs(`let mkHost = name: nixpkgs.lib.nixosSystem { modules = [ ./hosts/${name} ]; }; in { nixosConfigurations.box = mkHost "box"; }`), "it is made by mkHost, not by nixosSystem"},
		"imported":              {outputs(`{ nixosConfigurations.box = import ./box.nix inputs; }`), "it is made by import, not by nixosSystem"},
		"no call":               {outputs(`{ nixosConfigurations.box = inputs.other.nixosConfigurations.box; }`), "it is not made by nixosSystem here"},
		"computed list":         {outputs(`{ nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = map (n: ./${n}) [ "a" ]; }; }`), "no file of this flake is written out"},
		"only written in it":    {outputs(`{ nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ { } inputs.x.nixosModules.y ]; }; }`), "no file of this flake is written out"},
		"computed arguments":    {outputs(`{ nixosConfigurations.box = nixpkgs.lib.nixosSystem (args "box"); }`), "there is no list of modules"},
		"defined by itself":     {outputs(`let m = m; in { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = m; }; }`), "no file of this flake is written out"},
		"text of itself":        {outputs(`let p = "${p}${p}/x"; in { nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ p ]; }; }`), "no file of this flake is written out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Modules(parse(t, test.text), "box")
			var unreadable *UnreadableError
			if !errors.As(err, &unreadable) || !strings.Contains(unreadable.Why, test.want) || unreadable.At != "flake.nix:1" {
				t.Errorf("got %v and %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestModulesMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want []string
	}{
		"others":     {outputs(`let n = "c"; in { nixosConfigurations.b = 1; nixosConfigurations = { a = 1; ${n} = 2; inherit d; }; } // { nixosConfigurations.e = 1; }`), []string{"a", "b", "c", "d", "e"}},
		"mapped":     {outputs(`{ nixosConfigurations = nixpkgs.lib.genAttrs [ "box" ] (name: nixpkgs.lib.nixosSystem { }); }`), nil},
		"no outputs": {`{ description = "nothing"; }`, nil},
		"no set":     {`1`, nil},
		"endless":    {outputs(`let a = b; b = a; in a`), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Modules(parse(t, test.text), "box")
			var missing *MissingError
			if !errors.As(err, &missing) {
				t.Fatalf("got %v", err)
			}
			if diff := cmp.Diff(test.want, missing.Others); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzModules(f *testing.F) {
	f.Add(outputs(`let host = "box"; in rec { nixosConfigurations.${host} = nixpkgs.lib.nixosSystem { modules = [ ./a ] ++ self.x; }; x = [ "${self}/b" ]; } // { inherit (x) y; }`))
	f.Add(outputs(`let a = rec { inherit (a) b; c = b; }; in a.b // a.c`))
	f.Fuzz(func(t *testing.T, text string) {
		file, err := syntax.Parse("flake.nix", []byte(text), syntax.ParseOptions{})
		if err != nil {
			return
		}
		paths, err := Modules(file, "box")
		if err == nil && len(paths) == 0 {
			t.Error("neither modules nor an error")
		}
	})
}
