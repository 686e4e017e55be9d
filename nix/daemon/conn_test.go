package daemon_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// words is what a scripted daemon sends: numbers and padded strings.
func words(parts ...any) []byte {
	var b []byte
	for _, part := range parts {
		switch part := part.(type) {
		case int:
			b = binary.LittleEndian.AppendUint64(b, uint64(part))
		case string:
			b = binary.LittleEndian.AppendUint64(b, uint64(len(part)))
			b = append(b, part...)
			b = append(b, make([]byte, (8-len(part)%8)%8)...)
		}
	}
	return b
}

const (
	magic = 0x6478696f
	last  = 0x616c7473
	fail  = 0x63787470
	next  = 0x6f6c6d67
	start = 0x53545254
)

// serve answers one connection with bytes, whatever it is asked, and then hangs
// up, or stays silent when hang is set.
func serve(t *testing.T, answer []byte, hang bool) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { close(done); listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		go io.Copy(io.Discard, conn)
		if _, err := conn.Write(answer); err != nil {
			return
		}
		if hang {
			<-done
			return
		}
		time.Sleep(10 * time.Millisecond) // let the client read before EPIPE meets its writes
	}()
	return socket
}

func TestHandshake(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer []byte
		want   daemon.Version
		nix    string
		trust  daemon.Trust
	}{
		"1.32":           {words(magic, 1<<8|32, last), daemon.Version{Major: 1, Minor: 32}, "", daemon.TrustUnknown},
		"1.34 with logs": {words(magic, 1<<8|34, "2.8.0", next, "hello\n", start, 1, 3, 0, "text", 2, 0, 7, 1, "s", 0, last), daemon.Version{Major: 1, Minor: 34}, "2.8.0", daemon.TrustUnknown},
		"1.35":           {words(magic, 1<<8|35, "2.15", 2, last), daemon.Version{Major: 1, Minor: 35}, "2.15", daemon.NotTrusted},
		"1.38":           {words(magic, 1<<8|38, 0, "2.34.8", 1, last), daemon.Version{Major: 1, Minor: 38}, "2.34.8", daemon.Trusted},
		"newer":          {words(magic, 1<<8|45, 1, "feature", "3.0", 1, last), daemon.Version{Major: 1, Minor: 38}, "3.0", daemon.Trusted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: serve(t, test.answer, true)})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if conn.Version != test.want || conn.NixVersion != test.nix || conn.Trust != test.trust {
				t.Errorf("got %v %q %v", conn.Version, conn.NixVersion, conn.Trust)
			}
		})
	}
}

func TestHandshakeRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer []byte
		why    string
	}{
		"not a daemon": {words(0x48545450, 0), "the socket is not a Nix daemon's"},
		"huge string":  {append(words(magic, 1<<8|33), words(1<<40)...), "a string of 1099511627776 bytes"},
		"bad padding":  {append(words(magic, 1<<8|33, 1), 'x', 1, 1, 1, 1, 1, 1, 1), "padding that is not zero"},
		"odd message":  {words(magic, 1<<8|32, 42), "a message of kind 0x2a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := daemon.Dial(t.Context(), daemon.Options{Socket: serve(t, test.answer, true)})
			var wrong *daemon.ProtocolError
			if !errors.As(err, &wrong) {
				t.Fatalf("error %v, want a ProtocolError", err)
			}
			if diff := cmp.Diff(test.why, wrong.Why); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTooOld(t *testing.T) {
	t.Parallel()
	_, err := daemon.Dial(t.Context(), daemon.Options{Socket: serve(t, words(magic, 1<<8|21), true)})
	var unsupported *daemon.UnsupportedError
	if !errors.As(err, &unsupported) {
		t.Fatalf("error %v, want an UnsupportedError", err)
	}
	want := "the Nix daemon speaks protocol 1.21; this client needs 1.32"
	if diff := cmp.Diff(want, unsupported.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestDaemonSaysNo(t *testing.T) {
	t.Parallel()
	answer := words(magic, 1<<8|32, fail, "Error", 0, "Error", "\x1b[31;1merror:\x1b[0m you are \x1b[35;1mnobody\x1b[0m", 0, 1, 0, "while \x1b[1mgreeting\x1b[0m")
	_, err := daemon.Dial(t.Context(), daemon.Options{Socket: serve(t, answer, false)})
	var refused *daemon.Error
	if !errors.As(err, &refused) {
		t.Fatalf("error %v, want an Error", err)
	}
	want := &daemon.Error{Message: "error: you are nobody", Trace: []string{"while greeting"}}
	if diff := cmp.Diff(want, refused); diff != "" {
		t.Error(diff)
	}
}

// TestHangUp cuts the answer at every byte: always an error, never a wait.
func TestHangUp(t *testing.T) {
	t.Parallel()
	whole := words(magic, 1<<8|34, "2.8.0", last)
	for n := range len(whole) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err := daemon.Dial(ctx, daemon.Options{Socket: serve(t, whole[:n], false)})
		cancel()
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cut after %d bytes: %v", n, err)
		}
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := daemon.Dial(ctx, daemon.Options{Socket: serve(t, words(magic), true)})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "waiting for the Nix daemon") {
		t.Errorf("error %v", err)
	}
}

func TestIsValidPath(t *testing.T) {
	t.Parallel()
	answer := words(magic, 1<<8|34, "2.8.0", last, last, 1)
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: serve(t, answer, true)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	valid, err := conn.IsValidPath(t.Context(), store.Path("/nix/store/00000000000000000000000000000000-x"))
	if err != nil || !valid {
		t.Errorf("%v, %v", valid, err)
	}
}

func FuzzDial(f *testing.F) {
	f.Add(words(magic, 1<<8|34, "2.8.0", next, "hello\n", last))
	f.Add(words(magic, 1<<8|38, 1, "x", "2", 1, fail, "Error", 0, "Error", "m", 0, 1, 0, "t"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		conn, err := daemon.Dial(ctx, daemon.Options{Socket: serve(t, answer, false)})
		if err == nil {
			conn.Close()
		} else if errors.Is(err, context.DeadlineExceeded) {
			t.Error("it hung")
		}
	})
}
