package syntax

// scanPath reads a path or URI if there is one at l.pos, and only then moves. Of a
// path with interpolations it reads what is before the first.
func (l *lexer) scanPath() kind {
	if l.pos < l.noPath {
		return tInvalid
	}
	first := l.src[l.pos]
	i := l.run(l.pos, pathChar)
	k := tPath
	if first == '~' {
		i, k = l.pos+1, tHomePath
	}
	switch l.at(i) {
	case '/':
		if end := l.pathEnd(i); end > i {
			l.pos = end
			return k
		}
	case ':':
		if k == tPath && l.scanURI(i) {
			return tURI
		}
		l.noPath = l.uriStart(i)
		return tInvalid
	}
	l.noPath = i
	return tInvalid
}

// pathEnd is the end of the path whose first slash is at i, or i if there is no
// path: a segment must follow, or an interpolation.
func (l *lexer) pathEnd(i int) int {
	from := i
	for l.at(i) == '/' {
		end := l.run(i+1, pathChar)
		if end == i+1 {
			if i > from || l.interpolationAt(end) {
				return end // a trailing slash
			}
			return from
		}
		i = end
	}
	return i
}

func (l *lexer) interpolationAt(i int) bool {
	return l.at(i) == '$' && l.at(i+1) == '{'
}

// scanURI reads a URI whose colon is at an offset, if there is one.
func (l *lexer) scanURI(colon int) bool {
	if classes[l.src[l.pos]]&(identStart|schemeChar) != identStart|schemeChar {
		return false // not a letter
	}
	if l.run(l.pos, schemeChar) != colon {
		return false
	}
	end := l.run(colon+1, uriChar)
	if end == colon+1 {
		return false
	}
	l.pos = end
	return true
}

// uriStart is where in the run of bytes that ends in a colon a URI begins, if none
// does at l.pos; the colon if none does.
func (l *lexer) uriStart(colon int) int {
	if classes[l.at(colon+1)]&uriChar == 0 {
		return colon
	}
	from := colon
	for from > l.pos+1 && classes[l.src[from-1]]&schemeChar != 0 {
		from--
	}
	for from < colon && classes[l.src[from]]&identStart == 0 {
		from++
	}
	return from
}

// pathText is the end of the text of a path from i on, after its beginning or an
// interpolation; i itself if there is none.
func (l *lexer) pathText(i int) int {
	end := l.run(i, pathChar)
	if l.at(end) != '/' {
		return end
	}
	if more := l.pathEnd(end); more > end {
		return more
	}
	return end + 1
}
