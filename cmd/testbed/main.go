// Command testbed starts and stops a private Nix with a small NixOS to try
// things on. See package testbed.
package main

import (
	"os"

	"luminousnix/internal/testbed"
)

func main() {
	os.Exit(testbed.Main(os.Args[1:], os.Stdout, os.Stderr))
}
