package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// questions are what is asked after each change, as requests of a batch.
func questions() []string {
	return []string{
		`{"operation":"list-generations"}`,
		`{"operation":"list-generations","arguments":{"profile":"user"}}`,
		`{"operation":"compare-generations"}`,
		`{"operation":"compare-generations","arguments":{"from":1,"to":2}}`,
		`{"operation":"compare-generations","arguments":{"from":2,"to":3}}`,
		`{"operation":"list-packages"}`,
		`{"operation":"list-packages","arguments":{"profile":"system"}}`,
		`{"operation":"disk-usage"}`,
		`{"operation":"disk-usage","arguments":{"limit":3}}`,
		`{"operation":"disk-usage","arguments":{"profile":"user"}}`,
		`{"operation":"search-packages","arguments":{"query":"htop"}}`,
		`{"operation":"search-packages","arguments":{"query":"ssh"}}`,
		`{"operation":"show-package","arguments":{"packages":["cowsay"]}}`,
		`{"operation":"show-option","arguments":{"option":"services.openssh.enable"}}`,
		`{"operation":"find-program","arguments":{"program":"htop"}}`,
		`{"operation":"explain-dependency","arguments":{"packages":["openssl"]}}`,
		`{"operation":"show-system"}`,
		`{"operation":"show-configuration"}`,
		`{"operation":"check-configuration"}`,
		`{"operation":"check-health"}`,
		`{"operation":"list-pins"}`,
		`{"operation":"show-catalog"}`,
	}
}

// notChanged are the operations that the test below does not run, and why.
func notChanged() map[operation.Name]string {
	return map[operation.Name]string{
		operation.UpdateSystem:    "a bed has no channels; what it does beyond switch is theirs, which no kept answer has but those that switch changes as well",
		operation.RebuildRemotely: "there is no other machine",
		operation.CancelJob:       "there is no job that could be cancelled",
		operation.UpdateCatalog:   "its listings come from a server; build-catalog replaces a catalogue as well",
		operation.Migrate:         "it is not built yet",
		operation.Undo:            "it is not built yet",
	}
}

// TestEveryChangeIsSeen runs the changing operations, and some of Nix's own programs,
// on a machine where all questions were answered before, and compares each answer then with
// one that uses nothing of what is kept.
func TestEveryChangeIsSeen(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := &asked{T: t, nix: nix, done: map[operation.Name]bool{}, kept: map[operation.Name]int{}}
	m.ask("nothing")
	for _, change := range []struct {
		name operation.Name
		args []string // of ask-nix
	}{
		{operation.PinGeneration, []string{"pin", "1", "--name", "works"}},
		{operation.UnpinGeneration, []string{"unpin", "1"}},
		{operation.InstallPackages, []string{"install", "cowsay", "htop"}},
		{operation.RemovePackages, []string{"remove", "cowsay"}},
		{operation.TryPackages, []string{"try", "cowsay", "--", "cowsay", "hello"}},
		{operation.SetOption, []string{"set", "services.openssh.enable", "false"}},
		{operation.InstallPackages, []string{"install", "--system", "cowsay"}},
		{operation.BuildSystem, []string{"build"}},
		{operation.DryActivateSystem, []string{"dry-activate"}},
		{operation.TestSystem, []string{"test"}},
		{operation.RecoverSwitch, []string{"recover"}},
		{operation.SwitchSystem, []string{"switch"}},
		{operation.Rollback, []string{"rollback"}},
		{operation.SwitchGeneration, []string{"switch-generation", "2"}},
		{operation.SetOption, []string{"set", "networking.hostName", "tulip"}},
		{operation.BootSystem, []string{"boot"}},
		{operation.ConfirmSwitch, []string{"confirm"}},
		{operation.DeleteGenerations, []string{"delete-generations", "1"}},
		{operation.CollectGarbage, []string{"collect-garbage"}},
		{operation.VerifyStore, []string{"verify"}},
		{operation.RepairStore, []string{"repair"}},
		{operation.OptimiseStore, []string{"optimise"}},
		{operation.CleanUp, []string{"clean-up", "--keep", "1"}},
		{operation.BuildCatalog, []string{"catalog", "build"}},
		{operation.ClearCache, []string{"cache", "clear"}},
	} {
		m.settle()
		m.run("", append([]string{"--yes"}, change.args...)...)
		m.done[change.name] = true
		m.ask(strings.Join(change.args, " "))
	}
	// What others do.
	for _, argv := range [][]string{
		{"nix-env", "--profile", nix.SystemProfile, "--delete-generations", "old"},
		{"nix-store", "--gc"},
		{"nix-env", "--uninstall", "htop"},
		{"nix-store", "--add", os.Args[0]},
	} {
		m.settle()
		if out, err := nix.Command(t.Context(), argv[0], argv[1:]...).CombinedOutput(); err != nil {
			t.Logf("%v: %v\n%s", argv, err, out)
		}
		m.ask(strings.Join(argv, " "))
	}
	for _, spec := range operation.All() {
		if why := notChanged()[spec.Name]; spec.Changing && m.done[spec.Name] == (why != "") {
			t.Errorf("%s: run %v, and left out because %q", spec.Name, m.done[spec.Name], why)
		}
	}
	for _, name := range []operation.Name{operation.CompareGenerations, operation.ListPackages, operation.DiskUsage} {
		if m.kept[name] < 20 {
			t.Errorf("%s was answered from the cache only %d times: the test shows little of it", name, m.kept[name])
		}
	}
	t.Logf("answered from the cache: %v", m.kept)
}

// asked is a machine that is asked.
type asked struct {
	*testing.T
	nix  *testbed.Nix
	done map[operation.Name]bool
	kept map[operation.Name]int // how often an answer came from the cache
}

// run runs ask-nix. Some changes cannot be made at some moment, which is told and no
// failure: whether what was kept is still right is asked all the same.
func (m *asked) run(in string, args ...string) []byte {
	m.Helper()
	cmd := m.nix.Command(m.Context(), binary, args...)
	cmd.Dir = m.nix.Home
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1", "TZ=UTC")
	cmd.Stdin = strings.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		m.Fatal(err)
	}
	if err != nil && (in == "" || exit.ExitCode() != 1) { // 1: some of the requests failed
		m.Logf("%v: %v\n%s%s", args, err, out, &stderr)
	}
	return out
}

// settle makes the last change of the store's database one of a minute ago, which is when
// it can be told from its files that there was none since, and has everything kept.
func (m *asked) settle() {
	m.Helper()
	file := filepath.Join(m.nix.StateDir, "db", "db.sqlite")
	earlier := time.Now().Add(-time.Minute)
	if err := os.Chtimes(file, earlier, earlier); err != nil {
		m.Fatal(err)
	}
	m.answers()
	for _, answer := range m.answers() {
		if answer.Cached {
			m.kept[answer.Operation.Name]++
		}
	}
}

// ask compares all answers with what is found out anew.
func (m *asked) ask(after string) {
	m.Helper()
	m.alone()
	kept, fresh := m.answers(), m.answers("--no-cache")
	for i, q := range questions() {
		if fresh[i].Cached {
			m.Errorf("%s was answered from the cache", q)
		}
		if diff := cmp.Diff(fresh[i].same, kept[i].same); diff != "" {
			m.Errorf("after %s: %s is answered otherwise from the cache:\n%s", after, q, diff)
		}
	}
}

// alone waits until the daemon has ended what served the last client. Its temporary roots
// end with it: were that between two answers, both would be right, and not the same.
func (m *asked) alone() {
	m.Helper()
	roots := filepath.Join(m.nix.StateDir, "temproots", "[0-9]*")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		held, err := filepath.Glob(roots)
		if err != nil || len(held) == 0 {
			return
		}
		if time.Now().After(deadline) {
			m.Fatalf("%v do not go", held)
		}
	}
}

// heard is an answer.
type heard struct {
	operation.Operation
	Cached bool
	same   map[string]any // without what is another one each time
}

// answers asks all questions in a process.
func (m *asked) answers(flags ...string) (all []heard) {
	m.Helper()
	out := m.run(strings.Join(questions(), "\n"), append([]string{"batch"}, flags...)...)
	for line := range bytes.Lines(out) {
		all = append(all, m.answer(line))
	}
	if len(all) != len(questions()) {
		m.Fatalf("%d answers", len(all))
	}
	return all
}

// answer reads an answer, and leaves out how long it took, what is free on the disk, and
// whether a configuration was evaluated before.
func (m *asked) answer(line []byte) (answer heard) {
	m.Helper()
	if err := errors.Join(json.Unmarshal(line, &answer), json.Unmarshal(line, &answer.same)); err != nil {
		m.Fatalf("%v: %s", err, line)
	}
	delete(answer.same, "durationMs")
	delete(answer.same, "cached")
	switch message, _ := answer.same["message"].(string); answer.Name {
	case operation.DiskUsage:
		_, answer.same["message"], _ = strings.Cut(message, "; ")
	case operation.CheckConfiguration:
		delete(answer.same, "message")
	}
	if data, ok := answer.same["data"].(map[string]any); ok {
		for _, name := range []string{"fileSystems", "evaluationMs", "cached", "changed"} {
			delete(data, name)
		}
	}
	return answer
}

// many is how many processes ask at once: the full number in make test-long.
func many() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 1000
	}
	return 100
}

// TestManyProcessesLong has many processes ask at once, on a machine where nothing is kept
// yet: none fails, all that ask the same get the same, and what they keep is whole.
func TestManyProcessesLong(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := &asked{T: t, nix: nix}
	ask := [][]string{
		{"generations"},
		{"diff", "1", "2"},
		{"diff", "2", "3"},
		{"installed"},
		{"disk"},
		{"search", "editor"},
		{"info", "htop"},
		{"system"},
		{"cache", "stats"},
		{"list my generations"},
	}
	type outcome struct {
		answer string
		err    error
	}
	outcomes := make([]outcome, many())
	var all sync.WaitGroup
	start := time.Now()
	for n := range outcomes {
		q := ask[n%len(ask)]
		cmd := nix.Command(t.Context(), binary, append(q[:len(q):len(q)], "--json")...)
		cmd.WaitDelay = time.Minute // others that are being started have its pipes for a while
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		all.Go(func() {
			out, err := cmd.Output()
			if err != nil || stderr.Len() > 0 {
				err = fmt.Errorf("%v: %v, %s%s", q, err, out, &stderr)
			}
			outcomes[n] = outcome{string(out), err}
		})
	}
	all.Wait()
	t.Logf("%d processes in %v", len(outcomes), time.Since(start).Round(time.Millisecond))
	first := map[int]map[string]any{}
	for n, o := range outcomes {
		if o.err != nil {
			t.Error(o.err)
			continue
		}
		answer := m.answer([]byte(o.answer)).same
		which := n % len(ask)
		if ask[which][0] == "cache" {
			continue // it counts the others
		}
		if first[which] == nil {
			first[which] = answer
		}
		if diff := cmp.Diff(first[which], answer); diff != "" {
			t.Errorf("%v: %s", ask[which], diff)
		}
	}
	m.ask("many processes")
	files, err := filepath.Glob(filepath.Join(nix.Dir, "runtime", "luminous-nix", "answers", "*"))
	if err != nil || len(files) < 3 {
		t.Errorf("only %q is kept, %v", files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "new" {
			t.Error("something was left half written")
		}
	}
}
