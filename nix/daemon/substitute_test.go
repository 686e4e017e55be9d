package daemon_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/internal/testbed/binarycache"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
)

// TestRealNixSubstitute downloads signed paths from a binary cache, and is told
// beforehand what that will take.
func TestRealNixSubstitute(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			cache := binarycache.New(t)
			nix := testbed.NewWith(t, testbed.Options{Release: release, Settings: cache.Settings()})
			m := &machine{socket: nix.Socket, dir: store.Dir(nix.StoreDir), nix: nix}
			newest := (&session{t, m, daemon.Version{}, &journal{}}).dial().Version.Minor
			for minor := daemon.Oldest().Minor; minor <= newest; minor++ {
				t.Run(fmt.Sprint(minor), func(t *testing.T) {
					s := &session{t, m, daemon.Version{Major: 1, Minor: minor}, &journal{}}
					s.substitute(cache)
				})
			}
		})
	}
}

func (s *session) substitute(cache *binarycache.Cache) {
	options := s.options()
	options.Settings.Substitute = true
	conn := s.dialWith(options)
	below := s.addText(conn, "below", s.unique("below"))
	p := s.addText(conn, "cached", s.unique(string(below)), below)
	info, err := conn.PathInfo(s.ctx(), p)
	if err != nil {
		s.Fatal(err)
	}
	if err := cache.Push(s.ctx(), s.nix, string(p)); err != nil {
		s.Fatal(err)
	}
	conn.Close()
	s.deletes(p)
	s.deletes(below)

	conn = s.dialWith(options)
	nobody := store.Path(string(s.dir) + "/" + strings.Repeat("0", 32) + "-nobody")
	found, err := conn.SubstitutablePaths(s.ctx(), []store.Path{p, nobody})
	check(s, "substitutable paths", found, err, []store.Path{p})
	infos, err := conn.SubstitutablePathInfos(s.ctx(), map[store.Path]store.ContentAddress{p: {}, nobody: {}})
	if err != nil || len(infos) != 1 {
		s.Fatalf("substitutable path infos: %v, %v", infos, err)
	}
	told := infos[0]
	if told.Path != p || told.NarSize != info.NarSize || told.DownloadSize == 0 {
		s.Errorf("substitutable: %+v", told)
	}
	check(s, "references", told.References, nil, []store.Path{below})
	one, ok, err := conn.SubstitutablePathInfo(s.ctx(), p)
	if err != nil || !ok {
		s.Errorf("substitutable path info: %v, %v", ok, err)
	}
	check(s, "substitutable path info", one, nil, told)
	if _, ok, err := conn.SubstitutablePathInfo(s.ctx(), nobody); ok || err != nil {
		s.Errorf("substitutable path info of nobody: %v, %v", ok, err)
	}
	missing, err := conn.Missing(s.ctx(), []daemon.DerivedPath{{Path: p}, {Path: nobody}})
	if err != nil || len(missing.WillSubstitute) != 2 || len(missing.Unknown) != 1 || missing.DownloadSize == 0 || missing.NarSize == 0 {
		s.Errorf("missing: %+v, %v", missing, err)
	}
	valid, err := conn.ValidPaths(s.ctx(), []store.Path{p}, true)
	check(s, "valid when substituted", valid, err, []store.Path{p})

	conn.Close()
	s.deletesAgain(p, below)
	conn = s.dialWith(options)
	if err := conn.EnsurePath(s.ctx(), below); err != nil {
		s.Fatal(err)
	}
	results, err := conn.Build(s.ctx(), []daemon.DerivedPath{{Path: p}, {Path: nobody}}, daemon.BuildNormal)
	if s.version.Minor >= 34 {
		if err != nil || results[0].Status != daemon.StatusSubstituted && results[0].Status != daemon.StatusBuilt {
			s.Fatalf("substituting: %+v, %v", results, err)
		}
	} else if err != nil || !results[0].Status.Success() {
		s.Fatalf("substituting: %+v, %v", results, err)
	}
	var failed *daemon.BuildError
	if !errors.As(results[1].Err(), &failed) || failed.Kind != daemon.KindNoSubstituter {
		s.Errorf("what nobody has: %+v", results[1])
	}
	again, err := conn.PathInfo(s.ctx(), p)
	if err != nil || len(again.Signatures) == 0 || again.NarHash != info.NarHash {
		s.Errorf("%+v, %v", again, err)
	}
}

// deletesAgain deletes paths that may not be there: that ValidPaths substitutes
// is left to the daemon.
func (s *session) deletesAgain(paths ...store.Path) {
	s.Helper()
	for _, p := range paths {
		if valid, err := s.dial().IsValidPath(s.ctx(), p); err != nil {
			s.Fatal(err)
		} else if valid {
			s.deletes(p)
		}
	}
}
