// Command nar-hash prints the hash of files and folders as Nix records it.
package main

import (
	"fmt"
	"log"
	"os"

	"luminousnix/nix/nar"
)

func main() {
	for _, path := range os.Args[1:] {
		hash, size, err := nar.Hash(path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(hash, size, path)
	}
}
