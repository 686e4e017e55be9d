package cli_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// umlProgram is Linux as a program, of Debian's package user-mode-linux.
const umlProgram = "/usr/bin/linux.uml"

// powerCuts is how often the power is cut: more for make test-long.
func powerCuts() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 20
	}
	return 3
}

// TestKillPower cuts the power of a machine with a disk of its own while it builds a
// system and switches to it. What the disk has then is a default generation that is
// whole, and the switch is brought to an end.
//
// The machine is a Linux that runs as a program: when it is killed, all is lost that it
// had not given to its disk.
func TestKillPower(t *testing.T) {
	t.Parallel()
	m := newDiskMachine(t)
	var switched int
	for n := range powerCuts() {
		m.insertDisk()
		// The line after which it happens; it is random when exactly.
		after := []string{"Waiting for the disk", "Making it the newest generation", "is generation 4"}[n%3]
		within := []time.Duration{time.Second, time.Second, 8 * time.Second}[n%3]
		m.cut([]string{"ask-nix", "switch", "--yes"}, after, m.random.Int64N(int64(within)))
		if m.check() == 4 {
			switched++
		}
	}
	t.Logf("%d of %d were at the new generation", switched, powerCuts())
}

// TestKillPowerOfNix does the same to what Nix itself does, and tells how that ends. It
// is to show that the cuts above are what they are meant to be.
func TestKillPowerOfNix(t *testing.T) {
	if os.Getenv("LUMINOUS_NIX_LONG") == "" {
		t.Skip("only in make test-long: it is Nix that is tested")
	}
	t.Parallel()
	m := newDiskMachine(t)
	script := filepath.Join(m.dir, "nix-switch")
	text := "#!/bin/sh\nnix-env -p " + m.nix.SystemProfile +
		" --set $(nix-build --no-out-link '<nixpkgs/nixos>' -A config.system.build.toplevel) && echo the profile is set\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	broken := 0
	for range 6 {
		m.insertDisk()
		// By then the disk has the names of what was built, and not yet what is in it.
		m.cut([]string{script}, "the profile is set", int64(6*time.Second)+m.random.Int64N(int64(6*time.Second)))
		m.mount()
		if err := m.whole(); err != nil {
			broken++
		}
		m.unmount()
	}
	t.Logf("nix-env --set left a default generation that is not whole in %d of 6 cuts", broken)
	if broken == 0 {
		t.Error("no cut lost anything: they are none")
	}
}

// diskMachine is a test bed on a disk of its own, in a file.
type diskMachine struct {
	*testing.T
	dir    string // of the files
	disk   string // the file that is the disk now
	disks  int    // how many there have been
	nix    *testbed.Nix
	random *rand.Rand
	// machine is the program, with what gives it precedence before, if that is allowed:
	// each of the machine's own system calls is a turn of two processes, so beside other
	// busy ones it would be some ten times slower than these.
	machine []string
}

func newDiskMachine(t *testing.T) *diskMachine {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a disk")
	}
	if _, err := os.Stat(umlProgram); err != nil {
		t.Skipf("no machine whose power can be cut: %v", err)
	}
	dir, err := os.MkdirTemp("", "cut")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	m := &diskMachine{T: t, dir: dir, random: rand.New(rand.NewPCG(seed, 4)), machine: []string{umlProgram}}
	precedence := []string{"chrt", "--rr", "1"}
	if exec.Command(precedence[0], append(precedence[1:], "true")...).Run() == nil {
		m.machine = append(precedence, umlProgram)
	}
	m.disk = m.file("first")
	if err := errors.Join(os.Mkdir(m.file("bed"), 0o755), os.WriteFile(m.disk, nil, 0o600), os.Truncate(m.disk, 512<<20)); err != nil {
		t.Fatal(err)
	}
	m.run("mkfs.ext4", "-q", m.disk)
	if out, err := exec.Command("mount", "-o", "loop", m.disk, m.file("bed")).CombinedOutput(); err != nil {
		t.Skipf("no disk can be mounted from a file here: %v: %s", err, out)
	}
	if err := m.boots(); err != nil {
		m.unmount()
		t.Skipf("Linux does not run as a program here: %v", err)
	}
	if m.nix, err = testbed.Start(t.Context(), m.file("bed")); err != nil {
		t.Fatal(err)
	}
	if err := m.nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	configuration := filepath.Join(m.nix.Root, "etc/nixos/configuration.nix")
	text, err := os.ReadFile(configuration)
	if err == nil {
		err = os.WriteFile(configuration, []byte(strings.Replace(string(text), "kdenlive", "vlc", 1)), 0o644)
	}
	if err := errors.Join(err, m.nix.Stop()); err != nil {
		t.Fatal(err)
	}
	m.unmount()
	return m
}

func (m *diskMachine) file(name string) string { return filepath.Join(m.dir, name) }

func (m *diskMachine) run(name string, args ...string) {
	m.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		m.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// insertDisk gives the machine a copy of the first disk. It is a file of its own: the one
// before may still be mounted in the mount namespaces that other tests have made since.
func (m *diskMachine) insertDisk() {
	if m.disks > 0 {
		if err := os.Remove(m.disk); err != nil {
			m.Fatal(err)
		}
	}
	m.disks++
	m.disk = m.file(fmt.Sprintf("disk-%d", m.disks))
	m.run("cp", "--sparse=always", m.file("first"), m.disk)
}

func (m *diskMachine) mount() { m.run("mount", "-o", "loop", m.disk, m.file("bed")) }

// unmount has the file have all of the disk, also if it stays mounted somewhere.
func (m *diskMachine) unmount() {
	m.run("sync", "--file-system", m.file("bed"))
	m.run("umount", m.file("bed"))
}

// boots tries whether the machine starts at all.
func (m *diskMachine) boots() error {
	m.write("init", "#!/bin/sh\necho it boots\nsleep 100\n")
	return m.start("it boots", 0)
}

// guest is what process 1 of the machine does. It says how far it is, so that a machine
// that gets no further tells where it is.
const guest = `#!/bin/sh
echo process 1 runs
mount -t proc proc /proc
mkdir -p /dev/pts
mount -t devpts pts /dev/pts
mount -t tmpfs run /run
mount -t ext4 /dev/ubda %[1]s/bed || exit 1
. %[1]s/environment
echo the disk is mounted
rm -f "$NIX_DAEMON_SOCKET_PATH"
NIX_REMOTE= nix-daemon >/run/nix-daemon.log 2>&1 &
tries=0
until [ -S "$NIX_DAEMON_SOCKET_PATH" ]; do
	sleep 0.1
	tries=$((tries + 1))
	[ $tries = 600 ] && cat /run/nix-daemon.log && echo the daemon does not start
done
echo the daemon runs
%[2]s 2>&1
echo the command ended with status $?
sleep 1000
`

// cut starts the machine with a command, and cuts its power so many nanoseconds after a
// line was said.
func (m *diskMachine) cut(command []string, after string, later int64) {
	m.Helper()
	m.write("environment", m.environment())
	m.write("init", fmt.Sprintf(guest, m.dir, strings.Join(command, " ")))
	if err := m.start(after, time.Duration(later)); err != nil {
		m.Fatal(err)
	}
}

// start starts the machine, and kills it so much later than a line was said. It is an
// error that it never said that: it has all that the machine has said, from what the
// program checks before Linux starts to the kernel's own messages.
func (m *diskMachine) start(after string, later time.Duration) error {
	ctx, cancel := context.WithTimeout(m.Context(), 5*time.Minute)
	defer cancel()
	begin := time.Now()
	cmd := exec.CommandContext(ctx, m.machine[0], append(slices.Clone(m.machine[1:]), "mem=512M", "devtmpfs.mount=1", "rootfstype=hostfs", "rootflags=/", "ro", "loglevel=7",
		"init="+m.file("init"), "ubd0="+m.disk, "con=null", "con0=null,fd:1", "uml_dir="+m.dir)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	out, console, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = console, console
	err = cmd.Start()
	console.Close()
	if err != nil {
		return err
	}
	said := m.listen(out, after)
	if !strings.Contains(said, after) {
		_ = cmd.Cancel() // it may have ended
		return fmt.Errorf("it did not say %q within %v (%v). It said:\n%s", after, time.Since(begin), cmd.Wait(), said)
	}
	m.Logf("%q after %v", after, time.Since(begin))
	time.Sleep(later)
	err = cmd.Cancel()
	_ = cmd.Wait() // it was killed
	return err
}

// listen reads until a line was said; what comes later is thrown away.
func (m *diskMachine) listen(out io.Reader, after string) (said string) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), after) {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			break
		}
		if strings.Contains(lines.Text(), "Kernel panic") || strings.Contains(lines.Text(), "the command ended") {
			break
		}
	}
	return said
}

func (m *diskMachine) write(name, text string) {
	m.Helper()
	if err := os.WriteFile(m.file(name), []byte(text), 0o755); err != nil {
		m.Fatal(err)
	}
}

// environment is the bed's, for the shell.
func (m *diskMachine) environment() string {
	var b strings.Builder
	for _, entry := range append(m.nix.Env(), "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes") {
		name, value, _ := strings.Cut(entry, "=")
		if name == "PATH" {
			value = filepath.Dir(binary) + ":" + value
		}
		fmt.Fprintf(&b, "export %s='%s'\n", name, value)
	}
	return b.String()
}

// check looks at what the disk has after the cut, and has the switch brought to an end.
// It returns the generation that is current then.
func (m *diskMachine) check() int {
	m.Helper()
	m.mount()
	defer m.unmount()
	if err := m.whole(); err != nil {
		m.Errorf("after the cut: %v", err)
	}
	nix, err := testbed.Start(m.Context(), m.file("bed"))
	if err != nil {
		m.Fatal(err)
	}
	recover := nix.Command(m.Context(), binary, "recover", "--yes")
	recover.Env = append(recover.Env, "LUMINOUS_NIX_ACTIVATE=always", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes")
	if out, err := recover.CombinedOutput(); err != nil {
		m.Errorf("recover: %v\n%s", err, out)
	}
	if err := errors.Join(m.whole(), nix.Stop()); err != nil {
		m.Errorf("after it was recovered: %v", err)
	}
	state, err := profile.Profile(m.nix.SystemProfile).Read()
	if err != nil || state.Current != 3 && state.Current != 4 || len(state.Generations) < 3 {
		m.Errorf("the profile is %+v, %v", state, err)
	}
	return state.Current
}

// whole checks that the default generation has all of its files as they were built.
func (m *diskMachine) whole() error {
	state, err := profile.Profile(m.nix.SystemProfile).Read()
	if err != nil {
		return err
	}
	current, err := state.Generation(profile.Profile(m.nix.SystemProfile), state.Current)
	if err != nil {
		return err
	}
	db, err := storedb.Open(m.Context(), storedb.Options{StoreDir: store.Dir(m.nix.StoreDir), StateDir: m.nix.StateDir})
	if err != nil {
		return err
	}
	defer db.Close()
	closure, err := db.Closure(m.Context(), store.Path(current.Target))
	if err != nil {
		return err
	}
	args := []string{"--verify-path"}
	for _, object := range closure {
		args = append(args, string(object.Path))
	}
	verify := m.nix.Command(m.Context(), "nix-store", args...)
	verify.Env = append(verify.Env, "NIX_REMOTE=local")
	if out, err := verify.CombinedOutput(); err != nil {
		return fmt.Errorf("generation %d, %d paths: %w\n%s", state.Current, len(closure), err, out)
	}
	return nil
}
