package catalog

import (
	"bytes"
	"slices"
)

// What suits the machine: a package that is installed is a little likelier to be
// meant, and one that isn't for its system hardly is.
const (
	bonusInstalled   = 0.06
	malusUnsupported = 0.40
)

// spare is how many more hits are looked at than were asked for, because their
// order may change.
func (s *search) spare(q Query) int {
	if q.System == "" && q.Installed == nil {
		return 0
	}
	return 10
}

// suit corrects the order of the best leaders by what is known of the machine.
func (s *search) suit(q Query, best []uint32) {
	if s.spare(q) == 0 {
		return
	}
	for _, i := range best {
		l := &s.tallies[i]
		if s.isOption(l.best) {
			continue
		}
		if q.Installed != nil && q.Installed(string(s.recordText(l.best, textName))) {
			l.score += bonusInstalled
		}
		if platforms := s.recordText(l.best, textPlatforms); q.System != "" && len(platforms) > 0 && !hasField(platforms, q.System) {
			l.score -= malusUnsupported
		}
	}
	slices.SortFunc(best, s.better)
}

// hasField reports whether a list that is separated by spaces has a member.
func hasField(list []byte, member string) bool {
	for field := range bytes.FieldsSeq(list) {
		if string(field) == member {
			return true
		}
	}
	return false
}
