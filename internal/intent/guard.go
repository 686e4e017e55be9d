package intent

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"luminousnix/internal/operation"
)

// maxSentence is the most bytes that are looked at.
const maxSentence = 10_000

// checkText refuses what no sentence may contain, whatever it means: control
// and invisible characters, text that is not UTF-8, words that mix alphabets so
// as to look like others, and floods.
func checkText(sentence string) *operation.Error {
	if len(sentence) >= maxSentence {
		return refused("the sentence is longer than 10,000 characters", "Say it in one or two lines.")
	}
	if !utf8.ValidString(sentence) {
		return refused("the sentence is not valid UTF-8 text", "Type it with the letters of the keyboard.")
	}
	ascii, foreign := false, rune(0)
	for _, r := range sentence {
		switch {
		case r == '\n' || r == '\r':
			return refused("the sentence has a line break in it", "Say one thing on one line.")
		case !unicode.IsPrint(r):
			return refused("the sentence has an invisible character in it ("+codePoint(r)+")", "Type the words instead of pasting them.")
		case r == ' ':
			ascii, foreign = false, 0
			continue
		case r < utf8.RuneSelf:
			ascii = ascii || r|0x20 >= 'a' && r|0x20 <= 'z'
		case looksLikeLatin(r):
			foreign = r
		}
		if ascii && foreign != 0 {
			return refused("a word mixes letters of two alphabets ("+codePoint(foreign)+" looks like another letter)", "Type the word instead of pasting it.")
		}
	}
	return nil
}

// looksLikeLatin reports letters and marks of other alphabets, which beside
// Latin letters can only deceive.
func looksLikeLatin(r rune) bool {
	const endOfLatin = 0x24F // of Latin Extended-B
	return r > endOfLatin && (unicode.IsLetter(r) || unicode.IsMark(r) && r != '\uFE0F')
}

func codePoint(r rune) string {
	const digits = "0123456789ABCDEF"
	code := []byte("U+")
	shift := 12
	if r > 0xFFFF {
		shift = 16
	}
	for ; shift >= 0; shift -= 4 {
		code = append(code, digits[r>>shift&0xF])
	}
	return string(code)
}

func refused(what, instead string) *operation.Error {
	return operation.Errorf(operation.CodeRefused, "%s; nothing was done", what).WithHint(instead)
}

// pastedError reports text that is the output of a failed command rather than a
// request.
func pastedError(sentence string) bool {
	text := strings.ToLower(sentence)
	for _, sign := range []string{"error: ", "error (", "warning: "} {
		if strings.HasPrefix(text, sign) {
			return true
		}
	}
	for _, sign := range []string{" error: ", "\nerror: "} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return text == "error:"
}

// oneLine joins the lines of a pasted error, whose line breaks and tabs are
// layout; everything else that does not print stays and is refused.
func oneLine(text string) string {
	if !strings.ContainsAny(text, "\n\r\t") {
		return text
	}
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return r == '\n' || r == '\r' || r == '\t'
	}), " ")
}

// insteadOf proposes what to type for a sentence that was refused at byte at:
// the request before it, if there is one.
func (g *grammar) insteadOf(s *sentence, at int) string {
	end := 0
	for end < len(s.tokens) && s.tokens[end].end <= at {
		end++
	}
	if end > 0 {
		part := s.part(0, end)
		if op, ok := part.request(); ok {
			return "To do only the first part, type: " + command(op)
		}
	}
	return "Write package names with letters, digits and - _ + . only, for example: ask-nix install firefox"
}
