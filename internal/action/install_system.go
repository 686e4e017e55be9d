package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/configedit"
	"luminousnix/internal/operation"
)

// installSystem adds packages to environment.systemPackages of the configuration. All
// of them or none.
type installSystem struct {
	configChange
	names []operation.PackageName

	attributes []string // of those that are added
	advice     []string
}

// systemPackage is a package as the configuration has it.
type systemPackage struct {
	Attribute string `json:"attribute"`
	Name      string `json:"name"`
	There     bool   `json:"there"`
	// By are the files that add it, where NixOS tells.
	By []string `json:"by"`
}

func (i *installSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	attributes, err := i.find(ctx, o)
	if err != nil {
		return operation.Plan{}, err
	}
	if err := i.open(ctx, "environment.systemPackages = "+packageList(attributes)+";"); err != nil {
		return operation.Plan{}, err
	}
	found, err := i.packages(ctx, o, attributes)
	if err != nil {
		return operation.Plan{}, err
	}
	var added, there []string
	for n, p := range found {
		switch {
		case p == nil:
			return operation.Plan{}, noSuchPackage(ctx, i.machine, attributes[n])
		case p.There:
			there = append(there, p.Name)
			continue
		}
		err := i.configuration.AddPackage(p.Attribute)
		if errors.As(err, new(*configedit.AlreadyError)) {
			continue // named twice
		}
		if err != nil {
			return operation.Plan{}, explainPlace(err)
		}
		added = append(added, p.Name)
		i.attributes = append(i.attributes, p.Attribute)
	}
	if len(added) == 0 {
		return operation.Plan{Summary: strings.Join(there, ", ") + is(there) + " part of the system already", Nothing: true, Risk: operation.Reversible}, nil
	}
	meant, err := i.settle(ctx, o, "builtins.all (p: builtins.elem (toString p) (map toString config.environment.systemPackages)) "+packageList(i.attributes))
	if err != nil {
		return operation.Plan{}, err
	}
	if string(meant) != "true" {
		return operation.Plan{}, operation.Errorf(operation.CodeRefused, "with the edit %s would still not be part of the system", strings.Join(added, ", ")).
			WithHint("Another definition of environment.systemPackages wins, by mkForce; " + byHand("environment.systemPackages = "+packageList(i.attributes)+";"))
	}
	plan := i.plan("Install " + strings.Join(added, ", ") + " for everybody")
	plan.Warnings = append(plan.Warnings, i.advice...)
	return plan, nil
}

// find are the attribute paths of the names, and advice on those that a module sets up.
func (i *installSystem) find(ctx context.Context, o operation.Observer) (attributes []string, err error) {
	s, err := OpenSearcher(ctx, i.machine, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, name := range i.names {
		attribute := s.attribute(string(name))
		attributes = append(attributes, attribute)
		if option, ok := s.book.OptionFor(attribute); ok && strings.HasSuffix(option, ".enable") {
			i.advice = append(i.advice, fmt.Sprintf("a module of NixOS sets %s up as well: ask-nix set %s true", attribute, option))
		}
	}
	return attributes, nil
}

// attribute is what the catalogue knows a package as ("chrome" is google-chrome), or
// the name itself.
func (s *Searcher) attribute(name string) string {
	if found := s.book.Lookup(name); len(found) > 0 && found[0].Kind == catalog.Package {
		return found[0].Attribute
	}
	return name
}

// packages tells of each package whether it is part of the system; nil for one that
// there is not.
func (c *configChange) packages(ctx context.Context, o operation.Observer, attributes []string) (found []*systemPackage, err error) {
	err = c.ask(ctx, o, systemPackagesExpression(attributes), &found)
	return found, err
}

// systemPackagesExpression gives for each attribute path a systemPackage, or null for one
// that there is not.
func systemPackagesExpression(attributes []string) string {
	var b strings.Builder
	b.WriteString(`let all = map toString config.environment.systemPackages;
  by = path: map (d: toString d.file) (builtins.filter (d: builtins.elem path (map toString d.value))
    (options.environment.systemPackages.definitionsWithLocations or [ ]));
  told = attribute: p: { inherit attribute; name = p.name or attribute; there = builtins.elem (toString p) all; by = by (toString p); };
in [`)
	for _, attribute := range attributes {
		path := quotedPath(attribute)
		fmt.Fprintf(&b, " (if pkgs ? %s then told %q pkgs.%s else null)", path, attribute, path)
	}
	b.WriteString(" ]")
	return b.String()
}

// quotedPath is the attribute path of a package with each name in quotes. Its names are
// of [operation.PackageName]'s grammar.
func quotedPath(attribute string) string {
	var path []string
	for part := range strings.SplitSeq(attribute, ".") {
		path = append(path, strconv.Quote(part))
	}
	return strings.Join(path, ".")
}

// packageList is a list of packages as an expression.
func packageList(attributes []string) string {
	var list []string
	for _, attribute := range attributes {
		name := attribute
		if c := attribute[0]; c >= '0' && c <= '9' || strings.Contains(attribute, "+") {
			name = quotedPath(attribute)
		}
		list = append(list, "pkgs."+name)
	}
	return "[ " + strings.Join(list, " ") + " ]"
}

func is(names []string) string {
	if len(names) == 1 {
		return " is"
	}
	return " are"
}

func (i *installSystem) Apply(_ context.Context, o operation.Observer) (Answer, error) {
	if err := i.write(o); err != nil {
		return Answer{}, err
	}
	return i.answer(strings.Join(i.attributes, ", ")+is(i.attributes)+" in the configuration now; a switch installs it for everybody.",
		operation.Edited{Packages: i.attributes}), nil
}

// removeSystem takes packages out of the configuration. All of them or none.
type removeSystem struct {
	configChange
	names []operation.PackageName

	attributes []string
}

func (r *removeSystem) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := r.open(ctx, ""); err != nil {
		return operation.Plan{}, err
	}
	s, err := OpenSearcher(ctx, r.machine, o)
	if err != nil {
		return operation.Plan{}, err
	}
	defer s.Close()
	var places []string
	for _, name := range r.names {
		removed, err := r.remove(ctx, o, s, string(name))
		if err != nil {
			return operation.Plan{}, err
		}
		for _, place := range removed {
			places = append(places, place.Option+" ("+place.At+")")
		}
	}
	meant, err := r.settle(ctx, o, "map (p: p.attribute) (builtins.filter (p: p != null && p.there) ("+systemPackagesExpression(r.attributes)+"))")
	if err != nil {
		return operation.Plan{}, err
	}
	plan := r.plan("Remove " + strings.Join(r.attributes, ", ") + " from " + strings.Join(places, ", "))
	var still []string
	if err := json.Unmarshal(meant, &still); err != nil {
		return operation.Plan{}, err
	}
	for _, attribute := range still {
		plan.Warnings = append(plan.Warnings, attribute+" stays part of the system: something else in the configuration adds it as well")
	}
	return plan, nil
}

// remove takes a package out under the name that is given, or under that of the
// catalogue.
func (r *removeSystem) remove(ctx context.Context, o operation.Observer, s *Searcher, name string) (removed []configedit.Removed, err error) {
	candidates := []string{name}
	if attribute := s.attribute(name); attribute != name {
		candidates = append(candidates, attribute)
	}
	for _, attribute := range candidates {
		removed, err = r.configuration.RemovePackage(attribute)
		if err == nil {
			r.attributes = append(r.attributes, attribute)
			return removed, nil
		}
		if !errors.As(err, new(*configedit.MissingError)) {
			return nil, explainPlace(err)
		}
	}
	return nil, r.elsewhere(ctx, o, candidates, err)
}

// elsewhere says where a package comes from that stands in no list.
func (r *removeSystem) elsewhere(ctx context.Context, o operation.Observer, candidates []string, err error) error {
	found, askErr := r.packages(ctx, o, candidates)
	if askErr != nil {
		return askErr
	}
	for _, p := range found {
		if p == nil || !p.There {
			continue
		}
		failed := operation.Errorf(operation.CodeRefused, "%s is part of the system, but stands in no list of the configuration", p.Attribute)
		if by := slices.Compact(p.By); len(by) > 0 {
			return failed.WithHint("It is added by " + strings.Join(by, ", ") + "; see which of its options the configuration sets.")
		}
		return failed.WithHint("A module of NixOS adds it: `ask-nix info " + p.Attribute + "` shows which option enables it.")
	}
	return explainPlace(err)
}

func (r *removeSystem) Apply(_ context.Context, o operation.Observer) (Answer, error) {
	if err := r.write(o); err != nil {
		return Answer{}, err
	}
	return r.answer(strings.Join(r.attributes, ", ")+is(r.attributes)+" not in the configuration any more; a switch removes it.",
		operation.Edited{Packages: r.attributes}), nil
}
