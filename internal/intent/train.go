package intent

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/intent/corpus"
	"luminousnix/internal/intent/learn"
	"luminousnix/internal/operation"
)

// eachFrame is how many requests are put into each frame.
const eachFrame = 14

// Train learns from sentences, but not from families that are held back, and from some
// of them with frames around them. It returns the file of package learn. Concepts are
// the lines of its concepts.txt.
func Train(sentences []corpus.Sentence, frames []corpus.Frame, concepts string) []byte {
	sentences = slices.DeleteFunc(slices.Clone(sentences), func(s corpus.Sentence) bool { return corpus.Held(s.Family) })
	sentences = append(sentences, corpus.Framed(frames, sentences, eachFrame, beginsRequest)...)
	var lessons []learn.Lesson
	for i := range sentences {
		lessons = append(lessons, lesson(&sentences[i], ""))
		behind := operation.Name("")
		for _, part := range parts(&sentences[i]) {
			lessons = append(lessons, lesson(&part, behind))
			behind = part.Want[0].Name
		}
	}
	lessons = append(lessons, joined(frames, sentences)...)
	return learn.Make(lessons, concepts, func(phrase string) []learn.Word { return learnWords(tokenise(phrase)) })
}

// WriteModel makes the model of the files in the folder of this package, and writes it
// there.
func WriteModel(dir string) error {
	var files [3]string
	for i, name := range []string{"corpus/en.tsv", "corpus/frames.tsv", "learn/concepts.txt"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		files[i] = string(text)
	}
	sentences, err := corpus.Parse(files[0])
	if err != nil {
		return err
	}
	frames, err := corpus.ParseFrames(files[1])
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "learn", "model.bin"), Train(sentences, frames, files[2]), 0o644)
}

// eachJoin is how many pairs of requests are put into each frame that joins two.
const eachJoin = 300

// joined are lessons about where two requests meet, and about nothing else.
func joined(frames []corpus.Frame, sentences []corpus.Sentence) (lessons []learn.Lesson) {
	for _, join := range corpus.Joined(frames, sentences, eachJoin, beginsRequest) {
		tokens := tokenise(join.Text)
		for _, c := range englishGrammar().sentence(join.Text, tokens, time.Time{}).cuts() {
			if tokens[c.after].start == join.Second {
				lessons = append(lessons, learn.Lesson{Words: learnWords(tokens), Joints: []learn.Joint{{Before: c.before, After: c.after, Two: true}}})
			}
		}
	}
	return lessons
}

// beginsRequest reports a sentence that begins as requests do.
func beginsRequest(text string) bool {
	tokens := tokenise(text)
	return len(tokens) > 1 && englishGrammar().sentence(text, tokens, time.Time{}).begins(0)
}

// lesson is a sentence to learn from, or a part of one behind a request.
func lesson(s *corpus.Sentence, behind operation.Name) learn.Lesson {
	tokens := tokenise(s.Text)
	read := englishGrammar().sentence(s.Text, tokens, time.Time{})
	read.behind, read.pronouns = behind, behind != ""
	l := learn.Lesson{Family: s.Family, Words: learnWords(tokens), Signs: read.signs(read.match()), Want: s.Want[0].Name, Also: s.Also}
	l.Joints = joints(read, s)
	if len(s.Want) > 1 {
		l.Want, l.Also = learn.Several, nil
		return l
	}
	if s.Want[0].Name != operation.None && s.Want[0].Validate() != nil {
		return l // its arguments are not told
	}
	l.Tags = make([]learn.Tag, len(tokens))
	for i := range tokens {
		l.Tags[i] = read.tagOf(i, s.Want[0].Arguments)
	}
	return l
}

// joints are the places where requests may meet in a sentence: they do where a further one
// begins, and nowhere in a sentence of one.
func joints(read *sentence, s *corpus.Sentence) (all []learn.Joint) {
	if len(s.Want) > 1 && s.Begins == nil {
		return nil
	}
	places := read.cuts()
	for _, c := range read.bare() {
		if len(s.Want) > 1 || read.begins(c.after) {
			places = append(places, c)
		}
	}
	for _, c := range places {
		two := slices.ContainsFunc(s.Begins, func(at int) bool { return read.meet(c, at) })
		all = append(all, learn.Joint{Before: c.before, After: c.after, Two: two})
	}
	return all
}

// meet reports that a request which begins at a byte of the sentence begins at a cut.
func (s *sentence) meet(c cut, at int) bool {
	return s.tokens[c.before-1].end <= at && at <= s.tokens[c.after].start
}

// parts are the requests of a sentence that asks for several things, each by itself, where it
// is told where they begin.
func parts(s *corpus.Sentence) []corpus.Sentence {
	if s.Begins == nil {
		return nil
	}
	read := englishGrammar().sentence(s.Text, tokenise(s.Text), time.Time{})
	cuts := append(read.cuts(), read.bare()...)
	start, reversed := read.opening(), read.word(0) == "before"
	var all []corpus.Sentence
	for i := range s.Want {
		end, next := len(read.tokens), len(read.tokens)
		if i < len(s.Begins) {
			at := slices.IndexFunc(cuts, func(c cut) bool { return read.meet(c, s.Begins[i]) })
			if at < 0 {
				return nil
			}
			c := cuts[at]
			end, next, reversed = c.before, c.after, reversed || c.reversed
		}
		if start < end {
			all = append(all, corpus.Sentence{Family: s.Family, Text: read.text(start, end), Want: s.Want[i : i+1]})
		}
		start = next
	}
	switch {
	case reversed && len(all) == 2 && len(s.Want) == 2:
		all[0].Want, all[1].Want = all[1].Want, all[0].Want
	case reversed:
		return nil // nobody can say which is which
	}
	return all
}

// tagOf finds out which argument a word was taken for.
func (s *sentence) tagOf(i int, a operation.Arguments) learn.Tag {
	t, name := &s.tokens[i], s.nameAt(i)
	is := func(text string) bool { return text != "" && strings.EqualFold(text, t.text) }
	switch {
	case t.text == "":
		return learn.Plain
	case is(a.Value):
		return learn.Value
	case is(string(a.Program)):
		return learn.Program
	case slices.ContainsFunc(a.Packages, func(p operation.PackageName) bool {
		return strings.EqualFold(string(p), withoutNixpkgs(t.text)) || strings.EqualFold(string(p), name)
	}):
		return learn.Package
	case slices.ContainsFunc(strings.Fields(string(a.Query)), is):
		return learn.Query
	}
	return learn.Plain
}
