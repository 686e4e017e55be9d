package listing

import "strings"

// option parses one member of options.json.
func (p *parser) option(first bool) (e Entry, done bool) {
	key, done := p.rawMember(first)
	if done || p.reason != "" {
		return e, done
	}
	e.Kind = Option
	e.Attribute = unquote(key)
	if p.peek() != '{' {
		p.fail("an option must be an object")
		return e, false
	}
	p.i++
	for first := true; ; first = false {
		key, done := p.rawMember(first)
		if done {
			return e, false
		}
		switch string(key) {
		case "description":
			e.Description = withoutRoles(withoutTags(p.expression()))
		case "type":
			e.Type = p.expression()
		case "default":
			e.Default = p.expression()
		case "example":
			e.Example = p.expression()
		case "declarations":
			e.Position = p.declaration()
		case "readOnly":
			e.ReadOnly = p.boolean()
		case "relatedPackages":
			e.Related = packagesIn(p.expression())
		default:
			p.skip()
		}
	}
}

// expression reads a text, or an object that has one: {"_type":"literalExpression",
// "text":…}. Of any other value it returns the JSON.
func (p *parser) expression() string {
	switch p.peek() {
	case '"':
		return unquote(p.rawString())
	case '{':
		return p.object("text")
	}
	start := p.i
	p.skip()
	if p.reason != "" {
		return ""
	}
	return string(p.b[start:p.i])
}

// object reads an object and returns its member of that name, or all of its JSON
// if it has none.
func (p *parser) object(name string) string {
	start := p.i
	text, found := "", false
	p.i++
	for first := true; ; first = false {
		key, done := p.rawMember(first)
		if done {
			break
		}
		if string(key) == name && p.peek() == '"' {
			text, found = unquote(p.rawString()), true
		} else {
			p.skip()
		}
	}
	if found || p.reason != "" {
		return text
	}
	return string(p.b[start:p.i])
}

// declaration returns the first file of a list of them: paths, or objects with a
// name.
func (p *parser) declaration() string {
	if p.peek() != '[' {
		p.skip()
		return ""
	}
	p.i++
	found := ""
	for first := true; p.element(first); first = false {
		text := ""
		if p.peek() == '{' {
			text = p.object("name")
		} else {
			text = unquote(p.text())
		}
		if found == "" {
			found = text
		}
	}
	return found
}

// withoutRoles takes the roles out of the markdown of NixOS's manual:
// {option}`services.nginx.enable` is `services.nginx.enable`.
func withoutRoles(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			break
		}
		end := open + 1
		for end < len(s) && ('a' <= s[end] && s[end] <= 'z' || s[end] == '-') {
			end++
		}
		if !strings.HasPrefix(s[end:], "}`") {
			b.WriteString(s[:open+1])
			s = s[open+1:]
			continue
		}
		b.WriteString(s[:open])
		s = s[end+1:]
	}
	if b.Len() == 0 {
		return s
	}
	b.WriteString(s)
	return b.String()
}

// packagesIn finds pkgs.ATTRIBUTE in a text.
func packagesIn(text string) string {
	var names []string
	for _, part := range strings.Split(text, "pkgs.")[1:] {
		end := strings.IndexFunc(part, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.+", r))
		})
		if end < 0 {
			end = len(part)
		}
		if name := strings.Trim(part[:end], "."); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}
