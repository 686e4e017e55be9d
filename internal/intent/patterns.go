package intent

import "luminousnix/internal/operation"

// readPatterns reads a sentence of a language of which nothing was learnt: patterns explain
// every word of it that has a meaning, or it is asked about or declined.
func (s *sentence) readPatterns() (Reading, error) {
	part, _ := s.trimPolite()
	found := newMatcher(part).all("")
	whole, ok, err := part.explained(found)
	if err != nil {
		return Reading{}, err
	}
	if several, all := part.readSeveral(); all && (!ok || several.Confidence > whole.Confidence) {
		return s.asked(several)
	}
	if ok {
		return s.asked(whole)
	}
	return s.unexplained(part, found)
}

// explained is the best match that leaves no word with a meaning, and is good enough. An
// error is that of the grammar which a value of it broke.
func (s *sentence) explained(found []match) (reading Reading, ok bool, err error) {
	for i := range found {
		m := &found[i]
		if m.leavesWords() || !m.clear() || s.unsaid(m) {
			continue
		}
		reading, err := s.accept(m, found[i+1:])
		if failure := operation.AsError(err); failure == nil || failure.Code != operation.CodeUsage {
			return reading, err == nil, err
		}
		// The pattern left out what the operation needs.
	}
	return Reading{}, false, nil
}

// unsaid reports a change of which a value has a word in it that takes a request back, or
// makes it none.
func (s *sentence) unsaid(m *match) bool {
	for c := m.captures; c != nil && m.pattern.changing; c = c.previous {
		for i := c.start; i < c.end; i++ {
			if s.tokens[i].flags&isDoubt != 0 && !s.tokens[i].quoted {
				return true
			}
		}
	}
	return false
}

// asked asks about a change that may be asked about rather than asked for, "firefox
// installieren?", and declines one of which somebody tells.
func (s *sentence) asked(reading Reading) (Reading, error) {
	part, _ := s.trimPolite()
	for _, op := range reading.Operations {
		switch {
		case !changing(op):
		case part.opens("tell"):
			return Reading{}, tells()
		case confirmed(op) && s.tokens[len(s.tokens)-1].after == '?' && !s.excepted():
			return Reading{}, ambiguous([]operation.Alternative{alternative(op, float32(reading.Confidence)/2)})
		}
	}
	return s.unframe(reading, 0)
}

// unexplained says why none of the matches is the reading.
func (s *sentence) unexplained(part *sentence, found []match) (Reading, error) {
	request, frame := firstRequest(found), s.framed()
	if err := s.plainWords(nil); err != nil && frame != questioned {
		return Reading{}, s.explainRefusal(err)
	}
	alternatives := part.alternatives(found, operation.Operation{})
	denied := s.first(func(i int) bool { return s.plays(i, roleNot|roleNo) }) >= 0
	switch {
	case frame == questioned && (request != nil || s.anyTopic(0, len(s.tokens))):
		return s.answer(enoughToShow, alternatives), nil
	case frame == forbidden || request != nil && denied:
		return Reading{}, notUnderstood("that says what not to do, so nothing is done", nil).WithCause(ErrDeclined)
	case request != nil && (frame == told || request.doubt):
		return Reading{}, tells()
	case len(alternatives) > 0 && found[0].confidence >= 0.6 && !found[0].doubt:
		return Reading{}, ambiguous(alternatives)
	}
	return Reading{}, notUnderstood("I did not understand that", nil)
}

func tells() *operation.Error {
	return notUnderstood("that tells of it and does not ask for it, so nothing is done", nil).WithCause(ErrDeclined)
}
