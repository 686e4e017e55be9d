package nixpkgs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"luminousnix/nix/eval"
)

// walk goes through a tree. Workers take attributes, in the order of the result,
// evaluate them, and add those that they find in sets; the goroutine of the caller
// hands out the results in order.
type walk struct {
	ev      *eval.Evaluator
	args    eval.Value
	reader  reader
	workers int

	mu      sync.Mutex
	changed *sync.Cond // pending, busy or stopped
	pending []*node    // the last is the next
	busy    int        // workers that evaluate, and may add to pending
	stopped bool
	read    map[eval.Value]*result // by derivation
}

// node is an attribute of the tree.
type node struct {
	attribute string
	thunk     *eval.Thunk
	done      chan struct{} // closed when what follows is known

	result   *result // of a derivation
	children []*node // of a set that is descended into
	err      error
}

// result is what a derivation is, under whatever attributes it is found.
type result struct {
	done    chan struct{} // closed when pkg and err are known
	pkg     Package
	err     error
	yielded bool
}

func newWalk(o Options) *walk {
	w := &walk{ev: eval.New(o.Eval), workers: o.Workers, read: make(map[eval.Value]*result)}
	if w.workers > 1 {
		// Who waits for what another evaluates should not leave a processor idle.
		w.workers += 2
	}
	w.changed = sync.NewCond(&w.mu)
	w.reader = reader{ev: w.ev, withoutPaths: o.WithoutPaths}
	return w
}

// root evaluates the tree itself.
func (w *walk) root(ctx context.Context, o Options) ([]*node, error) {
	var args []eval.NamedThunk
	if o.Config != "" {
		config, err := w.ev.Delay("«config»", o.Config)
		if err != nil {
			return nil, err
		}
		args = append(args, eval.NamedThunk{Name: "config", Value: config})
	}
	w.args = w.ev.MakeAttrs(args)
	v, err := w.ev.EvalFile(ctx, o.Tree)
	if err == nil {
		v, err = w.ev.AutoCall(ctx, v, w.args)
	}
	if err != nil {
		return nil, err
	}
	if v.Kind() != eval.KindAttrs {
		return nil, fmt.Errorf("%s is no set of packages", o.Tree)
	}
	w.reader.platforms.lib = w.ev.Attr(v, "lib")
	return w.children(v, ""), nil
}

// run yields all packages. It returns when all workers have ended.
func (w *walk) run(ctx context.Context, roots []*node, yield func(Package, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer w.stop()
	defer cancel()
	w.pending = slices.Clone(roots)
	slices.Reverse(w.pending)
	for range w.workers {
		workers.Go(func() { w.work(ctx) })
	}
	for i, n := range roots {
		roots[i] = nil
		if !w.yield(ctx, n, yield) {
			return
		}
	}
}

// work evaluates what is pending, until nothing more can come.
func (w *walk) work(ctx context.Context) {
	for {
		n := w.next()
		if n == nil {
			return
		}
		w.visit(ctx, n)
		w.finish(n)
	}
}

// next returns the next node, or nil when there will be none.
func (w *walk) next() *node {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.pending) == 0 && w.busy > 0 && !w.stopped {
		w.changed.Wait()
	}
	if len(w.pending) == 0 || w.stopped {
		return nil
	}
	last := len(w.pending) - 1
	n := w.pending[last]
	w.pending[last] = nil
	w.pending = w.pending[:last]
	w.busy++
	return n
}

// finish adds what was found at a node to what is pending.
func (w *walk) finish(n *node) {
	w.mu.Lock()
	for _, child := range slices.Backward(n.children) {
		w.pending = append(w.pending, child)
	}
	w.busy--
	if len(n.children) > 0 || w.busy == 0 {
		w.changed.Broadcast()
	}
	w.mu.Unlock()
	close(n.done)
}

func (w *walk) stop() {
	w.mu.Lock()
	w.stopped = true
	w.changed.Broadcast()
	w.mu.Unlock()
}

// visit evaluates an attribute: a derivation is read, and a set that wants it is
// descended into.
func (w *walk) visit(ctx context.Context, n *node) {
	v, err := w.ev.Force(ctx, n.thunk)
	n.thunk = nil
	if err != nil || v.Kind() != eval.KindAttrs {
		n.err = err
		return
	}
	r := w.reader.of(ctx, v)
	switch {
	case r.isDerivation():
		n.result = w.result(&r)
	case r.bool(v, "recurseForDerivations"):
		if v, n.err = w.ev.AutoCall(ctx, v, w.args); n.err != nil {
			return
		}
		if r = w.reader.of(ctx, v); r.isDerivation() {
			n.result = w.result(&r)
		} else if v.Kind() == eval.KindAttrs {
			n.children = w.children(v, n.attribute+".")
		}
	}
	if n.result == nil && n.err == nil {
		n.err = r.err
	}
}

// result reads a derivation, unless that was done under another attribute.
func (w *walk) result(r *reading) *result {
	w.mu.Lock()
	known := w.read[r.derivation]
	if known != nil {
		w.mu.Unlock()
		return known
	}
	result := &result{done: make(chan struct{})}
	w.read[r.derivation] = result
	w.mu.Unlock()
	result.pkg = r.read()
	result.err = r.err
	close(result.done)
	return result
}

// children returns the attributes of a set that nix-env looks at.
func (w *walk) children(set eval.Value, prefix string) []*node {
	attrs := w.ev.Attrs(set)
	nodes := make([]*node, 0, len(attrs))
	for _, attr := range attrs {
		if isPlainName(attr.Name) {
			nodes = append(nodes, &node{attribute: prefix + attr.Name, thunk: attr.Value, done: make(chan struct{})})
		}
	}
	return nodes
}

// yield hands out what became of a node and those below it. It returns false when
// nothing more is wanted or possible.
func (w *walk) yield(ctx context.Context, n *node, yield func(Package, error) bool) bool {
	if err := wait(ctx, n.done); err != nil {
		yield(Package{}, err)
		return false
	}
	if n.err != nil && !yieldFailed(ctx, Package{Attribute: n.attribute}, n.err, yield) {
		return false
	}
	if n.result != nil && !n.result.yielded {
		if err := wait(ctx, n.result.done); err != nil {
			yield(Package{}, err)
			return false
		}
		if !n.result.yield(ctx, n.attribute, yield) {
			return false
		}
	}
	for i, child := range n.children {
		n.children[i] = nil
		if !w.yield(ctx, child, yield) {
			return false
		}
	}
	return true
}

// yield hands out the package under the first of its attributes.
func (r *result) yield(ctx context.Context, attribute string, yield func(Package, error) bool) bool {
	pkg, err := r.pkg, r.err
	pkg.Attribute = attribute
	r.pkg, r.yielded = Package{}, true
	if err != nil {
		return yieldFailed(ctx, pkg, err, yield)
	}
	return yield(pkg, nil)
}

// yieldFailed hands out an error. It is the last one if ctx has ended or there is no
// memory left.
func yieldFailed(ctx context.Context, pkg Package, err error, yield func(Package, error) bool) bool {
	if ended := ctx.Err(); ended != nil {
		yield(Package{}, ended)
		return false
	}
	var e *eval.Error
	if errors.As(err, &e) && e.Kind == eval.KindOutOfMemory {
		yield(Package{}, err)
		return false
	}
	return yield(pkg, &FailedError{pkg.Attribute, err})
}

// wait waits until done is closed. It fails if ctx ends first.
func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
