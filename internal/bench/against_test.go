package bench_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// comparison is one thing done by a program of Nix and by ask-nix.
type comparison struct {
	name string
	tool []string // the program that people use
	why  string   // it is this one, or how the two differ
	// Words of ask-nix: with nothing kept from before, and with what is. No cold is that
	// nothing is ever kept for it, no kept likewise.
	cold, kept []string
	prepare    func(*testing.B) // each run, not timed
	checkKept  bool             // the answer itself is kept
}

// comparisons are what is measured on a machine.
func comparisons(b *testing.B, m *bed) []comparison {
	b.Helper()
	targets := []string{"nix", "--extra-experimental-features", "nix-command", "path-info", "-S"}
	for n := 1; n <= generations+3; n++ {
		target, err := os.Readlink(m.GenerationLink(n))
		if err != nil {
			b.Fatal(err)
		}
		targets = append(targets, target)
	}
	dry := []string{"nix-build", "<nixpkgs/nixos>", "-A", "config.system.build.toplevel", "--dry-run", "--no-out-link"}
	changes := 0
	change := func(b *testing.B) {
		changes++
		configure(b, m, "bench-"+strconv.Itoa(changes))
	}
	all := []comparison{
		{
			name: "list generations", tool: []string{"nix-env", "--profile", m.SystemProfile, "--list-generations"},
			why:  "ask-nix tells version, kernel and what runs besides",
			cold: []string{"generations", "--no-cache"}, kept: []string{"generations"},
		},
		{
			name: "dry build, nothing changed", tool: dry,
			why:  "what `nixos-rebuild dry-build` runs; what ask-nix keeps is the evaluation",
			cold: []string{"build", "--dry-run", "--no-cache"}, kept: []string{"build", "--dry-run"},
		},
		{
			name: "dry build, configuration changed", tool: dry, prepare: change,
			why:  "another name of the machine each time, so that what is kept is of little use",
			cold: []string{"build", "--dry-run", "--no-cache"}, kept: []string{"build", "--dry-run"},
		},
		{
			name: "rollback", tool: []string{"nix-env", "--profile", m.SystemProfile, "--switch-generation", "2"},
			why:  "no activation; ask-nix reads back what it did, writes the audit log and waits for the disk, nix-env does not",
			cold: []string{"switch-generation", "2", "--yes"}, prepare: func(b *testing.B) { current(b, m, 3) },
		},
		{
			name: "search", tool: []string{"nix-env", "--file", "<nixpkgs>", "--query", "--available", "--attr-path", "--description", ".*vim.*"},
			why:  "nix-env searches the few packages of this store's nixpkgs, ask-nix the whole of a real one and its options: `make bench-search` compares like with like",
			cold: []string{"search", "vim", "--no-cache"}, kept: []string{"search", "vim"},
		},
		{
			name: "closure sizes", tool: targets,
			why:  fmt.Sprintf("of all %d generations; ask-nix tells what each has alone, what is unused, and the largest packages besides", generations+3),
			cold: []string{"disk", "--no-cache"}, kept: []string{"disk"}, checkKept: true,
		},
		{
			name: "preview of a clean-up", tool: []string{"nix-store", "--gc", "--print-dead"},
			why:  "ask-nix decides which generations go, and what that frees",
			cold: []string{"clean-up", "--keep", "5", "--dry-run"},
		},
	}
	if !rebuilds() {
		return all
	}
	for _, c := range all[1:3] {
		c.name, c.tool, c.why = c.name+", with nixos-rebuild", []string{rebuild, "dry-build"}, "all that it does besides running Nix, too"
		all = append(all, c)
	}
	return all
}

// rebuild is the program that most people switch with.
const rebuild = "nixos-rebuild"

func rebuilds() bool {
	_, err := exec.LookPath(rebuild)
	return err == nil
}

// current makes a generation the current one.
func current(b *testing.B, m *bed, number int) {
	b.Helper()
	beside := m.SystemProfile + ".new"
	err := os.Symlink(filepath.Base(m.GenerationLink(number)), beside)
	if err == nil {
		err = os.Rename(beside, m.SystemProfile)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// configure gives the machine another name.
func configure(b *testing.B, m *bed, name string) {
	b.Helper()
	file := filepath.Join(m.Root, "etc", "nixos", "configuration.nix")
	content := fmt.Sprintf("{ pkgs, ... }:\n\n{\n  imports = [ ./hardware-configuration.nix ];\n  networking.hostName = %q;\n  environment.systemPackages = with pkgs; [ git vim ];\n}\n", name)
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		b.Fatal(err)
	}
}

// against measures ask-nix against what people use.
func (d *document) against(b *testing.B, m *bed) {
	b.Helper()
	configure(b, m, "bench")
	if out, err := m.Command(b.Context(), "nix-build", "<nixpkgs/nixos>", "-A", "config.system.build.toplevel", "--no-out-link").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	us := &bed{m.Nix, m.askNix, append(m.Env(), "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes"), m.null}
	d.line("## Against Nix's own programs")
	d.line("")
	d.line("On one store: %d generations of a system, %d paths, closures of %d; Nix's database and all", generations+3, storePaths+100, storeClosure)
	d.line("files in memory. The program of Nix, ask-nix without anything kept, and ask-nix with what it")
	d.line("keeps are run in turns, %d rounds. Times are milliseconds, the median and the quarters below", rounds)
	d.line("and above it; ratios are how many times faster ask-nix is, of each round.")
	d.line("")
	d.head("", "Nix", "ask-nix, nothing kept", "ask-nix, kept", "faster, nothing kept", "faster, kept")
	all := comparisons(b, m)
	for _, c := range all {
		tool, cold, kept := c.run(b, us)
		current(b, m, generations+3)
		keptText := "never kept"
		if len(kept) > 0 {
			keptText = kept.String()
		}
		d.row(c.name, tool.String(), cold.String(), keptText, ratios(tool, cold), ratios(tool, kept))
	}
	d.line("")
	for _, c := range all {
		d.line("- %s: `%s`; %s.", c.name, m.shown(c.tool), c.why)
	}
	if !rebuilds() {
		d.line("- `%s` was not compared: it is not installed here.", rebuild)
	}
	d.line("- `nix search` was not compared here: it searches flakes, which this store's nixpkgs is not.")
	d.line("")
	d.shares(b, us, all)
	current(b, m, generations+3)
}

// shown is a command as it is told: without all of many paths, and what it takes to be
// allowed, and as on a real machine.
func (m *bed) shown(argv []string) string {
	text := strings.ReplaceAll(strings.Join(argv[:min(len(argv), 9)], " "), "--extra-experimental-features nix-command ", "")
	if len(argv) > 9 {
		text = strings.Join(strings.Fields(text)[:3], " ") + " PATH…"
	}
	text = strings.ReplaceAll(text, m.StateDir, "/nix/var/nix")
	return text
}

// run measures all three in turns.
func (c *comparison) run(b *testing.B, us *bed) (tool, cold, kept sample) {
	b.Helper()
	once := func(argv []string) time.Duration {
		if c.prepare != nil {
			c.prepare(b)
		}
		return us.time(b, argv...)
	}
	ours := append([]string{us.askNix}, c.cold...)
	oursKept := append([]string{us.askNix}, c.kept...)
	if c.checkKept {
		us.awaitKept(b, oursKept)
	}
	once(c.tool)
	once(ours)
	for range rounds {
		tool = append(tool, once(c.tool))
		cold = append(cold, once(ours))
		if len(c.kept) > 0 {
			kept = append(kept, once(oursKept))
		}
	}
	return tool, cold, kept
}

// shares tells how much of the processor's time is that of Nix's daemon.
func (d *document) shares(b *testing.B, us *bed, all []comparison) {
	b.Helper()
	d.line("### How much of it is Nix's own work")
	d.line("")
	d.line("What the programs of Nix do is all Nix's own work. Of ask-nix it is what the daemon does for")
	d.line("it; the database, the links and the language it reads itself. Below is processor time, in")
	d.line("milliseconds a run, of the process and of the daemon with the processes that it starts, over")
	d.line("%d runs in a row; the kernel tells the latter in steps of 10 ms for all of them together.", shareRuns)
	d.line("")
	d.head("", "Nix", "of that the daemon", "ask-nix, nothing kept", "of that the daemon", "ask-nix, kept", "of that the daemon")
	for _, c := range all {
		cells := []string{c.name}
		for _, argv := range [][]string{c.tool, c.words(us, c.cold), c.words(us, c.kept)} {
			if argv == nil {
				cells = append(cells, "–", "–")
				continue
			}
			process, daemon := us.processorTime(b, &c, argv)
			cells = append(cells, short(process+daemon), fmt.Sprintf("%.0f %%", 100*daemon/(process+daemon)))
		}
		d.row(cells...)
	}
	d.line("")
}

func (c *comparison) words(us *bed, words []string) []string {
	if words == nil {
		return nil
	}
	return append([]string{us.askNix}, words...)
}

// shareRuns is how many runs are measured together.
const shareRuns = 20

// processorTime is how many milliseconds of a processor a run takes: its own, with those of
// the processes that it waits for, and the daemon's.
func (m *bed) processorTime(b *testing.B, c *comparison, argv []string) (process, daemon float64) {
	b.Helper()
	before := m.daemonTime(b)
	for range shareRuns {
		if c.prepare != nil {
			c.prepare(b)
		}
		process += milliseconds(m.cpu(b, argv...))
	}
	time.Sleep(100 * time.Millisecond) // the daemon's processes end a moment later
	return process / shareRuns, milliseconds(m.daemonTime(b)-before) / shareRuns
}

// daemonTime is how much of a processor's time the daemon has had, with those of its
// processes that have ended.
func (m *bed) daemonTime(b *testing.B) (total time.Duration) {
	b.Helper()
	const tick = 10 * time.Millisecond // USER_HZ is 100
	for _, pid := range m.Processes() {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // one that served somebody, and has ended
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		for _, field := range strings.Fields(rest)[11:15] { // utime, stime, cutime, cstime
			ticks, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			total += time.Duration(ticks) * tick
		}
	}
	return total
}
