package intent

import (
	"strings"
	"time"

	"luminousnix/internal/operation"
)

// days reads a length of time in days: "30 days", "two weeks", "a month", "30d".
func (s *sentence) days(p, q int) (int, bool) {
	last := &s.tokens[q-1]
	if q-p == 1 {
		if n := len(last.word); n >= 2 && digit(last.word[0]) {
			count, unit := s.grammar.numberOf(last.word[:n-1]), int(s.grammar.sense(last.word[n-1:]).days)
			return count * unit, count > 0 && count < 10000 && unit > 0
		}
		return int(last.sense.days), last.plays(roleAlone)
	}
	unit, count, article, half := int(last.sense.days), 0, false, false
	for i := p; i < q-1; i++ {
		t := &s.tokens[i]
		switch {
		case t.number > 0 && t.number < 10000 && (count == 0 || article):
			count, article = t.number, false // "a couple of weeks" are two
		case t.plays(roleOne) && count == 0:
			count, article = 1, true
		case t.plays(roleHalf) && count == 0:
			half = true
		case t.plays(roleInSpan):
		default:
			return 0, false
		}
	}
	if half {
		return unit / 2, count <= 1 && unit > 1
	}
	return count * unit, count > 0 && unit > 0
}

// unitDays is how many days a word such as "week" has; 0 for other words.
func (s *sentence) unitDays(i int) int {
	if i < 0 || i >= len(s.tokens) {
		return 0
	}
	return int(s.tokens[i].sense.days)
}

// date reads a day: "yesterday", "last tuesday", "on 2024-01-01", "three days
// ago", "march 5", "the 5th of march 2024". A day without a year is the latest
// such day that is not in the future.
func (s *sentence) date(p, q int) (operation.Date, bool) {
	for p < q-1 && s.plays(p, roleBeforeDate) {
		p++
	}
	if ago, ok := s.dayPhrase(p, q); ok {
		return s.daysAgo(ago), true
	}
	t := &s.tokens[p]
	switch {
	case t.sense.weekday > 0 && (q-p == 1 || q-p == 2 && s.plays(p+1, rolePartOfDay)):
		return s.last(t.weekday()), true
	case q-p == 1:
		return s.written(t.word)
	case q-p == 2 && t.plays(roleLast) && s.tokens[p+1].sense.weekday > 0:
		return s.last(s.tokens[p+1].weekday()), true
	case s.plays(q-1, roleAgo):
		days, ok := s.days(p, q-1)
		unit := s.unitDays(q - 2)
		if word := s.word(q - 2); ok && unit == 0 {
			unit = int(s.grammar.sense(word[len(word)-1:]).days) // "2w"
		}
		return s.ago(days, unit), ok
	case t.plays(roleSince):
		days, ok := s.days(p+1, q)
		return s.daysAgo(days), ok
	}
	return s.monthDay(p, q)
}

// dayPhrase reads "yesterday", "the day before yesterday", "yesterday evening" as how many
// days ago that was.
func (s *sentence) dayPhrase(p, q int) (ago int, ok bool) {
	if !s.plays(p, roleBeginsDay) {
		return 0, false
	}
	for i := range s.grammar.days {
		phrase := &s.grammar.days[i]
		n := len(phrase.words)
		if q-p != n && (q-p != n+1 || !s.plays(q-1, rolePartOfDay)) {
			continue
		}
		same := true
		for k, word := range phrase.words {
			same = same && s.tokens[p+k].word == word
		}
		if same {
			return phrase.ago, true
		}
	}
	return 0, false
}

// written reads a date in digits: 2024-01-01, and 24.12.2024 in languages that write so.
func (s *sentence) written(word string) (operation.Date, bool) {
	if !startsWithDigit(word) {
		return "", false
	}
	if s.grammar.dotted && strings.Count(word, ".") == 2 {
		day, err := time.Parse("2.1.2006", word)
		return operation.Date(day.Format(time.DateOnly)), err == nil && day.Year() >= 1970
	}
	date, err := operation.ParseDate(word)
	return date, err == nil && word >= "1970"
}

// dayBefore reads "before last tuesday": the day before that one.
func (s *sentence) dayBefore(p, q int) (operation.Date, bool) {
	if q-p < 2 || !s.plays(p, roleBefore) {
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

// ago is the day that was so many days ago, said in a unit: months and years are those of the
// calendar, in which a day may be missing.
func (s *sentence) ago(days, unit int) operation.Date {
	const month, year = 30, 365
	months := 0
	switch unit {
	case month:
		months = days / month
	case year:
		months = 12 * (days / year)
	default:
		return s.daysAgo(days)
	}
	first := time.Date(s.now.Year(), s.now.Month()-time.Month(months), 1, 0, 0, 0, 0, s.now.Location())
	last := first.AddDate(0, 1, -1).Day()
	return operation.Date(first.AddDate(0, 0, min(s.now.Day(), last)-1).Format(time.DateOnly))
}

// last is the latest such weekday before today.
func (s *sentence) last(day time.Weekday) operation.Date {
	days := (int(s.now.Weekday()) - int(day) + 7) % 7
	if days == 0 {
		days = 7
	}
	return s.daysAgo(days)
}

// monthDay reads "march 5", "5 march", "5th of march 2024".
func (s *sentence) monthDay(p, q int) (operation.Date, bool) {
	var month time.Month
	day, year := 0, 0
	for i := p; i < q; i++ {
		t := &s.tokens[i]
		n := s.grammar.ordinalOf(t)
		if n < 0 {
			n = t.number
		}
		m := time.Month(t.sense.month)
		if i+1 == q && month == 0 && day > 0 && p < i && t.sense.days == daysOfMonth && s.plays(i-1, roleInDate) {
			m = s.latestMonth(day) // "the first of the month"
		}
		switch {
		case m != 0 && month == 0:
			month = m
		case n >= 1 && n <= 31 && day == 0:
			day = n
		case n >= 1970 && n <= 9999 && year == 0:
			year = n
		case t.plays(roleInDate):
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

const daysOfMonth = 30

// latestMonth is this month, or the one before where its day has not come yet.
func (s *sentence) latestMonth(day int) time.Month {
	if day > s.now.Day() {
		return s.now.AddDate(0, 0, -s.now.Day()).Month()
	}
	return s.now.Month()
}

// ordinalOf reads 1st, 23rd, fifteenth; -1 is no such word.
func (l *lexicon) ordinalOf(t *token) int {
	if t.sense.place > 0 {
		return int(t.sense.place)
	}
	for _, end := range l.ordinal {
		if number, ok := strings.CutSuffix(t.word, end); ok {
			return l.numberOf(number)
		}
	}
	return -1
}

// weekday is the day that a word names.
func (t *token) weekday() time.Weekday { return time.Weekday(t.sense.weekday - 1) }
