package syntax

// Pos is a byte offset in a file's source.
type Pos int32

// Span is a range of the source: from Start up to, but not including, End.
type Span struct{ Start, End Pos }

// Range returns the span itself; it is how nodes, which embed one, tell theirs.
func (s Span) Range() Span { return s }

// Expr is an expression: a pointer to one of the node types of this file whose
// comment begins "An expression".
type Expr interface {
	Range() Span
	expr()
}

// Int is an expression: an integer such as 42.
type Int struct {
	Span
	Value int64
}

// Float is an expression: a number such as 1.5e3.
type Float struct {
	Span
	Value float64
}

// String is an expression: in quotes, indented between pairs of single quotes, or
// a bare URI.
type String struct {
	Span
	// Parts are the text, with escapes resolved and the indentation of
	// indented strings removed, and the interpolations between. An empty string has none; no two
	// texts are neighbours.
	Parts []Part
	Style StringStyle
}

// StringStyle is how a string is written.
type StringStyle uint8

// The styles of strings.
const (
	Quoted   StringStyle = iota // "…"
	Indented                    // between pairs of single quotes
	URI                         // https://…
)

// Part is a piece of a string or path: text, or the expression of ${…} if Expr
// is set.
type Part struct {
	Span
	Text string
	Expr Expr
}

// Path is an expression: a path with at least one slash, such as ./x or
// ~/a/${b}. The first part is text as it is written, without a trailing slash
// removed and without its directory resolved.
type Path struct {
	Span
	Parts []Part
}

// SearchPath is an expression: <nixpkgs/lib>, without the brackets.
type SearchPath struct {
	Span
	Name string
}

// Ident is an expression: a variable.
type Ident struct {
	Span
	Name string
}

// Select is an expression: set.a.b, or set.a.b or default.
type Select struct {
	Span
	Set     Expr
	Path    []AttrName
	Default Expr // nil without one
}

// HasAttr is an expression: set ? a.b.
type HasAttr struct {
	Span
	Set  Expr
	Path []AttrName
}

// AttrName is a name in an attribute path: fixed, or of ${…} if Expr is set. The
// fixed form may be written as a string, also as one within ${…}: as in Nix, no
// name is dynamic that is a string without interpolations.
type AttrName struct {
	Span
	Name string
	Expr Expr
}

// AttrSet is an expression: { … } or rec { … }; also the outdated let { … },
// which is the attribute body of a recursive set (Rec is set then too).
//
// Bindings are as written. What they define is in Attrs, where attribute paths and
// sets of the same name are merged: evaluation goes by that.
type AttrSet struct {
	Span
	Rec      bool
	Body     bool // let { … }
	Bindings []Binding

	attrs *Attrs // what Bindings define, after merging
}

// Binding is one statement of an attribute set or let: a value at an attribute
// path, or inherited names if Inherit is set.
type Binding struct {
	Span
	Path  []AttrName
	Value Expr

	Inherit bool
	From    Expr // of inherit (from) …; nil for the scope around
	Names   []AttrName
}

// Let is an expression: let … in body. As with AttrSet, Attrs has what the
// bindings define; none of it is dynamic.
type Let struct {
	Span
	Bindings []Binding
	Body     Expr

	attrs *Attrs // what Bindings define, after merging
}

// List is an expression: [ … ].
type List struct {
	Span
	Elements []Expr
}

// Lambda is an expression: arg: body, or { formals }@arg: body.
type Lambda struct {
	Span
	Arg     string // "" when only formals are given
	ArgSpan Span
	Formals *Formals // nil without
	Body    Expr
}

// Formals is the set pattern of a function.
type Formals struct {
	Span
	List     []Formal
	Ellipsis bool
}

// Formal is one attribute of a set pattern.
type Formal struct {
	Span
	Name    string
	Default Expr // nil without one
}

// Apply is an expression: the function applied to one argument.
type Apply struct {
	Span
	Func, Arg Expr
}

// With is an expression: with set; body.
type With struct {
	Span
	Set, Body Expr
}

// If is an expression.
type If struct {
	Span
	Cond, Then, Else Expr
}

// Assert is an expression: assert cond; body.
type Assert struct {
	Span
	Cond, Body Expr
}

// Paren is an expression: in parentheses.
type Paren struct {
	Span
	Expr Expr
}

// Unary is an expression: !x or -x.
type Unary struct {
	Span
	Op   Op
	Expr Expr
}

// Binary is an expression: two operands and what is between, at OpSpan.
type Binary struct {
	Span
	Op          Op
	OpSpan      Span
	Left, Right Expr
}

// Op is an operator.
type Op uint8

// The operators.
const (
	OpNot       Op = iota + 1 // !
	OpNegate                  // -x
	OpAdd                     // +
	OpSubtract                // -
	OpMultiply                // *
	OpDivide                  // /
	OpConcat                  // ++
	OpUpdate                  // //
	OpEqual                   // ==
	OpNotEqual                // !=
	OpLess                    // <
	OpLessEqual               // <=
	OpMore                    // >
	OpMoreEqual               // >=
	OpAnd                     // &&
	OpOr                      // ||
	OpImply                   // ->
	OpPipeTo                  // |>
	OpPipeFrom                // <|
)

func (*Int) expr()        {}
func (*Float) expr()      {}
func (*String) expr()     {}
func (*Path) expr()       {}
func (*SearchPath) expr() {}
func (*Ident) expr()      {}
func (*Select) expr()     {}
func (*HasAttr) expr()    {}
func (*AttrSet) expr()    {}
func (*Let) expr()        {}
func (*List) expr()       {}
func (*Lambda) expr()     {}
func (*Apply) expr()      {}
func (*With) expr()       {}
func (*If) expr()         {}
func (*Assert) expr()     {}
func (*Paren) expr()      {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
