package hosts

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// The real programs come before the system's own, which are for show.
const searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/run/current-system/sw/bin"

// User is an account of each host that may become root with sudo, without a password.
const User = "rose"

// Command is a program to be run on the host as root, with the environment of root on
// a NixOS and nothing else. Cancelled or not, it ends when the host does.
func (h *Host) Command(ctx context.Context, name string, args ...string) *exec.Cmd {
	return h.command(ctx, environment("root", "/root"), append([]string{name}, args...))
}

// CommandOfUser is Command for the account User.
func (h *Host) CommandOfUser(ctx context.Context, name string, args ...string) *exec.Cmd {
	return h.command(ctx, environment(User, "/home/"+User), append([]string{"runuser", "-u", User, "--", name}, args...))
}

func (h *Host) command(ctx context.Context, env, argv []string) *exec.Cmd {
	leader := "0" // no process: the command fails while the host is off
	if h.power != nil {
		leader = strconv.Itoa(h.power.leader)
	}
	cmd := exec.CommandContext(ctx, "/usr/bin/nsenter", append([]string{
		"--target", leader, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wdns=/",
		"--",
	}, argv...)...)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(unix.SIGTERM) }
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

func environment(user, home string) []string {
	return []string{
		"HOME=" + home, "USER=" + user, "LANG=C.UTF-8", "TZ=UTC", "NIX_REMOTE=daemon",
		"NIX_PATH=nixpkgs=" + channel + ":nixos-config=/etc/nixos/configuration.nix",
		"PATH=" + searchPath,
	}
}

// WriteFile puts a file on the host, in a directory that there is. Links in the path
// lead to where they lead on the host.
func (h *Host) WriteFile(path string, content []byte, mode os.FileMode) error {
	file, err := h.open(path, unix.O_WRONLY|unix.O_CREAT|unix.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// ReadFile is what a file of the host has in it.
func (h *Host) ReadFile(path string) (string, error) {
	file, err := h.open(path, unix.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var b strings.Builder
	_, err = file.WriteTo(&b)
	return b.String(), err
}

func (h *Host) open(path string, flags int, mode os.FileMode) (*os.File, error) {
	root, err := os.Open(h.Path("/"))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	how := unix.OpenHow{Flags: uint64(flags | unix.O_CLOEXEC), Resolve: unix.RESOLVE_IN_ROOT}
	if flags&unix.O_CREAT != 0 {
		how.Mode = uint64(mode.Perm())
	}
	fd, err := unix.Openat2(int(root.Fd()), path, &how)
	if err != nil {
		return nil, &os.PathError{Op: "open on host", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// console keeps what the host says while it boots and ends.
type console struct {
	mutex sync.Mutex
	text  strings.Builder
}

func (c *console) Write(p []byte) (int, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.text.Write(p)
}

func (c *console) String() string {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.text.String()
}
