package daemon

import "fmt"

// The messages that a daemon sends before its reply.
const (
	msgLast          = 0x616c7473
	msgError         = 0x63787470
	msgNext          = 0x6f6c6d67
	msgStartActivity = 0x53545254
	msgStopActivity  = 0x53544f50
	msgResult        = 0x52534c54
)

// drain reads messages until the reply follows (nil) or the daemon reports an
// error ([*Error]). Log messages are read and let go.
func (c *Conn) drain() error {
	for {
		kind, err := c.wire.readUint()
		if err != nil {
			return err
		}
		switch kind {
		case msgLast:
			return nil
		case msgError:
			return c.readError()
		case msgNext:
			_, err = c.wire.readString()
		case msgStartActivity:
			err = c.skip(num, num, num, text, fields, num)
		case msgStopActivity:
			err = c.skip(num)
		case msgResult:
			err = c.skip(num, num, fields)
		default:
			err = &ProtocolError{fmt.Sprintf("a message of kind %#x", kind)}
		}
		if err != nil {
			return err
		}
	}
}

type part int

const (
	num part = iota
	text
	fields
)

func (c *Conn) skip(parts ...part) (err error) {
	for _, p := range parts {
		switch p {
		case num:
			_, err = c.wire.readUint()
		case text:
			_, err = c.wire.readString()
		case fields:
			err = c.skipFields()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) skipFields() error {
	n, err := c.wire.readUint()
	if err != nil {
		return err
	}
	for range n {
		kind, err := c.wire.readUint()
		if err != nil {
			return err
		}
		if err := c.skip(part(min(kind, 1))); err != nil {
			return err
		}
	}
	return nil
}

func (c *Conn) readError() error {
	if err := c.skip(text); err != nil { // always "Error"
		return err
	}
	level, err := c.wire.readUint()
	if err != nil {
		return err
	}
	if err := c.skip(text); err != nil { // a name, obsolete
		return err
	}
	message, err := c.wire.readString()
	if err != nil {
		return err
	}
	trace, err := c.readTrace()
	if err != nil {
		return err
	}
	return &Error{Level: int(level), Message: plain(message), Trace: trace}
}

func (c *Conn) readTrace() ([]string, error) {
	if err := c.skip(num); err != nil { // there is never a position
		return nil, err
	}
	n, err := c.wire.readUint()
	if err != nil {
		return nil, err
	}
	var trace []string
	for range n {
		if err := c.skip(num); err != nil {
			return nil, err
		}
		line, err := c.wire.readString()
		if err != nil {
			return nil, err
		}
		trace = append(trace, plain(line))
	}
	return trace, nil
}
