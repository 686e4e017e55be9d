package eval

import (
	"context"

	"luminousnix/nix/store"
)

// Found is a derivation that an expression gives.
type Found struct {
	DrvPath store.Path
	Output  string // that the value stands for, usually "out"
}

// Derivations returns the derivations that v is or has: v itself, the elements of
// a list, the attributes of a set by name, and those of sets in it that say
// recurseForDerivations. Functions are called like by AutoCall with args.
func (ev *Evaluator) Derivations(ctx context.Context, v, args Value) ([]Found, error) {
	s := search{worker: ev.worker(ctx), args: args.Attrs(), seen: make(map[*Attrs]bool)}
	err := s.collect(v)
	return s.found, err
}

// search collects derivations.
type search struct {
	*worker
	args  *Attrs
	found []Found
	seen  map[*Attrs]bool // derivations that were found before
}

// collect collects those of v, which is a derivation or has some.
func (s *search) collect(v Value) error {
	v, err := s.autoCall(v, s.args)
	if err != nil {
		return err
	}
	if is, err := s.derivation(v); err != nil || is {
		return err
	}
	switch v.tag {
	case tagAttrs:
		return s.attributes(v.Attrs())
	case tagList:
		return s.elements(v.List())
	}
	return s.fail(KindType, noPos, "expression does not evaluate to a derivation (or a set or list of those)")
}

func (s *search) attributes(set *Attrs) error {
	for _, attr := range set.sorted(s.symbols) {
		if !isPlainName(s.symbols.name(attr.Name)) {
			continue
		}
		v, err := s.force(attr.Value, attr.Pos)
		if err != nil {
			return err
		}
		is, err := s.derivation(v)
		if err != nil {
			return err
		}
		if is || v.tag != tagAttrs {
			continue
		}
		recurse := v.Attrs().get(s.intern("recurseForDerivations"))
		if recurse == nil {
			continue
		}
		wanted, err := s.forceBool(recurse.Value, recurse.Pos, "while evaluating the attribute `recurseForDerivations`")
		if err != nil {
			return err
		}
		if wanted {
			if err := s.collect(v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *search) elements(list []*Thunk) error {
	for _, t := range list {
		v, err := s.force(t, noPos)
		if err != nil {
			return err
		}
		if is, err := s.derivation(v); err != nil {
			return err
		} else if !is {
			if err := s.collect(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// derivation says whether v is a derivation, and collects it.
func (s *search) derivation(v Value) (bool, error) {
	if is, err := s.isDerivation(v); err != nil || !is {
		return is, err
	}
	set := v.Attrs()
	if s.seen[set] {
		return true, nil
	}
	s.seen[set] = true
	drvPath, err := s.attr(set, s.intern("drvPath"), "while evaluating the drvPath of a derivation")
	if err != nil {
		return true, err
	}
	path, _, err := s.forceString(drvPath.Value, drvPath.Pos, "while evaluating the drvPath of a derivation")
	if err != nil {
		return true, err
	}
	found := Found{Output: "out"}
	if found.DrvPath, err = s.store.Dir().Parse(path); err != nil {
		return true, s.fail(KindEval, drvPath.Pos, "%v", err)
	}
	if output := set.get(s.intern("outputName")); output != nil {
		found.Output, err = s.forcePlainString(output.Value, output.Pos, "while evaluating the output name of a derivation")
	}
	s.found = append(s.found, found)
	return true, err
}

// isPlainName says whether an attribute's name is one that Nix looks at when it
// collects derivations.
func isPlainName(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || !(c >= '0' && c <= '9' || c == '-' || c == '+')) {
			return false
		}
	}
	return name != ""
}
