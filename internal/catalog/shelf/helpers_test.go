package shelf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"luminousnix/internal/catalog"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
)

// native evaluates without a store.
func native() *evaluation.Native {
	return &evaluation.Native{Host: host.Find(func(string) string { return "" }, ""), Dry: true}
}

// write makes a file and the folders that it is in.
func write(tb testing.TB, path, text string) string {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

// packed is a text as channels compress it.
func packed(text string) string {
	var b strings.Builder
	w := brotli.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

// packagesJSON lists packages of these names.
func packagesJSON(names ...string) string {
	for i, name := range names {
		names[i] = `"` + name + `":{"pname":"` + name + `","version":"1","meta":{"available":true,"description":"An example called ` + name + `"}}`
	}
	return `{"version":2,"packages":{` + strings.Join(names, ",") + `}}`
}

// optionsJSON lists options of these names.
func optionsJSON(names ...string) string {
	for i, name := range names {
		names[i] = `"` + name + `":{"type":"boolean","description":"Whether to <command>begin</command>.","declarations":["a.nix"]}`
	}
	return `{` + strings.Join(names, ",") + `}`
}

// found opens the catalogue of a role and returns those of some names that searching
// finds as a name, and Lookup too.
func found(tb testing.TB, s Shelf, role Role, names ...string) []string {
	tb.Helper()
	c := open(tb, s, role)
	var all []string
	for _, name := range names {
		results, err := c.Search(catalog.Query{Text: name, Unfolded: true})
		if err != nil {
			tb.Fatal(err)
		}
		same := func(e catalog.Entry) bool { return e.Attribute == name }
		if slices.ContainsFunc(results.Hits, func(h catalog.Hit) bool { return same(h.Entry) }) && slices.ContainsFunc(c.Lookup(name), same) {
			all = append(all, name)
		}
	}
	return all
}

func open(tb testing.TB, s Shelf, role Role) *catalog.Catalog {
	tb.Helper()
	c, err := catalog.OpenFile(s.path(role))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	if err := c.Verify(); err != nil {
		tb.Fatal(err)
	}
	return c
}

// entry is that of a name.
func entry(tb testing.TB, s Shelf, role Role, name string) catalog.Entry {
	tb.Helper()
	for _, e := range open(tb, s, role).Lookup(name) {
		if e.Attribute == name {
			return e
		}
	}
	tb.Fatalf("there is no %s", name)
	return catalog.Entry{}
}

// onlyIndexes fails if something else was left on the shelf.
func onlyIndexes(tb testing.TB, s Shelf) {
	tb.Helper()
	files, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		tb.Fatal(err)
	}
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".index" {
			tb.Errorf("%s was left behind", f.Name())
		}
	}
}
