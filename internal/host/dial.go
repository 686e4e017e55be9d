package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/process"
	"luminousnix/nix/daemon"
	"luminousnix/nix/network"
)

// DaemonProgram is the program of Nix that does the daemon's work.
const DaemonProgram = "nix-daemon"

// patience is how long nix-daemon may take to end.
const patience = 5 * time.Second

// ErrSilent means that the daemon takes connections and does not answer.
var ErrSilent = errors.New("the Nix daemon takes connections and does not answer")

// substitute is what [Host.Dial] had to do in place of the daemon.
type substitute struct {
	mu     sync.Mutex
	reason string
}

// WithPrograms is the same host, of which [Host.Dial] may run nix-daemon where the daemon
// cannot be talked to. It remembers by itself whether it had to.
func (h *Host) WithPrograms() *Host {
	other := *h
	other.substitute = &substitute{}
	return &other
}

// Substituted says why nix-daemon was run in place of the daemon; "" if it was not.
func (h *Host) Substituted() string {
	if h.substitute == nil {
		return ""
	}
	h.substitute.mu.Lock()
	defer h.substitute.mu.Unlock()
	return h.substitute.reason
}

// Dial connects to Nix's daemon. Where nobody listens, or somebody who does not speak its
// protocol, and the host is one [Host.WithPrograms], nix-daemon is run for this connection
// alone: it can do all that the daemon does if we may write to the store. Before, Revive
// is asked whether it is worth trying again. Once ctx is over no program is started. Of the
// options the socket and the store are those of the host.
func (h *Host) Dial(ctx context.Context, options daemon.Options) (*daemon.Conn, error) {
	options.Socket, options.StoreDir = h.DaemonSocket, h.StoreDir
	conn, err := h.greet(ctx, options)
	for err != nil && ctx.Err() == nil && h.Revive != nil && DaemonIsBroken(err) && h.Revive(ctx, err) {
		conn, err = h.greet(ctx, options)
	}
	if err == nil || h.substitute == nil || ctx.Err() != nil || !DaemonIsBroken(err) {
		return conn, err
	}
	program, _ := h.Program(DaemonProgram)
	if program == "" {
		return nil, err
	}
	var wait func() error
	options.Connect = func(context.Context) (conn net.Conn, err error) {
		conn, wait, err = process.Talk(process.Command{Argv: []string{program, "--stdio"}, Env: h.nixEnvironment()})
		return conn, err
	}
	// What it holds, such as locks and temporary roots, it holds until it ends.
	options.Closed = func() { _ = ended(wait, patience) } // it did what was asked for before
	conn, substituteErr := daemon.Dial(ctx, options)
	if substituteErr != nil {
		if wait != nil {
			if said := ended(wait, patience); said != nil {
				substituteErr = said
			}
		}
		return nil, fmt.Errorf("%w; nor does %s do its work: %w", err, program, substituteErr)
	}
	h.substitute.mu.Lock()
	h.substitute.reason = err.Error()
	h.substitute.mu.Unlock()
	return conn, nil
}

// Greet asks whether the daemon answers at all; see [ErrSilent].
func (h *Host) Greet(ctx context.Context) error {
	conn, err := h.greet(ctx, daemon.Options{Socket: h.DaemonSocket, StoreDir: h.StoreDir})
	if err != nil {
		return err
	}
	return conn.Close()
}

// greet connects to the daemon, which has Patience to answer. Its error is [ErrSilent] when
// it does not.
func (h *Host) greet(ctx context.Context, options daemon.Options) (*daemon.Conn, error) {
	if h.Patience <= 0 {
		return daemon.Dial(ctx, options)
	}
	brief, cancel := context.WithTimeout(ctx, h.Patience)
	defer cancel()
	conn, err := daemon.Dial(brief, options)
	if err != nil && brief.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("%w within %s", ErrSilent, h.Patience)
	}
	return conn, err
}

// ended waits for a program that was told to end, and returns its error. It waits no longer
// than patience: of a program that still runs then there is none.
func ended(wait func() error, patience time.Duration) error {
	said := make(chan error, 1)
	go func() { said <- wait() }()
	select {
	case err := <-said:
		return err
	case <-time.After(patience):
		return nil
	}
}

// DaemonIsBroken reports whether the error of a connection means that no daemon is there
// that we could talk to.
func DaemonIsBroken(err error) bool {
	var dial *net.OpError
	return errors.Is(err, ErrSilent) || errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, new(*daemon.UnsupportedError)) || errors.As(err, new(*daemon.ProtocolError))
}

// nixEnvironment is what programs of Nix are given that are to work on the store itself:
// nothing that leads them back to the daemon.
func (h *Host) nixEnvironment() []string {
	return slices.DeleteFunc(h.Environment(), func(entry string) bool {
		return strings.HasPrefix(entry, "NIX_REMOTE=") || strings.HasPrefix(entry, "NIX_DAEMON_SOCKET_PATH=")
	})
}

// Environment is what programs of Nix are given: Nix's own variables and little more.
func (h *Host) Environment() []string {
	env := []string{
		"NIX_STORE_DIR=" + string(h.StoreDir),
		"NIX_STATE_DIR=" + h.StateDir,
		"NIX_LOG_DIR=" + h.LogDir,
		"NIX_CONF_DIR=" + h.ConfDir,
		"NIX_DAEMON_SOCKET_PATH=" + h.DaemonSocket,
		"HOME=" + h.Home,
	}
	for _, name := range []string{"PATH", "NIX_REMOTE", "NIX_PATH", "USER", "LOGNAME", "LOCALE_ARCHIVE", "NIX_SSL_CERT_FILE", "XDG_STATE_HOME", "XDG_CACHE_HOME"} {
		if value := h.getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return h.ProgramEnv(env)
}

// DaemonIdentity tells one daemon from the next without asking it: which socket somebody
// serves, and which system runs. It may be the same after a restart by systemd, which
// keeps the socket. ok is false where nobody serves it.
func (h *Host) DaemonIdentity() (identity string, ok bool) {
	var stat unix.Stat_t
	if !network.HasServer(h.DaemonSocket) || unix.Stat(h.DaemonSocket, &stat) != nil {
		return "", false
	}
	return fmt.Sprintln(h.DaemonSocket, stat.Dev, stat.Ino, stat.Ctim.Nano(), h.RunningSystem()), true
}
