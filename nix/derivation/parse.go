package derivation

import (
	"errors"
	"fmt"
	"strings"

	"luminousnix/nix/store"
)

// SyntaxError says where the text of a derivation is not what Nix writes.
type SyntaxError struct {
	Name     string // of the derivation
	Offset   int    // in bytes from the beginning of the text
	Expected string // what should be there, such as "a comma"
	Found    string // what is there instead: a few bytes of it, quoted, or "the end"
	Err      error  // why it is not as expected, such as a [*store.ParseError]; often nil
}

func (e *SyntaxError) Error() string {
	text := fmt.Sprintf("derivation %q: at offset %d: %s expected, but there is %s", e.Name, e.Offset, e.Expected, e.Found)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Parse reads the text of the derivation called name (without [Extension]),
// whose store paths are all in dir. It takes what Nix writes and nothing else,
// that is, [Derivation.MarshalText] of the result gives data again: lists are
// sorted without duplicates, no white space, no escape that is not needed. Its
// error is a [*SyntaxError], or a [*store.ParseError] if the name is not fit for
// a store path.
//
// The derivation shares one copy of data; the caller may change data afterwards.
// Derivations of the experimental "dynamic" form (DrvWithVersion) are refused.
func Parse(dir store.Dir, name string, data []byte) (*Derivation, error) {
	if _, err := dir.Parse(string(dir) + "/" + noHash + "-" + name + Extension); err != nil {
		return nil, err
	}
	p := &parser{dir: dir, name: name, text: string(data)}
	d := p.derivation()
	if p.err != nil {
		return nil, p.err
	}
	return d, nil
}

// noHash stands for the hash part of a path whose name is to be checked.
const noHash = "00000000000000000000000000000000"

// parser keeps the first error: after it every method returns at once, with
// zero values.
type parser struct {
	dir  store.Dir
	name string
	text string
	pos  int
	err  error
}

func (p *parser) derivation() *Derivation {
	d := &Derivation{Name: p.name}
	p.literal("Derive(")
	d.Outputs = p.outputs()
	p.literal(",")
	d.InputDerivations = p.inputDerivations()
	p.literal(",")
	d.InputSources = p.inputSources()
	p.literal(",")
	d.System = p.verbatim()
	p.literal(",")
	d.Builder = p.quoted()
	p.literal(",")
	p.list(func() { d.Args = append(d.Args, p.quoted()) })
	p.literal(",")
	d.Env = p.env()
	p.literal(")")
	if p.err == nil && p.pos != len(p.text) {
		p.fail(p.pos, "the end", nil)
	}
	return d
}

func (p *parser) outputs() map[string]Output {
	outputs := make(map[string]Output)
	start, last := p.pos, ""
	p.list(func() {
		p.literal("(")
		at := p.pos
		name := p.verbatim()
		p.ascending(at, "an output", last, name, len(outputs) == 0)
		p.literal(",")
		output := p.output()
		p.literal(")")
		outputs[name], last = output, name
	})
	if len(outputs) == 0 {
		p.fail(start, "a list of at least one output", nil)
	}
	return outputs
}

// output parses path, algorithm and hash, of which each may be "".
func (p *parser) output() Output {
	var at [3]int
	var fields [3]string
	for i := range fields {
		if i > 0 {
			p.literal(",")
		}
		at[i] = p.pos
		fields[i] = p.verbatim()
	}
	if p.err != nil {
		return Output{}
	}
	output, err := ParseOutput(p.dir, fields[0], fields[1], fields[2])
	if wrong := (*OutputError)(nil); errors.As(err, &wrong) {
		p.fail(at[wrong.Field], wrong.Expected, wrong.Err)
	}
	return output
}

func (p *parser) inputDerivations() map[store.Path][]string {
	inputs := make(map[store.Path][]string)
	last := ""
	p.list(func() {
		p.literal("(")
		path := p.nextPath(last, len(inputs) == 0)
		p.literal(",")
		inputs[path] = p.names()
		p.literal(")")
		last = string(path)
	})
	return inputs
}

func (p *parser) inputSources() []store.Path {
	var sources []store.Path
	last := ""
	p.list(func() {
		path := p.nextPath(last, len(sources) == 0)
		sources = append(sources, path)
		last = string(path)
	})
	return sources
}

// names parses a sorted list of output names.
func (p *parser) names() []string {
	var names []string
	last := ""
	p.list(func() {
		at := p.pos
		name := p.verbatim()
		p.ascending(at, "an output", last, name, len(names) == 0)
		names = append(names, name)
		last = name
	})
	return names
}

func (p *parser) env() map[string]string {
	env := make(map[string]string)
	last := ""
	p.list(func() {
		p.literal("(")
		at := p.pos
		name := p.quoted()
		p.ascending(at, "a variable", last, name, len(env) == 0)
		p.literal(",")
		env[name] = p.quoted()
		p.literal(")")
		last = name
	})
	return env
}

func (p *parser) nextPath(last string, first bool) store.Path {
	at := p.pos
	text := p.verbatim()
	if p.err != nil {
		return ""
	}
	path, err := p.dir.Parse(text)
	if err != nil {
		p.fail(at, "a store path", err)
	}
	p.ascending(at, "a path", last, text, first)
	return path
}

// ascending fails unless the list that this element belongs to is sorted.
func (p *parser) ascending(at int, what, last, this string, first bool) {
	if !first && this <= last {
		p.fail(at, fmt.Sprintf("%s that sorts after %q", what, last), nil)
	}
}

// list parses "[", elements with commas between them, and "]".
func (p *parser) list(element func()) {
	p.literal("[")
	if p.accept(']') {
		return
	}
	for p.err == nil {
		element()
		if p.accept(']') {
			return
		}
		p.literal(",")
	}
}

func (p *parser) accept(c byte) bool {
	if p.err != nil || p.pos >= len(p.text) || p.text[p.pos] != c {
		return false
	}
	p.pos++
	return true
}

func (p *parser) literal(s string) {
	if p.err != nil {
		return
	}
	if !strings.HasPrefix(p.text[p.pos:], s) {
		p.fail(p.pos, fmt.Sprintf("%q", s), nil)
		return
	}
	p.pos += len(s)
}

// fail keeps the first error.
func (p *parser) fail(at int, expected string, err error) {
	if p.err != nil {
		return
	}
	const few = 40
	found := "the end"
	if rest := p.text[at:]; len(rest) > few {
		found = fmt.Sprintf("%q…", rest[:few])
	} else if rest != "" {
		found = fmt.Sprintf("%q", rest)
	}
	p.err = &SyntaxError{Name: p.name, Offset: at, Expected: expected, Found: found, Err: err}
}
