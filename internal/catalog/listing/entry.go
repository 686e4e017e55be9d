package listing

import "strings"

// pkg parses one member of "packages".
func (p *parser) pkg(first bool) (e Entry, done bool) {
	key, done := p.rawMember(first)
	if done || p.reason != "" {
		return e, done
	}
	var raw rawEntry
	raw.attribute = key
	if p.peek() != '{' {
		p.fail("a package must be an object")
		return e, false
	}
	p.i++
	for first := true; ; first = false {
		key, done := p.rawMember(first)
		if done {
			break
		}
		switch string(key) {
		case "name":
			raw.fullName = p.text()
		case "pname":
			raw.name = p.text()
		case "version":
			raw.version = p.text()
		case "meta":
			p.meta(&raw, &e)
		default:
			p.skip()
		}
	}
	if p.reason != "" {
		return e, false
	}
	raw.unquoteInto(&e)
	return e, false
}

// A rawEntry has the texts of an entry as they lie in the window.
type rawEntry struct {
	attribute, fullName, name, version, description, homepage, program, position []byte
}

// unquoteInto makes all texts of the entry slices of one string: a listing has
// a million of them, and one allocation per entry is several times cheaper.
func (r *rawEntry) unquoteInto(e *Entry) {
	name := r.name
	if len(name) == 0 {
		name = r.fullName
	}
	raws := [...][]byte{r.attribute, name, r.version, r.description, r.homepage, r.program, r.position}
	var ends [len(raws)]int
	var stack [1024]byte
	buf := stack[:0]
	for i, raw := range raws {
		buf = appendUnquoted(buf, raw)
		ends[i] = len(buf)
	}
	all := string(buf)
	start := 0
	for i, field := range []*string{&e.Attribute, &e.Name, &e.Version, &e.Description, &e.Homepage, &e.MainProgram, &e.Position} {
		*field = all[start:ends[i]]
		start = ends[i]
	}
}

func (p *parser) meta(raw *rawEntry, e *Entry) {
	if p.peek() != '{' {
		p.skip()
		return
	}
	p.i++
	for first := true; ; first = false {
		key, done := p.rawMember(first)
		if done {
			return
		}
		switch string(key) {
		case "description":
			raw.description = p.text()
		case "homepage":
			raw.homepage = p.firstText()
		case "mainProgram":
			raw.program = p.text()
		case "position":
			raw.position = p.text()
		case "platforms":
			e.Platforms = p.systems()
		case "license":
			p.license(e)
		case "available":
			e.Unavailable = !p.boolean()
		case "broken":
			e.Broken = p.boolean()
		case "unfree":
			e.Unfree = p.boolean() || e.Unfree
		case "insecure":
			e.Insecure = p.boolean() || e.Insecure
		case "knownVulnerabilities":
			e.Insecure = p.nonEmptyArray() || e.Insecure
		default:
			p.skip()
		}
	}
}

// firstText reads a string, or the first string of an array of them.
func (p *parser) firstText() []byte {
	if p.peek() != '[' {
		return p.text()
	}
	p.i++
	var found []byte
	for first := true; p.element(first); first = false {
		if text := p.text(); found == nil {
			found = text
		}
	}
	return found
}

func (p *parser) nonEmptyArray() bool {
	if p.peek() != '[' {
		p.skip()
		return false
	}
	p.i++
	n := 0
	for ; p.element(n == 0); n++ {
		p.skip()
	}
	return n > 0
}

// license reads meta.license: a name, an object, or an array of either.
func (p *parser) license(e *Entry) {
	if p.peek() != '[' {
		p.oneLicense(e)
		return
	}
	p.i++
	for first := true; p.element(first); first = false {
		p.oneLicense(e)
	}
}

func (p *parser) oneLicense(e *Entry) {
	if p.peek() != '{' {
		e.addLicense(unquote(p.text()))
		return
	}
	p.i++
	var short, spdx, full []byte
	for first := true; ; first = false {
		key, done := p.rawMember(first)
		if done {
			break
		}
		switch string(key) {
		case "shortName":
			short = p.text()
		case "spdxId":
			spdx = p.text()
		case "fullName":
			full = p.text()
		case "free":
			if c := p.peek(); c == 'f' {
				e.Unfree = true
			}
			p.skip()
		default:
			p.skip()
		}
	}
	for _, name := range [][]byte{short, spdx, full} {
		if len(name) > 0 {
			e.addLicense(unquote(name))
			return
		}
	}
}

func (e *Entry) addLicense(name string) {
	switch {
	case name == "":
	case e.License == "":
		e.License = name
	case !strings.Contains(e.License, name):
		e.License += ", " + name
	}
}

// systems reads meta.platforms, of which a listing has few different ones. What is
// not a string in there is a pattern for other machines.
func (p *parser) systems() string {
	if p.peek() != '[' {
		return string(p.text())
	}
	start := p.i
	p.skip()
	if p.reason != "" {
		return ""
	}
	raw := p.b[start:p.i]
	if known, ok := p.platforms[string(raw)]; ok {
		return known
	}
	list := parser{b: raw, i: 1, repeated: p.repeated}
	var names []string
	for first := true; list.element(first); first = false {
		if name := list.text(); name != nil {
			names = append(names, unquote(name))
		}
	}
	joined := strings.Join(names, " ")
	p.platforms[string(raw)] = joined
	return joined
}
