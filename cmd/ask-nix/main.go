// Command ask-nix manages NixOS in plain words.
package main

import (
	"os"

	"luminousnix/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args)) }
