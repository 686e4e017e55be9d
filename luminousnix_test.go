package luminousnix_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"luminousnix"
)

// TestNamesOfAllOperations: each operation that is declared has its name here, which is the
// one that it has there.
func TestNamesOfAllOperations(t *testing.T) {
	t.Parallel()
	declared := constants(t, "internal/operation/spec.go", func(value ast.Expr) string {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return ""
		}
		name, _ := strconv.Unquote(literal.Value) // the parser has read it
		return name
	})
	exported := constants(t, "luminousnix.go", func(value ast.Expr) string {
		selector, ok := value.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		return selector.Sel.Name
	})
	named := map[string]bool{}
	for name, of := range exported {
		if name != of {
			t.Errorf("%s is the name of %s", name, of)
		}
		named[declared[of]] = true
	}
	for _, spec := range luminousnix.Operations() {
		if !named[string(spec.Name)] {
			t.Errorf("%s has no name here", spec.Name)
		}
	}
}

// constants are the constants of a file by their names, with what is read of their values.
func constants(t *testing.T, path string, read func(ast.Expr) string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, declaration := range file.Decls {
		group, ok := declaration.(*ast.GenDecl)
		if !ok || group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			constant := spec.(*ast.ValueSpec)
			for i, name := range constant.Names {
				all[name.Name] = read(constant.Values[i])
			}
		}
	}
	return all
}
