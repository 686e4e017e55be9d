// Package persona has what the ways of presentation need beyond the renderers of the
// command line: their names, their words, and the commands of Nix that `technical` names.
//
// The words are plain text in the folder en, ready to be translated; README.md tells the
// form. They are read when they are needed first, which takes less than a millisecond;
// starting the program costs nothing.
package persona

import (
	"embed"
	"strconv"
	"strings"
	"sync"

	"luminousnix/internal/operation"
	"luminousnix/internal/plainfile"
)

// The personas. Standard is none of the others.
const (
	Standard     = "standard"
	Plain        = "plain"         // step by step, without jargon
	Brief        = "brief"         // one line
	Technical    = "technical"     // paths, commands, timings
	ScreenReader = "screen-reader" // sentences
	Calm         = "calm"          // always the same form
)

// Names are all of them, the default first.
func Names() []string {
	return []string{Standard, Plain, Brief, Technical, ScreenReader, Calm}
}

//go:embed en
var files embed.FS

// texts are the texts of one language.
type texts struct {
	operations map[string]*Text
	failures   map[string]string // by code
	phases     map[string]string // by name
	columns    map[string]string // what heads of tables are called; "" is left out
	words      []word            // longer ones first where one begins the other
	steps      []step
}

var inEnglish = sync.OnceValue(func() *texts { return read("en") })

func read(language string) *texts {
	text := func(file string) string { return plainfile.Must(files, language+"/"+file) }
	return &texts{
		operations: parseOperations(text("operations.txt")),
		failures:   plainfile.Pairs(text("failures.txt"), " "),
		phases:     plainfile.Pairs(text("phases.txt"), " "),
		columns:    plainfile.Pairs(text("columns.txt"), "|"),
		words:      parseWords(text("words.txt")),
		steps:      parseSteps(text("steps.txt")),
	}
}

// Failure says what an error of this code means for a person; "" is nothing more than
// the error itself says.
func Failure(code operation.Code) string { return inEnglish().failures[string(code)] }

// Phase says what a phase does in everyday words; "" is one that speaks for itself.
func Phase(name string) string { return inEnglish().phases[name] }

// fixed are the fixed words of each persona, by its name: they are read one by one, since
// a run of the program needs one.
var fixed sync.Map

// Phrase is one of the fixed words of a persona, by its name, with values for {1}, {2} and
// so on; "" where there is none of that name.
func Phrase(of, name string, values ...string) string {
	phrases, read := fixed.Load(of)
	if !read {
		phrases, _ = fixed.LoadOrStore(of, plainfile.Pairs(plainfile.Must(files, "en/"+of+".txt"), " "))
	}
	return numbered(phrases.(map[string]string)[name], values)
}

// numbered puts values in the place of {1}, {2} and so on. Braces in values stay.
func numbered(text string, values []string) string {
	var pairs []string
	for n, value := range values {
		pairs = append(pairs, "{"+strconv.Itoa(n+1)+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Columns leaves out columns of a table that say little to most people, and gives the
// others everyday names. The first row is the head.
func Columns(rows [][]string) [][]string {
	names := inEnglish().columns
	plain := make([][]string, len(rows))
	for i, head := range rows[0] {
		name, known := names[head]
		if known && name == "" {
			continue
		}
		if !known {
			name = head
		}
		plain[0] = append(plain[0], name)
		for n := 1; n < len(rows); n++ {
			plain[n] = append(plain[n], ShortPaths(rows[n][i]))
		}
	}
	return plain
}
