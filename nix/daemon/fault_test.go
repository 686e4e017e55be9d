package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// alone is a session on a machine that no other test uses, so that its daemon can
// be killed.
func alone(t *testing.T) *session {
	t.Helper()
	nix := testbed.New(t)
	m := &machine{socket: nix.Socket, dir: store.Dir(nix.StoreDir), nix: nix, collecting: &sync.RWMutex{}}
	return &session{t, m, daemon.Newest(), &journal{}}
}

// await waits until done, or fails the test.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

// pidOf waits until a builder has written its process number.
func pidOf(t *testing.T, file string) int {
	t.Helper()
	var pid int
	await(t, "the builder runs", func() bool {
		text, err := os.ReadFile(file)
		if err != nil || !strings.HasSuffix(string(text), "\n") {
			return false
		}
		for _, digit := range strings.TrimSpace(string(text)) {
			pid = pid*10 + int(digit-'0')
		}
		return true
	})
	return pid
}

func runs(pid int) bool { return syscall.Kill(pid, 0) == nil }

// TestCancelBuild: when ctx ends the builder does too, and soon.
func TestCancelBuild(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		s.collecting.RLock()
		defer s.collecting.RUnlock()
		conn := s.dial()
		file := filepath.Join(s.TempDir(), "pid")
		drv, _ := s.instantiate(conn, "endless", "echo $$ > "+file+"; while :; do sleep 0.1; done", nil)
		ctx, cancel := context.WithCancel(s.ctx())
		done := make(chan error, 1)
		go func() {
			_, err := conn.Build(ctx, []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
			done <- err
		}()
		pid := pidOf(s.T, file)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			s.Errorf("error %v", err)
		}
		await(s.T, "the builder is gone", func() bool { return !runs(pid) })
		if _, err := conn.AllValidPaths(s.ctx()); !errors.Is(err, daemon.ErrClosed) {
			s.Errorf("the connection afterwards: %v", err)
		}
	})
}

// TestDaemonKilledInBuild: the client is told, does not wait, and finds the next
// daemon by itself.
func TestDaemonKilledInBuild(t *testing.T) {
	t.Parallel()
	s := alone(t)
	conn := s.dial()
	file := filepath.Join(s.TempDir(), "pid")
	drv, _ := s.instantiate(conn, "endless", "echo $$ > "+file+"; sleep 60", nil)
	pool := daemon.NewPool(s.options(), 2)
	defer pool.Close()
	idle := func(conn *daemon.Conn) error {
		_, err := conn.IsValidPath(s.ctx(), drv)
		return err
	}
	if err := pool.Do(s.ctx(), idle); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := conn.Build(s.ctx(), []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
		done <- err
	}()
	pidOf(t, file)
	if err := s.nix.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("error %v", err)
	}
	if err := pool.Do(s.ctx(), idle); !errors.As(err, new(*net.OpError)) {
		t.Errorf("without a daemon: %v", err)
	}
	again, err := testbed.Start(t.Context(), s.nix.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if err := pool.Do(s.ctx(), idle); err != nil {
		t.Errorf("with the next daemon: %v", err)
	}
}

// TestDaemonHangs: a daemon that is stopped keeps nobody waiting beyond the
// deadline, neither in a greeting, nor in a query, nor in an upload.
func TestDaemonHangs(t *testing.T) {
	t.Parallel()
	s := alone(t)
	conn, uploading := s.dial(), s.dial()
	info, data := s.object("large", strings.Repeat("large ", 4<<20))
	for _, pid := range s.nix.Processes() {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		defer syscall.Kill(pid, syscall.SIGCONT)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var wait sync.WaitGroup
	for name, ask := range map[string]func() error{
		"greeting": func() error {
			_, err := daemon.Dial(ctx, s.options())
			return err
		},
		"query": func() error {
			_, err := conn.AllValidPaths(ctx)
			return err
		},
		"upload": func() error {
			return uploading.AddToStoreNar(ctx, info, bytes.NewReader(data), daemon.AddOptions{DontCheckSigs: true})
		},
	} {
		wait.Go(func() {
			if err := ask(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wait.Wait()
}

// failing is a reader that ends too early.
type failing struct{ io.Reader }

var errSource = errors.New("the source failed")

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err == io.EOF {
		err = errSource
	}
	return n, err
}

// TestSourceFails: an upload whose source fails half-way leaves nothing behind.
func TestSourceFails(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		s.collecting.RLock()
		defer s.collecting.RUnlock()
		conn := s.dial()
		info, data := s.object("half", s.unique(strings.Repeat("half ", 1<<18)))
		err := conn.AddToStoreNar(s.ctx(), info, failing{bytes.NewReader(data[:len(data)/2])}, daemon.AddOptions{DontCheckSigs: true})
		if !errors.Is(err, errSource) {
			s.Errorf("error %v", err)
		}
		conn = s.dial()
		if valid, err := conn.IsValidPath(s.ctx(), info.Path); valid || err != nil {
			s.Errorf("valid %v, %v", valid, err)
		}
		if err := conn.AddToStoreNar(s.ctx(), info, bytes.NewReader(data), daemon.AddOptions{DontCheckSigs: true}); err != nil {
			s.Errorf("the next try: %v", err)
		}
	})
}

// TestSinkFails: the reader of an archive that gives up gets its own error.
func TestSinkFails(t *testing.T) {
	t.Parallel()
	s := alone(t)
	conn := s.dial()
	p := s.addText(conn, "large", strings.Repeat("large ", 1<<20))
	if err := conn.NarFromPath(s.ctx(), p, sink{}); !errors.Is(err, errSource) {
		t.Errorf("error %v", err)
	}
	if err := conn.NarFromPath(s.ctx(), p, io.Discard); !errors.Is(err, daemon.ErrClosed) {
		t.Errorf("afterwards: %v", err)
	}
}

type sink struct{}

func (sink) Write([]byte) (int, error) { return 0, errSource }

// TestPool asks from many goroutines through a few connections.
func TestPool(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		s.collecting.RLock()
		defer s.collecting.RUnlock()
		p := s.addText(s.dial(), "there", s.unique("there"))
		pool := daemon.NewPool(s.options(), 3)
		var mu sync.Mutex
		conns := map[*daemon.Conn]bool{}
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				err := pool.Do(s.ctx(), func(conn *daemon.Conn) error {
					mu.Lock()
					conns[conn] = true
					mu.Unlock()
					_, err := conn.PathInfo(s.ctx(), p)
					return err
				})
				if err != nil {
					s.Error(err)
				}
			})
		}
		wait.Wait()
		if len(conns) > 3 {
			s.Errorf("%d connections in a pool of 3", len(conns))
		}
		if err := pool.Close(); err != nil {
			s.Error(err)
		}
		if err := pool.Do(s.ctx(), func(*daemon.Conn) error { return nil }); !errors.Is(err, daemon.ErrClosed) {
			s.Errorf("a closed pool: %v", err)
		}
	})
}
