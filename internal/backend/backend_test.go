package backend_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/backend"
	"luminousnix/internal/host"
	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// machine is a real Nix with two systems of different content.
type machine struct {
	*testbed.Nix
	host      *host.Host
	toplevels []store.Path
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	nix := testbed.New(t)
	m := &machine{Nix: nix, host: host.Find(getenv(nix), nix.Root)}
	for _, system := range []testbed.System{
		{Release: "25.05", Packages: []string{"git"}},
		{Release: "25.11", Packages: []string{"git", "vim"}},
	} {
		toplevel, err := nix.Build(t.Context(), system)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := nix.AddGeneration(t.Context(), toplevel); err != nil {
			t.Fatal(err)
		}
		path, err := m.host.StoreDir.Parse(toplevel)
		if err != nil {
			t.Fatal(err)
		}
		m.toplevels = append(m.toplevels, path)
	}
	return m
}

func getenv(nix *testbed.Nix) func(string) string {
	return func(name string) string {
		for _, entry := range nix.Env() {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		return ""
	}
}

// ask runs one of the nix programs and returns the words it printed.
func (m *machine) ask(t *testing.T, name string, args ...string) []string {
	t.Helper()
	out, err := m.Command(t.Context(), name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return strings.Fields(string(out))
}

func (m *machine) profile() profile.Profile { return profile.Profile(m.SystemProfile) }

// TestConformance holds every backend to what the nix programs say of the same
// store.
func TestConformance(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	native, command := backend.NewNative(m.host), backend.NewCommand(m.host)
	for _, b := range []backend.Backend{native, command, backend.NewAuto(native, command)} {
		t.Run(b.Name(), func(t *testing.T) {
			t.Run("Closure", func(t *testing.T) { checkPaths(t, m, closure(b), "--requisites") })
			t.Run("References", func(t *testing.T) { checkPaths(t, m, b.References, "--references") })
			t.Run("NotValid", func(t *testing.T) { checkNotValid(t, m, b) })
			t.Run("Usage", func(t *testing.T) { checkUsage(t, m, b) })
			t.Run("Health", func(t *testing.T) { checkHealth(t, m, b) })
			t.Run("Profile", func(t *testing.T) { checkProfile(t, m, b) })
			t.Run("Switch", func(t *testing.T) { checkSwitch(t, m, b) })
		})
	}
}

// closure asks for one closure, after another one that shares paths with it.
func closure(b backend.Store) func(context.Context, store.Path) ([]storedb.Object, error) {
	return func(ctx context.Context, path store.Path) ([]storedb.Object, error) {
		references, err := b.References(ctx, path)
		if err != nil {
			return nil, err
		}
		closures, err := b.Closures(ctx, references[0].Path, path)
		if err != nil {
			return nil, err
		}
		return closures[1], nil
	}
}

func checkPaths(t *testing.T, m *machine, read func(context.Context, store.Path) ([]storedb.Object, error), query string) {
	for _, toplevel := range m.toplevels {
		infos, err := read(t.Context(), toplevel)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int64{}
		for _, info := range infos {
			got[string(info.Path)] = info.NarSize
		}
		if len(got) != len(infos) {
			t.Errorf("%d paths, %d of them different", len(infos), len(got))
		}
		want := map[string]int64{}
		for _, path := range m.ask(t, "nix-store", "--query", query, string(toplevel)) {
			size, err := strconv.ParseInt(m.ask(t, "nix-store", "--query", "--size", path)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			want[path] = size
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func checkNotValid(t *testing.T, m *machine, b backend.Backend) {
	missing := store.Path(m.StoreDir + "/" + strings.Repeat("0", store.HashLength) + "-missing")
	_, err := b.Closures(t.Context(), missing)
	var notValid *store.NotValidError
	if !errors.As(err, &notValid) || notValid.Path != missing {
		t.Errorf("error %v, want a NotValidError", err)
	}
}

func checkUsage(t *testing.T, m *machine, b backend.Backend) {
	got, err := b.Usage(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var want storedb.Usage
	words := m.ask(t, "nix", "path-info", "--all", "--size")
	for pair := range slices.Chunk(words, 2) {
		size, err := strconv.ParseInt(pair[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		want.Paths++
		want.NarSize += size
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func checkHealth(t *testing.T, m *machine, b backend.Backend) {
	got := b.Health(t.Context())
	words := m.ask(t, "nix-store", "--version")
	want := backend.Health{NixVersion: words[len(words)-1], Daemon: got.Daemon, Reachable: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func checkProfile(t *testing.T, m *machine, b backend.Backend) {
	state, err := b.Profile(t.Context(), m.profile())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, g := range state.Generations {
		got = append(got, strconv.Itoa(g.Number), g.Created.Format("2006-01-02 15:04:05"))
		if g.Number == state.Current {
			got = append(got, "(current)")
		}
		if g.Target != string(m.toplevels[g.Number-1]) {
			t.Errorf("generation %d leads to %s", g.Number, g.Target)
		}
	}
	want := m.ask(t, "nix-env", "--profile", m.SystemProfile, "--list-generations")
	if diff := cmp.Diff(strings.Join(want, " "), strings.Join(got, " ")); diff != "" {
		t.Error(diff)
	}
	numbers, current, err := b.Numbers(t.Context(), m.profile())
	if diff := cmp.Diff([]int{1, 2}, numbers); diff != "" || current != state.Current || err != nil {
		t.Errorf("current %d, %v, %s", current, err, diff)
	}
	for number, want := range map[int]int{0: state.Current, 1: 1} {
		g, err := b.Generation(t.Context(), m.profile(), number)
		if diff := cmp.Diff(state.Generations[want-1], g); diff != "" || err != nil {
			t.Errorf("generation %d: %v, %s", number, err, diff)
		}
	}
	var none *profile.NoGenerationError
	if _, err := b.Generation(t.Context(), m.profile(), 9); !errors.As(err, &none) || none.Number != 9 {
		t.Errorf("generation 9: %v", err)
	}
	_, err = b.Profile(t.Context(), profile.Profile(m.StateDir+"/profiles/nobody"))
	if !errors.Is(err, profile.ErrNotExist) {
		t.Errorf("missing profile: %v", err)
	}
}

func checkSwitch(t *testing.T, m *machine, b backend.Backend) {
	for _, number := range []int{1, 2} {
		if err := b.Switch(t.Context(), m.profile(), number); err != nil {
			t.Fatal(err)
		}
		target, err := os.Readlink(m.SystemProfile)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff("system-"+strconv.Itoa(number)+"-link", target); diff != "" {
			t.Error(diff)
		}
	}
	var missing *profile.NoGenerationError
	if err := b.Switch(t.Context(), m.profile(), 9999); !errors.As(err, &missing) || missing.Number != 9999 {
		t.Errorf("missing generation: %v", err)
	}
}

// TestAutoFallsBack gives native a database of an unknown schema, and no daemon
// to ask instead: the answers come from the nix programs then, and the reason is
// told.
func TestAutoFallsBack(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	future := *m.host
	future.StateDir = t.TempDir()
	future.DaemonSocket = future.StateDir + "/nobody"
	if err := os.Mkdir(future.StateDir+"/db", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(future.StateDir+"/db/schema", []byte("11"), 0o644); err != nil {
		t.Fatal(err)
	}
	want, err := backend.NewNative(m.host).References(t.Context(), m.toplevels[0])
	if err != nil {
		t.Fatal(err)
	}
	auto := backend.NewAuto(backend.NewNative(&future), backend.NewCommand(m.host))
	got, err := auto.References(t.Context(), m.toplevels[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if auto.Name() != "command" || !strings.Contains(auto.Reason(), `schema "11"`) {
		t.Errorf("backend %s, reason %q", auto.Name(), auto.Reason())
	}
}

// TestNativeAsksTheDaemon gives native no database to read.
func TestNativeAsksTheDaemon(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	elsewhere := *m.host
	elsewhere.StateDir = t.TempDir()
	native := backend.NewNative(&elsewhere)
	t.Run("Closure", func(t *testing.T) { checkPaths(t, m, closure(native), "--requisites") })
	t.Run("References", func(t *testing.T) { checkPaths(t, m, native.References, "--references") })
	t.Run("NotValid", func(t *testing.T) { checkNotValid(t, m, native) })
	t.Run("Usage", func(t *testing.T) { checkUsage(t, m, native) })
}

// TestNobodyListens holds for a daemon that is not there: native answers from
// the database, and its health says what is wrong.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	if err := m.Stop(); err != nil {
		t.Fatal(err)
	}
	native := backend.NewNative(m.host)
	if _, err := native.Closures(t.Context(), m.toplevels[0]); err != nil && os.Geteuid() == 0 {
		t.Errorf("closure: %v", err)
	}
	health := native.Health(t.Context())
	if health.Reachable || !strings.Contains(health.Daemon, "connecting to the Nix daemon") {
		t.Errorf("health %+v", health)
	}
}

// TestAutoSetsWithoutDaemon has nix-env make the generation where nobody listens, on a host
// that runs no nix-daemon for that, and nix-daemon on one that does.
func TestAutoSetsWithoutDaemon(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can write to the store without the daemon")
	}
	m := newMachine(t)
	if err := m.Stop(); err != nil {
		t.Fatal(err)
	}
	local := host.Find(func(name string) string {
		if name == "NIX_REMOTE" {
			return ""
		}
		return getenv(m.Nix)(name)
	}, m.Root)
	p := profile.Profile(m.StateDir + "/profiles/other")
	auto := backend.NewAuto(backend.NewNative(local), backend.NewCommand(local))
	if number, err := auto.Set(t.Context(), p, m.toplevels[0]); err != nil || number != 1 {
		t.Fatalf("generation %d, %v", number, err)
	}
	if auto.Name() != "command" || !strings.Contains(auto.Reason(), "connecting to the Nix daemon") || local.Substituted() != "" {
		t.Errorf("backend %s, reason %q", auto.Name(), auto.Reason())
	}
	with := m.host.WithPrograms()
	auto = backend.NewAuto(backend.NewNative(with), backend.NewCommand(with))
	if number, err := auto.Set(t.Context(), p, m.toplevels[1]); err != nil || number != 2 {
		t.Fatalf("generation %d, %v", number, err)
	}
	if auto.Name() != "native" || !strings.Contains(with.Substituted(), "connecting to the Nix daemon") {
		t.Errorf("backend %s, substituted %q", auto.Name(), with.Substituted())
	}
}
