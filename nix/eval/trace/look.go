package trace

import (
	"context"
	"io/fs"

	"luminousnix/nix/eval"
)

// looker asks about part of a trace what needs no reading.
type looker struct {
	in        eval.Inputs
	inputs    []input
	different *Difference // the first
	suspects  []suspect

	// What lstat said last: the inputs of one path stand together.
	path string
	info fs.FileInfo
	err  error
}

func (l *looker) lstat(path string) (fs.FileInfo, error) {
	if l.path != path {
		l.info, l.err = l.in.Lstat(path)
		l.path = path
	}
	return l.info, l.err
}

// look goes over the inputs up to the first difference.
func (l *looker) look(ctx context.Context, from, to int) error {
	const often = 64 // inputs between looks at ctx
	for i := from; i < to; i++ {
		if (i-from)%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		was := &l.inputs[i]
		switch was.kind {
		case Content, Listing:
			l.suspect(i)
		case URL: // asked last
		default:
			now := l.now(was.kind, was.name)
			if l.different = compare(was, &now); l.different != nil {
				return nil
			}
		}
	}
	return nil
}

// now is what an input is now.
func (l *looker) now(kind Kind, name string) input {
	now := input{kind: kind, name: name}
	var err error
	switch kind {
	case Entry:
		var info fs.FileInfo
		if info, err = l.lstat(name); err == nil {
			now.file = fileTypeOf(info.Mode())
		}
	case Link:
		now.target, err = l.in.Readlink(name)
	case StorePath:
		_, err = l.lstat(name)
	case Variable:
		return variableOf(name, l.in.Getenv(name))
	}
	now.failure = failureOf(err)
	return now
}

// suspect makes the input a suspect, unless its identity is what it was.
func (l *looker) suspect(index int) {
	was := &l.inputs[index]
	s := suspect{index: index}
	if info, err := l.lstat(was.name); err == nil {
		s.info = info
		if was.stat.known() && identityOf(info) == was.stat {
			return
		}
	}
	l.suspects = append(l.suspects, s)
}
