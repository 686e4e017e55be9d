package picker

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// longestQuery is how many bytes can be typed. The catalogue looks at no more.
const longestQuery = 400

// A prompt is a line that is being typed: what is on either side of the cursor.
// That of bubbles would start programs to paste, and blinks.
type prompt struct{ before, after string }

func (p prompt) text() string { return p.before + p.after }

// insert types a text, as if by hand.
func (p prompt) insert(text string) prompt {
	before := clean(p.before + text)
	if len(before)+len(p.after) > longestQuery {
		return p
	}
	return prompt{before, p.after}
}

// edit returns the prompt after a key, and whether it is a key for editing. They are
// those of the shell, but for Ctrl-P and Ctrl-N.
func (p prompt) edit(key tea.KeyPressMsg) (prompt, bool) {
	if key.Text != "" {
		return p.insert(key.Text), true
	}
	switch key.String() {
	case "left", "ctrl+b":
		return p.moved(lastCharacter(p.before)), true
	case "right", "ctrl+f":
		return prompt{p.before + firstCharacter(p.after), p.after[len(firstCharacter(p.after)):]}, true
	case "ctrl+left", "alt+left", "alt+b":
		return p.moved(lastWord(p.before)), true
	case "ctrl+right", "alt+right", "alt+f":
		n := firstWord(p.after)
		return prompt{p.before + p.after[:n], p.after[n:]}, true
	case "home", "ctrl+a":
		return p.moved(0), true
	case "end", "ctrl+e":
		return prompt{p.text(), ""}, true
	case "backspace", "ctrl+h", "shift+backspace":
		return prompt{p.before[:lastCharacter(p.before)], p.after}, true
	case "delete", "ctrl+d":
		return prompt{p.before, p.after[len(firstCharacter(p.after)):]}, true
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		return prompt{p.before[:lastWord(p.before)], p.after}, true
	case "alt+d", "ctrl+delete":
		return prompt{p.before, p.after[firstWord(p.after):]}, true
	case "ctrl+u":
		return prompt{"", p.after}, true
	case "ctrl+k":
		return prompt{p.before, ""}, true
	}
	return p, false
}

// moved puts the cursor on a byte before it.
func (p prompt) moved(to int) prompt {
	return prompt{p.before[:to], p.before[to:] + p.after}
}

// shown returns what is visible of the prompt in a number of columns, and the column
// of the cursor. A long text moves to the left, so that the cursor is always in.
func (p prompt) shown(width int) (text string, cursor int) {
	if width <= 0 {
		return "", 0
	}
	before := cutLeft(p.before, width-1)
	return cut(clean(before+p.after), width), ansi.StringWidth(before)
}

func firstCharacter(text string) string {
	cluster, _ := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
	return cluster
}

// lastCharacter is where the last character of text begins.
func lastCharacter(text string) int {
	at := 0
	for at < len(text) {
		n := len(firstCharacter(text[at:]))
		if at+n == len(text) {
			break
		}
		at += n
	}
	return at
}

// lastWord is where the last word of text begins, and firstWord where its first one
// ends.
func lastWord(text string) int {
	return strings.LastIndexByte(strings.TrimRight(text, " "), ' ') + 1
}

func firstWord(text string) int {
	spaces := len(text) - len(strings.TrimLeft(text, " "))
	if n := strings.IndexByte(text[spaces:], ' '); n >= 0 {
		return spaces + n
	}
	return len(text)
}
