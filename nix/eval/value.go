package eval

import (
	"math"
	"unsafe"
)

// Value is an evaluated value: the outermost constructor, with thunks inside. It
// is small and passed by value. The zero Value is none.
//
// A tag, a small number and a pointer are enough for all kinds. What pointer and
// number mean depends on the tag; only this file and thunk.go look at them.
type Value struct {
	tag tag
	num uint32
	ptr unsafe.Pointer
}

// Kind is what builtins.typeOf distinguishes.
type Kind uint8

// The kinds of values.
const (
	KindNone Kind = iota
	KindNull
	KindBool
	KindInt
	KindFloat
	KindString
	KindPath
	KindAttrs
	KindList
	KindFunction
)

// tag tells how a Value is represented, or in which state a Thunk is.
type tag uint32

const (
	tagNone tag = iota
	tagNull
	tagBool       // num
	tagInt        // num, or ptr to it if it needs more bits
	tagFloat      // ptr to it
	tagString     // num bytes at ptr, no context
	tagContextual // ptr to a contextual string: one with a context, or very long
	tagPath       // num bytes at ptr
	tagAttrs      // ptr to Attrs
	tagList       // num thunk pointers at ptr
	tagLambda     // ptr to closure
	tagBuiltin    // ptr to Builtin
	tagPartial    // ptr to partial

	// What follows are states of thunks; no Value has them.
	tagExpr      // ptr to lazy, env is its environment
	tagApply     // ptr to the function's thunk, env to the argument's
	tagApply2    // the same, env to an array of two arguments
	tagNative    // ptr to a func(*worker) (Value, error)
	tagFailed    // ptr to the error
	tagBlackhole // being evaluated; see thunk.go for the other bits
)

// contextual is a string that depends on store paths, or of 4 GiB and more.
type contextual struct {
	text    string
	context Context
}

// closure is a function of the language with the environment it was made in.
type closure struct {
	lambda *lambda
	env    *Env
}

// partial is a builtin that still needs arguments.
type partial struct {
	builtin *Builtin
	args    []*Thunk
}

// Kind returns the kind of the value.
func (v Value) Kind() Kind {
	switch v.tag {
	case tagNull:
		return KindNull
	case tagBool:
		return KindBool
	case tagInt:
		return KindInt
	case tagFloat:
		return KindFloat
	case tagString, tagContextual:
		return KindString
	case tagPath:
		return KindPath
	case tagAttrs:
		return KindAttrs
	case tagList:
		return KindList
	case tagLambda, tagBuiltin, tagPartial:
		return KindFunction
	}
	return KindNone
}

// Constructors.

func nullValue() Value { return Value{tag: tagNull} }

func boolValue(b bool) Value {
	if b {
		return Value{tag: tagBool, num: 1}
	}
	return Value{tag: tagBool}
}

func intValue(n int64) Value {
	if small := int32(n); int64(small) == n {
		return Value{tag: tagInt, num: uint32(small)}
	}
	return largeInt(n)
}

func largeInt(n int64) Value { return Value{tag: tagInt, ptr: unsafe.Pointer(&n)} }

func floatValue(f float64) Value { return Value{tag: tagFloat, ptr: unsafe.Pointer(&f)} }

// stringValue makes a string without context.
func stringValue(s string) Value {
	if len(s) > math.MaxUint32 {
		return Value{tag: tagContextual, ptr: unsafe.Pointer(&contextual{text: s})}
	}
	return Value{tag: tagString, num: uint32(len(s)), ptr: unsafe.Pointer(unsafe.StringData(s))}
}

// contextValue makes a string with a context, which may be empty.
func contextValue(s string, c Context) Value {
	if len(c) == 0 {
		return stringValue(s)
	}
	return Value{tag: tagContextual, ptr: unsafe.Pointer(&contextual{s, c})}
}

// pathValue makes a path of an absolute, clean path.
func pathValue(s string) Value {
	return Value{tag: tagPath, num: uint32(len(s)), ptr: unsafe.Pointer(unsafe.StringData(s))}
}

func attrsValue(a *Attrs) Value { return Value{tag: tagAttrs, ptr: unsafe.Pointer(a)} }

// listValue makes a list of the elements, which it keeps: at most maxListSize.
func listValue(elements []*Thunk) Value {
	return Value{tag: tagList, num: uint32(len(elements)), ptr: unsafe.Pointer(unsafe.SliceData(elements))}
}

func lambdaValue(l *lambda, env *Env) Value {
	return Value{tag: tagLambda, ptr: unsafe.Pointer(&closure{l, env})}
}

func builtinValue(b *Builtin) Value { return Value{tag: tagBuiltin, ptr: unsafe.Pointer(b)} }

func partialValue(p *partial) Value { return Value{tag: tagPartial, ptr: unsafe.Pointer(p)} }

// Accessors. Each may only be called on a value of its kind.

// Bool returns the value of a KindBool.
func (v Value) Bool() bool { return v.num != 0 }

// Int returns the value of a KindInt.
func (v Value) Int() int64 {
	if v.ptr != nil {
		return *(*int64)(v.ptr)
	}
	return int64(int32(v.num))
}

// Float returns the value of a KindFloat.
func (v Value) Float() float64 { return *(*float64)(v.ptr) }

// Text returns the characters of a KindString, without its context.
func (v Value) Text() string {
	if v.tag == tagContextual {
		return (*contextual)(v.ptr).text
	}
	return unsafe.String((*byte)(v.ptr), int(v.num))
}

// Context returns the context of a KindString.
func (v Value) Context() Context {
	if v.tag == tagContextual {
		return (*contextual)(v.ptr).context
	}
	return nil
}

// Path returns the absolute path of a KindPath.
func (v Value) Path() string { return unsafe.String((*byte)(v.ptr), int(v.num)) }

// Attrs returns the set of a KindAttrs.
func (v Value) Attrs() *Attrs { return (*Attrs)(v.ptr) }

// List returns the elements of a KindList, which must not be changed.
func (v Value) List() []*Thunk { return unsafe.Slice((**Thunk)(v.ptr), int(v.num)) }

func (v Value) closure() *closure { return (*closure)(v.ptr) }

func (v Value) builtin() *Builtin { return (*Builtin)(v.ptr) }

func (v Value) partial() *partial { return (*partial)(v.ptr) }
