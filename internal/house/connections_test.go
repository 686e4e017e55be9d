package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// dialer is the only package of the product that makes connections, and through which
// whoever wants to know of each is told.
const dialer = "nix/network"

// busUsers are the packages that have another one connect to the system's bus; they ask
// the dialer before.
var busUsers = []string{"internal/systemd"}

// dialing are names of packages that make connections by themselves. A client or server of
// net/http without a transport takes the default one, and so does each of its functions.
var dialing = map[string][]string{
	"net": {
		"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "DialIP", "Dialer", "Resolver", "DefaultResolver",
		"LookupHost", "LookupIP", "LookupAddr", "LookupCNAME", "LookupTXT", "LookupMX", "LookupNS", "LookupSRV", "LookupPort",
		"ResolveTCPAddr", "ResolveUDPAddr", "ResolveIPAddr",
	},
	"net/http":              {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Transport"},
	"crypto/tls":            {"Dial", "DialWithDialer", "Dialer", "Client"},
	"syscall":               {"Connect", "Socket"},
	"golang.org/x/sys/unix": {"Connect", "Socket"},
}

// dialingImports are packages of which any use makes connections.
var dialingImports = []string{"net/rpc", "net/rpc/jsonrpc", "net/smtp", "log/syslog", "github.com/godbus/dbus/v5"}

// ownTransports are the functions that make a transport of their own, with the connections
// of the dialer: see the test.
var ownTransports = []string{"internal/llm/endpoint.go: http.Transport"}

// TestOnlyOnePackageDials reads all that is linked into the program and is ours: each
// connection is made by nix/network.
func TestOnlyOnePackageDials(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}} {{.Dir}}{{end}}", module+"/cmd/ask-nix").Output()
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	packages := 0
	for line := range strings.Lines(string(out)) {
		name, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
		name, ours := strings.CutPrefix(name, module+"/")
		if !ours || name == dialer {
			continue
		}
		packages++
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, use := range usesOf(t, file) {
				where := name + "/" + filepath.Base(file) + ": " + use
				switch {
				case slices.Contains(ownTransports, where):
					own = append(own, where)
				case use == "github.com/godbus/dbus/v5" && slices.Contains(busUsers, name):
				default:
					t.Errorf("%s: only %s makes connections", where, dialer)
				}
			}
		}
	}
	if packages < 40 || !slices.Equal(own, ownTransports) {
		t.Errorf("%d packages were read, and %v found", packages, own)
	}
}

// usesOf lists what of dialing and dialingImports a file uses.
func usesOf(t *testing.T, file string) (uses []string) {
	t.Helper()
	syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // in this file → path
	for _, spec := range syntax.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		if slices.Contains(dialingImports, path) {
			uses = append(uses, path)
		}
		name := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." && dialing[path] != nil {
			uses = append(uses, "a dot import of "+path)
		}
		names[name] = path
	}
	ast.Inspect(syntax, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.SelectorExpr:
			if pkg, ok := node.X.(*ast.Ident); ok && slices.Contains(dialing[names[pkg.Name]], node.Sel.Name) {
				uses = append(uses, pkg.Name+"."+node.Sel.Name)
			}
		case *ast.CompositeLit:
			if isClient(node, names) && !hasField(node, "Transport") {
				uses = append(uses, "http.Client without a transport")
			}
		}
		return true
	})
	return uses
}

func isClient(literal *ast.CompositeLit, names map[string]string) bool {
	selected, ok := literal.Type.(*ast.SelectorExpr)
	if !ok || selected.Sel.Name != "Client" {
		return false
	}
	pkg, ok := selected.X.(*ast.Ident)
	return ok && names[pkg.Name] == "net/http"
}

func hasField(literal *ast.CompositeLit, name string) bool {
	return slices.ContainsFunc(literal.Elts, func(e ast.Expr) bool {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return false
		}
		key, ok := pair.Key.(*ast.Ident)
		return ok && key.Name == name
	})
}

// TestDialersAreFound: what the test above looks for is found.
func TestDialersAreFound(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "bad.go")
	for text, want := range map[string]string{
		`import "net"; var _, _ = net.Dial("tcp", "x:1")`:        "net.Dial",
		`import n "net"; var _ n.Dialer`:                         "n.Dialer",
		`import "net/http"; var _, _ = http.Get("x")`:            "http.Get",
		`import "net/http"; var _ = http.Client{}`:               "http.Client without a transport",
		`import "net/http"; var _ = &http.Client{Timeout: 1}`:    "http.Client without a transport",
		`import _ "net/smtp"`:                                    "net/smtp",
		`import . "net"`:                                         "a dot import of net",
		`import "net/http"; var _ = http.Client{Transport: nil}`: "",
		`import "net"; var _ net.Conn`:                           "",
	} {
		if err := os.WriteFile(file, []byte("package bad\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(usesOf(t, file), ", "); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
