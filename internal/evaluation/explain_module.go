package evaluation

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/eval"
)

// moduleError is what the module system of NixOS says. Its sentences differ from
// release to release; what they have in common is the option between a backtick
// and a quote, and the files of its definitions either so in the sentence or as
// "- In `FILE': VALUE" one a line.
type moduleError struct {
	option string
	files  []string
	values []string // of the definitions; "" where it does not say
	text   string
}

// fromModules explains what the module system throws.
func fromModules(message string) (explained, bool) {
	if _, list, found := strings.Cut(message, "Failed assertions:"); found {
		return failedAssertions(list), true
	}
	m, ok := readModuleError(message)
	if !ok {
		return explained{}, false
	}
	return m.explain(), true
}

// moduleArgument explains that a module asks for an argument that nobody gives: an
// attribute is missing in what the module system evaluates for it.
func moduleArgument(e *eval.Error) (explained, bool) {
	const near = 4 // steps: further away it is not about the argument itself
	if e.Kind != eval.KindMissingAttribute {
		return explained{}, false
	}
	trail := e.Trail()
	for _, frame := range trail[:min(near, len(trail))] {
		words := backticked(frame.Text)
		if !frame.Custom || len(words) == 0 || words[0] != quoted(e.Message) || !strings.Contains(frame.Text, "module argument") {
			continue
		}
		_, file, _ := strings.Cut(frame.Text, "\"")
		file, _, _ = strings.Cut(file, "\"")
		return explained{
			file + ": no module is given an argument " + words[0],
			"Remove " + words[0] + " from the arguments at the top of the file, or define it by _module.args." + words[0] + " or specialArgs.",
		}, true
	}
	return explained{}, false
}

// failedAssertions shows what modules assert.
func failedAssertions(list string) explained {
	all := lines(strings.ReplaceAll(list, "\n- ", "\n"))
	if len(all) == 0 {
		all = []string{"a module does not say what"}
	}
	message := "the configuration contradicts itself: " + strings.TrimPrefix(all[0], "- ")
	if len(all) > 1 {
		message += fmt.Sprintf(" (and %d more below)", len(all)-1)
	}
	return explained{message, "Each of these conditions is checked by a module; change the options that it names."}
}

// readModuleError reads a message; ok is false when it is not about an option.
func readModuleError(message string) (m moduleError, ok bool) {
	sentence := oneLine(message)
	lower := strings.ToLower(sentence)
	if !strings.Contains(lower, "option") {
		return m, false
	}
	words := backticked(sentence)
	if len(words) == 0 {
		return m, false
	}
	m = moduleError{option: words[0], files: words[1:], text: message}
	if strings.Contains(lower, "of type") {
		m.files = slices.DeleteFunc(m.files, func(word string) bool { return !strings.HasPrefix(word, "/") })
	}
	m.definitions(message)
	return m, true
}

// definitions reads the list of definitions below the sentence.
func (m *moduleError) definitions(message string) {
	m.values = make([]string, len(m.files))
	for line := range strings.Lines(message) {
		item, found := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if !found {
			continue
		}
		file, value := strings.TrimSuffix(item, "."), ""
		if words := backticked(item); len(words) > 0 {
			file = words[0]
			if _, rest, found := strings.Cut(item, file); found {
				value = strings.TrimSpace(strings.TrimLeft(rest, "'`’:"))
			}
		}
		if !slices.Contains(m.files, file) && !strings.Contains(file, " ") || value != "" {
			m.files, m.values = append(m.files, file), append(m.values, value)
		}
	}
}

// set says where the option is set, and to what.
func (m *moduleError) set() string {
	var places []string
	for i, file := range m.files {
		text := file
		if at := findOption(file, m.option); at != "" {
			text = at
		}
		if m.values[i] != "" {
			text += " (" + shorten(m.values[i]) + ")"
		}
		places = append(places, text)
	}
	return strings.Join(places, " and ")
}

// UnknownOption tells of an error of the module system that there is no such
// option. It may be the beginning of the one that was written, as far as it is
// known.
func UnknownOption(err error) (option string, ok bool) {
	var native *eval.Error
	if !errors.As(err, &native) {
		return "", false
	}
	m, ok := readModuleError(native.Message)
	return m.option, ok && strings.Contains(m.text, notThere)
}

// notThere is what all releases say of an option that does not exist.
const notThere = "does not exist"

func (m *moduleError) explain() explained {
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(m.text, word) })
	}
	if says(notThere) {
		m.values = make([]string, len(m.files)) // it is not about them
	}
	option, in := m.option, m.set()
	prefix := ""
	if in != "" {
		prefix = in + ": "
	}
	switch {
	case says(notThere):
		return explained{prefix + "there is no option " + option, unknownOption(option, m.text)}
	case says("conflicting definition", "both null and not null"):
		return explained{
			"the option " + option + " is set to different values: " + in,
			"Keep one of them, or give the one that shall win lib.mkForce.",
		}
	case says("defined multiple times", "set only once", "expected to be unique"):
		return explained{
			"the option " + option + " can be set only once, and is set in " + in,
			"Keep one of them, or give the one that shall win lib.mkForce.",
		}
	case says("read-only"):
		return explained{"the option " + option + " is read-only, and is set in " + in, "Remove what sets it."}
	case says("used but not defined", "no value defined"):
		return explained{
			"the option " + option + " has no value, but is needed",
			"Set it in the configuration: " + option + " = …;",
		}
	case says("is not of type", "is not a ", "is not an ", "does not have a string value"):
		return explained{
			prefix + "the value of " + option + " is " + wrongType(m.text),
			"Give it a value of that type; the manual of NixOS and `ask-nix option " + option + "` say what it takes.",
		}
	case says("declared more than once", "is already declared"):
		return explained{"the option " + option + " is declared more than once: " + in, "Two modules declare it; remove one of them from imports."}
	}
	return explained{prefix + oneLine(m.text), "The option " + option + " is set or declared in a way that modules do not take."}
}

// wrongType is the end of the sentence that names the expected type.
func wrongType(text string) string {
	for _, words := range []string{"is not of type", "is not an ", "is not a ", "does not have"} {
		if _, rest, found := strings.Cut(text, words); found {
			rest, _, _ = strings.Cut(rest, "\n")
			rest, _, _ = strings.Cut(rest, " Definition values")
			return strings.TrimSpace(strings.TrimPrefix(words, "is ")) + " " + strings.Trim(strings.TrimSpace(rest), ".:")
		}
	}
	return "of another type"
}

// unknownOption is what to do about an option that does not exist: newer releases
// of NixOS name what is near.
func unknownOption(option, text string) string {
	if _, rest, found := strings.Cut(text, "Did you mean "); found {
		rest, _, _ = strings.Cut(rest, "?")
		return "Did you mean " + strings.NewReplacer("`", "", "'", "").Replace(rest) + "?"
	}
	return "The name is misspelled, or the option belongs to another release of NixOS, or its module is not imported; `ask-nix options " + last(option) + "` searches the options."
}

func last(option string) string { return option[strings.LastIndexByte(option, '.')+1:] }

// shorten cuts a value to what fits a line.
func shorten(value string) string {
	const most = 40
	if runes := []rune(value); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return value
}

// backticked are the texts between a backtick and a quote or another backtick.
func backticked(text string) []string {
	var words []string
	for {
		_, rest, found := strings.Cut(text, "`")
		if !found {
			return words
		}
		end := strings.IndexAny(rest, "'`")
		if end < 0 {
			return words
		}
		words = append(words, rest[:end])
		text = rest[end+1:]
	}
}
