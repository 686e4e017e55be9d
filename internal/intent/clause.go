package intent

import "slices"

// trimPolite takes politeness off both ends. gerund is true after "would you
// mind", when the request is in the form "installing".
func (s *sentence) trimPolite() (trimmed *sentence, gerund bool) {
	start, end := 0, len(s.tokens)
	polite, politeEnd := s.class(s.grammar.className("polite"), false), s.class(s.grammar.className("politeend"), false)
	for moved := true; moved && start < end; {
		moved = false
		longest := start
		for _, sp := range polite {
			if sp.start == start && sp.end > longest && s.literally(sp) {
				longest = sp.end
			}
		}
		if longest > start {
			gerund = gerund || s.plays(longest-1, roleMind)
			start, moved = longest, true
		} else if s.plays(start, rolePlease) {
			start, moved = start+1, true
		}
	}
	start = s.skipTellMe(start, end)
	for moved := true; moved && end > start; {
		moved = false
		first := end
		for _, sp := range politeEnd {
			if sp.end == end && sp.start < first && sp.start > start && s.literally(sp) && !s.plays(sp.start-1, roleOnly) {
				first = sp.start
			}
		}
		if first < end {
			end, moved = first, true
		} else if end-start > 1 && s.plays(end-1, rolePlease) {
			end, moved = end-1, true
		}
	}
	if start >= end || start == 0 && end == len(s.tokens) {
		return s, false
	}
	return s.part(start, end), gerund
}

// skipTellMe takes "tell me" off an indirect question: "tell me how much …".
func (s *sentence) skipTellMe(start, end int) int {
	if start+2 >= end || !s.plays(start, roleTell) {
		return start
	}
	i := start + 1
	for i < end-1 && s.tokens[i].kind == filler {
		i++
	}
	if s.plays(i, roleHow) && i > start+1 {
		return i
	}
	return start
}

// literally excludes misspellings: politeness is not guessed.
func (s *sentence) literally(sp span) bool {
	for i := sp.start; i < sp.end; i++ {
		if t := &s.tokens[i]; len(t.words) == 0 || t.words[0].factor != 1 {
			return false
		}
	}
	return true
}

// clause is a part of a sentence that may be a request of its own.
type clause struct {
	start, end int
	strong     bool // set off by "then" or a full stop, not just by "and"
}

// joint is where a sentence may be cut: before is the end of the first part,
// after the start of the second.
type joint struct {
	before, after int
	strong        bool // "then" or a full stop, not just "and"
}

// joints finds the places where a second request may begin: after "then", "and",
// a comma or a full stop, if a word follows that requests begin with.
func (s *sentence) joints() []joint {
	var joints []joint
	then := s.class(s.grammar.className("then"), false)
	for i := 1; i < len(s.tokens); i++ {
		after, strong := i, false
		switch {
		case s.plays(i, roleAnd):
			after = i + 1
		case s.tokens[i-1].after == '.' || s.tokens[i-1].after == '!':
			strong = true
		case s.tokens[i-1].after == ',':
		default:
			after = 0
		}
		for _, sp := range then {
			if sp.start == i {
				after, strong = max(after, sp.end), true
			}
		}
		if after == 0 || after >= len(s.tokens) {
			continue
		}
		for after < len(s.tokens)-1 && (s.plays(after, roleThen|roleAnd) || s.tokens[after].kind == filler) {
			after++
		}
		if s.begins(after) {
			joints = append(joints, joint{i, after, strong})
			i = after
		}
	}
	return joints
}

// begins reports whether a request may begin at token i.
func (s *sentence) begins(i int) bool {
	return s.verbAt(i) || s.startsAt("polite", i)
}

// verbAt reports a word at token i with which requests begin, politeness aside.
func (s *sentence) verbAt(i int) bool { return s.startsAt("firstword", i) }

// startsAt reports a phrase of a class that starts at token i.
func (s *sentence) startsAt(class string, i int) bool {
	return slices.ContainsFunc(s.class(s.grammar.className(class), true), func(sp span) bool { return sp.start == i })
}

// clauses cuts the sentence at all joints.
func (s *sentence) clauses() []clause {
	var clauses []clause
	start, strong := 0, false
	for _, j := range s.joints() {
		clauses = append(clauses, clause{start, j.before, strong})
		start, strong = j.after, j.strong
	}
	return append(clauses, clause{start, len(s.tokens), strong})
}
