package nixpkgs

import (
	"context"
	"errors"
	"slices"
	"strings"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// reader reads derivations.
type reader struct {
	ev           *eval.Evaluator
	withoutPaths bool
	platforms    platforms
}

// reading is the reading of one derivation. What cannot be evaluated counts as
// absent; err is the first such error.
type reading struct {
	*reader
	ctx        context.Context
	derivation eval.Value
	err        error
}

func (r *reader) of(ctx context.Context, v eval.Value) reading {
	return reading{reader: r, ctx: ctx, derivation: v}
}

func (r *reading) isDerivation() bool { return r.text(r.derivation, "type") == "derivation" }

// read returns the package without Attribute.
func (r *reading) read() Package {
	p := Package{
		Name:    r.text(r.derivation, "name"),
		PName:   r.text(r.derivation, "pname"),
		Version: r.text(r.derivation, "version"),
		System:  r.text(r.derivation, "system"),
		Outputs: r.texts(r.derivation, "outputs"),
	}
	pname, version := store.SplitName(p.Name)
	if p.PName == "" {
		p.PName = pname
	}
	if p.Version == "" {
		p.Version = version
	}
	if len(p.Outputs) == 0 {
		p.Outputs = []string{"out"}
	}
	r.meta(&p)
	if !r.withoutPaths {
		r.paths(&p)
	}
	return p
}

// paths reads the paths, for which the derivation has to be made.
func (r *reading) paths(p *Package) {
	before := r.err
	r.err = nil
	p.DrvPath = store.Path(r.text(r.derivation, "drvPath"))
	if r.err == nil {
		p.OutputPath = store.Path(r.text(r.derivation, "outPath"))
	}
	if r.err != nil && refusal(r.err) {
		p.DrvPath, p.Refused, r.err = "", r.err.Error(), nil
	}
	if before != nil {
		r.err = before
	}
}

func (r *reading) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// refusal says whether the error is one with which an expression refuses.
func refusal(err error) bool {
	var e *eval.Error
	return errors.As(err, &e) && (e.Kind == eval.KindThrow || e.Kind == eval.KindAssertion)
}

// force evaluates a thunk; nil is absent.
func (r *reading) force(t *eval.Thunk) eval.Value {
	if t == nil {
		return eval.Value{}
	}
	v, err := r.ev.Force(r.ctx, t)
	if err != nil {
		r.fail(err)
		return eval.Value{}
	}
	return v
}

// attr evaluates an attribute of a set; the zero Value is absent.
func (r *reading) attr(set eval.Value, name string) eval.Value {
	return r.force(r.ev.Attr(set, name))
}

// text is an attribute that is a string.
func (r *reading) text(set eval.Value, name string) string { return text(r.attr(set, name)) }

// texts is an attribute that is a string or a list of strings.
func (r *reading) texts(set eval.Value, name string) []string {
	v := r.attr(set, name)
	if s := text(v); s != "" {
		return []string{s}
	}
	if v.Kind() != eval.KindList {
		return nil
	}
	var all []string
	for _, t := range v.List() {
		if s := text(r.force(t)); s != "" {
			all = append(all, s)
		}
	}
	return slices.Clip(all)
}

// bool is an attribute that is true, or "true" as it was written long ago.
func (r *reading) bool(set eval.Value, name string) bool {
	v := r.attr(set, name)
	return v.Kind() == eval.KindBool && v.Bool() || text(v) == "true"
}

// text is a copy of the string: the original may be part of a file's text.
func text(v eval.Value) string {
	if v.Kind() != eval.KindString {
		return ""
	}
	return strings.Clone(v.Text())
}
