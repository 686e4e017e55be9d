package nixpkgs

import (
	"slices"
	"sync"

	"luminousnix/nix/eval"
)

// platforms knows which systems a list of platforms means. Thousands of packages
// have the same few long lists.
type platforms struct {
	lib *eval.Thunk // of the tree, or nil

	mu      sync.Mutex
	lists   map[eval.Value][]string
	matcher eval.Value // the function of matching, once it was needed
}

// longList is from how many elements on a list is remembered.
const longList = 8

// matching makes of the tree's lib a function that gives the systems that a pattern
// matches, such as { kernel = { name = "linux"; }; }.
const matching = `
lib:
let
  matches = lib.meta.platformMatch or (platform: pattern: lib.matchAttrs pattern platform.parsed);
  elaborate = system: lib.systems.elaborate { inherit system; };
  platforms = map elaborate lib.systems.doubles.all;
in
pattern: map (p: p.system) (builtins.filter (p: matches p pattern) platforms)`

// systems returns the systems that meta.platforms means.
func (r *reading) systems(v eval.Value) []string {
	if v.Kind() != eval.KindList {
		return nil
	}
	list, known := r.platforms.list(v)
	if known {
		return list
	}
	before := r.err
	for _, t := range v.List() {
		element := r.force(t)
		switch element.Kind() {
		case eval.KindString:
			list = append(list, text(element))
		case eval.KindAttrs:
			for _, system := range r.matching(t) {
				if !slices.Contains(list, system) {
					list = append(list, system)
				}
			}
		}
	}
	list = slices.Clip(list)
	if r.err == before {
		r.platforms.keep(v, list)
	}
	return list
}

// matching returns the systems that a pattern matches.
func (r *reading) matching(pattern *eval.Thunk) []string {
	if r.platforms.lib == nil {
		return nil
	}
	v, err := r.matcher()
	if err == nil {
		v, err = r.ev.Call(r.ctx, v, pattern)
	}
	if err != nil {
		r.fail(err)
		return nil
	}
	var systems []string
	for _, t := range v.List() {
		systems = append(systems, text(r.force(t)))
	}
	return systems
}

// matcher returns the function of matching for the tree's lib.
func (r *reading) matcher() (eval.Value, error) {
	p := &r.platforms
	p.mu.Lock()
	matcher := p.matcher
	p.mu.Unlock()
	if matcher.Kind() != eval.KindNone {
		return matcher, nil
	}
	matcher, err := r.ev.EvalExpr(r.ctx, "«platforms»", matching)
	if err == nil {
		matcher, err = r.ev.Call(r.ctx, matcher, p.lib)
	}
	if err != nil {
		return eval.Value{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.matcher = matcher
	return matcher, nil
}

func (p *platforms) list(v eval.Value) ([]string, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list, known := p.lists[v]
	return list, known
}

func (p *platforms) keep(v eval.Value, list []string) {
	if len(list) < longList {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lists == nil {
		p.lists = make(map[eval.Value][]string)
	}
	p.lists[v] = list
}
