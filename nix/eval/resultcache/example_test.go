package resultcache_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "answer.nix")
	cache, err := resultcache.Open(ctx, filepath.Join(dir, "results"), resultcache.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	answer := func() {
		key := []byte("the answer, by this version of the evaluator")
		result, miss, err := cache.Find(ctx, key, eval.Host{}, nil)
		if err != nil {
			log.Fatal(err)
		}
		if miss == nil {
			fmt.Printf("%s, as before\n", result)
			return
		}
		recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
		v, err := eval.New(eval.Options{Inputs: recorder}).EvalFile(ctx, file)
		if err != nil {
			log.Fatal(err)
		}
		result = fmt.Append(nil, v.Int())
		if err := cache.Put(ctx, key, recorder.Trace(), result); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: miss %d\n", result, miss.Reason)
	}

	for _, text := range []string{"6 * 7", "6 * 7", "6 * 8"} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			log.Fatal(err)
		}
		answer()
	}
	// Output:
	// 42: miss 1
	// 42, as before
	// 48: miss 2
}
