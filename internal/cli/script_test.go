package cli_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"luminousnix/internal/retention"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// binary is ask-nix, built the way it is shipped.
var binary string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "ask-nix")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil { // some scripts run it as another user
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	binary = filepath.Join(dir, "ask-nix")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "luminousnix/cmd/ask-nix")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// TestScripts runs the scripts below testdata/script: each says what a person
// types on a real machine and what must come of it. Beyond the commands of
// testscript they know
//
//	small-disk MIB       the next machine is on a file system of its own, in memory
//	machine [SETTING]... a NixOS with three generations, a daemon and a store of its own;
//	                     a setting is a line of nix.conf
//	fresh [SETTING]...   a machine with Nix and no generation at all
//	generation [FAULT]   one more generation, whose activation fails in the named way
//	link TARGET FILE     a symbolic link, whatever was there before
//	stop-daemon          no daemon any more
//	odd-daemon VERSION   a daemon that speaks another version of the protocol, or "garbage"
//	signal-daemon NAME   STOP has the daemon hang, CONT go on
//	dated N TIME         the generation was made at this time
//	backup N             the last switch left the generation behind
//	await FILE           until the file is there, a minute at most
//	damage FILE          a bit of each 4096 bytes of the file is another
//	model FILE           a language model is configured, which answers what is in the file,
//	                     or "slow", or "fail"
//	dialogue FILE        the conversations of the file take place at a terminal: see dialogue
//	asked N              it was asked so often since then, and told nothing of the machine
//	status N COMMAND     the command must end with this exit status
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"small-disk":    smallDiskOf,
			"machine":       machine,
			"fresh":         fresh,
			"generation":    generation,
			"link":          link,
			"stop-daemon":   stopDaemon,
			"odd-daemon":    oddDaemon,
			"signal-daemon": signalDaemon,
			"status":        status,
			"dated":         dated,
			"damage":        damage,
			"await":         await,
			"backup":        backup,
			"dialogue":      dialogue,
			"model":         modelSays,
			"asked":         modelAsked,
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		RequireExplicitExec: true,
	})
}

// bedKey is where a script's machine is among the values of its environment.
type bedKey struct{}

// bed holds a script's machine, once the script has asked for one.
type bed struct {
	nix *testbed.Nix
	dir string // where a disk is mounted for it; "" is anywhere
}

func setup(env *testscript.Env) error {
	env.Setenv("ASK_NIX", binary)
	env.Setenv("PATH", filepath.Dir(binary)+":/usr/bin:/bin:/usr/sbin:/sbin")
	env.Setenv("HOME", env.WorkDir+"/home")
	env.Setenv("XDG_RUNTIME_DIR", env.WorkDir+"/run-user")
	env.Setenv("LUMINOUS_NIX_ROOT", env.WorkDir+"/root")
	env.Setenv("NIX_STORE_DIR", env.WorkDir+"/nix/store")
	env.Setenv("NIX_STATE_DIR", env.WorkDir+"/nix/var/nix")
	env.Setenv("TZ", "UTC")
	// One index of packages for all: it takes a second to build.
	env.Setenv("XDG_CACHE_HOME", filepath.Join(filepath.Dir(binary), "cache"))
	for _, dir := range []string{"home", "run-user", "root"} {
		if err := os.MkdirAll(filepath.Join(env.WorkDir, dir), 0o700); err != nil {
			return err
		}
	}
	b := &bed{}
	env.Values[bedKey{}] = b
	m := newModel()
	env.Values[modelKey{}] = m
	env.Defer(m.Close)
	env.Defer(func() {
		if err := b.remove(); err != nil {
			env.T().Fatal(err)
		}
	})
	return nil
}

// remove ends the machine and removes its files.
func (b *bed) remove() (err error) {
	if b.nix != nil {
		err = errors.Join(b.nix.Stop(), testbed.RemoveAll(b.nix.Dir))
	}
	if b.dir != "" {
		err = errors.Join(err, unix.Unmount(b.dir, unix.MNT_DETACH), os.RemoveAll(b.dir))
	}
	return err
}

func nixOf(ts *testscript.TestScript) *testbed.Nix {
	b := ts.Value(bedKey{}).(*bed)
	if b.nix == nil {
		ts.Fatalf("this script has no machine yet")
	}
	return b.nix
}

// smallDiskOf mounts a file system for the next machine. Only root can do that.
func smallDiskOf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: small-disk MIB")
	}
	dir, err := os.MkdirTemp("", "script")
	ts.Check(err)
	ts.Check(unix.Mount("none", dir, "tmpfs", 0, "mode=755,size="+args[0]+"m"))
	ts.Value(bedKey{}).(*bed).dir = dir
	ts.Setenv("DISK", dir)
}

func fresh(ts *testscript.TestScript, _ bool, settings []string) {
	b := ts.Value(bedKey{}).(*bed)
	dir, err := os.MkdirTemp(b.dir, "script")
	ts.Check(err)
	ts.Check(os.Chmod(dir, 0o755))
	nix, err := testbed.StartWith(context.Background(), dir, testbed.Options{Settings: strings.Join(settings, "\n")})
	ts.Check(err)
	b.nix = nix
	for _, entry := range nix.Env() {
		name, value, _ := strings.Cut(entry, "=")
		if name != "PATH" && name != "XDG_CACHE_HOME" {
			ts.Setenv(name, value)
		}
	}
	ts.Setenv("TZ", "UTC")
	ts.Setenv("LUMINOUS_NIX_ACTIVATE", "always")
	ts.Setenv("LUMINOUS_NIX_ALLOW_UNPRIVILEGED", "yes") // for whoever runs the tests
	state := nix.Root + "/var/lib"
	if os.Geteuid() != 0 {
		state = ts.Getenv("XDG_STATE_HOME")
	}
	ts.Setenv("STATE", state+"/luminous-nix")
	ts.Setenv("AUDIT", state+"/luminous-nix/audit.jsonl")
	ts.Setenv("KEPT", nix.Root+"/var/lib/luminous-nix/kept-generations.json")
	ts.Setenv("PROFILE", nix.SystemProfile)
	ts.Setenv("PROFILES", filepath.Dir(nix.SystemProfile))
}

func machine(ts *testscript.TestScript, neg bool, args []string) {
	fresh(ts, neg, args)
	ts.Check(nixOf(ts).AddHistory(context.Background()))
	ts.Setenv("TOPLEVEL", resolve(ts, nixOf(ts).SystemProfile))
}

func resolve(ts *testscript.TestScript, path string) string {
	target, err := filepath.EvalSymlinks(path)
	ts.Check(err)
	return target
}

func generation(ts *testscript.TestScript, _ bool, args []string) {
	nix := nixOf(ts)
	system := testbed.System{Packages: []string{"git"}, Label: "25.11.broken"}
	if len(args) > 0 {
		system.Fault = testbed.Fault(args[0])
	}
	toplevel, err := nix.Build(context.Background(), system)
	ts.Check(err)
	_, err = nix.AddGeneration(context.Background(), toplevel)
	ts.Check(err)
}

func link(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: link TARGET FILE")
	}
	file := ts.MkAbs(args[1])
	ts.Check(os.RemoveAll(file))
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.Symlink(args[0], file))
}

func stopDaemon(ts *testscript.TestScript, _ bool, _ []string) { ts.Check(nixOf(ts).Stop()) }

func signalDaemon(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT}
	if neg || len(args) != 1 || signals[args[0]] == 0 {
		ts.Fatalf("usage: signal-daemon STOP|CONT")
	}
	pid, err := daemonOf(nixOf(ts))
	ts.Check(err)
	ts.Check(syscall.Kill(pid, signals[args[0]]))
}

// daemonOf is the process of a machine's daemon.
func daemonOf(nix *testbed.Nix) (pid int, err error) {
	text, err := os.ReadFile(filepath.Join(nix.Dir, "nix-daemon.pid"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

func dated(ts *testscript.TestScript, _ bool, args []string) {
	number, err := strconv.Atoi(args[0])
	ts.Check(err)
	when, err := time.Parse(time.DateTime, args[1])
	ts.Check(err)
	ts.Check(nixOf(ts).SetGenerationTime(number, when))
}

func status(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// backup protects a generation as a switch does.
func backup(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: backup N")
	}
	number, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := profile.Profile(nixOf(ts).SystemProfile)
	state, err := p.Read()
	ts.Check(err)
	g, err := state.Generation(p, number)
	ts.Check(err)
	ts.Check(retention.File{Path: ts.Getenv("KEPT"), Public: true}.KeepBackup(p, g, time.Now()))
}

// damage flips a bit of each block of a file but the first, which is the header.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	file := ts.MkAbs(args[0])
	content, err := os.ReadFile(file)
	ts.Check(err)
	for at := 4096; at < len(content); at += 4096 {
		content[at] ^= 1
	}
	ts.Check(os.WriteFile(file, content, 0o600))
}

// await waits for what another process makes.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	file := ts.MkAbs(args[0])
	for range 1200 {
		if _, err := os.Stat(file); err == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s is not there after a minute", file)
}
