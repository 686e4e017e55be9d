package testbed

import (
	"context"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Env is the whole environment of commands that are to use this Nix, in the
// form of os.Environ. The product reads LUMINOUS_NIX_ROOT as the place of /.
func (n *Nix) Env() []string {
	home := func(name string) string { return filepath.Join(n.Home, name) }
	return []string{
		"NIX_REMOTE=daemon",
		"NIX_STORE_DIR=" + n.StoreDir,
		"NIX_STATE_DIR=" + n.StateDir,
		"NIX_LOG_DIR=" + n.LogDir,
		"NIX_CONF_DIR=" + n.ConfDir,
		"NIX_DAEMON_SOCKET_PATH=" + n.Socket,
		"NIX_PATH=nixpkgs=" + n.Nixpkgs + ":nixos-config=" + n.configurationFile(),
		"LUMINOUS_NIX_ROOT=" + n.Root,
		"HOME=" + n.Home,
		"USER=" + userName(),
		"XDG_CACHE_HOME=" + home(".cache"),
		"XDG_CONFIG_HOME=" + home(".config"),
		"XDG_DATA_HOME=" + home(".local/share"),
		"XDG_STATE_HOME=" + home(".local/state"),
		"XDG_RUNTIME_DIR=" + n.runtimeDir(),
		"TMPDIR=" + n.temporary,
		"LANG=C.UTF-8",
		"PATH=" + searchPath(n.Release.BinDir),
	}
}

// Command is exec.CommandContext with the environment Env and nothing else. The
// name of one of Nix's programs means that of the bed's release. A command that is
// cancelled gets SIGTERM, and two seconds to end.
func (n *Nix) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	// exec would look for it in the PATH of this process.
	if program := filepath.Join(n.Release.BinDir, name); filepath.Base(name) == name && isFile(program) {
		name = program
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = n.Env()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// searchPath has the directory of Nix's programs first, then the system's.
func searchPath(nix string) string {
	const system = "/usr/bin:/bin:/usr/sbin:/sbin"
	if nix == "/usr/bin" {
		return system
	}
	return nix + ":" + system
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// userName is how Nix calls this user: a number if there is no account.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
