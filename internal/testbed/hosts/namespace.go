package hosts

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/sys/unix"
)

// namespace is a mount namespace that only one thread of this process is in. It goes
// away with the thread, with all that is mounted in it.
type namespace struct {
	calls  chan func()
	thread int
}

func newNamespace() (*namespace, error) {
	n := &namespace{calls: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // for ever: a thread in a namespace is of no use to others
		err := unix.Unshare(unix.CLONE_NEWNS)
		if err == nil {
			err = unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, "")
		}
		n.thread = unix.Gettid()
		ready <- err
		for call := range n.calls {
			call()
		}
	}()
	if err := <-ready; err != nil {
		close(n.calls)
		return nil, fmt.Errorf("a namespace of its own: %w", err)
	}
	return n, nil
}

// do runs f in the namespace. The programs that f starts are in it too.
func (n *namespace) do(f func() error) error {
	done := make(chan error)
	n.calls <- func() { done <- f() }
	return <-done
}

// end runs f for the last time. If the thread is the process's first, it cannot end
// before the process; so f unmounts what takes memory.
func (n *namespace) end(f func()) {
	n.calls <- f
	close(n.calls)
}

// path is where the whole process finds a file of the namespace.
func (n *namespace) path(file string) string {
	return filepath.Join("/proc/self/task", fmt.Sprint(n.thread), "root", file)
}

// mountAll makes the host's file systems, in its namespace: one in memory, and in it
// the root that is the base and what the host has changed.
func (h *Host) mountAll(base, size string) error {
	options := "mode=755"
	if size != "" {
		options += ",size=" + size
	}
	if err := unix.Mount("host", h.dir, "tmpfs", 0, options); err != nil {
		return fmt.Errorf("a file system in memory: %w", err)
	}
	for _, name := range []string{"changes", "work", "root"} {
		if err := os.Mkdir(filepath.Join(h.dir, name), 0o755); err != nil {
			return err
		}
	}
	layers := fmt.Sprintf("lowerdir=%s,upperdir=%s/changes,workdir=%s/work", base, h.dir, h.dir)
	if err := unix.Mount("host", h.root(), "overlay", 0, layers); err != nil {
		return fmt.Errorf("a file system over %s: %w", base, err)
	}
	// systemd-nspawn takes the kind of cgroups from what it finds here; the machine
	// may have the older kind, or both.
	_ = unix.Unmount("/sys/fs/cgroup", unix.MNT_DETACH)
	if err := unix.Mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, ""); err != nil {
		return fmt.Errorf("cgroups of version 2: %w", err)
	}
	// It keeps sockets of running containers here, and does not start a container again
	// where it can make no mount points.
	if err := os.MkdirAll("/run/systemd/nspawn", 0o755); err != nil {
		return err
	}
	if err := unix.Mount("nspawn", "/run/systemd/nspawn", "tmpfs", 0, "mode=755"); err != nil {
		return fmt.Errorf("/run/systemd/nspawn: %w", err)
	}
	return nil
}

func (h *Host) unmountAll() {
	_ = unix.Unmount(h.dir, unix.MNT_DETACH)
}

// root is the host's / in its namespace.
func (h *Host) root() string { return filepath.Join(h.dir, "root") }

// Path is where this process finds a file of the host, whether that is on or off.
// What a host has in memory, in /run and /tmp, is only there while it is on.
func (h *Host) Path(path string) string {
	if h.power != nil {
		return filepath.Join("/proc", fmt.Sprint(h.power.leader), "root", path)
	}
	return h.space.path(filepath.Join(h.root(), path))
}
