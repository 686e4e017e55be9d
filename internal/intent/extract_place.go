package intent

import (
	"slices"
	"strings"

	"luminousnix/internal/operation"
)

// channelArgument finds a release or channel; of two the one that is moved to.
func (e *extraction) channelArgument() string {
	found := ""
	for i := range e.tokens {
		channel := e.channel(i, i+1)
		if channel == "" || e.word(i-1) == "from" || e.spec.Name == operation.Rollback && e.leftBehind(i) {
			continue
		}
		if found == "" || e.movedTo(i) {
			found = channel
		}
	}
	if e.spec.Name == operation.Rollback {
		found = strings.TrimPrefix(found, "nixos-") // a version, not a channel
	}
	return found
}

// movedTo reports a release that one goes to: "onto 25.05", "24.11 please".
func (e *extraction) movedTo(i int) bool {
	switch e.word(i - 1) {
	case "to", "on", "onto", "want":
		return true
	}
	switch e.word(i + 1) {
	case "please", "again", "back":
		return true
	}
	return false
}

// leftBehind reports a release that one goes back from: "since 25.05", "after the upgrade to 25.05".
func (e *extraction) leftBehind(i int) bool {
	if happened(e.word(i+1)) || e.word(i-1) == "is" || e.word(i+1) == "broke" || e.word(i+1) == "sucks" {
		return true
	}
	for k := i - 1; k >= max(0, i-4); k-- {
		switch e.word(k) {
		case "back", "return", "roll", "rollback", "downgrade", "revert":
			return false
		case "since", "after", "upgrading", "updating", "jump", "moving", "switching":
			return true
		}
		if happened(e.word(k)) {
			return true
		}
	}
	return false
}

func (e *extraction) scopeArgument() operation.Scope {
	for _, class := range []string{"scopesystem", "scopeuser"} {
		for _, found := range e.class(e.grammar.className(class), false) {
			if e.word(found.start-1) != "not" && e.word(found.start-2) != "not" {
				return e.scope(found.start, found.end)
			}
		}
	}
	return ""
}

func (e *extraction) profileArgument() operation.ProfileName {
	for p := range e.tokens {
		for q := p + 3; q <= min(p+5, len(e.tokens)); q++ {
			if name := e.profilePhrase(p, q); name != "" && !slices.Contains([]string{"my", "user", "system", "the", "this"}, name) {
				if parsed, err := operation.ParseProfileName(name); err == nil {
					return parsed
				}
			}
		}
	}
	return ""
}
