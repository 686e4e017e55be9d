package cachedir_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"luminousnix/nix/nar"
	"luminousnix/nix/narinfo"
	"luminousnix/nix/narinfo/cachedir"
	"luminousnix/nix/store"
)

// Makes a binary cache in a folder with one signed path.
func Example() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	cache, err := cachedir.Create(dir, narinfo.CacheInfo{StoreDir: store.DefaultDir, WantMassQuery: true, Priority: 40})
	if err != nil {
		log.Fatal(err)
	}

	file := dir + "/hello.txt"
	if err := os.WriteFile(file, []byte("Hello\n"), 0o644); err != nil {
		log.Fatal(err)
	}
	var archive bytes.Buffer
	if err := nar.Pack(&archive, file); err != nil {
		log.Fatal(err)
	}
	narHash := store.Sum(store.SHA256, archive.Bytes())
	path, err := store.DefaultDir.SourcePath("hello.txt", narHash, store.References{})
	if err != nil {
		log.Fatal(err)
	}
	key, err := narinfo.GenerateKey("example-1")
	if err != nil {
		log.Fatal(err)
	}
	told, err := cache.Put(context.Background(), &store.PathInfo{
		Path: path, NarHash: narHash, NarSize: int64(archive.Len()),
	}, &archive, cachedir.PutOptions{Keys: []narinfo.SecretKey{key}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(told.Path.Name(), told.NarSize, told.Compression)
	fmt.Println(len(narinfo.Verify(&told.PathInfo, []narinfo.PublicKey{key.Public()})), strings.HasPrefix(told.Signatures[0], "example-1:"))
	// Output:
	// hello.txt 120 zstd
	// 1 true
}
