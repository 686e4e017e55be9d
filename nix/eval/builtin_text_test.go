package eval_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
)

// builtinExpressions use builtins at their edges, those that fail included.
func builtinExpressions() []string {
	return []string{
		`map (n: builtins.substring n 3 "hello") [ 0 2 4 5 9 ]`,
		`builtins.substring 1 (-1) "hello"`,
		`builtins.substring (-1) 1 "hello"`,
		`builtins.substring 0 0 (throw "evaluated")`,
		`builtins.substring 0 3 12`,
		`builtins.substring 9223372036854775807 9223372036854775807 "x"`,
		`builtins.stringLength "é"`,
		`builtins.stringLength [ ]`,
		`builtins.concatStringsSep ", " [ "a" "b" ]`,
		`builtins.concatStringsSep ", " [ "a" 1 ]`,
		`builtins.concatStringsSep ", " [ { outPath = "/x"; } { __toString = _: "y"; } ]`,
		`builtins.replaceStrings [ "oo" "a" ] [ "a" "i" ] "foobar"`,
		`builtins.replaceStrings [ "" ] [ "-" ] "abc"`,
		`builtins.replaceStrings [ "b" "" ] [ "X" "-" ] "abc"`,
		`builtins.replaceStrings [ "a" "a" ] [ "1" (throw "second") ] "aa"`,
		`builtins.replaceStrings [ "x" ] [ (throw "unused") ] "aa"`,
		`builtins.replaceStrings [ "a" ] [ 1 ] "aa"`,
		`builtins.replaceStrings [ "a" ] [ ] "aa"`,
		`builtins.split "(a)|b" "xaybz"`,
		`builtins.split "(" "x"`,
		`builtins.match "a{100001}" "x"`,
		`builtins.splitVersion "1.2pre-3"`,
		`map builtins.parseDrvName [ "a-1.0" "a" "a-b-2" ]`,
		`builtins.hasContext "${./.}"`,
		`builtins.getContext "plain"`,
		`builtins.appendContext "x" { a = { path = true; }; }`,
		`builtins.addDrvOutputDependencies "x"`,
		`builtins.hashString "sha512" "x"`,
		`builtins.hashString "md4" "x"`,
		`builtins.hashFile "md5" /does/not/exist`,
		`builtins.convertHash { hash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="; toHashFormat = "nix32"; }`,
		`builtins.convertHash { hash = "d41d8cd98f00b204e9800998ecf8427e"; hashAlgo = "md5"; toHashFormat = "sri"; }`,
		`builtins.convertHash { toHashFormat = "sri"; }`,
		`builtins.convertHash { hash = "x"; }`,
		`builtins.placeholder "out"`,
		`map baseNameOf [ "" "/" "a" "a/" "/a/b" "/a/b/" "/a/b//" ./x ]`,
		`map dirOf [ "" "/" "a" "a/" "/a" "/a/b" "/a/b/" /a /a/b / ]`,
		`builtins.toPath "/a/../b//c/."`,
		`builtins.toPath "a"`,
		`map builtins.pathExists [ / "/" "/etc/" "/etc/passwd" "/etc/passwd/" "/does/not/exist" "/etc/." ]`,
		`builtins.pathExists "x"`,
		`builtins.readFile /does/not/exist`,
		`builtins.readFileType /etc/passwd`,
		`builtins.readFileType "/proc/self"`,
		`builtins.fromJSON ''{ "a": [ 1, 2.5, null, true, "x\u00e9" ], "a": 2 }''`,
		`builtins.fromJSON "[1,"`,
		`builtins.fromJSON "9223372036854775808"`,
		`builtins.fromJSON ''"\u0000"''`,
		`builtins.toJSON { b = [ 1 2.5 1.0e20 null true "x\n" ]; a = { outPath = "/x"; y = 1; }; c = { __toString = _: "s"; }; }`,
		`builtins.toJSON (x: x)`,
		`builtins.toJSON { a = [ 1 (throw "deep") ]; }`,
		`builtins.toXML { a = 1; b = [ null true "<\"&>\n" 1.5 ]; c = { x, y ? 1, ... }@z: x; d = x: x; e = builtins.add; f = ./x; }`,
		`builtins.fromTOML "a = 1\n[b]\nc = [ 1.5, \"x\" ]"`,
		`builtins.fromTOML "a = 2024-01-01"`,
		`builtins.toFile "x" "z"`,
		`builtins.storePath /etc`,
		`builtins.path { name = "x"; }`,
		`builtins.path { path = /etc; unknown = 1; }`,
		`builtins.filterSource 1 /etc`,
		`builtins.findFile [ { prefix = "x"; path = "/etc"; } ] "x/passwd"`,
		`builtins.findFile [ { prefix = "x"; path = "/etc"; } { path = "/"; } ] "xy/passwd"`,
		`builtins.findFile [ { prefix = "x"; } ] "x"`,
		`builtins.getEnv "DOES_NOT_EXIST"`,
		`(derivation { name = "x"; builder = "b"; system = "s"; }).outPath`,
		`builtins.attrNames (derivation { name = "x"; builder = "b"; system = "s"; outputs = [ "a" "b" ]; })`,
		`(derivation { name = "x"; builder = "b"; system = "s"; outputs = [ "a" "b" ]; }).b.outputName`,
		`builtins.derivationStrict { name = "x"; builder = "b"; system = "s"; outputs = [ "a" "a" ]; }`,
		`builtins.derivationStrict { name = "x"; builder = "b"; system = "s"; outputHash = "x"; outputHashAlgo = "sha256"; }`,
		`builtins.derivationStrict { name = "x"; builder = "b"; system = "s"; outputHash = ""; }`,
		`builtins.derivationStrict { name = "x"; builder = "b"; system = "s"; outputHash = "d41d8cd98f00b204e9800998ecf8427e"; }`,
		`builtins.convertHash { hash = "sha256:x"; toHashFormat = "sri"; }`,
		`builtins.convertHash { hash = "md5:d41d8cd98f00b204e9800998ecf8427e"; hashAlgo = "sha1"; toHashFormat = "sri"; }`,
		`builtins.convertHash { hash = "md5:d41d8cd98f00b204e9800998ecf8427e"; toHashFormat = "odd"; }`,
		`builtins.derivationStrict { name = "x"; builder = "b"; system = "s"; outputHashMode = "odd"; }`,
		`builtins.derivationStrict { name = "x.drv"; builder = "b"; system = "s"; }`,
		`builtins.fetchurl { url = "https://example.org/~x~"; }`,
		`builtins.fetchTarball { sha256 = ""; }`,
		`builtins.functionArgs derivation`,
	}
}

// TestRealNixBuiltins compares what builtins return, and how they fail, with the
// newest release of Nix.
func TestRealNixBuiltins(t *testing.T) {
	t.Parallel()
	releases := testbed.AllReleases(t)
	bed := testbed.NewWith(t, testbed.Options{Release: releases[0]})
	for _, release := range releases {
		if release.Name == "forky" {
			bed = testbed.NewWith(t, testbed.Options{Release: release})
		}
	}
	for _, expression := range builtinExpressions() {
		want := realPrint(t, bed, expression)
		ev, _ := native(bed)
		v, err := ev.EvalExpr(t.Context(), "«string»", expression)
		got := ""
		if err == nil {
			err = ev.ForceDeep(t.Context(), v)
		}
		if err == nil {
			got, err = ev.Print(t.Context(), v)
		}
		if err != nil {
			got = lastError(renderError(err, true))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-Nix +got):\n%s", expression, diff)
		}
	}
}

// realPrint returns what nix-instantiate prints, or the last error without its
// trace.
func realPrint(t *testing.T, bed *testbed.Nix, expression string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := bed.Command(ctx, "nix-instantiate", "--eval", "--strict", "--show-trace", "-E", expression)
	cmd.Dir = bed.Home
	cmd.Env = append(cmd.Env, "NIX_REMOTE=local")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return lastError(stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// lastError returns the message of a rendered error: the line that begins with
// "error:" and is not empty.
func lastError(rendered string) string {
	last := ""
	for line := range strings.Lines(rendered) {
		if message, ok := strings.CutPrefix(strings.TrimSpace(line), "error: "); ok {
			last = "error: " + message
		}
	}
	return last
}
