package intent

import "strconv"

// joinNumbers makes one word of a number that is said in several: "forty three", "two
// hundred and one".
func (l *lexicon) joinNumbers(tokens []token) []token {
	joined := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		number, n := l.compound(tokens[i:])
		if n < 2 {
			joined = append(joined, tokens[i])
			continue
		}
		t, last := tokens[i], tokens[i+n-1]
		t.number, t.word, t.text = number, strconv.Itoa(number), strconv.Itoa(number)
		t.end, t.after = last.end, last.after
		joined = append(joined, t)
		i += n - 1
	}
	return joined
}

// compound is the number that the first n tokens say together.
func (l *lexicon) compound(tokens []token) (number, n int) {
	said := func(i int) int {
		if i >= len(tokens) || i > 0 && tokens[i-1].after != 0 || !letters(tokens[i].word) {
			return 0
		}
		return tokens[i].number
	}
	number = said(0)
	if number < 1 || number > 99 {
		return number, 1
	}
	n = 1
	if unit := said(1); number >= 20 && number%10 == 0 && unit >= 1 && unit <= 9 {
		number, n = number+unit, 2
	}
	if number > 20 || said(n) != 100 {
		return number, n
	}
	hundreds, after := 100*number, n+1
	if after < len(tokens) && l.sense(tokens[after].word).roles&roleAnd != 0 && said(after+1) > 0 {
		after++
	}
	if rest, more := l.compound(tokens[after:]); rest > 0 && rest < 100 && said(after) > 0 {
		return hundreds + rest, after + more
	}
	return hundreds, n + 1
}
