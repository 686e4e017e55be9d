package intent

// corrected is the part of a sentence that says a request anew after it was taken back, and its
// reading: "remove chrome, sorry, I meant remove chromium". nil where it is not said anew in full,
// or asks for something else than the whole seems to.
func (l *learned) corrected(reading Reading) (*sentence, Reading) {
	if len(reading.Operations) != 1 || !changing(reading.Operations[0]) || !l.retracts(reading.Operations[0]) {
		return nil, Reading{}
	}
	for i := len(l.tokens) - 2; i > 1; i-- {
		if !l.begins(i) || !l.takenBack(i) {
			continue
		}
		part := l.part(i, len(l.tokens))
		found, err := part.learn(part.match()).readFree()
		if err != nil || len(found.Operations) != 1 || !sameNames(found.Operations, reading.Operations) || found.Operations[0].Validate() != nil || pronoun(found.Operations[0]) {
			return nil, Reading{}
		}
		return part, found
	}
	return nil, Reading{}
}

// takenBack reports that before a token stands a word that takes back what was said, and nothing
// between them but words that go with it.
func (s *sentence) takenBack(i int) bool {
	said := false
	for k := i - 1; k > 0; k-- {
		switch s.word(k) {
		case "no", "wait", "sorry", "meant", "mean", "oops", "rather", "actually", "nope":
			said = true
		case "i", "just", "only", "please", "hmm", "uh", "er", "oh", "ah", "well", "hang", "hold", "on":
		default:
			return said
		}
	}
	return false
}
