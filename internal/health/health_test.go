package health_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/health"
	"luminousnix/internal/operation"
	"luminousnix/nix/storedb"
)

var now = time.Date(2025, 12, 1, 12, 0, 0, 0, time.UTC)

const gib = 1 << 30

func settings(pairs ...string) *health.Settings {
	s := &health.Settings{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		s.Set = append(s.Set, health.Setting{Name: name, Value: value})
	}
	return s
}

func system(change func(*health.System)) *health.System {
	s := &health.System{Version: "25.11.20251120.c0ffee1", Running: 3, Current: 3, SameAsCurrent: true}
	change(s)
	return s
}

func disk(path string, free, total int64) operation.FileSystem {
	return operation.FileSystem{Path: path, Free: free, Total: total, Used: total - free}
}

// TestChecks judges one fact at a time: the IDs of what is found, with severities.
func TestChecks(t *testing.T) {
	t.Parallel()
	wrap := func(err error) error { return fmt.Errorf("connecting: %w", err) }
	for name, test := range map[string]struct {
		facts health.Facts
		want  string
	}{
		"nothing known": {health.Facts{}, ""},

		"daemon answers": {health.Facts{Daemon: &health.Daemon{}}, ""},
		"daemon silent":  {health.Facts{Daemon: &health.Daemon{Err: wrap(context.DeadlineExceeded)}}, "problem daemon-silent"},
		"daemon gone":    {health.Facts{Daemon: &health.Daemon{Err: wrap(syscall.ENOENT)}}, "problem daemon-missing"},
		"daemon stopped": {health.Facts{Daemon: &health.Daemon{Err: wrap(syscall.ECONNREFUSED)}}, "problem daemon-stopped"},
		"daemon private": {health.Facts{Daemon: &health.Daemon{Err: wrap(syscall.EACCES)}}, "problem daemon-forbidden"},
		"daemon broken":  {health.Facts{Daemon: &health.Daemon{Err: errors.New("no")}}, "problem daemon-broken"},

		"database fine":    {health.Facts{Database: &health.Database{}}, ""},
		"database private": {health.Facts{Database: &health.Database{Err: fs.ErrPermission}}, ""},
		"database busy":    {health.Facts{Database: &health.Database{Err: wrap(storedb.ErrBusy)}}, "warning database-locked"},
		"database damaged": {health.Facts{Database: &health.Database{Err: wrap(storedb.ErrUnsupported)}}, "problem database-damaged"},
		"database missing": {health.Facts{Database: &health.Database{Err: wrap(fs.ErrNotExist)}}, "problem database-missing"},
		"database odd":     {health.Facts{Database: &health.Database{Err: errors.New("it's odd")}}, "problem database-unreadable"},

		"disk empty":      {health.Facts{Disk: []operation.FileSystem{disk("/s", 90*gib, 100*gib), disk("/boot", gib/2, gib)}}, ""},
		"store low":       {health.Facts{Disk: []operation.FileSystem{disk("/s", 4*gib, 100*gib)}}, "warning disk-low"},
		"store full":      {health.Facts{Disk: []operation.FileSystem{disk("/s", gib/2, 100*gib)}}, "problem disk-full"},
		"small store":     {health.Facts{Disk: []operation.FileSystem{disk("/s", gib, 4*gib)}}, ""},
		"boot low":        {health.Facts{Disk: []operation.FileSystem{disk("/boot", 100<<20, gib)}}, "warning disk-low"},
		"boot full":       {health.Facts{Disk: []operation.FileSystem{disk("/boot", 20<<20, gib)}}, "problem disk-full"},
		"both":            {health.Facts{Disk: []operation.FileSystem{disk("/s", 0, 100*gib), disk("/boot", 0, gib)}}, "problem disk-full, problem disk-full"},
		"old small /boot": {health.Facts{Disk: []operation.FileSystem{disk("/boot", 40<<20, 100<<20)}}, ""},

		"units fine":    {health.Facts{Units: &health.Units{}}, ""},
		"units failed":  {health.Facts{Units: &health.Units{Failed: []string{"nginx.service"}}}, "problem units-failed"},
		"change done":   {health.Facts{Changes: &health.Changes{}}, ""},
		"change broken": {health.Facts{Changes: &health.Changes{Interrupted: "Switch to 4"}}, "problem change-interrupted"},

		"system fine":   {health.Facts{System: system(func(*health.System) {})}, ""},
		"system broken": {health.Facts{System: system(func(s *health.System) { s.CurrentIsBroken, s.SameAsCurrent = true, false })}, "problem system-broken"},
		"system other":  {health.Facts{System: system(func(s *health.System) { s.Running, s.SameAsCurrent = 2, false })}, "warning system-not-current"},
		"system none":   {health.Facts{System: system(func(s *health.System) { s.Current, s.SameAsCurrent = 0, false })}, ""},
		"reboot":        {health.Facts{System: system(func(s *health.System) { s.RebootReasons = []string{"kernel"} })}, "warning reboot-needed"},

		"release over":    {health.Facts{System: system(func(s *health.System) { s.Version = "24.11.710087.a45fa362d887" })}, "problem release-unsupported"},
		"release ending":  {health.Facts{System: system(func(s *health.System) { s.Version = "25.05.20251120.c0ffee1" }), Now: now.AddDate(0, 0, 15)}, "warning release-ending"},
		"release last":    {health.Facts{System: system(func(s *health.System) { s.Version = "25.05.811000.c0ffee1" }), Now: time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC)}, "warning release-ending"},
		"release first":   {health.Facts{System: system(func(s *health.System) { s.Version = "25.05.811000.c0ffee1" }), Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, "problem release-unsupported"},
		"release to come": {health.Facts{System: system(func(s *health.System) { s.Version = "26.05pre912345.c0ffee1" })}, ""},
		"channel old":     {health.Facts{System: system(func(s *health.System) { s.Version = "25.11.20250915.c0ffee1" })}, "warning channel-old"},
		"no version":      {health.Facts{System: system(func(s *health.System) { s.Version = "Unknown" })}, ""},

		"profile fine": {health.Facts{Profiles: &health.Profiles{Generations: 3}}, ""},
		"profile odd":  {health.Facts{Profiles: &health.Profiles{Oddity: "it dangles", Mend: "ask-nix switch-generation N"}}, "problem profile-odd"},
		"many":         {health.Facts{Profiles: &health.Profiles{Generations: 51}}, "note generations-many"},
		"root":         {health.Facts{Roots: &health.Roots{Dangling: 1}}, "note roots-dangling"},
		"roots":        {health.Facts{Roots: &health.Roots{Dangling: 2}}, "note roots-dangling"},

		"memory enough": {health.Facts{Memory: &health.Memory{Total: 8 * gib}}, ""},
		"memory swap":   {health.Facts{Memory: &health.Memory{Total: 2 * gib, Swap: 4 * gib}}, ""},
		"memory small":  {health.Facts{Memory: &health.Memory{Total: 2 * gib}}, "warning memory-small"},
		"memory little": {health.Facts{Memory: &health.Memory{Total: 2 * gib, Swap: gib}}, "warning memory-small"},

		"configuration fine":   {health.Facts{Configuration: &health.Configuration{}}, ""},
		"configuration warns":  {health.Facts{Configuration: &health.Configuration{Warnings: 2}}, "note configuration-warns"},
		"configuration broken": {health.Facts{Configuration: &health.Configuration{Err: operation.Errorf(operation.CodeConfiguration, "no")}}, "problem configuration-broken"},

		"settings known":   {health.Facts{Settings: settings("extra-substituters=x", "experimental-features=nix-command flakes", "build-cores=2")}, ""},
		"setting misspelt": {health.Facts{Settings: settings("substitutors=x")}, "warning setting-unknown"},
		"setting new":      {health.Facts{Settings: settings("frobnicate-the-moon=x")}, ""},
		"feature misspelt": {health.Facts{Settings: settings("extra-experimental-features=nix-comand flake")}, "warning feature-unknown, warning feature-unknown"},
		"all trusted":      {health.Facts{Settings: settings("trusted-users=root *")}, "warning everybody-trusted"},
		"no signatures":    {health.Facts{Settings: settings("require-sigs=false")}, "warning signatures-ignored"},
		"no builds":        {health.Facts{Settings: settings("max-jobs=0")}, "problem no-builds"},
		"builds elsewhere": {health.Facts{Settings: settings("max-jobs=0", "builders=ssh://x")}, ""},
		"later counts":     {health.Facts{Settings: settings("max-jobs=0", "max-jobs=2")}, ""},
	} {
		test.facts.StoreDir = "/s"
		if test.facts.Now.IsZero() {
			test.facts.Now = now
		}
		got := health.Check(&test.facts)
		var found []string
		problem := false
		for _, f := range got.Findings {
			found = append(found, string(f.Severity)+" "+f.ID)
			problem = problem || f.Severity == operation.Problem
			if f.What == "" || f.Subject == "" || f.Fixes == nil {
				t.Errorf("%s: half a finding: %+v", name, f)
			}
		}
		if diff := cmp.Diff(test.want, strings.Join(found, ", ")); diff != "" || got.Healthy == problem {
			t.Errorf("%s: healthy %v, %s", name, got.Healthy, diff)
		}
	}
}

// TestWorstFirst has the subjects listed that were looked at, and those that were not.
func TestWorstFirst(t *testing.T) {
	t.Parallel()
	got := health.Check(&health.Facts{
		Now: now, Roots: &health.Roots{Dangling: 1}, Memory: &health.Memory{Total: gib},
		Units: &health.Units{Failed: []string{"a", "b", "c", "d", "e", "f", "g"}},
	})
	want := operation.Health{
		Findings: []operation.Finding{
			{ID: "units-failed", Severity: operation.Problem, Subject: "units", What: "Failed: a, b, c, d, e, and 2 more.", Fixes: []operation.Fix{
				{Command: "ask-nix errors", Say: "shows what they said"}, {Say: "`journalctl -b -u a` shows its whole log."},
			}},
			{ID: "memory-small", Severity: operation.Warning, Subject: "memory", What: "There are 1.0 GiB of memory and no swap: building a system may end for want of more.", Fixes: []operation.Fix{
				{Line: "zramSwap.enable = true;", Say: "keeps compressed pages in memory"},
				{Line: `swapDevices = [ { device = "/swapfile"; size = 4096; } ];`, Say: "makes 4 GiB of swap on the disk"},
			}},
			{ID: "roots-dangling", Severity: operation.Note, Subject: "roots", What: "One root of the garbage collector leads nowhere, such as that of a result that was deleted.", Fixes: []operation.Fix{
				{Command: "ask-nix collect-garbage", Say: "removes it, and what only it kept"},
			}},
		},
		Checked: []string{"units", "roots", "memory"},
		Unknown: []string{"daemon", "database", "disk", "change", "system", "release", "profile", "configuration", "settings"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"25.11.20251120.c0ffee1":    "25.11 2025-11-20 until 2026-07-01",
		"25.05.811000.c0ffee1":      "25.05 0001-01-01 until 2026-01-01",
		"25.05pre-git":              "25.05 0001-01-01 until 2026-01-01",
		"26.05.20260105.9f0c42f":    "26.05 2026-01-05 until 2027-01-01",
		"24.11.99999999.c0ffee1":    "24.11 0001-01-01 until 2025-07-01",
		"22.05":                     "22.05 0001-01-01 until 2023-01-01",
		"25.13.20251120":            "none",
		"Unknown":                   "none",
		"":                          "none",
		"2.34.8":                    "none",
		"my-label-25.11":            "none",
		"25.11.20251120.dirty.more": "25.11 2025-11-20 until 2026-07-01",
	} {
		got := "none"
		if r, ok := health.ParseVersion(version); ok {
			got = fmt.Sprintf("%s %s until %s", r, r.Date.Format(time.DateOnly), r.End().Format(time.DateOnly))
		}
		if got != want {
			t.Errorf("%q: %s, want %s", version, got, want)
		}
	}
}
