package cli_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// userBed is a machine that is used by a person who is not its root.
type userBed struct {
	*testing.T
	nix     *testbed.Nix
	profile profile.Profile
	sudo    string   // what sudo was asked to do, a line each
	env     []string // more than the common one
}

// nobody is who runs ask-nix where the tests are run by root.
const nobody = 65534

// Programs that are called sudo.
const (
	// sudoWorks makes root of the same user, to whom all of the machine belongs.
	sudoWorks = `while [ "$1" != -- ]; do shift; done
shift
export LUMINOUS_NIX_ALLOW_UNPRIVILEGED=yes XDG_STATE_HOME=$HOME/root-state
exec "$@"
`
	// sudoDenies wants a password that nobody is there to give.
	sudoDenies = "echo 'sudo: a password is required' >&2; exit 1\n"
)

// newUserBed makes the machine. With sudoDenies only their home belongs to the person.
func newUserBed(t *testing.T, sudo string) *userBed {
	t.Helper()
	dir, err := os.MkdirTemp("", "user-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	nix, err := testbed.Start(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(nix.Stop(), testbed.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
	})
	if err := nix.AddHistory(context.Background()); err != nil {
		t.Fatal(err)
	}
	b := &userBed{T: t, nix: nix, profile: profile.Profile(nix.SystemProfile), sudo: filepath.Join(nix.Home, "sudo.log")}
	bin := filepath.Join(nix.Home, "bin")
	script := "#!/bin/sh\nprintf '%s\\n' \"$*\" >> " + b.sudo + "\n" + sudo
	err = errors.Join(os.MkdirAll(bin, 0o755), os.Mkdir(filepath.Join(nix.Home, "tmp"), 0o700), os.Mkdir(filepath.Join(nix.Home, "run"), 0o700),
		os.WriteFile(filepath.Join(bin, "sudo"), []byte(script), 0o755),
		os.Symlink(binary, filepath.Join(bin, "ask-nix")))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return b
	}
	theirs := []string{nix.Home}
	if sudo == sudoWorks {
		theirs = append(theirs, nix.Root, filepath.Dir(nix.SystemProfile))
	}
	for _, top := range theirs {
		err := filepath.WalkDir(top, func(path string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(path, nobody, nobody))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// command is ask-nix run by the person.
func (b *userBed) command(args ...string) *exec.Cmd {
	cmd := b.nix.Command(b.Context(), binary, args...)
	cmd.Dir = "/"
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always", "NO_COLOR=1", "PATH="+filepath.Join(b.nix.Home, "bin")+":/usr/bin:/bin",
		"XDG_STATE_HOME="+b.nix.Home+"/state", "XDG_RUNTIME_DIR="+b.nix.Home+"/run", "TMPDIR="+b.nix.Home+"/tmp", "USER=nobody")
	cmd.Env = append(cmd.Env, b.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Getuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	return cmd
}

func (b *userBed) current() int {
	b.Helper()
	state, err := b.profile.Read()
	if err != nil {
		b.Fatal(err)
	}
	return state.Current
}

// asked is what sudo was asked to do since the last time.
func (b *userBed) asked() []string {
	b.Helper()
	text, err := os.ReadFile(b.sudo)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.Fatal(err)
	}
	if err := os.RemoveAll(b.sudo); err != nil {
		b.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// What comes of a request of somebody who may change only what is theirs.
const (
	works  = "it works"
	asks   = "root is asked for the one step"
	byHand = "the command to type is said"
)

// TestOrdinaryUser has somebody who may change only what is theirs ask for all that
// changes the machine: it works, or root is asked to do the one step, or the hint is the
// command to type. Where root is asked and refuses, that is the hint as well.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody who may do nothing")
	}
	b := newUserBed(t, sudoDenies)
	tested := map[operation.Name]bool{operation.Undo: true} // which is not built
	try := func(want string, name operation.Name, words ...string) {
		t.Helper()
		tested[name] = true
		b.try(want, append(words, "--yes"))
	}
	root := func(words ...string) string {
		t.Helper()
		cmd := b.nix.Command(t.Context(), binary, append(words, "--yes")...)
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=always")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q by root: %v\n%s", words, err, out)
		}
		return string(out)
	}
	b.damage()
	// As on every machine: /var/lib is open, /root is not.
	err := errors.Join(os.MkdirAll(filepath.Join(b.nix.Root, "var/lib"), 0o755), os.Mkdir(filepath.Join(b.nix.Root, "root"), 0o700),
		b.nix.WriteConfiguration(testbed.System{Packages: []string{"git", "vim"}, Services: []string{"openssh"}}))
	if err != nil {
		t.Fatal(err)
	}

	try(works, operation.InstallPackages, "install", "git")
	try(works, operation.RemovePackages, "remove", "git")
	try(works, operation.CollectGarbage, "collect-garbage")
	try(asks, operation.SwitchSystem, "switch")
	try(asks, operation.BootSystem, "boot")
	try(asks, operation.TestSystem, "test")
	try(asks, operation.DryActivateSystem, "dry-activate")
	try(asks, operation.Rollback, "rollback")
	try(asks, operation.Rollback, "go back one generation, please")
	try(asks, operation.SwitchGeneration, "switch-generation", "2")
	b.env = []string{"NIX_PATH=nixos-config=" + b.nix.Root + "/etc/nixos/configuration.nix"} // and root's channels
	try(byHand, operation.UpdateSystem, "update")
	b.env = nil
	try(byHand, operation.DeleteGenerations, "delete-generations", "1")
	try(byHand, operation.CleanUp, "clean-up", "--keep", "1")
	try(byHand, operation.CleanUp, "clean-up", "--ensure-free", "1TiB")
	try(byHand, operation.PinGeneration, "pin", "2", "--note", "it's good")
	root("pin", "1")
	try(byHand, operation.UnpinGeneration, "unpin", "1")
	try(byHand, operation.RepairStore, "repair")
	try(byHand, operation.SetOption, "set", "networking.hostName", "other")

	root("switch-generation", "2", "--confirm-within", "10m", "--detach")
	journal := filepath.Join(b.nix.Root, "var/lib/luminous-nix/activation/journal.jsonl")
	b.until(func() bool {
		text, err := os.ReadFile(journal)
		return err == nil && bytes.Contains(text, []byte(`"step":"confirm"`))
	})
	try(asks, operation.ConfirmSwitch, "confirm")
	jobs, err := filepath.Glob(filepath.Join(b.nix.Root, "var/lib/luminous-nix/jobs/*"))
	if err != nil || len(jobs) == 0 {
		t.Fatal(jobs, err)
	}
	try(byHand, operation.CancelJob, "cancel", filepath.Base(jobs[len(jobs)-1]))
	k := &killer{T: t, nix: b.nix}
	for _, pid := range k.processes("run-job") {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	b.until(func() bool { return len(k.processes("run-job")) == 0 })
	try(asks, operation.RecoverSwitch, "recover")

	for _, spec := range operation.All() {
		if spec.Privilege != operation.Anyone && !tested[spec.Name] {
			t.Errorf("%s is not tested", spec.Name)
		}
	}
}

// damage changes a file of the store.
func (b *userBed) damage() {
	b.Helper()
	file, err := filepath.EvalSymlinks(string(b.profile) + "-1-link/nixos-version")
	if err == nil {
		err = errors.Join(os.Chmod(file, 0o644), os.WriteFile(file, []byte("25.05.damaged"), 0o644), os.Chmod(file, 0o444))
	}
	if err != nil {
		b.Fatal(err)
	}
}

// until waits until something is so.
func (b *userBed) until(so func() bool) {
	b.Helper()
	for deadline := time.Now().Add(30 * time.Second); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.Fatal("it does not come to that")
		}
	}
}

// try runs a request of the person and checks what comes of it.
func (b *userBed) try(want string, words []string) {
	b.Helper()
	var stderr bytes.Buffer
	cmd := b.command(words...)
	cmd.Args[0], cmd.Stderr = "ask-nix", &stderr
	_ = cmd.Run() // the status tells
	status, asked := cmd.ProcessState.ExitCode(), strings.Join(b.asked(), "")
	if want == works {
		if status != 0 || asked != "" {
			b.Errorf("%q: status %d, sudo was asked %q\n%s", words, status, asked, &stderr)
		}
		return
	}
	var typed []string
	for _, word := range append([]string{"sudo", "ask-nix"}, words...) {
		if strings.ContainsAny(word, " '") {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		typed = append(typed, word)
	}
	hint := "hint: `" + strings.Join(typed, " ") + "` does it as root.\n"
	if status != 3 || !strings.HasSuffix(stderr.String(), hint) || strings.Count(stderr.String(), "ask-nix: ") != 1 {
		b.Errorf("%q: status %d, want 3 and %q at the end of\n%s", words, status, hint, &stderr)
	}
	if (asked != "") != (want == asks) || want == asks && !strings.HasPrefix(asked, "-n -- "+binary+" activate ") {
		b.Errorf("%q: %s is wanted, and sudo was asked %q\n%s", words, want, asked, &stderr)
	}
}
