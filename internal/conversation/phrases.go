package conversation

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"luminousnix/internal/language"
	"luminousnix/internal/plainfile"
)

var (
	//go:embed words/en.txt
	englishWords string
	//go:embed words/de.txt
	germanWords string
)

// Both languages are read when the first reference is looked for, not when the program
// starts. German has words for what refers as a whole, and is added to English.
var (
	english = sync.OnceValue(func() phrases { return readPhrases(englishWords) })
	both    = sync.OnceValue(func() phrases { return readPhrases(englishWords + germanWords) })
)

// phrasesOf are those of the language of a conversation.
func phrasesOf(l language.Language) phrases {
	if l == language.English {
		return english()
	}
	return both()
}

// phrases are groups of words, by the name of the group.
type phrases map[string][]string

func readPhrases(text string) phrases {
	p := phrases{}
	for name, members := range plainfile.Lines(text, "=") {
		for member := range strings.SplitSeq(members, ",") {
			p[name] = append(p[name], strings.TrimSpace(member))
		}
	}
	return p
}

// is reports whether text is a member of a group.
func (p phrases) is(group, text string) bool { return slices.Contains(p[group], text) }

// whole are the groups of sentences that refer as a whole.
var whole = [...]string{"leave", "yes", "do", "no", "more", "again", "undo", "why", "how", "help"}

// meaning is the group that a whole sentence is of; "" for none.
func (p phrases) meaning(text string) string {
	for _, group := range whole {
		if p.is(group, text) {
			return group
		}
	}
	return ""
}

// prefix is how many words at the beginning are the longest member of a group.
func (p phrases) prefix(group string, tokens []token) int {
	longest := 0
	for _, member := range p[group] {
		n := strings.Count(member, " ") + 1
		if n > longest && n <= len(tokens) && plain(tokens[:n]) == member {
			longest = n
		}
	}
	return longest
}

// suffix is prefix for the end.
func (p phrases) suffix(group string, tokens []token) int {
	longest := 0
	for _, member := range p[group] {
		n := strings.Count(member, " ") + 1
		if n > longest && n <= len(tokens) && plain(tokens[len(tokens)-n:]) == member {
			longest = n
		}
	}
	return longest
}

// trim leaves out the words around a request that say nothing.
func (p phrases) trim(tokens []token) []token {
	for {
		n := p.prefix("before", tokens)
		if n == 0 || n == len(tokens) || p.meaning(plain(tokens)) != "" {
			break
		}
		tokens = tokens[n:]
	}
	for {
		n := p.suffix("after", tokens)
		if n == 0 || n == len(tokens) || p.meaning(plain(tokens)) != "" {
			return tokens
		}
		tokens = tokens[:len(tokens)-n]
	}
}

// places are the names of the groups for first, second and so on.
var places = [...]string{"first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}

// place is which one "second" is; 0 for other words.
func (p phrases) place(word string) int {
	for i, name := range places {
		if p.is(name, word) {
			return i + 1
		}
	}
	return 0
}

// number is the number that a word is, in digits or in letters; 0 for other words.
func (p phrases) number(word string) int {
	if n, err := strconv.Atoi(strings.TrimPrefix(word, "#")); err == nil && n > 0 {
		return n
	}
	for n := 1; n <= 10; n++ {
		if p.is(strconv.Itoa(n), word) {
			return n
		}
	}
	return 0
}
