package action

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/activation"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/health"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/storedb"
)

// nothing is what was not found out.
func nothing(*health.Facts) {}

// greeting bounds the wait for the daemon.
const greeting = 2 * time.Second

func daemonFacts(ctx context.Context, m *Machine) func(*health.Facts) {
	ctx, cancel := context.WithTimeout(ctx, greeting)
	defer cancel()
	conn, err := daemon.Dial(ctx, daemon.Options{Socket: m.Host.DaemonSocket, StoreDir: m.Host.StoreDir})
	speaks := ""
	if err == nil {
		speaks = strings.TrimSpace("Nix "+conn.NixVersion) + ", protocol " + conn.Version.String()
		conn.Close()
	}
	return func(f *health.Facts) {
		f.Daemon = &health.Daemon{Socket: m.Host.DaemonSocket, Err: err, Speaks: speaks}
	}
}

// databaseFacts reads all of the table of paths, so that damage to it is seen.
func databaseFacts(ctx context.Context, m *Machine) func(*health.Facts) {
	db, err := storedb.Open(ctx, storedb.Options{StoreDir: m.Host.StoreDir, StateDir: m.Host.StateDir})
	if err == nil {
		_, err = db.Usage(ctx)
		err = errors.Join(err, db.Close())
	}
	if ctx.Err() != nil {
		return nothing
	}
	return func(f *health.Facts) { f.Database = &health.Database{Err: err} }
}

func diskFacts(_ context.Context, m *Machine) func(*health.Facts) {
	var systems []operation.FileSystem
	for _, path := range []string{string(m.Host.StoreDir), m.Host.Path("boot")} {
		if system, err := space(path); err == nil {
			systems = append(systems, system)
		}
	}
	return func(f *health.Facts) { f.Disk = systems }
}

func unitFacts(ctx context.Context, m *Machine) func(*health.Facts) {
	if m.FailedUnits == nil {
		return nothing
	}
	failed, err := m.FailedUnits(ctx)
	if err != nil {
		return nothing
	}
	return func(f *health.Facts) { f.Units = &health.Units{Failed: failed} }
}

// systemFacts reads the system's profile, and what runs.
func systemFacts(_ context.Context, m *Machine) func(*health.Facts) {
	link := m.Host.SystemProfile()
	state, err := link.Read()
	if err != nil {
		return nothing
	}
	running, booted := m.Host.RunningSystem(), m.Host.BootedSystem()
	s := &health.System{
		Running: newestTo(state, running),
		Current: state.Current,
	}
	if running != "" {
		s.Version = nixos.Read(running).NixosVersion
	}
	odd, mend := oddity(state)
	if current, err := state.Generation(link, state.Current); err == nil {
		_, err := os.Stat(filepath.Join(current.Target, "nixos-version"))
		s.CurrentIsBroken = err != nil
		s.SameAsCurrent = running == current.Target || running == ""
		if booted != "" && !s.CurrentIsBroken {
			s.RebootReasons = nixos.Impact(booted, current.Target).Reboot
		}
	}
	profiles := &health.Profiles{Generations: len(state.Generations), Oddity: odd, Mend: mend}
	return func(f *health.Facts) { f.System, f.Profiles = s, profiles }
}

// newestTo is the number of the newest generation that leads to toplevel; 0 is none.
func newestTo(state profile.State, toplevel string) int {
	for _, g := range slices.Backward(state.Generations) {
		if toplevel != "" && g.Target == toplevel {
			return g.Number
		}
	}
	return 0
}

func rootFacts(_ context.Context, m *Machine) func(*health.Facts) {
	roots, err := profile.StateDir(m.Host.StateDir).IndirectRoots()
	if err != nil {
		return nothing
	}
	found := &health.Roots{}
	for _, root := range roots {
		if root.Dangling {
			found.Dangling++
		}
	}
	return func(f *health.Facts) { f.Roots = found }
}

// memoryFacts reads /proc/meminfo.
func memoryFacts(m *Machine) *health.Memory {
	content, err := os.ReadFile(m.Host.Path("proc", "meminfo"))
	if err != nil {
		return nil
	}
	memory := &health.Memory{}
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, ":")
		kibibytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "MemTotal":
			memory.Total = kibibytes << 10
		case "SwapTotal":
			memory.Swap = kibibytes << 10
		}
	}
	return memory
}

func settingsFacts(m *Machine) *health.Settings {
	settings := &health.Settings{}
	for _, s := range m.Host.NixConf() {
		settings.Set = append(settings.Set, health.Setting{Name: s.Name, Value: s.Value})
	}
	return settings
}

// changeFacts looks for a switch that was interrupted, and for a change of which nobody
// has said since how it ended.
func changeFacts(_ context.Context, m *Machine) func(*health.Facts) {
	if pending, err := activation.Find(m.ActivationDir()); err == nil && pending != nil && !pending.Runs {
		interrupted := &health.Changes{Interrupted: "its last step was " + string(pending.Step), When: pending.Since, Switch: true}
		return func(f *health.Facts) { f.Changes = interrupted }
	}
	lost, err := m.Audit.Lost()
	if err != nil {
		return nothing
	}
	changes := &health.Changes{}
	for _, last := range lost {
		if o, over := m.JudgeChange(last); !over || o.Code != operation.CodeInterrupted {
			continue
		}
		changes.Interrupted, changes.When = string(last.Operation.Name), last.Time
		if last.Plan != nil {
			changes.Interrupted = last.Plan.Summary
		}
	}
	return func(f *health.Facts) { f.Changes = changes }
}

// configurationFacts evaluates the configuration, which is quick where nothing has
// changed since it was evaluated before.
func configurationFacts(ctx context.Context, m *Machine, o operation.Observer) *health.Configuration {
	if m.Host.Configuration().Kind == "none" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, configurationDeadline)
	defer cancel()
	system, err := evaluateSystem(ctx, m, o, operation.Source{}, evaluation.Request{NoCache: m.NoCache})
	switch {
	case err == nil:
		return &health.Configuration{Warnings: len(warnings(system.result.Messages))}
	case ctx.Err() != nil:
		return nil
	}
	return &health.Configuration{Err: operation.AsError(Explain(err))}
}
