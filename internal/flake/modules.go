package flake

import (
	"fmt"
	"slices"
	"strings"

	"luminousnix/nix/syntax"
)

// UnreadableError means that the modules of a system are not written out in flake.nix.
type UnreadableError struct {
	System string
	At     string // file:line
	Why    string
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s: the modules of %s cannot be read: %s", e.At, e.System, e.Why)
}

// MissingError means that there is no such system in a flake, as far as it can be read.
type MissingError struct {
	System string
	Others []string // that there are
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("flake.nix does not define a system nixosConfigurations.%s that can be read", e.System)
}

// Modules are the module files of a system of a flake.nix: the paths in the list modules
// of its nixosSystem, relative to the folder of the flake or absolute. Modules that are
// written in the list, those of other flakes and what is computed are not among them. The
// error is an *[UnreadableError] if there is no such file, or a *[MissingError].
func Modules(file *syntax.File, system string) ([]string, error) {
	r := read(file)
	made := r.at(r.outputs, []string{"nixosConfigurations", system})
	if made.expr == nil {
		return nil, &MissingError{system, r.systems()}
	}
	unreadable := func(e syntax.Expr, why string) error {
		line, _ := file.Position(e.Range().Start)
		return &UnreadableError{system, fmt.Sprintf("%s:%d", file.Name, line), why}
	}
	apply, ok := made.expr.(*syntax.Apply)
	if !ok {
		return nil, unreadable(made.expr, "it is not made by nixosSystem here")
	}
	if name := functionName(apply.Func); name != "nixosSystem" {
		if name == "" {
			name = "another function"
		}
		return nil, unreadable(apply, "it is made by "+name+", not by nixosSystem")
	}
	list := r.at(placed{apply.Arg, made.scope}, []string{"modules"})
	if list.expr == nil {
		return nil, unreadable(apply, "there is no list of modules that is written out")
	}
	modules := r.paths(list)
	if len(modules) == 0 {
		return nil, unreadable(list.expr, "no file of this flake is written out in the list")
	}
	return modules, nil
}

// Systems are the names of the systems in a flake.nix, as far as they are written out.
func Systems(file *syntax.File) []string { return read(file).systems() }

func read(file *syntax.File) *reading {
	r := &reading{}
	outputs := r.at(placed{file.Root, nil}, []string{"outputs"})
	r.outputs = r.body(outputs)
	return r
}

// paths are the files in a list of modules.
func (r *reading) paths(p placed) (paths []string) {
	p = r.resolve(p)
	switch e := p.expr.(type) {
	case *syntax.List:
		for _, element := range e.Elements {
			if path, ok := r.path(placed{element, p.scope}); ok && !slices.Contains(paths, path) {
				paths = append(paths, path)
			}
		}
	case *syntax.Binary:
		if e.Op == syntax.OpConcat {
			paths = append(r.paths(placed{e.Left, p.scope}), r.paths(placed{e.Right, p.scope})...)
		}
	}
	return paths
}

// path is the file that an element of a list of modules is: a path, or what import
// makes of one.
func (r *reading) path(p placed) (string, bool) {
	p = r.resolve(p)
	if apply, ok := p.expr.(*syntax.Apply); ok {
		if function, ok := apply.Func.(*syntax.Ident); ok && function.Name == "import" {
			p = placed{apply.Arg, p.scope}
		}
	}
	path, ok := r.text(p)
	return path, ok && (strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") || strings.HasPrefix(path, "/"))
}

// systems are the names below nixosConfigurations.
func (r *reading) systems() []string {
	var names []string
	var look func(p placed, path []string)
	look = func(p placed, path []string) {
		p = r.resolve(p)
		if r.steps >= mostSteps {
			return
		}
		switch e := p.expr.(type) {
		case *syntax.AttrSet:
			inside := p.scope
			if e.Rec {
				inside = bind(p.scope, e.Bindings)
			}
			for i := range e.Bindings {
				b := &e.Bindings[i]
				switch {
				case b.Inherit && len(path) == 0:
					for _, name := range b.Names {
						names = append(names, name.Name)
					}
				case b.Inherit:
					if found := inherited(b, path[0], p.scope, inside); found.expr != nil {
						look(found, path[1:])
					}
				case len(b.Path) > len(path) && r.leads(b.Path[:len(path)], path, inside):
					if name, ok := r.name(b.Path[len(path)], inside); ok {
						names = append(names, name)
					}
				case len(b.Path) <= len(path) && r.leads(b.Path, path, inside):
					look(placed{b.Value, inside}, path[len(b.Path):])
				}
			}
		case *syntax.Binary:
			if e.Op == syntax.OpUpdate {
				look(placed{e.Left, p.scope}, path)
				look(placed{e.Right, p.scope}, path)
			}
		case *syntax.Apply:
			if functionName(e.Func) == "mkFlake" && len(path) > 0 && path[0] != "flake" {
				look(r.body(placed{e.Arg, p.scope}), append([]string{"flake"}, path...))
			}
		}
	}
	look(r.outputs, []string{"nixosConfigurations"})
	slices.Sort(names)
	return slices.Compact(names)
}
