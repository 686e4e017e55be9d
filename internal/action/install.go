package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile/manifest"
	"luminousnix/nix/store"
)

// installPackages installs packages for the person asking: evaluates them, has them
// built or downloaded, and makes a generation of the profile that has them as well.
// All of them or none.
type installPackages struct {
	profileChange
	names []operation.PackageName

	// Found by Plan.
	wanted []wanted
}

// wanted is a package as it evaluates.
type wanted struct {
	Attribute string     `json:"attribute"`
	Name      string     `json:"name"`
	Drv       store.Path `json:"drv"`
	Outputs   []string   `json:"outputs"` // to be installed
}

func newInstallPackages(m *Machine, args operation.Arguments) Change {
	if args.Scope == operation.ScopeSystem || args.Scope == "" && !args.Source.IsZero() {
		return &installSystem{configChange: configChange{machine: m, from: args.Source}, names: args.Packages}
	}
	return &installPackages{profileChange: profileChange{machine: m, args: args}, names: args.Packages}
}

func (i *installPackages) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := i.read(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	attributes, err := attributesOf(ctx, i.machine, o, i.names)
	if err != nil {
		return operation.Plan{}, err
	}
	if i.wanted, err = evaluatePackages(ctx, i.machine, o, "install", attributes); err != nil {
		return operation.Plan{}, err
	}
	var names []string
	for _, w := range i.wanted {
		names = append(names, w.Name)
	}
	if i.missing, err = i.session.Conn.Missing(ctx, derived(i.wanted)); err != nil {
		return operation.Plan{}, err
	}
	if err := i.machine.withinReach(ctx, i.missing); err != nil {
		return operation.Plan{}, err
	}
	plan := i.plan("Install " + strings.Join(names, ", "))
	plan.Steps = slices.Concat(missingSteps(&i.missing), plan.Steps)
	addSpace(&plan, i.machine, &i.missing)
	plan.Time = takes(ctx, i.machine, i.args.Build, &i.missing)
	return plan, i.alreadyThere(ctx, &plan)
}

// alreadyThere finds out whether nothing is left to do: the profile has all of the
// outputs.
func (i *installPackages) alreadyThere(ctx context.Context, plan *operation.Plan) error {
	if len(i.missing.WillBuild)+len(i.missing.WillSubstitute)+len(i.missing.Unknown) > 0 {
		return nil
	}
	paths, err := outputPaths(ctx, i.session, i.wanted)
	if err != nil {
		return err
	}
	for _, group := range paths {
		if !slices.ContainsFunc(i.manifest.Elements, holdsAll(group)) {
			return nil
		}
	}
	plan.Nothing = true
	plan.Summary = strings.TrimPrefix(plan.Summary, "Install ") + " is installed already"
	return nil
}

func holdsAll(paths []store.Path) func(manifest.Element) bool {
	return func(e manifest.Element) bool {
		return !slices.ContainsFunc(paths, func(p store.Path) bool { return !slices.Contains(e.StorePaths, p) })
	}
}

// attributesOf are the attribute paths of the names.
func attributesOf(ctx context.Context, m *Machine, o operation.Observer, names []operation.PackageName) ([]string, error) {
	s, err := OpenSearcher(ctx, m, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var attributes []string
	for _, name := range names {
		attributes = append(attributes, s.attribute(string(name)))
	}
	return attributes, nil
}

// evaluatePackages evaluates packages in the machine's nixpkgs and writes their
// derivations into the store. verb is the command that they are for.
func evaluatePackages(ctx context.Context, m *Machine, o operation.Observer, verb string, attributes []string) ([]wanted, error) {
	found, err := lookIntoNixpkgs(ctx, m, o, verb, attributes)
	if err != nil {
		return nil, err
	}
	var all []wanted
	for n, w := range found {
		if w == nil {
			return nil, noSuchPackage(ctx, m, attributes[n])
		}
		all = append(all, *w)
	}
	return all, nil
}

// lookIntoNixpkgs is evaluatePackages with nil for packages that there are not.
func lookIntoNixpkgs(ctx context.Context, m *Machine, o operation.Observer, verb string, attributes []string) ([]*wanted, error) {
	phase(o, "evaluate", "Evaluating "+strings.Join(attributes, ", "))
	evaluation.CollectLate()
	request := evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: wantedExpression(attributes)}},
		SearchPath: searchPath(m, ""),
		BaseDir:    "/",
		Features:   m.Host.ExperimentalFeatures(),
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		Write:      true,
		NoCache:    m.NoCache,
	}
	result, err := m.Evaluator.Evaluate(ctx, request)
	m.evaluated = result
	if err != nil {
		return nil, allowForUser(reader(ctx, m, request).Explain(err), err, verb+" "+strings.Join(attributes, " "))
	}
	var found []*wanted
	if len(result.Values) != 1 || json.Unmarshal([]byte(result.Values[0]), &found) != nil || len(found) != len(attributes) {
		return nil, operation.Errorf(operation.CodeConfiguration, "<nixpkgs> does not give packages").
			WithHint("`ask-nix config` shows which channels there are.")
	}
	return found, nil
}

// wantedExpression gives for each attribute path a wanted, or null for one that there
// is not. The paths are of [operation.PackageName]'s grammar, and quoted.
func wantedExpression(attributes []string) string {
	var b strings.Builder
	b.WriteString("let pkgs = import <nixpkgs> { }; wanted = attribute: p: { inherit attribute; inherit (p) name; drv = p.drvPath;" +
		` outputs = p.meta.outputsToInstall or [ (p.outputName or "out") ]; }; in [`)
	for _, attribute := range attributes {
		p := quotedPath(attribute)
		fmt.Fprintf(&b, " (if pkgs ? %s then wanted %q pkgs.%s else null)", p, attribute, p)
	}
	b.WriteString(" ]")
	return b.String()
}

func noSuchPackage(ctx context.Context, m *Machine, name string) error {
	s, err := OpenSearcher(ctx, m, operation.Silent)
	if err != nil {
		return err
	}
	defer s.Close()
	if len(s.book.Lookup(name)) > 0 {
		catalogue, _ := s.book.Source()
		return operation.Errorf(operation.CodeNotFound, "%s is in the catalogue of %s, but not in the nixpkgs of this machine", name, catalogue).
			WithHint("`ask-nix catalog build` makes the catalogue of what this machine has.")
	}
	return s.noSuch(name)
}

// allowForUser says how somebody allows for themselves what nixpkgs refuses: packages
// of a profile are not those of the system's configuration.
func allowForUser(failed *operation.Error, err error, request string) *operation.Error {
	why, ok := evaluation.Refused(err)
	if !ok {
		return failed
	}
	again := "ask-nix " + request
	switch why {
	case evaluation.Unfree:
		return failed.WithHint("`NIXPKGS_ALLOW_UNFREE=1 " + again + "` allows it this time, `allowUnfree = true;` in the set of ~/.config/nixpkgs/config.nix always.")
	case evaluation.Broken:
		return failed.WithHint("`NIXPKGS_ALLOW_BROKEN=1 " + again + "` tries it all the same.")
	case evaluation.Insecure:
		return failed.WithHint("`NIXPKGS_ALLOW_INSECURE=1 " + again + "` allows it all the same.")
	case evaluation.Unsupported:
		return failed.WithHint("`NIXPKGS_ALLOW_UNSUPPORTED_SYSTEM=1 " + again + "` tries it all the same.")
	}
	return failed
}

// derived are all outputs to be installed.
func derived(all []wanted) (paths []daemon.DerivedPath) {
	for _, w := range all {
		paths = append(paths, daemon.Outputs(w.Drv, w.Outputs...))
	}
	return paths
}

// outputPaths are the output paths of each package.
func outputPaths(ctx context.Context, session *build.Session, packages []wanted) (all [][]store.Path, err error) {
	for _, w := range packages {
		var paths []store.Path
		for _, output := range w.Outputs {
			path, err := session.Output(ctx, w.Drv, output)
			if err != nil {
				return nil, err
			}
			paths = append(paths, path)
		}
		all = append(all, paths)
	}
	return all, nil
}

// Apply builds and switches on the connection, which keeps what is built.
func (i *installPackages) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "build", "Building and downloading")
	i.session.Expect(ctx, &i.missing)
	if err := i.session.Build(ctx, derived(i.wanted)...); err != nil {
		return Answer{}, explainBuild(err)
	}
	paths, err := outputPaths(ctx, i.session, i.wanted)
	if err != nil {
		return Answer{}, err
	}
	add := func() {
		for _, group := range paths {
			e := manifest.ForPaths(group...)
			i.manifest.Remove(manifest.Named(e.DefaultName())) // an older one of it
			i.manifest.Add(e)
			i.elements = append(i.elements, e.DefaultName())
		}
	}
	add()
	return i.commit(ctx, o, func() error { add(); return nil })
}
