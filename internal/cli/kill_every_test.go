package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// everyKill is how many changes are killed: more for make test-long.
func everyKill() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 300
	}
	return 30
}

// killable is a changing operation, and how it is asked for on the bed.
type killable struct {
	name operation.Name
	args func(*everyBed) []string // also makes it possible, however earlier kills have left the bed
	// within is about how long it takes on an idle machine.
	within time.Duration
	// after does what a person does who finds it cut short, where that is more than
	// `recover`; nil is nothing.
	after func(*everyBed)
}

// always are the words of a request that is always possible.
func always(w ...string) func(*everyBed) []string { return func(*everyBed) []string { return w } }

// prepared are the words of a request that needs others before.
func prepared(before []string, w ...string) func(*everyBed) []string {
	return func(b *everyBed) []string {
		b.run(before...)
		return w
	}
}

// killables are all changing operations but those of [notKilled].
func killables() []killable {
	const ms = time.Millisecond
	return []killable{
		{operation.InstallPackages, prepared([]string{"remove", "cowsay"}, "install", "cowsay", "htop"), 250 * ms, nil},
		{operation.RemovePackages, prepared([]string{"install", "cowsay"}, "remove", "cowsay"), 150 * ms, nil},
		{operation.TryPackages, always("try", "cowsay", "--", "cowsay", "hello"), 150 * ms, nil},
		{operation.UpdateSystem, (*everyBed).olderPackage, 250 * ms, nil},
		{operation.BuildSystem, otherSystem("build"), 500 * ms, nil},
		{operation.SwitchSystem, otherSystem("switch"), 900 * ms, nil},
		{operation.BootSystem, otherSystem("boot"), 900 * ms, nil},
		{operation.TestSystem, otherSystem("test"), 900 * ms, nil},
		{operation.DryActivateSystem, otherSystem("dry-activate"), 500 * ms, nil},
		{operation.Rollback, prepared([]string{"switch-generation", "3"}, "rollback"), 500 * ms, nil},
		{operation.SwitchGeneration, prepared([]string{"switch-generation", "3"}, "switch-generation", "2"), 500 * ms, nil},
		{operation.DeleteGenerations, spareGeneration("delete-generations"), 60 * ms, nil},
		{operation.CleanUp, spareGeneration("clean-up"), 200 * ms, nil},
		{operation.PinGeneration, prepared([]string{"unpin", "2"}, "pin", "2", "--name", "second"), 40 * ms, nil},
		{operation.UnpinGeneration, prepared([]string{"pin", "2", "--name", "second"}, "unpin", "2"), 40 * ms, nil},
		{operation.CollectGarbage, prepared([]string{"remove", "htop"}, "collect-garbage"), 150 * ms, nil},
		{operation.RepairStore, (*everyBed).damage, 300 * ms, func(b *everyBed) { b.must("repair", "--no-cache") }},
		{operation.VerifyStore, always("verify", "--no-cache"), 100 * ms, nil},
		{operation.OptimiseStore, always("optimise"), 200 * ms, nil},
		{operation.SetOption, (*everyBed).otherOption, 300 * ms, nil},
		{operation.RecoverSwitch, (*everyBed).interrupt, 400 * ms, nil},
		{operation.ConfirmSwitch, unconfirmed("confirm"), 40 * ms, func(b *everyBed) { b.run("confirm") }},
		{operation.CancelJob, unconfirmed("cancel"), 40 * ms, func(b *everyBed) { b.run("confirm") }},
		{operation.UpdateCatalog, (*everyBed).otherListing, 60 * ms, nil},
		{operation.BuildCatalog, always("catalog", "build"), 300 * ms, nil},
		{operation.ClearCache, always("cache", "clear"), 30 * ms, nil},
		{operation.Migrate, (*everyBed).oldSettings, 30 * ms, nil},
		{operation.Undo, prepared([]string{"install", "cowsay"}, "undo"), 150 * ms, nil},
	}
}

// notKilled are the operations that are not killed here, and why.
func notKilled() map[operation.Name]string {
	return map[operation.Name]string{
		operation.RebuildRemotely: "there is no other machine, and all of it is done by nixos-rebuild",
	}
}

// TestFaultKillEveryOperation kills changes at random moments, each changing operation in its
// turn: ask-nix, or the process of the switch, or both. After each the store, the profiles
// and everything that ask-nix keeps are whole, nothing that is protected is gone, and the
// next request works.
func TestFaultKillEveryOperation(t *testing.T) {
	t.Parallel()
	all := killables()
	for _, spec := range operation.All() {
		killed := slices.ContainsFunc(all, func(k killable) bool { return k.name == spec.Name })
		if spec.Changing && killed == (notKilled()[spec.Name] != "") {
			t.Errorf("%s: killed %v, and left out because %q", spec.Name, killed, notKilled()[spec.Name])
		}
	}
	b := newEveryBed(t)
	cut := 0
	for n := range everyKill() {
		if n%len(all) == 0 {
			b.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		}
		if b.kill(all[n%len(all)]) {
			cut++
		}
		b.check()
		if t.Failed() {
			t.Fatalf("after kill %d, of %s", n+1, b.last)
		}
	}
	b.checkOutcomes()
	out, err := b.nix.Command(t.Context(), "nix-store", "--verify", "--check-contents").CombinedOutput()
	if err != nil || strings.Contains(string(out), "modified") {
		t.Errorf("nix-store --verify: %v\n%s", err, out)
	}
	t.Logf("%d of %d were cut short", cut, everyKill())
	if cut < everyKill()/4 {
		t.Error("most came to their end: the test shows little")
	}
}

// everyBed is a machine on which everything is changed, and killed.
type everyBed struct {
	*killer
	env   []string // more than the common one
	count int      // makes each change another one
	last  string   // what was killed last, and how
	first string   // the target of generation 1, which is pinned, as is 3
	boot  string   // the target of generation 2, which the machine was started with
}

func newEveryBed(t *testing.T) *everyBed {
	b := &everyBed{killer: newKiller(t)}
	nix := b.nix
	b.first, b.boot = b.target(1), b.target(2)
	old := filepath.Join(nix.Dir, "old")
	if err := os.CopyFS(old, os.DirFS(nix.Nixpkgs)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"modules/misc/luminous.nix", "default.nix"} {
		text, err := os.ReadFile(filepath.Join(old, file))
		if err != nil {
			t.Fatal(err)
		}
		b.write(filepath.Join(old, file), strings.ReplaceAll(string(text), "25.11", "25.05"))
	}
	b.write(filepath.Join(nix.Home, ".config/nix-for-humanity/config.yaml"), "ui:\n  use_colors: false\n")
	b.env = []string{"LUMINOUS_NIX_CATALOG_URL=file://" + nix.Dir + "/mirror", "TZ=UTC"}
	b.must("pin", "1", "--name", "works")
	b.must("pin", "3", "--name", "newest")
	return b
}

func (b *everyBed) target(number int) string {
	b.Helper()
	target, err := os.Readlink(b.nix.GenerationLink(number))
	if err != nil {
		b.Fatal(err)
	}
	return target
}

// output is what comes of a request, confirmed beforehand.
func (b *everyBed) output(args ...string) ([]byte, error) {
	cmd := b.command(append(args, "--yes")...)
	cmd.Dir = b.nix.Home
	cmd.Env = append(cmd.Env, b.env...)
	return cmd.CombinedOutput()
}

// run makes a request that may have nothing to do.
func (b *everyBed) run(args ...string) {
	b.Helper()
	if out, err := b.output(args...); err != nil {
		b.Logf("%q: %v\n%s", args, err, out)
	}
}

// must makes a request that has to succeed.
func (b *everyBed) must(args ...string) {
	b.Helper()
	if out, err := b.output(args...); err != nil {
		b.Fatalf("%q: %v\n%s", args, err, out)
	}
}

// olderPackage has a package that can be updated.
func (b *everyBed) olderPackage() []string {
	b.run("remove", "firefox")
	b.env = append(b.env, "NIX_PATH=nixpkgs="+b.nix.Dir+"/old")
	b.run("install", "firefox")
	b.env = b.env[:len(b.env)-1]
	return []string{"update", "firefox"}
}

// otherSystem is a request about a configuration that was not built yet.
func otherSystem(word string) func(*everyBed) []string {
	return func(b *everyBed) []string {
		b.count++
		system := testbed.System{Packages: []string{"git", "vim"}, Services: []string{"openssh"}, Label: fmt.Sprintf("25.11.kill%d", b.count)}
		if err := b.nix.WriteConfiguration(system); err != nil {
			b.Fatal(err)
		}
		return []string{word}
	}
}

// spareGeneration is a request that deletes the first of two generations which nothing
// protects.
func spareGeneration(word string) func(*everyBed) []string {
	return func(b *everyBed) []string {
		state, err := b.profile.Read()
		if err != nil || len(state.Generations) == 0 {
			b.Fatal(state, err)
		}
		newest := state.Generations[len(state.Generations)-1].Number
		for n := newest + 1; n <= newest+2; n++ {
			if err := os.Symlink(b.first, b.nix.GenerationLink(n)); err != nil {
				b.Fatal(err)
			}
		}
		if word == "clean-up" {
			return []string{word, "--keep", "1"}
		}
		return []string{word, fmt.Sprint(newest + 1)}
	}
}

// damage puts another file into the store, in place of one that may be shared with others.
func (b *everyBed) damage() []string {
	b.Helper()
	file := filepath.Join(b.first, "nixos-version")
	err := errors.Join(os.Chmod(b.first, 0o755), os.Remove(file), os.WriteFile(file, []byte("damaged"), 0o444), os.Chmod(b.first, 0o555))
	if err != nil {
		b.Fatal(err)
	}
	return []string{"repair", "--no-cache"}
}

func (b *everyBed) otherOption() []string {
	b.count++
	return []string{"set", "networking.hostName", fmt.Sprintf("kill%d", b.count)}
}

// otherListing has a channel whose listing is another one than before.
func (b *everyBed) otherListing() []string {
	b.count++
	text := fmt.Sprintf(`{"version":2,"packages":{"tulip":{"pname":"tulip","version":"%d.0","meta":{"available":true}}}}`, b.count)
	b.write(filepath.Join(b.nix.Dir, "mirror/small/packages.json.br"), text)
	return []string{"catalog", "update", "--channel", "small"}
}

// oldSettings has settings that were not taken over yet.
func (b *everyBed) oldSettings() []string {
	b.run("migrate", "--rollback")
	return []string{"migrate"}
}

// interrupt has a switch that was interrupted, if it can be met in time.
func (b *everyBed) interrupt() []string {
	b.run("switch-generation", "3")
	cmd := b.command("switch-generation", "2", "--yes")
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.until(b.switches)
	b.end("run-job")
	_ = cmd.Process.Kill() // it may have ended
	_ = cmd.Wait()
	b.quiet(time.Now().Add(time.Minute))
	return []string{"recover"}
}

// unconfirmed is a request about a switch that waits to be confirmed.
func unconfirmed(word string) func(*everyBed) []string {
	return func(b *everyBed) []string {
		b.run("switch-generation", "3")
		b.run("switch-generation", "2", "--confirm-within", "60s", "--detach")
		b.until(func() bool {
			text, err := os.ReadFile(b.journal())
			return err == nil && bytes.Contains(text, []byte(`"step":"confirm"`))
		})
		if word == "confirm" {
			return []string{word}
		}
		jobs, err := filepath.Glob(filepath.Join(b.state(), "jobs", "*"))
		if err != nil || len(jobs) == 0 {
			b.Fatal(jobs, err)
		}
		return []string{word, filepath.Base(jobs[len(jobs)-1])}
	}
}

func (b *everyBed) journal() string {
	return filepath.Join(b.nix.Root, "var/lib/luminous-nix/activation/journal.jsonl")
}

// switches reports whether a switch is under way, or was interrupted.
func (b *everyBed) switches() bool {
	_, err := os.Lstat(b.journal())
	return err == nil
}

// until waits until something is so, but not for ever.
func (b *everyBed) until(so func() bool) {
	for deadline := time.Now().Add(10 * time.Second); !so() && time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
	}
}

// end kills all processes of the bed that have a word in their command line.
func (b *everyBed) end(word string) (some bool) {
	for _, pid := range b.processes(word) {
		some = syscall.Kill(pid, syscall.SIGKILL) == nil || some
	}
	return some
}

func (b *everyBed) write(file, text string) {
	b.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		b.Fatal(err)
	}
}

// kill begins a change, kills what does it at a random moment, and does what a person does
// then. It reports whether the change was cut short.
func (b *everyBed) kill(k killable) (cut bool) {
	b.Helper()
	args := k.args(b)
	what, within := b.random.IntN(3), time.Duration(b.random.Int64N(int64(k.within)))
	b.last = fmt.Sprintf("%q, %v, after %v", args, []string{"ask-nix", "the process of a switch", "both"}[what], within)
	cmd := b.command(append(args, "--yes")...)
	cmd.Dir, cmd.Env = b.nix.Home, append(cmd.Env, b.env...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	time.Sleep(within)
	if what != theCaller {
		cut = b.end("run-job")
	}
	if what != theTransaction || !cut {
		_ = cmd.Process.Kill() // it may have ended
	}
	cut = cmd.Wait() != nil || cut
	if k.after != nil {
		k.after(b)
	}
	b.until(func() bool { return len(b.processes("run-job"))+len(b.processes("switch-to-configuration")) == 0 })
	b.quiet(time.Now().Add(time.Minute))
	if b.switches() {
		b.must("recover")
	}
	return cut
}

// check checks that everything is whole, and that nothing which is protected is gone.
func (b *everyBed) check() {
	b.Helper()
	b.count++
	b.must("pin", "1", "--note", fmt.Sprintf("probe %d", b.count)) // the next change works
	b.checkAnswers()
	b.checkDatabase(filepath.Join(b.nix.StateDir, "db/db.sqlite"))
	b.checkDatabase(filepath.Join(b.nix.Home, ".cache/luminous-nix/evaluations.sqlite"))
	b.checkProfiles()
	b.checkFiles()
}

// checkAnswers asks all that reads what is kept.
func (b *everyBed) checkAnswers() {
	b.Helper()
	names := []operation.Name{
		operation.ListPins, operation.ShowMetrics, operation.ShowCache, operation.ShowCatalog, operation.ListJobs, operation.ShowErrors,
		operation.ShowSystem, operation.ShowConfiguration, operation.ListPackages, operation.ListGenerations, operation.ShowHistory,
	}
	var in strings.Builder
	for _, name := range names {
		fmt.Fprintf(&in, "{\"operation\":%q}\n", name)
	}
	fmt.Fprintf(&in, "{\"operation\":%q,\"arguments\":{\"verify\":true}}\n", operation.ShowHistory)
	cmd := b.command("batch")
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil || bytes.Count(out, []byte("\n")) != len(names)+1 {
		b.Errorf("%v: %s", err, out)
	}
	var pins struct{ Data operation.Pins }
	for line := range bytes.Lines(out) {
		var answer struct {
			Success  bool
			Warnings []string
		}
		if err := json.Unmarshal(line, &answer); err != nil || !answer.Success || len(answer.Warnings) > 0 {
			b.Errorf("%v: %s", err, line)
		}
		if bytes.Contains(line, []byte(`"operation":"list-pins"`)) {
			err = json.Unmarshal(line, &pins)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	for number, name := range map[operation.GenerationNumber]string{1: "works", 3: "newest"} {
		if !slices.ContainsFunc(pins.Data.Pins, func(p operation.Pin) bool { return p.Generation == number && p.Name == name }) {
			b.Errorf("the pin of generation %d is lost: %+v", number, pins.Data)
		}
	}
}

// checkDatabase checks that a database of SQLite is sound.
func (b *everyBed) checkDatabase(file string) {
	b.Helper()
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteTransient(conn, "pragma integrity_check(1)", &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		if row.ColumnText(0) != "ok" {
			b.Errorf("%s: %s", file, row.ColumnText(0))
		}
		return nil
	}})
	if err != nil {
		b.Errorf("%s: %v", file, err)
	}
}

// checkProfiles checks that every generation leads to something whole, that the protected
// ones are there, and that the one that is current runs.
func (b *everyBed) checkProfiles() {
	b.Helper()
	db, err := storedb.Open(b.Context(), storedb.Options{StateDir: b.nix.StateDir, StoreDir: store.Dir(b.nix.StoreDir)})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	var targets []store.Path
	for _, p := range []profile.Profile{b.profile, b.userProfile()} {
		state, err := p.Read()
		if errors.Is(err, profile.ErrNotExist) {
			continue
		}
		if err != nil {
			b.Errorf("%s: %v", p, err)
			continue
		}
		if _, err := state.Generation(p, state.Current); err != nil {
			b.Errorf("%s leads nowhere: %v", p, err)
		}
		for _, g := range state.Generations {
			targets = append(targets, store.Path(g.Target))
		}
	}
	if b.target(1) != b.first || b.target(2) != b.boot || b.target(3) == "" {
		b.Error("generation 1, which is pinned, or 2, which the machine was started with, is another one")
	}
	closures, err := db.Closures(b.Context(), targets...)
	if err != nil {
		b.Fatal(err)
	}
	for _, closure := range closures {
		for _, object := range closure {
			if _, err := os.Lstat(string(object.Path)); err != nil {
				b.Error(err)
			}
		}
	}
}

// userProfile is where Nix keeps the packages of whoever runs the tests.
func (b *everyBed) userProfile() profile.Profile {
	name := os.Getenv("USER")
	if os.Geteuid() == 0 {
		name = "root"
	}
	return profile.Profile(filepath.Join(b.nix.StateDir, "profiles/per-user", name, "profile"))
}

// checkFiles checks that the counts are whole, and that what is JSON is.
func (b *everyBed) checkFiles() {
	b.Helper()
	state := b.state()
	if _, err := os.Lstat(filepath.Join(state, "metrics.damaged")); err == nil {
		b.Error("the counts were damaged")
	}
	err := filepath.WalkDir(state, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if name := filepath.Base(path); err == nil && !strings.HasPrefix(name, ".") && !json.Valid(text) {
			b.Errorf("%s is no JSON: %q", path, text)
		}
		return err
	})
	if err != nil {
		b.Error(err)
	}
}

// checkOutcomes checks that the audit log says once of each change how it ended.
func (b *everyBed) checkOutcomes() {
	b.Helper()
	open := map[string]int{}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		b.must("history")
		lines, err := record.Read[struct {
			ID   string
			Done bool
		}](record.File{Path: filepath.Join(b.state(), "audit.jsonl")})
		if err != nil {
			b.Fatal(err)
		}
		clear(open)
		for _, line := range lines {
			if line.Done {
				open[line.ID]--
			} else {
				open[line.ID]++
			}
		}
		for id, n := range open {
			if n == 0 {
				delete(open, id)
			}
		}
		if len(open) == 0 {
			return
		}
	}
	b.Errorf("the audit log does not say once of each change how it ended: %v", open)
}

// state is where ask-nix keeps what must last.
func (b *everyBed) state() string {
	if os.Geteuid() != 0 {
		return filepath.Join(b.nix.Home, ".local/state/luminous-nix")
	}
	return filepath.Join(b.nix.Root, "var/lib/luminous-nix")
}
