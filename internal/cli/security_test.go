package cli_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luminousnix/internal/retention"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
)

// TestModes: whatever the umask is, nobody else can read what is kept, but for what is to be
// seen by all; and that can be.
func TestModes(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"000", "077"} {
		t.Run(umask, func(t *testing.T) {
			t.Parallel()
			b := newEveryBed(t)
			before := b.kept()
			for _, request := range [][]string{
				{"pin", "2"},
				{"install", "cowsay"},
				{"set", "networking.hostName", "other"},
				{"switch-generation", "2"},
				{"switch-generation", "99"},
				{"build"},
				{"try", "cowsay", "--", "cowsay", "hello"},
				{"migrate"},
				{"verify"},
				{"catalog", "build"},
				{"diff", "1", "2"},
				{"data", "export", "exported"},
			} {
				cmd := b.command(append(request, "--yes")...)
				cmd.Args = append([]string{"sh", "-c", "umask " + umask + `; exec "$@"`, "sh"}, cmd.Args...)
				cmd.Path, cmd.Dir = "/bin/sh", b.nix.Home
				if out, err := cmd.CombinedOutput(); err != nil && request[1] != "99" {
					t.Errorf("%q: %v\n%s", request, err, out)
				}
			}
			seen := 0
			for path, info := range b.kept() {
				if old, ok := before[path]; ok && info.Mode() == old.Mode() && info.IsDir() {
					continue // made when the umask was another one
				}
				seen++
				b.wantMode(path, info)
			}
			if seen < 40 {
				t.Errorf("only %d files and folders", seen)
			}
		})
	}
}

// kept are the files and folders of ask-nix.
func (b *everyBed) kept() map[string]fs.FileInfo {
	b.Helper()
	all := map[string]fs.FileInfo{}
	for _, dir := range []string{b.state(), b.nix.Root + "/var/lib/luminous-nix", b.nix.Home + "/.cache/luminous-nix", b.nix.Home + "/.config/luminous-nix", b.nix.Home + "/exported", b.nix.Dir + "/runtime/luminous-nix"} {
		err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || err == nil && entry.Type() == fs.ModeSymlink {
				return nil
			}
			if err != nil {
				return err
			}
			all[path], err = entry.Info()
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return all
}

// wantMode checks that something is for its owner only, or, if it is to be, for all to read.
func (b *everyBed) wantMode(path string, info fs.FileInfo) {
	b.Helper()
	system := filepath.Join(b.nix.Root, "var/lib/luminous-nix")
	within, err := filepath.Rel(system, path)
	public := err == nil && os.Geteuid() == 0 && (within == "." || within == "kept-generations.json")
	for _, folder := range []string{"jobs", "activation"} {
		if within == folder || strings.HasPrefix(within, folder+"/") {
			public = os.Geteuid() == 0
		}
	}
	mode := info.Mode().Perm()
	switch name := filepath.Base(path); {
	case within == "bin" || strings.HasPrefix(within, "bin/"): // a program, which is no secret
	case name == "cancel" || strings.HasPrefix(name, "answer"):
	case !public && mode&0o077 != 0:
		b.Errorf("%s can be seen by others: %v", path, mode)
	case public && mode&0o022 != 0:
		b.Errorf("%s can be changed by others: %v", path, mode)
	case public && mode&0o044 != 0o044:
		b.Errorf("%s is for all to see, and is not: %v", path, mode)
	}
}

// TestProtections: no way of confirming beforehand deletes what is in use, pinned, or the
// last way back.
func TestProtections(t *testing.T) {
	t.Parallel()
	nix := testbed.New(t)
	if err := nix.AddHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &everyBed{killer: &killer{T: t, nix: nix, profile: profile.Profile(nix.SystemProfile)}}
	b.first = b.target(1)
	kept := retention.File{Path: filepath.Join(nix.Root, "var/lib/luminous-nix/kept-generations.json"), Public: true}
	state, err := b.profile.Read()
	if err != nil {
		t.Fatal(err)
	}
	run := func(name string, number int) func() error {
		return func() error {
			link := filepath.Join(nix.Root, "run", name)
			return errors.Join(os.Remove(link), os.Symlink(b.target(number), link))
		}
	}
	none := func() error {
		return errors.Join(os.RemoveAll(kept.Path), run("current-system", 3)(), run("booted-system", 3)())
	}
	for _, test := range []struct {
		why     string
		number  int
		protect func() error
	}{
		{"current", 3, none},
		{"running", 2, run("current-system", 2)},
		{"booted", 2, run("booted-system", 2)},
		{"pinned", 2, func() error { return kept.Pin(retention.Entry{Profile: b.profile, Generation: 2, Target: b.target(2)}) }},
		{"kept as a backup", 2, func() error { return kept.KeepBackup(b.profile, state.Generations[1], state.Generations[1].Created) }},
	} {
		if err := errors.Join(none(), test.protect()); err != nil {
			t.Fatal(err)
		}
		for _, flag := range []string{"--force", "--yes"} {
			out, err := b.command("delete-generations", fmt.Sprint(test.number), flag).CombinedOutput()
			if err == nil || !strings.Contains(string(out), test.why) {
				t.Errorf("%s, %s: %v\n%s", test.why, flag, err, out)
			}
			if b.target(test.number) == "" {
				t.Errorf("%s, %s: it is gone", test.why, flag)
			}
		}
	}
	// The last way back: whatever is asked for, one generation below the current one stays.
	if err := none(); err != nil {
		t.Fatal(err)
	}
	if out, err := b.command("clean-up", "--keep", "1", "--force").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	after, err := b.profile.Read()
	if err != nil || len(after.Generations) != 2 || after.Generations[0].Number != 2 {
		t.Errorf("%+v, %v", after, err)
	}
}

// TestSecretsStayOut has secrets wherever Nix and ask-nix read some, and looks for them in
// all that is said and kept, also when things fail and everything is told.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	b := newEveryBed(t)
	const secret = "s3cr3t-"
	netrc, key := filepath.Join(b.nix.Home, "netrc"), filepath.Join(b.nix.Home, "key")
	conf := filepath.Join(b.nix.ConfDir, "nix.conf")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(
		os.WriteFile(conf, fmt.Appendf(text, "access-tokens = github.com=%stoken\nnetrc-file = %s\n", secret, netrc), 0o644),
		os.WriteFile(netrc, []byte("machine example.org login rose password "+secret+"netrc\n"), 0o600),
		os.WriteFile(key, []byte(secret+"key\n"), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	b.env = append(
		b.env, "LUMINOUS_NIX_CATALOG_URL=http://rose:"+secret+"url@127.0.0.1:9/channel", "LUMINOUS_NIX_LLM_URL=http://127.0.0.1:9/v1",
		"LUMINOUS_NIX_LLM_MODEL=none", "LUMINOUS_NIX_LLM_KEY_FILE="+key, "NIX_CONFIG=access-tokens = gitlab.com="+secret+"config",
	)
	var said bytes.Buffer
	for _, request := range [][]string{
		{"health"},
		{"config"},
		{"system"},
		{"settings"},
		{"check"},
		{"catalog", "update", "--channel", "small"},
		{"zorp the frobnicated quux"},
		{"install", "cowsay"},
		{"switch-generation", "2"},
		{"build"},
		{"errors"},
		{"history"},
		{"jobs"},
		{"metrics"},
		{"data", "show"},
		{"data", "export", "exported"},
	} {
		for _, more := range [][]string{{"--debug"}, {"--json", "--debug"}} {
			if request[0] == "data" && request[1] == "export" && more[0] == "--json" {
				continue // the folder is there
			}
			out, _ := b.output(append(request, more...)...) // some fail
			said.WriteString(strings.Join(request, " ") + ":\n")
			said.Write(out)
		}
	}
	for line := range strings.Lines(said.String()) {
		if strings.Contains(line, secret) {
			t.Errorf("it is said: %s", line)
		}
	}
	for path, info := range b.kept() {
		if !info.Mode().IsRegular() || strings.HasSuffix(path, ".index") {
			continue
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte(secret)) {
			t.Errorf("it is kept in %s", path)
		}
	}
}

// TestHomeOfOthers: root makes nothing in the home of somebody else, as sudo may leave it,
// and somebody else keeps nothing in a folder that others can write.
func TestHomeOfOthers(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root has others")
	}
	b := newEveryBed(t)
	home := filepath.Join(b.nix.Dir, "theirs")
	if err := errors.Join(os.Mkdir(home, 0o755), os.Chown(home, nobody, nobody), os.Chmod(b.nix.Dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	b.env = append(b.env, "HOME="+home, "XDG_CACHE_HOME="+home+"/.cache", "XDG_STATE_HOME=", "XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "XDG_RUNTIME_DIR="+home)
	b.must("pin", "2")
	b.must("check")
	b.must("search", "htop")
	made, err := os.ReadDir(home)
	if err != nil || len(made) > 0 {
		t.Errorf("root has made %v there, %v", made, err)
	}

	u := &userBed{T: t, nix: b.nix}
	shared := filepath.Join(b.nix.Dir, "shared")
	state := filepath.Join(shared, "luminous-nix")
	if err := errors.Join(os.MkdirAll(state, 0o777), os.Chmod(shared, 0o777), os.Chmod(state, 0o777), os.Chown(state, 12345, 12345)); err != nil {
		t.Fatal(err)
	}
	cmd := u.command("verify", "--yes")
	cmd.Env = append(cmd.Env, "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home, "XDG_RUNTIME_DIR="+home, "TMPDIR=/tmp", "XDG_STATE_HOME="+shared, "NO_COLOR=1")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "nothing was changed: the audit log cannot be written") {
		t.Errorf("%v: %s", err, out)
	}
	if inside, err := os.ReadDir(state); err != nil || len(inside) > 0 {
		t.Errorf("%v was made there, %v", inside, err)
	}
}
