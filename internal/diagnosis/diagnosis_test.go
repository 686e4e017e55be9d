package diagnosis_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/operation"
)

// message is one of testdata: what a program printed, and the shape that it has.
type message struct{ id, source, text string }

func messages(t *testing.T, file string) []message {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var all []message
	for _, record := range strings.Split("\n"+string(content), "\n== ")[1:] {
		head, text, _ := strings.Cut(record, "\n")
		id, source, _ := strings.Cut(head, " | ")
		all = append(all, message{id, source, text})
	}
	if len(all) < 10 {
		t.Fatalf("%s has only %d messages", file, len(all))
	}
	return all
}

// TestMessages explains what releases of Nix, trees of nixpkgs and systemd really
// printed, which TestRealNixErrors, TestNixpkgsErrors and TestHostErrors have recorded,
// and what others have reported: each shape has at least one message.
func TestMessages(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, file := range []string{"testdata/real.txt", "testdata/nixos.txt", "testdata/hosts.txt", "testdata/known.txt"} {
		for _, m := range messages(t, file) {
			seen[m.id]++
			e := diagnosis.Explain(m.text)
			if e.ID != m.id || !e.Known {
				t.Errorf("%s, %s:\n%s\nis taken for %q", m.id, m.source, m.text, e.ID)
				continue
			}
			if e.What == "" || e.Cause == "" || len(e.Fixes) == 0 || e.Error == "" {
				t.Errorf("%s, %s:\n%s\nis explained by half: %+v", m.id, m.source, m.text, e)
			}
		}
	}
	for _, s := range diagnosis.Shapes() {
		if seen[s.ID] == 0 {
			t.Errorf("%s has no message that shows it", s.ID)
		}
		delete(seen, s.ID)
	}
	for id := range seen {
		t.Errorf("there is no shape %s", id)
	}
	if n := len(diagnosis.Shapes()); n < 40 {
		t.Errorf("only %d shapes", n)
	}
}

func TestShapesAreUnique(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, s := range diagnosis.Shapes() {
		if ids[s.ID] || s.Subject == "" {
			t.Errorf("%q is there twice, or without subject", s.ID)
		}
		ids[s.ID] = true
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	got := diagnosis.Explain("error: Package ‘unrar-6.2’ in /x/default.nix:12 has an unfree license (‘unfree’), refusing to evaluate.")
	want := operation.Explanation{
		Known: true, ID: "unfree", Subject: "package",
		Error: "error: Package 'unrar-6.2' in /x/default.nix:12 has an unfree license ('unfree'), refusing to evaluate.",
		What:  "unrar is not free software, so it is not used unless you allow it.",
		Cause: "nixpkgs uses only free software unless told otherwise.",
		Fixes: []operation.Fix{
			{Line: `nixpkgs.config.allowUnfreePredicate = pkg: builtins.elem (lib.getName pkg) [ "unrar" ];`, Say: "allows only this one"},
			{Line: "nixpkgs.config.allowUnfree = true;", Say: "allows all"},
			{Say: "For a single command: NIXPKGS_ALLOW_UNFREE=1, and --impure with flakes."},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestUnknown shows the line that tells most of an error that nobody knows, and guesses
// nothing.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "",
		"error:\n       … while calling the 'head' builtin\n         at /x.nix:1:2:\n\n       error: the tulips are sad": "error: the tulips are sad",
		"error: the tulips are sad\n\n       at /x.nix:1:1:\n\n            1| throw\n             | ^":                   "error: the tulips are sad",
		"one\ncould not water\nthree":     "could not water",
		"it rains":                        "it rains",
		"warning: dry\nerror: no water":   "error: no water",
		"\x1b[31merror:\x1b[0m \x1b[1mx ": "error: x",
	} {
		want := operation.Explanation{Error: want, Fixes: []operation.Fix{}}
		if diff := cmp.Diff(want, diagnosis.Explain(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

// TestWithoutQuotes explains what somebody typed, or a shell has taken the quotes from.
func TestWithoutQuotes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"undefined variable pkgss":                         "Nothing is called pkgss at that place.",
		"error: attribute htop missing":                    "There is no htop in that set.",
		"The option services.sshd does not exist":          "There is no option services.sshd.",
		"Package unrar-6.2 in /x has an unfree license":    "unrar is not free software, so it is not used unless you allow it.",
		"experimental Nix feature nix-command is disabled": "nix-command is not switched on.",
		"the moon is missing":                              "",
		"why does my computer say no":                      "",
		"cannot open the door":                             "",
	} {
		if got := diagnosis.Explain(text).What; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestWarningsComeLast has an error explained, not the warning before it.
func TestWarningsComeLast(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"warning: unknown setting 'x'\nerror: undefined variable 'y'":                                                     "undefined-variable",
		"warning: error: unable to download 'u': Couldn't connect to server (7); retrying\nerror: undefined variable 'y'": "undefined-variable",
		"warning: unknown setting 'x'": "unknown-setting",
		"building...\nerror: builder for '/s/x.drv' failed with exit code 1;\n       > cp: No space left on device": "no-space",
	} {
		if got := diagnosis.Explain(text).ID; got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
}

// TestCommandsAreHarmless fills no command with what a shell would take for more than a
// word.
func TestCommandsAreHarmless(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"$(reboot)", ";reboot", "-rf", "a|b", "*", "~", ">x"} {
		e := diagnosis.Explain("error: undefined variable '" + name + "'")
		if e.ID != "undefined-variable" {
			t.Errorf("%q is taken for %q", name, e.ID)
		}
		for _, fix := range e.Fixes {
			if strings.Contains(fix.Command, name) {
				t.Errorf("%q is in the command %q", name, fix.Command)
			}
		}
	}
}

// TestLongTextsAreQuick bounds what a hostile text can cost.
func TestLongTextsAreQuick(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"'", "error: '", "Package '", "a path '/nix/store/x' ", "\n", "{", "attribute 'x' "} {
		start := time.Now()
		diagnosis.Explain(strings.Repeat(piece, 1<<20/len(piece)))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q again and again takes %v", piece, took)
		}
	}
}

func FuzzExplain(f *testing.F) {
	f.Add("error: attribute 'x' missing")
	f.Add("Job for x failed ' in {}")
	f.Fuzz(func(t *testing.T, text string) {
		e := diagnosis.Explain(text)
		if e.Known != (e.ID != "") || e.Known && e.Cause == "" {
			t.Errorf("%+v", e)
		}
	})
}

func BenchmarkExplain(b *testing.B) {
	text := strings.Repeat("building something that says very little on this line\n", 200) +
		"error: builder for '/nix/store/00000000000000000000000000000000-rose.drv' failed with exit code 3;\n"
	for b.Loop() {
		diagnosis.Explain(text)
	}
}

func BenchmarkRead(b *testing.B) {
	for b.Loop() {
		diagnosis.Reread()
	}
}
