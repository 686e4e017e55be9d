package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"luminousnix/internal/host"
	"luminousnix/internal/process"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// Command runs the nix programs: the fallback, and what native is measured
// against.
type Command struct {
	host *host.Host
	env  []string
}

// NewCommand returns the command backend of a host.
func NewCommand(h *host.Host) *Command {
	return &Command{h, h.Environment()}
}

// Name returns "command".
func (c *Command) Name() string { return "command" }

// Reason returns "": there is only one way.
func (c *Command) Reason() string { return "" }

// Profile runs nix-env --list-generations. The times that it prints are cut to
// seconds; the links themselves are more exact, so only the numbers are taken.
func (c *Command) Profile(ctx context.Context, p profile.Profile) (profile.State, error) {
	state, err := p.Read() // nix-env calls a missing profile an empty one
	if err != nil {
		return profile.State{}, err
	}
	out, err := c.run(ctx, "nix-env", "--profile", string(p), "--list-generations")
	if err != nil {
		return profile.State{}, err
	}
	listed := profile.State{Target: state.Target}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 3 {
			continue
		}
		number, err := strconv.Atoi(fields[0])
		if err != nil {
			return profile.State{}, fmt.Errorf("reading the output of nix-env: %w", err)
		}
		generation, err := state.Generation(p, number)
		if err != nil {
			continue // made since the links were read
		}
		listed.Generations = append(listed.Generations, generation)
		if slices.Contains(fields, "(current)") {
			listed.Current = number
		}
	}
	return listed, nil
}

// Numbers is what Profile says.
func (c *Command) Numbers(ctx context.Context, p profile.Profile) (numbers []int, current int, err error) {
	state, err := c.Profile(ctx, p)
	for _, g := range state.Generations {
		numbers = append(numbers, g.Number)
	}
	return numbers, state.Current, err
}

// Generation is what Profile says.
func (c *Command) Generation(ctx context.Context, p profile.Profile, number int) (profile.Generation, error) {
	state, err := c.Profile(ctx, p)
	if err != nil {
		return profile.Generation{}, err
	}
	return state.Generation(p, cmp.Or(number, state.Current))
}

// Switch runs nix-env --switch-generation.
func (c *Command) Switch(ctx context.Context, p profile.Profile, number int) error {
	state, err := p.Read()
	if err != nil {
		return err
	}
	if _, err := state.Generation(p, number); err != nil {
		return err
	}
	_, err = c.run(ctx, "nix-env", "--profile", string(p), "--switch-generation", strconv.Itoa(number))
	return err
}

// Set runs nix-env --set.
func (c *Command) Set(ctx context.Context, p profile.Profile, path store.Path) (int, error) {
	if err := os.MkdirAll(filepath.Dir(string(p)), 0o755); err != nil {
		return 0, err
	}
	if _, err := c.run(ctx, "nix-env", "--profile", string(p), "--set", string(path)); err != nil {
		return 0, err
	}
	state, err := p.Read()
	return state.Current, err
}

// Closures runs nix-store --query --requisites for each.
func (c *Command) Closures(ctx context.Context, paths ...store.Path) (closures [][]storedb.Object, err error) {
	closures = make([][]storedb.Object, len(paths))
	for i, path := range paths {
		if closures[i], err = c.query(ctx, "--requisites", path); err != nil {
			return nil, err
		}
	}
	return closures, nil
}

// References runs nix-store --query --references.
func (c *Command) References(ctx context.Context, path store.Path) ([]storedb.Object, error) {
	return c.query(ctx, "--references", path)
}

// Usage runs nix path-info for all paths.
func (c *Command) Usage(ctx context.Context) (storedb.Usage, error) {
	out, err := c.run(ctx, "nix", "--extra-experimental-features", "nix-command", "path-info", "--all", "--size")
	if err != nil {
		return storedb.Usage{}, err
	}
	var usage storedb.Usage
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			continue
		}
		size, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return storedb.Usage{}, fmt.Errorf("reading the output of nix path-info: %w", err)
		}
		usage.Paths++
		usage.NarSize += size
	}
	return usage, nil
}

// Health asks nix-store for its version, and whether a path that nobody has is
// valid, for which it has to reach the store.
func (c *Command) Health(ctx context.Context) Health {
	out, err := c.run(ctx, "nix-store", "--version")
	if err != nil {
		return Health{Daemon: err.Error()}
	}
	health := Health{Daemon: "asked through nix-store"}
	if fields := strings.Fields(out); len(fields) > 0 {
		health.NixVersion = fields[len(fields)-1]
	}
	if _, err := c.run(ctx, "nix-store", "--check-validity", "--print-invalid", string(nobody(c.host))); err != nil {
		health.Daemon = err.Error()
		return health
	}
	health.Reachable = true
	return health
}

// query lists paths and then asks for their sizes, which come in the order of
// the paths.
func (c *Command) query(ctx context.Context, what string, path store.Path) ([]storedb.Object, error) {
	out, err := c.run(ctx, "nix-store", "--query", what, string(path))
	if err != nil {
		if _, check := c.run(ctx, "nix-store", "--check-validity", string(path)); check != nil && errors.As(check, new(*process.ExitError)) {
			return nil, &store.NotValidError{Path: path}
		}
		return nil, err
	}
	paths := strings.Fields(out)
	if len(paths) == 0 {
		return nil, nil
	}
	sizes, err := c.run(ctx, append([]string{"nix-store", "--query", "--size"}, paths...)...)
	if err != nil {
		return nil, err
	}
	return c.pair(paths, strings.Fields(sizes))
}

func (c *Command) pair(paths, sizes []string) ([]storedb.Object, error) {
	if len(paths) != len(sizes) {
		return nil, fmt.Errorf("nix-store gave %d sizes for %d paths", len(sizes), len(paths))
	}
	infos := make([]storedb.Object, len(paths))
	for i := range paths {
		path, err := c.host.StoreDir.Parse(paths[i])
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(sizes[i], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading the output of nix-store: %w", err)
		}
		infos[i] = storedb.Object{Path: path, NarSize: size}
	}
	slices.SortFunc(infos, func(a, b storedb.Object) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return infos, nil
}

func (c *Command) run(ctx context.Context, argv ...string) (string, error) {
	program, _ := c.host.Program(argv[0])
	if program == "" {
		return "", fmt.Errorf("%w: %s is not installed", ErrUnsupported, argv[0])
	}
	out, err := process.Run(ctx, process.Command{Argv: append([]string{program}, argv[1:]...), Env: c.env})
	return string(out), err
}
