package storedb_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/internal/testbed"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// TestRealNix holds every answer, from the database and through the daemon, to
// what the nix programs say of the same store.
func TestRealNix(t *testing.T) {
	t.Parallel()
	for _, release := range testbed.AllReleases(t) {
		t.Run(release.Name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, release)
			for name, db := range map[string]*storedb.DB{
				"database": m.open(t, m.StateDir),
				"daemon":   m.open(t, t.TempDir()),
			} {
				t.Run(name, func(t *testing.T) {
					if read := db.Fallback() == nil; read != (name == "database") {
						t.Fatalf("fallback: %v", db.Fallback())
					}
					m.checkPathInfo(t, db)
					m.checkClosures(t, db)
					m.checkNeighbours(t, db)
					m.checkRoots(t, db)
					m.checkDead(t, db)
				})
			}
		})
	}
}

// told is a path info as the nix programs print it.
type told struct {
	Path             store.Path
	NarHash          store.Hash
	NarSize          int64
	References       []store.Path
	Deriver          store.Path
	RegistrationTime int64
	Ultimate         bool
	Signatures       []string
	CA               store.ContentAddress
}

func (m *machine) checkPathInfo(t *testing.T, db *storedb.DB) {
	t.Helper()
	out := m.output(t, "nix", "path-info", "--json", "--all")
	var list []told
	if out[0] == '{' { // since Nix 2.19
		byPath := map[store.Path]told{}
		must(t, json.Unmarshal(out, &byPath))
		for path, info := range byPath {
			info.Path = path
			list = append(list, info)
		}
	} else {
		must(t, json.Unmarshal(out, &list))
	}
	var want []*store.PathInfo
	for _, info := range list {
		slices.Sort(info.References)
		want = append(want, &store.PathInfo{
			Path: info.Path, Deriver: info.Deriver, NarHash: info.NarHash, NarSize: info.NarSize, References: info.References,
			Registered: time.Unix(info.RegistrationTime, 0), Ultimate: info.Ultimate, Signatures: info.Signatures, ContentAddress: info.CA,
		})
	}
	slices.SortFunc(want, func(a, b *store.PathInfo) int { return strings.Compare(string(a.Path), string(b.Path)) })
	paths, err := db.AllPaths(t.Context())
	must(t, err)
	var got []*store.PathInfo
	for _, path := range paths {
		info, err := db.PathInfo(t.Context(), path)
		must(t, err)
		got = append(got, info)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.Comparer(func(a, b store.Hash) bool { return a == b })); diff != "" {
		t.Errorf("path info: %s", diff)
	}
}

func (m *machine) checkClosures(t *testing.T, db *storedb.DB) {
	t.Helper()
	graph, err := db.Graph(t.Context())
	must(t, err)
	toplevel, err := filepath.EvalSymlinks(m.SystemProfile)
	must(t, err)
	want := map[store.Path][2]int64{}
	for line := range strings.Lines(string(m.output(t, "nix", "path-info", "-rsS", toplevel))) {
		fields := strings.Fields(line)
		size, err := strconv.ParseInt(fields[1], 10, 64)
		must(t, err)
		closure, err := strconv.ParseInt(fields[2], 10, 64)
		must(t, err)
		want[m.path(t, fields[0])] = [2]int64{size, closure}
	}
	sizes, err := graph.ClosureSizes(store.Path(toplevel))
	must(t, err)
	got := map[store.Path][2]int64{}
	for _, sized := range sizes {
		got[sized.Path] = [2]int64{sized.NarSize, sized.ClosureSize}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 10 {
		t.Errorf("closure sizes of %d paths: %s", len(got), diff)
	}
	var wantPaths []store.Path
	for path := range want {
		wantPaths = append(wantPaths, path)
	}
	slices.Sort(wantPaths)
	for name, closure := range map[string]func() ([]storedb.Object, error){
		"database": func() ([]storedb.Object, error) { return db.Closure(t.Context(), store.Path(toplevel)) },
		"graph":    func() ([]storedb.Object, error) { return graph.Closure(store.Path(toplevel)) },
	} {
		objects, err := closure()
		must(t, err)
		if diff := cmp.Diff(wantPaths, pathsOf(objects)); diff != "" {
			t.Errorf("closure by the %s: %s", name, diff)
		}
	}
}

// checkNeighbours asks about every path what its neighbours are.
func (m *machine) checkNeighbours(t *testing.T, db *storedb.DB) {
	t.Helper()
	ctx := t.Context()
	graph, err := db.Graph(ctx)
	must(t, err)
	paths, err := db.AllPaths(ctx)
	must(t, err)
	var drvs []string
	var made []store.Path
	for _, path := range paths {
		outputs, err := db.DerivationOutputs(ctx, path)
		must(t, err)
		for _, output := range outputs {
			made = append(made, output)
			derivers, err := db.ValidDerivers(ctx, output)
			if err != nil || !slices.Contains(derivers, path) {
				t.Errorf("derivers of %s are %v, %v; want %s too", output, derivers, err, path)
			}
		}
		if strings.HasSuffix(string(path), ".drv") {
			drvs = append(drvs, string(path))
		}
	}
	slices.Sort(made)
	if diff := cmp.Diff(m.query(t, "--outputs", drvs...), slices.Compact(made)); diff != "" || len(made) < 20 {
		t.Errorf("%d outputs: %s", len(made), diff)
	}
	for _, path := range []store.Path{paths[0], paths[len(paths)/2], store.Path(drvs[0]), made[0]} {
		references, err := db.References(ctx, path)
		must(t, err)
		if diff := cmp.Diff(m.query(t, "--references", string(path)), pathsOf(references)); diff != "" {
			t.Errorf("references of %s: %s", path, diff)
		}
		referrers, err := db.Referrers(ctx, path)
		must(t, err)
		want := m.query(t, "--referrers", string(path))
		if diff := cmp.Diff(want, pathsOf(referrers)); diff != "" {
			t.Errorf("referrers of %s: %s", path, diff)
		}
		referrers, err = graph.Referrers(path)
		must(t, err)
		if diff := cmp.Diff(want, pathsOf(referrers)); diff != "" {
			t.Errorf("referrers of %s in the graph: %s", path, diff)
		}
		all, err := graph.ReferrersClosure(path)
		must(t, err)
		if diff := cmp.Diff(m.query(t, "--referrers-closure", string(path)), pathsOf(all)); diff != "" {
			t.Errorf("referrers' closure of %s: %s", path, diff)
		}
	}
	m.checkNotValid(t, db)
}

// checkNotValid asks about a path that the store does not have.
func (m *machine) checkNotValid(t *testing.T, db *storedb.DB) {
	t.Helper()
	ctx := t.Context()
	references, err := db.References(ctx, m.making)
	must(t, err)
	referrers, err := db.Referrers(ctx, m.making)
	must(t, err)
	derivers, err := db.ValidDerivers(ctx, m.making)
	must(t, err)
	outputs, err := db.DerivationOutputs(ctx, m.making+".drv")
	must(t, err)
	if len(references)+len(referrers)+len(derivers)+len(outputs) > 0 {
		t.Errorf("%s, which is not valid, has %v %v %v %v", m.making, references, referrers, derivers, outputs)
	}
	var notValid *store.NotValidError
	if _, err := db.PathInfo(ctx, m.making); !errors.As(err, &notValid) || notValid.Path != m.making {
		t.Errorf("path info: %v", err)
	}
	if _, err := db.Closure(ctx, m.making); !errors.As(err, &notValid) || notValid.Path != m.making {
		t.Errorf("closure: %v", err)
	}
}

func (m *machine) checkRoots(t *testing.T, db *storedb.DB) {
	t.Helper()
	roots, err := db.Roots(t.Context())
	must(t, err)
	var got []string
	for _, root := range roots {
		got = append(got, root.Link+" -> "+string(root.Path))
	}
	var want []string
	for line := range strings.Lines(string(m.output(t, "nix-store", "--gc", "--print-roots"))) {
		link, path, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " -> ")
		want = append(want, strings.Trim(link, `"`)+" -> "+path) // 2.34 quotes links
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 12 {
		t.Errorf("%d roots: %s", len(got), diff)
	}
}

func (m *machine) checkDead(t *testing.T, db *storedb.DB) {
	t.Helper()
	graph, err := db.Graph(t.Context())
	must(t, err)
	for _, liveness := range []storedb.Liveness{
		{}, {KeepOutputs: true}, {DropDerivations: true}, {DropDerivations: true, KeepOutputs: true},
	} {
		for _, name := range []string{"no-store-path", "22222222222222222222222222222222-left-over", m.making.Base() + ".lock"} {
			must(t, os.WriteFile(filepath.Join(m.StoreDir, name), nil, 0o644))
		}
		roots, err := db.Roots(t.Context())
		must(t, err)
		var kept []store.Path
		for _, root := range roots {
			kept = append(kept, root.Path)
		}
		dead := graph.Dead(kept, liveness)
		got := pathsOf(dead)
		invalid, err := graph.Invalid(t.Context(), roots)
		must(t, err)
		for _, name := range invalid {
			got = append(got, store.Path(m.StoreDir+"/"+name))
		}
		slices.Sort(got)
		var want []store.Path
		for _, path := range m.ask(t, "nix-store", "--gc", "--print-dead",
			"--option", "keep-outputs", strconv.FormatBool(liveness.KeepOutputs),
			"--option", "keep-derivations", strconv.FormatBool(!liveness.DropDerivations)) {
			want = append(want, store.Path(path))
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || len(dead) < 10 {
			t.Errorf("%+v: %d dead of %d: %s", liveness, len(dead), graph.Usage().Paths, diff)
		}
		if live := graph.Live(kept, liveness); len(live)+len(dead) != int(graph.Usage().Paths) {
			t.Errorf("%d live and %d dead of %d", len(live), len(dead), graph.Usage().Paths)
		}
	}
}

// pathsOf returns the paths, sorted.
func pathsOf(objects []storedb.Object) []store.Path {
	var paths []store.Path
	for _, object := range objects {
		paths = append(paths, object.Path)
	}
	slices.Sort(paths)
	return paths
}
