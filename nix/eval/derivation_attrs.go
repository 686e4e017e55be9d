package eval

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/derivation"
	"luminousnix/nix/eval/internal/json"
	"luminousnix/nix/store"
)

// drvMaker makes one derivation of a set.
type drvMaker struct {
	*worker
	pos Pos
	drv *derivation.Derivation

	structured  bool // attributes are passed as JSON
	ignoreNulls bool
	json        jsonPrinter
	contexts    contextSet

	outputs          []string
	contentAddressed bool
	impure           bool
	outputHash       *string
	algorithm        store.Algorithm // of outputHashAlgo, "" if not known
	method           store.Method    // of outputHashMode, "" if not given
}

func (m *drvMaker) attributes(set *Attrs) error {
	for _, attr := range set.sorted(m.symbols) {
		if attr.Name == symIgnoreNulls {
			continue
		}
		if err := m.attribute(attr); err != nil {
			return m.tracef(err, attr.Pos, "while evaluating attribute '%s' of derivation '%s'", m.symbols.name(attr.Name), m.drv.Name)
		}
	}
	if m.structured {
		m.contexts.add(m.json.context.all())
		if len(m.json.text) == 0 {
			m.json.text = append(m.json.text, '{')
		}
		m.drv.Env["__json"] = string(append(m.json.text, '}'))
	}
	return nil
}

func (m *drvMaker) attribute(attr Attr) (err error) {
	if m.ignoreNulls {
		v, err := m.force(attr.Value, noPos)
		if err != nil || v.Kind() == KindNull {
			return err
		}
	}
	switch attr.Name {
	case symContentAddressed:
		return m.feature(attr, &m.contentAddressed, "ca-derivations")
	case symImpure:
		return m.feature(attr, &m.impure, "impure-derivations")
	case symArgs:
		return m.args(attr)
	}
	if m.structured {
		if attr.Name == symStructuredAttrs {
			return nil
		}
		return m.structuredAttribute(attr)
	}
	text, context, err := m.coerceThunk(attr.Value, noPos, coerceMore|copyToStore, "")
	if err != nil {
		return err
	}
	m.contexts.add(context)
	m.drv.Env[m.symbols.name(attr.Name)] = text
	return m.special(attr.Name, text, nil)
}

// feature sets a flag that needs an experimental feature.
func (m *drvMaker) feature(attr Attr, flag *bool, feature string) (err error) {
	if *flag, err = m.forceBool(attr.Value, m.pos, ""); err != nil {
		return err
	}
	if *flag {
		return m.needFeature(feature)
	}
	return nil
}

func (m *drvMaker) args(attr Attr) error {
	list, err := m.forceList(attr.Value, m.pos, "")
	if err != nil {
		return err
	}
	for _, t := range list {
		text, context, err := m.coerceThunk(t, m.pos, coerceMore|copyToStore, "while evaluating an element of the argument list")
		if err != nil {
			return err
		}
		m.contexts.add(context)
		m.drv.Args = append(m.drv.Args, text)
	}
	return nil
}

// structuredAttribute puts an attribute into the JSON and evaluates it once more
// if it means something to the derivation itself.
func (m *drvMaker) structuredAttribute(attr Attr) error {
	separator := byte(',')
	if len(m.json.text) == 0 {
		separator = '{'
	}
	m.json.text = append(m.json.text, separator)
	text, err := json.AppendString(m.json.text, m.symbols.name(attr.Name))
	if err != nil {
		return m.fail(KindEval, noPos, "JSON serialization error: %v", err)
	}
	m.json.text = append(text, ':')
	if err := m.printJSON(&m.json, attr.Value, m.pos, true, true); err != nil {
		return err
	}

	m.warnOfCheck(attr)
	switch attr.Name {
	case symBuilder:
		text, context, err := m.forceString(attr.Value, m.pos, "")
		if err != nil {
			return err
		}
		m.contexts.add(context)
		return m.special(attr.Name, text, nil)
	case symSystem, symOutputHash, symOutputHashAlgo, symOutputHashMode:
		text, err := m.forcePlainString(attr.Value, m.pos, "")
		if err != nil {
			return err
		}
		return m.special(attr.Name, text, nil)
	case symOutputs:
		list, err := m.forceList(attr.Value, m.pos, "")
		if err != nil {
			return err
		}
		outputs := make([]string, len(list))
		for i, t := range list {
			if outputs[i], err = m.forcePlainString(t, m.pos, ""); err != nil {
				return err
			}
		}
		return m.special(attr.Name, "", outputs)
	}
	return nil
}

// warnOfCheck warns of an attribute that a derivation with structured attributes
// has elsewhere.
func (m *drvMaker) warnOfCheck(attr Attr) {
	name := m.symbols.name(attr.Name)
	switch name {
	case "allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites", "maxSize", "maxClosureSize":
		warning := &Error{
			Message: "'structuredAttrs' disables the effect of the derivation attribute '" + name +
				"'; use 'outputChecks.<output>." + name + "' instead",
			pos: attr.Pos, positions: m.positions,
			trace: &frame{text: "while evaluating derivation '" + m.drv.Name + "'"},
		}
		fmt.Fprintln(m.options.Stderr, warning.render("warning: ", true))
	}
}

// special takes note of the attributes that say what the derivation is. outputs
// is set if they come as a list.
func (m *drvMaker) special(name Symbol, text string, outputs []string) error {
	switch name {
	case symBuilder:
		m.drv.Builder = text
	case symSystem:
		m.drv.System = text
	case symOutputHash:
		m.outputHash = &text
	case symOutputHashAlgo:
		m.algorithm, _ = store.ParseAlgorithm(text) // an unknown one counts as none
	case symOutputHashMode:
		return m.hashMode(text)
	case symOutputs:
		if outputs == nil {
			outputs = strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n\r", r) })
		}
		return m.setOutputs(outputs)
	}
	return nil
}

func (m *drvMaker) hashMode(mode string) error {
	feature := ""
	switch mode {
	case "recursive", "nar":
		m.method = store.Recursive
	case "flat":
		m.method = store.Flat
	case "text":
		m.method, feature = store.Text, "dynamic-derivations"
	case "git":
		m.method, feature = store.Git, "git-hashing"
	default:
		return m.fail(KindEval, m.pos, "invalid value '%s' for 'outputHashMode' attribute", mode)
	}
	if feature != "" {
		return m.needFeature(feature)
	}
	return nil
}

func (m *drvMaker) setOutputs(names []string) error {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return m.fail(KindEval, m.pos, "duplicate derivation output '%s'", name)
		}
		if name == "drvPath" {
			return m.fail(KindEval, m.pos, "invalid derivation output name 'drvPath'")
		}
	}
	if len(names) == 0 {
		return m.fail(KindEval, m.pos, "derivation cannot have an empty set of outputs")
	}
	m.outputs = names
	return nil
}

// finish checks the derivation and gives it its outputs, yet without paths.
func (m *drvMaker) finish() error {
	if err := m.inputs(); err != nil {
		return err
	}
	if m.drv.Builder == "" {
		return m.fail(KindEval, m.pos, "required attribute 'builder' missing")
	}
	if m.drv.System == "" {
		return m.fail(KindEval, m.pos, "required attribute 'system' missing")
	}
	onlyOut := len(m.outputs) == 1 && m.outputs[0] == "out"
	if strings.HasSuffix(m.drv.Name, derivation.Extension) && !(m.method == store.Text && onlyOut) {
		return m.fail(KindEval, m.pos, "derivation names are allowed to end in '.drv' only if they produce a single derivation file")
	}
	m.drv.Outputs = make(map[string]derivation.Output, len(m.outputs))
	switch {
	case m.outputHash != nil:
		if !onlyOut {
			return m.fail(KindEval, m.pos, "multiple outputs are not supported in fixed-output derivations")
		}
		return m.fixedOutput(*m.outputHash)
	case m.contentAddressed && m.impure:
		return m.fail(KindEval, m.pos, "derivation cannot be both content-addressed and impure")
	case m.contentAddressed || m.impure:
		output := derivation.Output{Method: m.method, Algorithm: m.algorithm, Impure: m.impure}
		if output.Algorithm == "" {
			output.Algorithm = store.SHA256
		}
		if output.Method == "" {
			output.Method = store.Recursive
		}
		for _, name := range m.outputs {
			m.drv.Outputs[name] = output
		}
	default:
		for _, name := range m.outputs {
			m.drv.Outputs[name] = derivation.Output{}
		}
	}
	return nil
}

func (m *drvMaker) fixedOutput(text string) error {
	hash, err := m.parseHash(text, m.algorithm)
	if err != nil {
		return err
	}
	method := m.method
	if method == "" {
		method = store.Flat
	}
	m.drv.Outputs["out"] = derivation.Output{Method: method, Algorithm: hash.Algorithm(), Hash: hash}
	return nil
}

// parseHash parses a hash as fetchers take it: an empty one is all zeros, for
// finding the real one out.
func (w *worker) parseHash(text string, algorithm store.Algorithm) (store.Hash, error) {
	switch {
	case text == "" && algorithm == "":
		return store.Hash{}, w.fail(KindEval, noPos, "empty hash requires explicit hash algorithm")
	case text == "":
		return store.NewHash(algorithm, make([]byte, algorithm.Size()))
	}
	var hash store.Hash
	var err error
	if algorithm == "" {
		hash, err = store.ParseHash(text)
	} else {
		hash, err = store.ParseHashOf(algorithm, text)
	}
	if err != nil {
		return store.Hash{}, w.hashError(err, noPos, text, algorithm)
	}
	return hash, nil
}
