package syntax

// mergeBindings is what bindings define. It refuses attributes that are defined
// twice.
func (p *parser) mergeBindings(start Pos, rec bool, bindings []Binding) *Attrs {
	if names, ok := distinct(bindings); ok {
		return p.flatten(start, rec, bindings, names)
	}
	a, err := merge(p.file, start, rec, bindings)
	if err != nil {
		panic(err)
	}
	return a
}

// distinct reports whether bindings have no attribute paths of more than one name,
// and no name twice, so that there is nothing to merge, and how many names they
// have.
func distinct(bindings []Binding) (n int, ok bool) {
	const few = 16 // names that are quicker compared than put into a map
	var names [few]string
	for i := range bindings {
		b := &bindings[i]
		if b.Inherit {
			n += len(b.Names)
		} else {
			if len(b.Path) > 1 {
				return 0, false
			}
			n++
		}
	}
	if n > few {
		return n, distinctMany(bindings, n)
	}
	seen := names[:0]
	for name := range definedNames(bindings) {
		for _, other := range seen {
			if other == name {
				return 0, false
			}
		}
		seen = append(seen, name)
	}
	return n, true
}

func distinctMany(bindings []Binding, n int) bool {
	seen := make(map[string]struct{}, n)
	count := 0
	for name := range definedNames(bindings) {
		seen[name] = struct{}{}
		count++
	}
	return len(seen) == count
}

// definedNames are the fixed names that bindings define, whose paths have one name.
func definedNames(bindings []Binding) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for i := range bindings {
			b := &bindings[i]
			for j := range b.Names {
				if !yield(b.Names[j].Name) {
					return
				}
			}
			if !b.Inherit && b.Path[0].Expr == nil && !yield(b.Path[0].Name) {
				return
			}
		}
	}
}

// checkFormals refuses formals that have the same name, or that of the argument.
func (p *parser) checkFormals(start Pos, f *Formals, arg string) {
	for i := range f.List {
		for j := i + 1; j < len(f.List); j++ {
			if f.List[i].Name == f.List[j].Name {
				p.fail(f.List[j].Span, duplicateFormal(f.List[i].Name))
			}
		}
	}
	if arg == "" {
		return
	}
	for i := range f.List {
		if f.List[i].Name == arg {
			p.fail(p.from(start), duplicateFormal(arg))
		}
	}
}

func duplicateFormal(name string) string {
	return "duplicate formal function argument '" + name + "'"
}
