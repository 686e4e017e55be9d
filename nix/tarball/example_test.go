package tarball_test

import (
	"context"
	"fmt"
	"log"

	"luminousnix/nix/store"
	"luminousnix/nix/tarball"
)

// The path in the store of what is in an archive, as fetchTarball names it.
func Example() {
	tree, err := tarball.Open(context.Background(), "testdata/tree.tar.bz2", tarball.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer tree.Close()

	hash := store.SHA256.New()
	if err := tree.WriteNAR(hash); err != nil {
		log.Fatal(err)
	}
	narHash, err := store.NewHash(store.SHA256, hash.Sum(nil))
	if err != nil {
		log.Fatal(err)
	}
	path, err := store.DefaultDir.SourcePath("source", narHash, store.References{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(path)
	// Output: /nix/store/9fz7kq56zp96z0synwgwrak6ihhykby6-source
}
