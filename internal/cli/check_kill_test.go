package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
	"luminousnix/internal/testbed"
)

// killedChecks is how many checks, and repairs, are killed until one is not: more for
// make test-long.
func killedChecks() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 50
	}
	return 3
}

// checkedBed is a Nix whose store is checked and repaired by runs that are killed.
type checkedBed struct {
	*testing.T
	nix    *testbed.Nix
	random *rand.Rand
}

func newCheckedBed(t *testing.T) *checkedBed {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return &checkedBed{t, testbed.New(t), rand.New(rand.NewPCG(seed, 5))}
}

// journal is the file in which checks write down what they have found.
func (b *checkedBed) journal() record.File {
	state := filepath.Join(b.nix.Root, "var/lib")
	if os.Geteuid() != 0 {
		state = filepath.Join(b.nix.Home, ".local/state")
	}
	return record.File{Path: filepath.Join(state, "luminous-nix", "store-check.jsonl")}
}

// sound lists the paths that were looked at and found sound, as often as that was, and
// tells whether a run came to its end.
func (b *checkedBed) sound() (paths []string, complete bool) {
	b.Helper()
	lines, err := record.Read[struct {
		Path, Problem string
		Complete      bool
	}](b.journal())
	if err != nil {
		b.Fatal(err)
	}
	for _, line := range lines {
		complete = complete || line.Complete
		if line.Path != "" && line.Problem == "" {
			paths = append(paths, line.Path)
		}
	}
	return paths, complete
}

// kill runs ask-nix with SIGKILL at a random moment within some time, and waits until
// the daemon has noticed. It returns what it said if it came to its end before.
func (b *checkedBed) kill(within time.Duration, args ...string) (answer *told[operation.StoreCheck]) {
	b.Helper()
	cmd := b.nix.Command(b.Context(), binary, append(args, "--json")...)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes")
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	timer := time.AfterFunc(time.Duration(b.random.Int64N(int64(within))), func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // it was killed, or something is damaged
	timer.Stop()
	for deadline := time.Now().Add(time.Minute); len(b.nix.Processes()) > 1; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("the daemon goes on with what nobody waits for")
		}
	}
	if cmd.ProcessState.ExitCode() < 0 {
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), &answer); err != nil {
		b.Fatalf("%v: %s", err, &out)
	}
	answer.Status = cmd.ProcessState.ExitCode()
	return answer
}

// change turns a bit of a file, and back again.
func (b *checkedBed) change(file string) {
	b.Helper()
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err == nil {
		content[0] ^= 1
		err = errors.Join(os.Chmod(file, 0o644), os.WriteFile(file, content, 0o644), os.Chmod(file, info.Mode()))
	}
	if err != nil {
		b.Fatal(err)
	}
}

// TestKillVerify kills checks of a store again and again until one comes to its end.
// That says what an uninterrupted one says, and none looks at what an earlier one has
// found sound: not even when that has changed since.
func TestKillVerify(t *testing.T) {
	t.Parallel()
	b := newCheckedBed(t)
	if _, err := b.nix.Fill(t.Context(), 4000, 200); err != nil {
		t.Fatal(err)
	}
	objects, err := filepath.Glob(filepath.Join(b.nix.StoreDir, "*-object[0-9]*"))
	if err != nil || len(objects) < 4000 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	for range 5 {
		b.change(objects[b.random.IntN(len(objects))])
	}
	start := time.Now()
	want := ask[operation.StoreCheck](t, b.nix, "verify", "--no-cache")
	took := time.Since(start)
	if want.Status != 1 || len(want.Data.Damaged) == 0 || want.Data.Resumed != 0 {
		t.Fatalf("status %d, %+v", want.Status, want.Data)
	}

	done := 0
	for tries := 0; done < killedChecks(); tries++ {
		if tries > 20*killedChecks() {
			t.Fatalf("of %d runs that came to their end only %d went on with what a killed one had found", tries, done)
		}
		if err := os.Remove(b.journal().Path); err != nil {
			t.Fatal(err)
		}
		kills, changed := 0, ""
		var known []string
		var got *told[operation.StoreCheck]
		for complete := false; got == nil && !complete; {
			if got = b.kill(took, "verify"); got == nil {
				kills++
				known, complete = b.sound()
			}
			if changed == "" && len(known) > 0 {
				changed = known[b.random.IntN(len(known))]
				b.change(changed)
			}
		}
		if got == nil || changed == "" {
			if changed != "" {
				b.change(changed)
			}
			continue // killed when it had found all, or never while it looked
		}
		done++
		t.Logf("%d runs were killed; the last one knew %d paths; a whole one takes %v", kills, len(known), took)
		b.compare(want, got, known)
		again := ask[operation.StoreCheck](t, b.nix, "verify", "--no-cache")
		if len(again.Data.Damaged) != len(want.Data.Damaged)+1 {
			t.Errorf("%s has changed, and yet: %+v", changed, again.Data.Damaged)
		}
		b.change(changed)
	}
}

// compare compares what an uninterrupted check says with what one says that was the last
// of several and did not look at what was known.
func (b *checkedBed) compare(want told[operation.StoreCheck], got *told[operation.StoreCheck], known []string) {
	b.Helper()
	want.Data.Resumed = int64(len(known))
	if diff := cmp.Diff(want.Data, got.Data); diff != "" || got.Status != want.Status {
		b.Errorf("status %d: %s", got.Status, diff)
	}
	sound, _ := b.sound()
	slices.Sort(sound)
	if all := len(sound); all != len(slices.Compact(sound)) || all != int(want.Data.Paths)-len(want.Data.Damaged) {
		b.Errorf("%d times a path was found sound; there are %d", all, want.Data.Paths)
	}
}

// TestKillRepair kills repairs at random moments. What is not whole afterwards is known
// to be damaged, be it that Nix had removed it already, and the next repair mends it.
func TestKillRepair(t *testing.T) {
	t.Parallel()
	b := newCheckedBed(t)
	if err := b.nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range []string{"firefox-145.0.1", "gimp-3.0.6", "git-2.51.2", "kdenlive-25.08.3", "fastfetch-2.54.0"} {
		found, err := filepath.Glob(filepath.Join(b.nix.StoreDir, "*-"+name, "lib", "*.data"))
		if err != nil || len(found) != 1 {
			t.Fatalf("%s is at %v, %v", name, found, err)
		}
		files = append(files, found[0])
	}
	damage := func() {
		for _, file := range files {
			b.change(file)
		}
	}
	damage()
	start := time.Now()
	if got := ask[operation.StoreCheck](t, b.nix, "repair", "--yes", "--no-cache"); got.Status != 0 || len(got.Data.Damaged) != len(files) {
		t.Fatalf("%v: %+v", got.Error, got.Data)
	}
	took := time.Since(start)

	kills := 0
	for range 4 * killedChecks() {
		damage()
		if got := b.kill(took, "repair", "--yes", "--no-cache"); got == nil {
			kills++
		}
		left := ask[operation.StoreCheck](t, b.nix, "verify", "--no-cache")
		for _, d := range left.Data.Damaged {
			if d.Problem != "changed" && d.Problem != "missing" || !slices.ContainsFunc(files, func(file string) bool { return strings.HasPrefix(file, d.Path+"/") }) {
				t.Errorf("a killed repair left %s %s", d.Path, d.Problem)
			}
		}
		got := ask[operation.StoreCheck](t, b.nix, "repair", "--yes")
		looked := got.Data.Paths - got.Data.Resumed
		if n := len(left.Data.Damaged); got.Status != 0 || len(got.Data.Damaged) != n || n > 0 && looked != int64(n) {
			t.Errorf("the repair after it looked at %d: %v: %+v; damaged was %+v", looked, got.Error, got.Data, left.Data.Damaged)
		}
		t.Logf("%d of %d were left to repair", len(left.Data.Damaged), len(files))
	}
	if kills == 0 {
		t.Error("no repair was killed")
	}
	out, err := b.nix.Command(t.Context(), "nix-store", "--verify", "--check-contents").CombinedOutput()
	if err != nil || strings.Contains(string(out), "modified") {
		t.Errorf("nix-store --verify: %v\n%s", err, out)
	}
}
