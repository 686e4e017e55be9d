package syntax

// verify is the result of an edit, if nothing else has changed: rest and restAfter
// are the source before and after without what the edit is about, which must mean
// the same. With an expression, that must be what is now at the path.
func (e *edit) verify(rest, result, restAfter, expr string) ([]byte, error) {
	before, err := Parse(e.file.Name, []byte(rest), e.file.options)
	if err != nil {
		return nil, e.refuse(err.Error())
	}
	after, err := Parse(e.file.Name, []byte(restAfter), e.file.options)
	if err != nil {
		return nil, e.refuse(err.Error())
	}
	dirs := Dirs{Base: "/", Home: "/"}
	if Desugar(before, dirs) != Desugar(after, dirs) {
		return nil, e.refuse("something else would change")
	}
	parsed, err := Parse(e.file.Name, []byte(result), e.file.options)
	if err != nil {
		return nil, e.refuse(err.Error())
	}
	if expr != "" && !e.has(parsed, expr) {
		return nil, e.refuse("the result would have another value there")
	}
	return []byte(result), nil
}

// has reports whether a file has the expression at the path.
func (e *edit) has(f *File, expr string) bool {
	now, err := newEdit(f, e.path)
	if err != nil || len(now.exact) != 1 || now.exact[0].name >= 0 {
		return false
	}
	want, err := Parse(f.Name, []byte(expr), f.options)
	if err != nil {
		return false
	}
	dirs := Dirs{Base: "/", Home: "/"}
	got := &File{Name: f.Name, Source: f.Source, Root: now.exact[0].binding.Value}
	return Desugar(got, dirs) == Desugar(want, dirs)
}

func (e *edit) refuse(why string) *EditError {
	return e.fail(Refused, -1, "was not changed: "+why)
}
