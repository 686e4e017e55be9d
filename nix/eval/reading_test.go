package eval

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/store"
)

func TestIsAllowedURI(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uri, prefix string
		want        bool
	}{
		{"https://example.org", "https://example.org", true},
		{"https://example.org/", "https://example.org", true},
		{"https://example.org/a", "https://example.org", true},
		{"https://example.org/a", "https://example.org/", true},
		{"https://example.org.evil.net/a", "https://example.org", false},
		{"https://example.organic", "https://example.org", false},
		{"https://example.org", "https://example.org/", false},
		{"https://example.org/ab", "https://example.org/a", false},
		{"https://example.org/a/b", "https://example.org/a", true},
		{"https://example.org", "https:", true},
		{"http://example.org", "https:", false},
		{"github:NixOS/nix", "github:", true},
		{"github:NixOS/nix", "github:NixOS", true},
		{"github:NixOSevil/nix", "github:NixOS", false},
		{"https://user:x@evil.net/", "https://user:", false},
		{"https://example.org", "", false},
		{"9:x", "9:", false},
		{"/etc/passwd", "/etc", true},
		{"HTTPS://example.org", "https:", false},
	}
	for _, test := range tests {
		if got := isAllowedURI(test.uri, []string{"nothing", test.prefix}); got != test.want {
			t.Errorf("%s, allowed is %q: %v", test.uri, test.prefix, got)
		}
	}
}

// referring is a store in which a refers to b, and b to c and itself.
type referring struct{ DryStore }

const (
	pathA = store.Path("/nix/store/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-a")
	pathB = store.Path("/nix/store/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb-b")
	pathC = store.Path("/nix/store/cccccccccccccccccccccccccccccccc-c")
	pathD = store.Path("/nix/store/dddddddddddddddddddddddddddddddd-d")
)

func (*referring) References(_ context.Context, p store.Path) ([]store.Path, error) {
	switch p {
	case pathA:
		return []store.Path{pathB}, nil
	case pathB:
		return []store.Path{pathB, pathC}, nil
	case pathD:
		return nil, errors.New("not valid")
	}
	return nil, nil
}

func TestAllowed(t *testing.T) {
	t.Parallel()
	options := Options{
		Store: new(referring), BaseDir: "/base", AllowedPaths: []string{"/opt/x/", "relative"},
		SearchPath: []SearchEntry{{"nixpkgs", string(pathA) + "/nixpkgs"}, {"", "/etc/nixos"}, {"u", "https://example.org/x"}, {"r", "sub"}},
	}
	paths := []string{
		"/", "/etc", "/etc/nixos", "/etc/nixos/a/b", "/etc/nixosx", "/etc/passwd", "/opt", "/opt/x", "/opt/y", "/base", "/base/relative/f",
		"/base/sub", "/base/https:", "/nix/store", string(pathA), string(pathA) + "/nixpkgs", string(pathA) + "/other", string(pathB) + "/x", string(pathC), string(pathD),
	}
	allowed := func(o Options) map[string]bool {
		r := o.reading()
		got := make(map[string]bool)
		for _, p := range paths {
			if r.isAllowed(p) {
				got[p] = true
			}
		}
		return got
	}
	tests := map[string]struct {
		pure, restrict bool
		want           []string
	}{
		"none": {false, false, paths},
		"restricted": {false, true, []string{
			"/", "/etc", "/etc/nixos", "/etc/nixos/a/b", "/opt", "/opt/x", "/base", "/base/relative/f", "/base/sub",
			"/nix/store", string(pathA), string(pathA) + "/nixpkgs", string(pathA) + "/other", string(pathB) + "/x", string(pathC),
		}},
		"pure": {true, false, []string{"/", "/opt", "/opt/x", "/base", "/base/relative/f"}},
		"both": {true, true, []string{"/", "/opt", "/opt/x", "/base", "/base/relative/f"}},
	}
	for name, test := range tests {
		o := options
		o.Pure, o.Restrict = test.pure, test.restrict
		want := make(map[string]bool)
		for _, p := range test.want {
			want[p] = true
		}
		if diff := cmp.Diff(want, allowed(o)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestNothingAllowed is pure evaluation without anything: not even / is there.
func TestNothingAllowed(t *testing.T) {
	t.Parallel()
	r := Options{Pure: true}.reading()
	_, err := r.ReadDir("/")
	if !restricted(err) {
		t.Errorf("got %v", err)
	}
	if again := (Options{Inputs: r}).reading(); again != r {
		t.Error("the inputs were wrapped twice")
	}
}

// TestLimited holds each way to read to what is allowed.
func TestLimited(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"in/f", "out/f"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../out/f", filepath.Join(dir, "in/l")); err != nil {
		t.Fatal(err)
	}
	r := Options{Restrict: true, AllowedPaths: []string{dir + "/in"}}.reading()
	ways := map[string]func(string) error{
		"ReadFile": func(p string) error { _, err := r.ReadFile(p); return err },
		"ReadDir":  func(p string) error { _, err := r.ReadDir(p); return err },
		"Lstat":    func(p string) error { _, err := r.Lstat(p); return err },
		"Readlink": func(p string) error { _, err := r.Readlink(p); return err },
	}
	for way, read := range ways {
		for _, p := range []string{"/out/f", "/out", "/in/../out/f", "/in/../out", "/inn"} {
			if err := read(dir + p); !restricted(err) {
				t.Errorf("%s %s: %v", way, p, err)
			}
		}
	}
	entries, err := r.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != "in" {
		t.Errorf("the directory above: %v, %v", entries, err)
	}
	if real, err := resolve(r, dir+"/in/l", true); err != nil || real != dir+"/out/f" {
		t.Errorf("resolved to %s, %v", real, err)
	}
}

// built is a store that has built what is asked for.
type built struct{ DryStore }

func (*built) Realise(context.Context, Context) error { return nil }

// TestImportFromDerivation lets a pure evaluation read what it has built, and
// nothing else in the store.
func TestImportFromDerivation(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	st := &built{DryStore{Directory: store.Dir(dir)}}
	const drv = `derivation { name = "n"; system = "s"; builder = "b"; }`
	ev := New(Options{Store: st, Pure: true})
	v, err := ev.EvalExpr(t.Context(), "«string»", "("+drv+").outPath")
	if err != nil {
		t.Fatal(err)
	}
	out := v.Text()
	if err := os.WriteFile(out, []byte("1 + 1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ev.EvalExpr(t.Context(), "«string»", "import "+out); !restricted(err) {
		t.Errorf("before it is built: %v", err)
	}
	for expression, want := range map[string]int64{"import (" + drv + ")": 2, "import " + out: 2} {
		ev := New(Options{Store: st, Pure: true})
		if expression == "import "+out {
			expression = "builtins.seq (import (" + drv + ")) (" + expression + ")"
		}
		v, err := ev.EvalExpr(t.Context(), "«string»", expression)
		if err != nil || v.Int() != want {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

// TestOnceEach shares what is made, and does not remember errors.
func TestOnceEach(t *testing.T) {
	t.Parallel()
	var once onceEach[string, int]
	calls := 0
	failing := errors.New("not yet")
	for range 3 {
		_, err := once.do(t.Context(), "k", func() (int, error) {
			if calls++; calls == 1 {
				return 0, failing
			}
			return 7, nil
		})
		if (err != nil) != (calls == 1) {
			t.Errorf("call %d: %v", calls, err)
		}
	}
	if calls != 2 {
		t.Errorf("%d calls", calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begun, done := make(chan struct{}), make(chan struct{})
	go func() {
		_, _ = once.do(t.Context(), "slow", func() (int, error) { close(begun); <-done; return 1, nil })
	}()
	<-begun
	if _, err := once.do(ctx, "slow", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting: %v", err)
	}
	close(done)
}

func TestMountedFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("content"), 0o755); err != nil {
		t.Fatal(err)
	}
	m := mountedFile(file)
	content, err := m.ReadFile("")
	if err != nil || string(content) != "content" {
		t.Errorf("%q, %v", content, err)
	}
	info, err := m.Lstat("")
	if err != nil || info.Mode() != 0o444 {
		t.Errorf("%v, %v", info, err)
	}
	var errs []error
	_, err = m.ReadFile("/x")
	errs = append(errs, err)
	_, err = m.ReadDir("")
	errs = append(errs, err)
	_, err = m.Lstat("/x")
	errs = append(errs, err)
	_, err = m.Readlink("")
	errs = append(errs, err)
	for i, err := range errs {
		var path *fs.PathError
		if !errors.As(err, &path) {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestParseSearchPath(t *testing.T) {
	t.Parallel()
	tests := map[string][]SearchEntry{
		"":                              nil,
		":":                             nil,
		"/a":                            {{"", "/a"}},
		"x=/a:/b::y=c=d":                {{"x", "/a"}, {"", "/b"}, {"y", "c=d"}},
		"n=https://h/x":                 {{"n", "https://h/x"}},
		"https://h/x:/b":                {{"", "https://h/x"}, {"", "/b"}},
		"a=channel:nixos-24.05:b=/b":    {{"a", "channel:nixos-24.05"}, {"b", "/b"}},
		"n=flake:nixpkgs:/c":            {{"n", "flake:nixpkgs"}, {"", "/c"}},
		"file:///t.tar:m=http://h/y:/z": {{"", "file:///t.tar"}, {"m", "http://h/y"}, {"", "/z"}},
		"/a=/b":                         {{"/a", "/b"}},
	}
	for text, want := range tests {
		if diff := cmp.Diff(want, ParseSearchPath(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// TestRestrictedError says what is forbidden, where, and of which kind it is.
func TestRestrictedError(t *testing.T) {
	t.Parallel()
	ev := New(Options{Pure: true})
	for _, expression := range []string{
		`builtins.readFile /etc/passwd`, `builtins.readDir /etc/passwd`, `builtins.hashFile "md5" /etc/passwd`,
		`builtins.path { path = /etc/passwd; }`, `"${/etc/passwd}"`, `import /etc/passwd`, `builtins.readFileType /etc/passwd`,
	} {
		_, err := ev.EvalExpr(t.Context(), "«string»", expression)
		var e *Error
		var cause *RestrictedError
		if !errors.As(err, &e) || !errors.As(err, &cause) {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if diff := cmp.Diff(&RestrictedError{Path: "/etc/passwd", Pure: true}, cause); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
		if !strings.Contains(e.Render(true), cause.Error()) {
			t.Errorf("%s: %s", expression, e.Render(true))
		}
	}
}

// TestNewIsLimited holds New itself to the options.
func TestNewIsLimited(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]Options{"pure": {Pure: true}, "restricted": {Restrict: true}} {
		_, err := New(options).EvalExpr(t.Context(), "«string»", "builtins.readFile /etc/passwd")
		if !restricted(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
