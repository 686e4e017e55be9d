package cli

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// A refusal says which part was refused, why, and what to type instead: something that
// ask-nix takes.

// errSentence is what an exact command returns when its words are not of its exact form:
// the whole line is a sentence then.
type errSentence struct {
	command command
	words   []string
	why     error // of parse; nil where there is no command
}

func (errSentence) Error() string { return "not an exact command" }

// instead is the error that says why the words are not of the command's form, where they
// are no good sentence either; else nil. What the sentence was refused for stays refused.
func (e errSentence) instead(reading intent.Reading, err error) error {
	if e.why == nil || errors.Is(e.why, errWords) {
		return nil
	}
	wrong := *operation.AsError(e.why)
	if err == nil {
		const plainly = 0.8 // so that it was hardly meant as the command
		op := reading.Operations[0]
		other := op.Name != e.command.name
		switch {
		case other && reading.Confidence >= plainly && wrong.Code != operation.CodeRefused:
			return nil
		case !other && reading.Explained && !reflect.ValueOf(op.Arguments).IsZero():
			return nil
		case !other && e.command.called() == e.command.use && reading.Confidence >= plainly:
			return nil // what takes no words is asked for in more words than it needs
		}
	} else if failure := operation.AsError(err); failure.Code == operation.CodeRefused {
		wrong.Code = operation.CodeRefused
	} else if failure.Code != operation.CodeNotUnderstood && !guessed(failure) {
		return nil
	}
	return e.teach(&wrong)
}

// teach is the error of the words, with the command before it.
func (e errSentence) teach(wrong *operation.Error) error {
	told := *wrong
	told.Message = e.command.called() + ": " + told.Message
	return e.command.teach(e.words, &told)
}

// guessed reports choices that are no two ways to take the words themselves.
func guessed(failure *operation.Error) bool {
	return failure.Code == operation.CodeAmbiguous && (len(failure.Alternatives) != 2 || failure.Alternatives[0].Name != failure.Alternatives[1].Name)
}

// noWords is the error of a command that takes no words and was given some.
func (c command) noWords(words []string) error {
	_, err := none(words, nil)
	return errSentence{c, words, err}
}

// called is the command as it is typed, without what it takes.
func (c command) called() string {
	words := strings.Fields(c.use)
	end := 0
	for end < len(words) && strings.ToLower(words[end]) == words[end] && !strings.HasPrefix(words[end], "[") {
		end++
	}
	return strings.Join(words[:end], " ")
}

// teach has an error of the command's words name the word that it is about, and say what
// to type instead: the words as far as they are good, or else an example.
func (c command) teach(words []string, err error) error {
	var typed *operation.Error
	if !errors.As(err, &typed) || typed.Code != operation.CodeRefused && typed.Code != operation.CodeUsage {
		return err // among others an errSentence
	}
	told := *typed
	if c.name != "" {
		told.Message = strings.ReplaceAll(told.Message, string(c.name), c.called()) // which is what was typed
	}
	if c.takesNames() {
		if culprit := firstBad(words); culprit != nil {
			told.Message, told.Code = culprit.Message, culprit.Code
			told.Hint = ""
		}
	}
	if !strings.Contains(told.Hint, "or example: ask-nix ") {
		told.Hint = strings.TrimSpace(told.Hint + " " + c.better(words))
	}
	return &told
}

// takesNames reports a command that takes names of packages among free words.
func (c command) takesNames() bool {
	switch c.name {
	case operation.InstallPackages, operation.RemovePackages, operation.TryPackages, operation.ShowPackage:
		return true
	}
	return false
}

// firstBad is the error of the first word that cannot be a name, whatever is said.
func firstBad(words []string) *operation.Error {
	for _, word := range words {
		for _, part := range strings.Split(word, " ") {
			part = strings.TrimLeft(strings.TrimRight(part, `,.!?:"'`), `"'`)
			if part == "" {
				part = word
			}
			if _, err := operation.ParsePackageName(part); err != nil && word != "" {
				return operation.AsError(err)
			}
		}
	}
	return nil
}

// better is what to type instead of words: the same with what is good of them, if the
// command takes that, or the command's example.
func (c command) better(words []string) string {
	var good []string
	for _, word := range words {
		part := goodPart(word)
		if part != "" {
			good = append(good, part)
		}
		if part != word {
			break
		}
	}
	if len(good) > 0 && c.name != "" {
		op, err := c.operation(time.Now(), good, &locals{})
		if err == nil && op.Name == c.name {
			return "Type: ask-nix " + c.called() + " " + strings.Join(good, " ")
		}
	}
	spec, _ := operation.Lookup(c.name)
	return "For example: ask-nix " + cmp.Or(spec.Example, c.called())
}

// goodPart is the beginning of a word that may be part of a name, without what is
// invisible; "" where that is too little to be meant.
func goodPart(word string) string {
	const least = 2
	visible := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' {
			return r
		}
		return -1
	}, word)
	end := strings.IndexFunc(visible, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.+", r)
	})
	if end < 0 {
		end = len(visible)
	}
	good := strings.TrimRight(visible[:end], ".")
	if len(good) < least && visible != good || good == "" || strings.ContainsRune("-+.", rune(good[0])) {
		return ""
	}
	return good
}

// flagError says what is wrong with a flag, and how it is written.
func flagError(cmd *cobra.Command, err error) error {
	wrong := operation.Errorf(operation.CodeUsage, "%s", clean(err.Error()))
	var value *pflag.InvalidValueError
	if !errors.As(err, &value) {
		return wrong.WithHint("`" + cmd.CommandPath() + " --help` lists the flags; a sentence with dashes in it has to be in quotes.")
	}
	flag := value.GetFlag()
	what, good := "a whole number", "2"
	switch flag.Value.Type() {
	case "bool":
		what, good = "true or false", "true"
	case "duration":
		what, good = "a time", "60s"
	}
	wrong.Message = fmt.Sprintf("%s cannot be the value of --%s: that is %s", operation.Quote(value.GetValue()), flag.Name, what)
	example := strings.TrimSpace(cmd.Example)
	if example == "" {
		example = cmd.CommandPath()
	}
	return wrong.WithHint("For example: " + example + " --" + flag.Name + "=" + good)
}
