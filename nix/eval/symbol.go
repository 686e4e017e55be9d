package eval

// Symbol is an interned name: of an attribute or variable. Equal names are equal
// symbols within one Evaluator. The order of symbols means nothing.
type Symbol uint32

// The names that the evaluator itself asks for. They are interned first, in the
// order of wellKnown.
const (
	symNone Symbol = iota
	symFunctor
	symToString
	symOverrides
	symOutPath
	symDrvPath
	symType
	symName
	symValue
	symRight
	symWrong
	symKey
	symStartSet
	symOperator
	symFile
	symLine
	symColumn
	symSuccess
	symPath
	symPrefix
	symBody
	symMeta
	symSystem
	symOutputs
	symOutputName
	symBuiltins
	symPosition
	symDescription
	symFunctionArgs
	symSHA256
	symRecursive
	symFilter
	symStructuredAttrs
	symIgnoreNulls
	symContentAddressed
	symImpure
	symOutputHash
	symOutputHashAlgo
	symOutputHashMode
	symBuilder
	symArgs
	symAllOutputs
	symVersion
	symURL
)

// wellKnown are the names of the constants above.
func wellKnown() []string {
	return []string{
		"", "__functor", "__toString", "__overrides", "outPath", "drvPath", "type",
		"name", "value", "right", "wrong", "key", "startSet", "operator", "file",
		"line", "column", "success", "path", "prefix", "body", "meta", "system",
		"outputs", "outputName", "builtins", "position", "description",
		"__functionArgs", "sha256", "recursive", "filter", "__structuredAttrs",
		"__ignoreNulls", "__contentAddressed", "__impure", "outputHash",
		"outputHashAlgo", "outputHashMode", "builder", "args", "allOutputs",
		"version", "url",
	}
}
