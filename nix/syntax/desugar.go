package syntax

import (
	"sort"
	"strconv"
	"strings"
)

// Dirs are the directories that paths are resolved against, each absolute.
type Dirs struct {
	Base string // of relative paths: the file's own, or the current one
	Home string // of paths that begin with ~/
}

// Desugar prints the tree of a file as nix-instantiate --parse of Nix 2.34 does:
// on one line, bindings merged and sorted, paths absolute, all operators in
// parentheses and some as calls of the functions behind them.
//
// What it prints is nearly always Nix again, but strings with interpolations have
// become sums, so that printing it once more has more parentheses.
func Desugar(f *File, dirs Dirs) string {
	d := desugarer{file: f, dirs: dirs}
	d.expr(f.Root)
	return d.b.String()
}

// desugarer prints expressions.
type desugarer struct {
	b    strings.Builder
	file *File
	dirs Dirs
}

func (d *desugarer) text(s string) { d.b.WriteString(s) }

func (d *desugarer) expr(e Expr) {
	switch e := e.(type) {
	case *Int:
		d.text(strconv.FormatInt(e.Value, 10))
	case *Float:
		d.text(strconv.FormatFloat(e.Value, 'g', 6, 64))
	case *String:
		d.str(e)
	case *Path:
		d.path(e)
	case *Ident:
		d.text(printName(e.Name))
	case *Select:
		d.selection(e)
	case *HasAttr:
		d.text("((")
		d.expr(e.Set)
		d.text(") ? ")
		d.attrPath(e.Path)
		d.text(")")
	case *AttrSet:
		d.set(e)
	case *Let:
		d.text("(let ")
		d.attrs(e.Attrs())
		d.text("in ")
		d.expr(e.Body)
		d.text(")")
	case *List:
		d.list(e)
	case *Lambda:
		d.lambda(e)
	case *With:
		d.text("(with ")
		d.expr(e.Set)
		d.text("; ")
		d.expr(e.Body)
		d.text(")")
	case *If:
		d.text("(if ")
		d.expr(e.Cond)
		d.text(" then ")
		d.expr(e.Then)
		d.text(" else ")
		d.expr(e.Else)
		d.text(")")
	case *Assert:
		d.text("assert ")
		d.expr(e.Cond)
		d.text("; ")
		d.expr(e.Body)
	case *Paren:
		d.expr(e.Expr)
	default:
		d.operation(e)
	}
}

// operation prints an expression that is an operator or call.
func (d *desugarer) operation(e Expr) {
	d.text("(")
	if !d.call(e) {
		switch e := e.(type) {
		case *Unary:
			d.text("! ")
			d.expr(e.Expr)
		case *Binary:
			d.binary(e)
		}
	}
	d.text(")")
}

// call prints the function and the arguments of an expression that Nix has as a
// call, or reports false. A call of what a call returns is one with more arguments.
func (d *desugarer) call(e Expr) bool {
	switch e := e.(type) {
	case *Paren:
		return d.call(e.Expr)
	case *Apply:
		d.callee(e.Func)
		d.text(" ")
		d.expr(e.Arg)
	case *SearchPath:
		d.text("__findFile __nixPath ")
		d.text(printString(e.Name))
	case *Unary:
		if e.Op != OpNegate {
			return false
		}
		d.text("__sub 0 ")
		d.expr(e.Expr)
	case *Binary:
		return d.binaryCall(e)
	default:
		return false
	}
	return true
}

// callee prints the function of a call.
func (d *desugarer) callee(e Expr) {
	if !d.call(e) {
		d.expr(e)
	}
}

// binaryCall prints the inside of a call that stands for the operator, or reports
// false.
func (d *desugarer) binaryCall(e *Binary) bool {
	switch e.Op {
	case OpSubtract:
		d.args("__sub ", e.Left, e.Right)
	case OpMultiply:
		d.args("__mul ", e.Left, e.Right)
	case OpDivide:
		d.args("__div ", e.Left, e.Right)
	case OpLess:
		d.args("__lessThan ", e.Left, e.Right)
	case OpMore:
		d.args("__lessThan ", e.Right, e.Left)
	case OpPipeTo:
		d.callee(e.Right)
		d.text(" ")
		d.expr(e.Left)
	case OpPipeFrom:
		d.callee(e.Left)
		d.text(" ")
		d.expr(e.Right)
	default:
		return false
	}
	return true
}

// args prints a function's name and two arguments.
func (d *desugarer) args(name string, first, second Expr) {
	d.text(name)
	d.expr(first)
	d.text(" ")
	d.expr(second)
}

// binary prints the inside of an operator that is not a call.
func (d *desugarer) binary(e *Binary) {
	switch e.Op {
	case OpLessEqual:
		d.args("! (__lessThan ", e.Right, e.Left)
		d.text(")")
	case OpMoreEqual:
		d.args("! (__lessThan ", e.Left, e.Right)
		d.text(")")
	default:
		d.expr(e.Left)
		d.text(" ")
		d.text(e.Op.String())
		d.text(" ")
		d.expr(e.Right)
	}
}

func (d *desugarer) selection(e *Select) {
	d.text("(")
	d.expr(e.Set)
	d.text(").")
	d.attrPath(e.Path)
	if e.Default != nil {
		d.text(" or (")
		d.expr(e.Default)
		d.text(")")
	}
}

func (d *desugarer) attrPath(path []AttrName) {
	for i, name := range path {
		if i > 0 {
			d.text(".")
		}
		if name.Expr == nil {
			d.text(printName(name.Name))
			continue
		}
		d.dynamic(name.Expr)
	}
}

func (d *desugarer) dynamic(name Expr) {
	d.text(`"${`)
	d.expr(name)
	d.text(`}"`)
}

func (d *desugarer) set(e *AttrSet) {
	if e.Body {
		d.text("(")
	}
	d.braces(e.Attrs())
	if e.Body {
		d.text(").body")
	}
}

func (d *desugarer) braces(a *Attrs) {
	if a.Rec {
		d.text("rec ")
	}
	d.text("{ ")
	d.attrs(a)
	d.text("}")
}

// attrs prints bindings: what is inherited, what is inherited from sets, the other
// attributes by name and the dynamic ones.
func (d *desugarer) attrs(a *Attrs) {
	list := append([]Attr(nil), a.List...)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	d.inherit(list, -1, nil)
	for i, from := range a.From {
		d.inherit(list, i, from)
	}
	for _, attr := range list {
		if attr.Inherited || attr.From >= 0 {
			continue
		}
		d.text(printName(attr.Name))
		d.text(" = ")
		d.value(attr.Value, attr.Set)
	}
	for _, attr := range a.Dynamic {
		d.dynamic(attr.Name)
		d.text(" = ")
		d.value(attr.Value, attr.Set)
	}
}

func (d *desugarer) value(value Expr, set *Attrs) {
	if set != nil {
		d.braces(set)
	} else {
		d.expr(value)
	}
	d.text("; ")
}

// inherit prints what is inherited from the expression of the number, or from around
// for -1.
func (d *desugarer) inherit(list []Attr, number int, from Expr) {
	begun := false
	for _, attr := range list {
		if attr.From != number || number < 0 && !attr.Inherited {
			continue
		}
		if !begun {
			begun = true
			d.text("inherit")
			if from != nil {
				d.text(" (")
				d.expr(from)
				d.text(")")
			}
		}
		d.text(" ")
		d.text(printName(attr.Name))
	}
	if begun {
		d.text("; ")
	}
}

func (d *desugarer) list(e *List) {
	d.text("[ ")
	for _, element := range e.Elements {
		d.text("(")
		d.expr(element)
		d.text(") ")
	}
	d.text("]")
}

func (d *desugarer) lambda(e *Lambda) {
	d.text("(")
	if e.Formals != nil {
		d.formals(e.Formals)
		if e.Arg != "" {
			d.text(" @ ")
		}
	}
	if e.Arg != "" {
		d.text(printName(e.Arg))
	}
	d.text(": ")
	d.expr(e.Body)
	d.text(")")
}

func (d *desugarer) formals(f *Formals) {
	list := append([]Formal(nil), f.List...)
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	d.text("{ ")
	for i, formal := range list {
		if i > 0 {
			d.text(", ")
		}
		d.text(printName(formal.Name))
		if formal.Default != nil {
			d.text(" ? ")
			d.expr(formal.Default)
		}
	}
	if f.Ellipsis {
		if len(list) > 0 {
			d.text(", ")
		}
		d.text("...")
	}
	d.text(" }")
}
