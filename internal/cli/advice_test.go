package cli_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/cli"
	"luminousnix/internal/diagnosis"
	"luminousnix/internal/health"
	"luminousnix/internal/operation"
	"luminousnix/nix/storedb"
)

// TestAdviceExists has every command of ask-nix that explanations and findings advise be
// one.
func TestAdviceExists(t *testing.T) {
	t.Parallel()
	var commands []string
	for _, c := range cli.Tree().Commands() {
		commands = append(commands, c.Name())
	}
	advice := diagnosis.Commands()
	if len(advice) < 50 {
		t.Fatalf("only %d commands are advised", len(advice))
	}
	for _, facts := range []health.Facts{
		{Daemon: &health.Daemon{Err: errors.New("x")}, Database: &health.Database{Err: storedb.ErrUnsupported}, Disk: make([]operation.FileSystem, 1)},
		{Database: &health.Database{Err: errors.New("x")}, Units: &health.Units{Failed: []string{"x"}}, Changes: &health.Changes{Interrupted: "x"}},
		{Database: &health.Database{Err: fs.ErrNotExist}, System: &health.System{Version: "25.11", CurrentIsBroken: true}, Profiles: &health.Profiles{Generations: 99}},
		{System: &health.System{Version: "25.11.20250101.x", Current: 2}, Roots: &health.Roots{Dangling: 1}, Now: time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC)},
		{Configuration: &health.Configuration{Err: operation.Errorf(operation.CodeFailed, "x")}, Now: time.Now()},
		{Configuration: &health.Configuration{Warnings: 1}},
	} {
		for _, finding := range health.Check(&facts).Findings {
			for _, fix := range finding.Fixes {
				advice = append(advice, fix.Command)
			}
		}
	}
	for _, command := range advice {
		if command == "" {
			continue
		}
		words := strings.Fields(command)
		sentence := len(words) > 1 && strings.HasPrefix(words[1], `"`)
		if words[0] != "ask-nix" || len(words) < 2 || !sentence && !slices.Contains(commands, words[1]) {
			t.Errorf("%q is no command", command)
		}
	}
}
