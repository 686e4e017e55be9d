package hosts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// power is what runs while a host is on.
type power struct {
	leader int           // the host's process 1, as a process of this machine
	nspawn *exec.Cmd     // unshare, and below it systemd-nspawn
	gone   chan struct{} // closed when it has ended
	cgroup string        // in the namespace
}

// exitReboot is nspawn's status when the host wants to be started again.
const exitReboot = 133

var boots atomic.Int64

// Boot turns the host on, and returns when it has started all that belongs to it.
// It is an error if a unit failed.
func (h *Host) Boot(ctx context.Context) error {
	if h.power != nil {
		return errors.New("the host is on")
	}
	if _, err := exec.LookPath("systemd-nspawn"); err != nil {
		return errors.New("systemd-nspawn is not installed; run scripts/setup")
	}
	p := &power{gone: make(chan struct{})}
	var notices *net.UnixConn
	err := h.space.do(func() (err error) {
		if notices, err = h.listen(); err != nil {
			return err
		}
		return h.turnOn(p)
	})
	if err != nil {
		return fmt.Errorf("starting the host: %w", err)
	}
	defer notices.Close()
	h.power = p
	if err := h.awaitBoot(ctx, notices); err != nil {
		return errors.Join(fmt.Errorf("the host does not boot: %w\n%s", err, h.console.String()), h.Cut(context.WithoutCancel(ctx)))
	}
	return nil
}

// listen makes the socket to which nspawn tells how far the host is.
func (h *Host) listen() (*net.UnixConn, error) {
	socket := h.noticesFile()
	if err := os.RemoveAll(socket); err != nil {
		return nil, err
	}
	return net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
}

func (h *Host) noticesFile() string { return filepath.Join(h.dir, "notices") }

// turnOn starts nspawn in a cgroup of its own. Containers that share one are one to
// systemd. A host does not end when its nspawn is killed, but all of a namespace of
// processes does when its first one is, and nspawn is that.
func (h *Host) turnOn(p *power) error {
	p.cgroup = fmt.Sprintf("/sys/fs/cgroup/luminous-host-%d-%d", os.Getpid(), boots.Add(1))
	if err := os.Mkdir(p.cgroup, 0o755); err != nil {
		return err
	}
	cgroup, err := os.Open(p.cgroup)
	if err != nil {
		return err
	}
	defer cgroup.Close()
	init, err := h.init()
	if err != nil {
		return err
	}
	p.nspawn = exec.Command("unshare", append([]string{
		"--pid", "--fork", "--kill-child", "--mount-proc", "--", "systemd-nspawn",
		"--quiet", "--register=no", "--keep-unit", "--private-network", "--link-journal=no",
		"--resolv-conf=off", "--timezone=off", "--console=read-only", "--notify-ready=yes",
		"--machine=" + h.Name, "--directory=" + h.root(),
	}, init...)...)
	p.nspawn.Env = []string{"PATH=" + searchPath, "NOTIFY_SOCKET=" + h.noticesFile()}
	p.nspawn.Stdout, p.nspawn.Stderr = &h.console, &h.console
	p.nspawn.SysProcAttr = &syscall.SysProcAttr{
		Setsid:      true,
		Pdeathsig:   syscall.SIGKILL, // the thread that starts it is the namespace's
		UseCgroupFD: true,
		CgroupFD:    int(cgroup.Fd()),
	}
	if err := p.nspawn.Start(); err != nil {
		return errors.Join(err, os.Remove(p.cgroup))
	}
	go func() {
		_ = p.nspawn.Wait() // its status is read from the process's state
		close(p.gone)
	}()
	return nil
}

// init is what the boot loader starts: the init of the default entry, or Debian's
// where no NixOS has been switched to.
func (h *Host) init() ([]string, error) {
	loader := filepath.Join(h.root(), "boot/loader")
	menu, err := os.ReadFile(filepath.Join(loader, "loader.conf"))
	if errors.Is(err, os.ErrNotExist) {
		return []string{"--boot"}, nil
	}
	if err != nil {
		return nil, err
	}
	name := valueOf(string(menu), "default")
	entry, err := os.ReadFile(filepath.Join(loader, "entries", name))
	if err != nil {
		return nil, fmt.Errorf("the default entry %q of the boot menu: %w", name, err)
	}
	for option := range strings.FieldsSeq(valueOf(string(entry), "options")) {
		if init, ok := strings.CutPrefix(option, "init="); ok {
			return []string{"--kill-signal=SIGRTMIN+3", init}, nil
		}
	}
	return nil, fmt.Errorf("the entry %s of the boot menu has no init", name)
}

// valueOf is what stands after a word at the beginning of a line.
func valueOf(text, word string) string {
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, word+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// awaitBoot waits for process 1 to say that it is ready, which it does when nothing
// is left to be started, and then sees whether all of it was.
func (h *Host) awaitBoot(ctx context.Context, notices *net.UnixConn) error {
	p := h.power
	stop := context.AfterFunc(ctx, func() { notices.Close() })
	defer stop()
	go func() {
		<-p.gone
		notices.Close()
	}()
	buffer := make([]byte, 4096)
	for ready := false; !ready; {
		n, err := notices.Read(buffer)
		if err != nil {
			return errors.Join(ctx.Err(), h.exitStatus())
		}
		ready = strings.Contains(string(buffer[:n]), "READY=1")
	}
	var err error
	if p.leader, err = childOf(childOf(p.nspawn.Process.Pid, nil)); err != nil {
		return err
	}
	out, err := h.Command(ctx, "systemctl", "is-system-running", "--wait").CombinedOutput()
	if state := strings.TrimSpace(string(out)); state != "running" {
		failed, _ := h.Command(ctx, "systemctl", "--failed", "--plain", "--no-legend").CombinedOutput()
		return fmt.Errorf("its state is %q (%w):\n%s", state, err, failed)
	}
	return nil
}

// childOf is the one child of a process, unless there was an error already.
func childOf(pid int, err error) (int, error) {
	if err != nil {
		return 0, err
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(children)))
}

func (h *Host) exitStatus() error {
	select {
	case <-h.power.gone:
		return fmt.Errorf("systemd-nspawn: %s", h.power.nspawn.ProcessState)
	default:
		return nil
	}
}

// Cut takes the power away: no process of the host gets to do anything more. What it
// has written stays, as it would if the kernel had had the time to write all of it.
// Off already is fine.
func (h *Host) Cut(ctx context.Context) error {
	if h.power == nil {
		return nil
	}
	_ = h.power.nspawn.Process.Kill()
	return h.awaitOff(ctx)
}

// Shutdown has the host stop everything in order and turn itself off.
func (h *Host) Shutdown(ctx context.Context) error {
	if h.power == nil {
		return nil
	}
	if out, err := h.Command(ctx, "systemctl", "poweroff").CombinedOutput(); err != nil {
		return fmt.Errorf("systemctl poweroff: %w\n%s", err, out)
	}
	return h.awaitOff(ctx)
}

// Reboot has the host start again by itself.
func (h *Host) Reboot(ctx context.Context) error {
	p := h.power
	if out, err := h.Command(ctx, "systemctl", "reboot").CombinedOutput(); err != nil {
		return fmt.Errorf("systemctl reboot: %w\n%s", err, out)
	}
	if err := h.awaitOff(ctx); err != nil {
		return err
	}
	if status := p.nspawn.ProcessState.ExitCode(); status != exitReboot {
		return fmt.Errorf("the host is off instead of starting again: systemd-nspawn ended with status %d", status)
	}
	return h.Boot(ctx)
}

// awaitOff waits for the end of all processes, and removes the cgroup.
func (h *Host) awaitOff(ctx context.Context) error {
	p := h.power
	select {
	case <-p.gone:
	case <-ctx.Done():
		_ = p.nspawn.Process.Kill() // and with it process 1, and all of the host
		<-p.gone
	}
	h.power = nil
	return errors.Join(ctx.Err(), h.space.do(func() error { return removeCgroup(p.cgroup) }))
}

// removeCgroup removes a cgroup and those in it. Processes that have been killed take
// a moment to leave theirs.
func removeCgroup(cgroup string) error {
	entries, err := os.ReadDir(cgroup)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.IsDir() {
			if err := removeCgroup(filepath.Join(cgroup, entry.Name())); err != nil {
				return err
			}
		}
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		err := unix.Rmdir(cgroup)
		if !errors.Is(err, unix.EBUSY) || time.Now().After(deadline) {
			return err
		}
	}
}
