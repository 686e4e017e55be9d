package evaluation

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// side is a derivation of one of two graphs that are compared.
type side struct {
	load derivation.Load
	path store.Path
}

// compareGraphs follows two derivations that differ to the first of their inputs
// that differ while none of their own inputs of the same name do, and shows how
// these differ. That is where the difference begins: all above differ because of
// it.
func compareGraphs(ctx context.Context, ours, theirs side) (string, error) {
	var trail strings.Builder
	for depth := 0; ; depth++ {
		our, err := ours.load(ctx, ours.path)
		if err != nil {
			return "", err
		}
		their, err := theirs.load(ctx, theirs.path)
		if err != nil {
			return "", err
		}
		next, otherNext, found := differingInput(our, their)
		if !found {
			fmt.Fprintf(&trail, "%sdiffers first in %s\n  native:  %s\n  command: %s\n",
				strings.Repeat("  ", depth), nameOf(ours), ours.path, theirs.path)
			return trail.String() + describe(our, their), nil
		}
		fmt.Fprintf(&trail, "%s%s differs in an input\n", strings.Repeat("  ", depth), nameOf(ours))
		ours.path, theirs.path = next, otherNext
	}
}

// differingInput is the first pair of inputs, by name, that are called the same
// and are not the same.
func differingInput(ours, theirs *derivation.Derivation) (our, their store.Path, found bool) {
	lonely := onlyIn(inputsByName(theirs), inputsByName(ours))
	for _, input := range onlyIn(inputsByName(ours), inputsByName(theirs)) {
		for _, other := range lonely {
			if input.Name() == other.Name() {
				return input, other, true
			}
		}
	}
	return "", "", false
}

// inputsByName are the input derivations sorted by their names.
func inputsByName(d *derivation.Derivation) []store.Path {
	inputs := slices.Clone(d.Inputs())
	slices.SortFunc(inputs, func(a, b store.Path) int {
		if order := strings.Compare(a.Name(), b.Name()); order != 0 {
			return order
		}
		return strings.Compare(string(a), string(b))
	})
	return inputs
}

// onlyIn are those of a that b does not have.
func onlyIn[T comparable](a, b []T) []T {
	var only []T
	for _, x := range a {
		if !slices.Contains(b, x) {
			only = append(only, x)
		}
	}
	return only
}

// describe shows in which fields two derivations differ.
func describe(ours, theirs *derivation.Derivation) string {
	d := new(differences)
	ours, theirs = neutral(ours), neutral(theirs)
	d.texts("name", ours.Name, theirs.Name)
	d.texts("system", ours.System, theirs.System)
	d.texts("builder", ours.Builder, theirs.Builder)
	for i := range max(len(ours.Args), len(theirs.Args)) {
		d.texts(fmt.Sprintf("argument %d of the builder", i+1), at(ours.Args, i), at(theirs.Args, i))
	}
	d.environments(ours, theirs)
	d.lists("input", texts(inputsByName(ours)), texts(inputsByName(theirs)))
	d.outputsOfInputs(ours, theirs)
	d.lists("source", texts(ours.InputSources), texts(theirs.InputSources))
	d.outputs(ours, theirs)
	return d.String()
}

// neutral is a derivation in whose texts its own outputs have names instead of
// paths: these differ whatever else differs.
func neutral(d *derivation.Derivation) *derivation.Derivation {
	var pairs []string
	for _, name := range d.OutputNames() {
		if path := d.Outputs[name].Path; path != "" {
			pairs = append(pairs, string(path), "$"+name)
		}
	}
	replacer := strings.NewReplacer(pairs...)
	copied := *d
	copied.Args = nil
	for _, word := range d.Args {
		copied.Args = append(copied.Args, replacer.Replace(word))
	}
	copied.Env = make(map[string]string, len(d.Env))
	for name, value := range d.Env {
		copied.Env[name] = replacer.Replace(value)
	}
	return &copied
}

// differences writes them down.
type differences struct{ strings.Builder }

func (d *differences) texts(what, ours, theirs string) {
	if ours == theirs {
		return
	}
	fmt.Fprintf(d, "%s:\n", what)
	if strings.Contains(ours+theirs, "\n") {
		d.WriteString("  " + strings.ReplaceAll(strings.TrimSuffix(firstDifference(ours, theirs), "\n"), "\n", "\n  ") + "\n")
		return
	}
	fmt.Fprintf(d, "  native:  %s\n  command: %s\n", around(ours, theirs), around(theirs, ours))
}

// environments compares the attributes. Those of the outputs follow from all
// others.
func (d *differences) environments(ours, theirs *derivation.Derivation) {
	names := slices.Collect(maps.Keys(ours.Env))
	names = append(names, slices.Collect(maps.Keys(theirs.Env))...)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if _, isOutput := ours.Outputs[name]; isOutput {
			continue
		}
		our, inOurs := ours.Env[name]
		their, inTheirs := theirs.Env[name]
		switch {
		case !inOurs:
			fmt.Fprintf(d, "attribute %s: only by the command: %s\n", name, around(their, ""))
		case !inTheirs:
			fmt.Fprintf(d, "attribute %s: only native: %s\n", name, around(our, ""))
		default:
			d.texts("attribute "+name, our, their)
		}
	}
}

func (d *differences) lists(what string, ours, theirs []string) {
	for _, path := range onlyIn(ours, theirs) {
		fmt.Fprintf(d, "%s: only native: %s\n", what, path)
	}
	for _, path := range onlyIn(theirs, ours) {
		fmt.Fprintf(d, "%s: only by the command: %s\n", what, path)
	}
}

// outputsOfInputs compares which outputs of the same inputs are needed.
func (d *differences) outputsOfInputs(ours, theirs *derivation.Derivation) {
	for _, path := range inputsByName(ours) {
		other, shared := theirs.InputDerivations[path]
		if outputs := ours.InputDerivations[path]; shared && !slices.Equal(outputs, other) {
			fmt.Fprintf(d, "outputs of %s:\n  native:  %v\n  command: %v\n", path, outputs, other)
		}
	}
}

// outputs compares what is said of the outputs, but for their paths.
func (d *differences) outputs(ours, theirs *derivation.Derivation) {
	d.lists("output", ours.OutputNames(), theirs.OutputNames())
	for _, name := range ours.OutputNames() {
		our, their := ours.Outputs[name], theirs.Outputs[name]
		if _, shared := theirs.Outputs[name]; !shared {
			continue
		}
		our.Path, their.Path = "", ""
		d.texts("output "+name, fmt.Sprintf("%+v", our), fmt.Sprintf("%+v", their))
	}
}

func texts(paths []store.Path) []string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = string(p)
	}
	return words
}
