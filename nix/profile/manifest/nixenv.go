package manifest

import (
	"fmt"
	"strconv"

	"luminousnix/nix/store"
)

// Installed is a package in a profile of nix-env.
type Installed struct {
	Name    string     // with the version, such as hello-2.12.1
	System  string     // such as x86_64-linux; "" when unknown
	OutPath store.Path // of the package's first output
	Outputs []Output   // those that are installed
	DrvPath store.Path // "" unless the profile keeps derivations
	// Meta is the meta attribute. Its values are nil, bool, int64, float64,
	// string, []any and map[string]any.
	Meta map[string]any
}

// Output is an installed output of a package.
type Output struct {
	Name string
	Path store.Path
}

// Active says whether the package is linked into the profile: what
// `nix-env --set-flag active` sets.
func (i *Installed) Active() bool { return i.Meta["active"] != "false" }

// Priority is what `nix-env --set-flag priority` sets, which writes a string,
// or the package's own priority, or else DefaultPriority.
func (i *Installed) Priority() int {
	switch v := i.Meta["priority"].(type) {
	case int64:
		return int(v)
	case string:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return DefaultPriority
}

// ParseNixEnv reads the manifest.nix of a profile of nix-env. It takes literals
// of the Nix language and evaluates nothing. Elements that are not derivations
// are an error, since nix-env never writes any.
//
// Its error is a [*LiteralError].
func ParseNixEnv(dir store.Dir, data []byte) ([]Installed, error) {
	top, err := parseLiteral(string(data))
	if err != nil {
		return nil, err
	}
	list, ok := top.([]any)
	if !ok {
		return nil, &LiteralError{Offset: -1, Why: "it is not a list"}
	}
	installed := make([]Installed, 0, len(list))
	for n, item := range list {
		r := record{dir: dir, where: fmt.Sprintf("element %d", n)}
		i := r.installed(item)
		if r.err != nil {
			return nil, r.err
		}
		installed = append(installed, i)
	}
	return installed, nil
}

// FromNixEnv returns the manifest that `nix profile` begins with when it takes
// over a profile of nix-env: OutPath of each package. Other outputs,
// priorities and what is inactive are lost, as they are in Nix.
func FromNixEnv(installed []Installed) *Manifest {
	m := new(Manifest)
	namer := newNamer(len(installed))
	for i := range installed {
		e := ForPaths(installed[i].OutPath)
		e.Name = namer.name(e.DefaultName())
		m.Elements = append(m.Elements, e)
	}
	return m
}

// record reads the attributes of one element and keeps the first error.
type record struct {
	dir   store.Dir
	where string
	err   error
}

func (r *record) fail(why string, err error) {
	if r.err == nil {
		r.err = &LiteralError{Offset: -1, Where: r.where, Why: why, Err: err}
	}
}

func (r *record) installed(item any) Installed {
	attributes, _ := item.(map[string]any)
	if attributes["type"] != "derivation" {
		r.fail("it is not a derivation", nil)
		return Installed{}
	}
	i := Installed{
		Name:    r.text(attributes, "name", true),
		System:  r.text(attributes, "system", false),
		OutPath: r.path(attributes, "outPath", true),
		DrvPath: r.path(attributes, "drvPath", false),
	}
	if meta, ok := attributes["meta"]; ok {
		if i.Meta, ok = meta.(map[string]any); !ok {
			r.fail("meta is not a set", nil)
		}
	}
	i.Outputs = r.outputs(attributes)
	return i
}

// outputs reads the list of names and for each name the set of its path. Very
// old manifests have no list; then the package has the output "out".
func (r *record) outputs(attributes map[string]any) []Output {
	value, ok := attributes["outputs"]
	if !ok {
		return []Output{{Name: "out", Path: r.path(attributes, "outPath", true)}}
	}
	names, ok := value.([]any)
	if !ok {
		r.fail("outputs is not a list", nil)
	}
	outputs := make([]Output, 0, len(names))
	for _, name := range names {
		name, ok := name.(string)
		output, isSet := attributes[name].(map[string]any)
		if !ok || !isSet {
			r.fail("an output is not named or has no set of that name", nil)
			return nil
		}
		outputs = append(outputs, Output{name, r.path(output, "outPath", true)})
	}
	return outputs
}

func (r *record) text(attributes map[string]any, key string, required bool) string {
	value, ok := attributes[key]
	text, isText := value.(string)
	if ok && !isText || required && !ok {
		r.fail(key+" is not a string", nil)
	}
	return text
}

func (r *record) path(attributes map[string]any, key string, required bool) store.Path {
	text := r.text(attributes, key, required)
	if text == "" && !required {
		return ""
	}
	path, err := r.dir.Parse(text)
	if err != nil {
		r.fail(key, err)
	}
	return path
}
