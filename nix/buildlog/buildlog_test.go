package buildlog_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/testbed"
	"luminousnix/nix/buildlog"
	"luminousnix/nix/store"
)

// failing is a derivation that says some lines and fails, or succeeds.
func failing(name string, lines, status int) string {
	return fmt.Sprintf(`derivation { name = "%s"; system = builtins.currentSystem; builder = "/bin/sh";
		args = [ "-c" "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; done; echo > $out; exit %d" ]; }`, name, lines, status)
}

// build builds, and returns the path of the derivation.
func build(t *testing.T, nix *testbed.Nix, expression string, flags ...string) store.Path {
	t.Helper()
	drv, err := nix.Command(context.Background(), "nix-instantiate", "-E", expression).Output()
	if err != nil {
		t.Fatal(err)
	}
	path := store.Path(strings.TrimSpace(string(drv)))
	// Whether it fails is the matter of the test.
	_ = nix.Command(context.Background(), "nix-store", append([]string{"--realise", string(path)}, flags...)...).Run()
	return path
}

// logs are of the releases of Nix that are here.
func check(t *testing.T, release testbed.Release) {
	nix := testbed.NewWith(t, testbed.Options{Release: release})
	dir := buildlog.Dir(nix.LogDir)
	if logs, err := dir.Newest(time.Time{}); err != nil || len(logs) != 0 {
		t.Errorf("%v, %v", logs, err)
	}
	start := time.Now().Add(-time.Second)
	short := build(t, nix, failing("short", 3, 1))
	long := build(t, nix, failing("long", 5000, 0))
	plain := build(t, nix, failing("plain", 2, 1), "--option", "compress-build-log", "false")

	for drv, want := range map[store.Path][]string{
		short: {"line 2", "line 3"}, long: {"line 4999", "line 5000"}, plain: {"line 1", "line 2"},
	} {
		log, err := dir.Find(drv)
		if err != nil {
			t.Fatal(err)
		}
		got, err := log.Tail(2)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, %s", log.File, err, diff)
		}
		r, err := log.Open()
		if err != nil {
			t.Fatal(err)
		}
		ours, err := io.ReadAll(r)
		if err != nil || r.Close() != nil {
			t.Fatal(err)
		}
		theirs, err := nix.Command(context.Background(), "nix-store", "--read-log", string(drv)).Output()
		if diff := cmp.Diff(string(theirs), string(ours)); diff != "" || err != nil {
			t.Errorf("%s: %v, %s", log.File, err, diff)
		}
	}

	logs, err := dir.Newest(start)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, log := range logs {
		names = append(names, log.Derivation)
	}
	if diff := cmp.Diff([]string{plain.Base(), long.Base(), short.Base()}, names); diff != "" {
		t.Error(diff)
	}
	if logs, err := dir.Newest(time.Now().Add(time.Hour)); err != nil || len(logs) != 0 {
		t.Errorf("%v, %v", logs, err)
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	release, err := testbed.Installed()
	if err != nil {
		t.Fatal(err)
	}
	check(t, release)
}

func TestRealNixLogs(t *testing.T) {
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) { check(t, release) })
	}
}

func TestOddLogs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none := store.Path("/nix/store/00000000000000000000000000000000-none.drv")
	if _, err := buildlog.Dir(dir).Find(none); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	drvs := filepath.Join(dir, "drvs", "00")
	if err := os.MkdirAll(drvs, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"000000000000000000000000000000-none.drv":     strings.Repeat("x", 100_000) + "\nend",
		"000000000000000000000000000000-cut.drv.bz2":  "BZh91AY",
		"000000000000000000000000000000-empty.drv":    "",
		"000000000000000000000000000000-dir.drv/file": "",
	} {
		file := filepath.Join(drvs, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	log, err := buildlog.Dir(dir).Find(none)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := log.Tail(3)
	if err != nil || len(lines) != 2 || len(lines[0]) != 4<<10 || lines[1] != "end" {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	logs, err := buildlog.Dir(dir).Newest(time.Time{})
	if err != nil || len(logs) != 3 {
		t.Fatalf("%v, %v", logs, err)
	}
	for _, log := range logs {
		if lines, err := log.Tail(1); err != nil || len(lines) > 1 {
			t.Errorf("%s: %v, %v", log.File, lines, err)
		}
	}
}

func Example() {
	log, err := buildlog.DefaultDir.Find("/nix/store/00000000000000000000000000000000-hello.drv")
	fmt.Println(log.File, err)
	// Output: there is no log of 00000000000000000000000000000000-hello.drv: file does not exist
}
