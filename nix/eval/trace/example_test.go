package trace_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "default.nix")
	if err := os.WriteFile(file, []byte("6 * 7"), 0o644); err != nil {
		log.Fatal(err)
	}

	recorder := trace.NewRecorder(eval.Host{}, trace.Options{})
	if _, err := eval.New(eval.Options{Inputs: recorder}).EvalFile(ctx, dir); err != nil {
		log.Fatal(err)
	}
	t := recorder.Trace()
	different, err := t.Check(ctx, eval.Host{})
	fmt.Println(different == nil, err)

	if err := os.WriteFile(file, []byte("6 * 8"), 0o644); err != nil {
		log.Fatal(err)
	}
	different, err = t.Check(ctx, eval.Host{})
	fmt.Println(filepath.Base(different.Name), different.Kind, different.Change, err)
	// Output:
	// true <nil>
	// default.nix content changed <nil>
}
