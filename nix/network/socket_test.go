package network_test

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"luminousnix/nix/network"
)

// TestHasServer: a server is found and sees nothing of it; the socket that one has left
// behind is none, nor is a file, or nothing.
func TestHasServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "socket")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	if !network.HasServer(path) {
		t.Error("the server is not found")
	}
	if err := listener.SetDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if conn, err := listener.Accept(); err == nil {
		conn.Close()
		t.Error("the server was given a connection")
	}
	listener.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{path, file, filepath.Join(dir, "nothing")} {
		if network.HasServer(other) {
			t.Errorf("%s has no server", other)
		}
	}
}
