package storecheck_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/record"
	"luminousnix/internal/storecheck"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// made makes files, and the infos that they have while they are sound.
func made(t *testing.T, count int) []*store.PathInfo {
	t.Helper()
	dir := t.TempDir()
	var infos []*store.PathInfo
	for n := range count {
		path := filepath.Join(dir, fmt.Sprintf("%032d-file", n))
		if err := os.WriteFile(path, []byte(path), 0o644); err != nil {
			t.Fatal(err)
		}
		hash, size, err := nar.Hash(path)
		if err != nil {
			t.Fatal(err)
		}
		infos = append(infos, &store.PathInfo{Path: store.Path(path), NarHash: hash, NarSize: size})
	}
	return infos
}

func TestScan(t *testing.T) {
	t.Parallel()
	infos := made(t, 50)
	damage := map[int]func(string) error{
		3: os.Remove,
		// One more byte, another one, and something that no archive can hold.
		7:  func(path string) error { return os.WriteFile(path, []byte(path+"!"), 0o644) },
		9:  func(path string) error { return os.WriteFile(path, []byte("!"+path[1:]), 0o644) },
		11: func(path string) error { return os.Chmod(path, 0o755) },
		13: func(path string) error {
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o755), os.WriteFile(path+"/a~nix~case~hack~1", nil, 0o644))
		},
	}
	for n, do := range damage {
		if err := do(string(infos[n].Path)); err != nil {
			t.Fatal(err)
		}
	}
	got := map[store.Path]string{}
	err := storecheck.Scan(t.Context(), infos, func(f storecheck.Finding) error {
		got[f.Info.Path] = f.Problem
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[store.Path]string{}
	for _, info := range infos {
		want[info.Path] = storecheck.Sound
	}
	want[infos[3].Path] = storecheck.Missing
	for _, n := range []int{7, 9, 11} {
		want[infos[n].Path] = storecheck.Changed
	}
	unreadable := got[infos[13].Path]
	want[infos[13].Path] = unreadable
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(unreadable) <= len(storecheck.Unreadable) || unreadable[:len(storecheck.Unreadable)] != storecheck.Unreadable {
		t.Errorf("a tree that cannot be read is %q", unreadable)
	}
}

func TestScanStops(t *testing.T) {
	t.Parallel()
	infos := made(t, 200)
	ctx, cancel := context.WithCancel(t.Context())
	looked := 0
	err := storecheck.Scan(ctx, infos, func(storecheck.Finding) error {
		looked++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || looked == len(infos) {
		t.Errorf("%v after %d of %d", err, looked, len(infos))
	}
	full := errors.New("disk full")
	if err := storecheck.Scan(t.Context(), infos, func(storecheck.Finding) error { return full }); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	infos := made(t, 4)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	journal := storecheck.Journal{File: record.File{Path: filepath.Join(t.TempDir(), "state", "check.jsonl")}}
	check := func(what string, at time.Time, damaged bool, want ...bool) {
		t.Helper()
		known, err := journal.Known(at, damaged)
		if err != nil {
			t.Fatal(err)
		}
		got := []bool{}
		for _, info := range infos {
			got = append(got, known.Has(info))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	must := func(errs ...error) {
		t.Helper()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
	check("without a file", now, false, false, false, false, false)
	must(journal.Add(storecheck.Finding{Info: infos[0]}, now),
		journal.Add(storecheck.Finding{Info: infos[1], Problem: storecheck.Changed}, now))
	check("interrupted", now, false, true, false, false, false)
	check("long ago", now.Add(storecheck.MaxAge+time.Second), false, false, false, false, false)
	check("after the clock was set back", now.Add(-time.Second), false, false, false, false, false)
	other := *infos[0]
	other.NarHash = infos[1].NarHash
	if known, err := journal.Known(now, false); err != nil || known.Has(&other) {
		t.Errorf("a path that was replaced is known, %v", err)
	}

	must(journal.Add(storecheck.Finding{Info: infos[2]}, now), journal.Complete(now))
	check("complete, looked at anew", now, false, false, false, false, false)
	check("complete, with damage to repair", now, true, true, false, true, false)
	must(journal.Add(storecheck.Finding{Info: infos[1]}, now))
	check("repaired, but interrupted", now, true, true, true, true, false)
	must(journal.Complete(now))
	check("repaired", now, true, false, false, false, false)
	must(journal.Forget(), journal.Forget())
	check("forgotten", now, true, false, false, false, false)
}
