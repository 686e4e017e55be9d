package derivation_test

import (
	"context"
	"fmt"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// A derivation that needs no other: Nix gives it the same paths.
func Example() {
	ctx := context.Background()
	drv := &derivation.Derivation{
		Name:    "simple",
		Outputs: map[string]derivation.Output{"out": {}},
		System:  "x86_64-linux",
		Builder: "/bin/sh",
		Args:    []string{"-c", "echo hello > $out"},
		Env:     map[string]string{"builder": "/bin/sh", "name": "simple", "system": "x86_64-linux"},
	}
	dir := store.DefaultDir
	if err := derivation.NewHasher(dir, derivation.FromStore(dir)).Fill(ctx, drv); err != nil {
		fmt.Println(err)
		return
	}
	path, err := drv.Path(dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(path)
	fmt.Println(drv.Outputs["out"].Path)
	// Output:
	// /nix/store/3ghsl9sd83mc26i81adpa2fzf3yw4f68-simple.drv
	// /nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-simple
}
