package profile_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"luminousnix/nix/profile"
)

func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	// On a real machine: profile.Locations{}.System(), and a connection to the
	// daemon instead of nil.
	p := profile.Profile(filepath.Join(dir, "system"))
	options := profile.CreateOptions{StateDir: profile.StateDir(dir)}
	if _, err := p.Create(ctx, nil, "/nix/store/1lkgqb6fclns49861dwk9rzb6xnfkxbp-nixos-25.05", options); err != nil {
		log.Fatal(err)
	}
	g, err := p.Create(ctx, nil, "/nix/store/z2gqsi4mx5w5dbvvxhsfzrhnwbvbx9k0-nixos-25.11", options)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("now:", g.Number, filepath.Base(g.Target))

	g, err = p.Rollback(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("rolled back to:", g.Number)
	if _, err := p.Rollback(ctx); errors.Is(err, profile.ErrNoPrevious) {
		fmt.Println("again:", err)
	}

	selection, err := profile.ParseSelection([]string{"old"})
	if err != nil {
		log.Fatal(err)
	}
	state, err := p.Read()
	if err != nil {
		log.Fatal(err)
	}
	preview, err := state.Select(selection, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, g := range preview {
		fmt.Println("would delete:", g.Number)
	}
	deleted, err := p.Delete(ctx, selection, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("deleted:", len(deleted))

	// Output:
	// now: 2 z2gqsi4mx5w5dbvvxhsfzrhnwbvbx9k0-nixos-25.11
	// rolled back to: 1
	// again: there is no generation before the current one
	// would delete: 2
	// deleted: 1
}

func ExampleFind() {
	l := profile.Locations{Home: "/root", User: "root", Root: true, Getenv: os.Getenv}
	profiles, err := profile.Find(l.GarbageDirs()...)
	if err != nil {
		log.Fatal(err)
	}
	for _, p := range profiles {
		state, err := p.Read()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p, len(state.Generations))
	}
}
