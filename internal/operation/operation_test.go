package operation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

func code(err error) operation.Code {
	var typed *operation.Error
	if errors.As(err, &typed) {
		return typed.Code
	}
	return ""
}

func TestNames(t *testing.T) {
	t.Parallel()
	const refused, usage = operation.CodeRefused, operation.CodeUsage
	parse := map[string]func(string) error{
		"package":    func(s string) error { _, err := operation.ParsePackageName(s); return err },
		"profile":    func(s string) error { _, err := operation.ParseProfileName(s); return err },
		"generation": func(s string) error { _, err := operation.ParseGenerationNumber(s); return err },
		"option":     func(s string) error { _, err := operation.ParseOptionPath(s); return err },
		"query":      func(s string) error { _, err := operation.ParseQuery(s); return err },
		"date":       func(s string) error { _, err := operation.ParseDate(s); return err },
		"scope":      func(s string) error { _, err := operation.ParseScope(s); return err },
	}
	for _, test := range []struct {
		kind, text string
		want       operation.Code
	}{
		{"package", "firefox", ""},
		{"package", "gtk+3", ""},
		{"package", "python3Packages.numpy", ""},
		{"package", "0ad", ""},
		{"package", "_7zz", ""},
		{"package", "", usage},
		{"package", "-rf", refused},
		{"package", "a b", refused},
		{"package", "a;b", refused},
		{"package", "../x", refused},
		{"package", "a..b", refused},
		{"package", "a.", refused},
		{"package", "$(id)", refused},
		{"package", "fіrefox", refused}, // a Cyrillic letter
		{"package", "fire\u200bfox", refused},
		{"package", "\x1b[31m", refused},
		{"package", strings.Repeat("a", 129), refused},
		{"profile", "work-box_2", ""},
		{"profile", "a/b", refused},
		{"profile", ".hidden", refused},
		{"generation", "42", ""},
		{"generation", "0", usage},
		{"generation", "-1", usage},
		{"generation", "4294967296", usage},
		{"option", "services.openssh.enable", ""},
		{"option", `users.users."max m".shell`, ""},
		{"option", "fileSystems.<name>.device", ""},
		{"option", `a."`, refused},
		{"option", "a..b", refused},
		{"option", "a.${b}", refused},
		{"query", "something to draw with, for my kid!", ""},
		{"query", "c++", ""},
		{"query", "éditeur vidéo", ""},
		{"query", "a && b", refused},
		{"query", "a`b`", refused},
		{"query", "a\nb", refused},
		{"query", "a\u202eb", refused},
		{"date", "2025-02-28", ""},
		{"date", "2025-02-30", usage},
		{"scope", "user", ""},
		{"scope", "galaxy", usage},
	} {
		err := parse[test.kind](test.text)
		if (err == nil) != (test.want == "") || code(err) != test.want {
			t.Errorf("%s %q: %v, want %q", test.kind, test.text, err, test.want)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == '\u202e' || r == '\u200b' }) {
			t.Errorf("%s %q: the error itself deceives: %q", test.kind, test.text, err)
		}
	}
}

// TestText: text that is shown is printable; only an error may be as it was printed.
func TestText(t *testing.T) {
	t.Parallel()
	for name, want := range map[operation.Name]operation.Code{
		operation.ExplainError: "", operation.Rollback: operation.CodeRefused, operation.AnswerQuestion: operation.CodeRefused,
	} {
		err := operation.New(name, operation.Arguments{Text: "a\x1b[31m\nb"}).Validate()
		if got := code(err); got != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestSpecs(t *testing.T) {
	t.Parallel()
	seen := map[operation.Name]bool{}
	for _, spec := range operation.All() {
		if seen[spec.Name] || spec.Summary == "" || spec.Example == "" || spec.Risk == "" || spec.Privilege == "" {
			t.Errorf("%+v is incomplete or there twice", spec)
		}
		seen[spec.Name] = true
		if !spec.Changing && spec.Risk != operation.Safe {
			t.Errorf("%s changes nothing and yet is %s", spec.Name, spec.Risk)
		}
	}
	for _, name := range []operation.Name{operation.ClearCache, operation.BuildSystem, operation.VerifyStore, operation.UpdateCatalog} {
		if spec, _ := operation.Lookup(name); spec.Asks() {
			t.Errorf("%s asks", name)
		}
	}
	if len(seen) != 54 {
		t.Errorf("%d operations; the contract has 54", len(seen))
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	want := map[operation.Code]int{
		"": 0, operation.CodeFailed: 1, operation.CodeNotAvailable: 1, operation.CodeUsage: 2, operation.CodeNotUnderstood: 2,
		operation.CodeAmbiguous: 2, operation.CodePermission: 3, operation.CodeNotFound: 4, operation.CodeNetwork: 5,
		operation.CodeConfiguration: 6, operation.CodeDeclined: 7, operation.CodeRefused: 8, operation.CodeInterrupted: 130,
	}
	for c, status := range want {
		if got := c.ExitCode(); got != status {
			t.Errorf("%q: %d, want %d", c, got, status)
		}
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	t.Parallel()
	err := operation.Errorf(operation.CodePermission, "reading: %w", fs.ErrPermission).WithHint("sudo")
	wrapped := fmt.Errorf("outer: %w", err)
	if !errors.Is(wrapped, fs.ErrPermission) || operation.AsError(wrapped) != err {
		t.Errorf("%v lost its cause", wrapped)
	}
}

func TestResultJSON(t *testing.T) {
	t.Parallel()
	result := operation.Result{
		Operation: operation.New(operation.Rollback, operation.Arguments{Steps: 1}),
		Message:   "nothing was changed",
		Plan:      &operation.Plan{Summary: "Go back", Risk: operation.Reversible, Steps: []operation.Step{}},
		Err:       operation.Errorf(operation.CodeDeclined, "nothing was changed").WithHint("--yes"),
		Backend:   "native",
	}
	got, err := json.Marshal(result)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schema":1,"operation":"rollback","arguments":{"steps":1},"success":false,"message":"nothing was changed",` +
		`"plan":{"summary":"Go back","risk":"reversible","steps":[]},` +
		`"error":{"code":"declined","message":"nothing was changed","hint":"--yes"},` +
		`"suggestions":[],"cached":false,"backend":"native","backendReason":"","durationMs":0}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestShownURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://rose:secret@example.org/a/b?c=d": "https://example.org/a/b?c=d",
		"http://rose@127.0.0.1:9":                 "http://127.0.0.1:9",
		"https://a@b:c@example.org/":              "https://example.org",
		"https://example.org/a@b":                 "https://example.org/a@b",
		"/a/file@2":                               "/a/file@2",
		"true":                                    "true",
	} {
		if got := operation.ShownURL(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
