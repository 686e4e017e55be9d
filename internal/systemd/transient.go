package systemd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"luminousnix/internal/operation"
)

// Transient is a service that exists for as long as it runs.
type Transient struct {
	Name        string // with its .service
	Description string
	Argv        []string // the first is an absolute path
	Env         []string // NAME=value; see [Public]
	// Restart starts the service again when it was killed by a signal.
	Restart bool
	// StopTimeout is how long it has to end when it is stopped; 0 is systemd's own.
	StopTimeout time.Duration
}

// ErrUnitExists means that a unit of that name is there already.
var ErrUnitExists = errors.New("it runs already")

// Unit is a transient unit that was started. The connection that started it keeps a
// reference to it, so that it can be asked how it ended.
type Unit struct {
	bus  *Bus
	path dbus.ObjectPath
	Name string
}

// Start starts a transient service and returns when its program runs. An error that
// matches [ErrUnitExists] means that there is one of that name.
func (b *Bus) Start(ctx context.Context, t Transient) (*Unit, error) {
	err := b.job(ctx, func() (job dbus.ObjectPath, err error) {
		err = b.call(ctx, managerName, managerPath, manager+".StartTransientUnit", t.Name, "fail", t.properties(), []auxiliary{}).Store(&job)
		if isError(err, "org.freedesktop.systemd1.UnitExists") {
			err = ErrUnitExists
		}
		return job, err
	})
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", t.Name, err)
	}
	var path dbus.ObjectPath
	if err := b.call(ctx, managerName, managerPath, manager+".GetUnit", t.Name).Store(&path); err != nil {
		return nil, fmt.Errorf("starting %s: %w", t.Name, err)
	}
	return &Unit{b, path, t.Name}, nil
}

// StartUnit starts a unit that there is, and returns when it has started. That nobody may
// do so but root, or whom polkit lets, is an error that matches fs.ErrPermission.
func (b *Bus) StartUnit(ctx context.Context, name string) error {
	err := b.job(ctx, func() (job dbus.ObjectPath, err error) {
		err = b.call(ctx, managerName, managerPath, manager+".StartUnit", name, "replace").Store(&job)
		if isError(err, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired") || isError(err, "org.freedesktop.DBus.Error.AccessDenied") {
			err = fmt.Errorf("%w: %w", fs.ErrPermission, err)
		}
		return job, err
	})
	if err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	return nil
}

// job has systemd begin a job, and waits for its end.
func (b *Bus) job(ctx context.Context, begin func() (dbus.ObjectPath, error)) error {
	// Subscribe first: the signal may come before the answer.
	ended := make(chan *dbus.Signal, 16)
	b.conn.Signal(ended)
	defer b.conn.RemoveSignal(ended)
	match := []dbus.MatchOption{
		dbus.WithMatchObjectPath(managerPath), dbus.WithMatchInterface(manager), dbus.WithMatchMember("JobRemoved"),
	}
	if err := b.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return err
	}
	defer b.conn.RemoveMatchSignal(match...) // the connection may be gone, and the match with it
	if err := b.call(ctx, managerName, managerPath, manager+".Subscribe").Err; err != nil && !isError(err, "org.freedesktop.systemd1.AlreadySubscribed") {
		return err
	}
	job, err := begin()
	if err != nil {
		return err
	}
	return await(ctx, ended, job)
}

// await waits for the end of the job that starts the unit.
func await(ctx context.Context, signals <-chan *dbus.Signal, job dbus.ObjectPath) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case signal, ok := <-signals:
			if !ok {
				return errors.New("the connection to systemd was lost")
			}
			// JobRemoved(id, job, unit, result)
			if len(signal.Body) != 4 || signal.Body[1] != job {
				continue
			}
			if result := signal.Body[3]; result != "done" {
				return fmt.Errorf("systemd says: %v", result)
			}
			return nil
		}
	}
}

type property struct {
	Name  string
	Value dbus.Variant
}

// auxiliary units are started together with the first; there are none here.
type auxiliary struct {
	Name       string
	Properties []property
}

// execStart is one command of ExecStart.
type execStart struct {
	Path          string
	Argv          []string
	IgnoreFailure bool
}

func (t Transient) properties() []property {
	set := func(name string, value any) property { return property{name, dbus.MakeVariant(value)} }
	all := []property{
		set("Description", t.Description),
		set("Type", "exec"), // the job ends when the program has been started
		set("ExecStart", []execStart{{t.Argv[0], t.Argv, false}}),
		set("Environment", Public(t.Env)),
		// Gone when it has ended, but for as long as somebody refers to it.
		set("CollectMode", "inactive-or-failed"),
		set("AddRef", true),
		set("WorkingDirectory", "/"),
	}
	if t.Restart {
		all = append(all, set("Restart", "on-abnormal"), set("RestartUSec", uint64((200*time.Millisecond).Microseconds())))
	}
	if t.StopTimeout > 0 {
		all = append(all, set("TimeoutStopUSec", uint64(t.StopTimeout.Microseconds())))
	}
	return all
}

// Outcome is how a unit's program ended.
type Outcome struct {
	Active bool   // it has not
	Result string // "success", "exit-code", "signal", "oom-kill", "timeout" and so on
	Status int32  // exit status, or the number of the signal
}

func (o Outcome) String() string {
	if o.Active {
		return "it runs"
	}
	return fmt.Sprintf("%s, status %d", o.Result, o.Status)
}

// Outcome asks how the unit's program ended.
func (u *Unit) Outcome() (Outcome, error) {
	var o Outcome
	var state string
	object := u.bus.conn.Object(managerName, u.path)
	for _, property := range []struct {
		name string
		into any
	}{
		{managerName + ".Unit.ActiveState", &state},
		{managerName + ".Service.Result", &o.Result},
		{managerName + ".Service.ExecMainStatus", &o.Status},
	} {
		if err := object.StoreProperty(property.name, property.into); err != nil {
			return Outcome{}, fmt.Errorf("asking how %s ended: %w", u.Name, err)
		}
	}
	o.Active = state == "active" || state == "activating" || state == "deactivating" || state == "reloading"
	return o, nil
}

func isError(err error, name string) bool {
	var failed dbus.Error
	return errors.As(err, &failed) && failed.Name == name
}

// Public is an environment without keys and passwords: everybody may ask systemd for that of
// a unit. What is in nix.conf or a netrc is read from there.
func Public(env []string) (public []string) {
	for _, entry := range env {
		_, value, _ := strings.Cut(entry, "=")
		if !strings.Contains(value, "access-tokens") && operation.ShownURL(value) == value {
			public = append(public, entry)
		}
	}
	return public
}
