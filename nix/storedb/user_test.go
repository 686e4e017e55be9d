package storedb_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// TestOrdinaryUser reads the database of root's Nix as somebody who may not write
// next to it.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can try out what another user may do")
	}
	nix := testbed.New(t)
	must(t, os.Chmod(nix.Dir, 0o755))
	m := &machine{Nix: nix, dir: store.Dir(nix.StoreDir)}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, []byte("content"), 0o644))
	path := m.path(t, m.ask(t, "nix-store", "--add", file)[0])
	// Nobody has it open: its last user took the log away.
	for _, name := range []string{"db.sqlite-wal", "db.sqlite-shm"} {
		if _, err := os.Stat(filepath.Join(m.StateDir, "db", name)); !errors.Is(err, fs.ErrNotExist) {
			t.Skipf("%s is still there: %v", name, err)
		}
	}
	// Only this thread becomes another user, as far as files go. It is given up
	// with the test's goroutine.
	runtime.LockOSThread()
	must(t, unix.Setfsuid(65534))
	defer unix.Setfsuid(0) // to clean up

	options := storedb.Options{StoreDir: m.dir, StateDir: m.StateDir}
	if _, err := storedb.Open(t.Context(), options); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("without the daemon: %v, want %v", err, fs.ErrPermission)
	}
	options.Dial = m.dial
	db, err := storedb.Open(t.Context(), options)
	must(t, err)
	defer db.Close()
	if db.Fallback() != nil {
		t.Errorf("fallback: %v", db.Fallback())
	}
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: m.Socket, StoreDir: m.dir})
	must(t, err)
	defer conn.Close()
	want, err := conn.PathInfo(t.Context(), path)
	must(t, err)
	got, err := db.PathInfo(t.Context(), path)
	must(t, err)
	if got.Fingerprint() != want.Fingerprint() || !got.Registered.Equal(want.Registered) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
