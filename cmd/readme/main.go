// Command readme rewrites the table of what works in README.md.
package main

import (
	"os"

	"luminousnix/internal/readme"
)

func main() { os.Exit(readme.Main(os.Args[1:], os.Stdin, os.Stderr)) }
