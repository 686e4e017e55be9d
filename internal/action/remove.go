package action

import (
	"context"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile/manifest"
)

// removePackages removes packages of the person asking. All of them or none.
type removePackages struct{ profileChange }

func newRemovePackages(m *Machine, args operation.Arguments) Change {
	return &removePackages{profileChange{machine: m, args: args}}
}

// Plan finds the packages in the profile, by the names of their elements or of the
// packages.
func (r *removePackages) Plan(ctx context.Context, _ operation.Observer) (operation.Plan, error) {
	if err := r.read(ctx); err != nil {
		return operation.Plan{}, err
	}
	for _, name := range r.args.Packages {
		removed := r.manifest.Remove(named(string(name)))
		if len(removed) == 0 {
			return operation.Plan{}, r.notHere(ctx, string(name))
		}
		for i := range removed {
			r.elements = append(r.elements, removed[i].Name)
		}
	}
	return r.plan("Remove " + strings.Join(r.elements, ", ")), nil
}

// named matches an element by its name, or by the name of its package with or without
// version: of nodejs-20.1 both are the name.
func named(name string) func(*manifest.Element) bool {
	return func(e *manifest.Element) bool {
		if e.Name == name || e.DefaultName() == name {
			return true
		}
		for _, path := range e.StorePaths {
			if pname, _ := nixos.PackageOf(path); pname == name || path.Name() == name {
				return true
			}
		}
		return false
	}
}

// notHere says where a package comes from that the profile does not have.
func (r *removePackages) notHere(ctx context.Context, name string) error {
	system, err := installedPackages(ctx, r.machine, operation.Arguments{Scope: operation.ScopeSystem})
	if err != nil {
		return err
	}
	for _, p := range system {
		if p.Name == name {
			return operation.Errorf(operation.CodeNotAvailable, "%s is part of the system, whose packages cannot be changed yet", name).
				WithHint("Take it out of environment.systemPackages in the configuration, then switch.")
		}
	}
	return operation.Errorf(operation.CodeNotFound, "%s is not installed in %s", name, r.chosen.Profile).
		WithHint("`ask-nix installed` lists what is.")
}

// Apply makes the generation without them. Nothing has to be built.
func (r *removePackages) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	session, err := build.Open(ctx, r.machine.Host, o)
	if err != nil {
		return Answer{}, err
	}
	defer session.Close()
	return r.commit(ctx, session, o)
}
