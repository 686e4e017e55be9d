package daemon

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"
)

// Pool keeps connections for requests that are made at the same time, and again
// and again. It makes a new one in place of each that broke or that the daemon,
// perhaps restarted, has closed. Its methods may be called from several
// goroutines.
type Pool struct {
	options Options
	slots   chan struct{} // one for each connection in use

	mu     sync.Mutex
	idle   []*Conn
	closed bool
}

// NewPool returns a pool of at most size connections, made when they are needed.
// The observer of options is called from all of them.
func NewPool(options Options, size int) *Pool {
	return &Pool{options: options, slots: make(chan struct{}, max(size, 1))}
}

// Do runs do with a connection that nobody else uses, waiting for one if all are
// in use. Temporary roots that it makes hold at least until Do returns, and no
// longer than Close. The error is do's own, or that of [Dial].
func (p *Pool) Do(ctx context.Context, do func(*Conn) error) error {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-p.slots }()
	conn, err := p.take(ctx)
	if err != nil {
		return err
	}
	defer p.give(conn)
	return do(conn)
}

// Close closes all connections. Those in use are closed when Do returns.
func (p *Pool) Close() error {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var errs []error
	for _, conn := range idle {
		errs = append(errs, conn.Close())
	}
	return errors.Join(errs...)
}

// take returns a connection that works.
func (p *Pool) take(ctx context.Context) (*Conn, error) {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		n := len(p.idle) - 1
		if n < 0 {
			p.mu.Unlock()
			return Dial(ctx, p.options)
		}
		conn := p.idle[n]
		p.idle = p.idle[:n]
		p.mu.Unlock()
		if conn.silent() && conn.ready(ctx) == nil {
			return conn, nil
		}
		conn.Close()
	}
}

func (p *Pool) give(conn *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || conn.closed != nil {
		conn.Close()
		return
	}
	p.idle = append(p.idle, conn)
}

// silent says whether the daemon has neither said anything nor hung up since the
// last answer; one that is not used has no reason to. After an error it may have
// said the same again: see ready.
func (c *Conn) silent() bool {
	if c.closed != nil || c.r.Buffered() {
		return false
	}
	raw, err := c.net.(*net.UnixConn).SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		var one [1]byte
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		silent = errors.Is(err, syscall.EAGAIN)
		return true
	})
	return err == nil && silent
}
