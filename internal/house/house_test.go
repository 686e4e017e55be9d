package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "luminousnix"

// floors lists the floors of the house from top to bottom. A package may import
// packages of floors below its own, and of its own floor only where beside says
// so. internal/operation is the leaf that all may import.
var floors = [][]string{
	{"cmd/ask-nix", "cmd/man", "cmd/readme", "cmd/store", "cmd/testbed", "cmd/train"},
	{"internal/cli", "internal/storecmd", "."},
	{"internal/conversation", "internal/grounding", "internal/batch"},
	{"internal/intent", "internal/instantiate", "internal/picker"},
	{"internal/engine"},
	{"internal/action"},
	{"internal/recovery"},
	{"internal/catalog/shelf", "internal/channel", "internal/build", "internal/storecheck"},
	{"internal/backend", "internal/migration", "internal/evaluation", "internal/activation", "internal/audit", "internal/flake"},
	{"internal/nixos", "internal/diagnosis", "internal/llm", "internal/answers", "internal/health", "internal/journal", "internal/host", "internal/job", "internal/catalog", "internal/configedit", "internal/settings", "internal/cache", "internal/record", "internal/metrics", "internal/retention", "internal/intent/corpus", "internal/intent/learn", "internal/progress", "internal/buildtimes", "internal/testbed/binarycache", "internal/testbed/hosts", "internal/readme"},
	{"internal/testbed", "internal/catalog/listing", "internal/catalog/snapshot", "internal/catalog/vocabulary", "internal/elevation", "internal/durable", "internal/lock", "internal/spelling", "internal/language", "internal/intent/linear", "internal/persona", "internal/eta"},
	{"internal/process", "internal/systemd", "internal/plainfile", "internal/own"},
	{"testdata/nixos"},
	{"internal/operation"},
	{"nix/storedb", "nix/profile", "nix/buildlog", "nix/daemon/daemontest", "nix/narinfo/cachedir", "nix/eval/resultcache"},
	{"nix/eval/trace", "nix/fetch", "nix/nixpkgs"},
	{"nix/daemon", "nix/narinfo", "nix/profile/environment"},
	{"nix/daemon/internal/wire", "nix/profile/manifest"},
	{"nix/eval"},
	{"nix/eval/internal/json", "nix/eval/internal/regex", "nix/eval/internal/toml", "nix/eval/internal/version", "nix/tarball"},
	{"nix/nar", "nix/derivation", "nix/syntax"},
	{"nix/store"},
	{"nix/store/internal/blake3", "nix/network", "nix/folder"},
}

// beside are the imports within a floor.
var beside = map[string][]string{}

// starters are the packages that may start processes. Only the first is part of
// the product; the others are for tests.
var starters = []string{"internal/process", "internal/testbed", "internal/testbed/binarycache", "internal/testbed/hosts", "nix/daemon/daemontest"}

// callers are the packages of the product that have internal/process start
// something: the command backend, nix-daemon where no daemon listens, the shell of `try` and nixos-rebuild, becoming root, the update of the
// catalogue behind an answer, the evaluator that is nix-instantiate, git and the update of
// inputs for flakes, jobs, the journal of systemd, and the activation of a system.
var callers = []string{"internal/backend", "internal/cli", "internal/elevation", "internal/engine", "internal/evaluation", "internal/flake", "internal/host", "internal/job", "internal/journal", "internal/nixos"}

// forbidden are imports that the product must not have, with the reason.
var forbidden = map[string]string{
	"github.com/charmbracelet/glamour":         "costs 8 ms at start",
	"charm.land/glamour/v2":                    "costs 8 ms at start",
	"github.com/nats-io/nats-server/v2/server": "belongs into a daemon of its own",
	"github.com/prometheus/client_golang":      "costs 0.5 ms at start",
	"github.com/stretchr/testify":              "hides differences",
	"github.com/stretchr/testify/assert":       "hides differences",
	"github.com/stretchr/testify/require":      "hides differences",
	"text/template":                            "is slow; build strings",
	"html/template":                            "is slow; build strings",
	"github.com/mattn/go-sqlite3":              "needs cgo",
	"C":                                        "needs cgo",
	"plugin":                                   "runs foreign code",
	"net/http/pprof":                           "opens a port",
}

// pkg is a package as its files tell.
type pkg struct {
	imports     map[string]string // of non-test files: import path → file
	testImports map[string]string
	documented  bool
	lines       int // of the longest non-test file
	inits       []string
}

func TestArrowsPointDown(t *testing.T) {
	t.Parallel()
	level := map[string]int{}
	for n, floor := range floors {
		for _, name := range floor {
			level[name] = n
		}
	}
	for name, p := range packages(t) {
		from, known := level[name]
		if !known {
			if name != "internal/house" && name != "internal/bench" && name != "internal/packaging" {
				t.Errorf("%s is on no floor of the house; give it one", name)
			}
			continue
		}
		for imported, file := range p.imports {
			below, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			to, known := level[below]
			if known && to <= from && !slices.Contains(beside[name], below) {
				t.Errorf("%s: %s may not import %s: the arrow does not point down", file, name, below)
			}
			if strings.HasPrefix(name, "nix/") && !strings.HasPrefix(below, "nix/") {
				t.Errorf("%s: %s knows nothing of ask-nix, yet imports %s", file, name, below)
			}
		}
	}
}

func TestPackagesAreDocumented(t *testing.T) {
	t.Parallel()
	for name, p := range packages(t) {
		if !p.documented {
			t.Errorf("%s has no package comment", name)
		}
	}
}

func TestForbiddenImports(t *testing.T) {
	t.Parallel()
	for name, p := range packages(t) {
		for _, imports := range []map[string]string{p.imports, p.testImports} {
			for imported, file := range imports {
				if why := forbidden[imported]; why != "" {
					t.Errorf("%s imports %s, which %s", file, imported, why)
				}
			}
		}
		if file := p.imports["os/exec"]; file != "" && !slices.Contains(starters, name) {
			t.Errorf("%s imports os/exec: only %v may start processes", file, starters)
		}
	}
}

func TestCallersOfProcess(t *testing.T) {
	t.Parallel()
	var found []string
	for name, p := range packages(t) {
		if p.imports[module+"/internal/process"] != "" {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, callers) {
		t.Errorf("internal/process is called by %v; the list says %v", found, callers)
	}
}

// heavy are packages that must not be in the binary even through others: each
// works at every start of it.
var heavy = map[string]string{
	"github.com/klauspost/cpuid/v2":            "asks the processor for 0.6 ms",
	"github.com/alecthomas/chroma/v2":          "compiles all its lexers",
	"github.com/nats-io/nats-server/v2/server": "belongs into a daemon of its own",
	"github.com/prometheus/client_golang":      "costs 0.5 ms at start",
}

func TestNothingHeavyIsLinked(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", module+"/cmd/ask-nix").Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	if !slices.Contains(linked, module+"/internal/cli") {
		t.Fatalf("only found %v", linked)
	}
	for _, name := range linked {
		if why := heavy[name]; why != "" {
			t.Errorf("%s is linked, which %s", name, why)
		}
	}
}

func TestNoInit(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, where := range p.inits {
			t.Errorf("%s: an init function costs every start", where)
		}
	}
}

func TestMainsOnlyCall(t *testing.T) {
	t.Parallel()
	for name, p := range packages(t) {
		if strings.HasPrefix(name, "cmd/") && p.lines > 20 {
			t.Errorf("%s has %d lines; a main has at most 20", name, p.lines)
		}
	}
}

// packages parses every Go file of the repository.
func packages(t *testing.T) map[string]*pkg {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*pkg{}
	err = filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && file != root {
			return fs.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(file, ".go") {
			relative, err := filepath.Rel(root, file)
			if err != nil {
				return err
			}
			name := path.Dir(filepath.ToSlash(relative))
			if found[name] == nil {
				found[name] = &pkg{imports: map[string]string{}, testImports: map[string]string{}}
			}
			return found[name].read(file, relative)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only found %v", slices.Collect(maps.Keys(found)))
	}
	return found
}

func (p *pkg) read(file, relative string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	positions := token.NewFileSet()
	syntax, err := parser.ParseFile(positions, relative, content, parser.ParseComments)
	if err != nil {
		return err
	}
	imports := p.imports
	if strings.HasSuffix(file, "_test.go") {
		imports = p.testImports
	} else {
		p.documented = p.documented || syntax.Doc != nil && documents(syntax)
		p.lines = max(p.lines, strings.Count(string(content), "\n"))
	}
	for _, spec := range syntax.Imports {
		imports[strings.Trim(spec.Path.Value, `"`)] = relative
	}
	for _, declaration := range syntax.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			p.inits = append(p.inits, positions.Position(f.Pos()).String())
		}
	}
	return nil
}

func documents(syntax *ast.File) bool {
	text := syntax.Doc.Text()
	return strings.HasPrefix(text, "Package "+syntax.Name.Name+" ") || syntax.Name.Name == "main" && strings.HasPrefix(text, "Command ")
}
