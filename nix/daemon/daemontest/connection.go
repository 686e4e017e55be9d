package daemontest

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/nix/daemon/internal/wire"
)

// connection is one client that is served.
type connection struct {
	*Server
	id      int
	net     net.Conn
	out     *limitedWriter
	r       *wire.Reader
	w       *wire.Writer
	minor   int
	trusted bool

	settings   settings
	activities uint64
	// ctx ends when the client hangs up while something is done for it, see
	// watch, and with the server.
	ctx    context.Context
	cancel context.CancelFunc

	// For the request that is being answered:
	upload *wire.FrameReader // the stream that follows it
	struck []Fault
}

func newConnection(s *Server, client net.Conn) *connection {
	c := &connection{Server: s, net: client, trusted: s.options.Trust != notTrusted, settings: defaultSettings()}
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	c.out = &limitedWriter{conn: c, left: unlimited}
	c.r = wire.NewReader(client)
	c.w = wire.NewWriter(c.out)
	return c
}

// hangUp ends the connection, from whatever goroutine.
func (c *connection) hangUp() {
	c.cancel()
	c.net.Close()
}

// errHungUp ends a connection without a word.
var errHungUp = errors.New("hung up")

func (c *connection) serve() {
	err := c.greet()
	for err == nil {
		op := Operation(c.r.Uint())
		if c.r.Err() != nil {
			return
		}
		c.saw(op)
		err = c.answer(op)
	}
	c.giveUp(err)
}

// answer answers one request. An error ends the connection.
func (c *connection) answer(op Operation) error {
	c.upload = nil
	if err := c.strike(op); err != nil {
		return err
	}
	handle := op.handler(c.options.Version.Minor)
	if handle == nil {
		return unknownOperation(op)
	}
	return handle(c)
}

// giveUp tells the client why the connection ends: a request that cannot be read
// gets the error twice, since a daemon tells it where the request failed and
// once more where the loop over requests ends.
func (c *connection) giveUp(err error) {
	var said *failure
	if wrong := (*wire.SyntaxError)(nil); errors.As(err, &wrong) {
		said = &failure{message: wrong.Why}
	} else if !errors.As(err, &said) {
		return
	}
	c.sendError(said)
	c.sendError(said)
	c.w.Flush()
}

// work does what a request that was read asks for, and replies. What fails in do
// is told to the client and leaves the connection as it is. Both may be nil.
func (c *connection) work(do func() error, reply func(*wire.Writer)) error {
	if err := c.r.Err(); err != nil {
		return err
	}
	err := c.interfere()
	if err == nil && do != nil {
		err = do()
	}
	if errors.Is(err, errHungUp) || c.ctx.Err() != nil {
		return errHungUp
	}
	if err != nil && c.early() {
		c.sendError(err)
		if err := c.w.Flush(); err != nil {
			return err
		}
	}
	if err := c.skipUpload(); err != nil {
		return err
	}
	switch {
	case err == nil && c.garble():
	case err == nil:
		c.w.Uint(wire.Last)
		if reply != nil {
			reply(c.w)
		}
	case !c.early():
		c.sendError(err)
	}
	return c.w.Flush()
}

// skipUpload reads what is left of a stream: daemons do, before they say what
// was wrong with it.
func (c *connection) skipUpload() error {
	if c.upload == nil {
		return nil
	}
	rest := make([]byte, 64<<10)
	for {
		if _, err := c.upload.Read(rest); err != nil {
			return c.r.Err() // nil at the end of the stream
		}
	}
}

// ack is the reply of operations that have none.
func ack(w *wire.Writer) { w.Uint(1) }

// watchEvery is how often a busy server looks whether its client is still there.
const watchEvery = 5 * time.Millisecond

// watch cancels c.ctx when the client hangs up before stop is called. The server
// does not read while it works, so it asks the kernel.
func (c *connection) watch() (stop func()) {
	socket, ok := c.net.(*net.UnixConn)
	if !ok {
		return func() {}
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return func() {}
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-c.ctx.Done():
				return
			case <-time.After(watchEvery):
			}
			if gone(raw) {
				c.cancel()
			}
		}
	})
	return func() { close(done); ended.Wait() }
}

// gone says whether the other end of a socket was closed.
func gone(raw interface{ Control(func(uintptr)) error }) bool {
	closed := false
	err := raw.Control(func(fd uintptr) {
		poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		n, err := unix.Poll(poll, 0)
		closed = err == nil && n > 0
	})
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded) || closed
}
