package action

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/configedit"
	"luminousnix/nix/syntax"
)

// definitions are the options that the machine's configuration sets, as far as that
// can be read without evaluating it: literal attribute paths in its entry file, and
// in the files that this imports. What stands in a condition or behind a function is
// not among them.
type definitions struct {
	byOption map[string]definition
	files    []string // that were read or are to be read
}

type definition struct {
	value string // the expression as it is written, on one line
	place string // file:line
}

func (d *definitions) value(option string) string { return d.byOption[option].value }

const (
	mostConfiguration = 64      // files that are read
	mostOfFile        = 1 << 20 // bytes of each
	mostOfValue       = 60      // bytes of an expression that are shown
)

// readDefinitions reads the configuration. Files that cannot be read or parsed are
// left out: whether they are right is for `ask-nix check` to say.
func readDefinitions(m *Machine) *definitions {
	d := &definitions{byOption: map[string]definition{}}
	configuration := m.Host.Configuration()
	if configuration.Kind == "channel" {
		d.files = configuration.Files[:1]
	}
	for i := 0; i < len(d.files) && i < mostConfiguration; i++ {
		d.readFile(d.files[i])
	}
	return d
}

func (d *definitions) readFile(name string) {
	info, err := os.Stat(name)
	if err != nil || info.Size() > mostOfFile {
		return
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return
	}
	file, err := syntax.Parse(name, content, syntax.ParseOptions{})
	if err != nil {
		return
	}
	d.imports(file)
	d.expression(file, nil, configedit.Body(file.Root))
}

// imports adds the files that a module imports.
func (d *definitions) imports(file *syntax.File) {
	for _, path := range configedit.Imports(file) {
		name := path
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(file.Name), path)
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			name = filepath.Join(name, "default.nix")
		}
		if !slices.Contains(d.files, name) {
			d.files = append(d.files, name)
		}
	}
}

func (d *definitions) expression(file *syntax.File, path []string, e syntax.Expr) {
	set, ok := e.(*syntax.AttrSet)
	if !ok || set.Rec {
		d.add(file, path, e)
		return
	}
	if len(set.Bindings) == 0 {
		d.add(file, path, e)
	}
	for _, binding := range set.Bindings {
		below, ok := extend(path, binding)
		if ok && below[0] != "imports" {
			d.expression(file, below, binding.Value)
		}
	}
}

// extend adds the attribute path of a binding, which must be all names. Of a module's
// own structure config is what options may lie below.
func extend(path []string, binding syntax.Binding) ([]string, bool) {
	if binding.Inherit {
		return nil, false
	}
	below := append([]string{}, path...)
	for _, name := range binding.Path {
		if name.Expr != nil {
			return nil, false
		}
		below = append(below, name.Name)
	}
	if len(path) == 0 && below[0] == "config" {
		below = below[1:]
	}
	return below, len(below) > 0 && below[0] != "options"
}

func (d *definitions) add(file *syntax.File, path []string, e syntax.Expr) {
	option := strings.Join(path, ".")
	if _, known := d.byOption[option]; known || option == "" {
		return
	}
	span := e.Range()
	text := strings.Join(strings.Fields(string(file.Source[span.Start:span.End])), " ")
	if len(text) > mostOfValue {
		text = strings.ToValidUTF8(text[:mostOfValue], "") + "…"
	}
	line, _ := file.Position(span.Start)
	d.byOption[option] = definition{text, fmt.Sprintf("%s:%d", file.Name, line)}
}
