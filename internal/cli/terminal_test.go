package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// openTerminal makes a pseudo-terminal: what a person sees and types at, and what
// the program has.
func openTerminal(t tester) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { person.Close() })
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

// TestQuestion types answers to the question that a rollback asks.
func TestQuestion(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	p := profile.Profile(nix.SystemProfile)
	for _, test := range []struct {
		typed   string
		status  int
		current int
	}{
		{"n\n", 7, 3},
		{"\n", 7, 3},
		{"yesterday\n", 7, 3},
		{"\x04", 7, 3},   // end of input
		{"\x03", 130, 3}, // Ctrl-C
		{"y\n", 0, 2},
	} {
		cmd := nix.Command(t.Context(), binary, "rollback one generation")
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1", "NO_COLOR=1")
		screen, status := runAtTerminal(t, cmd, "Do this? [y/N] ", test.typed)
		state, err := p.Read()
		if err != nil || status != test.status || state.Current != test.current {
			t.Errorf("typed %q: status %d, generation %d, %v; want %d, %d\n%s", test.typed, status, state.Current, err, test.status, test.current, screen)
		}
		if !strings.Contains(screen, "Go back from generation 3 to generation 2") {
			t.Errorf("the plan was not shown before the question:\n%s", screen)
		}
	}
}

// TestQuestionRemote: nixos-rebuild is started when the answer is yes, and can ask for
// passwords where the question was asked.
func TestQuestionRemote(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	const program = "#!/bin/sh\nread -p 'Password: ' word && test -t 1 && echo \"$word for $3\""
	if err := os.WriteFile(nix.Home+"/nixos-rebuild", []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		typed  string
		status int
		shown  bool
	}{
		{"n\n", 7, false},
		{"y\nsecret\n", 0, true},
	} {
		cmd := nix.Command(t.Context(), binary, "switch", "--target-host", "rose")
		cmd.Env = append(cmd.Env, "PATH="+nix.Home+":/usr/bin:/bin", "NO_COLOR=1")
		screen, status := runAtTerminal(t, cmd, "Do this? [y/N] ", test.typed)
		if status != test.status || strings.Contains(screen, "secret for rose") != test.shown {
			t.Errorf("typed %q: status %d, want %d\n%s", test.typed, status, test.status, screen)
		}
		if !strings.Contains(screen, "Run nixos-rebuild switch --target-host rose") {
			t.Errorf("the plan was not shown before the question:\n%s", screen)
		}
	}
}

// runAtTerminal runs a command at a terminal of its own and types when it has
// asked. It returns what was on the screen and the exit status.
func runAtTerminal(t *testing.T, cmd *exec.Cmd, question, typed string) (screen string, status int) {
	t.Helper()
	person, program := openTerminal(t)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid, cmd.SysProcAttr.Setctty = true, true
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	shown := make(chan string)
	go func() {
		defer close(shown)
		buf := make([]byte, 4096)
		for {
			n, err := person.Read(buf)
			if n > 0 {
				shown <- string(buf[:n])
			}
			if err != nil { // the program has ended
				return
			}
		}
	}()
	asked := false
	timeout := time.After(20 * time.Second)
	for {
		select {
		case <-timeout:
			t.Fatalf("it waits for ever:\n%s", screen)
		case text, more := <-shown:
			screen += text
			if !asked && strings.HasSuffix(screen, question) {
				asked = true
				if _, err := person.WriteString(typed); err != nil {
					t.Fatal(err)
				}
			}
			if !more {
				_ = cmd.Wait() // the status tells
				return screen, cmd.ProcessState.ExitCode()
			}
		}
	}
}
