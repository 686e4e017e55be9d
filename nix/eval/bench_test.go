package eval_test

import (
	"context"
	"testing"

	"luminousnix/nix/eval"
)

// benchmarkExpr evaluates an expression deeply, each time with a new evaluator.
func benchmarkExpr(b *testing.B, expr string) {
	b.Helper()
	b.ReportAllocs()
	ctx := context.Background()
	for b.Loop() {
		ev := eval.New(eval.Options{})
		v, err := ev.EvalExpr(ctx, "«string»", expr)
		if err != nil {
			b.Fatal(err)
		}
		if err := ev.ForceDeep(ctx, v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFib27(b *testing.B) {
	benchmarkExpr(b, "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib 27")
}

func BenchmarkFoldlGenList(b *testing.B) {
	benchmarkExpr(b, "builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 1000000)")
}

func BenchmarkUpdate(b *testing.B) {
	benchmarkExpr(b, `
		builtins.length (builtins.attrNames (builtins.foldl' (a: i: a // { ${"a" + toString (i - (i / 100) * 100)} = i; })
			{ } (builtins.genList (x: x) 20000)))`)
}

func BenchmarkStringConcat(b *testing.B) {
	benchmarkExpr(b, `
		builtins.stringLength (builtins.foldl' (a: i: a + "x${toString i}") "" (builtins.genList (x: x) 20000))`)
}

func BenchmarkRecAttrs(b *testing.B) {
	benchmarkExpr(b, `
		builtins.foldl' (a: i: a + (rec { x = i; y = x + 1; z = y + x; }).z) 0 (builtins.genList (x: x) 300000)`)
}

func BenchmarkSort(b *testing.B) {
	benchmarkExpr(b, `
		let next = x: let y = x * 1103515245 + 12345; in y - (y / 2147483648) * 2147483648;
		in builtins.head (builtins.sort (a: b: a < b) (builtins.genList (i: next (next i)) 200000))`)
}

// BenchmarkNew is the start: what an evaluation of nothing costs.
func BenchmarkNew(b *testing.B) { benchmarkExpr(b, "1") }
