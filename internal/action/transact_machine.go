package action

import (
	"context"
	"errors"
	"io"
	"path/filepath"

	"luminousnix/internal/activation"
	"luminousnix/internal/host"
	"luminousnix/internal/journal"
	"luminousnix/internal/operation"
	"luminousnix/internal/systemd"
	"luminousnix/nix/daemon"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// RunActivation does the task of an activation in its process, and writes down in the
// audit log what came of it.
func RunActivation(ctx context.Context, m *Machine, task ActivationTask, o operation.Observer) ActivationLine {
	report, err := m.runActivation(ctx, task, o)
	line := ActivationLine{Report: &report}
	if err != nil {
		line = ActivationLine{Error: operation.AsError(Explain(explainActivation(err)))}
	}
	m.writeOutcomes(task, line, o)
	return line
}

// runActivation also is what a process does that was started again after one was killed:
// it goes on where that was, which may have been after the end.
func (m *Machine) runActivation(ctx context.Context, task ActivationTask, o operation.Observer) (operation.Activation, error) {
	if last, ok := m.ended(task.Change.ID); ok {
		return last, nil
	}
	machine, done, err := m.activation(ctx)
	if err != nil {
		return operation.Activation{}, err
	}
	defer done()
	switch {
	case task.Resume:
		return activation.Resume(ctx, machine, task.Change, o)
	case interrupted(machine.Dir, task.Change):
		return activation.Resume(ctx, machine, operation.ChangeID{}, o)
	}
	task.Request.Change = task.Change
	return activation.Run(ctx, machine, *task.Request, o)
}

// ended is the report of the transaction that was over last, if this change has made it or
// has brought it to an end.
func (m *Machine) ended(id string) (r operation.Activation, ok bool) {
	if pending, err := activation.Find(m.ActivationDir()); err != nil || pending != nil {
		return r, false
	}
	r, ok = activation.Last(m.ActivationDir())
	return r, ok && (r.Change.Is(id) || r.Recovery.Is(id))
}

// interrupted reports whether the journal is there of a transaction of this change
// without a process. One of which not even the beginning was written down can be
// nobody else's.
func interrupted(dir string, change operation.ChangeID) bool {
	pending, err := activation.Find(dir)
	return err == nil && pending != nil && !pending.Runs && (pending.Request.Change == change || pending.Since.IsZero())
}

// activation is this machine as a transaction works on it; done ends what is open.
func (m *Machine) activation(ctx context.Context) (a *activation.Machine, done func(), err error) {
	a = &activation.Machine{
		Dir: m.ActivationDir(), Profiles: m.Backend, StoreDir: m.Host.StoreDir, Keep: m.keep,
		Left: m.keepBackup, Running: m.Host.RunningSystem, BootID: m.Host.BootID, Env: m.ActivationEnv, Timeout: m.ActivationTimeout, Now: m.Now,
	}
	bus, err := m.bus(ctx)
	if bus == nil || err != nil {
		return a, func() {}, err
	}
	a.Units = &units{bus, m.JobEnv}
	awake, err := bus.Inhibit(ctx, "sleep:shutdown:idle", "A NixOS system is being activated")
	if err != nil {
		m.Log.Debug("the machine is not kept awake", "error", err) // there is no logind, say
	}
	return a, func() {
		awake.Close() // that of no file is an error, and nothing else
		bus.Close()
	}, nil
}

// bus connects to systemd, where it runs and lets us start units; nil is nowhere.
func (m *Machine) bus(ctx context.Context) (*systemd.Bus, error) {
	if !host.IsRoot() || !systemd.Runs(m.Host.Root) {
		return nil, nil
	}
	return systemd.Open(context.WithoutCancel(ctx))
}

// ActivationDir is where the journal of a transaction is.
func (m *Machine) ActivationDir() string { return filepath.Join(m.Host.SystemState(), "activation") }

// keepBackup protects the generation that a switch leaves behind until the next one.
func (m *Machine) keepBackup(p profile.Profile, left profile.Generation) error {
	return keptFile(m, host.Chosen{Profile: p, System: true}).KeepBackup(p, left, m.Now())
}

// keep keeps a path from the garbage collector by a connection to the daemon.
func (m *Machine) keep(ctx context.Context, path store.Path) (io.Closer, error) {
	conn, err := m.Host.Dial(ctx, daemon.Options{})
	if err != nil {
		return nil, err
	}
	if err := conn.AddTempRoot(ctx, path); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// units asks systemd, and its journal.
type units struct {
	*systemd.Bus
	env []string
}

// unitLines is how much of a unit's log is told.
const unitLines = 10

// Log reads the end of a unit's log since the machine was started.
func (u *units) Log(ctx context.Context, unit string) []string {
	return journal.Reader{Env: u.env}.Unit(ctx, unit, unitLines)
}
