package operation

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// PackageName is a package as a person or a script writes it: a name or an
// attribute path such as firefox, gtk+3 or python3Packages.numpy. ASCII letters,
// digits and -_+. only, starting with a letter, a digit or an underscore.
type PackageName string

// ProfileName names a profile the way nixos-rebuild's --profile-name does. Two
// names are special: "system" is the machine's own profile and "user" the
// profile of the person asking.
type ProfileName string

// The profile names with a meaning of their own.
const (
	SystemProfile ProfileName = "system"
	UserProfile   ProfileName = "user"
)

// GenerationNumber counts the generations of a profile, from 1.
type GenerationNumber int

const maxGeneration = 1<<31 - 1

// OptionPath is the dotted path of a NixOS option; parts may be quoted as in
// the Nix language.
type OptionPath string

// Query is free text to search for: printable, at most 10,000 bytes, and free
// of the constructs with which a shell starts programs, so that a request that
// was meant for a shell is noticed rather than searched for.
type Query string

// Date is a day in local time, written YYYY-MM-DD.
type Date string

// Scope says for whom something is installed or listed.
type Scope string

// The scopes.
const (
	ScopeSystem    Scope = "system"    // for everyone, in the system configuration
	ScopeUser      Scope = "user"      // for the person asking, in their profile
	ScopeTemporary Scope = "temporary" // for one shell
)

const (
	maxName = 128
	maxText = 10_000
)

// ParsePackageName reads a package name. The error, an [*Error] with code
// refused, says which character is wrong.
func ParsePackageName(s string) (PackageName, error) { return ParseName("package name", s) }

// ParseName reads the name of something else that is written like a package, such as a
// program; what says in the error what it is.
func ParseName(what, s string) (PackageName, error) {
	if err := checkName(what, s, isPackageByte); err != nil {
		return "", err
	}
	if strings.Contains(s, "..") || strings.HasSuffix(s, ".") {
		return "", refuse(what, s, "there has to be a name between two dots and behind the last")
	}
	return PackageName(s), nil
}

// ParseProfileName reads the name of a profile: letters, digits, - and _.
func ParseProfileName(s string) (ProfileName, error) {
	if err := checkName("profile name", s, isProfileByte); err != nil {
		return "", err
	}
	return ProfileName(s), nil
}

// ParseGenerationNumber reads a generation number: a whole number from 1.
func ParseGenerationNumber(s string) (GenerationNumber, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n == 0 {
		return 0, Errorf(CodeUsage, "%s is not a generation number", Quote(s)).
			WithHint("Generations are numbered from 1; `ask-nix generations` lists them.")
	}
	return GenerationNumber(n), nil
}

// ParseOptionPath reads a dotted option path; parts may be in double quotes.
func ParseOptionPath(s string) (OptionPath, error) {
	if len(s) > 2*maxName {
		return "", refuse("option", s, "it is too long")
	}
	quoted, start := false, true
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			quoted = !quoted
			start = false
		case quoted && c >= ' ' && c < 0x7f && c != '\\' && c != '$':
		case c == '.' && !start:
			start = true
		case isPackageByte(c) && c != '.' && c != '+' || c == '<' || c == '>' || c == '*' || c == '\'':
			start = false
		default:
			r, _ := utf8.DecodeRuneInString(s[i:])
			return "", refuse("option", s, "it may not contain "+describe(r))
		}
	}
	if quoted || start {
		return "", refuse("option", s, "it is not complete: it has two dots together, one at an end, or a quote that is not closed")
	}
	return OptionPath(s), nil
}

// ParseQuery reads free text to search for; see [Query].
func ParseQuery(s string) (Query, error) {
	if err := checkPrintable(s); err != nil {
		return "", err
	}
	if construct := ShellConstruct(s); construct != "" {
		return "", refuse("search", s, fmt.Sprintf("%s means something to a shell, and ask-nix runs none", construct))
	}
	return Query(s), nil
}

// ParseDate reads a day written YYYY-MM-DD.
func ParseDate(s string) (Date, error) {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", Errorf(CodeUsage, "%s is not a day", Quote(s)).WithHint("Write it as 2025-01-31.")
	}
	return Date(s), nil
}

// ParseScope reads system, user or temporary.
func ParseScope(s string) (Scope, error) {
	switch scope := Scope(s); scope {
	case ScopeSystem, ScopeUser, ScopeTemporary:
		return scope, nil
	}
	return "", Errorf(CodeUsage, "%s is not system, user or temporary", Quote(s))
}

// ShellConstruct returns the first construct in s with which a shell would run,
// join or redirect programs, or leave the folder; "" when there is none. It
// never decides whether a name is good (the grammars do) but explains why a
// text looks like it was meant for a shell.
func ShellConstruct(s string) string {
	for i := range s {
		rest := s[i:]
		for _, construct := range []string{"$(", "${", "&&", "||", "../", "`", "|", ";", ">", "<", "\n"} {
			if strings.HasPrefix(rest, construct) {
				return strings.Replace(strconv.Quote(construct), `"\n"`, "a line break", 1)
			}
		}
	}
	return ""
}

func isPackageByte(c byte) bool {
	return isProfileByte(c) || c == '.' || c == '+'
}

func isProfileByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func checkName(what, s string, ok func(byte) bool) error {
	switch {
	case s == "":
		return Errorf(CodeUsage, "the %s is empty", what)
	case len(s) > maxName:
		return refuse(what, s, fmt.Sprintf("it is longer than %d characters", maxName))
	}
	for i, r := range s {
		if r >= utf8.RuneSelf || !ok(byte(r)) {
			return refuse(what, s, "it may not contain "+describe(r))
		}
		if i == 0 && (r == '-' || r == '+' || r == '.') {
			return refuse(what, s, "it may not begin with "+describe(r))
		}
	}
	return nil
}

// checkPrintable refuses text that could deceive a reader or a terminal:
// control characters, invalid UTF-8, invisible and direction-changing marks.
func checkPrintable(s string) error {
	if len(s) > maxText {
		return refuse("text", s, fmt.Sprintf("it is longer than %d bytes", maxText))
	}
	if !utf8.ValidString(s) {
		return refuse("text", s, "it is not valid UTF-8")
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return refuse("text", s, "it may not contain "+describe(r))
		}
	}
	return nil
}

func refuse(what, s, why string) *Error {
	article := "a"
	if strings.ContainsAny(what[:1], "aeiou") {
		article = "an"
	}
	return Errorf(CodeRefused, "%s cannot be used as %s %s: %s", Quote(s), article, what, why)
}

// Quote makes any text safe to show: in quotation marks, escaped, and shortened when long.
func Quote(s string) string {
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return strconv.Quote(s)
}

func describe(r rune) string {
	switch {
	case r == ' ':
		return "a space"
	case r == utf8.RuneError:
		return "bytes that are not UTF-8"
	case r == '\n':
		return "a line break"
	case r < utf8.RuneSelf && unicode.IsPrint(r):
		return strconv.Quote(string(r))
	case unicode.IsPrint(r):
		return fmt.Sprintf("%q, which is %U and none of the letters a to z", string(r), r)
	}
	return fmt.Sprintf("the invisible character %U", r)
}

// ShownURL is an address without the name and password that may be in it, for all that is
// said or written down.
func ShownURL(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, path, _ := strings.Cut(rest, "/")
	at := strings.LastIndexByte(host, '@')
	if at < 0 {
		return address
	}
	return scheme + "://" + strings.TrimSuffix(host[at+1:]+"/"+path, "/")
}
