// Command man writes the manual pages of ask-nix into a folder.
package main

import (
	"log"
	"os"

	"github.com/spf13/cobra/doc"

	"luminousnix/internal/cli"
)

func main() {
	err := doc.GenManTree(cli.Tree(), &doc.GenManHeader{Title: "ASK-NIX", Section: "1"}, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
}
