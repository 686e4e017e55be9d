package evaluation

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// run is one evaluation.
type run struct {
	*Native
	request  Request
	result   *Result
	messages recorded
	conn     *daemon.Conn // nil when nothing is written
	store    eval.Store
	ev       *eval.Evaluator
	args     eval.Value // the set of arguments
}

// wrote says whether values name what was put into the store for them: nobody
// would notice if that were collected.
func (e *run) wrote() bool {
	written, ok := e.store.(*daemonStore)
	return ok && e.request.Want == Values && written.changed
}

// counted is the store, which tells of each derivation that is added.
func (e *run) counted() eval.Store {
	if e.request.Made == nil {
		return e.store
	}
	return &counting{e.store, e.request.Made}
}

// counting tells of each derivation that is added to a store.
type counting struct {
	eval.Store
	made func()
}

// AddDerivation implements eval.Store.
func (c *counting) AddDerivation(ctx context.Context, d *derivation.Derivation) (store.Path, error) {
	c.made()
	return c.Store.AddDerivation(ctx, d)
}

// withStore runs do with the store: that of the daemon, or one that only computes
// paths.
func (e *run) withStore(ctx context.Context, do func() error) error {
	if !e.request.Write || e.Dry {
		dry := &eval.DryStore{Directory: e.Host.StoreDir, Keep: e.request.Keep}
		e.store, e.result.load = dry, dry.Derivation
		if !e.Dry && (e.request.Restrict || e.request.Pure) {
			asking := &askingStore{DryStore: dry, dial: e.dial}
			defer asking.close()
			e.store = asking
		}
		return do()
	}
	conn, err := e.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	written := newDaemonStore(conn, e.Host)
	e.conn, e.store, e.result.load = conn, written, written.DryStore.Derivation
	return do()
}

func (n *Native) dial(ctx context.Context) (*daemon.Conn, error) {
	options := daemon.Options{}
	if n.Host.Offline != "" {
		settings := daemon.DefaultSettings()
		settings.Substitute, settings.Overrides = false, map[string]string{"builders": ""}
		options.Settings = &settings
	}
	return n.Host.Dial(ctx, options)
}

// Find returns where a name leads in the search path of a request: <nixpkgs/lib> is
// found as nixpkgs/lib. What is downloaded for that is put into the store.
func (n *Native) Find(ctx context.Context, r Request, name string) (string, error) {
	downloads := func(entry eval.SearchEntry) bool { return strings.Contains(entry.Path, ":") }
	r.Write = slices.ContainsFunc(r.SearchPath, downloads)
	e := &run{Native: n, request: r, result: new(Result), messages: recorded{to: r.Stderr}}
	var found string
	err := e.withStore(ctx, func() (err error) {
		ev := eval.New(r.options(e.store, n.inputs(&r), &e.messages))
		found, err = ev.FindFile(ctx, "<"+name+">")
		return err
	})
	return found, err
}

// makeArguments makes the set of arguments. Expressions among them are evaluated
// when they are needed.
func (e *run) makeArguments() error {
	var named []eval.NamedThunk
	for _, a := range e.request.Arguments {
		value := eval.MakeString(a.Text)
		if !a.IsString {
			var err error
			if value, err = e.ev.Delay("«string»", a.Text); err != nil {
				return err
			}
		}
		named = append(named, eval.NamedThunk{Name: a.Name, Value: value})
	}
	e.args = e.ev.MakeAttrs(named)
	return nil
}

// source evaluates a source and takes what is at each attribute path.
func (e *run) source(ctx context.Context, s Source) error {
	v, err := e.root(ctx, s)
	if err != nil {
		return err
	}
	attributes := e.request.Attributes
	if len(attributes) == 0 {
		attributes = []string{""}
	}
	for _, path := range attributes {
		selected, err := e.ev.Select(ctx, v, path, e.args)
		if err != nil {
			return err
		}
		if e.request.Want == Derivations {
			err = e.derivations(ctx, selected)
		} else {
			err = e.value(ctx, selected)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *run) root(ctx context.Context, s Source) (eval.Value, error) {
	switch s.Kind {
	case Expression:
		return e.ev.EvalExpr(ctx, "«string»", s.Text)
	case Input:
		return e.ev.EvalExpr(ctx, "«stdin»", s.Text)
	}
	path, err := e.ev.FindFile(ctx, s.Text)
	if err != nil {
		return eval.Value{}, err
	}
	return e.ev.EvalFile(ctx, path)
}

// derivations takes the derivations that a value gives.
func (e *run) derivations(ctx context.Context, v eval.Value) error {
	v, err := e.ev.AutoCall(ctx, v, e.args)
	if err != nil {
		return err
	}
	all, err := e.ev.Derivations(ctx, v, e.args)
	if err != nil {
		return err
	}
	for _, found := range all {
		e.result.Derivations = append(e.result.Derivations, Derivation{Path: found.DrvPath, Output: found.Output})
		if err := e.link(ctx, len(e.result.Derivations)-1); err != nil {
			return err
		}
	}
	return nil
}

// link makes the link to the i-th derivation that was found.
func (e *run) link(ctx context.Context, i int) error {
	if e.request.Link == "" || e.conn == nil {
		return nil
	}
	d := &e.result.Derivations[i]
	link := linkName(e.request.Link, i+1)
	if !filepath.IsAbs(link) {
		link = filepath.Join(e.request.BaseDir, link)
	}
	d.Link = link
	return addRoot(ctx, e.conn, link, d.Path)
}

// value prints a value. Functions are called only if there are arguments.
func (e *run) value(ctx context.Context, v eval.Value) (err error) {
	if len(e.request.Arguments) > 0 {
		if v, err = e.ev.AutoCall(ctx, v, e.args); err != nil {
			return err
		}
	}
	text, err := e.print(ctx, v)
	if err == nil {
		e.result.Values = append(e.result.Values, text)
	}
	return err
}

func (e *run) print(ctx context.Context, v eval.Value) (string, error) {
	p := e.request.Print
	if e.request.Workers > 1 && (p.Strict || p.Format == JSON) {
		e.ev.ForceAhead(ctx, v, e.request.Workers)
	}
	switch p.Format {
	case Raw:
		return e.ev.Raw(ctx, v)
	case XML:
		return e.ev.XML(ctx, v, p.Strict, !p.NoLocation)
	case JSON:
		text, err := e.ev.JSON(ctx, v, true)
		return text + "\n", err
	}
	if p.Strict {
		if err := e.ev.ForceDeep(ctx, v); err != nil {
			return "", err
		}
	}
	text, err := e.ev.Print(ctx, v)
	return text + "\n", err
}

// mostKept bounds the messages that are kept with a result.
const mostKept = 1 << 20

// recorded passes messages on and keeps them.
type recorded struct {
	to io.Writer

	mu   sync.Mutex
	kept bytes.Buffer
	over bool // there were more than are kept
}

func (r *recorded) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over = r.over || r.kept.Len()+len(p) > mostKept; !r.over {
		r.kept.Write(p)
	}
	if r.to == nil {
		return len(p), nil
	}
	return r.to.Write(p)
}
