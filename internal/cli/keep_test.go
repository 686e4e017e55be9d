package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
)

const keepQuestion = "s. [y/n] "

// TestKeep answers the question whether a system is kept that was switched to, at the
// terminal and through the one program by which root does it.
func TestKeep(t *testing.T) {
	t.Parallel()
	b := newUserBed(t, sudoWorks)
	for _, test := range []struct {
		typed   string
		within  string
		status  int
		current int
		says    string
	}{
		{"n\n", "60s", 7, 3, "the old system is back: it was not to be kept"},
		{"", "2s", 7, 3, "the old system is back: nobody confirmed it in time"},
		{"\x04", "2s", 7, 3, "the old system is back: nobody confirmed it in time"},
		{"\nperhaps\ny\n", "60s", 0, 2, "Generation 2 is current and running now."},
	} {
		cmd := b.command("switch-generation", "2", "--yes", "--confirm-within", test.within)
		screen, status := runAtTerminal(t, cmd, keepQuestion, test.typed)
		if status != test.status || b.current() != test.current || !strings.Contains(screen, test.says) {
			t.Errorf("typed %q: status %d, generation %d; want %d, %d, %q\n%s", test.typed, status, b.current(), test.status, test.current, test.says, screen)
		}
		if asked := b.asked(); len(asked) != 1 || !strings.Contains(asked[0], " activate switch "+b.nix.StoreDir) {
			t.Errorf("sudo was asked %d times: %q\n%s", len(asked), asked, screen)
		}
	}
}

// TestKeepLater leaves the question with Ctrl-C, and confirms from elsewhere; in a pipe
// nobody is asked.
func TestKeepLater(t *testing.T) {
	t.Parallel()
	b := newUserBed(t, sudoWorks)
	screen, status := runAtTerminal(t, b.command("switch-generation", "2", "--yes", "--confirm-within", "60s"), keepQuestion, "\x03")
	if status != 130 || !strings.Contains(screen, "goes back by itself at") || !strings.Contains(screen, "hint: `ask-nix confirm` keeps it") {
		t.Errorf("status %d\n%s", status, screen)
	}
	b.asked()
	if out, err := b.command("confirm").CombinedOutput(); err != nil || !strings.Contains(string(out), "the new system stays") {
		t.Errorf("confirm: %v\n%s", err, out)
	}
	if asked := b.asked(); len(asked) != 1 || !strings.Contains(asked[0], " activate confirm --change=") {
		t.Errorf("sudo was asked %q", asked)
	}
	journal := filepath.Join(b.nix.Root, "var/lib/luminous-nix/activation/journal.jsonl")
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Lstat(journal); err != nil {
			break
		}
	}
	if b.current() != 2 {
		t.Errorf("generation %d is current", b.current())
	}
	out, err := b.command("switch-generation", "3", "--yes", "--confirm-within", "1s").CombinedOutput()
	if err == nil || strings.Contains(string(out), "Keep this system?") || b.current() != 2 {
		t.Errorf("in a pipe: %v, generation %d\n%s", err, b.current(), out)
	}
	b.wantOutcomes("state", operation.SwitchGeneration, "", operation.ConfirmSwitch, "", operation.SwitchGeneration, operation.CodeDeclined)
	b.wantOutcomes("root-state", operation.SwitchSystem, "", operation.ConfirmSwitch, "", operation.SwitchSystem, operation.CodeDeclined)
}

// wantOutcomes checks the audit log in a folder: each operation in its order, and how it
// ended; history settles what was left open.
func (b *userBed) wantOutcomes(state string, want ...any) {
	b.Helper()
	history := b.command("history")
	history.Env = append(history.Env, "XDG_STATE_HOME="+filepath.Join(b.nix.Home, state))
	if out, err := history.CombinedOutput(); err != nil {
		b.Fatalf("history: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(b.nix.Home, state, "luminous-nix/audit.jsonl"))
	if err != nil {
		b.Fatal(err)
	}
	var lines []audit.Line
	for line := range bytes.Lines(text) {
		var one audit.Line
		if err := json.Unmarshal(line, &one); err != nil {
			b.Fatal(err)
		}
		lines = append(lines, one)
	}
	var got []any
	for _, begun := range lines {
		if begun.Done {
			continue
		}
		got = append(got, begun.Operation.Name)
		for _, ended := range lines {
			if ended.Done && ended.ID == begun.ID {
				got = append(got, ended.Code)
			}
		}
	}
	for i, w := range want {
		if code, ok := w.(string); ok {
			want[i] = operation.Code(code)
		}
	}
	if !slices.Equal(got, want) {
		b.Errorf("%s: the audit log has %v, want %v", state, got, want)
	}
}
