package testbed

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed populate.nix
var populateExpression string

// Populate adds count generations to the system profile, and makes the last one
// current. They are much cheaper than those of Build, but have what a list of
// generations shows, and refer to packages of two releases. The last is made
// now, each other a day before the next. They
// have an entry in the boot menu, but cannot be switched to.
func (n *NixOS) Populate(ctx context.Context, count int) error {
	if count < 1 {
		return nil
	}
	first, err := n.nextGeneration()
	if err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	file := filepath.Join(n.temporary, "populate.nix")
	if err := os.WriteFile(n.at(file), []byte(populateExpression), 0o644); err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	out, err := n.output(ctx, "nix-build", file, "--no-out-link",
		"--arg", "first", strconv.Itoa(first), "--arg", "count", strconv.Itoa(count))
	if err != nil {
		return err
	}
	toplevels := strings.Fields(out)
	if len(toplevels) != count {
		return fmt.Errorf("testbed: nix-build made %d generations instead of %d", len(toplevels), count)
	}
	return n.linkGenerations(first, toplevels)
}

// linkGenerations does for many what `nix-env --set` does for one. Below the
// state directory's profiles no other root is needed.
func (n *NixOS) linkGenerations(first int, toplevels []string) error {
	last := first + len(toplevels) - 1
	now := time.Now()
	for i, toplevel := range toplevels {
		number := first + i
		if err := os.Symlink(toplevel, n.at(n.GenerationLink(number))); err != nil {
			return fmt.Errorf("testbed: %w", err)
		}
		if err := n.SetGenerationTime(number, now.AddDate(0, 0, number-last)); err != nil {
			return err
		}
	}
	// Relative, or Nix does not know which generation is the current one.
	if err := replaceLink(filepath.Base(n.GenerationLink(last)), n.at(n.SystemProfile)); err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	return nil
}

// nextGeneration is one more than the highest number there is.
func (n *NixOS) nextGeneration() (int, error) {
	entries, err := os.ReadDir(n.at(filepath.Dir(n.SystemProfile)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	next := 1
	for _, entry := range entries {
		name, isSystem := strings.CutPrefix(entry.Name(), "system-")
		digits, isLink := strings.CutSuffix(name, "-link")
		number, err := strconv.Atoi(digits)
		if isSystem && isLink && err == nil && number >= next {
			next = number + 1
		}
	}
	return next, nil
}
