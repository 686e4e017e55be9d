package resultcache

import (
	"context"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/trace"
)

// Reason is why there is no result for a key.
type Reason int

// The reasons.
const (
	Unknown Reason = iota + 1 // nothing was kept under the key
	Changed                   // an input changed, see Miss.Difference
	Refused                   // the inputs are as they were, but the caller does not want the result
)

// Miss says why there is no result.
type Miss struct {
	Reason Reason
	// Difference is what changed since the newest result was kept, when Reason is
	// Changed.
	Difference *trace.Difference
}

// String says why something has to be evaluated, to follow "because".
func (m *Miss) String() string {
	switch m.Reason {
	case Changed:
		return m.Difference.String()
	case Refused:
		return "what it names is not in the store any more"
	}
	return "it was not evaluated before"
}

// Find returns the newest result under the key of which every input is as it was,
// as read from in, and which valid accepts: what a result names may be gone from
// the store. valid may be nil. If there is none, Find says why not.
//
// Errors are those of the package's comment, of ctx and of valid.
func (c *Cache) Find(ctx context.Context, key []byte, in eval.Inputs, valid func(result []byte) (bool, error)) (result []byte, miss *Miss, err error) {
	ids, err := c.ids(ctx, key)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		e, err := c.entry(ctx, key, id)
		if err != nil {
			return nil, nil, err
		}
		if e == nil {
			continue
		}
		why, err := e.check(ctx, in, valid)
		if err != nil {
			return nil, nil, err
		}
		if why == nil {
			_ = c.Touch(ctx, *e) // without it, it is only slower or gone earlier
			return e.Result, nil, nil
		}
		if miss == nil {
			miss = why
		}
	}
	if miss == nil {
		miss = &Miss{Reason: Unknown}
	}
	return nil, miss, nil
}

// check says why an entry is not to be used, nil if it is.
func (e *Entry) check(ctx context.Context, in eval.Inputs, valid func([]byte) (bool, error)) (*Miss, error) {
	different, err := e.Trace.Check(ctx, in)
	if err != nil {
		return nil, err
	}
	if different != nil {
		return &Miss{Reason: Changed, Difference: different}, nil
	}
	if valid == nil {
		return nil, nil
	}
	ok, err := valid(e.Result)
	if err != nil || ok {
		return nil, err
	}
	return &Miss{Reason: Refused}, nil
}
