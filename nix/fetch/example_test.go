package fetch_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"

	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
)

// An evaluation that downloads a file.
func Example() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "content")
	}))
	defer server.Close()
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	downloads := fetch.New(fetch.Options{CacheDir: dir, Warnings: os.Stderr})
	ev := eval.New(eval.Options{Inputs: eval.Host{Downloads: downloads}})
	v, err := ev.EvalExpr(context.Background(), "«string»", `builtins.fetchurl "`+server.URL+`/file"`)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(v.Text())
	// Output: /nix/store/pzjaa9j3kwj0vv1cpz17a0jm7jximfaq-file
}
