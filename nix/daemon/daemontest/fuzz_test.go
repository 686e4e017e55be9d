package daemontest_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/store"
)

// recorded is what a client sends in a conversation with a server.
func recorded(f *testing.F, server *daemontest.Server, talk func(context.Context, *daemon.Conn)) []byte {
	f.Helper()
	socket := filepath.Join(filepath.Dir(server.Socket), "tap")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		f.Fatal(err)
	}
	defer listener.Close()
	var sent bytes.Buffer
	done := make(chan error, 1)
	go func() {
		client, err := listener.Accept()
		if err != nil {
			done <- err
			return
		}
		defer client.Close()
		upstream, err := net.Dial("unix", server.Socket)
		if err != nil {
			done <- err
			return
		}
		defer upstream.Close()
		go io.Copy(client, upstream)
		_, err = io.Copy(upstream, io.TeeReader(client, &sent))
		done <- err
	}()
	ctx, cancel := context.WithTimeout(f.Context(), 10*time.Second)
	defer cancel()
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: socket, StoreDir: server.StoreDir})
	if err != nil {
		f.Fatal(err)
	}
	talk(ctx, conn)
	conn.Close()
	<-done
	return sent.Bytes()
}

// portable puts fixed texts in place of a server's directory and of the hash part
// of a path in it, so that what was recorded means the same to each server: the
// workers of the fuzzer have servers of their own.
func portable(dir string, p store.Path) (there, back *strings.Replacer) {
	fixedDir, fixedHash := strings.Repeat("@", len(dir)), strings.Repeat("=", store.HashLength)
	return strings.NewReplacer(dir, fixedDir, p.HashPart(), fixedHash), strings.NewReplacer(fixedDir, dir, fixedHash, p.HashPart())
}

// FuzzServe sends a client's bytes, right and wrong, to a server: it never
// panics, and always comes to an end when the client does.
func FuzzServe(f *testing.F) {
	server := fencedServer(f)
	dir := filepath.Dir(server.Socket)
	drv := shell("drv", "exit 0")
	drvPath, err := server.AddDerivation(drv)
	if err != nil {
		f.Fatal(err)
	}
	there, back := portable(dir, drvPath)
	for _, talk := range []func(context.Context, *daemon.Conn){
		func(ctx context.Context, c *daemon.Conn) {
			c.SetOptions(ctx, daemon.DefaultSettings())
			c.PathInfo(ctx, drvPath)
			c.ValidPaths(ctx, []store.Path{drvPath}, true)
			c.DerivationOutputs(ctx, drvPath)
			c.AllValidPaths(ctx)
			c.NarFromPath(ctx, drvPath, io.Discard)
		},
		func(ctx context.Context, c *daemon.Conn) {
			c.AddToStore(ctx, "x", store.Recursive, store.SHA256, nil, strings.NewReader("no archive"))
			c.AddToStore(ctx, "x", store.Flat, store.SHA1, nil, strings.NewReader("a file"))
			c.AddBuildLog(ctx, drvPath, strings.NewReader("log"))
		},
		func(ctx context.Context, c *daemon.Conn) {
			c.AddMultipleToStore(ctx, []daemon.Source{{
				Info: &store.PathInfo{Path: drvPath},
				Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("no archive")), nil },
			}}, daemon.AddOptions{DontCheckSigs: true})
		},
		func(ctx context.Context, c *daemon.Conn) {
			c.BuildDerivation(ctx, drvPath, drv, daemon.BuildNormal)
			c.Build(ctx, []daemon.DerivedPath{daemon.Outputs(drvPath), {Path: drvPath}}, daemon.BuildNormal)
			c.Missing(ctx, []daemon.DerivedPath{daemon.Outputs(drvPath, "out")})
		},
		func(ctx context.Context, c *daemon.Conn) {
			c.AddTempRoot(ctx, drvPath)
			c.AddIndirectRoot(ctx, dir+"/state/link")
			c.AddPermRoot(ctx, drvPath, dir+"/state/link")
			c.FindRoots(ctx)
			c.CollectGarbage(ctx, daemon.GCOptions{Action: daemon.DeleteDead})
			c.VerifyStore(ctx, true, true)
			c.QueryRealisation(ctx, "sha256:x!out")
			c.RegisterDrvOutput(ctx, daemon.Realisation{ID: "sha256:x!out", OutPath: drvPath})
		},
	} {
		f.Add(there.Replace(string(recorded(f, server, talk))))
	}
	f.Fuzz(func(t *testing.T, data string) {
		ours, theirs := net.Pipe()
		done := make(chan struct{})
		go func() {
			server.Serve(theirs)
			close(done)
		}()
		go io.Copy(io.Discard, ours)
		ours.SetWriteDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(ours, back.Replace(data)) // fails when the server hangs up
		ours.Close()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatal("it does not come to an end")
		}
	})
}

// fencedServer is a server that does no harm, in a directory whose path is 64
// bytes long.
func fencedServer(f *testing.F) *daemontest.Server {
	f.Helper()
	dir, err := os.MkdirTemp("/tmp", "fuzz-")
	if err != nil {
		f.Fatal(err)
	}
	dir = filepath.Join(dir, strings.Repeat("d", 64-len(dir)-1))
	if err := os.Mkdir(dir, 0o755); err != nil {
		f.Fatal(err)
	}
	server, err := daemontest.Start(dir, daemontest.Options{Fenced: true, CADerivations: true, Unsigned: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		server.Close()
		filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				err = os.Chmod(path, 0o755)
			}
			return err
		})
		os.RemoveAll(filepath.Dir(dir))
	})
	return server
}

// FuzzClient gives a client nonsense in place of answers: it never panics, and
// has either an answer or an error.
func FuzzClient(f *testing.F) {
	server := fencedServer(f)
	p, err := server.AddText("p", "p")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint8(0), []byte("stla\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(uint8(1), []byte("stla\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(uint8(2), []byte("stla\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(uint8(3), []byte("STRT\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, which uint8, answer []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		conn, err := daemon.Dial(ctx, server.Options())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		server.Inject(daemontest.Fault{Trouble: daemontest.Garble, Raw: answer})
		// What is not there of the answer never comes.
		server.Inject(daemontest.Fault{Trouble: daemontest.HangUp, Bytes: int64(len(answer))})
		defer server.Heal()
		var got any
		switch which % 8 {
		case 0:
			got, err = conn.PathInfo(ctx, p)
		case 1:
			got, err = conn.Build(ctx, []daemon.DerivedPath{{Path: p}}, daemon.BuildNormal)
		case 2:
			got, err = conn.FindRoots(ctx)
		case 3:
			got, err = conn.Missing(ctx, []daemon.DerivedPath{{Path: p}})
		case 4:
			got, err = conn.CollectGarbage(ctx, daemon.GCOptions{})
		case 5:
			got, _, err = conn.QueryRealisation(ctx, "sha256:x!out")
		case 6:
			got, err = conn.DerivationOutputs(ctx, p)
		case 7:
			got, err = conn.SubstitutablePathInfos(ctx, nil)
		}
		if ctx.Err() != nil {
			t.Errorf("it hung: %v, %v", got, err)
		}
	})
}
