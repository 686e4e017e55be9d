package trace

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// Check says whether every input of the evaluation is as it was, as read from in:
// nil, or one that is not. Its error is that of ctx: what cannot be read is a
// difference. Nothing is recorded: for a [Recorder], what it reads from is asked.
//
// Where something had to be read that was found to be as it was, t remembers what
// lstat says now; see [Trace.Refreshed].
func (t *Trace) Check(ctx context.Context, in eval.Inputs) (*Difference, error) {
	return t.check(ctx, in, margin)
}

func (t *Trace) check(ctx context.Context, in eval.Inputs, margin time.Duration) (*Difference, error) {
	if r, ok := in.(*Recorder); ok {
		in = r.in // which tells all of files, and what is so now
	}
	c := checker{in: in, inputs: t.inputs, old: time.Now().Add(-margin).UnixNano()}
	for _, stage := range []func(context.Context) (*Difference, error){c.look, c.readFiles, c.readDirs, c.download} {
		if different, err := stage(ctx); different != nil || err != nil {
			return different, err
		}
	}
	for _, s := range c.suspects {
		if s.now.ctime < c.old && s.now != t.inputs[s.index].stat {
			t.inputs[s.index].stat = s.now
			t.refreshed = true
		}
	}
	return nil, nil
}

// checker goes over a trace, cheap questions first.
type checker struct {
	in       eval.Inputs
	inputs   []input
	old      int64 // files changed later than this are too young to trust
	suspects []suspect
}

// suspect is a file or directory whose identity does not tell that it is as it
// was.
type suspect struct {
	index int // of inputs
	info  fs.FileInfo
	now   identity
}

// look asks all that needs no reading, in several parts at a time, and finds the
// suspects.
func (c *checker) look(ctx context.Context) (*Difference, error) {
	const least = 256 // inputs that are worth a goroutine
	parts := max(1, min(runtime.GOMAXPROCS(0), len(c.inputs)/least))
	lookers := make([]looker, parts)
	var group errgroup.Group
	for i := range lookers {
		lookers[i] = looker{in: c.in, inputs: c.inputs}
		from, to := i*len(c.inputs)/parts, (i+1)*len(c.inputs)/parts
		group.Go(func() error { return lookers[i].look(ctx, from, to) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for _, l := range lookers {
		if l.different != nil {
			return l.different, nil
		}
		c.suspects = append(c.suspects, l.suspects...)
	}
	return nil, nil
}

// readFiles reads the suspected files, several at a time, up to the first that is
// different.
func (c *checker) readFiles(ctx context.Context) (*Difference, error) {
	var readers errgroup.Group
	readers.SetLimit(runtime.GOMAXPROCS(0))
	var first firstDifference
	for i := range c.suspects {
		s := &c.suspects[i]
		was := &c.inputs[s.index]
		if was.kind != Content || first.before(i) {
			continue
		}
		readers.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			content, err := c.in.ReadFile(was.name)
			now := input{failure: failureOf(err)}
			if err == nil {
				now.sum = sha256.Sum256(content)
				s.now = fileIdentity(was.name, s.info, len(content))
			}
			first.note(i, compare(was, &now))
			return nil
		})
	}
	if err := readers.Wait(); err != nil {
		return nil, err
	}
	return first.difference, nil
}

// firstDifference is the difference of the least index that was noted.
type firstDifference struct {
	mu         sync.Mutex
	index      int
	difference *Difference
}

func (f *firstDifference) note(index int, d *Difference) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d != nil && (f.difference == nil || index < f.index) {
		f.index, f.difference = index, d
	}
}

// before says whether there is a difference before index.
func (f *firstDifference) before(index int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.difference != nil && f.index < index
}

// readDirs lists the suspected directories.
func (c *checker) readDirs(ctx context.Context) (*Difference, error) {
	for i := range c.suspects {
		s := &c.suspects[i]
		was := &c.inputs[s.index]
		if was.kind != Listing {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		entries, err := c.in.ReadDir(was.name)
		now := input{failure: failureOf(err)}
		if err == nil {
			now.sum = listingSum(entries)
			s.now = listingIdentity(was.name, s.info)
		}
		if different := compare(was, &now); different != nil {
			return different, nil
		}
	}
	return nil, nil
}

// download asks what is at the URLs now; whether that goes to the network is up to
// the Inputs.
func (c *checker) download(ctx context.Context) (*Difference, error) {
	for i := range c.inputs {
		was := &c.inputs[i]
		if was.kind != URL {
			continue
		}
		got, err := c.in.Download(ctx, was.name)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			return was.difference(Failing), nil
		}
		if now := (input{sum: urlSum(got.Hash)}); compare(was, &now) != nil || got.Hash.Algorithm() != store.SHA256 {
			return was.difference(Changed), nil
		}
	}
	return nil, nil
}
