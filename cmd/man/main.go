// Command man writes the manual pages of ask-nix into a folder.
package main

import (
	"log"
	"os"

	"github.com/spf13/cobra/doc"

	"luminousnix/internal/cli"
)

func main() {
	tree := cli.Tree()
	tree.DisableAutoGenTag = true
	err := doc.GenManTree(tree, &doc.GenManHeader{Title: "ASK-NIX", Section: "1", Source: "ask-nix " + tree.Version}, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
}
