package daemontest_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/store"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{Faults: []daemontest.Fault{{
		At: daemontest.OpIsValidPath, Skip: 1, Times: 2,
		Message: "the \x1b[31mdatabase\x1b[0m is busy", Level: daemon.LevelWarn, Trace: []string{"while asking"},
	}}})
	conn := dial(t, server)
	p := must[store.Path](t)(server.AddText("p", "p"))
	want := &daemon.Error{Kind: daemon.KindBusy, Level: daemon.LevelWarn, Message: "the database is busy", Trace: []string{"while asking"}}
	ask := func(want error) {
		t.Helper()
		_, err := conn.IsValidPath(within(t), p)
		var said *daemon.Error
		if errors.As(err, &said); (want == nil) != (err == nil) {
			t.Errorf("error %v, want %v", err, want)
		} else if want != nil {
			if diff := cmp.Diff(want, error(said)); diff != "" {
				t.Error(diff)
			}
		}
	}
	ask(nil)
	ask(want)
	// The client makes the same request once more, to see whether the
	// connection is usable; that is refused too.
	if _, err := conn.AllValidPaths(within(t)); !errors.Is(err, daemon.ErrClosed) {
		t.Errorf("after two errors: %v", err)
	}
	conn = dial(t, server)
	ask(nil)

	server.Inject(daemontest.Fault{Times: -1, Message: "everything fails"})
	for range 3 {
		if _, err := dial(t, server).AllValidPaths(within(t)); err == nil {
			t.Error("it did not fail")
		}
	}
	server.Heal()
	if _, err := dial(t, server).AllValidPaths(within(t)); err != nil {
		t.Error(err)
	}
}

func TestAbort(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	server.Inject(daemontest.Fault{Trouble: daemontest.Abort, At: daemontest.OpFindRoots, Message: "path '/x' is not in the Nix store"})
	var said *daemon.Error
	if _, err := conn.FindRoots(within(t)); !errors.As(err, &said) || said.Kind != daemon.KindBadPath {
		t.Errorf("error %v", err)
	}
	if _, err := conn.FindRoots(within(t)); !errors.Is(err, daemon.ErrClosed) {
		t.Errorf("afterwards: %v", err)
	}
	server.Inject(daemontest.Fault{Trouble: daemontest.Abort, At: daemontest.OpHandshake, Message: "you are nobody"})
	_, err := daemon.Dial(within(t), server.Options())
	if err == nil {
		t.Error("the greeting went well")
	}
}

// TestHangUp cuts a whole conversation after each of its first bytes: the client
// has an error, in no time, and never a wrong answer.
func TestHangUp(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	p := must[store.Path](t)(server.AddText("p", "p"))
	talk := func(ctx context.Context) (*store.PathInfo, error) {
		conn, err := daemon.Dial(ctx, server.Options())
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		return conn.PathInfo(ctx, p)
	}
	want := must[*store.PathInfo](t)(talk(within(t)))
	for n := int64(0); ; n++ {
		server.Inject(daemontest.Fault{Trouble: daemontest.HangUp, At: daemontest.OpHandshake, Bytes: n})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		info, err := talk(ctx)
		cancel()
		if err == nil {
			if !cmp.Equal(want, info, cmp.Comparer(func(a, b store.Hash) bool { return a == b })) {
				t.Errorf("%d bytes are enough for %+v", n, info)
			}
			if n < 200 {
				t.Errorf("%d bytes are enough", n)
			}
			return
		}
		if errors.Is(err, context.DeadlineExceeded) || errors.As(err, new(*daemon.Error)) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

func TestStall(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	for _, n := range []int64{0, 12} {
		conn := dial(t, server)
		server.Inject(daemontest.Fault{Trouble: daemontest.Stall, At: daemontest.OpQueryAllValidPaths, Bytes: n})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if _, err := conn.AllValidPaths(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		cancel()
		await(t, "the server knows that the client has gone", func() bool { return server.Connections() == 0 })
	}
	server.Inject(daemontest.Fault{Trouble: daemontest.Stall, At: daemontest.OpHandshake})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := daemon.Dial(ctx, server.Options()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("greeting: %v", err)
	}
}

func TestSlow(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	p := must[store.Path](t)(server.AddText("p", "p"))
	conn := dial(t, server)
	for trouble, fault := range map[string]daemontest.Fault{
		"answer": {Trouble: daemontest.SlowAnswer, Delay: 60 * time.Millisecond},
		"writes": {Trouble: daemontest.SlowWrites, Delay: 2 * time.Millisecond},
	} {
		server.Inject(fault)
		start := time.Now()
		if _, err := conn.PathInfo(within(t), p); err != nil {
			t.Errorf("%s: %v", trouble, err)
		}
		if took := time.Since(start); took < 50*time.Millisecond {
			t.Errorf("%s: it took %v", trouble, took)
		}
	}
}

func TestGarble(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	server.Inject(daemontest.Fault{Trouble: daemontest.Garble, Raw: bytes.Repeat([]byte{0xff}, 64)})
	if _, err := conn.AllValidPaths(within(t)); !errors.As(err, new(*daemon.ProtocolError)) {
		t.Errorf("error %v", err)
	}
}

// TestUpload: what goes wrong in the midst of a large upload.
func TestUpload(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  daemontest.Fault
		kind   daemon.Kind
		fails  bool // with an error of the daemon
		usable bool
	}{
		"full disk": {daemontest.DiskFull(daemontest.OpAddToStoreNar, 100_000), daemon.KindDiskFull, true, true},
		"early":     {daemontest.Fault{At: daemontest.OpAddToStoreNar, Bytes: 1000, Early: true, Message: "refused"}, daemon.KindOther, true, true},
		"at once":   {daemontest.Fault{At: daemontest.OpAddToStoreNar, Early: true, Message: "refused"}, daemon.KindOther, true, true},
		"abort":     {daemontest.Fault{Trouble: daemontest.Abort, At: daemontest.OpAddToStoreNar, Message: "unreadable"}, daemon.KindOther, true, false},
		"chatter":   {daemontest.Fault{Trouble: daemontest.Chatter, At: daemontest.OpAddToStoreNar, Lines: 20_000}, 0, false, true},
		"hang up":   {daemontest.Fault{Trouble: daemontest.HangUp, At: daemontest.OpAddToStoreNar}, 0, false, false},
		"slow":      {daemontest.Fault{Trouble: daemontest.SlowAnswer, At: daemontest.OpAddToStoreNar, Delay: 50 * time.Millisecond}, 0, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := daemontest.New(t, daemontest.Options{})
			lines := 0
			conn := dial(t, server, func(o *daemon.Options) {
				o.Observer = func(event daemon.Event) {
					if _, ok := event.(daemon.Line); ok {
						lines++
					}
				}
			})
			info, data := object(t, server, "large", strings.Repeat("large ", 1<<20))
			server.Inject(test.fault)
			err := conn.AddToStoreNar(within(t), info, bytes.NewReader(data), daemon.AddOptions{DontCheckSigs: true})
			var said *daemon.Error
			if errors.As(err, &said) != test.fails || said != nil && said.Kind != test.kind {
				t.Errorf("error %v", err)
			}
			if !test.usable && said == nil && !errors.Is(err, io.EOF) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
				t.Errorf("error %v", err)
			}
			if lines != test.fault.Lines {
				t.Errorf("%d lines, want %d", lines, test.fault.Lines)
			}
			if _, err := conn.AllValidPaths(within(t)); (err == nil) != test.usable {
				t.Errorf("afterwards: %v", err)
			}
			valid, err := dial(t, server).IsValidPath(within(t), info.Path)
			check(t, "valid", valid, err, test.usable && !test.fails)
		})
	}
}

func TestOperationsInOrder(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	settings := daemon.DefaultSettings()
	conn := dial(t, server, func(o *daemon.Options) { o.Settings = &settings })
	server.Inject(daemontest.Fault{Trouble: daemontest.HangUp, Skip: 2})
	for i := range 3 {
		if _, err := conn.AllValidPaths(within(t)); (err != nil) != (i == 2) {
			t.Errorf("request %d: %v", i, err)
		}
	}
	want := []daemontest.Operation{daemontest.OpSetOptions, daemontest.OpQueryAllValidPaths, daemontest.OpQueryAllValidPaths, daemontest.OpQueryAllValidPaths}
	check(t, "requests", server.Requests(), nil, want)
}
