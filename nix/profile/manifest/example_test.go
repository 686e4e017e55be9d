package manifest_test

import (
	"fmt"

	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// Reading the manifest.json of Nix 2.8 and writing it as later Nix do.
func Example() {
	text := `{"elements":[{"active":true,"storePaths":["/nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1"]}],"version":2}`
	m, err := manifest.Parse(store.DefaultDir, []byte(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	name, _ := m.Add(manifest.ForPaths("/nix/store/3ghsl9sd83mc26i81adpa2fzf3yw4f68-hello-2.12.2"))
	fmt.Println(name)
	m.Remove(manifest.Named("hello"))
	m.Format = manifest.V3
	out, err := m.Marshal()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(out))
	// Output:
	// hello-1
	// {"elements":{"hello-1":{"active":true,"priority":5,"storePaths":["/nix/store/3ghsl9sd83mc26i81adpa2fzf3yw4f68-hello-2.12.2"]}},"version":3}
}

// Reading what nix-env has installed.
func ExampleParseNixEnv() {
	text := `[ { meta = { priority = "3"; }; name = "hello-2.12.1"; ` +
		`out = { outPath = "/nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1"; }; ` +
		`outPath = "/nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1"; outputs = [ "out" ]; ` +
		`system = "x86_64-linux"; type = "derivation"; } ]`
	installed, err := manifest.ParseNixEnv(store.DefaultDir, []byte(text))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range installed {
		fmt.Println(i.Name, i.Priority(), i.OutPath)
	}
	// Output:
	// hello-2.12.1 3 /nix/store/94f9f6i31zwzwbf0kclq1naqxxi4c7v9-hello-2.12.1
}
