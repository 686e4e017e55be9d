// Package network makes all connections of the packages here: to the Nix daemon, and to
// servers that something is downloaded from. Whoever wants to know of each before it is
// made, or to forbid it, sets a [Guard]; without one connections are made as by package
// net.
package network

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A Guard is asked before each connection of the process, with the names of package net:
// "unix" and a path, or "tcp" and host:port. That of a name server is "udp" or "tcp" with
// port 53. Its error is that of the connection, which is not made then. It may be called by
// several goroutines.
type Guard func(network, address string) error

var guard atomic.Pointer[Guard]

// SetGuard has a guard asked from now on; nil has nobody asked.
func SetGuard(g Guard) {
	if g == nil {
		guard.Store(nil)
		return
	}
	guard.Store(&g)
}

// Ask asks the guard about a connection that somebody else makes.
func Ask(network, address string) error {
	if g := guard.Load(); g != nil {
		return (*g)(network, address)
	}
	return nil
}

// A Dialer makes connections.
type Dialer struct {
	// Timeout is how long a connection may take to be made; 0 is as long as it takes.
	Timeout time.Duration
	// Control is as in [net.Dialer].
	Control func(network, address string, c syscall.RawConn) error
}

// DialContext is that of [net.Dialer], if the guard lets it be. The error of the guard is
// wrapped in a *[net.OpError].
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if err := Ask(network, address); err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	dialer := net.Dialer{Timeout: d.Timeout, Control: d.Control}
	if guard.Load() != nil { // names are looked up over the network, too
		dialer.Resolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			if err := Ask(network, address); err != nil {
				return nil, &net.OpError{Op: "dial", Net: network, Err: err}
			}
			var plain net.Dialer
			return plain.DialContext(ctx, network, address)
		}}
	}
	return dialer.DialContext(ctx, network, address)
}

// connectTimeout is how long a server may take to answer at all.
const connectTimeout = 15 * time.Second

// NewTransport returns a transport for downloads with connections of its own, through the
// proxy of the environment.
func NewTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           Dialer{Timeout: connectTimeout}.DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          100,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   connectTimeout,
		ExpectContinueTimeout: time.Second,
	}
}

// Transport returns the transport that all who do not need one of their own share.
func Transport() http.RoundTripper {
	shared.once.Do(func() { shared.transport = NewTransport() })
	return shared.transport
}

var shared struct {
	once      sync.Once
	transport *http.Transport
}
