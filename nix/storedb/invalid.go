package storedb

import (
	"context"
	"os"
	"strings"

	"luminousnix/nix/store"
)

// Invalid returns the names in the store's directory that are no valid paths,
// sorted: what a build or a download left behind, or somebody put there. A
// collection removes them, but for those that belong to a temporary root of
// roots, which is being made at this moment, with its lock.
//
// `nix-store --gc --print-dead` lists them next to the dead paths. Since Nix 2.8
// it also deletes those of them that do not have the form of a store path, even
// though it is asked only to print.
func (g *Graph) Invalid(ctx context.Context, roots []store.Root) ([]string, error) {
	entries, err := os.ReadDir(string(g.dir))
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	made := map[string]bool{}
	for _, root := range roots {
		if strings.HasPrefix(root.Link, "{") { // {temp:PID}, or {censored} and perhaps one
			made[root.Path.HashPart()] = true
		}
	}
	var invalid []string
	for _, entry := range entries {
		if entry.Name() == ".links" {
			continue
		}
		path, err := g.dir.Parse(string(g.dir) + "/" + entry.Name())
		if err == nil && made[path.HashPart()] {
			continue
		}
		if _, valid := g.nodes[path]; !valid {
			invalid = append(invalid, entry.Name())
		}
	}
	return invalid, nil
}
