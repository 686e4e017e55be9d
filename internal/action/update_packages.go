package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// updatePackages updates packages of the profile of the person asking to what the present
// nixpkgs has: those that are named, or all. All of them or none.
type updatePackages struct {
	profileChange
	names []operation.PackageName

	// Found by Plan.
	replaced []replacement
	notes    []string
}

// replacement is a package of the profile and what takes its place.
type replacement struct {
	element       int // of the manifest
	name, version string
	attribute     string
	by            wanted
}

// newVersion is the version of what takes its place.
func (r *replacement) newVersion() string {
	_, version := store.SplitName(r.by.Name)
	return version
}

// String is the package with its versions.
func (r *replacement) String() string {
	if to := r.newVersion(); to != r.version {
		return fmt.Sprintf("%s from %s to %s", r.name, r.version, to)
	}
	return fmt.Sprintf("%s %s (built in another way)", r.name, r.version)
}

// onlyProfile reports whether there is no system here to be updated, but the profile of
// whoever asks.
func onlyProfile(m *Machine, args operation.Arguments) bool {
	return args.Scope == "" && args.Channel == "" && args.Source.IsZero() && !m.Host.IsNixOS() && m.Host.Configuration().Kind == "none"
}

func newUpdatePackages(m *Machine, args operation.Arguments) Change {
	return &updatePackages{profileChange: profileChange{machine: m, args: args}, names: args.Packages}
}

func (u *updatePackages) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if u.args.Channel != "" || !u.args.Source.IsZero() || u.args.Scope == operation.ScopeSystem {
		return operation.Plan{}, operation.Errorf(operation.CodeUsage, "packages of your profile do not come from the configuration of the system").
			WithHint("`ask-nix update PACKAGE...` takes no other flags.")
	}
	if err := u.read(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	searcher, err := OpenSearcher(ctx, u.machine, o)
	if err != nil {
		return operation.Plan{}, err
	}
	defer searcher.Close()
	if len(u.names) > 0 {
		err = u.choose(ctx, searcher)
	} else {
		u.all(searcher)
	}
	if err != nil {
		return operation.Plan{}, err
	}
	if err := u.evaluate(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	return u.planned(ctx)
}

// choose finds the packages that are named.
func (u *updatePackages) choose(ctx context.Context, s *Searcher) error {
	for _, name := range u.names {
		at, attribute := u.element(s, string(name))
		if at < 0 {
			return u.absent(ctx, s, string(name))
		}
		e := &u.manifest.Elements[at]
		if e.Source != nil {
			return operation.Errorf(operation.CodeNotAvailable, "%s was installed from the flake %s", e.Name, e.Source.OriginalURL).
				WithHint("`nix profile upgrade " + e.Name + "` updates it from there.")
		}
		u.add(at, attribute)
	}
	return nil
}

// element is the index of the element that goes by a name, or by that of the package which
// the catalogue has under it, and the attribute path; -1 if there is none.
func (u *updatePackages) element(s *Searcher, name string) (at int, attribute string) {
	names := []string{name}
	attribute = name
	if found := s.book.Lookup(name); len(found) > 0 && found[0].Kind == catalog.Package {
		attribute = found[0].Attribute
		names = append(names, attribute, found[0].Name)
	}
	for _, known := range names {
		matches := named(known)
		for i := range u.manifest.Elements {
			if matches(&u.manifest.Elements[i]) {
				return i, attribute
			}
		}
	}
	return -1, attribute
}

// add adds an element, unless it is there.
func (u *updatePackages) add(at int, attribute string) {
	if slices.ContainsFunc(u.replaced, func(r replacement) bool { return r.element == at }) {
		return
	}
	name, version := packageOf(&u.manifest.Elements[at])
	u.replaced = append(u.replaced, replacement{element: at, name: name, version: version, attribute: attribute})
}

// packageOf is the package that an element is, by the shortest name of its store paths.
func packageOf(e *manifest.Element) (name, version string) {
	for i, path := range e.StorePaths {
		if n, v := nixos.PackageOf(path); i == 0 || len(n) < len(name) {
			name, version = n, v
		}
	}
	return name, version
}

// all takes all packages but those of flakes.
func (u *updatePackages) all(s *Searcher) {
	var others []string
	for i := range u.manifest.Elements {
		e := &u.manifest.Elements[i]
		if e.Source != nil {
			others = append(others, e.Name)
			continue
		}
		name, _ := packageOf(e)
		u.add(i, s.attribute(name))
	}
	if len(others) > 0 {
		u.notes = append(u.notes, fmt.Sprintf("`nix profile upgrade %s` updates what was installed from flakes", strings.Join(others, " ")))
	}
}

// absent says why a package is not updated by its name.
func (u *updatePackages) absent(ctx context.Context, s *Searcher, name string) error {
	system, err := installedPackages(ctx, u.machine, operation.Arguments{Scope: operation.ScopeSystem})
	if err != nil {
		return err
	}
	names := []string{name}
	found := s.book.Lookup(name)
	if len(found) > 0 && found[0].Kind == catalog.Package {
		names = append(names, found[0].Name)
	}
	for _, p := range system {
		if slices.Contains(names, p.Name) {
			return operation.Errorf(operation.CodeRefused, "%s is a package of the system, which are all updated together: they come from one nixpkgs, so that they fit together", p.Name).
				WithHint("`ask-nix update` updates the system. `ask-nix install " + name + "` installs it for you alone.")
		}
	}
	if u.isSource(name) {
		return operation.Errorf(operation.CodeNotFound, "%s is no package of your profile, but what the system is made of", name).
			WithHint("`ask-nix update --channel " + name + "` updates that, and the system with it.")
	}
	if len(found) == 0 {
		return s.noSuch(name)
	}
	return operation.Errorf(operation.CodeNotFound, "%s is not installed in your profile, nor in the system", name).
		WithHint("`ask-nix install " + name + "` installs the newest that there is here.")
}

// isSource reports whether a name is that of a channel of root's, or of nixpkgs.
func (u *updatePackages) isSource(name string) bool {
	return name == "nixpkgs" || slices.ContainsFunc(u.machine.Host.Configuration().Channels, func(c operation.Channel) bool { return c.Name == name })
}

// evaluate finds out what takes the places. What is not what it seems by its name is left
// as it is.
func (u *updatePackages) evaluate(ctx context.Context, o operation.Observer) error {
	if len(u.replaced) == 0 {
		return nil
	}
	var attributes []string
	for i := range u.replaced {
		attributes = append(attributes, u.replaced[i].attribute)
	}
	found, err := lookIntoNixpkgs(ctx, u.machine, o, "update", attributes)
	if err != nil {
		return err
	}
	var known []replacement
	for i, r := range u.replaced {
		same := false
		if found[i] != nil {
			r.by = *found[i]
			name, _ := store.SplitName(r.by.Name)
			same = name == r.name
		}
		switch {
		case same:
			known = append(known, r)
		case len(u.names) > 0:
			return operation.Errorf(operation.CodeNotFound, "the nixpkgs of this machine has no package %s that is called %s", r.attribute, r.name).
				WithHint("`ask-nix search " + r.name + "` finds what there is; `ask-nix install` and `ask-nix remove` change the one for the other.")
		default:
			u.notes = append(u.notes, r.name+" stays as it is: the nixpkgs of this machine has no package that is plainly the same")
		}
	}
	u.replaced = known
	return nil
}

// planned leaves out what is the newest already.
func (u *updatePackages) planned(ctx context.Context) (operation.Plan, error) {
	var steps []operation.Step
	var names []string
	newer := u.replaced[:0]
	for _, r := range u.replaced {
		paths, err := outputPaths(ctx, u.session, []wanted{r.by})
		if err != nil {
			return operation.Plan{}, err
		}
		if holdsAll(paths[0])(u.manifest.Elements[r.element]) {
			continue
		}
		newer = append(newer, r)
		names = append(names, r.String())
		steps = append(steps, operation.Step{Action: "Update " + r.String()})
	}
	u.replaced = newer
	if len(newer) == 0 {
		return operation.Plan{Nothing: true, Risk: operation.Reversible, Summary: u.newest(), Warnings: u.notes}, nil
	}
	var err error
	if u.missing, err = u.session.Conn.Missing(ctx, u.derived()); err != nil {
		return operation.Plan{}, err
	}
	if err := u.machine.withinReach(ctx, u.missing); err != nil {
		return operation.Plan{}, err
	}
	plan := u.plan("Update " + strings.Join(names, ", ") + " in your profile")
	addSpace(&plan, u.machine, &u.missing)
	plan.Time = takes(ctx, u.machine, u.args.Build, &u.missing)
	plan.Steps = slices.Concat(missingSteps(&u.missing), steps, plan.Steps)
	plan.Warnings = append(plan.Warnings, u.notes...)
	return plan, nil
}

// newest says that there is nothing to do.
func (u *updatePackages) newest() string {
	if len(u.names) == 0 {
		return "All packages of your profile are those of the present nixpkgs"
	}
	var names []string
	for _, name := range u.names {
		names = append(names, string(name))
	}
	return strings.Join(names, ", ") + is(names) + " what the present nixpkgs has"
}

func (u *updatePackages) derived() []daemon.DerivedPath {
	var all []wanted
	for i := range u.replaced {
		all = append(all, u.replaced[i].by)
	}
	return derived(all)
}

// Apply builds and switches on the connection, which keeps what is built.
func (u *updatePackages) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "build", "Building and downloading")
	u.session.Expect(ctx, &u.missing)
	if err := u.session.Build(ctx, u.derived()...); err != nil {
		return Answer{}, explainBuild(err)
	}
	var names []string
	for i := range u.replaced {
		r := &u.replaced[i]
		paths, err := outputPaths(ctx, u.session, []wanted{r.by})
		if err != nil {
			return Answer{}, err
		}
		e := &u.manifest.Elements[r.element]
		e.StorePaths = manifest.ForPaths(paths[0]...).StorePaths
		u.elements = append(u.elements, e.Name)
		names = append(names, r.String())
	}
	answer, err := u.commit(ctx, o, nil)
	if err == nil {
		answer.Message = "Updated " + strings.Join(names, ", ") + ". " + answer.Message
	}
	return answer, err
}
