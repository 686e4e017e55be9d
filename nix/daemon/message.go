package daemon

import "luminousnix/nix/daemon/internal/wire"

// drain reads messages until the reply follows (nil) or the daemon reports an
// error ([*Error]), and gives those in between to the observer.
func (c *Conn) drain() error {
	for {
		kind := c.r.Uint()
		if err := c.r.Err(); err != nil {
			return err
		}
		switch kind {
		case wire.Last:
			return nil
		case wire.Failed:
			return c.readError()
		}
		event := c.readEvent(kind)
		if err := c.r.Err(); err != nil {
			return err
		}
		if c.observe != nil {
			c.observe(event)
		}
	}
}

func (c *Conn) readEvent(kind uint64) Event {
	r := c.r
	switch kind {
	case wire.Next:
		return Line{Text: r.Text()}
	case wire.StartActivity:
		return Started{
			ID: ActivityID(r.Uint()), Level: Level(r.Uint()), Type: ActivityType(r.Uint()),
			Text: r.Text(), Fields: readFields(r), Parent: ActivityID(r.Uint()),
		}
	case wire.StopActivity:
		return Stopped{ID: ActivityID(r.Uint())}
	case wire.Result:
		return Result{ID: ActivityID(r.Uint()), Type: ResultType(r.Uint()), Fields: readFields(r)}
	}
	r.Refuse("a message of kind %#x", kind)
	return nil
}

func readFields(r *wire.Reader) []Field {
	var fields []Field
	for range r.Items() {
		switch kind := r.Uint(); kind {
		case 0:
			fields = append(fields, Field{Number: r.Uint()})
		case 1:
			fields = append(fields, Field{Text: r.Text()})
		default:
			r.Refuse("a field of kind %d", kind)
		}
	}
	return fields
}

func (c *Conn) readError() error {
	r := c.r
	r.Text() // always "Error"
	said := &Error{Level: Level(r.Uint())}
	r.Text() // a name, obsolete
	said.Message = plain(r.Text())
	readPosition(r)
	for range r.Items() {
		readPosition(r)
		said.Trace = append(said.Trace, plain(r.Text()))
	}
	if err := r.Err(); err != nil {
		return err
	}
	said.Kind = kindOf(said.Message)
	return said
}

// readPosition reads whether a position in a file follows, which none does since
// there are these messages.
func readPosition(r *wire.Reader) {
	if r.Bool() {
		r.Refuse("an error with a position")
	}
}
