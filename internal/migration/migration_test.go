package migration_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"luminousnix/internal/migration"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFind reads the same settings from each format.
func TestFind(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"config.yaml": "ui:\n  use_colors: false\n  default_personality: minimal\ncache: {ttl: 600}\nlist: [a, b]\nnone:\nempty: {}\n",
		"config.yml":  "{\"ui\": {\"use_colors\": false, \"default_personality\": \"minimal\"}, cache: {ttl: 600}, list: [], none: null}",
		"config.json": `{"ui": {"use_colors": false, "default_personality": "minimal"}, "cache": {"ttl": 600}, "list": ["a", "b"], "none": null}`,
		"config.toml": "list = ['a', 'b']\nnone = []\n[ui]\nuse_colors = false\ndefault_personality = 'minimal'\n[cache]\nttl = 600\n",
	} {
		folder := t.TempDir()
		file := filepath.Join(folder, name)
		write(t, file, content)
		got, passedOver, err := migration.Find(folder)
		if err != nil || passedOver != nil {
			t.Errorf("%s: %v, %v", name, passedOver, err)
		}
		want := []migration.Setting{
			{file, "cache.ttl", "600"},
			{file, "list", ""},
			{file, "none", ""},
			{file, "ui.default_personality", "minimal"},
			{file, "ui.use_colors", "false"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got, _, err := migration.Find(t.TempDir()); got != nil || err != nil {
		t.Errorf("none: %v, %v", got, err)
	}
	folder := t.TempDir()
	write(t, filepath.Join(folder, "config.json"), "{}")
	if got, _, err := migration.Find(folder); got == nil || len(got) != 0 || err != nil {
		t.Errorf("empty: %v, %v", got, err)
	}
}

// TestFindBroken names the file, and what to do.
func TestFindBroken(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"config.yaml": "a: [", "config.json": "{", "config.toml": "a =", "config.yml": strings.Repeat("#", 1<<20+1),
		"config.yaml of a list": "- a", "config.yml of a word": "a", "config.json of two": "{} {}", "config.json of bytes": "{\"a\": \xff",
		"config.yaml that is a pipe": "",
	} {
		folder := t.TempDir()
		name, odd, _ := strings.Cut(name, " ")
		if odd != "that is a pipe" {
			write(t, filepath.Join(folder, name), content)
		} else if err := unix.Mkfifo(filepath.Join(folder, name), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := migration.Find(folder)
		var typed *operation.Error
		if !errors.As(err, &typed) || typed.Code != operation.CodeConfiguration || !strings.Contains(typed.Message, name) || typed.Hint == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTable has every line of the table lead to a setting there is and a value it takes.
func TestTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("table.txt")
	if err != nil {
		t.Fatal(err)
	}
	mapped := 0
	seen := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		key, rest, ok := strings.Cut(line, "=")
		if key = strings.TrimSpace(key); !ok || strings.HasPrefix(key, "#") {
			continue
		}
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
		words := strings.Fields(rest)
		if words[0] == "-" {
			if len(words) < 3 {
				t.Errorf("%s is dropped without a reason", key)
			}
			continue
		}
		for _, word := range words[1:] {
			theirs, _, _ := strings.Cut(word, ":")
			if word == "NUMBER" {
				theirs = "42"
			}
			taken, dropped := migration.Map([]migration.Setting{{"f", key, theirs}})
			if len(taken)+len(dropped) != 1 {
				t.Errorf("%s %s: %v, %v", key, theirs, taken, dropped)
			}
			for _, s := range taken {
				mapped++
				if after, _, _, err := migration.Merge("f", nil, taken); err != nil {
					t.Errorf("%s %s: %v", key, theirs, err)
				} else if set, err := settings.In("f", after); err != nil || set[s.Setting] != s.To {
					t.Errorf("%s %s: %s, %v", key, theirs, after, err)
				}
			}
		}
	}
	if mapped < 40 {
		t.Errorf("only %d values are taken", mapped)
	}
}

func TestMap(t *testing.T) {
	t.Parallel()
	taken, dropped := migration.Map([]migration.Setting{
		{"a", "personality", "technical"},
		{"a", "ui.use_colors", "off"},
		{"a", "ui.greeting", "hello"},
		{"a", "performance.timeout", "30"},
		{"a", "cache.ttl", "soon"},
		{"a", "unheard.of", "1"},
		{"b", "ui.use_colors", "FALSE"},
		{"b", "profile_name", "luna"},
		{"b", "ui.default_personality", "grumpy"},
	})
	if diff := cmp.Diff([]operation.TakenSetting{
		{File: "b", Key: "ui.use_colors", Value: "FALSE", Setting: "color", To: "never"},
		{File: "b", Key: "profile_name", Value: "luna", Setting: "persona", To: "calm"},
	}, taken); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]operation.DroppedSetting{
		{File: "a", Key: "ui.greeting", Reason: "the personas have their own words and forms"},
		{File: "a", Key: "performance.timeout", Reason: "nothing is cut off in the middle; the setting activation_timeout is for an activation that hangs"},
		{File: "a", Key: "cache.ttl", Reason: "what it says is no value that cache.ttl can take"},
		{File: "a", Key: "unheard.of", Reason: "there is nothing like it"},
		{File: "a", Key: "ui.use_colors", Reason: "b sets it, too, and counts more"},
		{File: "b", Key: "ui.default_personality", Reason: "what it says is no value that persona can take"},
		{File: "a", Key: "personality", Reason: "profile_name says more about persona"},
	}, dropped); diff != "" {
		t.Error(diff)
	}
}

// TestMerge leaves all of the file as it was, but for the lines that are new.
func TestMerge(t *testing.T) {
	t.Parallel()
	wanted := []operation.TakenSetting{
		{File: "f", Key: "c", Setting: "color", To: "never"},
		{File: "f", Key: "t\n", Setting: "cache.ttl", To: "600"},
	}
	for before, want := range map[string]string{
		"":                                       "cache.ttl = 600 # nix-for-humanity: t?\ncolor = \"never\" # nix-for-humanity: c\n",
		"[cache]\nenabled = true":                "color = \"never\" # nix-for-humanity: c\n[cache]\nttl = 600 # nix-for-humanity: t?\nenabled = true",
		"[ cache ] # mine\r\nenabled = true\r\n": "color = \"never\" # nix-for-humanity: c\n[ cache ] # mine\r\nttl = 600 # nix-for-humanity: t?\nenabled = true\r\n",
		"cache.enabled = true\ncolor='auto'":     "cache.ttl = 600 # nix-for-humanity: t?\ncache.enabled = true\ncolor='auto'",
		"[cache]":                                "", // has no line below it, and another head is none
		"cache = { enabled = true }":             "",
		"bakend = 1":                             "",
	} {
		after, taken, dropped, err := migration.Merge("ours", []byte(before), wanted)
		if want == "" {
			if err == nil {
				t.Errorf("%q: %q", before, after)
			}
			continue
		}
		if diff := cmp.Diff(want, string(after)); err != nil || diff != "" || len(taken)+len(dropped) != 2 {
			t.Errorf("%q: %v %s", before, err, diff)
		}
	}
}

// TestKept puts back what was there, byte for byte, whatever that was.
func TestKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		before := map[string][]byte{}
		kept := migration.New(filepath.Join(dir, "kept"), time.Unix(0, 0))
		for _, name := range []string{"a/config.toml", "b/c/config.toml"} {
			file := filepath.Join(dir, name)
			if rapid.Bool().Draw(rt, "there") {
				before[file] = rapid.SliceOf(rapid.Byte()).Draw(rt, "before")
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, before[file], 0o640)); err != nil {
					rt.Fatal(err)
				}
			}
			after := rapid.SliceOfN(rapid.Byte(), 1, -1).Draw(rt, "after")
			if err := kept.Add(file, 0o600, func([]byte) ([]byte, error) { return after, nil }); err != nil {
				rt.Fatal(err)
			}
		}
		if err := kept.Write(); err != nil {
			rt.Fatal(err)
		}
		last, err := migration.Last(filepath.Join(dir, "kept"))
		if err != nil {
			rt.Fatal(err)
		}
		if err := last.Restore(); err != nil {
			rt.Fatal(err)
		}
		for _, name := range []string{"a/config.toml", "b/c/config.toml"} {
			file := filepath.Join(dir, name)
			now, err := os.ReadFile(file)
			want, there := before[file]
			if there && (err != nil || string(now) != string(want)) || !there && !errors.Is(err, fs.ErrNotExist) {
				rt.Fatalf("%s: %v, %q, want %q", name, err, now, want)
			}
			if _, err := os.Stat(filepath.Join(dir, "b")); !there && name[0] == 'b' && !errors.Is(err, fs.ErrNotExist) {
				rt.Fatalf("the folder is left: %v", err)
			}
		}
		if _, err := migration.Last(filepath.Join(dir, "kept")); !errors.Is(err, fs.ErrNotExist) {
			rt.Fatalf("it can be taken back once more: %v", err)
		}
	})
}

// TestWriteChanged writes nothing over what somebody has changed since it was read, and
// all can be put back.
func TestWriteChanged(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.toml")
	write(t, file, "debug = false\n")
	kept := migration.New(filepath.Join(dir, "kept"), time.Now())
	if err := kept.Add(file, 0o600, func([]byte) ([]byte, error) { return []byte("debug = true\n"), nil }); err != nil {
		t.Fatal(err)
	}
	write(t, file, "color = 'never'\n")
	if err := kept.Write(); err == nil {
		t.Error("it was written over")
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != "color = 'never'\n" {
		t.Errorf("%q, %v", now, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("elsewhere", file); err != nil {
		t.Fatal(err)
	}
	if err := kept.Add(file, 0o600, nil); !errors.Is(err, migration.ErrLink) {
		t.Errorf("a link: %v", err)
	}
}
