package configedit

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"luminousnix/nix/syntax"
)

// run does an edit of the form: add PACKAGE, remove PACKAGE, set OPTION VALUE, append
// OPTION ELEMENT.
func run(t *testing.T, c *Configuration, edit string) error {
	t.Helper()
	operation, rest, _ := strings.Cut(edit, " ")
	switch operation {
	case "add":
		return c.AddPackage(rest)
	case "remove":
		_, err := c.RemovePackage(rest)
		return err
	}
	name, value, _ := strings.Cut(rest, " ")
	option, err := syntax.ParsePath(name)
	if err != nil {
		t.Fatal(err)
	}
	switch operation {
	case "set":
		return c.Set(option, value)
	case "append":
		return c.AddToList(option, value)
	}
	t.Fatalf("no edit %q", operation)
	return nil
}

// folder writes files into a folder; the first is the entry file.
func folder(t *testing.T, files ...txtar.File) (dir string, c *Configuration) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c, err = Read(filepath.Join(dir, files[0].Name), filepath.Join(dir, "store"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, c
}

// outcome is what became of edits: the diff, or the error with the lines to add.
func outcome(dir string, c *Configuration, err error) string {
	var b strings.Builder
	if err != nil {
		b.WriteString("! " + err.Error() + "\n")
		var place *PlaceError
		if errors.As(err, &place) {
			for _, line := range place.Lines {
				b.WriteString("> " + line + "\n")
			}
		}
	}
	for _, e := range c.Edits() {
		b.WriteString(e.Diff())
	}
	return strings.ReplaceAll(b.String(), dir+"/", "")
}

// TestLayouts edits single files in many layouts.
func TestLayouts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ source, edit, want string }{
		// Lists of packages as people write them.
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git ]; }", "add htop", "{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git htop ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = [ pkgs.git ]; }", "add htop", "{ pkgs, ... }: { environment.systemPackages = [ pkgs.git pkgs.htop ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = (with pkgs; [ git ]) ++ [ x ]; }", "add htop", "{ pkgs, ... }: { environment.systemPackages = (with pkgs; [ git htop ]) ++ [ x ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = [ x ] ++ (with pkgs; [ git ]); }", "add htop", "{ pkgs, ... }: { environment.systemPackages = [ x ] ++ (with pkgs; [ git htop ]); }"},
		{"{ pkgs, lib, ... }: { environment.systemPackages = [ ] ++ lib.optional x pkgs.y; }", "add htop", "{ pkgs, lib, ... }: { environment.systemPackages = [ pkgs.htop ] ++ lib.optional x pkgs.y; }"},
		{"{ pkgs, lib, ... }: { environment.systemPackages = lib.optionals x [ pkgs.y ] ++ [ pkgs.z ]; }", "add htop", "{ pkgs, lib, ... }: { environment.systemPackages = lib.optionals x [ pkgs.y ] ++ [ pkgs.z pkgs.htop ]; }"},
		{"{ pkgs, ... }: { environment = { systemPackages = with pkgs; [ git ]; }; }", "add htop", "{ pkgs, ... }: { environment = { systemPackages = with pkgs; [ git htop ]; }; }"},
		{"{ pkgs, ... }: { config = { environment.systemPackages = [ ]; }; }", "add htop", "{ pkgs, ... }: { config = { environment.systemPackages = [ pkgs.htop ]; }; }"},
		{"{ pkgs, lib, ... }: { environment.systemPackages = lib.mkForce (with pkgs; [ git ]); }", "add htop", "{ pkgs, lib, ... }: { environment.systemPackages = lib.mkForce (with pkgs; [ git htop ]); }"},
		{"{ pkgs, ... }: let x = 1; in { environment.systemPackages = with pkgs; [\n  git # mine\n\n  # more\n]; }", "add htop", "{ pkgs, ... }: let x = 1; in { environment.systemPackages = with pkgs; [\n  git # mine\n  htop\n\n  # more\n]; }"},
		{"{ pkgs, ... }: let htop = 1; in { environment.systemPackages = with pkgs; [ git ]; }", "add htop", "{ pkgs, ... }: let htop = 1; in { environment.systemPackages = with pkgs; [ git pkgs.htop ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git ]; }", "add 7zz", "{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git pkgs.\"7zz\" ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = with unstable; [ git ]; }", "add htop", "{ pkgs, ... }: { environment.systemPackages = with unstable; [ git pkgs.htop ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git ]; }", "add python3Packages.numpy", "{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git python3Packages.numpy ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git htop ]; }", "add htop", "! htop is in f.nix:1 already\n"},
		{"{ pkgs, ... }: { environment.systemPackages = [ pkgs.htop ]; }", "add htop", "! htop is in f.nix:1 already\n"},
		{"{\r\n  environment.systemPackages = with pkgs; [\r\n\tgit\r\n  ];\r\n}\r\n", "add htop", "{\r\n  environment.systemPackages = with pkgs; [\r\n\tgit\r\n\thtop\r\n  ];\r\n}\r\n"},

		// No list yet.
		{"{ pkgs, ... }:\n{\n  networking.hostName = \"x\";\n}\n", "add htop", "{ pkgs, ... }:\n{\n  networking.hostName = \"x\";\n  environment.systemPackages = with pkgs; [ htop ];\n}\n"},
		{"{ pkgs, ... }:\n{\n\tenvironment.etc.x.text = \"\";\n\ttime.timeZone = \"UTC\";\n}\n", "add htop", "{ pkgs, ... }:\n{\n\tenvironment.etc.x.text = \"\";\n\tenvironment.systemPackages = with pkgs; [ htop ];\n\ttime.timeZone = \"UTC\";\n}\n"},
		{"{\n  a = 1;\n}\n", "add htop", "{ pkgs, ... }:\n{\n  a = 1;\n  environment.systemPackages = with pkgs; [ htop ];\n}\n"},
		{"{ config, ... }:\n{\n  a = 1;\n}\n", "add htop", "{ config, pkgs, ... }:\n{\n  a = 1;\n  environment.systemPackages = with pkgs; [ htop ];\n}\n"},
		{"{ config, ... }:\n{\n  environment.systemPackages = [ ];\n}\n", "add htop", "{ config, pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.htop ];\n}\n"},
		{"{ pkgs, ... }: { options.x = 1; config.a = 1; }", "add htop", "{ pkgs, ... }: { options.x = 1; config.a = 1; config.environment.systemPackages = with pkgs; [ htop ]; }"},
		{"{ pkgs, ... }: { options.x = 1; }", "add htop", "{ pkgs, ... }: { options.x = 1; config.environment.systemPackages = with pkgs; [ htop ]; }"},

		// What is left to people.
		{"{ pkgs, ... }: { environment.systemPackages = import ./p.nix pkgs; }", "add htop", "! there is no safe place for it: f.nix:1: environment.systemPackages is not written as a list that always holds\n> environment.systemPackages = [ pkgs.htop ];\n"},
		{"{ pkgs, lib, ... }: { environment.systemPackages = lib.mkIf x [ pkgs.a ]; }", "add htop", "! there is no safe place for it: f.nix:1: environment.systemPackages is not written as a list that always holds\n> environment.systemPackages = [ pkgs.htop ];\n"},
		{"{ pkgs, lib, ... }: lib.mkIf x { environment.systemPackages = [ pkgs.a ]; }", "add htop", "! there is no safe place for it: f.nix:1: environment.systemPackages is within a set that depends on a condition or has a priority\n> environment.systemPackages = [ pkgs.htop ];\n"},
		{"{ pkgs, ... }: { environment = { inherit systemPackages; }; }", "add htop", "! there is no safe place for it: f.nix:1: environment.systemPackages is inherited\n> environment.systemPackages = [ pkgs.htop ];\n"},
		{"args: { }", "add htop", "! there is no safe place for it: f.nix:1:1: pkgs cannot be added to the arguments of the function\n> environment.systemPackages = [ pkgs.htop ];\n"},
		{"{ ... }: { } // { }", "add htop", "! there is no safe place for it: f.nix:1:10: environment.systemPackages cannot be in this file, which is not written as a set\n> environment.systemPackages = [ pkgs.htop ];\n"},

		// Removing.
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git htop ]; }", "remove git", "{ pkgs, ... }: { environment.systemPackages = with pkgs; [ htop ]; }"},
		{"{ pkgs, ... }: { environment.systemPackages = [ pkgs.git ] ++ lib.optionals x (with pkgs; [ git ]); }", "remove git", "! there is no safe place for it: f.nix:1:93: environment.systemPackages has pkgs.git in more than one list\n"},
		{"{ pkgs, ... }: { users.users.max.packages = with pkgs; [\n  git\n]; }", "remove git", "{ pkgs, ... }: { users.users.max.packages = with pkgs; [\n]; }"},
		{"{ pkgs, lib, ... }: { config = lib.mkIf x { environment.systemPackages = [ pkgs.git ]; }; }", "remove git", "{ pkgs, lib, ... }: { config = lib.mkIf x { environment.systemPackages = [ ]; }; }"},
		{"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ htop ]; }", "remove git", "! git is not written anywhere in the configuration\n"},
		{"{ pkgs, ... }: let git = 1; in { environment.systemPackages = with pkgs; [ git ]; }", "remove git", "! git is not written anywhere in the configuration\n"},

		// Options.
		{"{ services.openssh.enable = false; }", "set services.openssh.enable true", "{ services.openssh.enable = true; }"},
		{"{ services.openssh.enable = true; }", "set services.openssh.enable true", "! services.openssh.enable = true is in f.nix:1 already\n"},
		{"{ services = { openssh = { enable = false; }; }; }", "set services.openssh.enable true", "{ services = { openssh = { enable = true; }; }; }"},
		{"{\n  services.openssh.ports = [ 22 ];\n\n  a = 1;\n}\n", "set services.openssh.enable true", "{\n  services.openssh.ports = [ 22 ];\n  services.openssh.enable = true;\n\n  a = 1;\n}\n"},
		{"{ time.timeZone = lib.mkDefault \"UTC\"; }", "set time.timeZone \"Europe/Paris\"", "{ time.timeZone = \"Europe/Paris\"; }"},
		{"{ time.timeZone = lib.mkForce \"UTC\"; }", "set time.timeZone \"Europe/Paris\"", "! there is no safe place for it: f.nix:1: time.timeZone is not written as a plain value, but as lib.mkForce \"UTC\"\n> time.timeZone = \"Europe/Paris\";\n"},
		{"{ time.timeZone = if x then \"UTC\" else null; }", "set time.timeZone \"Europe/Paris\"", "! there is no safe place for it: f.nix:1: time.timeZone is not written as a plain value, but as if x then \"UTC\" else null\n> time.timeZone = \"Europe/Paris\";\n"},
		{"{ time = lib.mkIf x { timeZone = \"UTC\"; }; }", "set time.timeZone \"Europe/Paris\"", "! there is no safe place for it: f.nix:1: time.timeZone is within a set that depends on a condition or has a priority\n> time.timeZone = \"Europe/Paris\";\n"},
		{"{ time = f x; }", "set time.timeZone \"Europe/Paris\"", "! there is no safe place for it: f.nix:1:3: time.timeZone is within a value that is not written as a set\n> time.timeZone = \"Europe/Paris\";\n"},
		{"{ ... }: { a = 1; }", "set users.defaultUserShell pkgs.zsh", "{ pkgs, ... }: { a = 1; users.defaultUserShell = pkgs.zsh; }"},
		{"{ networking.firewall.allowedTCPPorts = [ 80 ]; }", "append networking.firewall.allowedTCPPorts 8080", "{ networking.firewall.allowedTCPPorts = [ 80 8080 ]; }"},
		{"{ networking.firewall.allowedTCPPorts = [ 80 ]; }", "append networking.firewall.allowedTCPPorts 80", "! 80 is in f.nix:1 already\n"},
		{"{ networking.hostName = \"x\"; }", "append networking.firewall.allowedTCPPorts 80", "{ networking.hostName = \"x\"; networking.firewall.allowedTCPPorts = [ 80 ]; }"},
		{"{ networking.firewall.allowedTCPPorts = ports; }", "append networking.firewall.allowedTCPPorts 80", "! there is no safe place for it: f.nix:1: networking.firewall.allowedTCPPorts is not written as a list that always holds\n> networking.firewall.allowedTCPPorts = [ 80 ];\n"},
		{"{ users.users.max = { shell = 1; }; }", "set users.users.max.description \"Max\"", "{ users.users.max = { shell = 1; description = \"Max\"; }; }"},
	} {
		dir, c := folder(t, txtar.File{Name: "f.nix", Data: []byte(test.source)})
		got := ""
		if err := run(t, c, test.edit); err != nil {
			got = outcome(dir, c, err)
		} else {
			got = string(c.files[0].tree.Source)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s\n%s\n%s", test.source, test.edit, diff)
		}
	}
}

// TestFolders edits configurations of several files. Each case is an archive: edits,
// one a line, then the files, the entry file first, and last what comes of it.
func TestFolders(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal(err, "no cases")
	}
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		last := len(archive.Files) - 1
		dir, c := folder(t, archive.Files[:last]...)
		for edit := range strings.Lines(string(archive.Comment)) {
			if edit = strings.TrimSpace(edit); edit != "" && !strings.HasPrefix(edit, "#") && err == nil {
				err = run(t, c, edit)
			}
		}
		if diff := cmp.Diff(string(archive.Files[last].Data), outcome(dir, c, err)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	dir, c := folder(t, txtar.File{Name: "a/f.nix", Data: []byte("{ a = 1; }")})
	name := filepath.Join(dir, "a", "f.nix")
	if err := os.Chmod(name, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := c.Set([]string{"a"}, "2"); err != nil {
		t.Fatal(err)
	}
	edit := c.Edits()[0]
	backup := filepath.Join(dir, "backups", "f.nix")
	if err := errors.Join(edit.Permit(), edit.Backup(backup), edit.Write()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{name: "{ a = 2; }", backup: "{ a = 1; }"} {
		if got, err := os.ReadFile(path); string(got) != want || err != nil {
			t.Errorf("%s: %s, %v", path, got, err)
		}
	}
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// A second time the file is not as it was, and no backup is written over.
	if err := edit.Write(); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v", err)
	}
	if err := edit.Backup(backup); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if left, err := os.ReadDir(filepath.Dir(name)); len(left) != 1 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
