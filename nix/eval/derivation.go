package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
	"luminousnix/nix/syntax"
)

// derivationBuiltins are those that make derivations.
func derivationBuiltins() []Builtin {
	return []Builtin{
		{Name: "derivation", fn0: constantDerivation},
		{Name: "derivationStrict", fn1: builtinDerivationStrict},
		{Name: "outputOf", fn2: builtinOutputOf, requires: "dynamic-derivations"},
	}
}

// derivationText is the function derivation. What it returns is lazy: the
// derivation itself is made when a path of it is needed.
const derivationText = `attrs@{ outputs ? [ "out" ], ... }:
let
  paths = derivationStrict attrs;
  common = attrs // builtins.listToAttrs each // {
    all = map (output: output.value) each;
    drvAttrs = attrs;
  };
  each = map (outputName: {
    name = outputName;
    value = common // {
      outPath = paths.${outputName};
      drvPath = paths.drvPath;
      type = "derivation";
      inherit outputName;
    };
  }) outputs;
in (builtins.head each).value
`

func constantDerivation(w *worker) (Value, error) {
	return w.evalInternal("«nix-internal»/derivation-internal.nix", derivationText)
}

// evalInternal evaluates a part of the evaluator that is written in Nix.
func (w *worker) evalInternal(name, text string) (Value, error) {
	file, err := syntax.Parse(name, []byte(text), syntax.ParseOptions{})
	if err != nil {
		return Value{}, err
	}
	src := w.positions.add(file, "")
	src.internal = true
	code, err := w.compile(src, "/", w.globals.scope)
	if err != nil {
		return Value{}, err
	}
	return code.eval(w, w.globals.env)
}

// builtinDerivationStrict makes a derivation of a set and adds it to the store.
// It returns the paths of the derivation and of its outputs.
func builtinDerivationStrict(w *worker, _ Pos, a *Thunk) (Value, error) {
	set, err := w.forceAttrs(a, noPos, "while evaluating the argument passed to builtins.derivationStrict")
	if err != nil {
		return Value{}, err
	}
	nameAttr := set.get(symName)
	if nameAttr == nil {
		return Value{}, w.failWhile(KindMissingAttribute, noPos,
			"in the attrset passed as argument to builtins.derivationStrict", "attribute 'name' missing")
	}
	name, err := w.forcePlainString(nameAttr.Value, noPos, "while evaluating the `name` attribute passed to builtins.derivationStrict")
	if err != nil {
		return Value{}, w.trace(err, nameAttr.Pos, "while evaluating the derivation attribute 'name'")
	}
	v, err := w.makeDerivation(name, set, noPos)
	if err != nil {
		return Value{}, w.whileDerivation(err, name, nameAttr.Pos)
	}
	return v, nil
}

// whileDerivation adds a line of trace that is always shown: the derivations
// that need each other tell users more than anything between.
func (w *worker) whileDerivation(err error, name string, pos Pos) error {
	at := w.positions.position(pos)
	text := fmt.Sprintf("while evaluating derivation '%s'\n  whose name attribute is located at %s:%d:%d", name, at.File, at.Line, at.Column)
	return w.addFrame(err, &frame{text: text, custom: true})
}

func (w *worker) makeDerivation(name string, set *Attrs, pos Pos) (Value, error) {
	if err := checkName(name); err != nil {
		return Value{}, w.fail(KindEval, pos, "invalid derivation name: %v. Please pass a different 'name'.", err)
	}
	m := drvMaker{
		worker: w, pos: pos,
		drv:     &derivation.Derivation{Name: name, Env: make(map[string]string, set.Len()+1)},
		outputs: []string{"out"},
	}
	var err error
	if attr := set.get(symStructuredAttrs); attr != nil {
		m.structured, err = w.forceBool(attr.Value, pos, "while evaluating the `__structuredAttrs` attribute passed to builtins.derivationStrict")
		if err != nil {
			return Value{}, err
		}
	}
	if attr := set.get(symIgnoreNulls); attr != nil {
		m.ignoreNulls, err = w.forceBool(attr.Value, pos, "while evaluating the `__ignoreNulls` attribute passed to builtins.derivationStrict")
		if err != nil {
			return Value{}, err
		}
	}
	if err := m.attributes(set); err != nil {
		return Value{}, err
	}
	if err := m.finish(); err != nil {
		return Value{}, err
	}
	return m.instantiate()
}

// instantiate computes the paths, and adds the derivation to the store.
func (m *drvMaker) instantiate() (Value, error) {
	hasher := m.hasher()
	if err := hasher.Fill(m.ctx, m.drv); err != nil {
		return Value{}, m.storeError(err, m.drv.Name)
	}
	p, err := m.store.AddDerivation(m.ctx, m.drv)
	if err != nil {
		return Value{}, m.storeError(err, m.drv.Name+derivation.Extension)
	}
	if err := hasher.Remember(p, m.drv); err != nil {
		return Value{}, m.storeError(err, m.drv.Name)
	}
	set := newAttrs(1 + len(m.drv.Outputs))
	set.addValue(symDrvPath, contextValue(string(p), Context{deep(p)}))
	for name, output := range m.drv.Outputs {
		path := string(output.Path)
		if path == "" {
			path = upstreamPlaceholder(p, m.drv.Name, name)
		}
		set.addValue(m.intern(name), contextValue(path, Context{builtOutput(p, name)}))
	}
	return attrsValue(set.finish()), nil
}

// hasher computes the paths of outputs. There is one for an Evaluator, since it
// remembers what it hashed.
func (w *worker) hasher() *derivation.Hasher {
	w.made.mu.Lock()
	defer w.made.mu.Unlock()
	if w.made.hasher == nil {
		w.made.hasher = derivation.NewHasher(w.store.Dir(), w.store.Derivation)
	}
	return w.made.hasher
}

// upstreamPlaceholder stands for the path of an output, of the derivation at p
// called name, that only its build will tell.
func upstreamPlaceholder(p store.Path, name, output string) string {
	if output != "out" {
		name += "-" + output
	}
	return "/" + store.Sum(store.SHA256, []byte("nix-upstream-output:"+p.HashPart()+":"+name)).Nix32()
}

// checkName says whether a name is fit for a store path, in Nix's words.
func checkName(name string) error {
	const maxLength = 211
	switch {
	case name == "":
		return errors.New("name must not be empty")
	case len(name) > maxLength:
		return fmt.Errorf("name '%s' must be no longer than %d characters", name, maxLength)
	case name == "." || name == "..":
		return fmt.Errorf("name '%s' is not valid", name)
	case strings.HasPrefix(name, ".-"):
		return fmt.Errorf("name '%s' is not valid: first dash-separated component must not be '.'", name)
	case strings.HasPrefix(name, "..-"):
		return fmt.Errorf("name '%s' is not valid: first dash-separated component must not be '..'", name)
	}
	for i := range len(name) {
		if c := name[i]; !isNameByte(c) {
			return fmt.Errorf("name '%s' contains illegal character '%c'", name, c)
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte("+-._?=", c) >= 0
}

func builtinOutputOf(w *worker, _ Pos, a, b *Thunk) (Value, error) {
	text, context, err := w.forceString(a, noPos, "while evaluating the first argument to builtins.outputOf")
	if err != nil {
		return Value{}, err
	}
	output, err := w.forcePlainString(b, noPos, "while evaluating the second argument to builtins.outputOf")
	if err != nil {
		return Value{}, err
	}
	if len(context) != 1 {
		return Value{}, w.fail(KindEval, noPos, "string '%s' has %d entries in its context. It should only have exactly one entry", text, len(context))
	}
	e := context[0]
	name, ok := derivation.NameOf(e.Path())
	if !ok || e.Output() != "" || e.Deep() {
		return Value{}, w.fail(KindEval, noPos, "builtins.outputOf of '%s' is not supported", text)
	}
	outputs, err := w.store.Outputs(w.ctx, e.Path())
	if err != nil {
		return Value{}, w.storeError(err, name)
	}
	path := string(outputs[output].Path)
	if path == "" {
		path = upstreamPlaceholder(e.Path(), name, output)
	}
	return contextValue(path, Context{builtOutput(e.Path(), output)}), nil
}

// inputs puts what the derivation's strings depend on into it.
func (m *drvMaker) inputs() error {
	m.drv.InputDerivations = make(map[store.Path][]string)
	for _, e := range m.contexts.all() {
		output := e.Output()
		switch {
		case output != "":
			m.drv.InputDerivations[e.Path()] = append(m.drv.InputDerivations[e.Path()], output)
		case e.Deep():
			if err := m.closure(e.Path()); err != nil {
				return err
			}
		default:
			m.drv.InputSources = append(m.drv.InputSources, e.Path())
		}
	}
	slices.Sort(m.drv.InputSources)
	m.drv.InputSources = slices.Compact(m.drv.InputSources)
	for p, outputs := range m.drv.InputDerivations {
		slices.Sort(outputs)
		m.drv.InputDerivations[p] = slices.Compact(outputs)
	}
	return nil
}

// closure makes everything that the file of a derivation refers to an input,
// with all outputs.
func (m *drvMaker) closure(root store.Path) error {
	seen := map[store.Path]bool{root: true}
	for rest := []store.Path{root}; len(rest) > 0; {
		p := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		m.drv.InputSources = append(m.drv.InputSources, p)
		if _, ok := derivation.NameOf(p); ok {
			outputs, err := m.store.Outputs(m.ctx, p)
			if err != nil {
				return m.storeError(err, p.Name())
			}
			for name := range outputs {
				m.drv.InputDerivations[p] = append(m.drv.InputDerivations[p], name)
			}
		}
		references, err := m.store.References(m.ctx, p)
		if err != nil {
			return m.storeError(err, p.Name())
		}
		for _, q := range references {
			if !seen[q] {
				seen[q] = true
				rest = append(rest, q)
			}
		}
	}
	return nil
}
