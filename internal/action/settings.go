package action

import (
	_ "embed"
	"strings"

	"luminousnix/internal/plainfile"
	"luminousnix/nix/syntax"
)

// settingsWords is the vocabulary of set-option: see the file.
//
//go:embed settings.txt
var settingsWords string

// optionsCalled are the options that a phrase may mean, best first. exclusive says that
// they are one thing under the names of several releases, so that the first that there
// is is meant; the others are each a thing of its own.
func optionsCalled(phrase string, onOff bool) (options []string, exclusive bool) {
	phrase = strings.ToLower(strings.Join(strings.Fields(phrase), " "))
	for words, meant := range plainfile.Lines(settingsWords, "=") {
		for word := range strings.SplitSeq(words, ",") {
			if strings.TrimSpace(word) == phrase {
				return strings.Fields(meant), true
			}
		}
	}
	if !onOff {
		return nil, false
	}
	for _, name := range []string{strings.ReplaceAll(phrase, " ", "-"), strings.ReplaceAll(phrase, " ", "")} {
		for _, parent := range []string{"services", "programs", "virtualisation", "hardware", "networking", "security"} {
			option := parent + "." + syntax.FormatPath([]string{name}) + ".enable"
			if len(options) == 0 || options[len(options)-1] != option {
				options = append(options, option)
			}
		}
		if !strings.Contains(phrase, " ") {
			break
		}
	}
	return options, false
}
