package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// TestFaultMemory has a build killed as the kernel does when memory runs out, unless it is
// alone on some of the processors.
func TestFaultMemory(t *testing.T) {
	t.Parallel()
	f := onFaulty(t, testbed.NewWith(t, testbed.Options{Settings: "cores = 999\n"}))
	f.offer(map[string]string{"homegrown": `if [ "$NIX_BUILD_CORES" = 999 ]; then kill -9 $$; fi; mkdir $out; echo >$out/data`})
	f.env = append(f.env, "LUMINOUS_NIX_PATIENCE=0")
	a := f.ask("install", "homegrown", "--user", "--yes")
	f.wantFailure("nothing is tried again", a, 1, "could not be built", "--max-jobs 1 --cores 1")
	f.env = append(f.env, "LUMINOUS_NIX_PATIENCE=1")
	a = f.ask("install", "homegrown", "--user", "--yes")
	f.wantSuccess("fewer jobs", a, "fewer-jobs")
	if !strings.Contains(a.said, "building one thing at a time") {
		t.Errorf("it was told so:\n%s", a.said)
	}
	f.sound()
	f.wantChain()
}

// TestFaultSwitchAtTerminal finds a switch that was interrupted: what ends it is offered, and
// with a yes that is done, and then what was asked for. A no leaves all as it is.
func TestFaultSwitchAtTerminal(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	// One that was interrupted before it had even written down what it is.
	folder := filepath.Join(nix.Root, "var/lib/luminous-nix/activation")
	journal := filepath.Join(folder, "journal.jsonl")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journal, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	p := profile.Profile(nix.SystemProfile)
	for _, test := range []struct {
		typed   string
		status  int
		current int
		left    bool
	}{
		{"y\nn\n", 1, 3, true},
		{"y\ny\n", 0, 2, false},
	} {
		cmd := nix.Command(t.Context(), binary, "rollback")
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1", "NO_COLOR=1")
		screen, status := runAtTerminal(t, cmd, "Do this? [y/N] ", test.typed)
		state, err := p.Read()
		_, left := os.Stat(journal)
		if err != nil || status != test.status || state.Current != test.current || (left == nil) != test.left {
			t.Errorf("typed %q: status %d, generation %d, %v, and of the journal %v; want %+v\n%s", test.typed, status, state.Current, err, left, test, screen)
		}
		if strings.Count(screen, "Do this?") != 2 || !strings.Contains(screen, "Close its journal: nothing had been changed yet") {
			t.Errorf("typed %q: it was asked\n%s", test.typed, screen)
		}
	}
}
