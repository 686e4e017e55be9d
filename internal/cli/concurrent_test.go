package cli_test

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"luminousnix/internal/operation"
)

// atOnce makes requests that all begin at the same time, and returns what comes of each.
// All of them end within a time.
func (b *everyBed) atOnce(requests [][]string) (statuses []int, said []string) {
	b.Helper()
	statuses, said = make([]int, len(requests)), make([]string, len(requests))
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	var all sync.WaitGroup
	for n, request := range requests {
		cmd := b.nix.Command(ctx, binary, append(request, "--yes")...)
		cmd.Dir = b.nix.Home
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
		all.Go(func() {
			out, _ := cmd.CombinedOutput() // the status tells
			statuses[n], said[n] = cmd.ProcessState.ExitCode(), string(out)
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		b.Fatalf("not all of them have ended: %v\n%s", statuses, said)
	}
	return statuses, said
}

// TestFaultConcurrentChanges makes eight changes at once: of the machine one after the other is
// made, and who cannot be the next says who is at it, or what was changed; those of a
// profile all wait for each other. What comes of it is what they give one after the other.
func TestFaultConcurrentChanges(t *testing.T) {
	t.Parallel()
	b := newEveryBed(t)
	b.switchAtOnce()
	b.installAtOnce()
	b.pinAtOnce()
	b.checkAnswers()
	b.checkProfiles()
	b.checkOutcomes()
}

func (b *everyBed) switchAtOnce() {
	b.Helper()
	var requests [][]string
	for n := range 8 {
		requests = append(requests, []string{"switch-generation", fmt.Sprint(1 + n%2)})
	}
	statuses, said := b.atOnce(requests)
	// Whoever was at it may have ended before it is looked for.
	refused := regexp.MustCompile(`another switch of this machine is under way(: switch-generation, process \d+)?\n|generation \d became current (meanwhile|while you were asked)`)
	var made []int
	busy := 0
	for n, status := range statuses {
		switch {
		case status == 0:
			made = append(made, 1+n%2)
		case status != 1 || !refused.MatchString(said[n]):
			b.Errorf("status %d of %q: %s", status, requests[n], said[n])
		default:
			busy++
		}
	}
	state, err := b.profile.Read()
	if err != nil {
		b.Fatal(err)
	}
	if !slices.Contains(made, state.Current) {
		b.Errorf("generation %d is current; switched to was %v", state.Current, made)
	}
	running, err := filepath.EvalSymlinks(filepath.Join(b.nix.Root, "run/current-system"))
	if err != nil || running != b.target(state.Current) {
		b.Errorf("generation %d is current, and %s runs (%v)", state.Current, running, err)
	}
	if b.switches() || busy == 0 {
		b.Errorf("a journal is left: %v; %d were refused", b.switches(), busy)
	}
	b.Logf("%d of 8 switches were made, %d refused", len(made), busy)
}

// installAtOnce installs and removes packages: each request has its effect, whatever the
// order, and each successful one has a generation of its own.
func (b *everyBed) installAtOnce() {
	b.Helper()
	b.must("install", "cowsay", "htop")
	requests := [][]string{{"remove", "cowsay"}, {"remove", "htop"}}
	added := []string{"firefox", "gimp", "git", "tree", "vim", "fastfetch"}
	for _, name := range added {
		requests = append(requests, []string{"install", "--user", name})
	}
	statuses, said := b.atOnce(requests)
	for n, status := range statuses {
		if status != 0 {
			b.Errorf("status %d of %q: %s", status, requests[n], said[n])
		}
	}
	out, err := b.command("installed", "--limit", "100").Output()
	if err != nil {
		b.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(string(out)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[2] == "user" {
			names = append(names, fields[0])
		}
	}
	slices.Sort(names)
	slices.Sort(added)
	if !slices.Equal(names, added) {
		b.Errorf("installed is %v, and %v was asked for\n%s", names, added, out)
	}
	state, err := b.userProfile().Read()
	if err != nil || len(state.Generations) != len(requests)+1 {
		b.Errorf("%d generations, %v", len(state.Generations), err)
	}
}

// pinAtOnce pins all generations, which all wait for.
func (b *everyBed) pinAtOnce() {
	b.Helper()
	var requests [][]string
	for n := range 8 {
		requests = append(requests, []string{"pin", fmt.Sprint(1 + n%3), "--note", fmt.Sprint("note ", n)})
	}
	statuses, said := b.atOnce(requests)
	for n, status := range statuses {
		if status != 0 {
			b.Errorf("status %d of %q: %s", status, requests[n], said[n])
		}
	}
	pins := ask[operation.Pins](b.T, b.nix, "pins")
	pinned := slices.DeleteFunc(pins.Data.Pins, func(p operation.Pin) bool { return p.Backup })
	if len(pinned) != 3 {
		b.Errorf("%+v", pins.Data)
	}
}
