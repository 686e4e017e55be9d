package flake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Input is what a lock file says of an input.
type Input struct {
	// Name is the name, after those of the inputs that it is one of: home-manager/nixpkgs.
	Name string
	// URL is where the flake has it from, such as github:NixOS/nixpkgs/nixos-25.11.
	URL string
	// Revision is the commit, or the hash of the content where there are none.
	Revision string
	// Modified is the time of that; zero where the lock does not tell.
	Modified time.Time
}

// lockFile is a flake.lock, as far as it is read.
type lockFile struct {
	Root    string              `json:"root"`
	Version int                 `json:"version"`
	Nodes   map[string]lockNode `json:"nodes"`
}

type lockNode struct {
	// Inputs are names of nodes, or paths of input names from the root where one follows
	// another.
	Inputs   map[string]json.RawMessage `json:"inputs"`
	Locked   lockedRef                  `json:"locked"`
	Original map[string]any             `json:"original"`
}

type lockedRef struct {
	Rev          string `json:"rev"`
	NarHash      string `json:"narHash"`
	LastModified int64  `json:"lastModified"`
}

// ParseLock reads a lock file of version 4 to 7: the inputs of the flake, and theirs, by
// name. What follows another input is not listed again.
func ParseLock(content []byte) ([]Input, error) {
	var lock lockFile
	if err := json.Unmarshal(content, &lock); err != nil {
		return nil, fmt.Errorf("%s: %w", LockName, err)
	}
	if lock.Version < 4 || lock.Version > 7 {
		return nil, fmt.Errorf("%s is of version %d, which is not known", LockName, lock.Version)
	}
	var inputs []Input
	seen := map[string]bool{lock.Root: true}
	var visit func(node, above string) error
	visit = func(node, above string) error {
		all := lock.Nodes[node].Inputs
		for _, name := range slices.Sorted(maps.Keys(all)) {
			var target string
			if json.Unmarshal(all[name], &target) != nil {
				continue // it follows another
			}
			below, ok := lock.Nodes[target]
			if !ok {
				return fmt.Errorf("%s: there is no node %q", LockName, target)
			}
			input := below.input(above + name)
			inputs = append(inputs, input)
			if seen[target] {
				continue
			}
			seen[target] = true
			if err := visit(target, input.Name+"/"); err != nil {
				return err
			}
		}
		return nil
	}
	if err := visit(lock.Root, ""); err != nil {
		return nil, err
	}
	slices.SortFunc(inputs, func(a, b Input) int {
		return cmp.Or(cmp.Compare(strings.Count(a.Name, "/"), strings.Count(b.Name, "/")), cmp.Compare(a.Name, b.Name))
	})
	return inputs, nil
}

func (n *lockNode) input(name string) Input {
	i := Input{Name: name, URL: n.url(), Revision: cmp.Or(n.Locked.Rev, n.Locked.NarHash)}
	if n.Locked.LastModified > 0 {
		i.Modified = time.Unix(n.Locked.LastModified, 0)
	}
	return i
}

// url is the original reference as people write it.
func (n *lockNode) url() string {
	text := func(name string) string {
		s, _ := n.Original[name].(string)
		return s
	}
	kind := text("type")
	at := cmp.Or(text("ref"), text("rev"))
	switch kind {
	case "indirect":
		return strings.Join(slices.DeleteFunc([]string{"flake:" + text("id"), text("ref"), text("rev")}, func(s string) bool { return s == "" }), "/")
	case "path":
		return "path:" + text("path")
	case "github", "gitlab", "sourcehut":
		url := kind + ":" + text("owner") + "/" + text("repo")
		if at != "" {
			url += "/" + at
		}
		return url
	case "git", "hg":
		url := kind + "+" + text("url")
		if at != "" {
			url += "?ref=" + at
		}
		return url
	}
	return cmp.Or(text("url"), kind)
}

// Change is an input before and after. One of them is nil if it is new, or gone.
type Change struct{ From, To *Input }

// Name is the name of the input.
func (c *Change) Name() string {
	if c.To != nil {
		return c.To.Name
	}
	return c.From.Name
}

// Changes are the inputs that are not the same in two lock files, those of the flake
// itself first.
func Changes(before, after []Input) []Change {
	var all []Change
	for i := range after {
		to := &after[i]
		at := slices.IndexFunc(before, func(from Input) bool { return from.Name == to.Name })
		switch {
		case at < 0:
			all = append(all, Change{nil, to})
		case before[at].Revision != to.Revision:
			all = append(all, Change{&before[at], to})
		}
	}
	for i := range before {
		from := &before[i]
		if !slices.ContainsFunc(after, func(to Input) bool { return from.Name == to.Name }) {
			all = append(all, Change{from, nil})
		}
	}
	return all
}
