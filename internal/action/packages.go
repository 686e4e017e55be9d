package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

func searchPackages(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	c, err := m.Catalog(ctx, o)
	if err != nil {
		return Answer{}, err
	}
	defer c.Close()
	results := c.Search(catalog.Query{Text: string(args.Query), Limit: rows(args)})
	data := operation.FoundPackages{
		Query: string(args.Query), Total: results.Total, Packages: []operation.FoundPackage{}, Snapshot: snapshotOf(c),
	}
	for _, hit := range results.Hits {
		data.Packages = append(data.Packages, operation.FoundPackage{
			Kind: "package", Attribute: hit.Attribute, Name: hit.Name, Version: hit.Version,
			Description: hit.Description, Score: hit.Score, Why: hit.Why, Broken: hit.Broken, Variants: hit.Variants,
		})
	}
	answer := Answer{Data: &data}
	switch {
	case len(data.Packages) == 0:
		answer.Message = fmt.Sprintf("No package was found for %q.", args.Query)
		for _, name := range c.Nearest(string(args.Query), 3) {
			answer.Suggestions = append(answer.Suggestions, "ask-nix search "+name)
		}
	case data.Total == 1:
		answer.Message = fmt.Sprintf("One package for %q.", args.Query)
	default:
		answer.Message = fmt.Sprintf("%d packages for %q, the best %d.", data.Total, args.Query, len(data.Packages))
	}
	if len(data.Packages) > 0 {
		answer.Suggestions = []string{"ask-nix info " + data.Packages[0].Attribute}
	}
	return answer, nil
}

// catalogState is the revision of the index, which is all that a search reads.
func catalogState(context.Context, *Machine, operation.Arguments) ([]string, error) {
	return []string{catalog.Snapshot().ID}, nil
}

func showPackage(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	c, err := m.Catalog(ctx, o)
	if err != nil {
		return Answer{}, err
	}
	defer c.Close()
	installed, err := installedPackages(ctx, m, args)
	if err != nil {
		return Answer{}, err
	}
	data := operation.PackageInfo{
		Installed: []operation.InstalledPackage{}, Available: []operation.AvailablePackage{}, Snapshot: snapshotOf(c),
	}
	for _, name := range args.Packages {
		available := c.Lookup(string(name))
		for _, p := range installed {
			if isThe(p, string(name), available) {
				data.Installed = append(data.Installed, p)
			}
		}
		for _, p := range available {
			data.Available = append(data.Available, operation.AvailablePackage{
				Attribute: p.Attribute, Name: p.Name, Version: p.Version,
				Description: p.Description, Homepage: p.Homepage, Broken: p.Broken,
			})
		}
	}
	if len(data.Installed)+len(data.Available) == 0 {
		return Answer{}, noPackage(c, args.Packages[0])
	}
	answer := Answer{Message: packageMessage(args.Packages[0], data), Data: &data}
	if len(data.Installed) == 0 {
		answer.Suggestions = []string{"ask-nix install " + data.Available[0].Attribute + " --dry-run"}
	}
	return answer, nil
}

func packageState(ctx context.Context, m *Machine, args operation.Arguments) ([]string, error) {
	state, err := profileState(ctx, m, args)
	return append(state, catalog.Snapshot().ID), err
}

func noPackage(c *catalog.Catalog, name operation.PackageName) error {
	err := operation.Errorf(operation.CodeNotFound, "there is no package called %q", string(name))
	if near := c.Nearest(string(name), 3); len(near) > 0 {
		return err.WithHint("Did you mean " + strings.Join(near, ", ") + "?")
	}
	return err.WithHint("`ask-nix search WORDS` finds packages by what they are for.")
}

func packageMessage(name operation.PackageName, data operation.PackageInfo) string {
	here := string(name) + " is not installed"
	if len(data.Installed) > 0 {
		p := data.Installed[0]
		here = fmt.Sprintf("%s %s is installed", p.Name, p.Version)
	}
	if len(data.Available) == 0 {
		return here + "; the catalogue does not have it."
	}
	best := data.Available[0]
	return fmt.Sprintf("%s; %s %s is available as %s.", here, best.Name, best.Version, best.Attribute)
}

// isThe reports whether an installed package is the one that name means: by its
// own name, by the name of a package that the catalogue has under this name, or
// with its major version as part of the name ("python" is python3).
func isThe(p operation.InstalledPackage, name string, available []catalog.Package) bool {
	if rest, ok := strings.CutPrefix(p.Name, name); ok && strings.Trim(rest, "0123456789.") == "" {
		return true
	}
	return slices.ContainsFunc(available, func(a catalog.Package) bool { return a.Name == p.Name })
}

func snapshotOf(c *catalog.Catalog) operation.Snapshot {
	name, date := c.Source()
	return operation.Snapshot{Name: name, Date: date, Packages: c.Len()}
}

func listPackages(ctx context.Context, m *Machine, args operation.Arguments, _ operation.Observer) (Answer, error) {
	packages, err := installedPackages(ctx, m, args)
	if err != nil {
		return Answer{}, err
	}
	packages = slices.DeleteFunc(packages, func(p operation.InstalledPackage) bool { return !containsAll(p.Name, string(args.Query)) })
	data := operation.InstalledPackages{Total: len(packages), Packages: packages}
	if args.Limit > 0 && len(packages) > args.Limit {
		data.Packages = packages[:args.Limit]
	}
	message := fmt.Sprintf("%d packages are installed.", data.Total)
	switch {
	case args.Query != "":
		message = fmt.Sprintf("%d installed packages match %q.", data.Total, args.Query)
	case data.Total == 1:
		message = "1 package is installed."
	}
	return Answer{Message: message, Data: &data}, nil
}

func containsAll(name, words string) bool {
	for _, word := range strings.Fields(strings.ToLower(words)) {
		if !strings.Contains(strings.ToLower(name), word) {
			return false
		}
	}
	return true
}

// profilesFor are the profiles whose packages are meant: the one that is named,
// or the system's and the user's.
func profilesFor(h *host.Host, args operation.Arguments) []host.Chosen {
	if args.Profile != "" {
		return []host.Chosen{h.Profile(args.Profile)}
	}
	var chosen []host.Chosen
	if args.Scope != operation.ScopeUser {
		chosen = append(chosen, h.Profile(operation.SystemProfile))
	}
	if args.Scope != operation.ScopeSystem {
		chosen = append(chosen, h.Profile(operation.UserProfile))
	}
	return chosen
}

// installedPackages lists what the profiles give to their users, by name. A
// profile that does not exist has nothing, unless it was asked for by name.
func installedPackages(ctx context.Context, m *Machine, args operation.Arguments) ([]operation.InstalledPackage, error) {
	packages := []operation.InstalledPackage{}
	for _, chosen := range profilesFor(m.Host, args) {
		target, err := currentTarget(ctx, m, chosen.Profile)
		if err != nil {
			return nil, err
		}
		if target == "" {
			if args.Profile != "" {
				return nil, fmt.Errorf("%s: %w", chosen.Profile, profile.ErrNotExist)
			}
			continue
		}
		found, err := packagesIn(ctx, m, chosen, target)
		if err != nil {
			return nil, err
		}
		packages = append(packages, found...)
	}
	slices.SortFunc(packages, func(a, b operation.InstalledPackage) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Scope, b.Scope))
	})
	return packages, nil
}

// currentTarget is what the current generation of a profile leads to; "" when
// there is no such profile or generation.
func currentTarget(ctx context.Context, m *Machine, p profile.Profile) (string, error) {
	state, err := m.Backend.Profile(ctx, p)
	if errors.Is(err, profile.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	current, err := state.Generation(p, state.Current)
	if err != nil {
		return "", nil
	}
	return current.Target, nil
}

// packagesIn reads the packages of a profile's environment, a folder of links
// into the packages: for a system that is its "sw". The packages are what the
// environment refers to.
func packagesIn(ctx context.Context, m *Machine, chosen host.Chosen, target string) ([]operation.InstalledPackage, error) {
	environment, scope := target, operation.ScopeUser
	if chosen.System {
		scope = operation.ScopeSystem
		resolved, err := filepath.EvalSymlinks(filepath.Join(target, "sw"))
		if err != nil {
			return nil, operation.Errorf(operation.CodeNotFound, "%s has no packages: %w", target, err).
				WithHint("It does not look like a NixOS system.")
		}
		environment = resolved
	}
	path, err := m.Host.StoreDir.Parse(environment)
	if err != nil {
		return nil, operation.Errorf(operation.CodeNotFound, "%s does not lead to a store path", chosen.Profile).WithCause(err)
	}
	references, err := m.Backend.References(ctx, path)
	if err != nil {
		return nil, err
	}
	var packages []operation.InstalledPackage
	seen := map[[2]string]bool{}
	for _, reference := range references {
		name, version := nixos.PackageOf(reference.Path)
		if reference.Path == path || name == "env-manifest.nix" || seen[[2]string{name, version}] {
			continue
		}
		seen[[2]string{name, version}] = true
		packages = append(packages, operation.InstalledPackage{Name: name, Version: version, Scope: scope, Path: string(reference.Path)})
	}
	return packages, nil
}
