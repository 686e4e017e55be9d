package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// elsewhere reports what ask-nix does not keep: mail, documents, somebody's settings.
func (s *sentence) elsewhere(op operation.Operation) bool {
	if !gone(op) || op.Name == operation.InstallPackages {
		return false
	}
	if s.anyWord(0, "email", "emails", "mail", "mails", "downloads", "documents", "photos", "pictures", "icon", "folder", "docs") || op.Arguments.Scope == "" && s.anyWord(0, "account") ||
		s.word(1) == "user" && (s.word(0) == "delete" || s.word(0) == "remove") || s.anyWord(1, "favor", "favour") {
		return true
	}
	return op.Name == operation.RemovePackages && s.first(func(i int) bool {
		return (strings.HasSuffix(s.tokens[i].text, "'s") || strings.HasSuffix(s.tokens[i].text, "’s")) && i+1 < len(s.tokens) && s.tokens[i].kind == content
	}) >= 0
}

// excludes reports an exception that the operation cannot hold.
func (s *sentence) excludes(op operation.Operation) bool {
	if !gone(op) && op.Name != operation.UpdateSystem && op.Name != operation.SwitchGeneration && op.Name != operation.Rollback && op.Name != operation.UnpinGeneration {
		return false
	}
	if s.sparesAnyway(op) {
		return false
	}
	kept := op.Name == operation.CleanUp && (op.Arguments.Keep > 0 || op.Arguments.OlderThanDays > 0)
	if op.Name == operation.UpdateSystem && s.first(func(i int) bool { return i > 0 && s.word(i) == "leave" && !s.contrasts(i, op) }) >= 0 {
		return true
	}
	if s.word(0) == "except" || gone(op) && s.anyWord(1, "etc", "friends", "co", "whatever", "ditto", "otherwise") ||
		len(op.Arguments.Packages) > 1 && s.first(func(i int) bool {
			return i > 1 && qualifies(s.word(i)) && (s.isOneOf(i-1, op.Arguments.Packages) || s.word(i-1) == "the" && s.isOneOf(i-2, op.Arguments.Packages))
		}) >= 0 {
		return true
	}
	if op.Name == operation.RemovePackages && s.first(func(i int) bool {
		return s.word(i) == "like" && i > 0 && i+1 < len(s.tokens) && s.isName(i-1) && s.isName(i+1)
	}) >= 0 {
		return true // "remove vim like emacs"
	}
	if s.anyWord(1, "minus", "besides", "skip", "skipping", "exception", "rather") || !s.pronouns && s.anyWord(1, "instead") && op.Arguments.Generation == 0 {
		return true
	}
	if op.Name == operation.UpdateSystem && len(op.Arguments.Packages) > 0 { // only these, but for "everything but"
		return s.first(func(i int) bool {
			return i > 0 && s.word(i) == "but" && (s.word(i-1) == "everything" || s.word(i-1) == "all")
		}) >= 0
	}
	if s.others() && !kept && op.Arguments.Scope == "" && !s.takesRest(op) {
		return true
	}
	if gone(op) && op.Name != operation.InstallPackages && !kept && (s.word(0) == "keep" || s.anyWord(1, "stay", "stays", "keep", "spare")) {
		return true
	}
	return s.first(func(i int) bool {
		return i > 0 && s.word(i) == "but" && !kept && s.word(i+1) != "first" && !(s.word(i+1) == "only" && op.Arguments.Scope != "") && !s.contrasts(i+1, op) && (op.Name == operation.UpdateSystem || gone(op)) && !s.begunLater(i)
	}) >= 0
}

// others reports words for what is not named; "nothing else" leaves it alone.
func (s *sentence) others() bool {
	return s.first(func(i int) bool {
		switch s.word(i) {
		case "rest":
			return i > 0 && !(s.word(i-1) == "the" && (s.word(i-2) == "update" || s.word(i-2) == "upgrade"))
		case "others":
			return i > 0
		case "other":
			return i > 0 && s.word(i+1) != "day" && s.word(i+1) != "night" && s.word(i+1) != "week"
		case "else":
			return i > 0 && s.word(i-1) != "nothing" && s.word(i-1) != "nobody" && s.word(i-1) != "something"
		}
		return false
	}) >= 0
}

// takesRest reports what is done to all that the request before it has left: "update vim, and
// collect the rest".
func (s *sentence) takesRest(op operation.Operation) bool {
	all := op.Name == operation.CollectGarbage || op.Name == operation.CleanUp || op.Name == operation.UpdateSystem && len(op.Arguments.Packages) == 0
	return s.behind != "" && all && s.anyWord(1, "rest") && !s.anyWord(1, "but", "other", "others")
}

// takesOthers reports an operation that takes away, or brings, what is not named.
func (s *sentence) takesOthers(op operation.Operation) bool { return gone(op) && s.others() }

// begunLater reports a "but" that takes nothing out: of a later clause that explains, ", but it is
// broken", or of one that asks, "but now install it".
func (s *sentence) begunLater(i int) bool {
	return s.word(i+1) == "now" || s.begun(i) && (s.word(i+1) == "it" || s.word(i+1) == "please")
}

// qualifies reports a word behind a name with which something is said of it.
func qualifies(word string) bool {
	switch word {
	case "which", "that", "like", "given", "same", "suffices", "sucks", "now":
		return true
	}
	return false
}
