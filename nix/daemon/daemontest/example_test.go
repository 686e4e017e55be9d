package daemontest_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
)

// A path, and a disk that is full on demand.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server, err := daemontest.Start(dir, daemontest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	path, err := server.AddText("hello", "Hello\n")
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	conn, err := daemon.Dial(ctx, server.Options())
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	info, err := conn.PathInfo(ctx, path)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(info.Path.Name(), info.NarSize)
	server.Inject(daemontest.DiskFull(daemontest.OpOptimiseStore, 0))
	err = conn.OptimiseStore(ctx)
	var said *daemon.Error
	fmt.Println(errors.As(err, &said), said.Kind)
	// Output:
	// hello 120
	// true disk full
}
