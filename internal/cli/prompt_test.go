package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// session is a program at a terminal of its own, and somebody who types at it.
type session struct {
	t      tester
	cmd    *exec.Cmd
	person *os.File

	mu     sync.Mutex
	screen string // all that was shown
	seen   int    // how much of it was waited for
	ended  chan struct{}
}

// talk starts ask-nix without words at a terminal of some columns.
func talk(t tester, cmd *exec.Cmd, columns int) *session {
	t.Helper()
	person, program := openTerminal(t)
	if err := unix.IoctlSetWinsize(int(person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "TERM=xterm", "NO_COLOR=1", "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = program, program, program
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program.Close()
	s := &session{t: t, cmd: cmd, person: person, ended: make(chan struct{})}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-s.ended
	})
	go s.watch()
	s.expect("ask-nix> ")
	return s
}

func (s *session) watch() {
	defer close(s.ended)
	buf := make([]byte, 4096)
	for {
		n, err := s.person.Read(buf)
		s.mu.Lock()
		s.screen += string(buf[:n])
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// expect waits until a text is shown that was not waited for before.
func (s *session) expect(text string) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		s.mu.Lock()
		at := strings.Index(s.screen[s.seen:], text)
		if at >= 0 {
			s.seen += at + len(text)
		}
		s.mu.Unlock()
		if at >= 0 {
			return
		}
	}
	s.t.Fatalf("%q is not shown:\n%s", text, s.screen)
}

func (s *session) typed(keys string) {
	s.t.Helper()
	if _, err := s.person.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// says types a sentence and waits for what is shown then, and for the next prompt.
func (s *session) says(sentence string, shown ...string) {
	s.t.Helper()
	s.typed(sentence + "\r")
	s.expect("\r\n")
	for _, text := range shown {
		s.expect(text)
	}
	s.expect("ask-nix> ")
}

// leaves waits for the end and returns the exit status.
func (s *session) leaves() int {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(30 * time.Second):
		s.t.Fatalf("it does not end:\n%s", s.screen)
	}
	_ = s.cmd.Wait() // the status tells
	return s.cmd.ProcessState.ExitCode()
}

// atPrompt starts a conversation on a machine with three generations.
func atPrompt(t *testing.T, columns int) (*session, *testbed.Nix) {
	t.Helper()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	return talk(t, nix.Command(t.Context(), binary), columns), nix
}

// TestPromptChanges goes through a conversation that changes the machine: what is
// referred to, a question, "do it", "undo that".
func TestPromptChanges(t *testing.T) {
	t.Parallel()
	s, nix := atPrompt(t, 80)
	current := func(want int) {
		t.Helper()
		state, err := profile.Profile(nix.SystemProfile).Read()
		if err != nil || state.Current != want {
			t.Errorf("generation %d is current, %v; want %d", state.Current, err, want)
		}
	}
	s.says("list my generations", "3 generations of the system; 3 is current.")
	s.says("the second one", "generation 2 of ")
	s.typed("switch to it\r")
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	current(3)
	s.typed("ok\r") // after a no it is asked again
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	current(3)
	s.says("why?", `You asked for "switch to generation 2"`, "`do it` carries it out")
	s.says("do it", "Generation 2 is current")
	current(2)
	s.typed("undo that\r")
	s.expect("Do this? [y/N] ")
	s.says("y", "Generation 3 is current")
	current(3)
	s.says("undo that", "There is nothing to undo")
	s.says("delete the last one", `which one is "the last one"?`, "1. delete generation 3", "2. delete generation 1")
	s.typed("2\r")
	s.expect("Delete generation 1")
	s.expect("Do this? [y/N] ")
	s.typed("\x03") // while it is asked, Ctrl-C ends the operation
	s.expect("interrupted")
	s.expect("ask-nix> ")
	s.says("pin 2 --name works", "Generation 2 is pinned")
	s.typed("rollback\r")
	s.expect("Do this? [y/N] ")
	s.typed("no, I meant generation 1\r") // is no answer, but the next sentence
	s.expect("nothing was changed")
	s.expect("Go back from generation 3 to generation 1")
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	s.typed("\x04")
	if status := s.leaves(); status != 0 {
		t.Errorf("Ctrl-D gives status %d", status)
	}
	if n := strings.Count(s.screen, "Do this?"); n != 6 {
		t.Errorf("it was asked %d times:\n%s", n, s.screen)
	}
}

// TestPromptOffers: what is there is offered by its number in place of what is not, also
// where a correction named that.
func TestPromptOffers(t *testing.T) {
	t.Parallel()
	s, nix := atPrompt(t, 100)
	s.says("go back to generation 99", "there is no generation 99", "1. rollback to generation 3", "2. generations")
	s.says("2", "3 generations of the system; 3 is current.")
	s.says("please switch to generation 77", "there is no generation 77", "1. switch to generation 3")
	s.says("no, I meant generation 88", "there is no generation 88", "1. switch to generation 3")
	s.says("1", "3 is current")
	if state, err := profile.Profile(nix.SystemProfile).Read(); err != nil || state.Current != 3 {
		t.Errorf("generation %d is current, %v", state.Current, err)
	}
	s.typed("\x04")
	if status := s.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}
}

// TestPromptTypedAhead: what was typed before a question was there is no answer to it.
func TestPromptTypedAhead(t *testing.T) {
	t.Parallel()
	s, nix := atPrompt(t, 80)
	s.typed("rollback one generation\ry\r")
	s.expect("Do this? [y/N] ")
	time.Sleep(200 * time.Millisecond) // an answer would have been taken
	if state, err := profile.Profile(nix.SystemProfile).Read(); err != nil || state.Current != 3 {
		t.Errorf("generation %d is current, %v", state.Current, err)
	}
	s.typed("\r")
	s.expect("nothing was changed")
	s.expect("ask-nix> ")
	s.says("generations", "3 is current")
	if state, err := profile.Profile(nix.SystemProfile).Read(); err != nil || state.Current != 3 {
		t.Errorf("afterwards generation %d is current, %v", state.Current, err)
	}
}

// TestPromptInterrupt: Ctrl-C ends an operation that hangs, and the conversation goes on.
func TestPromptInterrupt(t *testing.T) {
	t.Parallel()
	s, nix := atPrompt(t, 80)
	pid, err := daemonOf(nix)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
	s.typed("try hello\r")
	s.expect("\r\n")
	time.Sleep(300 * time.Millisecond)
	s.typed("\x03")
	s.expect("interrupted")
	s.expect("ask-nix> ")
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.says("why?", "You stopped it with Ctrl-C")
	s.says("generations", "3 is current")
	s.typed("\x03") // at an empty line it leaves
	s.expect("Left.")
	if status := s.leaves(); status != 130 {
		t.Errorf("Ctrl-C at an empty line gives status %d", status)
	}
}

// TestPromptEditing types keys as terminals send them.
func TestPromptEditing(t *testing.T) {
	t.Parallel()
	s, _ := atPrompt(t, 80)
	requests := filepath.Join(t.TempDir(), "requests")
	if err := os.WriteFile(requests, []byte("list my generations\nswitch to generation 77\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ what, keys, shown string }{
		{"plain", "generations", "3 is current"},
		{"up", "\x1b[A", "3 is current"},
		{"backspace", "generationx\x7fs", "3 is current"},
		{"home and end", "enerations\x1b[Hg\x1b[F", "3 is current"},
		{"other home and end", "enerations\x1b[1~g\x1b[4~", "3 is current"},
		{"words", "list xx generations\x1b[1;5D\x17", "3 is current"},
		{"the beginning deleted", "xxx \x15generations", "3 is current"},
		{"escape means nothing", "gen\x1b\x1berations", "3 is current"},
		{"abandoned", "rollback\x03generations", "3 is current"},
		{"a command completed", "generat\t", "3 is current"},
		{"a package completed", "search firefox-dev\t", "firefox-devedition "},
		{"one of no operation", "bat\t", "batch needs a file"},
		{"what it takes", "batch " + requests, `"code":"ambiguous"`},
		{"the second word of a group", "data sh\t", "Nothing of it leaves this machine"},
		{"a kind of data", "data delete catal\t-n", "Delete"},
		{"an option completed", "option services.openssh.ena\t", "services.openssh.enable"},
		{"pasted", "\x1b[200~gener\x1b[201~ations", "3 is current"},
	} {
		t.Log(test.what)
		s.says(test.keys, test.shown)
	}
	s.typed("switch-generation \t")
	s.expect("3 2 1")
	s.expect("switch-generation ")
	s.typed("\x03")
	s.expect("ask-nix> ")
	s.says("\x1b[A\x1b[B\x1b[A\x1b[A", "services.openssh.enable")
	s.typed("quit\r")
	if status := s.leaves(); status != 0 {
		t.Errorf("quit gives status %d", status)
	}
}

// TestPromptPaste: an error of several lines that is pasted is one sentence.
func TestPromptPaste(t *testing.T) {
	t.Parallel()
	s, _ := atPrompt(t, 80)
	s.typed("\x1b[200~error:\r\n       … while evaluating\r\n       error: undefined variable 'pkg'\r\n       at /etc/nixos/configuration.nix:3:5:\r\n\x1b[201~")
	s.expect("[paste 1, 4 lines]")
	s.says("", "pkg")
	s.says("generations", "3 is current")
	if strings.Contains(s.screen, "did not understand") {
		t.Errorf("a line was taken for itself:\n%s", s.screen)
	}
}

// TestPromptHistory: what is said is kept for the next conversation, but for what is not
// to be.
func TestPromptHistory(t *testing.T) {
	t.Parallel()
	s, nix := atPrompt(t, 80)
	s.says("generations", "3 is current")
	s.says("generations", "3 is current")
	s.says(" system", "NixOS")
	s.says("why?", "That is show-system")
	s.typed("\x04")
	s.leaves()
	files, err := filepath.Glob(filepath.Join(nix.Home, ".local/state/luminous-nix/conversation"))
	if err != nil || len(files) == 0 {
		files, err = filepath.Glob(filepath.Join(nix.Root, "var/lib/luminous-nix/conversation"))
	}
	if err != nil || len(files) != 1 {
		t.Fatalf("where is what was said? %v %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has mode %v, %v", info.Mode(), err)
	}
	if said := string(content); strings.Count(said, "\n") != 2 || !strings.Contains(said, `"said":"why?"`) || strings.Contains(said, "system") {
		t.Errorf("this is kept:\n%s", said)
	}

	s = talk(t, nix.Command(t.Context(), binary), 80)
	s.says("\x1b[A\x1b[A", "3 is current")
	s.typed("conversation --delete\r")
	s.expect("Do this? [y/N] ")
	s.says("y", "is deleted")
	s.typed("\x04")
	s.leaves()
	if _, err := os.Stat(files[0]); !os.IsNotExist(err) {
		t.Errorf("it is there after it was deleted: %v", err)
	}

	cmd := nix.Command(t.Context(), binary)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_CONVERSATION_HISTORY=off")
	s = talk(t, cmd, 80)
	s.says("generations", "3 is current")
	s.says("\x1b[A", "3 is current")
	s.typed("\x04")
	s.leaves()
	if _, err := os.Stat(files[0]); !os.IsNotExist(err) {
		t.Errorf("something was kept although that is switched off: %v", err)
	}
}

// TestPromptNarrow: nothing of the conversation is wider than a narrow terminal, and
// without colours there are no codes for them.
func TestPromptNarrow(t *testing.T) {
	t.Parallel()
	s, _ := atPrompt(t, 40)
	s.says("the second one", "There is nothing to choose from.")
	s.says("more", "There is no list that goes on.")
	s.says("do it", "There is no plan")
	if err := unix.IoctlSetWinsize(int(s.person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: 100}); err != nil {
		t.Fatal(err)
	}
	s.says("do it", "Ask for something first; what changes the machine shows its plan")
	s.typed("\x04")
	s.leaves()
	narrow, _, _ := strings.Cut(s.screen, "do it\r\n\x1b[?2004lThere is no plan to carry out. Ask for something")
	if narrow == s.screen {
		t.Errorf("that it is wider now is not noticed:\n%s", narrow)
	}
	for line := range strings.Lines(narrow) {
		line = strings.NewReplacer("\x1b[?2004h", "", "\x1b[?2004l", "", "\r", "", "\n", "", "\x1b[9D\x1b[K", "").Replace(line)
		if n := len([]rune(line)); n > 40 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if code := regexp.MustCompile("\x1b\\[[0-9;]*m").FindString(s.screen); code != "" {
		t.Errorf("there is a colour, %q", code)
	}
}

// TestPromptDumb: a terminal that can only show text has no line editor.
func TestPromptDumb(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "/usr/bin/env", "TERM=dumb", binary)
	cmd.Env, cmd.Dir = nix.Command(t.Context(), binary).Env, nix.Home
	s := talk(t, cmd, 80)
	s.typed("generations\n")
	s.expect("3 is current")
	s.expect("ask-nix> ")
	s.typed("the first one\n")
	s.expect("generation 3 of")
	s.expect("ask-nix> ")
	s.typed("\x04")
	if status := s.leaves(); status != 0 || strings.Contains(s.screen, "\x1b") {
		t.Errorf("status %d\n%q", status, s.screen)
	}
}

// TestPromptEnded: who ends it from outside gets the terminal back as it was.
func TestPromptEnded(t *testing.T) {
	t.Parallel()
	s, _ := atPrompt(t, 80)
	s.says("generations", "3 is current")
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.expect("\x1b[?2004l")
	if status := s.leaves(); status != 130 {
		t.Errorf("status %d", status)
	}
}

// TestPromptBrief: a correction is asked about also where the request itself is not.
func TestPromptBrief(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	s := talk(t, nix.Command(t.Context(), binary, "--persona", "brief"), 80)
	s.says("pin 1")
	s.says("pin 1 --name first")
	s.typed("undo that\r")
	s.expect("Do this? [y/N] ")
	s.says("y", "Generation 1 is pinned")
	s.says("pin 2")
	s.says("unpin 1", "Generation 1 is not pinned")
	s.typed("no, I meant 2\r")
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	s.typed("again\r")
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	s.says("pins", "One generation is pinned")
	letter := "u"
	if os.Geteuid() == 0 {
		letter = "s"
	}
	s.typed("undo \t\t") // what can be taken back: 3 was already
	s.expect(letter + "9 " + letter + "7 " + letter + "5 " + letter + "1")
}

// TestPromptTabInterrupt: Ctrl-C ends what Tab looks up, and nothing else.
func TestPromptTabInterrupt(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	bin, began := t.TempDir(), filepath.Join(t.TempDir(), "began")
	if err := os.WriteFile(filepath.Join(bin, "nix-env"), []byte("#!/bin/sh\n: >"+began+"\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := nix.Command(t.Context(), binary)
	for i, value := range cmd.Env {
		if path, ok := strings.CutPrefix(value, "PATH="); ok {
			cmd.Env[i] = "PATH=" + bin + ":" + path
		}
	}
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_BACKEND=command")
	s := talk(t, cmd, 80)
	s.typed("switch-generation \t")
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, err := os.Stat(began); err == nil {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("Tab looks nothing up:\n%s", s.screen)
		}
	}
	s.typed("\x03")
	s.typed("9\x15help\r")
	s.expect("switch-generation 9")
	s.expect("ask-nix> ")
	s.typed("\x04")
	if status := s.leaves(); status != 0 {
		t.Errorf("status %d\n%s", status, s.screen)
	}
}
