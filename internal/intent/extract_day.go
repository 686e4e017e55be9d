package intent

import "luminousnix/internal/operation"

// day finds a day in the sentence, the longest way of saying it first. Of several it is the
// one that is gone back to rather than one at which something happened, and of those the last.
func (e *extraction) day() operation.Date {
	const longest = 6
	best, found := 0, span{}
	var day operation.Date
	for length := min(longest, len(e.tokens)); length > 0; length-- {
		for p := 0; p+length <= len(e.tokens); p++ {
			date, before, ok := e.dayAt(p, p+length)
			if !ok || day != "" && p < found.end && found.start < p+length {
				continue
			}
			worth := e.goneBackTo(p, p+length, before)
			if day == "" || worth > best || worth == best && p > found.start && length >= found.end-found.start {
				best, found, day = worth, span{start: p, end: p + length}, date
			}
		}
	}
	if day == "" || best < 0 && e.spec.Name == operation.Rollback {
		return ""
	}
	e.use(found.start, found.end)
	return day
}

// dayAt reads some tokens as a day, or as the day before one.
func (e *extraction) dayAt(p, q int) (date operation.Date, before, ok bool) {
	if date, ok = e.dayBefore(p, q); ok {
		return date, true, true
	}
	date, ok = e.date(p, q)
	return date, false, ok && e.word(p) != "today"
}

// goneBackTo is how much speaks for a day as the one that is gone back to: 1 behind "to" and
// the like, less than 0 where something happened then: "since yesterday's update".
func (e *extraction) goneBackTo(p, q int, before bool) int {
	i := p - 1
	for e.word(i) == "the" || e.word(i) == "last" || e.word(i) == "how" || e.word(i) == "it" || e.word(i) == "was" {
		i--
	}
	if before {
		return one(e.word(i) == "to")
	}
	switch {
	case e.word(i) == "since" || e.word(i) == "after" || e.word(p) == "since" && e.unitDays(q-1) == 0,
		happened(e.word(q)), happened(e.word(p - 1)), happened(e.word(p-2)) && (e.word(p-1) == "of" || e.word(p-1) == "from" || e.word(p-1) == "on"):
		return -1
	case e.word(i) == "to" || e.word(i) == "from" || e.word(i) == "of":
		return 1
	}
	return 0
}

// happened reports a word for what changed a system.
func happened(word string) bool {
	switch word {
	case "update", "updates", "upgrade", "upgrades", "deploy", "deployment", "change", "changes", "rebuild", "switch", "updated", "upgraded", "installed", "rebuilt", "changed":
		return true
	}
	return false
}

// isTime reports an hour, or a day of a month.
func (e *extraction) isTime(i int) bool {
	switch e.word(i + 1) {
	case "am", "pm", "o'clock", "oclock":
		return true
	}
	month := func(i int) bool { return i >= 0 && i < len(e.tokens) && e.tokens[i].sense.month > 0 }
	return month(i+1) || month(i-1)
}
