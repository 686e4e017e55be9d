package syntax

// suggest hints at the name in scope that is most like the one not found.
func (e *Error) suggest(scopes []scope) {
	name := string(e.File.Source[e.Start:min(int(e.End), len(e.File.Source))])
	best, least := "", 1+len(name)/4
	consider := func(other string) {
		if d := distance(name, other, least); d < least || d == least && best == "" {
			best, least = other, d
		}
	}
	for i := len(scopes) - 1; i >= 0; i-- {
		scopes[i].each(consider)
	}
	if best != "" {
		e.Hint = "Did you mean '" + best + "'?"
	}
}

// each calls f with all names of the scope.
func (s scope) each(f func(name string)) {
	if s.attrs != nil {
		for i := range s.attrs.List {
			f(s.attrs.List[i].Name)
		}
		return
	}
	if s.lambda.Arg != "" {
		f(s.lambda.Arg)
	}
	if s.lambda.Formals != nil {
		for i := range s.lambda.Formals.List {
			f(s.lambda.Formals.List[i].Name)
		}
	}
}

// distance is the number of bytes to insert, remove or replace to make b of a; more
// than most if it is more than that.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal
			} else {
				row[j+1] = 1 + min(diagonal, above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
