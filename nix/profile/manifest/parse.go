package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"unicode/utf8"

	"luminousnix/nix/store"
)

// Parse reads a manifest.json of version 1, 2 or 3. The elements of version 1
// and 2 get the names that a later Nix would give them. Keys that Nix does not
// know are ignored, as Nix does. URLs are taken as they are.
//
// Its error is a [*VersionError] or a [*ParseError].
func Parse(dir store.Dir, data []byte) (*Manifest, error) {
	if !utf8.Valid(data) {
		return nil, &ParseError{Why: "it is not in UTF-8"}
	}
	var top object
	if err := json.Unmarshal(data, &top); err != nil {
		return nil, &ParseError{Err: err}
	}
	version, err := number(top, "version", 0)
	if err != nil {
		return nil, &ParseError{Where: "version", Err: err}
	}
	if version < 1 || version > 3 {
		return nil, &VersionError{version}
	}
	p := parser{dir: dir, version: version, manifest: new(Manifest)}
	if err := p.elements(top["elements"]); err != nil {
		return nil, err
	}
	p.manifest.Format = p.format()
	return p.manifest, nil
}

// object is a JSON object. Struct tags will not do, since encoding/json takes
// keys in the wrong case for them.
type object = map[string]json.RawMessage

type parser struct {
	dir        store.Dir
	version    int
	manifest   *Manifest
	priorities bool // some element has one
}

// format is that of the manifest. An empty one of version 2 is the same for
// all Nix that write it.
func (p *parser) format() Format {
	switch {
	case p.version == 3:
		return V3
	case p.version == 2 && (p.priorities || len(p.manifest.Elements) == 0):
		return V2
	default:
		return V2Plain
	}
}

// elements reads a list or an object, whichever it is: Nix, too, does not
// insist that it goes with the version.
func (p *parser) elements(data json.RawMessage) error {
	if isNull(data) {
		return nil
	}
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) {
		return p.list(data)
	}
	var byName object
	if err := json.Unmarshal(data, &byName); err != nil {
		return &ParseError{Where: "elements", Err: err}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		e, err := p.element("elements."+name, byName[name])
		if err != nil {
			return err
		}
		e.Name = name
		p.manifest.Elements = append(p.manifest.Elements, e)
	}
	return nil
}

func (p *parser) list(data json.RawMessage) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return &ParseError{Where: "elements", Err: err}
	}
	namer := newNamer(len(list))
	for i, item := range list {
		e, err := p.element(fmt.Sprintf("elements[%d]", i), item)
		if err != nil {
			return err
		}
		e.Name = namer.name(e.DefaultName())
		p.manifest.Elements = append(p.manifest.Elements, e)
	}
	return nil
}

func (p *parser) element(where string, data json.RawMessage) (Element, error) {
	fields := make(object)
	if err := json.Unmarshal(data, &fields); err != nil || fields == nil {
		return Element{}, &ParseError{Where: where, Why: "it is not an object", Err: err}
	}
	var e Element
	var paths []string
	var err error
	wrong := func(key string, err error) (Element, error) {
		return Element{}, &ParseError{Where: where + "." + key, Err: err}
	}
	if err := optional(fields, "storePaths", &paths); err != nil {
		return wrong("storePaths", err)
	}
	for _, text := range paths {
		path, err := p.dir.Parse(text)
		if err != nil {
			return wrong("storePaths", err)
		}
		e.StorePaths = append(e.StorePaths, path)
	}
	e.StorePaths = sortPaths(e.StorePaths)
	if err := required(fields, "active", &e.Active); err != nil {
		return wrong("active", err)
	}
	if e.Priority, err = number(fields, "priority", DefaultPriority); err != nil {
		return wrong("priority", err)
	}
	if _, ok := fields["priority"]; ok {
		p.priorities = true
	}
	e.Source, err = p.source(where, fields)
	return e, err
}

// source returns nil for an element that has no URL.
func (p *parser) source(where string, fields object) (*Source, error) {
	original, locked := "originalUrl", "url"
	if p.version == 1 {
		original, locked = "originalUri", "uri"
	}
	wrong := func(key string, err error) (*Source, error) {
		return nil, &ParseError{Where: where + "." + key, Err: err}
	}
	var s Source
	if raw, ok := fields[locked]; !ok {
		return nil, nil
	} else if isNull(raw) {
		return wrong(locked, errNotString)
	}
	if err := required(fields, locked, &s.URL); err != nil {
		return wrong(locked, err)
	}
	if s.URL == "" {
		return nil, nil
	}
	if err := required(fields, original, &s.OriginalURL); err != nil {
		return wrong(original, err)
	}
	if err := required(fields, "attrPath", &s.AttrPath); err != nil {
		return wrong("attrPath", err)
	}
	if err := optional(fields, "outputs", &s.Outputs); err != nil {
		return wrong("outputs", err)
	}
	if s.Outputs != nil && len(s.Outputs) == 0 {
		return wrong("outputs", errNoOutputs)
	}
	slices.Sort(s.Outputs)
	s.Outputs = slices.Compact(s.Outputs)
	return &s, nil
}

// fieldError is why a single value is wrong.
type fieldError string

func (e fieldError) Error() string { return string(e) }

const (
	errMissing   fieldError = "it is missing"
	errNull      fieldError = "there is null in it"
	errNotString fieldError = "it is not a string"
	errNoOutputs fieldError = "the list is empty"
	errNotInt    fieldError = "it is not a whole number of 32 bits"
)

func isNull(data json.RawMessage) bool { return len(data) == 0 || string(data) == "null" }

func required[T string | bool](fields object, key string, to *T) error {
	if isNull(fields[key]) {
		return errMissing
	}
	return json.Unmarshal(fields[key], to)
}

// optional reads a list of strings, which stays nil where there is none.
func optional(fields object, key string, to *[]string) error {
	if isNull(fields[key]) {
		return nil
	}
	// Pointers, as null would otherwise become an empty string.
	var items []*string
	if err := json.Unmarshal(fields[key], &items); err != nil {
		return err
	}
	*to = make([]string, len(items))
	for i, item := range items {
		if item == nil {
			return errNull
		}
		(*to)[i] = *item
	}
	return nil
}

// number reads an integer, which Nix keeps in 32 bits.
func number(fields object, key string, missing int) (int, error) {
	raw, ok := fields[key]
	if !ok {
		return missing, nil
	}
	var n *int64
	if err := json.Unmarshal(raw, &n); err != nil {
		return 0, err
	}
	if n == nil || *n < math.MinInt32 || *n > math.MaxInt32 {
		return 0, errNotInt
	}
	return int(*n), nil
}
