package intent

import (
	"slices"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

// readChain reads commands of other tools that a shell would run one after the other: "sudo
// apt update && sudo apt upgrade -y". Each has to be one that a pattern explains wholly, and
// to begin with the name of such a tool; else nothing is read. Commands are English
// whatever else is spoken.
func readChain(text string, now time.Time) (Reading, bool) {
	if strings.ContainsAny(text, "?!") {
		return Reading{}, false // a question, or the opposite
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimSpace(strings.ReplaceAll(text, "&&", ";")), ";"), ";")
	if len(parts) > mostRequests {
		return Reading{}, false
	}
	chain := requests{possible: true}
	for _, part := range parts {
		next, ok := readCommand(strings.TrimSpace(part), now)
		if !ok {
			return Reading{}, false
		}
		if chain = join(chain, next, false); !chain.possible {
			return Reading{}, false
		}
	}
	chain.Operations = withoutRest(chain.Operations)
	return chain.Reading, len(chain.Operations) > 0
}

// readCommand reads a command of another tool.
func readCommand(text string, now time.Time) (requests, bool) {
	// What is listed, and then looked through, is looked for in one step.
	text = strings.ReplaceAll(text, "| grep ", "grep ")
	g := englishGrammar()
	tokens := g.tokenise(text)
	if operation.ShellConstruct(text) != "" || len(tokens) == 0 || len(tokens) > maxTokens {
		return requests{}, false
	}
	part := g.sentence(text, tokens, now)
	if !part.isCommand() {
		return requests{}, false
	}
	p := part.readOne()
	if p.err != nil || p.Confidence < explained || len(p.Operations) != 1 || slices.ContainsFunc(p.Operations[0].Arguments.Packages, turned) {
		return requests{}, false
	}
	reading, err := part.unframe(Reading{Operations: p.Operations, Confidence: p.Confidence, Explained: true}, 1)
	return requests{Reading: reading, possible: true, asked: 1}, err == nil
}

// turned reports a name with which apt means the opposite: "apt install vim-" removes it.
func turned(name operation.PackageName) bool {
	return strings.HasSuffix(string(name), "-") || strings.HasSuffix(string(name), "+") && !strings.HasSuffix(string(name), "++")
}

// isCommand reports a sentence that begins with the name of another tool.
func (s *sentence) isCommand() bool {
	for _, sp := range s.class(s.grammar.className("tool"), true) {
		if sp.start == 0 || sp.start == 1 && s.word(0) == "sudo" {
			return true
		}
	}
	return false
}

// withoutRest leaves out what an update does, too: a refresh of the catalogue before it, and
// a switch behind it.
func withoutRest(all []operation.Operation) (kept []operation.Operation) {
	is := func(i int, name operation.Name) bool { return i >= 0 && i < len(all) && all[i].Name == name }
	for i, op := range all {
		refresh := is(i, operation.UpdateCatalog) && is(i+1, operation.UpdateSystem)
		if !refresh && !(is(i, operation.SwitchSystem) && is(i-1, operation.UpdateSystem)) {
			kept = append(kept, op)
		}
	}
	return kept
}
