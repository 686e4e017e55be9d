package environment_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"luminousnix/nix/profile/environment"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// examplePackage stands for a package in the store.
func examplePackage(dir store.Dir, base, file string) (store.Path, error) {
	path, err := dir.Parse(string(dir) + "/" + base)
	if err != nil {
		return "", err
	}
	name := filepath.Join(string(path), file)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return "", err
	}
	return path, os.WriteFile(name, nil, 0o755)
}

// Adding two packages to a profile that does not exist yet. What is left to do:
// add e.NAR with e.Info to the store, and make e.Info.Path a generation.
func Example() {
	root, err := os.MkdirTemp("", "store")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(root)
	dir := store.Dir(root)
	hello, err := examplePackage(dir, "94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1", "bin/hello")
	if err != nil {
		fmt.Println(err)
		return
	}
	git, err := examplePackage(dir, "3ghsl9sd83mc26i81adpa2fzf3yw4f68-git-2.51.0", "bin/git")
	if err != nil {
		fmt.Println(err)
		return
	}

	const noProfile = ""
	e, err := environment.Add(context.Background(), dir, noProfile, []store.Path{hello, git}, environment.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, element := range e.Manifest.Elements {
		fmt.Println(element.Name)
	}
	fmt.Println(e.Info.Path.Name(), len(e.Info.References))
	fmt.Println(e.Tree.Lookup("bin/git").Target == string(git)+"/bin/git")

	e.Manifest.Remove(manifest.Named("git"))
	e, err = environment.Build(context.Background(), dir, e.Manifest)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Tree.Lookup("bin").Target == string(hello)+"/bin")
	// Output:
	// hello
	// git
	// profile 2
	// true
	// true
}
