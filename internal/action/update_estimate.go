package action

import (
	"context"
	"fmt"

	"luminousnix/internal/operation"
)

// estimate compares what is installed with the catalogue of the channel that the system
// is made of, by name. note says what it is worth, or why there is none.
func estimate(ctx context.Context, m *Machine, want string) (changes *operation.Comparison, note string) {
	book, err := m.Shelf.OpenNewest()
	if err != nil {
		return nil, fmt.Sprintf("what would change cannot be estimated without a catalogue of the channel: `ask-nix catalog update --channel %s` downloads one", want)
	}
	defer book.Close()
	name, date := book.Source()
	if name != want {
		return nil, fmt.Sprintf("what would change cannot be estimated: the catalogue is of %s; `ask-nix catalog update --channel %s` downloads the right one", name, want)
	}
	installed, err := installedPackages(ctx, m, operation.Arguments{Scope: operation.ScopeSystem})
	if err != nil {
		return nil, fmt.Sprintf("what would change cannot be estimated: %v", err)
	}
	changes = &operation.Comparison{Added: []operation.Change{}, Removed: []operation.Change{}, Changed: []operation.Change{}}
	for _, p := range installed {
		if version, ok := book.Version(p.Name); ok && version != p.Version && p.Version != "" {
			changes.Changed = append(changes.Changed, operation.Change{Name: p.Name, From: []string{p.Version}, To: []string{version}})
		}
	}
	return changes, fmt.Sprintf("the packages above are an estimate, of %d that are installed by name, from the catalogue of %s of %s", len(installed), name, date)
}
