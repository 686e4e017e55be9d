package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
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

// onOwnMachine is a session on a machine that no other test uses, so that its
// daemon can be killed.
func onOwnMachine(t *testing.T) *session {
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
		conn := s.adding()
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
	s := onOwnMachine(t)
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
	s := onOwnMachine(t)
	conn, uploading := s.dial(), s.dial()
	info, data := s.object("large", strings.Repeat("large ", 4<<20))
	for _, pid := range s.nix.Processes() {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil && !errors.Is(err, syscall.ESRCH) { // one may have ended
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
		conn := s.adding()
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
	s := onOwnMachine(t)
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
		p := s.addText(s.adding(), "there", s.unique("there"))
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

// TestDiskFull adds more than fits to a store on a small file system of its own:
// the kind of error is told, and nothing is half there. Nix needs a little room to
// delete; once it has that, what the failure left is garbage.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	dir := t.TempDir()
	if err := syscall.Mount("small", dir, "tmpfs", 0, "size=24m,mode=0755"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	nix, err := testbed.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nix.Stop() })
	s := &session{t, &machine{socket: nix.Socket, dir: store.Dir(nix.StoreDir), nix: nix}, daemon.Newest(), &journal{}}

	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	trusting := daemon.AddOptions{DontCheckSigs: true}
	conn := s.dial()
	fits, data := s.object("fits", strings.Repeat("fits ", 2<<20))
	if err := conn.AddToStoreNar(s.ctx(), fits, bytes.NewReader(data), trusting); err != nil {
		t.Fatal(err)
	}
	large, data := s.object("large", strings.Repeat("large ", 4<<20))
	err = conn.AddToStoreNar(s.ctx(), large, bytes.NewReader(data), trusting)
	var said *daemon.Error
	if !errors.As(err, &said) || said.Kind != daemon.KindDiskFull {
		t.Fatalf("error %v (%+v)", err, said)
	}
	if valid, err := conn.IsValidPath(s.ctx(), large.Path); valid || err != nil {
		t.Errorf("valid %v, %v", valid, err)
	}
	conn.Close()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	s.deletes(fits.Path)
	if _, err := s.dial().CollectGarbage(s.ctx(), daemon.GCOptions{Action: daemon.DeleteDead}); err != nil {
		t.Fatal(err)
	}
	small, data := s.object("small", strings.Repeat("small ", 2<<20))
	if err := s.dial().AddToStoreNar(s.ctx(), small, bytes.NewReader(data), trusting); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// TestClientKilled kills a process at random moments while it adds a file to the
// store: the path is valid with all of its content or not at all, and the next
// one can add it.
func TestClientKilled(t *testing.T) {
	t.Parallel()
	s := onOwnMachine(t)
	content := strings.Repeat("a line of a large file\n", 1<<19)
	random := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for n := range 20 {
		file := filepath.Join(t.TempDir(), fmt.Sprintf("file-%d", n))
		if err := os.WriteFile(file, []byte(content+file), 0o644); err != nil {
			t.Fatal(err)
		}
		path, err := s.dir.PathFor("added", store.ContentAddress{
			Method: store.Flat, Hash: store.Sum(store.SHA256, []byte(content+file)),
		}, store.References{})
		if err != nil {
			t.Fatal(err)
		}
		child := exec.Command(os.Args[0])
		child.Env = []string{addingVariable + "=" + file, "SOCKET=" + s.socket, "STORE=" + string(s.dir)}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.IntN(60)) * time.Millisecond)
		child.Process.Kill()
		if child.Wait() != nil {
			killed++
		}
		conn := s.dial()
		if valid, err := conn.IsValidPath(s.ctx(), path); err != nil {
			t.Fatal(err)
		} else if valid {
			var read bytes.Buffer
			if err := conn.NarFromPath(s.ctx(), path, &read); err != nil || !bytes.Equal(read.Bytes(), s.archive(content+file)) {
				t.Errorf("a valid path of %d bytes, %v", read.Len(), err)
			}
		}
		if err := adds(s.ctx(), conn, file); err != nil {
			t.Errorf("the next try: %v", err)
		}
		if valid, err := conn.IsValidPath(s.ctx(), path); !valid || err != nil {
			t.Errorf("after it: valid %v, %v", valid, err)
		}
	}
	if remain, err := s.dial().VerifyStore(s.ctx(), true, false); err != nil || remain {
		t.Errorf("the store afterwards: %v, %v", remain, err)
	}
	if killed < 3 {
		t.Errorf("only %d of 20 were killed in time", killed)
	}
}

// addingVariable makes the test binary a process that adds a file and ends.
const addingVariable = "DAEMON_TEST_ADD"

// addAndExit is that process.
func addAndExit(file string) {
	ctx := context.Background()
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: os.Getenv("SOCKET"), StoreDir: store.Dir(os.Getenv("STORE"))})
	if err == nil {
		err = adds(ctx, conn, file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func adds(ctx context.Context, conn *daemon.Conn, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = conn.AddToStore(ctx, "added", store.Flat, store.SHA256, nil, f)
	return err
}
