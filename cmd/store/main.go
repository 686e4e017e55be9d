// Command store shows the libraries below nix/ by themselves; see
// luminousnix/internal/storecmd.
package main

import (
	"os"

	"luminousnix/internal/storecmd"
)

func main() { os.Exit(storecmd.Main(os.Args[1:], os.Stdout, os.Stderr)) }
