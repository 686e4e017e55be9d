package eval_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"luminousnix/nix/eval"
)

// TestParallelRandom evaluates random sets of expressions that need each other.
func TestParallelRandom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		count := rapid.IntRange(1, 12).Draw(rt, "count")
		var set strings.Builder
		set.WriteString("rec {\n")
		for i := range count {
			fmt.Fprintf(&set, "  x%d = %s;\n", i, randomExpression(rt, i, count, 2))
		}
		set.WriteString("}")
		compareParallel(rapidTB{t, rt}, eval.Options{MaxCallDepth: 300}, set.String())
	})
}

// rapidTB is a test that fails the way that rapid wants it.
type rapidTB struct {
	testing.TB
	rt *rapid.T
}

func (r rapidTB) Fatal(args ...any)                 { r.rt.Fatal(args...) }
func (r rapidTB) Fatalf(format string, args ...any) { r.rt.Fatalf(format, args...) }

// randomExpression is one for the variable of a number, of so many: it mostly needs
// variables before it and sometimes any.
func randomExpression(rt *rapid.T, number, count, depth int) string {
	variable := func() string {
		if number == 0 || rapid.IntRange(0, 9).Draw(rt, "any") == 0 {
			return fmt.Sprintf("x%d", rapid.IntRange(0, count-1).Draw(rt, "variable"))
		}
		return fmt.Sprintf("x%d", rapid.IntRange(0, number-1).Draw(rt, "before"))
	}
	operand := func() string {
		switch choice := rapid.IntRange(0, 9).Draw(rt, "operand"); {
		case depth > 0 && choice < 3:
			return "(" + randomExpression(rt, number, count, depth-1) + ")"
		case choice < 8:
			return variable()
		}
		return fmt.Sprint(rapid.IntRange(0, 3).Draw(rt, "number"))
	}
	form := rapid.SampledFrom([]string{
		"7",
		`"s"`,
		"A + B",
		"A - 1",
		"[ A B ]",
		"{ a = A; b = B; }",
		"{ a = A; } // B",
		"(A).a or B",
		"(A).b",
		"if A == B then C else A",
		"let f = v: v + A; in f B",
		"let f = { a, b ? A, ... }: a + b; in f B",
		"(builtins.tryEval A).success",
		"builtins.tryEval (builtins.deepSeq A B)",
		`throw "t"`,
		"assert A == B; C",
		"assert A != B; C",
		"builtins.foldl' (a: b: a + b) A (builtins.genList (n: n + B) 20)",
		"map (v: v + A) B",
		"builtins.length A",
		"builtins.attrNames A",
		"builtins.head A",
		"builtins.seq A B",
		"builtins.deepSeq A B",
		"with A; a",
		`builtins.match "([a-z]*)(s|t).*" A`,
		`"${A}-s"`,
		`(derivation { name = "n"; system = "s"; builder = "b"; x = A; }).drvPath`,
		`derivation { name = "n"; system = "s"; builder = "b"; x = A; y = B; }`,
		"builtins.mapAttrs (n: v: [ v A ]) B",
		"builtins.sort (a: b: a < b) [ A B C ]",
		"builtins.toJSON A",
		"(import A)",
		"builtins.genericClosure { startSet = [ { key = A; } ]; operator = i: [ { key = B; } ]; }",
	}).Draw(rt, "form")
	for _, hole := range []string{"A", "B", "C"} {
		form = replaceHole(form, hole, operand)
	}
	return form
}

// replaceHole replaces a letter where it stands by itself.
func replaceHole(form, hole string, operand func() string) string {
	var out strings.Builder
	letter := func(i int) bool {
		return i >= 0 && i < len(form) && (form[i] >= 'a' && form[i] <= 'z' || form[i] >= 'A' && form[i] <= 'Z')
	}
	for i := range len(form) {
		if form[i] == hole[0] && !letter(i-1) && !letter(i+1) {
			out.WriteString(operand())
		} else {
			out.WriteByte(form[i])
		}
	}
	return out.String()
}
