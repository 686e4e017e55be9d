package intent

import (
	"time"

	"luminousnix/internal/operation"
)

// days reads a length of time in days: "30 days", "two weeks", "a month", "30d".
func (s *sentence) days(p, q int) (int, bool) {
	last := s.tokens[q-1]
	if q-p == 1 {
		if n := len(last.word); n >= 2 && last.word[0] >= '0' && last.word[0] <= '9' {
			count, unit := numberOf(last.word[:n-1]), unitDays(last.word[n-1:])
			return count * unit, count > 0 && count < 10000 && unit > 0
		}
		switch last.word {
		case "week", "month", "year", "fortnight":
			return unitDays(last.word), true
		}
		return 0, false
	}
	unit, count := unitDays(last.word), 0
	for i := p; i < q-1; i++ {
		t := &s.tokens[i]
		switch {
		case t.number > 0 && t.number < 10000 && count == 0:
			count = t.number
		case (t.word == "a" || t.word == "an" || t.word == "last" || t.word == "past") && count == 0:
			count = 1
		case t.word == "couple" || t.word == "of" || t.word == "the":
		default:
			return 0, false
		}
	}
	return count * unit, count > 0 && unit > 0
}

func unitDays(word string) int {
	switch word {
	case "day", "days", "d", "night", "nights":
		return 1
	case "week", "weeks", "w":
		return 7
	case "fortnight":
		return 14
	case "month", "months", "m":
		return 30
	case "year", "years", "y":
		return 365
	}
	return 0
}

// date reads a day: "yesterday", "last tuesday", "on 2024-01-01", "three days
// ago", "march 5", "the 5th of march 2024". A day without a year is the latest
// such day that is not in the future.
func (s *sentence) date(p, q int) (operation.Date, bool) {
	for p < q-1 && (s.word(p) == "on" || s.word(p) == "the" || s.word(p) == "from" || s.word(p) == "of") {
		p++
	}
	word := s.tokens[p].word
	switch q - p {
	case 1:
		switch word {
		case "yesterday":
			return s.daysAgo(1), true
		case "today":
			return s.daysAgo(0), true
		}
		if day, ok := weekday(word); ok {
			return s.last(day), true
		}
		date, err := operation.ParseDate(word)
		return date, err == nil && word >= "1970"
	case 2:
		switch {
		case word == "last" || word == "past" || word == "this":
			return s.lastNamed(word, s.word(p+1))
		case word == "yesterday" && partOfDay(s.word(p+1)):
			return s.daysAgo(1), true
		}
		if day, ok := weekday(word); ok && partOfDay(s.word(p+1)) {
			return s.last(day), true
		}
	case 4:
		if word == "day" && s.word(p+1) == "before" && s.word(p+2) == "yesterday" {
			return s.daysAgo(2), true
		}
	case 3:
		if word == "day" && s.word(p+1) == "before" && s.word(p+2) == "yesterday" {
			return s.daysAgo(2), true
		}
	}
	if s.word(q-1) == "ago" && q-p >= 2 {
		days, ok := s.days(p, q-1)
		return s.daysAgo(days), ok
	}
	return s.monthDay(p, q)
}

// dayBefore reads "before last tuesday": the day before that one.
func (s *sentence) dayBefore(p, q int) (operation.Date, bool) {
	if s.word(p) != "before" || q-p < 2 {
		return "", false
	}
	date, ok := s.date(p+1, q)
	day, err := time.Parse(time.DateOnly, string(date))
	if !ok || err != nil {
		return "", false
	}
	return operation.Date(day.AddDate(0, 0, -1).Format(time.DateOnly)), true
}

func (s *sentence) daysAgo(days int) operation.Date {
	return operation.Date(s.now.AddDate(0, 0, -days).Format(time.DateOnly))
}

// last is the latest such weekday before today.
func (s *sentence) last(day time.Weekday) operation.Date {
	days := (int(s.now.Weekday()) - int(day) + 7) % 7
	if days == 0 {
		days = 7
	}
	return s.daysAgo(days)
}

func (s *sentence) lastNamed(which, word string) (operation.Date, bool) {
	if day, ok := weekday(word); ok {
		return s.last(day), true
	}
	switch {
	case which == "this" && partOfDay(word):
		return s.daysAgo(0), true
	case which == "this":
		return "", false
	case word == "night" || word == "evening":
		return s.daysAgo(1), true
	}
	switch word {
	case "week", "month", "year":
		return s.daysAgo(unitDays(word)), true
	}
	return "", false
}

// monthDay reads "march 5", "5 march", "5th of march 2024".
func (s *sentence) monthDay(p, q int) (operation.Date, bool) {
	var month time.Month
	day, year := 0, 0
	for i := p; i < q; i++ {
		word := s.tokens[i].word
		n := ordinal(word)
		if n < 0 {
			n = s.tokens[i].number
		}
		m := monthNamed(word)
		switch {
		case m != 0 && month == 0:
			month = m
		case n >= 1 && n <= 31 && day == 0:
			day = n
		case n >= 1970 && n <= 9999 && year == 0:
			year = n
		case word == "of" || word == "the":
		default:
			return "", false
		}
	}
	if month == 0 || day == 0 {
		return "", false
	}
	guess := year
	if guess == 0 {
		guess = s.now.Year()
	}
	date := time.Date(guess, month, day, 0, 0, 0, 0, s.now.Location())
	if year == 0 && date.After(s.now) {
		date = time.Date(guess-1, month, day, 0, 0, 0, 0, s.now.Location())
	}
	return operation.Date(date.Format(time.DateOnly)), date.Day() == day
}

// ordinal reads 1st, 2nd, 23rd; -1 is no such word.
func ordinal(word string) int {
	if n := len(word); n >= 3 {
		switch word[n-2:] {
		case "st", "nd", "rd", "th":
			return numberOf(word[:n-2])
		}
	}
	return -1
}

func partOfDay(word string) bool {
	switch word {
	case "morning", "noon", "afternoon", "evening", "night":
		return true
	}
	return false
}

func weekday(word string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if name := lower(day.String()); word == name || word == name[:3] || word == name+"s" {
			return day, word != "sun" && word != "sat"
		}
	}
	return 0, false
}

func monthNamed(word string) time.Month {
	for month := time.January; month <= time.December; month++ {
		if name := lower(month.String()); word == name || word == name[:3] || word == "sept" && month == time.September {
			return month
		}
	}
	return 0
}

// lower puts the first letter of an English name in lower case.
func lower(name string) string { return string(name[0]|0x20) + name[1:] }
