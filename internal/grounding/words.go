package grounding

import (
	"strings"

	"luminousnix/internal/operation"
)

// longestName is how many words a name of a package may be said in.
const longestName = 4

// plainly is a sentence in lower case with one space between words, and at both ends.
func plainly(sentence string) string {
	return " " + strings.Join(strings.Fields(strings.ToLower(sentence)), " ") + " "
}

// together reports whether words stand side by side in the sentence, with nothing between
// them.
func (c *check) together(words []operation.PackageName) bool {
	phrase := strings.ToLower(phraseOf(words))
	for rest := c.sentence; ; {
		before, after, found := strings.Cut(rest, phrase)
		switch {
		case !found:
			return false
		case strings.HasSuffix(before, " ") || strings.HasSuffix(before, `"`) || strings.HasSuffix(before, "'"):
			if strings.IndexFunc(after[:1], func(r rune) bool { return strings.ContainsRune(` ,.;:!?"'`, r) }) == 0 {
				return true
			}
		}
		rest = after
	}
}

func phraseOf(words []operation.PackageName) string {
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(word))
	}
	return b.String()
}

// joined are the letters and digits of a name in lower case, as two ways to write one name
// have them in common.
func joined(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// part is a name in a list of packages: one word of the list, or several.
type part struct {
	words []operation.PackageName // as they were said
	name  operation.PackageName   // what they are; "" where there is nothing of the name
}

// parts finds the names in a list of words, the longest first: find says what words are
// called together, or one by itself.
func (c *check) parts(words []operation.PackageName, find func([]operation.PackageName) operation.PackageName) (all []part) {
	for i := 0; i < len(words); {
		found := part{words: words[i : i+1]}
		for n := min(longestName, len(words)-i); n > 1; n-- {
			if name := c.findTogether(words[i:i+n], find); name != "" {
				found = part{words[i : i+n], name}
				break
			}
		}
		if found.name == "" {
			found.name = find(found.words)
		}
		all = append(all, found)
		i += len(found.words)
	}
	return all
}

func (c *check) findTogether(words []operation.PackageName, find func([]operation.PackageName) operation.PackageName) operation.PackageName {
	if !c.together(words) {
		return ""
	}
	return find(words)
}

// namesOf are the names of the parts that have one, each once.
func namesOf(parts []part) (names []operation.PackageName) {
	seen := map[operation.PackageName]bool{}
	for _, p := range parts {
		if p.name != "" && !seen[p.name] {
			seen[p.name] = true
			names = append(names, p.name)
		}
	}
	return names
}

// packageName is an attribute as the name of a package; "" for one that is none in our
// grammar.
func packageName(attribute string) operation.PackageName {
	name, err := operation.ParsePackageName(attribute)
	if err != nil {
		return ""
	}
	return name
}
