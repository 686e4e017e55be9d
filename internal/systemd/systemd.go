// Package systemd talks to systemd and logind over D-Bus: which units have failed,
// transient units, and what keeps a machine awake. It starts no program.
//
// Names and meanings are those of org.freedesktop.systemd1(5) and
// org.freedesktop.login1(5).
package systemd

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/godbus/dbus/v5"

	"luminousnix/nix/network"
)

const (
	managerName = "org.freedesktop.systemd1"
	managerPath = "/org/freedesktop/systemd1"
	manager     = managerName + ".Manager"
	loginName   = "org.freedesktop.login1"
	loginPath   = "/org/freedesktop/login1"
	login       = loginName + ".Manager"
)

// Runs reports whether systemd is process 1 of the machine whose / is root, as
// sd_booted(3) finds out.
func Runs(root string) bool {
	info, err := os.Lstat(filepath.Join(root, "run", "systemd", "system"))
	return err == nil && info.IsDir()
}

// Bus is a connection to the system's bus. It is safe for concurrent use.
type Bus struct {
	conn *dbus.Conn
}

// defaultBus is where the bus is that the environment names no other of.
const defaultBus = "unix:path=/var/run/dbus/system_bus_socket"

// Open connects to the bus. What is asked on the connection ends with ctx.
func Open(ctx context.Context) (*Bus, error) {
	if err := network.Ask("unix", cmp.Or(os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"), defaultBus)); err != nil {
		return nil, fmt.Errorf("connecting to systemd: %w", err)
	}
	conn, err := dbus.ConnectSystemBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("connecting to systemd: %w", err)
	}
	return &Bus{conn}, nil
}

// Close ends the connection, and with it the references to units and the locks that
// were taken on it.
func (b *Bus) Close() error { return b.conn.Close() }

func (b *Bus) call(ctx context.Context, name, path, method string, args ...any) *dbus.Call {
	return b.conn.Object(name, dbus.ObjectPath(path)).CallWithContext(ctx, method, 0, args...)
}

// FailedUnits are the names of the units that have failed.
func (b *Bus) FailedUnits(ctx context.Context) ([]string, error) {
	// The array's elements are structures, of which the name is the first.
	var units [][]any
	if err := b.call(ctx, managerName, managerPath, manager+".ListUnitsFiltered", []string{"failed"}).Store(&units); err != nil {
		return nil, fmt.Errorf("asking systemd for failed units: %w", err)
	}
	names := make([]string, 0, len(units))
	for _, unit := range units {
		if name, ok := unit[0].(string); ok {
			names = append(names, name)
		}
	}
	return names, nil
}

// Inhibit keeps the machine from what is named, such as "sleep:shutdown", until the
// file is closed; why is shown to whoever tries.
func (b *Bus) Inhibit(ctx context.Context, what, why string) (*os.File, error) {
	var fd dbus.UnixFD
	if err := b.call(ctx, loginName, loginPath, login+".Inhibit", what, "ask-nix", why, "block").Store(&fd); err != nil {
		return nil, fmt.Errorf("asking logind to keep the machine awake: %w", err)
	}
	return os.NewFile(uintptr(fd), "inhibitor"), nil
}

// ExternalPower asks logind whether the machine has power beside its batteries; one
// without a battery has. It does so on a connection of its own.
func ExternalPower(ctx context.Context) (external bool, err error) {
	bus, err := Open(ctx)
	if err != nil {
		return false, err
	}
	defer bus.Close()
	const get = "org.freedesktop.DBus.Properties.Get"
	if err := bus.call(ctx, loginName, loginPath, get, login, "OnExternalPower").Store(&external); err != nil {
		return false, fmt.Errorf("asking logind for external power: %w", err)
	}
	return external, nil
}

// StartUnit starts a unit on a connection of its own.
func StartUnit(ctx context.Context, name string) error {
	bus, err := Open(ctx)
	if err != nil {
		return err
	}
	defer bus.Close()
	return bus.StartUnit(ctx, name)
}

// FailedUnits asks for them on a connection of its own.
func FailedUnits(ctx context.Context) ([]string, error) {
	bus, err := Open(ctx)
	if err != nil {
		return nil, err
	}
	defer bus.Close()
	return bus.FailedUnits(ctx)
}
