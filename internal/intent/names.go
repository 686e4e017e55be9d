package intent

import (
	"slices"
	"strings"
)

// isName reports a token that may be the name of a package. Whether it is a good
// one the grammar of names decides; common words of the language are none.
func (s *sentence) isName(i int) bool {
	t := &s.tokens[i]
	if s.pronouns && t.plays(roleIt) {
		return true
	}
	if t.text == "" || t.kind != content && !t.quoted || t.number >= 0 {
		return false
	}
	return s.flags(t)&(isReserved|isFiller|isFunction|isDoubt) == 0 || t.quoted
}

// isServiceWord reports a word behind the name of a service that makes clear that it is
// one: "the lights" are none.
func (s *sentence) isServiceWord(i int) bool {
	return s.plays(i, roleService)
}

// bareArticle reports "a", "an" or "the": what follows is rather a thing than a
// package.
func (s *sentence) bareArticle(i int) bool {
	return s.plays(i, roleDefinite|roleIndefinite)
}

// isPackageList accepts names, with "and" and "plus" and articles between them.
func (s *sentence) isPackageList(p, q int) bool {
	names, linked := 0, true
	for i := p; i < q; i++ {
		t := &s.tokens[i]
		switch {
		case s.joins(i):
			linked = true
			if i == p || i == q-1 {
				return false
			}
		case s.flags(t)&isArticle != 0 && t.kind == filler && !t.quoted || t.plays(roleBoth):
			if i == q-1 {
				return false
			}
		case s.isName(i):
			if i > p && s.newRequest(i) || s.grammar.joined && !linked {
				return false
			}
			linked = t.after == ','
			names++
		case i == q-1 && names > 0 && s.isKindWord(i):
		default:
			return false
		}
	}
	return names > 0
}

// newRequest reports a verb behind "and" or a comma, or a new sentence: "install
// htop and remove vim" is no list of three packages.
func (s *sentence) newRequest(i int) bool {
	before := &s.tokens[i-1]
	switch {
	case before.after != 0 && before.after != ',':
		return true
	case before.after == 0 && !s.joins(i-1) || !s.begins(i):
		return false
	}
	return i+1 < len(s.tokens) && s.tokens[i].after == 0 && s.tokens[i+1].kind != filler && !s.joins(i+1) || s.exactly("alone", i, i+1)
}

// joins reports a word between two names of a list.
func (s *sentence) joins(i int) bool {
	return s.plays(i, roleAnd|rolePlus)
}

func (s *sentence) isKindWord(i int) bool {
	return s.flags(&s.tokens[i])&isKind != 0
}

// names are the names of a package list, in order and without repetition.
// described is true for what is rather a description, "a video editor", "my files".
func (s *sentence) names(p, q int) (names []string, described bool) {
	article := false
	for i := p; i < q; i++ {
		t := &s.tokens[i]
		switch {
		case s.joins(i) || t.plays(roleBoth):
			continue
		case s.flags(t)&isArticle != 0 && t.kind == filler && !t.quoted:
			article = true
			continue
		case len(names) > 0 && i == q-1 && s.isKindWord(i) && (article || t.plays(rolePackage)):
			if t.plays(rolePackage) || s.plays(p, roleDefinite) {
				article = false // the firefox browser, the git package
				continue
			}
		}
		if i > p && s.versionOf(i-1) {
			continue
		}
		name := s.nameAt(i)
		if s.pronouns && t.plays(roleIt) {
			name = "it" // whatever the language: see resolve
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, article
}

// withoutNixpkgs strips what other tools want before an attribute path.
func withoutNixpkgs(name string) string {
	for _, prefix := range []string{"nixpkgs#", "nixpkgs.", "nixos.", "pkgs."} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" {
			return rest
		}
	}
	return name
}

// nameAt is the name that a token is of a package, with the version behind it.
func (s *sentence) nameAt(i int) string {
	name := withoutGenitive(withoutNixpkgs(s.tokens[i].text))
	if s.versionOf(i) {
		return versioned(name, s.tokens[i+1].text)
	}
	return name
}

// versionOf reports a version behind the name of a package: no number that counts or measures.
func (s *sentence) versionOf(i int) bool {
	if i+1 >= len(s.tokens) || !comesInVersions(s.word(i)) || s.tokens[i].after != 0 || !versionNumber(s.tokens[i+1].text) || versionNumber(s.tokens[i].text) || s.tokens[i].kind != content {
		return false
	}
	next := s.word(i + 2)
	return !s.namesGeneration(i) && s.unitDays(i+2) == 0 && s.sizeAt(i+1) == 0 && !(len(next) > 3 && strings.HasSuffix(next, "s"))
}

// comesInVersions reports a package of which nixpkgs has several versions, by their names.
func comesInVersions(word string) bool {
	switch word {
	case "python", "php", "ruby", "lua", "gcc", "clang", "llvm", "jdk", "java", "openjdk", "temurin", "zulu", "node", "nodejs", "postgres", "postgresql", "mysql", "mariadb",
		"erlang", "elixir", "ghc", "dotnet", "electron", "linux", "qt", "gtk", "boost", "go", "zig", "perl", "julia", "scala", "tcl", "ocaml", "opencv", "cuda", "openssl", "r":
		return true
	}
	return false
}

// withoutGenitive makes vim of "vim's".
func withoutGenitive(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s")
}

// versioned is how nixpkgs calls a version of a package: "python 3.12" is python312.
func versioned(name, version string) string {
	return name + strings.ReplaceAll(strings.TrimPrefix(version, "v"), ".", "")
}

// versionNumber reports 3.11, 24.11, v2.
func versionNumber(s string) bool {
	s = strings.TrimPrefix(s, "v")
	return s != "" && strings.Trim(s, "0123456789.") == ""
}
