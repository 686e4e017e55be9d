package eval_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/eval"
)

const workers = 8

// together calls f from many goroutines, all of which begin at the same moment.
func together(f func(worker int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range workers {
		all.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	all.Wait()
}

// root evaluates an expression with an evaluator for many goroutines.
func root(tb testing.TB, o eval.Options, expr string) (*eval.Evaluator, eval.Value) {
	tb.Helper()
	o.Parallel = true
	ev := eval.New(o)
	v, err := ev.EvalExpr(tb.Context(), "«string»", expr)
	if err != nil {
		tb.Fatal(err)
	}
	return ev, v
}

// outcome is what all of a thunk prints as, or its error and what kind that is. A
// value that the error shows is not in it: how much of that is evaluated may differ.
func outcome(ctx context.Context, ev *eval.Evaluator, t *eval.Thunk) string {
	v, err := ev.Force(ctx, t)
	if err == nil {
		err = ev.ForceDeep(ctx, v)
	}
	var text string
	if err == nil {
		text, err = ev.Print(ctx, v)
	}
	var e *eval.Error
	if errors.As(err, &e) {
		message, _, _ := strings.Cut(e.Message, "{")
		message, _, _ = strings.Cut(message, "[")
		return fmt.Sprintf("error of kind %d: %s", e.Kind, message)
	}
	return text
}

// outcomes is the outcome of each attribute of a set, in the order of a permutation.
func outcomes(ctx context.Context, ev *eval.Evaluator, set eval.Value, order func(int) []int) map[string]string {
	attrs := ev.Attrs(set)
	all := make(map[string]string)
	for _, i := range order(len(attrs)) {
		all[attrs[i].Name] = outcome(ctx, ev, attrs[i].Value)
	}
	return all
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

// compareParallel evaluates the attributes of a set by one worker, and by many in
// other orders each. All of them have to find the same.
func compareParallel(tb testing.TB, o eval.Options, expr string) map[string]string {
	tb.Helper()
	ev := eval.New(o)
	v, err := ev.EvalExpr(tb.Context(), "«string»", expr)
	if err != nil {
		tb.Fatal(err)
	}
	want := outcomes(tb.Context(), ev, v, inOrder)
	ev, v = root(tb, o, expr)
	var got [workers]map[string]string
	together(func(i int) { got[i] = outcomes(tb.Context(), ev, v, rand.Perm) })
	for i := range got {
		if diff := cmp.Diff(want, got[i]); diff != "" {
			tb.Fatalf("worker %d (-alone +together):\n%s\n%s", i, expr, diff)
		}
	}
	return want
}

// TestParallelSame evaluates what workers share: thunks, imports, derivations,
// symbols, regular expressions.
func TestParallelSame(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file.nix"), []byte("{ n }: { sum = n + (import ./other.nix).n; }"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "other.nix"), []byte("rec { n = builtins.length (builtins.genList (x: x) 500); }"), 0o644); err != nil {
		t.Fatal(err)
	}
	const attributes = `builtins.listToAttrs (builtins.genList (i: { name = "x${toString i}"; value = EACH; }) 100)`
	for name, each := range map[string]string{
		"sums":        `let list = builtins.genList (n: if n < 2 then n else builtins.elemAt list (n - 1) + builtins.elemAt list (n - 2)) 80; in builtins.elemAt list (i - i / 80 * 80)`,
		"shared":      `builtins.foldl' (a: b: a + b.v) i shared`,
		"imports":     `(import ./file.nix { n = i; }).sum`,
		"derivations": `(derivation { name = "d"; system = "s"; builder = "b"; args = [ ./file.nix ]; needs = map (n: n.d) (if i > 90 then shared else [ ]); }).drvPath`,
		"symbols":     `builtins.attrNames (builtins.listToAttrs (builtins.genList (n: { name = "n${toString (n * i)}"; value = n; }) 20))`,
		"regex":       `map (s: builtins.match "(a|b${toString (i / 10)})*" s) [ "ab1b2" "a" "b3" ]`,
		"throws":      `if i > 50 then builtins.tryEval bad else bad`,
		"errors":      `if i < 50 then { }."x${toString i}" else builtins.length i`,
		"functions":   `let f = { x ? y, y ? z, z ? i }: [ x y z ]; in f (if i > 50 then { z = i; } else { y = shared; })`,
		"text":        `builtins.toJSON { inherit i; f = builtins.toFile "f" "${toString i}${./file.nix}"; h = builtins.hashString "sha256" (toString i); }`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expr := `let
				all = builtins.genList (n: rec { v = n; w = v + 1; d = derivation { name = "n${toString w}"; system = "s"; builder = "b"; before = if n == 0 then null else (builtins.elemAt all (n - 1)).d; }; }) 40;
				shared = all;
				bad = throw "bad ${toString (builtins.length shared)}";
			in ` + strings.ReplaceAll(attributes, "EACH", each)
			got := compareParallel(t, eval.Options{BaseDir: dir}, expr)
			if len(got) != 100 {
				t.Errorf("%d attributes", len(got))
			}
		})
	}
}

// TestParallelCases evaluates the cases of TestCases with one evaluator, many at once.
func TestParallelCases(t *testing.T) {
	t.Parallel()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	files := caseFiles(t)
	ev := eval.New(eval.Options{BaseDir: dir, Parallel: true})
	together(func(int) {
		for _, i := range rand.Perm(len(files)) {
			c := command{strict: true}
			got, err := c.evaluate(ev, files[i])
			if err != nil {
				t.Error(files[i], renderError(err, true))
			} else if diff := cmp.Diff(expected(t, files[i]), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", files[i], diff)
			}
		}
	})
}

// TestParallelOnce evaluates each thunk once, whoever needs it.
func TestParallelOnce(t *testing.T) {
	t.Parallel()
	var said lockedBuffer
	ev, v := root(t, eval.Options{Stderr: &said}, `
		let list = builtins.genList (n: builtins.trace "element ${toString n}" (if n == 0 then 0 else 1 + builtins.elemAt list (n - 1))) 200;
		in list`)
	together(func(int) {
		for _, i := range rand.Perm(200) {
			got, err := ev.Force(t.Context(), v.List()[i])
			if err != nil || got.Int() != int64(i) {
				t.Errorf("element %d is %v, %v", i, got, err)
			}
		}
	})
	lines := strings.Split(strings.TrimSpace(said.String()), "\n")
	count := make(map[string]int)
	for _, line := range lines {
		count[line]++
	}
	if len(lines) != 200 || len(count) != 200 {
		t.Errorf("%d messages, %d different ones", len(lines), len(count))
	}
}

// lockedBuffer is for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// TestParallelCycles finds thunks that need each other, where each is evaluated by
// another worker, instead of waiting for ever.
func TestParallelCycles(t *testing.T) {
	t.Parallel()
	const busy = `builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 20)`
	for name, expr := range map[string]string{
		"two":       `rec { a = ` + busy + ` + b; b = ` + busy + ` + a; }`,
		"ring":      `rec { a = ` + busy + ` + b; b = ` + busy + ` + c; c = ` + busy + ` + d; d = ` + busy + ` + e; e = ` + busy + ` + a; }`,
		"side door": `rec { a = ` + busy + ` + b; b = ` + busy + ` + c; c = ` + busy + ` + b; d = (builtins.tryEval a).success; e = [ a ] == [ d ]; f = 1; g = f + ` + busy + `; h = if g == 1 then a else f; }`,
		"calls":     `let f = n: builtins.elemAt list (n - n / 9 * 9); list = builtins.genList (n: ` + busy + ` + f (n + 1)) 9; in builtins.listToAttrs (builtins.genList (n: { name = "x${toString n}"; value = f n; }) 9)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 10 {
				for attribute, text := range compareParallel(t, eval.Options{}, expr) {
					wrong := strings.Contains(text, "infinite recursion") == strings.Contains("fgh", attribute)
					if wrong {
						t.Fatalf("%s: %s", attribute, text)
					}
				}
			}
		})
	}
}

// TestParallelFailure gives all who need a thunk the error of it.
func TestParallelFailure(t *testing.T) {
	t.Parallel()
	var said lockedBuffer
	ev, v := root(t, eval.Options{Stderr: &said}, `
		let bad = builtins.trace "once" (builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 10000) + throw "bad"); in { x = bad; y = 1 + bad; z = [ bad ]; }`)
	together(func(i int) {
		for _, attribute := range []string{"x", "y", "z"} {
			const want = "error of kind 1: bad"
			if got := outcome(t.Context(), ev, ev.Attr(v, attribute)); got != want {
				t.Errorf("%s is %s, want %s", attribute, got, want)
			}
		}
	})
	if diff := cmp.Diff("trace: once\n", said.String()); diff != "" {
		t.Error(diff)
	}
}

// endless is an expression that takes minutes.
const endless = `(let n = builtins.genList (x: x) 60000; sum = f: builtins.foldl' (a: x: a + f x) 0 n; in sum (x: sum (y: y)))`

// TestParallelInterruptedWaiting stops to wait for what another evaluates, when its
// own context ends.
func TestParallelInterruptedWaiting(t *testing.T) {
	t.Parallel()
	began := make(chan struct{})
	ev, v := root(t, eval.Options{Stderr: &signal{began: began}}, `{ x = builtins.trace "begun" `+endless+`; }`)
	slow, stop := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() { expectInterrupted(t, ev, slow, v) })
	<-began
	waiting, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	expectInterrupted(t, ev, waiting, v)
	if slow.Err() != nil {
		t.Error("the second waited for the first")
	}
	stop()
	first.Wait()
}

func expectInterrupted(t *testing.T, ev *eval.Evaluator, ctx context.Context, v eval.Value) {
	t.Helper()
	_, err := ev.Force(ctx, ev.Attr(v, "x"))
	var e *eval.Error
	if !errors.As(err, &e) || e.Kind != eval.KindInterrupted || !errors.Is(err, ctx.Err()) {
		t.Errorf("error %v", err)
	}
}

// signal is a standard error that tells when something is said.
type signal struct {
	once  sync.Once
	began chan struct{}
}

func (s *signal) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.began) })
	return len(p), nil
}

// TestParallelTakenOver evaluates what another has begun, whose context ended.
func TestParallelTakenOver(t *testing.T) {
	t.Parallel()
	for range 10 {
		began := make(chan struct{})
		ev, v := root(t, eval.Options{Stderr: &signal{began: began}}, `{ x = builtins.trace "begun" (builtins.foldl' (a: b: a + b) 0 (builtins.genList (x: x) 10000)); }`)
		ctx, cancel := context.WithCancel(t.Context())
		var first sync.WaitGroup
		first.Go(func() {
			_, err := ev.Force(ctx, ev.Attr(v, "x"))
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		})
		<-began
		time.AfterFunc(time.Duration(rand.IntN(1000))*time.Microsecond, cancel)
		together(func(int) {
			got, err := ev.Force(t.Context(), ev.Attr(v, "x"))
			if err != nil || got.Int() != 10000*9999/2 {
				t.Errorf("got %v, %v", got, err)
			}
		})
		first.Wait()
		cancel()
	}
}

// TestParallelReads reads each file once.
func TestParallelReads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 20 {
		text := fmt.Sprintf("{ n = %d; next = import ./%d.nix; }", i, (i+1)%20)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.nix", i)), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inputs := &countingInputs{reads: make(map[string]int)}
	ev := eval.New(eval.Options{Inputs: inputs, Parallel: true})
	together(func(int) {
		for _, i := range rand.Perm(20) {
			v, err := ev.EvalExpr(t.Context(), "«string»", fmt.Sprintf("import %s/%d.nix", dir, i))
			for n := i; err == nil && n < i+20; n++ {
				var number eval.Value
				number, err = ev.Force(t.Context(), ev.Attr(v, "n"))
				if err == nil && number.Int() != int64(n%20) {
					t.Errorf("file %d is %d", n%20, number.Int())
				}
				if err == nil {
					v, err = ev.Force(t.Context(), ev.Attr(v, "next"))
				}
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
	for path, times := range inputs.reads {
		if times != 1 {
			t.Errorf("%s was read %d times", path, times)
		}
	}
}

// countingInputs counts how often files are read.
type countingInputs struct {
	eval.Host
	mu    sync.Mutex
	reads map[string]int
}

func (c *countingInputs) ReadFile(path string) ([]byte, error) {
	c.mu.Lock()
	c.reads[path]++
	c.mu.Unlock()
	return c.Host.ReadFile(path)
}
