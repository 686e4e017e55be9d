package action

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

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
	current, err := m.Backend.Generation(ctx, p, 0)
	var none *profile.NoGenerationError
	if errors.Is(err, profile.ErrNotExist) || errors.As(err, &none) {
		return "", nil
	}
	return current.Target, err
}

// packagesIn reads the packages of a profile's environment, a folder of links
// into the packages: for a system that is its "sw". The packages are what the
// environment refers to. What a store path has never changes, so that is kept.
func packagesIn(ctx context.Context, m *Machine, chosen host.Chosen, target string) ([]operation.InstalledPackage, error) {
	scope := operation.ScopeUser
	if chosen.System {
		scope = operation.ScopeSystem
	}
	key := []string{"packages", string(m.Host.StoreDir), target, string(scope)}
	_, err := m.Host.StoreDir.Parse(target)
	constant := err == nil && exists(target)
	if text, ok := m.recallText(key); ok && constant {
		return decodePackages(string(text), scope), nil
	}
	environment, err := environmentOf(m, chosen, target)
	if err != nil {
		return nil, err
	}
	references, err := m.Backend.References(ctx, environment)
	if err != nil {
		return nil, err
	}
	packages := packagesAmong(references, environment, scope)
	if constant && m.FellBack() == "" {
		m.Remember(key, encodePackages(packages))
	}
	return packages, nil
}

// environmentOf is the folder of links into the packages.
func environmentOf(m *Machine, chosen host.Chosen, target string) (store.Path, error) {
	environment := target
	if chosen.System {
		resolved, err := filepath.EvalSymlinks(filepath.Join(target, "sw"))
		if err != nil {
			return "", operation.Errorf(operation.CodeNotFound, "%s has no packages: %w", target, err).
				WithHint("It does not look like a NixOS system.")
		}
		environment = resolved
	}
	path, err := m.Host.StoreDir.Parse(environment)
	if err != nil {
		return "", operation.Errorf(operation.CodeNotFound, "%s does not lead to a store path", chosen.Profile).WithCause(err)
	}
	return path, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// packagesAmong are the packages among what an environment refers to.
func packagesAmong(references []storedb.Object, environment store.Path, scope operation.Scope) []operation.InstalledPackage {
	var packages []operation.InstalledPackage
	seen := map[[2]string]bool{}
	for _, reference := range references {
		name, version := nixos.PackageOf(reference.Path)
		if reference.Path == environment || name == "env-manifest.nix" || seen[[2]string{name, version}] {
			continue
		}
		seen[[2]string{name, version}] = true
		packages = append(packages, operation.InstalledPackage{Name: name, Version: version, Scope: scope, Path: string(reference.Path)})
	}
	return packages
}

// encodePackages writes a line for each package: name, version and path, with tabs between.
func encodePackages(packages []operation.InstalledPackage) []byte {
	var b bytes.Buffer
	for _, p := range packages {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", p.Name, p.Version, p.Path)
	}
	return b.Bytes()
}

func decodePackages(text string, scope operation.Scope) (packages []operation.InstalledPackage) {
	for line := range strings.Lines(text) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); len(fields) == 3 {
			packages = append(packages, operation.InstalledPackage{Name: fields[0], Version: fields[1], Scope: scope, Path: fields[2]})
		}
	}
	return packages
}
