package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// maxWord is the number of bytes after which a word is cut: nobody types more,
// and it bounds keys and edit distances.
const maxWord = 40

// eachWord calls yield with each word of s in lower case: a run of letters and
// digits. "e-mail" is one word, "C++" is "cpp" and "C#" is "csharp". proper is
// set for a word with a capital letter that isn't the first one: names are
// written so. The slice is valid until the next call.
func eachWord(s string, yield func(word []byte, proper bool)) {
	var buf [maxWord + utf8.UTFMax]byte
	first := true
	for i := 0; i < len(s); {
		word := buf[:0]
		proper := false
		for i < len(s) {
			c := s[i]
			switch {
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
				i++
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
				proper = !first
				i++
			case c == '\'' && len(word) > 0 && strings.HasPrefix(s[i:], "'s"):
				i += 2 // possessive
				continue
			case c == '-' && len(word) == 1 && word[0] == 'e' && hasPrefixFold(s[i:], "-mail"):
				i++
				continue
			case c < utf8.RuneSelf:
				goto end
			default:
				r, size := utf8.DecodeRuneInString(s[i:])
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
					goto end
				}
				i += size
				if len(word) < maxWord {
					word = utf8.AppendRune(word, unicode.ToLower(r))
				}
				continue
			}
			if len(word) < maxWord {
				word = append(word, c)
			}
		}
	end:
		if len(word) == 0 {
			_, size := utf8.DecodeRuneInString(s[i:])
			i += size
			continue
		}
		if string(word) == "c" {
			switch {
			case strings.HasPrefix(s[i:], "++"):
				word = append(word, "pp"...)
			case strings.HasPrefix(s[i:], "#"):
				word = append(word, "sharp"...)
			}
		}
		yield(word, proper)
		first = false
	}
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// joined returns the letters and digits of s in lower case, without anything
// between them: "home-assistant" and "Home Assistant" are both
// "homeassistant". It is the key under which whole names are found.
func joined(s string) string {
	var buf [maxWord]byte
	return string(appendJoined(buf[:0], s))
}

func appendJoined(dst []byte, s string) []byte {
	eachWord(s, func(word []byte, _ bool) {
		dst = append(dst, word[:min(len(word), maxWord-min(len(dst), maxWord))]...)
	})
	return dst
}

// eachNamePart calls yield with the parts of a package name in lower case. A
// name is parted at punctuation and where a lower-case letter meets an
// upper-case one; a part that ends in digits is also given without them:
// "nginxMainline" has nginx and mainline, "python313" has python313 and python.
func eachNamePart(name string, yield func(part []byte)) {
	start := 0
	flush := func(end int) {
		eachWord(name[start:end], func(word []byte, _ bool) {
			yield(word)
			if bare := withoutDigits(word); len(bare) > 1 && len(bare) < len(word) {
				yield(bare)
			}
		})
		start = end
	}
	for i := 1; i < len(name); i++ {
		if 'A' <= name[i] && name[i] <= 'Z' && 'a' <= name[i-1] && name[i-1] <= 'z' {
			flush(i)
		}
	}
	flush(len(name))
}

func withoutDigits(word []byte) []byte {
	for len(word) > 0 && '0' <= word[len(word)-1] && word[len(word)-1] <= '9' {
		word = word[:len(word)-1]
	}
	return word
}

// stem reduces an English word to its stem: "editors" and "editor" are one
// word in descriptions.
func stem(word string) string {
	if len(word) < 4 {
		return word
	}
	return english.Stem(word, false)
}

// A wordClass tells how much a word says about what is looked for.
type wordClass uint8

const (
	content wordClass = iota
	weak              // tells little: "tool", "program"
	noise             // tells nothing: "the", "find"
)

// classify knows the words that say little in questions about software. A name
// made of such words is found all the same, as a whole.
func classify(word string) wordClass {
	switch word {
	case "a", "an", "and", "any", "are", "as", "at", "available", "be", "best", "by", "can", "could",
		"do", "does", "find", "for", "from", "get", "give", "good", "has", "have", "help", "how", "i", "in", "install",
		"into", "is", "it", "its", "kind", "like", "list", "looking", "me", "my", "need", "of", "on", "or",
		"our", "out", "please", "recommend", "run", "s", "search", "show", "some", "something", "that", "the", "there",
		"these", "this", "to", "use", "using", "want", "we", "what", "whether", "which", "with", "would", "you", "your":
		return noise
	case "all", "another", "app", "application", "applications", "apps", "based", "computer", "every", "keep", "linux", "look",
		"make", "nixos", "own", "way", "when", "where", "while", "whole", "free", "new", "nice", "open", "package",
		"packages", "program", "programs", "simple", "software", "source", "support", "thing", "things", "tool", "tools",
		"utilities", "utility", "very", "written":
		return weak
	}
	return content
}

// homeWord is the name of whoever a homepage belongs to: "mozilla" of
// https://www.mozilla.org/firefox. That of a forge or an index of packages, where
// everybody is, says nothing.
func homeWord(homepage string) string {
	_, rest, ok := strings.Cut(homepage, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/:?#"); i >= 0 {
		rest = rest[:i]
	}
	labels := strings.Split(strings.ToLower(rest), ".")
	if len(labels) < 2 {
		return ""
	}
	word := labels[len(labels)-2]
	switch word {
	case "github", "gitlab", "githubusercontent", "sourceforge", "pypi", "npmjs", "crates", "haskell", "r-project", "ctan",
		"bitbucket", "codeberg", "sr", "google", "readthedocs", "co", "com", "org", "metacpan", "rubygems", "melpa":
		return ""
	}
	return joined(word)
}

// cleanText makes text safe for a terminal: control characters and those that
// reorder or hide text become spaces, runs of white space one space.
func cleanText(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == 0x7f ||
			c == ' ' && (i == 0 || i == len(s)-1 || s[i+1] == ' ') {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d'
	}), " ")
}
