package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// stateFile is something that ask-nix keeps, a row of the table in docs/architecture.md.
type stateFile struct {
	row  string // how the row begins
	file string // below the folder of the bed; a * stands for anything
	text string // that is written there first; "" is that it is there
	// read and change are requests that use it. words of theirs may be more than one.
	read, change []string
	// history says that what it holds is nowhere else: whatever the damage, its bytes stay.
	history bool
}

// notDamaged are the rows of the table that are not damaged here, and why.
func notDamaged() map[string]string {
	return map[string]string{
		"downloads of evaluations": "they are files by their hash, which is checked: the tests of nix/fetch damage them",
		"packages that are tried":  "they are links for the garbage collector, which reads them and nobody else",
	}
}

// settingsRow stands for the files of settings, which people write.
const settingsRow = "settings"

func stateFiles() []stateFile {
	pin := []string{"pin", "2", "--note", "again"}
	const journal = `{"step":"begin","time":"2026-03-01T12:00:00Z","request":{"action":"test","toplevel":"/nix/store/x"},"before":{"generation":3}}` + "\n"
	return []stateFile{
		{"kept answers", "runtime/luminous-nix/answers/????????????????????????????????", "", []string{"diff", "1", "2"}, []string{"cache", "clear"}, false},
		{"kept answers", "runtime/luminous-nix/answers/lock", "", []string{"diff", "1", "3"}, []string{"cache", "clear"}, false},
		{"what was asked after what at the prompt", "STATE/foreseen.jsonl", `{"time":"2026-03-01T12:00:00Z","after":"list-generations","next":"disk-usage"}` + "\n", []string{"cache", "stats"}, []string{"cache", "clear"}, false},
		{"results of evaluations", "home/.cache/luminous-nix/evaluations.sqlite", "", []string{"check"}, []string{"install", "cowsay"}, false},
		{"catalogues", "home/.cache/luminous-nix/catalog/*.index", "", []string{"search", "htop"}, []string{"remove", "tree"}, false},
		{"operations that failed", "STATE/failures.jsonl", "", []string{"errors"}, []string{"switch-generation", "99"}, false},
		{"counts of operations", "STATE/metrics", "", []string{"metrics"}, pin, true},
		{"files of the configuration", "STATE/backups/*", "", []string{"data", "show"}, []string{"set", "networking.hostName", "other"}, true},
		{"files of settings", "STATE/migration/*/manifest.json", "", []string{"migrate", "--rollback", "--dry-run"}, []string{"migrate", "--rollback"}, false},
		{"how long builds took", "STATE/build-times.sqlite", "", []string{"build", "--dry-run"}, []string{"set", "networking.hostName", "third"}, false},
		{settingsRow, "home/.config/luminous-nix/config.toml", "", []string{"system"}, pin, true},
		{"jobs", "STATE/jobs/*/request.json", "", []string{"jobs"}, []string{"data", "delete", "jobs"}, false},
		{"jobs", "STATE/jobs/*/result.json", "", []string{"jobs"}, []string{"data", "delete", "jobs"}, false},
		{"jobs", "STATE/jobs/*/events.jsonl", "", []string{"jobs"}, []string{"data", "delete", "jobs"}, false},
		{"journal of a switch", "ACTIVATION/report.json", "", []string{"system"}, []string{"recover"}, false},
		{"journal of a switch", "ACTIVATION/lock", "", []string{"system"}, []string{"recover"}, false},
		{"journal of a switch", "ACTIVATION/journal.jsonl", journal, []string{"system"}, []string{"recover"}, false},
		{"what was said at the prompt", "STATE/conversation", `{"time":"2026-03-01T12:00:00Z","said":"list my generations"}` + "\n", []string{"conversation"}, []string{"data", "delete", "conversation"}, false},
		{"audit log", "STATE/audit.jsonl", "", []string{"history"}, pin, true},
		{"audit log", "STATE/audit.jsonl.head", "", []string{"history", "--verify"}, pin, false},
		{"audit log", "STATE/audit.jsonl.lock", "", []string{"history"}, pin, false},
		{"pins", "root/var/lib/luminous-nix/kept-generations.json", "", []string{"pins"}, []string{"clean-up", "--keep", "1"}, true},
		{"what a check of the store has found", "STATE/store-check.jsonl", "", []string{"verify", "--dry-run"}, []string{"verify"}, false},
	}
}

// harm is what may become of a file.
type harm struct {
	name string
	do   func(random *rand.Rand, file, elsewhere string, content []byte) error
}

// harms are what may become of a file. The random one is of a seed that is printed.
func harms() []harm {
	write := func(file string, content []byte) error { return os.WriteFile(file, content, 0o600) }
	return []harm{
		{"cut short", func(r *rand.Rand, file, _ string, content []byte) error {
			return write(file, content[:r.IntN(len(content)+1)])
		}},
		{"altered", func(r *rand.Rand, file, _ string, content []byte) error {
			content = bytes.Clone(content)
			for range 1 + r.IntN(8) {
				if len(content) > 0 {
					content[r.IntN(len(content))] ^= byte(1 + r.IntN(255))
				}
			}
			return write(file, content)
		}},
		{"empty", func(_ *rand.Rand, file, _ string, _ []byte) error { return write(file, nil) }},
		{"random bytes", func(r *rand.Rand, file, _ string, _ []byte) error {
			content := make([]byte, 4096)
			for i := range content {
				content[i] = byte(r.IntN(256))
			}
			return write(file, content)
		}},
		{"huge", func(_ *rand.Rand, file, _ string, _ []byte) error { return os.Truncate(file, 64<<20) }},
		{"a folder", func(_ *rand.Rand, file, _ string, _ []byte) error {
			return errors.Join(os.Remove(file), os.MkdirAll(filepath.Join(file, "inside"), 0o700))
		}},
		{"a link", func(_ *rand.Rand, file, elsewhere string, content []byte) error {
			return errors.Join(os.Remove(file), write(elsewhere, content), os.Symlink(elsewhere, file))
		}},
		{"a link to nothing", func(_ *rand.Rand, file, elsewhere string, _ []byte) error {
			return errors.Join(os.Remove(file), os.RemoveAll(elsewhere), os.Symlink(elsewhere, file))
		}},
	}
}

// TestFaultDamagedStateLong damages each file that is kept, in each way (in every other one
// without LUMINOUS_NIX_LONG), and then has something read
// and something changed that uses it. Nothing hangs or breaks down; what fails says what to
// do; what holds history is not lost; no link is followed to write.
func TestFaultDamagedStateLong(t *testing.T) {
	t.Parallel()
	wantRows(t)
	b := newDamagedBed(t)
	all := os.Getenv("LUMINOUS_NIX_LONG") != ""
	for i, f := range stateFiles() {
		for j, d := range harms() {
			if !all && (i+j)%2 != 0 {
				continue // the other half is done by make test-long
			}
			// A catalogue takes seconds to make again.
			if f.row == "catalogues" && d.name != "altered" && d.name != "a link to nothing" {
				continue
			}
			b.damaged(f, d)
		}
	}
}

// wantRows checks that each row of the table in docs/architecture.md is damaged, or named
// among those that are not.
func wantRows(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "## Where state is")
	if !ok {
		t.Fatal("docs/architecture.md has no such chapter")
	}
	rows := 0
	for line := range strings.Lines(table) {
		what, ok := strings.CutPrefix(line, "| ")
		if !ok || strings.HasPrefix(what, "what |") {
			continue
		}
		rows++
		what, _, _ = strings.Cut(what, " |")
		damaged := slices.ContainsFunc(stateFiles(), func(f stateFile) bool { return f.row != "" && strings.HasPrefix(what, f.row) })
		if damaged == (notDamaged()[what] != "") {
			t.Errorf("%s: damaged %v, and left out because %q", what, damaged, notDamaged()[what])
		}
	}
	if rows < 10 {
		t.Errorf("the table has %d rows only", rows)
	}
}

// damaged damages a file, and makes the requests.
func (b *damagedBed) damaged(f stateFile, d harm) {
	b.Helper()
	pattern := strings.NewReplacer("STATE", b.state(), "ACTIVATION", filepath.Dir(b.journal())).Replace(f.file)
	if !filepath.IsAbs(pattern) {
		pattern = filepath.Join(b.nix.Dir, pattern)
	}
	if f.text != "" {
		b.write(pattern, f.text)
	}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		b.Fatalf("%s: there is none, %v", pattern, err)
	}
	file := files[len(files)-1]
	content, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	elsewhere := filepath.Join(b.nix.Dir, "elsewhere")
	if err := d.do(b.random, file, elsewhere, content); err != nil {
		b.Fatal(err)
	}
	b.what = f.file + ", " + d.name
	damaged, _ := os.ReadFile(file)           // nothing of a folder
	linked, linkErr := os.ReadFile(elsewhere) // nor where no link leads
	for _, request := range [][]string{f.read, f.change} {
		b.try(request)
	}
	if f.history && len(damaged) > 0 && len(damaged) < 1<<20 && linkErr != nil {
		b.wantKept(file, damaged)
	}
	if now, err := os.ReadFile(elsewhere); !bytes.Equal(now, linked) || (err == nil) != (linkErr == nil) {
		b.Errorf("%s: a link was followed to write", b.what)
	}
	if b.target(1) != b.first {
		b.Errorf("%s: the pinned generation 1 is gone", b.what)
	}
	b.restore(file, content)
	if err := os.RemoveAll(elsewhere); err != nil {
		b.Fatal(err)
	}
}

// wantKept checks that a damaged file is still there, or was put aside beside where it was.
func (b *damagedBed) wantKept(file string, damaged []byte) {
	b.Helper()
	beside, err := filepath.Glob(file + "*")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range beside {
		if content, err := os.ReadFile(file); err == nil && bytes.Contains(content, damaged) {
			return
		}
	}
	b.Errorf("%s: what was left of it is lost; there is %v", b.what, beside)
}

// try makes a request that may fail, but says what to do then, and ends.
func (b *damagedBed) try(request []string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
	defer cancel()
	cmd := b.nix.Command(ctx, binary, append(request, "--yes")...)
	cmd.Dir = b.nix.Home
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	_ = cmd.Run() // the status tells
	said, status := stderr.String(), cmd.ProcessState.ExitCode()
	switch {
	case ctx.Err() != nil:
		b.Errorf("%s: %q does not end", b.what, request)
	case strings.Contains(said, "goroutine ") || strings.Contains(said, "panic"):
		b.Errorf("%s: %q breaks down: %s", b.what, request, said)
	case status == 0:
	case status != 1 && status != 4 && status != 6 || !strings.Contains(said, "hint: ") || strings.Contains(said, "--debug"):
		b.Errorf("%s: %q ends with %d, and does not say what to do: %s", b.what, request, status, said)
	}
}

// damagedBed is a machine that has something of all that is kept.
type damagedBed struct {
	*everyBed
	saved string // copies of the folders
	what  string // is damaged now
}

func newDamagedBed(t *testing.T) *damagedBed {
	b := &damagedBed{everyBed: newEveryBed(t)}
	b.must("install", "cowsay", "tree")
	b.must("set", "services.openssh.enable", "false")
	b.must("switch-generation", "2")
	b.must("switch-generation", "3")
	b.must("migrate")
	b.must("verify")
	b.must("search", "htop")
	b.must("diff", "1", "2")
	b.run("switch-generation", "99")
	b.saved = filepath.Join(b.nix.Dir, "saved")
	for n, dir := range b.folders() {
		if err := os.CopyFS(filepath.Join(b.saved, fmt.Sprint(n)), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// folders are those of state, that of whoever runs the test and that of the machine, and
// that of settings.
func (b *damagedBed) folders() []string {
	return slices.Compact([]string{b.state(), filepath.Join(b.nix.Root, "var/lib/luminous-nix"), filepath.Join(b.nix.Home, ".config/luminous-nix")})
}

// restore makes everything as it was.
func (b *damagedBed) restore(file string, content []byte) {
	b.Helper()
	for n, dir := range b.folders() {
		if err := errors.Join(os.RemoveAll(dir), os.CopyFS(dir, os.DirFS(filepath.Join(b.saved, fmt.Sprint(n)))), os.Chmod(dir, 0o755)); err != nil {
			b.Fatal(err)
		}
	}
	if slices.ContainsFunc(b.folders(), func(dir string) bool { return strings.HasPrefix(file, dir) }) {
		return
	}
	if err := errors.Join(os.RemoveAll(file), os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, content, 0o600)); err != nil {
		b.Fatal(err)
	}
}
