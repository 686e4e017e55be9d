package cli_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/persona"
	"luminousnix/internal/testbed"
)

var update = flag.Bool("update", false, "write the table of docs/personas.md anew")

// requests are operations of all kinds, whose answers change nothing.
var requests = [...]string{
	"generations", "diff 2 3", "search editor --limit 5", "options firewall --limit 3", "info vim", "option services.openssh.enable",
	"installed", "which readelf", "why-depends openssl", "catalog list", "disk", "system", "config", "check", "errors",
	"why error:\u00a0undefined\u00a0variable\u00a0'x'", "health", "metrics", "cache stats", "history", "ask flake", "ask", "pins", "jobs", "help",
	"rollback --dry-run", "switch-generation 1 --dry-run", "clean-up --keep 1 --older-than 1 --dry-run", "collect-garbage --dry-run",
	"delete-generations 1 --dry-run", "install git --dry-run", "set networking.hostName rose --dry-run", "switch --dry-run", "build --dry-run",
	"verify --dry-run", "rollback", "info nosuchthing", "rollback -p user", "make me a sandwich", "settings", "undo", "--explain show my generations",
}

// answered is what a request has written, and its exit status.
type answered struct {
	all    string
	status int
}

// askBed has a machine answer a request. all is both streams as they come.
func askBed(t *testing.T, nix *testbed.Nix, args ...string) answered {
	t.Helper()
	return askStreams(t, nix, true, args)
}

func askStreams(t *testing.T, nix *testbed.Nix, both bool, args []string) answered {
	t.Helper()
	cmd := nix.Command(t.Context(), binary, args...)
	cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1", "TZ=UTC")
	var all bytes.Buffer
	cmd.Stdout = &all
	if both {
		cmd.Stderr = &all
	} else {
		cmd.Stderr = nil
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return answered{all.String(), cmd.ProcessState.ExitCode()}
}

func words(request string) []string {
	args := strings.Split(request, " ")
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "\u00a0", " ")
	}
	return args
}

// TestPersonas asks all requests in all personas on a real machine, and looks whether each
// keeps to its rules. Exit status and JSON are the same in all.
func TestPersonas(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	askBed(t, nix, "search", "vim") // makes the index
	for _, request := range requests {
		args := words(request)
		usual := askBed(t, nix, args...)
		object := sameJSON(askStreams(t, nix, false, append(args, "--json", "--no-cache")).all)
		for _, name := range persona.Names() {
			got := askBed(t, nix, append(args, "--persona", name)...)
			if got.status != usual.status || got.all == "" {
				t.Errorf("%s, %s: exit status %d, want %d\n%s", request, name, got.status, usual.status, got.all)
			}
			if name == persona.Brief {
				got.all = askStreams(t, nix, false, append(args, "--persona", name)).all // the answer alone
			}
			for _, broken := range brokenRules(name, request, got) {
				t.Errorf("%s, %s: %s\n%s", request, name, broken, got.all)
			}
			if request == "metrics" || request == "settings" {
				continue // these tell of the requests and of the persona
			}
			if diff := cmp.Diff(object, sameJSON(askStreams(t, nix, false, append(args, "--json", "--no-cache", "--persona", name)).all)); diff != "" {
				t.Errorf("%s, %s: JSON: %s", request, name, diff)
			}
		}
	}
}

// sameJSON leaves out what differs from run to run.
func sameJSON(text string) string {
	return regexp.MustCompile(`("(duration|evaluation)Ms":)[0-9.e-]+|"(free|used|entries|bytes)":[0-9]+|[0-9.]+ [KMGT]iB free|[0-9]{8}T[0-9]{6}\.[0-9]+`).ReplaceAllString(text, "")
}

// brokenRules are the rules of a persona that an answer does not keep to.
func brokenRules(name, request string, got answered) (broken []string) {
	switch name {
	case persona.Plain:
		if explained := request != "--explain show my generations" && request != "settings"; explained {
			broken = append(broken, missing(got.all, "What happened:", "Why it matters:", "What next:")...)
		}
		broken = append(broken, unexplained(got.all)...)
	case persona.Brief:
		if lines := strings.Count(got.all, "\n"); lines > 1 && request != "settings" && !strings.HasPrefix(request, "--explain") {
			broken = append(broken, fmt.Sprintf("%d lines", lines))
		}
	case persona.Technical:
		if got.status == 0 && request != "settings" && !strings.HasPrefix(request, "--explain") {
			broken = append(broken, missing(got.all, "equivalent  ", "backend     ", "took        ")...)
		}
	case persona.ScreenReader:
		broken = append(broken, notSpoken(got.all)...)
	case persona.Calm:
		lines := strings.Split(strings.TrimSpace(got.all), "\n")
		last := lines[len(lines)-1]
		shape := regexp.MustCompile(`^(Finished|Not finished): [a-z-]+\. Changed: [^.]+\. To take it back: .+\. Next: .+\.$`)
		if request != "settings" && request != "make me a sandwich" && !strings.HasPrefix(request, "--explain") && !shape.MatchString(last) {
			broken = append(broken, "its last line is "+last)
		}
	}
	if strings.Contains(got.all, "\x1b") {
		broken = append(broken, "it has control characters")
	}
	return broken
}

func missing(text string, parts ...string) (broken []string) {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			broken = append(broken, fmt.Sprintf("it does not say %q", part))
		}
	}
	return broken
}

// notSpoken finds what a screen reader reads badly.
func notSpoken(text string) (broken []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.Contains(line, "  ") || strings.TrimSpace(line) != line {
			broken = append(broken, fmt.Sprintf("spaces in %q", line))
		}
		if regexp.MustCompile(`^[-+~>*] `).MatchString(line) {
			broken = append(broken, fmt.Sprintf("a sign before %q", line))
		}
		for _, r := range line {
			if r < ' ' || r == 0x7f || r > 0x7f && !unicode.IsLetter(r) {
				broken = append(broken, fmt.Sprintf("%q in %q", r, line))
			}
		}
	}
	return broken
}

// jargon are words that plain says only with their meaning.
var jargon = [...]string{
	"store paths?", "derivations?", "closures?", "generations?", "profiles?", "toplevels?", "daemon", "channels?", "flakes?",
	"evaluat(?:e|es|ed|ing|ion)", "activat(?:e|es|ed|ion)", "kernel", "initrd", "specialisations?", "garbage(?: collector)?", "nixpkgs", "units?",
	"home-manager", "nix-env", "boot loader", "backend", "configuration", "catalogues?",
}

// unexplained are the words of jargon that come without a meaning first. What is within
// commands, names, lines of a diff and paths does not count.
func unexplained(text string) (broken []string) {
	text = regexp.MustCompile("(?m)^  ([-+@]| {3}).*$").ReplaceAllString(text, "")
	text = regexp.MustCompile("`[^`]*`").ReplaceAllString(text, "``")
	text = regexp.MustCompile(`ask-nix .*`).ReplaceAllString(text, "ask-nix")
	if hash := regexp.MustCompile(`[0-9abcdfghijklmnpqrsvwxyz]{32}-`).FindString(text); hash != "" {
		broken = append(broken, "the hash "+hash)
	}
	running := strings.Join(strings.Fields(text), " ")
	for _, word := range jargon {
		first := regexp.MustCompile(`(?i)(?:^|[ ("])` + word + `(?:[ ,.:;)"?]|$)`).FindStringIndex(running)
		if first == nil {
			continue
		}
		meant := regexp.MustCompile(`(?i)^.?`+word+`( [0-9]+)? \(`).MatchString(running[first[0]:]) ||
			regexp.MustCompile(`(?im)^  `+word+`: [a-z]`).MatchString(text)
		if !meant {
			broken = append(broken, fmt.Sprintf("%q is not explained in …%s", word, running[first[0]:min(len(running), first[1]+40)]))
		}
	}
	return broken
}

// TestOneOperationInAllPersonas makes a change in each persona, and compares what is said
// with the table of docs/personas.md, which -update writes.
func TestOneOperationInAllPersonas(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if first := askBed(t, nix, "install", "git", "--yes"); first.status != 0 {
		t.Fatal(first.all)
	}
	back := func() {
		t.Helper()
		for _, request := range []string{"switch-generation 1 -p user --yes", "delete-generations 2 -p user --yes"} {
			if done := askBed(t, nix, words(request)...); done.status != 0 {
				t.Fatal(done.all)
			}
		}
	}
	askBed(t, nix, "install", "nano", "--yes") // builds it
	back()
	var b strings.Builder
	b.WriteString("<table>\n<tr><th>persona</th><th>what is said</th></tr>\n")
	for _, name := range persona.Names() {
		got := askBed(t, nix, "install", "nano", "--yes", "--persona", name)
		if lines := strings.Count(got.all, "\n"); got.status != 0 || name == persona.Brief && lines != 1 {
			t.Fatalf("%s: exit status %d, %d lines\n%s", name, got.status, lines, got.all)
		}
		said := html.EscapeString(anywhere(nix, got.all))
		said = strings.ReplaceAll(said, "\n\n", "\n&nbsp;\n") // an empty line would end the table
		fmt.Fprintf(&b, "<tr><td>%s</td><td><pre>\n%s</pre></td></tr>\n", name, said)
		back()
	}
	b.WriteString("</table>\n")
	compareTable(t, filepath.Join("..", "..", "docs", "personas.md"), b.String())
}

// anywhere makes of what a machine says what any machine says.
func anywhere(nix *testbed.Nix, text string) string {
	text = strings.ReplaceAll(text, nix.Dir, "")
	text = regexp.MustCompile(`per-user/[^/]+`).ReplaceAllString(text, "per-user/rose")
	text = regexp.MustCompile(`[0-9.]+ [KMGT]iB free`).ReplaceAllString(text, "50.0 GiB free")
	return regexp.MustCompile(`[0-9]+\.[0-9] ms`).ReplaceAllString(text, "N ms")
}

// compareTable compares what stands between two comments of a file, or writes it.
func compareTable(t *testing.T, file, table string) {
	t.Helper()
	const begin, end = "<!-- table of personas: go test ./internal/cli -run TestOneOperationInAllPersonas -update -->\n", "<!-- end of the table -->\n"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(content), begin)
	old, after, whole := strings.Cut(rest, end)
	if !found || !whole {
		t.Fatalf("%s has no place for the table", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(old, table); diff != "" {
		t.Errorf("%s is not what is said; -update writes it: %s", file, diff)
	}
}

// TestQuestionsOfPersonas: brief asks no question where a line takes the change back, and
// asks as all others do where a system is activated, or something is gone afterwards.
func TestQuestionsOfPersonas(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"git", "nano"} {
		if got := askBed(t, nix, "install", name, "--yes"); got.status != 0 {
			t.Fatal(got.all)
		}
	}
	const asks, plainAsks, spokenAsks = "Do this? [y/N] ", "changes nothing: ", "n for no: "
	for _, test := range []struct {
		request, persona, question, typed string
		status                            int
		asked                             bool
	}{
		{"rollback -p user", "brief", asks, "", 0, false},
		{"remove git", "brief", asks, "n\n", 7, true}, // the system has it too, which is said
		{"remove git -p user", "brief", asks, "", 0, false},
		{"rollback", "brief", asks, "n\n", 7, true},
		{"clean-up --keep 1 --older-than 1", "brief", asks, "n\n", 7, true},
		{"delete-generations 1", "brief", asks, "n\n", 7, true},
		{"switch-generation 2", "brief", asks, "n\n", 7, true},
		{"rollback", "plain", plainAsks, "n\n", 7, true},
		{"rollback", "screen-reader", spokenAsks, "n\n", 7, true},
		{"rollback", "calm", asks, "n\n", 7, true},
		{"rollback", "technical", asks, "y\n", 0, true},
	} {
		cmd := nix.Command(t.Context(), binary, append(words(test.request), "--persona", test.persona)...)
		cmd.Env = append(cmd.Env, "LUMINOUS_NIX_ACTIVATE=never", "LUMINOUS_NIX_ALLOW_UNPRIVILEGED=1")
		screen, status := runAtTerminal(t, cmd, test.question, test.typed)
		if status != test.status || strings.Contains(screen, test.question) != test.asked {
			t.Errorf("%s, %s: status %d, want %d\n%s", test.request, test.persona, status, test.status, screen)
		}
		if !test.asked && strings.Count(screen, "\n") != 1 {
			t.Errorf("%s, %s: more than a line\n%s", test.request, test.persona, screen)
		}
	}
}

// TestPromptPersonas: at the prompt each line is answered in the persona of the
// conversation, or in that of the line.
func TestPromptPersonas(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.Populate(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	s := talk(t, nix.Command(t.Context(), binary, "--persona", "calm"), 80)
	s.says("list my generations", "Finished: list-generations. Changed: nothing.")
	s.says("generations --persona brief", "3 generations of the system; 3 is current.")
	s.says("generations --persona terse", `"terse" is none of standard, plain, brief`)
	s.says("make me a sandwich", "ask-nix:")
	s.typed("rollback --persona plain\r")
	s.expect("What I am going to do: Go back from generation 3 (a saved state")
	s.expect("changes nothing: ")
	s.says("n", "Why it matters: Nothing is changed without a clear yes.")
	s.typed("rollback --persona brief\r")
	s.expect("Do this? [y/N] ")
	s.says("n", "nothing was changed")
	s.typed("\x04")
	if status := s.leaves(); status != 0 {
		t.Errorf("status %d", status)
	}

	s = talk(t, nix.Command(t.Context(), binary, "--persona", "screen-reader"), 80)
	s.typed("generations\n")
	s.expect("Generation 3: date ")
	s.expect("ask-nix> ")
	s.typed("search editor --limit 2\n")
	s.expect("Number 1: name ")
	s.expect("ask-nix> ")
	s.typed("\x04")
	if status := s.leaves(); status != 0 || strings.Contains(s.screen, "\x1b") {
		t.Errorf("status %d\n%q", status, s.screen)
	}
}
