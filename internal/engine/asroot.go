package engine

import (
	"strings"

	"luminousnix/internal/action"
	"luminousnix/internal/elevation"
)

// asRoot says how root does what this person may not do: the command that was typed, to be
// typed again.
func (e *Engine) asRoot() string {
	if len(e.words) == 0 {
		return action.AsRoot
	}
	var words []string
	for _, word := range e.words {
		words = append(words, quoted(word))
	}
	command := strings.Join(words, " ")
	choice := e.settings.Elevation
	if choice == elevation.Never {
		choice = elevation.Auto // it is only what we never start
	}
	if name := elevation.Name(choice, e.getenv("PATH")); name != "" {
		return "`" + name + " " + command + "` does it as root."
	}
	return "`" + command + "` does it for root; there is no sudo, doas or run0 here to become root by."
}

// quoted is a word as a shell reads it.
func quoted(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%^"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
