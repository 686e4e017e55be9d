package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile/manifest"
)

// removePackages removes packages from where they are installed: from the profile of the
// person asking, or from the system's configuration. All of them or none.
type removePackages struct {
	Change // found by Plan

	machine *Machine
	args    operation.Arguments
}

func newRemovePackages(m *Machine, args operation.Arguments) Change {
	return &removePackages{machine: m, args: args}
}

// Plan finds out where the packages are. Without a scope or a profile that is named, that
// is the profile for those that it has, or else the system; a configuration that is named
// is that of the system.
func (r *removePackages) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	system := &removeSystem{configChange: configChange{machine: r.machine, from: r.args.Source}, names: r.args.Packages}
	if r.args.Scope == operation.ScopeSystem || r.args.Scope == "" && !r.args.Source.IsZero() {
		r.Change = system
		return r.Change.Plan(ctx, o)
	}
	own := &removeOwn{profileChange: profileChange{machine: r.machine, args: r.args}}
	r.Change = own
	plan, err := r.Change.Plan(ctx, o)
	if r.args.Scope == operation.ScopeUser || r.args.Profile != "" {
		return plan, err
	}
	var absent *absentError
	switch {
	case err == nil:
		return plan, r.alsoInSystem(ctx, &plan)
	case errors.As(err, &absent) && absent.others:
		return plan, operation.Errorf(operation.CodeUsage, "not all of these are in your profile: %s is not", absent.name).
			WithHint("Remove what is in your profile first; `ask-nix installed` lists what is where.").WithCause(err)
	case errors.As(err, &absent):
		if err := own.Close(); err != nil {
			return plan, err
		}
		r.Change = system
		inSystem, systemErr := r.Change.Plan(ctx, o)
		if systemErr != nil && operation.AsError(systemErr).Code == operation.CodeNotFound {
			return plan, err // that it is in no profile says more
		}
		return inSystem, systemErr
	}
	return plan, err
}

// Permit implements Restricted.
func (r *removePackages) Permit() error {
	if restricted, ok := r.Change.(Restricted); ok {
		return restricted.Permit()
	}
	return nil
}

// Close ends what the change had open.
func (r *removePackages) Close() error {
	if closer, ok := r.Change.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// alsoInSystem tells of packages that stay, since the system has them too.
func (r *removePackages) alsoInSystem(ctx context.Context, plan *operation.Plan) error {
	system, err := installedPackages(ctx, r.machine, operation.Arguments{Scope: operation.ScopeSystem})
	if err != nil {
		return err
	}
	for _, name := range r.args.Packages {
		for _, p := range system {
			if p.Name == string(name) {
				plan.Warnings = append(plan.Warnings, fmt.Sprintf("the system has %s as well: `ask-nix remove --system %s` takes it out of the configuration", p.Name, name))
				break
			}
		}
	}
	return nil
}

// absentError is a package that the profile does not have. others says that it has
// others of those that are to be removed.
type absentError struct {
	name   string
	others bool
	in     string // the profile
}

func (e *absentError) Error() string { return fmt.Sprintf("%s is not installed in %s", e.name, e.in) }

// removeOwn removes packages of the profile of the person asking.
type removeOwn struct{ profileChange }

// Plan finds the packages in the profile, by the names of their elements or of the
// packages.
func (r *removeOwn) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := r.read(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	if err := r.takeOut(); err != nil {
		return operation.Plan{}, err
	}
	return r.plan("Remove " + strings.Join(r.elements, ", ") + " from your profile"), nil
}

// takeOut takes the packages out of the list of those that the profile has.
func (r *removeOwn) takeOut() error {
	var absent *absentError
	for _, name := range r.args.Packages {
		removed := r.manifest.Remove(named(string(name)))
		if len(removed) == 0 {
			absent = &absentError{name: string(name), in: string(r.chosen.Profile)}
		}
		for i := range removed {
			r.elements = append(r.elements, removed[i].Name)
		}
	}
	if absent == nil {
		return nil
	}
	absent.others = len(r.elements) > 0
	return operation.Errorf(operation.CodeNotFound, "%w", absent).
		WithHint("`ask-nix installed` lists what is installed, and for whom.")
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

// Apply makes the generation without them. Nothing has to be built.
func (r *removeOwn) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	return r.commit(ctx, o, r.takeOut)
}
