package action

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
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
	wanted  []wanted
	missing daemon.Missing
}

// wanted is a package as it evaluates.
type wanted struct {
	Attribute string     `json:"attribute"`
	Name      string     `json:"name"`
	Drv       store.Path `json:"drv"`
	Outputs   []string   `json:"outputs"` // to be installed
}

func newInstallPackages(m *Machine, args operation.Arguments) Change {
	return &installPackages{profileChange: profileChange{machine: m, args: args}, names: args.Packages}
}

func (i *installPackages) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := i.read(ctx); err != nil {
		return operation.Plan{}, err
	}
	attributes, err := i.attributes(ctx, o)
	if err != nil {
		return operation.Plan{}, err
	}
	if i.wanted, err = i.evaluate(ctx, o, attributes); err != nil {
		return operation.Plan{}, err
	}
	var names []string
	for _, w := range i.wanted {
		names = append(names, w.Name)
	}
	if i.missing, err = missing(ctx, i.machine, i.derived()...); err != nil {
		return operation.Plan{}, err
	}
	plan := i.plan("Install " + strings.Join(names, ", "))
	plan.Steps = slices.Concat(missingSteps(&i.missing), plan.Steps)
	return plan, i.alreadyThere(ctx, &plan)
}

// alreadyThere finds out whether nothing is left to do: the profile has all of the
// outputs.
func (i *installPackages) alreadyThere(ctx context.Context, plan *operation.Plan) error {
	if len(i.missing.WillBuild)+len(i.missing.WillSubstitute)+len(i.missing.Unknown) > 0 {
		return nil
	}
	session, err := build.Open(ctx, i.machine.Host, operation.Silent)
	if err != nil {
		return err
	}
	defer session.Close()
	paths, err := i.paths(ctx, session)
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

// attributes are the attribute paths of the names: what the catalogue knows them as
// ("chrome" is google-chrome), or the names themselves.
func (i *installPackages) attributes(ctx context.Context, o operation.Observer) ([]string, error) {
	s, err := OpenSearcher(ctx, i.machine, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var attributes []string
	for _, name := range i.names {
		attribute := string(name)
		if found := s.book.Lookup(attribute); len(found) > 0 {
			attribute = found[0].Attribute
		}
		attributes = append(attributes, attribute)
	}
	return attributes, nil
}

// evaluate evaluates the packages in the machine's nixpkgs and writes their
// derivations into the store.
func (i *installPackages) evaluate(ctx context.Context, o operation.Observer, attributes []string) ([]wanted, error) {
	phase(o, "evaluate", "Evaluating "+strings.Join(attributes, ", "))
	evaluation.CollectLate()
	request := evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: wantedExpression(attributes)}},
		SearchPath: searchPath(i.machine, ""),
		BaseDir:    "/",
		Features:   i.machine.Host.ExperimentalFeatures(),
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		Write:      true,
		NoCache:    i.machine.NoCache,
	}
	result, err := i.machine.Evaluator.Evaluate(ctx, request)
	i.machine.evaluated = result
	if err != nil {
		return nil, reader(ctx, i.machine, request).Explain(err)
	}
	var found []*wanted
	if len(result.Values) != 1 || json.Unmarshal([]byte(result.Values[0]), &found) != nil {
		return nil, operation.Errorf(operation.CodeConfiguration, "<nixpkgs> does not give packages").
			WithHint("`ask-nix config` shows which channels there are.")
	}
	var all []wanted
	for n, w := range found {
		if w == nil {
			return nil, i.noSuch(ctx, attributes[n])
		}
		all = append(all, *w)
	}
	return all, nil
}

// wantedExpression gives for each attribute path a wanted, or null for one that there
// is not. The paths are of [operation.PackageName]'s grammar, and quoted.
func wantedExpression(attributes []string) string {
	var b strings.Builder
	b.WriteString("let pkgs = import <nixpkgs> { }; wanted = attribute: p: { inherit attribute; inherit (p) name; drv = p.drvPath;" +
		` outputs = p.meta.outputsToInstall or [ (p.outputName or "out") ]; }; in [`)
	for _, attribute := range attributes {
		var path []string
		for part := range strings.SplitSeq(attribute, ".") {
			path = append(path, strconv.Quote(part))
		}
		p := strings.Join(path, ".")
		fmt.Fprintf(&b, " (if pkgs ? %s then wanted %q pkgs.%s else null)", p, attribute, p)
	}
	b.WriteString(" ]")
	return b.String()
}

func (i *installPackages) noSuch(ctx context.Context, name string) error {
	s, err := OpenSearcher(ctx, i.machine, operation.Silent)
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

// derived are all outputs to be installed.
func (i *installPackages) derived() (paths []daemon.DerivedPath) {
	for _, w := range i.wanted {
		paths = append(paths, daemon.Outputs(w.Drv, w.Outputs...))
	}
	return paths
}

// paths are the output paths of each package.
func (i *installPackages) paths(ctx context.Context, session *build.Session) (all [][]store.Path, err error) {
	for _, w := range i.wanted {
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

// Apply builds and switches on one connection, which keeps what is built.
func (i *installPackages) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	session, err := build.Open(ctx, i.machine.Host, o)
	if err != nil {
		return Answer{}, err
	}
	defer session.Close()
	phase(o, "build", "Building and downloading")
	if err := session.Build(ctx, i.derived()...); err != nil {
		return Answer{}, explainBuild(err)
	}
	paths, err := i.paths(ctx, session)
	if err != nil {
		return Answer{}, err
	}
	for _, group := range paths {
		e := manifest.ForPaths(group...)
		i.manifest.Remove(manifest.Named(e.DefaultName())) // an older one of it
		i.manifest.Add(e)
		i.elements = append(i.elements, e.DefaultName())
	}
	return i.commit(ctx, session, o)
}
