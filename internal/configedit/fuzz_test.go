package configedit

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"luminousnix/nix/syntax"
)

// FuzzEdits holds edits to what they promise: the result parses, and all bytes but
// those of the edit are as they were and in their order.
func FuzzEdits(f *testing.F) {
	for _, source := range []string{
		"{ pkgs, ... }: { environment.systemPackages = with pkgs; [ git ]; }",
		"{ config, ... }:\r\n{\r\n  environment = { systemPackages = [ ] ++ x; };\r\n}\r\n",
		"{ pkgs, lib, ... }: let x = 1; in { a.b.c = lib.mkDefault \"y\"; # z\n}",
		"{ a = { b = { }; }; services.x.enable = true; environment.systemPackages = [ /* none */ ]; }",
		"{ options.a = 1; config = { a.b.c = 1; }; }",
	} {
		f.Add([]byte(source))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		dir := t.TempDir()
		name := filepath.Join(dir, "f.nix")
		if err := os.WriteFile(name, source, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, edit := range []struct {
			do   func(*Configuration) error
			most int // bytes that it may add, indentation aside
			less bool
		}{
			{func(c *Configuration) error { return c.AddPackage("htop") }, 100, false},
			{func(c *Configuration) error { return c.AddToList([]string{"a", "b", "d"}, "1") }, 20, false},
			{func(c *Configuration) error { _, err := c.RemovePackage("git"); return err }, 0, true},
			{func(c *Configuration) error { return c.Set([]string{"a", "b", "c"}, "2") }, 0, false},
		} {
			c, err := Read(name, "")
			if err != nil {
				return // no Nix
			}
			if err := edit.do(c); err != nil {
				if !errors.As(err, new(*PlaceError)) && !errors.As(err, new(*AlreadyError)) && !errors.As(err, new(*MissingError)) {
					t.Fatalf("an error of another kind: %T %v", err, err)
				}
				continue
			}
			after := c.files[0].tree.Source
			if _, err := syntax.Parse("f", after, syntax.ParseOptions{}); err != nil {
				t.Fatalf("%q no longer parses as %q: %v", source, after, err)
			}
			switch {
			case edit.less:
				if !within(after, source) {
					t.Fatalf("%q became %q", source, after)
				}
			case edit.most > 0:
				if !within(source, after) || visible(after)-visible(source) > edit.most {
					t.Fatalf("%q became %q", source, after)
				}
			default: // one place is another
				prefix, suffix := same(source, after)
				if prefix+suffix < len(source) && !bytes.Contains(after[prefix:len(after)-suffix], []byte("2")) {
					t.Fatalf("%q became %q", source, after)
				}
			}
		}
	})
}

// within reports whether all bytes of part are in whole, in their order.
func within(part, whole []byte) bool {
	for _, c := range whole {
		if len(part) > 0 && part[0] == c {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// visible counts the bytes that are no space.
func visible(text []byte) int { return len(bytes.Join(bytes.Fields(text), nil)) }

// same is how many bytes both begin and end with.
func same(a, b []byte) (prefix, suffix int) {
	for prefix < len(a) && prefix < len(b) && a[prefix] == b[prefix] {
		prefix++
	}
	for suffix < len(a)-prefix && suffix < len(b)-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}
