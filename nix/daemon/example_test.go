package daemon_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/derivation"
)

// A server of package daemontest stands for the Nix daemon here; with a real one
// Options has its socket, usually /nix/var/nix/daemon-socket/socket.
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
	drv, err := server.AddDerivation(&derivation.Derivation{
		Name: "hello", System: "x86_64-linux", Builder: "/bin/sh",
		Args:    []string{"-c", "echo building; echo Hello > $out"},
		Outputs: map[string]derivation.Output{"out": {}},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	options := server.Options()
	options.Observer = func(event daemon.Event) {
		if result, ok := event.(daemon.Result); ok {
			if line, ok := result.LogLine(); ok {
				fmt.Println("log:", line)
			}
		}
	}
	conn, err := daemon.Dial(ctx, options)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	results, err := conn.Build(ctx, []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
	if err != nil {
		log.Fatal(err)
	}
	if err := results[0].Err(); err != nil {
		log.Fatal(err)
	}
	info, err := conn.PathInfo(ctx, results[0].Outputs["out"].OutPath)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results[0].Status, info.Path.Name(), info.NarSize)
	// Output:
	// log: building
	// built hello 120
}

func ExamplePool() {
	pool := daemon.NewPool(daemon.Options{Socket: "/nowhere"}, 4)
	defer pool.Close()
	err := pool.Do(context.Background(), func(conn *daemon.Conn) error {
		_, err := conn.AllValidPaths(context.Background())
		return err
	})
	fmt.Println(errors.Is(err, os.ErrNotExist))
	// Output: true
}
