package catalog

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog/listing"
	"luminousnix/internal/catalog/vocabulary"
)

func TestSearchOptions(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	tests := []struct {
		query Query
		want  []string // the first hits
	}{
		{Query{Text: "services.openssh"}, []string{"services.openssh.enable"}},
		{Query{Text: "services.openssh."}, []string{"services.openssh.enable"}},
		{Query{Text: "services.nginx.virtualHosts"}, []string{"services.nginx.virtualHosts"}},
		{Query{Text: "services.nginx.virtualH"}, []string{"services.nginx.virtualHosts"}},
		{Query{Text: "services.ngnix.enable"}, []string{"services.nginx.enable"}},
		{Query{Text: "services nginx enable"}, []string{"services.nginx.enable"}},
		{Query{Text: "nginx enable services", Only: Options}, []string{"services.nginx.enable"}},
		{Query{Text: "firewall allowed tcp ports"}, []string{"networking.firewall.allowedTCPPorts"}},
		{Query{Text: "time.timeZone"}, []string{"time.timeZone"}},
		{Query{Text: "nginx"}, []string{"nginx", "services.nginx.enable"}},
		{Query{Text: "nginx", Only: Options}, []string{"services.nginx.enable"}},
		{Query{Text: "nginx", Only: Packages}, []string{"nginx"}},
	}
	for _, test := range tests {
		test.query.Limit = 10
		got := found(find(c, test.query))
		got = got[:min(len(got), len(test.want))]
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%+v: %s", test.query, diff)
		}
	}
}

func TestSearchFoldsModules(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	under := func(r Results) (n int) {
		for _, h := range r.Hits {
			if strings.HasPrefix(h.Attribute, "services.nginx.") {
				n++
			}
		}
		return n
	}
	folded := find(c, Query{Text: "nginx", Limit: 60})
	if n := under(folded); n < 1 || n > 10 {
		t.Errorf("%d options of services.nginx are hits of their own", n)
	}
	if i := slices.Index(found(folded), "services.nginx.enable"); i < 0 || folded.Hits[i].Variants < 80 {
		t.Errorf("services.nginx.enable: place %d", i)
	}
	if n := under(find(c, Query{Text: "nginx", Limit: 400, Unfolded: true})); n < 50 {
		t.Errorf("%d options of services.nginx are there unfolded", n)
	}
}

// An option that NixOS and home-manager both have is one hit.
func TestSearchShowsSharedOptionsOnce(t *testing.T) {
	t.Parallel()
	got := found(find(snapshotCatalog(t), Query{Text: "git", Limit: 20}))
	if n := len(slices.DeleteFunc(got, func(a string) bool { return a != "programs.git.enable" })); n != 1 {
		t.Errorf("programs.git.enable is there %d times", n)
	}
}

func TestOptionEntry(t *testing.T) {
	t.Parallel()
	got := snapshotCatalog(t).Lookup("services.openssh.enable")
	want := []Entry{{
		Kind: Option, Attribute: "services.openssh.enable", Type: "boolean", Default: "false", Available: true,
		Description: "Whether to enable the OpenSSH secure shell daemon, which allows secure remote logins.",
		Position:    "nixos/modules/services/networking/ssh/sshd.nix", Package: got[0].Package,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOptionsOfPackages(t *testing.T) {
	t.Parallel()
	c := snapshotCatalog(t)
	if got, ok := c.OptionFor("nginx"); !ok || got != "services.nginx.enable" {
		t.Errorf("nginx is enabled by %q", got)
	}
	if got, ok := c.OptionFor("python313Packages.numpy"); ok {
		t.Errorf("numpy is enabled by %q", got)
	}
	got := c.Siblings("services.nginx.enable", 5)
	if len(got) != 5 || slices.Contains(got, "services.nginx.enable") {
		t.Errorf("siblings: %q", got)
	}
}

// What is installed comes first among equals, what is not for the machine last.
func TestSearchSuitsTheMachine(t *testing.T) {
	t.Parallel()
	const list = `{"version":2,"packages":{
"tulip-a":{"pname":"tulip-a","meta":{"available":true,"description":"Tulip viewer","platforms":["x86_64-linux"]}},
"tulip-b":{"pname":"tulip-b","meta":{"available":true,"description":"Tulip viewer","platforms":["x86_64-linux"]}},
"tulip-c":{"pname":"tulip-c","meta":{"available":true,"description":"Tulip viewer","platforms":["x86_64-darwin"]}}}}`
	c, err := newCatalogOf(list)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Text: "tulip viewer"}
	if diff := cmp.Diff([]string{"tulip-a", "tulip-b", "tulip-c"}, found(find(c, q))); diff != "" {
		t.Error(diff)
	}
	q.System, q.Installed = "x86_64-linux", func(name string) bool { return name == "tulip-b" }
	if diff := cmp.Diff([]string{"tulip-b", "tulip-a", "tulip-c"}, found(find(c, q))); diff != "" {
		t.Error(diff)
	}
	q.System = "x86_64-darwin"
	if got := found(find(c, q)); got[0] != "tulip-c" {
		t.Errorf("on Darwin: %q", got)
	}
}

func TestPrograms(t *testing.T) {
	t.Parallel()
	src := smallSource(smallListing)
	src.Programs = map[string][]string{"shotcut": {"shotcut", "melt", "g++"}}
	src.Renames = []vocabulary.Rename{{Old: "kino", New: []string{"kdenlive", "shotcut"}, Reason: "it rests"}}
	b, err := build(context.Background(), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCatalog(b, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string][]string{
		"readelf": {"binutils"}, "melt": {"shotcut"}, "g++": {"shotcut"}, "kdenlive": {"kdenlive"}, "nothing": nil,
	} {
		if diff := cmp.Diff(want, attributes(c.WithProgram(program))); diff != "" {
			t.Errorf("%s: %s", program, diff)
		}
	}
	got, ok := c.Renamed("kino")
	if diff := cmp.Diff(Rename{"kino", []string{"kdenlive", "shotcut"}, "it rests"}, got); diff != "" || !ok {
		t.Error(diff)
	}
	if _, ok := c.Renamed("kdenlive"); ok {
		t.Error("kdenlive was renamed")
	}
}

// The vocabulary names what the snapshot has.
func TestVocabularyNamesExist(t *testing.T) {
	t.Parallel()
	b := newBuilder()
	err := Snapshot().read(context.Background(), nil, func(entries []listing.Entry) {
		for i := range entries {
			b.add(entries[i])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.findModules()
	r := newResolver(b)
	check := func(where string, names ...string) {
		for _, name := range names {
			// A snapshot has python313Packages, not python3Packages.
			isSet := b.sets[name] != nil || strings.HasSuffix(name, "Packages")
			if _, ok := r.meant(name); !ok && !isSet {
				t.Errorf("%s: %q is neither an attribute nor the name of a program", where, name)
			}
		}
	}
	v := vocabulary.Default()
	for _, a := range v.Aliases {
		check("alias "+a.Names[0], a.Targets...)
	}
	for _, p := range v.Programs {
		check("programs", p.Package)
	}
	for _, n := range v.Renames {
		check("rename "+n.Old, n.New...)
	}
	for _, c := range v.Concepts {
		check("concept "+strings.Join(c.Phrases[0], " "), c.Packages...)
		for _, path := range c.Options {
			if _, ok := r.options[path]; !ok {
				t.Errorf("concept %s: there is no option %q", strings.Join(c.Phrases[0], " "), path)
			}
		}
	}
	t.Logf("%d aliases, %d synonyms, %d concepts, %d packages with programs, %d renames",
		len(v.Aliases), len(v.Synonyms), len(v.Concepts), len(v.Programs), len(v.Renames))
	if len(v.Concepts) < 150 {
		t.Errorf("there are only %d concepts", len(v.Concepts))
	}
}

// smallOptions goes with smallListing.
const smallOptions = `{
"services.shotcut.enable":{"description":"Whether to enable the video daemon.","type":"boolean"},
"services.shotcut.port":{"description":"Its port.","type":"port"},
"a.<name>.b.\"c.d\".*.e":{"description":"","type":""}}`

func withOptions(src Source) Source {
	src.Parts = append(src.Parts, File(OptionList, 0, func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(smallOptions)), nil
	}))
	return src
}
