package cli_test

import (
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"luminousnix/internal/operation"
)

// TestRefusalsTeach: what is wrong or hostile is refused with the part that is, quoted so
// that it cannot deceive, with a reason, and with something to type that ask-nix takes.
func TestRefusalsTeach(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 200)
	for _, test := range []struct {
		args   []string
		status int
		part   string // of the message
		reason string // of the message
		hint   string // what to type, "" whatever is taken
	}{
		{[]string{"install", "firefox;rm -rf /"}, 8, `"firefox;rm"`, `may not contain ";"`, "ask-nix install firefox"},
		{[]string{"install", "firefox", "&&", "rm", "-r"}, 2, `'r'`, "unknown", "ask-nix install --help"},
		{[]string{"install", "firefox", "&&", "reboot"}, 8, `"&&"`, `may not contain "&"`, "ask-nix install firefox"},
		{[]string{"install", "../../etc/passwd"}, 8, `"../../etc/passwd"`, `may not begin with "."`, "ask-nix install firefox"},
		{[]string{"install", "/etc/shadow"}, 8, `"/etc/shadow"`, `may not contain "/"`, ""},
		{[]string{"install", "$HOME"}, 8, `"$HOME"`, `may not contain "$"`, ""},
		{[]string{"install", "$(id)"}, 8, `"$(id)"`, `may not contain "$"`, ""},
		{[]string{"install", "`id`"}, 8, "\"`id`\"", "may not contain \"`\"", ""},
		{[]string{"install", "${builtins.exec}"}, 8, `"${builtins.exec}"`, `may not contain "$"`, ""},
		{[]string{"install", "vim${pkgs.evil}"}, 8, `"vim${pkgs.evil}"`, `may not contain "$"`, "ask-nix install vim"},
		{[]string{"install", "fire\u200bfox"}, 8, `"fire\u200bfox"`, "invisible character U+200B", "ask-nix install firefox"},
		{[]string{"install", "fire\u202efox"}, 8, `"fire\u202efox"`, "invisible character U+202E", "ask-nix install firefox"},
		{[]string{"install", "fіrefox"}, 8, `"fіrefox"`, "U+0456 and none of the letters a to z", ""},
		{[]string{"install", "ｆirefox"}, 8, `"ｆirefox"`, "U+FF46", ""},
		{[]string{"install", "fire\x1b[2Jfox"}, 8, `"fire\x1b[2Jfox"`, "U+001B", "ask-nix install fire"},
		{[]string{"install", "vim\nhtop"}, 8, `"vim\nhtop"`, "a line break", "ask-nix install vim"},
		{[]string{"install", "\xff\xfe"}, 8, `"\xff\xfe"`, "not UTF-8", ""},
		{[]string{"install", long}, 8, `"xxxxxxxx`, "longer than 128", ""},
		{[]string{"install", "."}, 8, `"."`, `may not begin with "."`, ""},
		{[]string{"install", "a..b"}, 8, `"a..b"`, "between two dots", ""},
		{[]string{"install", "python3Packages.a b;"}, 8, `"b;"`, `may not contain ";"`, "ask-nix install python3Packages.a"},
		{[]string{"install", "vim|sh"}, 8, `"vim|sh"`, `may not contain "|"`, "ask-nix install vim"},
		{[]string{"install"}, 2, "install", "needs one or more package names", "ask-nix install firefox"},
		{[]string{"install", ""}, 2, "install", "needs one or more package names", "ask-nix install firefox"},
		{[]string{"install", "-rf"}, 2, "-rf", "unknown", "ask-nix install --help"},
		{[]string{"install", "--now", "vim"}, 2, "--now", "unknown flag", "ask-nix install --help"},
		{[]string{"remove", "foo", "bar;id"}, 8, `"bar;id"`, `may not contain ";"`, "ask-nix remove foo bar"},
		{[]string{"remove", "*"}, 8, `"*"`, `may not contain "*"`, "ask-nix remove firefox"},
		{[]string{"remove", "foo/../bar"}, 8, `"foo/../bar"`, `may not contain "/"`, "ask-nix remove foo"},
		{[]string{"remove", "~"}, 8, `"~"`, `may not contain "~"`, ""},
		{[]string{"remove"}, 2, "remove", "needs", "ask-nix remove firefox"},
		{[]string{"try", "htop>log"}, 8, `"htop>log"`, `may not contain ">"`, "ask-nix try htop"},
		{[]string{"try", "a&b"}, 8, `"a&b"`, `may not contain "&"`, "ask-nix try cowsay"},
		{[]string{"try", "hello", "{vim}"}, 8, `"{vim}"`, `may not contain "{"`, "ask-nix try hello"},
		{[]string{"info", "vim;id"}, 8, `"vim;id"`, `may not contain ";"`, "ask-nix info vim"},
		{[]string{"update", "vim;id"}, 8, `"vim;id"`, `may not contain ";"`, "ask-nix update vim"},
		{[]string{"update", "../x"}, 8, `"../x"`, `may not begin with "."`, "ask-nix update"},
		{[]string{"pin", "abc"}, 2, `"abc"`, "not a generation number", "ask-nix pin 41"},
		{[]string{"pin", "0"}, 2, `"0"`, "not a generation number", ""},
		{[]string{"pin", "99999999999999"}, 2, `"99999999999999"`, "not a generation number", ""},
		{[]string{"pin", "-3"}, 2, "-3", "unknown", "ask-nix pin --help"},
		{[]string{"pin", "12;id"}, 8, `"12;id"`, "not a generation number", "ask-nix pin 12"},
		{[]string{"pin", "$(id)"}, 8, `"$(id)"`, "not a generation number", "ask-nix pin 41"},
		{[]string{"pin", "3", "--name", "a\nb"}, 8, `"a\nb"`, "a line break", "ask-nix pin 3"},
		{[]string{"pin", "3", "--note", "a\x1b[2J"}, 8, `"a\x1b[2J"`, "U+001B", "ask-nix pin 3"},
		{[]string{"unpin", "x"}, 2, `"x"`, "not a generation number", "ask-nix unpin 41"},
		{[]string{"switch-generation", "../1"}, 8, `"../1"`, "not a generation number", "ask-nix switch-generation 41"},
		{[]string{"switch-generation", "newest\x1b[2J"}, 8, `"newest\x1b[2J"`, "not a generation number", ""},
		{[]string{"delete-generations", "all"}, 2, `"all"`, "not a generation number", "ask-nix delete-generations 12 13"},
		{[]string{"delete-generations", "12", "13|sh"}, 8, `"13|sh"`, "not a generation number", "ask-nix delete-generations 12 13"},
		{[]string{"delete-generations", "*"}, 2, `"*"`, "not a generation number", ""},
		{[]string{"diff", "41", "x"}, 2, `"x"`, "not a generation number", "ask-nix diff 41"},
		{[]string{"diff", "1", "2", "3"}, 2, `"3"`, "one generation too many", ""},
		{[]string{"set", "services.$(id).enable", "true"}, 8, `"services.$(id).enable"`, `may not contain "$"`, "ask-nix set services.openssh.enable true"},
		{[]string{"set", "services..foo", "true"}, 8, `"services..foo"`, `may not contain "."`, ""},
		{[]string{"set", `services."foo`, "true"}, 8, `services.\"foo`, "not complete", ""},
		{[]string{"set", "a.b;c", "1"}, 8, `"a.b;c"`, `may not contain ";"`, ""},
		{[]string{"set", "services.ніx.enable", "true"}, 8, `"services.ніx.enable"`, "U+043D", ""},
		{[]string{"set", "networking.hostName", "a\x1b]0;b"}, 8, `"a\x1b]0;b"`, "U+001B", ""},
		{[]string{"info"}, 2, "info", "needs the name of a package or option", "ask-nix info python"},
		{[]string{"settings", "all"}, 2, `"all"`, "of no use to it", "ask-nix settings"},
		{[]string{"undo", "--entry", "x"}, 2, `undo: "x"`, "not the number of a change", "ask-nix undo"},
		{[]string{"undo", "1", "2"}, 2, "undo: it", "takes one number", ""},
		{[]string{"set"}, 2, "set", "needs the path of an option and a value", ""},
		{[]string{"option", "x$y"}, 8, `"x$y"`, `may not contain "$"`, "ask-nix option services.openssh.enable"},
		{[]string{"option", "../x"}, 8, `"../x"`, `may not contain "."`, ""},
		{[]string{"which", "../x"}, 8, `"../x"`, `may not begin with "."`, ""},
		{[]string{"which", "readelf;id"}, 8, `"readelf;id"`, `may not contain ";"`, "ask-nix which readelf"},
		{[]string{"why-depends", "openssl;id"}, 8, `"openssl;id"`, `may not contain ";"`, "ask-nix why-depends openssl"},
		{[]string{"attach", "job;id"}, 8, `"job;id"`, `cannot be used as a job`, "ask-nix attach job"},
		{[]string{"cancel", "../job"}, 8, `"../job"`, `cannot be used as a job`, "ask-nix cancel ID"},
		{[]string{"search", "$(id)"}, 8, `"$(id)"`, "means something to a shell", ""},
		{[]string{"search", "editor && id"}, 8, `"editor && id"`, "means something to a shell", ""},
		{[]string{"search", "edi\u202etor"}, 8, `"edi\u202etor"`, "U+202E", "ask-nix search editor"},
		{[]string{"options", "`x`"}, 8, "\"`x`\"", "means something to a shell", ""},
		{[]string{"installed", "$(x)"}, 8, `"$(x)"`, "means something to a shell", ""},
		{[]string{"rollback", "--to", "abc"}, 2, `"abc"`, "a whole number", "ask-nix rollback --to=2"},
		{[]string{"rollback", "--to", "a\x1b[2J"}, 2, `"a\x1b[2J"`, "a whole number", ""},
		{[]string{"rollback", "--to", "-3"}, 2, "-3", "it is 1 or more", ""},
		{[]string{"rollback", "--date", "2025-13-45"}, 2, `"2025-13-45"`, "not a day", "ask-nix rollback --date 2025-01-31"},
		{[]string{"rollback", "--nixos", "25;05"}, 8, `"25;05"`, "cannot be used as a channel or release", ""},
		{[]string{"rollback", "--called", "x\x1b[31m"}, 8, `"x\x1b[31m"`, "U+001B", ""},
		{[]string{"rollback", "--confirm-within", "soon"}, 2, `"soon"`, "a time", "ask-nix rollback --confirm-within=60s"},
		{[]string{"rollback", "--profile-name", "../x"}, 8, `"../x"`, `may not contain "."`, "ask-nix generations --profile-name system"},
		{[]string{"rollback", "foo"}, 2, `"foo"`, "of no use", "ask-nix rollback"},
		{[]string{"generations", "-p", "a b"}, 8, `"a b"`, "may not contain a space", ""},
		{[]string{"generations", "--limit", "-1"}, 2, "-1", "not a number of rows", ""},
		{[]string{"generations", "--backend", "telepathy"}, 2, `"telepathy"`, "none of auto, native, command", "ask-nix generations --backend native"},
		{[]string{"generations", "--root", "x"}, 2, `"x"`, "not an absolute path", "ask-nix generations --root /mnt"},
		{[]string{"clean-up", "--keep", "-1"}, 2, "-1", "it is 1 or more", ""},
		{[]string{"generations", "--root", "/no/such"}, 4, "/no/such", "no such file", "ask-nix generations --root /mnt"},
		{[]string{"clean-up", "--keep", "0"}, 2, "--keep: 0", "it is 1 or more", "ask-nix clean-up"},
		{[]string{"clean-up", "--keep", "few"}, 2, `"few"`, "a whole number", "ask-nix clean-up --keep=2"},
		{[]string{"clean-up", "--ensure-free", "lots"}, 2, `"lots"`, "not a size", "ask-nix clean-up --ensure-free 10GiB"},
		{[]string{"switch", "--specialisation", "../x"}, 8, `"../x"`, "cannot be used as a specialisation", "ask-nix switch"},
		{[]string{"switch", "--frob\x1b[2J"}, 2, "--frob[2J", "unknown flag", "ask-nix switch --help"},
		{[]string{"build", "--attr", "a;b"}, 8, `"a;b"`, "cannot be used as an option", ""},
		{[]string{"build", "-I", "-x"}, 8, `"-x"`, "looks like a flag", ""},
		{[]string{"build", "--max-jobs", "-4"}, 2, "-4", "it is 1 or more", ""},
		{[]string{"build", "--option", "cores", "many"}, 2, `"many"`, "not a number", ""},
		{[]string{"catalog", "update", "--channel", "../x"}, 8, `"../x"`, "cannot be used as a channel", ""},
		{[]string{"catalog", "frob"}, 2, `"frob"`, "of no use", "ask-nix catalog list"},
		{[]string{"help", "a\nb"}, 8, `"a\nb"`, "a line break", "ask-nix help rollback"},
	} {
		name := strings.ToValidUTF8(strings.Join(test.args, " "), "?")
		result, status := refuse(t, append([]string{"--json", "--yes"}, test.args...))
		switch {
		case status != test.status || result.Error == nil:
			t.Errorf("%q: exit status %d, want %d: %v", name, status, test.status, result.Error)
			continue
		case !strings.Contains(result.Error.Message, test.part) || !strings.Contains(result.Error.Message, test.reason):
			t.Errorf("%q: %q lacks %q or %q", name, result.Error.Message, test.part, test.reason)
		case len(result.Error.Message) > 250 || strings.ContainsFunc(result.Error.Message+result.Error.Hint, func(r rune) bool { return !unicode.IsPrint(r) }):
			t.Errorf("%q: %q, %q may deceive", name, result.Error.Message, result.Error.Hint)
		}
		typed := commandIn(result.Error.Hint)
		if len(typed) < 2 || test.hint != "" && !strings.Contains(result.Error.Hint, test.hint) {
			t.Errorf("%q: the hint is %q, want %q", name, result.Error.Hint, test.hint)
			continue
		}
		if _, status := refuse(t, append([]string{"--explain"}, typed[1:]...)); status != 0 {
			t.Errorf("%q: the hint %q is not taken", name, result.Error.Hint)
		}
	}
}

// refuse runs ask-nix where there is nothing that it could change.
func refuse(t *testing.T, args []string) (result struct{ Error *operation.Error }, status int) {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(binary, args...)
	cmd.Env = []string{"HOME=" + dir, "XDG_RUNTIME_DIR=" + dir, "LUMINOUS_NIX_ROOT=" + dir, "NIX_STATE_DIR=" + dir, "NIX_STORE_DIR=" + dir}
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	_ = json.Unmarshal(out, &result) // without --json there is none
	return result, cmd.ProcessState.ExitCode()
}

// commandIn is the last command in a hint, to its end or to a quote that closes it.
func commandIn(hint string) []string {
	at := strings.LastIndex(hint, "ask-nix ")
	if at < 0 {
		return nil
	}
	before, command := hint[:at], hint[at:]
	if strings.HasSuffix(before, "`") {
		command, _, _ = strings.Cut(command, "`")
	}
	return unquoted(command)
}
