package daemon_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// TestRealNixRoots: each kind of root keeps a path from being deleted, and only
// for as long as it is there.
func TestRealNixRoots(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.alone()
		temporary := s.addText(conn, "temporary", s.unique("temporary"))
		indirect := s.addText(conn, "indirect", s.unique("indirect"))
		loose := s.addText(conn, "loose", s.unique("loose"))
		link := filepath.Join(s.TempDir(), "link")
		if err := os.Symlink(string(indirect), link); err != nil {
			s.Fatal(err)
		}
		if err := conn.AddIndirectRoot(s.ctx(), link); err != nil {
			s.Fatal(err)
		}
		holder := s.dial()
		if err := holder.AddTempRoot(s.ctx(), temporary); err != nil {
			s.Fatal(err)
		}
		conn.Close() // which added them, and so held them too

		conn = s.dial()
		roots, err := conn.FindRoots(s.ctx())
		if err != nil {
			s.Fatal(err)
		}
		if !slices.Contains(roots, store.Root{Link: link, Path: indirect}) {
			s.Errorf("%s is not among the roots %v", link, roots)
		}
		if !slices.ContainsFunc(roots, func(r store.Root) bool { return r.Path == temporary && strings.HasPrefix(r.Link, "{temp:") }) {
			s.Errorf("no temporary root of %s in %v", temporary, roots)
		}
		for _, p := range []store.Path{temporary, indirect} {
			_, err := conn.CollectGarbage(s.ctx(), daemon.GCOptions{Action: daemon.DeleteSpecific, Paths: []store.Path{p}})
			var said *daemon.Error
			if !errors.As(err, &said) || said.Kind != daemon.KindStillAlive {
				s.Errorf("deleting %s: %v (%+v)", p, err, said)
			}
		}
		s.deletes(loose)
		if err := os.Remove(link); err != nil {
			s.Fatal(err)
		}
		s.deletes(indirect)
		holder.Close()
		s.deletes(temporary)
	})
}

// deletes deletes a path that nothing needs. That a connection was closed is not
// known at once to the daemon's process that served it.
func (s *session) deletes(p store.Path) {
	s.Helper()
	var last error
	for range 100 {
		conn := s.dial()
		result, err := conn.CollectGarbage(s.ctx(), daemon.GCOptions{Action: daemon.DeleteSpecific, Paths: []store.Path{p}})
		if err == nil {
			if !slices.Contains(result.Paths, string(p)) {
				s.Errorf("deleting %s deleted %v", p, result.Paths)
			}
			if valid, err := conn.IsValidPath(s.ctx(), p); valid || err != nil {
				s.Errorf("%s was deleted, and is valid: %v, %v", p, valid, err)
			}
			return
		}
		last = err
	}
	s.Errorf("deleting %s: %v", p, last)
}

// TestRealNixPermRoot: the daemon makes the link.
func TestRealNixPermRoot(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		p := s.addText(conn, "root", s.unique("root"))
		link := filepath.Join(s.TempDir(), "link")
		err := conn.AddPermRoot(s.ctx(), p, link)
		var unsupported *daemon.UnsupportedError
		if s.version.Minor < 36 {
			if !errors.As(err, &unsupported) {
				s.Errorf("error %v, want an UnsupportedError", err)
			}
			return
		}
		if err != nil {
			s.Fatal(err)
		}
		if target, err := os.Readlink(link); err != nil || target != string(p) {
			s.Errorf("the link leads to %q, %v", target, err)
		}
	})
}

// TestRealNixGarbage: what is dead is told, and then deleted, and nothing else.
func TestRealNixGarbage(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.alone()
		dead := s.addText(conn, "dead", s.unique("dead"))
		live := s.addText(conn, "live", s.unique("live"))
		link := filepath.Join(s.TempDir(), "link")
		if err := os.Symlink(string(live), link); err != nil {
			s.Fatal(err)
		}
		if err := conn.AddIndirectRoot(s.ctx(), link); err != nil {
			s.Fatal(err)
		}
		conn.Close()

		list := func(action daemon.GCAction, p store.Path) (daemon.GCResult, bool) {
			conn := s.dial()
			result, err := conn.CollectGarbage(s.ctx(), daemon.GCOptions{Action: action})
			if err != nil {
				s.Fatal(err)
			}
			return result, slices.Contains(result.Paths, string(p))
		}
		for range 100 { // until the connection's temporary roots are gone
			if _, found := list(daemon.ReturnDead, dead); found {
				break
			}
		}
		told, found := list(daemon.ReturnDead, dead)
		if !found {
			s.Errorf("%s is not dead", dead)
		}
		if s.nix != nil {
			want := strings.Fields(s.run("nix-store", "--gc", "--print-dead"))
			slices.Sort(want)
			slices.Sort(told.Paths)
			check(s, "dead paths, as nix-store tells them", told.Paths, nil, want)
		}
		if _, found := list(daemon.ReturnLive, live); !found {
			s.Errorf("%s is not alive", live)
		}
		result, found := list(daemon.DeleteDead, dead)
		if !found || result.BytesFreed == 0 || slices.Contains(result.Paths, string(live)) {
			s.Errorf("collecting deleted %v, %d bytes", result.Paths, result.BytesFreed)
		}
		left := s.dial()
		valid, err := left.ValidPaths(s.ctx(), []store.Path{dead, live}, false)
		check(s, "what is left", valid, err, []store.Path{live})
	})
}

// TestRealNixMaintenance: verifying finds what was changed, optimising works.
func TestRealNixMaintenance(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.alone()
		p := s.addText(conn, "bit-rot", s.unique("sound"))
		if remain, err := conn.VerifyStore(s.ctx(), true, false); err != nil || remain {
			s.Fatalf("a sound store: %v, %v", remain, err)
		}
		if err := conn.OptimiseStore(s.ctx()); err != nil {
			s.Errorf("optimising: %v", err)
		}
		if err := os.Chmod(string(p), 0o644); err != nil {
			s.Fatal(err)
		}
		if err := os.WriteFile(string(p), []byte("rotten"), 0o644); err != nil {
			s.Fatal(err)
		}
		if remain, err := conn.VerifyStore(s.ctx(), true, false); err != nil || !remain {
			s.Errorf("a changed path: %v, %v", remain, err)
		}
		conn.Close()
		s.deletes(p)
	})
}

// TestRealNixDaemonHangsUp: after a request that the daemon cannot even read it
// hangs up; that is told, and a pool goes on with a new connection.
func TestRealNixDaemonHangsUp(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		pool := daemon.NewPool(s.options(), 1)
		defer pool.Close()
		var broken *daemon.Conn
		err := pool.Do(s.ctx(), func(conn *daemon.Conn) error {
			broken = conn
			_, err := conn.IsValidPath(s.ctx(), "/no/store/path")
			return err
		})
		var said *daemon.Error
		if !errors.As(err, &said) || said.Kind != daemon.KindBadPath {
			s.Errorf("error %v (%+v)", err, said)
		}
		err = pool.Do(s.ctx(), func(conn *daemon.Conn) error {
			if conn == broken {
				return fmt.Errorf("the pool gave the broken connection once more")
			}
			_, err := conn.AllValidPaths(s.ctx())
			return err
		})
		if err != nil {
			s.Errorf("the next request: %v", err)
		}
		if _, err := broken.AllValidPaths(s.ctx()); !errors.Is(err, daemon.ErrClosed) {
			s.Errorf("the broken connection: %v", err)
		}
	})
}

// TestRealNixUsableAfterError: after an error at the work itself the connection
// goes on.
func TestRealNixUsableAfterError(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		p := s.addText(conn, "root", s.unique("text"))
		nobody := store.Path(string(s.dir) + "/" + strings.Repeat("0", 32) + "-nobody")
		for range 3 {
			if err := conn.BuildPaths(s.ctx(), []daemon.DerivedPath{{Path: nobody}}, daemon.BuildNormal); !errors.As(err, new(*daemon.Error)) {
				s.Errorf("building what nobody has: %v", err)
			}
			if err := conn.NarFromPath(s.ctx(), nobody, io.Discard); !errors.As(err, new(*store.NotValidError)) {
				s.Errorf("the archive of nobody: %v", err)
			}
			// An upload that is refused leaves it usable too.
			wrong, data := s.object("wrong", s.unique("wrong"))
			wrong.NarHash = store.Sum(store.SHA256, nil)
			err := conn.AddToStoreNar(s.ctx(), wrong, strings.NewReader(string(data)), daemon.AddOptions{DontCheckSigs: true})
			var said *daemon.Error
			if !errors.As(err, &said) || said.Kind != daemon.KindHashMismatch {
				s.Errorf("error %v (%+v)", err, said)
			}
			if valid, err := conn.IsValidPath(s.ctx(), p); err != nil || !valid {
				s.Fatalf("afterwards: %v, %v", valid, err)
			}
		}
	})
}
