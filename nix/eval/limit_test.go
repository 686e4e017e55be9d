package eval_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"luminousnix/nix/eval"
)

// TestLimits holds evaluations that never end, or nest too deeply, to an error.
func TestLimits(t *testing.T) {
	t.Parallel()
	const chain = "let chain = n: if n == 0 then 0 else 1 + chain (n - 1); in "
	for _, test := range []struct {
		name, expr string
		want       eval.ErrorKind
	}{
		{"variable of itself", "let x = x; in x", eval.KindInfiniteRecursion},
		{"attribute of itself", "rec { a = b; b = a; }.a", eval.KindInfiniteRecursion},
		{"endless calls", "let f = x: f x; in f 1", eval.KindStackOverflow},
		{"a million calls", chain + "chain 1000000", eval.KindStackOverflow},
		{"endless mutual calls", "let a = x: b x; b = x: a x; in a 1", eval.KindStackOverflow},
		{"a million thunks", `
			let list = builtins.genList (i: if i == 0 then 0 else 1 + builtins.elemAt list (i - 1)) 1000000;
			in builtins.elemAt list 999999`, eval.KindStackOverflow},
		{
			"sums that wait for each other", `
			builtins.head (builtins.foldl' (a: i: [ (builtins.head a + i) ]) [ 0 ] (builtins.genList (x: x) 1000000))`,
			eval.KindStackOverflow,
		},
		{"deep equality", "let f = n: { x = f (n + 1); }; in f 0 == f 0", eval.KindStackOverflow},
		{"deep printing", "let f = n: { x = f (n + 1); }; in f 0", eval.KindStackOverflow},
		{"deep toJSON", "let f = n: { x = f (n + 1); }; in builtins.toJSON (f 0)", eval.KindStackOverflow},
		{"deep toXML", "let f = n: [ (f (n + 1)) ]; in builtins.toXML (f 0)", eval.KindStackOverflow},
		{"deep toString", "let f = n: [ (f (n + 1)) ]; in toString (f 0)", eval.KindStackOverflow},
		{"deep comparison", "let f = n: [ (f (n + 1)) ]; in f 0 < f 0", eval.KindStackOverflow},
		{"endless outPath", "let f = n: { outPath = f (n + 1); }; in \"${f 0}\"", eval.KindStackOverflow},
		{"endless functor", "let f = { __functor = self: self; }; g = { __functor = s: g; }; in g 1 (g 2) (let h = x: g (h x); in h 1)", eval.KindStackOverflow},
		{"rec bomb", "let bomb = rec { a = a // { b = bomb; }; }; in bomb.a", eval.KindInfiniteRecursion},
		{"throw", `throw "x"`, eval.KindThrow},
		{"abort is not caught", `builtins.tryEval (abort "x")`, eval.KindAbort},
		{"long list", "builtins.genList (x: x) 9223372036854775807", eval.KindEval},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := evalString(t.Context(), eval.Options{}, test.expr)
			var e *eval.Error
			if !errors.As(err, &e) || e.Kind != test.want {
				t.Fatalf("the error is %v, not of kind %d", err, test.want)
			}
			if text := e.Render(true); len(text) > 100_000 {
				t.Errorf("the error has %d bytes", len(text))
			}
		})
	}
}

// TestMemoryLimit has evaluations that would take all memory end in an error. It
// is not parallel: the limit is one of the whole program.
func TestMemoryLimit(t *testing.T) {
	const limit = 256 << 20
	for name, expr := range map[string]string{
		"list for 32 GiB":     "builtins.genList (x: x) 1000000000",
		"text that doubles":   `let f = s: n: if n == 0 then s else f (s + s) (n - 1); in f "0123456789abcdef" 40`,
		"text in itself":      `let f = s: n: if n == 0 then s else f "${s}${s}" (n - 1); in f "0123456789abcdef" 40`,
		"list that doubles":   "let f = l: n: if n == 0 then l else f (l ++ l) (n - 1); in f [ 1 2 3 4 ] 40",
		"lists of lists":      "builtins.concatLists (builtins.genList (x: builtins.genList (y: y) 100000) 10000)",
		"lists of a function": "builtins.concatMap (x: builtins.genList (y: y) 1000000) (builtins.genList (x: x) 1000)",
		"joined text":         `let s = builtins.concatStringsSep "" (builtins.genList (x: "0123456789abcdef") 1000000); in builtins.concatStringsSep s (builtins.genList (x: "") 1000)`,
		"replaced text":       `let s = builtins.concatStringsSep "" (builtins.genList (x: "0123456789abcdef") 1000000); in builtins.replaceStrings [ "0" ] [ s ] s`,
		"many sets":           "let f = n: l: if n == 0 then l else f (n - 1) { inherit n l; }; g = n: l: if n == 0 then l else g (n - 1) [ (f 1000 { }) l ]; in builtins.foldl' (l: n: g 10 l) [ ] (builtins.genList (n: n) 1000000)",
		"JSON of a bomb":      "let f = n: if n == 0 then 1 else let x = f (n - 1); in [ x x ]; in builtins.toJSON (f 40)",
		"XML of a bomb":       "let f = n: if n == 0 then 1 else let x = f (n - 1); in [ x x ]; in builtins.toXML (f 40)",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := evalString(t.Context(), eval.Options{MaxMemory: limit}, expr)
			var e *eval.Error
			if !errors.As(err, &e) || e.Kind != eval.KindOutOfMemory {
				t.Fatalf("the error is %v", err)
			}
		})
	}
}

// evalString evaluates an expression deeply and returns it as it is printed.
func evalString(ctx context.Context, options eval.Options, expr string) (string, error) {
	ev := eval.New(options)
	v, err := ev.EvalExpr(ctx, "«string»", expr)
	if err != nil {
		return "", err
	}
	if err := ev.ForceDeep(ctx, v); err != nil {
		return "", err
	}
	return ev.Print(ctx, v)
}

// TestDeepNesting evaluates expressions that are nested as deeply as the parser
// takes them.
func TestDeepNesting(t *testing.T) {
	t.Parallel()
	const deep = 4_000
	for _, test := range []struct{ name, expr, want string }{
		{"parentheses", strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep), "1"},
		{"negation", strings.Repeat("!", deep) + "true", "true"},
		{"sum", strings.Repeat("1+", deep) + "1", "4001"},
		{"lists", "builtins.length " + strings.Repeat("[", deep) + strings.Repeat("]", deep), "1"},
		{"if", strings.Repeat("if true then ", deep) + "1" + strings.Repeat(" else 0", deep), "1"},
		{"let", strings.Repeat("let x = 1; in ", deep) + "x", "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := evalString(t.Context(), eval.Options{}, test.expr)
			if err != nil || got != test.want {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
	// Deep recursion of a deep expression.
	expr := "let f = x: " + strings.Repeat("(1 + ", 2000) + "f x" + strings.Repeat(")", 2000) + "; in f 1"
	if _, err := evalString(t.Context(), eval.Options{}, expr); err == nil {
		t.Error("endless recursion gave a value")
	}
}

// TestCycles prints values that contain themselves.
func TestCycles(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		"rec { a = 1; self = { inherit self a; }; }.self": "{ a = 1; self = «repeated»; }",
		"let l = [ 1 l ]; in l":                           "[ 1 [ 1 «repeated» ] ]",
	} {
		got, err := evalString(t.Context(), eval.Options{}, expr)
		if err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", expr, got, err, want)
		}
	}
}

// TestInterrupt ends an evaluation by its context.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := evalString(ctx, eval.Options{},
		"builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x + 1) 20000000)")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

// TestRetry evaluates again what failed within tryEval: the second error is the
// first, not infinite recursion.
func TestRetry(t *testing.T) {
	t.Parallel()
	const expr = `let x = throw "a" + y; y = x; t = builtins.tryEval x; in [ t.success (builtins.tryEval y).success t.success ]`
	got, err := evalString(t.Context(), eval.Options{}, expr)
	if err != nil || got != "[ false false false ]" {
		t.Errorf("got %s, %v", got, err)
	}
}
