package cli

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
)

// mostCompleted is how many words the key Tab shows at once.
const mostCompleted = 40

// complete is what a word at the prompt may be completed to, from the words before it.
func (t *talk) complete(ctx context.Context, before []string, word string) []string {
	if len(before) > 0 && before[0] == "ask-nix" {
		before = before[1:]
	}
	if names := t.commandNames(before, word); len(names) > 0 {
		return names
	}
	kind := completes(before, word)
	switch kind {
	case "generation":
		return t.completeGeneration(ctx, word)
	case "entry":
		return t.completeEntry(word)
	}
	return t.completeName(ctx, kind, word)
}

// commandNames are the exact commands that begin so, the second words of a group, or what
// else a command takes only some words of.
func (t *talk) commandNames(before []string, word string) (names []string) {
	if len(before) == 0 {
		names = appendIf(names, "quit", word)
	}
	root := newRoot(t.fresh(), everything)
	cmd, args, err := root.Find(before)
	if err != nil || cmd == root && len(before) > 0 {
		return nil
	}
	for _, c := range cmd.Commands() {
		names = appendIf(names, c.Name(), word)
	}
	if cmd.ValidArgsFunction != nil {
		all, _ := cmd.ValidArgsFunction(cmd, args, word)
		for _, one := range all {
			names = appendIf(names, one, word)
		}
	}
	slices.Sort(names)
	return names
}

func appendIf(names []string, name, prefix string) []string {
	if strings.HasPrefix(name, prefix) {
		return append(names, name)
	}
	return names
}

// completes is the kind of thing that a word is probably the name of: "generation", "entry",
// "option", "package", or "" for either of the last.
func completes(before []string, word string) string {
	if len(before) == 0 {
		return operation.KindPackage
	}
	if last := before[len(before)-1]; strings.HasPrefix(last, "generation") || last == "--to" {
		return "generation"
	}
	for _, c := range commands() {
		if name, _, _ := strings.Cut(c.use, " "); name != before[0] {
			continue
		}
		spec, _ := operation.Lookup(c.name)
		switch {
		case spec.Takes("entry"):
			return "entry"
		case spec.Takes("option"):
			return operation.KindOption
		case c.name != operation.Rollback && (spec.Takes("generation") || spec.Takes("generations") || spec.Takes("from")):
			return "generation"
		case spec.Takes("packages") && c.name != operation.ShowPackage || spec.Takes("program"):
			return operation.KindPackage
		}
	}
	if strings.Contains(word, ".") {
		return ""
	}
	return operation.KindPackage
}

// completeGeneration finds the generations whose numbers begin so, newest first.
func (t *talk) completeGeneration(ctx context.Context, word string) (names []string) {
	numbers, err := t.app.engine.GenerationNumbers(ctx, operation.ProfileName(t.app.flags.profile))
	if err != nil {
		return nil // there is nothing to show it with
	}
	for _, n := range slices.Backward(numbers) {
		names = appendIf(names, strconv.Itoa(int(n)), word)
	}
	return names[:min(len(names), mostCompleted)]
}

// completeEntry finds the changes that can be taken back whose numbers begin so, newest
// first.
func (t *talk) completeEntry(word string) (names []string) {
	for _, entry := range t.app.engine.Undoable() {
		names = appendIf(names, string(entry), word)
	}
	return names[:min(len(names), mostCompleted)]
}

// completeName finds packages or options in the catalogue. Those of an attribute set are
// found when the dot is typed.
func (t *talk) completeName(ctx context.Context, kind, word string) (names []string) {
	if len(word) < 2 {
		return nil
	}
	s, err := t.app.engine.OpenSearcher(ctx, engine.Call{NoCache: t.app.flags.noCache})
	if err != nil {
		return nil
	}
	defer s.Close()
	found, err := s.Search(word, 4*mostCompleted)
	if err != nil {
		return nil
	}
	for _, e := range found.Results {
		if kind == "" || e.Kind == kind {
			names = appendIf(names, e.Attribute, word)
		}
	}
	names = names[:min(len(names), mostCompleted)] // the best
	slices.Sort(names)
	return slices.Compact(names)
}
