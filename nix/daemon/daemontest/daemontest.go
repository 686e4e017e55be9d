// Package daemontest is a Nix daemon for tests, within the test's own process:
// it speaks the worker protocol, versions 1.32 to 1.38, over a store in a
// directory of its own. Only tests may import it.
//
//	server := daemontest.New(t, daemontest.Options{})
//	text, err := server.AddText("hello", "world")
//	conn, err := daemon.Dial(ctx, server.Options())
//
// The store is real: its objects are files, added archives and content addresses
// are checked, references must be valid, roots are links, the garbage collector
// deletes, and builders run, with Nix's environment but without a sandbox. What
// Nix keeps in its database is in memory, and is gone with the server.
//
// What no real daemon does on demand comes by [Server.Inject]: errors, silence,
// delays and hanging up, at any operation and after any number of bytes. Tests
// of what a client does with that need no other server, and no luck.
//
// Words of errors are those of Nix 2.8, colours included. Not here: sandboxes,
// several builds at once on one connection, impure outputs,
// structured attributes, built-in builders, hashes of Git.
package daemontest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// Options says what kind of daemon to be. The zero value is the newest, for a
// trusted user.
type Options struct {
	// Version is the newest protocol that the server speaks, 1.32 to 1.38;
	// [daemon.Newest] by default.
	Version daemon.Version
	// NixVersion is what it says of itself, since 1.33.
	NixVersion string
	// Trust is whether the user is trusted; TrustUnknown counts as trusted.
	Trust daemon.Trust
	// Unsigned lets untrusted users add paths without a signature, as
	// require-sigs = false does.
	Unsigned bool
	// TrustedKeys are public keys whose signatures count, as NAME:BASE64.
	TrustedKeys []string
	// Substituter, if set, is where paths can be downloaded from.
	Substituter *Server
	// CADerivations is the experimental feature by which realisations can be
	// registered and asked for.
	CADerivations bool
	// Fenced makes a server that runs no builders and makes no links outside of
	// its directory, for clients that send nonsense.
	Fenced bool
	// Faults are injected from the beginning.
	Faults []Fault
}

// Server is a daemon that listens. Its methods may be called from several
// goroutines.
type Server struct {
	Socket   string
	StoreDir store.Dir
	StateDir string // has gcroots and profiles, as /nix/var/nix
	LogDir   string // of builds: drvs/XX/REST, not compressed

	options Options
	dir     string
	objects *objects
	hasher  *derivation.Hasher
	faults  faults
	links   sync.Mutex // held while links of roots change or are read

	ctx    context.Context // ends with the server
	cancel context.CancelFunc
	listen net.Listener
	wait   sync.WaitGroup

	mu       sync.Mutex
	conns    map[*connection]bool
	lastID   int
	requests []Operation
}

// New starts a server in a directory of its own, which ends with the test.
func New(tb testing.TB, options Options) *Server {
	tb.Helper()
	dir, err := shortTempDir()
	if err != nil {
		tb.Fatal(err)
	}
	server, err := Start(dir, options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := errors.Join(server.Close(), removeTree(dir)); err != nil {
			tb.Errorf("the test daemon: %v", err)
		}
	})
	return server
}

// longestSocket is how long the path of a socket may be on Linux.
const longestSocket = 107

// shortTempDir makes a directory whose path leaves room for a socket's name.
func shortTempDir() (string, error) {
	parent := os.TempDir()
	if len(parent) > longestSocket-len("/daemontest-0123456789/socket") {
		parent = "/tmp"
	}
	return os.MkdirTemp(parent, "daemontest-")
}

// Start starts a server in dir, which must be there, be empty and have an
// absolute path of at most 100 bytes. It stays when the server is closed.
func Start(dir string, options Options) (*Server, error) {
	if options.Version == (daemon.Version{}) {
		options.Version = daemon.Newest()
	}
	if options.NixVersion == "" {
		options.NixVersion = "2.0-daemontest"
	}
	s := &Server{
		Socket: filepath.Join(dir, "socket"), StoreDir: store.Dir(filepath.Join(dir, "store")),
		StateDir: filepath.Join(dir, "state"), LogDir: filepath.Join(dir, "log"),
		options: options, dir: dir, conns: map[*connection]bool{},
	}
	s.objects = newObjects(s.StoreDir)
	s.hasher = derivation.NewHasher(s.StoreDir, derivation.FromStore(s.StoreDir))
	for _, sub := range []string{string(s.StoreDir), s.autoRoots(), filepath.Join(s.StateDir, "profiles"), s.scratch(), s.LogDir} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return nil, err
		}
	}
	for _, fault := range options.Faults {
		s.Inject(fault)
	}
	if len(s.Socket) > longestSocket {
		return nil, fmt.Errorf("the path of the socket is too long: %s", s.Socket)
	}
	var err error
	if s.listen, err = net.Listen("unix", s.Socket); err != nil {
		return nil, err
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.wait.Go(s.accept)
	return s, nil
}

// scratch is where trees are made before they go into the store.
func (s *Server) scratch() string { return filepath.Join(s.dir, "scratch") }

// Options returns what a client needs to connect.
func (s *Server) Options() daemon.Options {
	return daemon.Options{Socket: s.Socket, StoreDir: s.StoreDir}
}

// Requests returns the operations of all requests until now, of all connections,
// in the order in which the server began them.
func (s *Server) Requests() []Operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Operation(nil), s.requests...)
}

// Connections returns how many clients are connected.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// Disconnect hangs up on all clients, as a daemon does that is restarted. The
// server goes on listening.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.hangUp()
	}
}

// Close stops listening, hangs up on all clients, ends their builds and returns
// when all of that is done. Closing twice does no harm.
func (s *Server) Close() error {
	s.cancel()
	err := s.listen.Close()
	s.Disconnect()
	s.wait.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (s *Server) accept() {
	for {
		client, err := s.listen.Accept()
		if err != nil {
			return
		}
		s.wait.Go(func() { s.Serve(client) })
	}
}

// Serve answers one client until it or the server hangs up. Clients that connect
// to the socket are served already; this is for those that come otherwise.
func (s *Server) Serve(client net.Conn) {
	c := newConnection(s, client)
	s.mu.Lock()
	s.lastID++
	c.id = s.lastID
	s.conns[c] = true
	s.mu.Unlock()
	if s.ctx.Err() != nil {
		c.hangUp() // Close has not seen it
	}
	c.serve()
	c.hangUp()
	s.objects.dropTempRoots(c.id)
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
}

// saw records the beginning of a request.
func (s *Server) saw(op Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, op)
}
