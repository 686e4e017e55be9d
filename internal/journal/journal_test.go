package journal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/journal"
	"luminousnix/internal/operation"
)

// TestFailures reads what a journalctl prints: the form is that of systemd's own
// documentation of JSON, with text as a string or as bytes.
func TestFailures(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script := `#!/bin/sh
echo "$@" >` + dir + `/argv
cat <<'END'
{"__REALTIME_TIMESTAMP":"1795974664000000","UNIT":"nginx.service","_SYSTEMD_UNIT":"init.scope","MESSAGE":"nginx.service: Failed with result 'exit-code'."}
not json
{"__REALTIME_TIMESTAMP":"x","MESSAGE":"no time"}
{"__REALTIME_TIMESTAMP":"1795974665000000","_SYSTEMD_UNIT":"nix-daemon.service","MESSAGE":[110,111,255]}
{"__REALTIME_TIMESTAMP":"1795974666000000","_SYSTEMD_UNIT":"nix-daemon.service","MESSAGE":null}
END
`
	// A process that is started meanwhile would have the file open for writing, and what is
	// open for writing cannot be run.
	syscall.ForkLock.RLock()
	err := os.WriteFile(filepath.Join(dir, "journalctl"), []byte(script), 0o755)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	got, err := journal.Reader{Env: []string{"PATH=" + dir + ":/bin"}, Dir: "/j"}.Failures(context.Background(), 7)
	if err != nil {
		t.Fatal(err)
	}
	at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
	want := []operation.JournalEntry{
		{Time: at(1795974666), Unit: "nix-daemon.service"},
		{Time: at(1795974665), Unit: "nix-daemon.service", Message: "no�"},
		{Time: at(1795974664), Unit: "nginx.service", Message: "nginx.service: Failed with result 'exit-code'."},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	argv, err := os.ReadFile(filepath.Join(dir, "argv"))
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"--lines=7", "--directory=/j", "--unit=nixos-upgrade.service", "--boot"} {
		if !strings.Contains(string(argv), flag) {
			t.Errorf("%s is not among %s", flag, argv)
		}
	}
}

func TestNoJournal(t *testing.T) {
	t.Parallel()
	if _, err := (journal.Reader{Env: []string{"PATH=" + t.TempDir()}}).Failures(context.Background(), 7); !errors.Is(err, journal.ErrNone) {
		t.Error(err)
	}
}

// TestThisMachine has the flags understood by the journalctl that is here, if any.
func TestThisMachine(t *testing.T) {
	t.Parallel()
	_, err := journal.Reader{Env: []string{"PATH=/usr/bin:/bin"}}.Failures(context.Background(), 3)
	if errors.Is(err, journal.ErrNone) {
		t.Skip("there is no journalctl")
	}
	if err != nil {
		t.Error(err)
	}
}
