package catalog

import (
	"cmp"
	"strings"

	"luminousnix/internal/catalog/listing"
)

// A module, here, is what people think of as one thing with options: nginx, of
// which services.nginx.enable and 200 others are options. One option stands for
// each: the one that enables it or, where there is none, the one with the most
// below it (services.redis.servers).

// addOption adds the terms of an option's path. Its name is the last part: or the
// one before "enable", since that is what is enabled.
func (b *builder) addOption(doc uint32, e *listing.Entry) builtDoc {
	path := strings.Split(e.Attribute, ".")
	last := len(path) - 1
	for last > 0 && placeholder(path[last]) {
		last--
	}
	if last > 0 && path[last] == "enable" && !placeholder(path[last-1]) {
		b.posts = append(b.posts, newPost(b.termOf([]byte("enable")), doc, fieldWhole|fieldName))
		last--
	}
	whole := b.addWhole(doc, path[last])
	for _, part := range path[:last] {
		if placeholder(part) {
			continue
		}
		b.posts = append(b.posts, newPost(b.termOf([]byte(joined(part))), doc, fieldPath))
		eachNamePart(part, func(word []byte) {
			b.posts = append(b.posts, newPost(b.termOf(word), doc, fieldPath))
		})
	}
	return builtDoc{whole: whole, subject: b.subject(path, whole), flags: flagsOf(e, placeTop), module: doc}
}

// subject is the term by whose fame an option is measured: services.movim.nginx is
// about movim, whatever the fame of nginx.
func (b *builder) subject(path []string, whole uint32) uint32 {
	switch path[0] {
	case "services", "programs", "hardware", "networking", "virtualisation", "security":
		if len(path) > 1 {
			return b.termOf([]byte(joined(path[1])))
		}
	}
	return whole
}

// placeholder reports whether a part of an option's path stands for names that the
// user chooses: "<name>", "*".
func placeholder(part string) bool {
	return part == "*" || strings.HasPrefix(part, "<")
}

// findModules finds for each option the one that stands for its module, and which
// package it is about.
func (b *builder) findModules() {
	options := make(map[string]uint32)
	for doc := range b.entries {
		if e := &b.entries[doc]; e.Kind != listing.Package {
			options[moduleKey(e.Kind, e.Attribute)] = uint32(doc)
		}
	}
	groups := make(map[string]*moduleGroup)
	for doc := range b.entries {
		e := &b.entries[doc]
		if e.Kind == listing.Package {
			continue
		}
		if same, ok := options[e.Attribute]; ok && e.Kind == listing.HomeOption {
			b.docs[doc].module = same // shown once, as that of NixOS
			continue
		}
		if head, ok := enabling(options, e); ok {
			b.docs[doc].module = head
			continue
		}
		key := moduleKey(e.Kind, firstParts(e.Attribute, 2))
		if groups[key] == nil {
			groups[key] = &moduleGroup{}
		}
		groups[key].add(b, uint32(doc))
	}
	for _, g := range groups {
		g.settle(b)
	}
	b.relate(options)
	b.countBelow(options)
	for doc := range b.docs {
		if b.entries[doc].Kind != listing.Package {
			b.docs[b.docs[doc].module].moduleSize++
		}
	}
}

func moduleKey(kind listing.Kind, path string) string {
	if kind == listing.HomeOption {
		return "home " + path
	}
	return path
}

// enabling finds the option that enables what an option belongs to.
func enabling(options map[string]uint32, e *listing.Entry) (uint32, bool) {
	path := e.Attribute
	if i := strings.IndexAny(path, "<*"); i >= 0 {
		path = strings.TrimSuffix(path[:i], ".")
	}
	for path != "" {
		if head, ok := options[moduleKey(e.Kind, path+".enable")]; ok {
			return head, true
		}
		path, _ = splitAttribute(path)
	}
	return 0, false
}

// firstParts returns the first n parts of a path.
func firstParts(path string, n int) string {
	end := 0
	for range n {
		i := strings.IndexByte(path[end:], '.')
		if i < 0 {
			return path
		}
		end += i + 1
	}
	return path[:end-1]
}

// A moduleGroup has the options of a module that nothing enables.
type moduleGroup struct {
	docs []uint32
	// below counts how many options begin like the first three parts of another's
	// path, and shortest has the shortest of those.
	below    map[string]int
	shortest map[string]uint32
}

func (g *moduleGroup) add(b *builder, doc uint32) {
	if g.below == nil {
		g.below, g.shortest = make(map[string]int), make(map[string]uint32)
	}
	g.docs = append(g.docs, doc)
	path := b.entries[doc].Attribute
	key := firstParts(path, 3)
	g.below[key]++
	if old, ok := g.shortest[key]; !ok || len(path) < len(b.entries[old].Attribute) {
		g.shortest[key] = doc
	}
}

// settle chooses who stands for the module. Options that have nothing in common but
// where they are, such as those of networking, stand for themselves.
func (g *moduleGroup) settle(b *builder) {
	best := ""
	for key, n := range g.below {
		if best == "" || cmp.Or(cmp.Compare(n, g.below[best]), -cmp.Compare(key, best)) > 0 {
			best = key
		}
	}
	head := g.shortest[best]
	if firstParts(b.entries[head].Attribute, 1) != "services" && len(g.below) > 1 {
		for _, doc := range g.docs {
			b.docs[doc].module = g.shortest[firstParts(b.entries[doc].Attribute, 3)]
		}
		return
	}
	for _, doc := range g.docs {
		b.docs[doc].module = head
	}
	// It is found by the name of the module as well.
	path := strings.Split(b.entries[head].Attribute, ".")
	if len(path) > 2 {
		b.docs[head].whole = b.addWhole(head, path[1])
	}
}

// countBelow counts for each option what lies below it under names of the user's
// choice: the more there is, the more the option is for.
func (b *builder) countBelow(options map[string]uint32) {
	for doc := range b.entries {
		e := &b.entries[doc]
		i := strings.IndexAny(e.Attribute, "<*")
		if e.Kind == listing.Package || i < 1 {
			continue
		}
		if parent, ok := options[moduleKey(e.Kind, e.Attribute[:i-1])]; ok {
			b.docs[parent].below++
		}
	}
}

// relate finds the package of each module in the default of its option "package":
// that of services.nginx.package is pkgs.nginx.
func (b *builder) relate(options map[string]uint32) {
	for doc := range b.entries {
		e := &b.entries[doc]
		path, last := splitAttribute(e.Attribute)
		name, ok := strings.CutPrefix(e.Default, "pkgs.")
		if e.Kind == listing.Package || last != "package" || !ok || strings.ContainsAny(name, " (\"") {
			continue
		}
		e.Related = name
		if head, ok := options[moduleKey(e.Kind, path+".enable")]; ok && b.entries[head].Related == "" {
			b.entries[head].Related = name
		}
	}
}
