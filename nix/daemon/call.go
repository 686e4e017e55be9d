package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"

	"luminousnix/nix/daemon/internal/wire"
)

// call makes one request: send writes what follows the operation's number, and
// receive reads the reply. Either may be nil.
func (c *Conn) call(ctx context.Context, op uint64, send func(*wire.Writer), receive func(*wire.Reader)) error {
	return c.exchange(ctx, func() error {
		c.request(op, send)
		if err := c.w.Flush(); err != nil {
			return c.lastWords(err)
		}
		return c.reply(receive)
	})
}

// exchange runs do, which talks with the daemon, on a connection that can be
// used. An error of the daemon's own leaves it open, every other one ends it.
func (c *Conn) exchange(ctx context.Context, do func() error) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	err := c.bounded(ctx, do)
	if err == nil {
		return nil
	}
	if errors.As(err, new(*Error)) {
		c.doubtful = true
		return err
	}
	c.end(err)
	return err
}

// ready makes sure that the connection can be used. A daemon that fails to read
// a request says so twice and hangs up; one that fails at the work itself goes
// on. Nothing but the next request tells which it was, so a harmless one is
// made first.
func (c *Conn) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.closed != nil {
		return fmt.Errorf("%w: %w", ErrClosed, c.closed)
	}
	if !c.doubtful {
		return nil
	}
	err := c.bounded(ctx, func() error {
		c.request(wire.IsValidPath, func(w *wire.Writer) {
			w.Text(string(c.dir) + "/00000000000000000000000000000000-probe")
		})
		if err := c.w.Flush(); err != nil {
			return err
		}
		return c.reply(func(r *wire.Reader) { r.Bool() })
	})
	if err != nil {
		c.end(err)
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	c.doubtful = false
	return nil
}

// end closes the connection for good.
func (c *Conn) end(why error) {
	c.closed = why
	c.net.Close()
}

// bounded runs do and closes the connection when ctx ends before it.
func (c *Conn) bounded(ctx context.Context, do func() error) error {
	stop := context.AfterFunc(ctx, func() { c.net.Close() })
	err := do()
	if !stop() && ctx.Err() != nil {
		// Even if the answer was there just in time: the connection is closed.
		return fmt.Errorf("waiting for the Nix daemon: %w", ctx.Err())
	}
	if wrong := (*wire.SyntaxError)(nil); errors.As(err, &wrong) {
		return &ProtocolError{wrong.Why}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("%w: %w", ErrHungUp, err)
	}
	return err
}

func (c *Conn) request(op uint64, send func(*wire.Writer)) {
	c.w.Uint(op)
	if send != nil {
		send(c.w)
	}
}

// reply reads messages until the reply, and that.
func (c *Conn) reply(receive func(*wire.Reader)) error {
	if err := c.drain(); err != nil {
		return err
	}
	if receive != nil {
		receive(c.r)
	}
	return c.r.Err()
}

// lastWords is the error that a daemon sent before it hung up on a request that
// could not be written to its end, or err when there is none.
func (c *Conn) lastWords(err error) error {
	if said := (*Error)(nil); errors.As(c.drain(), &said) {
		return said
	}
	return err
}

// upload makes a request that is followed by a stream, which body writes. The
// daemon's messages are read at the same time, since it may stop reading until
// somebody does, and since it may refuse before it has all.
func (c *Conn) upload(ctx context.Context, op uint64, send func(*wire.Writer), body func(io.Writer) error, receive func(*wire.Reader)) error {
	return c.exchange(ctx, func() error {
		c.request(op, send)
		if err := c.w.Flush(); err != nil {
			return c.lastWords(err)
		}
		var answered atomic.Bool
		reply := make(chan error, 1)
		go func() {
			err := c.drain()
			answered.Store(true)
			reply <- err
		}()
		out := &upload{frames: wire.NewFrameWriter(c.w), answered: &answered}
		if err := out.run(body); err != nil {
			if out.broken == nil {
				// The daemon waits for the rest of the stream: nothing but the
				// end of the connection tells it that there is none.
				c.net.Close()
				<-reply
				return err
			}
			if said := (*Error)(nil); errors.As(<-reply, &said) {
				return said // before it hung up
			}
			return err
		}
		if err := <-reply; err != nil {
			return err
		}
		if receive != nil {
			receive(c.r)
		}
		return c.r.Err()
	})
}

// errAnswered ends a stream that the daemon does not want to its end.
var errAnswered = errors.New("the daemon has answered")

// upload is a stream on its way to the daemon.
type upload struct {
	frames   *wire.FrameWriter
	answered *atomic.Bool
	broken   error // why the connection takes no more
}

// run sends what body writes, until the daemon has answered.
func (u *upload) run(body func(io.Writer) error) error {
	err := body(u)
	if errors.Is(err, errAnswered) {
		u.broken = u.frames.Abort()
		return u.broken
	}
	if err != nil {
		return err
	}
	u.broken = u.frames.Close()
	return u.broken
}

func (u *upload) Write(p []byte) (int, error) {
	if u.answered.Load() {
		return 0, errAnswered
	}
	n, err := u.frames.Write(p)
	u.broken = err
	return n, err
}
