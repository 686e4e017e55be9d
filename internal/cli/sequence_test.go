package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/audit"
	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
)

// steps is how many operations the sequence has: 500, which take a minute, for make
// test-long.
func steps() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 500
	}
	return 200
}

// TestLongSequence does random changes, ours and those of nix-env, and looks after
// each whether nix-env --list-generations and we list the same; whether what is
// protected is still there; and at the end, in the audit log, whether every
// destructive change was shown before.
func TestLongSequence(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	s := newSequence(t, rand.New(rand.NewPCG(seed, 2)))
	for range steps() {
		s.step()
		s.check()
	}
	s.checkAudit()
	t.Logf("%v", s.done)
	for _, what := range []string{"new", "switch", "rollback", "delete", "refused", "clean-up", "pin", "unpin"} {
		if s.done[what] == 0 {
			t.Errorf("%s was never done: the test shows nothing of it", what)
		}
	}
}

type sequence struct {
	*testing.T
	random *rand.Rand
	nix    *testbed.Nix
	pool   []string // toplevels that stay in the store

	// What is to be there: number → date, and what is pinned.
	there   map[int]string
	pinned  map[int]bool
	current int

	done  map[string]int
	shown map[string]bool // summaries of plans that were shown
}

func newSequence(t *testing.T, random *rand.Rand) *sequence {
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	s := &sequence{
		T: t, random: random, nix: nix, pinned: map[int]bool{}, done: map[string]int{}, shown: map[string]bool{},
	}
	for n := 1; n <= 12; n++ {
		toplevel, err := filepath.EvalSymlinks(nix.GenerationLink(n))
		if err != nil {
			t.Fatal(err)
		}
		s.pool = append(s.pool, toplevel)
		if err := os.Symlink(toplevel, filepath.Join(nix.StateDir, "gcroots", fmt.Sprintf("pool-%d", n))); err != nil {
			t.Fatal(err)
		}
	}
	s.there, s.current = s.list()
	return s
}

// run runs ask-nix and returns its exit status, 0 or one of those allowed.
func (s *sequence) run(allowed int, args ...string) int {
	s.Helper()
	cmd := s.nix.Command(s.Context(), binary, args...)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	status := 0
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		s.Fatal(err)
	}
	if status != 0 && status != allowed {
		s.Fatalf("%v: %v\n%s%s", args, err, out, &stderr)
	}
	first, _, _ := strings.Cut(stderr.String(), ".\n")
	s.shown[first] = true
	return status
}

// number is one of the generations, or now and then one that may not be there.
func (s *sequence) number() int {
	numbers := slices.Sorted(maps.Keys(s.there))
	if s.random.IntN(12) == 0 {
		return 1 + s.random.IntN(numbers[len(numbers)-1]+2)
	}
	return numbers[s.random.IntN(len(numbers))]
}

func (s *sequence) step() {
	s.Helper()
	n := s.number()
	text := strconv.Itoa(n)
	switch _, is := s.there[n]; s.random.IntN(10) {
	case 0, 1, 2:
		s.create()
	case 3, 4:
		s.count("switch", s.run(4, "switch-generation", text, "--yes"), is, 4)
		if is {
			s.current = n
		}
	case 5:
		if s.run(4, "rollback", "--yes") == 0 {
			s.done["rollback"]++
			s.current, _ = s.below()
		} else if before, ok := s.below(); ok {
			s.Fatalf("no rollback from %d to %d", s.current, before)
		}
	case 6, 7:
		s.remove(n)
	case 8:
		s.cleanUp()
	case 9:
		if s.pinned[n] {
			s.count("unpin", s.run(0, "unpin", text, "--yes"), true, 0)
			delete(s.pinned, n)
			return
		}
		s.count("pin", s.run(4, "pin", text, "--note", "a note"), is, 4)
		if is {
			s.pinned[n] = true
		}
	}
}

// count checks that a change succeeded, or failed in the way that it had to.
func (s *sequence) count(what string, status int, works bool, otherwise int) {
	s.Helper()
	switch {
	case works && status == 0:
		s.done[what]++
	case works || status != otherwise:
		s.Fatalf("%s: status %d", what, status)
	}
}

// create has nix-env make a generation, as nixos-rebuild does, of some age.
func (s *sequence) create() {
	toplevel := s.pool[s.random.IntN(len(s.pool))]
	if _, err := s.nix.AddGeneration(s.Context(), toplevel); err != nil {
		s.Fatal(err)
	}
	there, current := s.list()
	if _, old := s.there[current]; !old {
		s.done["new"]++
		age := time.Duration(s.random.IntN(60*24)) * time.Hour
		if err := s.nix.SetGenerationTime(current, time.Now().Add(-age)); err != nil {
			s.Fatal(err)
		}
		delete(s.pinned, current) // a pin of one that had the number before
		there, current = s.list()
	}
	s.there, s.current = there, current
}

func (s *sequence) below() (number int, ok bool) {
	for n := range s.there {
		if n < s.current && n > number {
			number, ok = n, true
		}
	}
	return number, ok
}

func (s *sequence) remove(n int) {
	numbers := []int{n, s.number()}
	status := 0
	for _, n := range numbers {
		if n == s.current || s.pinned[n] {
			status = 8
		}
	}
	for _, n := range numbers {
		if _, is := s.there[n]; !is {
			status = 4
		}
	}
	got := s.run(status, "delete-generations", strconv.Itoa(numbers[0]), strconv.Itoa(numbers[1]), "--yes")
	if got != status {
		s.Fatalf("deleting %v: status %d, want %d", numbers, got, status)
	}
	switch got {
	case 0:
		s.done["delete"]++
		delete(s.there, numbers[0])
		delete(s.there, numbers[1])
	case 8:
		s.done["refused"]++
	}
}

// cleanUp cannot say which ones go, but which ones stay.
func (s *sequence) cleanUp() {
	args := []string{"clean-up", "--yes", "--keep", strconv.Itoa(1 + s.random.IntN(8))}
	keep, _ := strconv.Atoi(args[3])
	if s.random.IntN(2) == 0 {
		args = append(args, "--older-than", strconv.Itoa(1+s.random.IntN(40)))
	}
	if s.random.IntN(4) == 0 {
		args = append(args, "--json")
	}
	s.run(0, args...)
	s.done["clean-up"]++
	left, _ := s.list()
	newest := slices.Sorted(maps.Keys(s.there))
	for _, n := range newest {
		stays := n == s.current || s.pinned[n] || slices.Contains(newest[max(0, len(newest)-keep):], n)
		if _, is := left[n]; stays && !is {
			s.Fatalf("%v deleted generation %d; %d is current, %v pinned, of %v", args, n, s.current, s.pinned, newest)
		}
	}
	before, ok := s.below()
	s.there = left
	if _, still := s.below(); ok && !still {
		s.Fatalf("%v left nothing to go back to from %d, such as %d", args, s.current, before)
	}
}

// list is what nix-env lists.
func (s *sequence) list() (there map[int]string, current int) {
	s.Helper()
	out, err := s.nix.Command(s.Context(), "nix-env", "--profile", s.nix.SystemProfile, "--list-generations").Output()
	if err != nil {
		s.Fatal(err)
	}
	there = map[int]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		n, err := strconv.Atoi(words[0])
		if err != nil {
			s.Fatal(err)
		}
		there[n] = words[1] + " " + words[2]
		if strings.Contains(line, "(current)") {
			current = n
		}
	}
	return there, current
}

// check compares what we list and what nix-env lists with what is to be there.
func (s *sequence) check() {
	s.Helper()
	there, current := s.list()
	if diff := cmp.Diff(s.there, there); diff != "" || current != s.current {
		s.Fatalf("nix-env: %d is current, want %d; %s", current, s.current, diff)
	}
	out, err := s.nix.Command(s.Context(), binary, "generations", "--json").Output()
	if err != nil {
		s.Fatal(err)
	}
	var result struct{ Data operation.Generations }
	if err := json.Unmarshal(out, &result); err != nil {
		s.Fatal(err)
	}
	ours, current := map[int]string{}, 0
	for _, g := range result.Data.Generations {
		ours[int(g.Number)] = g.Date
		if g.Current {
			current = int(g.Number)
		}
		if g.Pinned != s.pinned[int(g.Number)] {
			s.Fatalf("generation %d: pinned is %v", g.Number, g.Pinned)
		}
	}
	if diff := cmp.Diff(s.there, ours); diff != "" || current != s.current {
		s.Fatalf("we: %d is current, want %d; %s", current, s.current, diff)
	}
}

// checkAudit greps the audit log: of every destructive change the plan is there, and
// it was shown before anything was done.
func (s *sequence) checkAudit() {
	state := s.nix.Root + "/var/lib/luminous-nix"
	if os.Geteuid() != 0 {
		state = filepath.Join(s.nix.Home, ".local", "state", "luminous-nix")
	}
	lines, err := audit.Log{Path: filepath.Join(state, "audit.jsonl")}.Read()
	if err != nil {
		s.Fatal(err)
	}
	destructive := 0
	for _, line := range lines {
		spec, _ := operation.Lookup(line.Operation.Name)
		if line.Done || spec.Risk != operation.Destructive {
			continue
		}
		destructive++
		switch {
		case line.Plan == nil || len(line.Plan.Steps) == 0:
			s.Errorf("%+v has no plan", line.Operation)
		case line.Shown == nil || line.Shown.After(line.Time):
			s.Errorf("%q was not shown before: %v, done at %v", line.Plan.Summary, line.Shown, line.Time)
		case !s.shown[line.Plan.Summary]:
			s.Errorf("%q stands in the audit log, but nobody has seen it", line.Plan.Summary)
		}
	}
	if want := s.done["delete"]; destructive < want || want == 0 {
		s.Errorf("%d destructive changes in the audit log, at least %d were made", destructive, want)
	}
}
