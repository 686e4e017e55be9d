// Package corpus holds sentences that people might say to ask-nix, each with what is
// meant by it: what the classifier of package intent is trained on, and what the
// understanding is measured by.
//
// en.tsv was written by many hands who knew the names of the operations and what they
// take, and nothing of how sentences are read; but for the families first/, which were
// read when the patterns of package intent were written. Some wrote sentences like such as
// were misread when they were left out of learning; those are of the families of these. It
// is plain text, so that a change of a sentence can be read. A line is
//
//	family TAB sentence TAB request [& request …] [TAB operation,operation …]
//
// where a request is the name of an operation and its arguments as JSON, and the last
// column are other operations that are just as right. A family is one way of saying
// one thing: its sentences differ in words, names and numbers. In the sentence \n, \t
// and \\ stand for what they mean in Go, and ¦ stands where a further request begins,
// what joins the two behind it; a swap of two things has none.
package corpus

import (
	"encoding/json"
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// Sentence is a sentence and what is meant by it.
type Sentence struct {
	Family string
	Text   string
	Begins []int                 // where in the text each further request begins, in bytes; nil: nobody can say
	Want   []operation.Operation // never empty; the operation None: nothing is to be done
	Also   []operation.Name      // just as right
}

// Parse reads the lines of a file such as en.tsv.
func Parse(text string) ([]Sentence, error) {
	var all []Sentence
	number := 0
	for line := range strings.Lines(text) {
		number++
		s, err := parseLine(strings.TrimRight(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// begin stands before each further request of a sentence.
const begin = "¦"

var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`)

func parseLine(line string) (s Sentence, err error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 3 && len(fields) != 4 {
		return s, fmt.Errorf("%d columns, 3 or 4 are known", len(fields))
	}
	s.Family, s.Text = fields[0], escapes.Replace(fields[1])
	requests := strings.Split(s.Text, begin)
	s.Text = requests[0]
	for _, request := range requests[1:] {
		s.Begins = append(s.Begins, len(s.Text))
		s.Text += request
	}
	for request := range strings.SplitSeq(fields[2], " & ") {
		op, err := parseRequest(request)
		if err != nil {
			return s, err
		}
		s.Want = append(s.Want, op)
	}
	if len(s.Begins) != 0 && len(s.Begins) != len(s.Want)-1 {
		return s, fmt.Errorf("%d requests, but further ones begin at %v", len(s.Want), s.Begins)
	}
	if len(fields) == 4 {
		for name := range strings.SplitSeq(fields[3], ",") {
			s.Also = append(s.Also, operation.Name(name))
		}
	}
	return s, nil
}

func parseRequest(request string) (op operation.Operation, err error) {
	name, arguments, given := strings.Cut(request, " ")
	op.Name = operation.Name(name)
	if _, ok := operation.Lookup(op.Name); !ok && op.Name != operation.None {
		return op, fmt.Errorf("unknown operation %q", name)
	}
	if given {
		err = json.Unmarshal([]byte(arguments), &op.Arguments)
	}
	return op, err
}

// Held reports whether a family is one of the fifth that nothing is trained on. It
// depends on the name only, so that a family never changes sides.
func Held(family string) bool {
	const prime = 16777619 // FNV-1a, of 32 bits
	hash := uint32(2166136261)
	for _, b := range []byte(family) {
		hash = (hash ^ uint32(b)) * prime
	}
	return hash%5 == 0
}
