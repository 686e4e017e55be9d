package storedb_test

import (
	"context"
	"fmt"
	"log"

	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// What would deleting a system's old generation free?
func Example() {
	ctx := context.Background()
	db, err := storedb.Open(ctx, storedb.Options{
		StateDir: "/nix/var/nix",
		Dial: func(ctx context.Context) (storedb.Daemon, error) {
			conn, err := daemon.Dial(ctx, daemon.Options{Socket: "/nix/var/nix/daemon-socket/socket"})
			if err != nil {
				return nil, err // not conn, which is nil but not a nil Daemon
			}
			return conn, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	if reason := db.Fallback(); reason != nil {
		log.Printf("asking the daemon, which is slower: %v", reason)
	}
	graph, err := db.Graph(ctx)
	if err != nil {
		log.Fatal(err)
	}
	roots, err := db.Roots(ctx)
	if err != nil {
		log.Fatal(err)
	}
	var old, others []store.Path
	for _, root := range roots {
		if root.Link == "/nix/var/nix/profiles/system-41-link" {
			old = append(old, root.Path)
		} else {
			others = append(others, root.Path)
		}
	}
	freed := storedb.Sum(graph.Exclusive(old, others, storedb.Liveness{}))
	fmt.Printf("%d paths, %d MiB\n", freed.Paths, freed.NarSize>>20)
}
