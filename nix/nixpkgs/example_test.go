package nixpkgs_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"luminousnix/nix/nixpkgs"
)

func ExamplePackages() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const packages = `
let package = name: description:
  derivation { inherit name; system = "x86_64-linux"; builder = "/bin/sh"; } // { meta = { inherit description; }; };
in {
  hello = package "hello-2.12.1" "Greets";
  tools = { recurseForDerivations = true; tree = package "tree-2.1" "Lists folders"; };
  old = throw "old was removed";
}`
	if err := os.WriteFile(filepath.Join(dir, "default.nix"), []byte(packages), 0o644); err != nil {
		log.Fatal(err)
	}
	for p, err := range nixpkgs.Packages(context.Background(), nixpkgs.Options{Tree: dir}) {
		var failed *nixpkgs.FailedError
		if errors.As(err, &failed) {
			fmt.Println("cannot be evaluated:", failed)
			continue
		}
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(p.Attribute, p.Version, p.Description, p.DrvPath.Name())
	}
	// Output:
	// hello 2.12.1 Greets hello-2.12.1.drv
	// cannot be evaluated: old: old was removed
	// tools.tree 2.1 Lists folders tree-2.1.drv
}
