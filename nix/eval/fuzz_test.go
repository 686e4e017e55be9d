package eval_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"luminousnix/nix/eval"
)

// noInputs is a machine without files.
type noInputs struct{ eval.Host }

func (noInputs) ReadFile(path string) ([]byte, error)       { return nil, missing(path) }
func (noInputs) ReadDir(path string) ([]fs.DirEntry, error) { return nil, missing(path) }
func (noInputs) Lstat(path string) (fs.FileInfo, error)     { return nil, missing(path) }
func (noInputs) Readlink(path string) (string, error)       { return "", missing(path) }
func (noInputs) Getenv(string) string                       { return "" }
func (noInputs) Now() time.Time                             { return time.Unix(0, 0) }
func missing(path string) error {
	return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

// FuzzEval evaluates anything: there is a value or an *eval.Error that can be
// shown, never a panic.
func FuzzEval(f *testing.F) {
	for _, seed := range []string{
		"1 + 1.5", `"a${"b"}"`, "rec { a = b; b = 1; }", "let f = { a, b ? a }: b; in f { a = 1; }",
		"with { x = 1; }; x", "[ 1 2 ] ++ [ 3 ]", "{ a.b = 1; } // { c = 2; }", "x: y: x", "builtins.sort (a: b: a < b) [ 2 1 ]",
		"assert 1 == 2; 3", "builtins.tryEval (throw \"x\")", "if true then 1 else 2", "{ a = 1; } ? a.b", "./x", "<nixpkgs>",
		"builtins.toJSON { a = 1; }", "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ ]; }",
		"rec { __overrides = { x = 2; }; x = 1; y = x; }", "__curPos", "let { body = 1; }", "''\n  a\n   ${\"b\"}''",
		"builtins.match \"a(b)*\" \"abb\"", "builtins.zipAttrsWith (n: v: v) [ { a = 1; } ]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		if len(expr) > 2_000 {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := evalString(ctx, eval.Options{Inputs: noInputs{}, MaxCallDepth: 200}, expr)
		var e *eval.Error
		if err != nil && !errors.As(err, &e) {
			t.Fatalf("%q: the error is a %T: %v", expr, err, err)
		}
		if e != nil {
			_ = e.Render(true)
		}
	})
}
