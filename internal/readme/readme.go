// Package readme keeps the table of what works in README.md: a row for each
// script of the command line's tests that passes, with the promise that the
// script's first line makes.
package readme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// Scripts is where the scripts are, seen from the root of the repository.
const Scripts = "internal/cli/testdata/script"

const (
	begin = "<!-- table of what works: written by make readme -->\n"
	end   = "<!-- end of the table -->\n"
)

// Main reads the output of `go test -json` of the scripts from in and rewrites
// the table in the named file of the current folder. It returns the exit status.
func Main(args []string, in io.Reader, errout io.Writer) int {
	if err := rewrite(args, in); err != nil {
		fmt.Fprintln(errout, "readme:", err)
		return 1
	}
	return 0
}

func rewrite(args []string, in io.Reader) error {
	if len(args) != 1 {
		return errors.New("usage: go test -json -run TestScripts ./internal/cli | readme README.md")
	}
	passed, err := Passed(in)
	if err != nil {
		return err
	}
	table, err := Table(os.DirFS(Scripts), passed)
	if err != nil {
		return err
	}
	before, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	after, err := Replace(before, table)
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], after, 0o644)
}

// Passed reads the events of `go test -json` and returns the names of the
// scripts that passed, sorted.
func Passed(events io.Reader) ([]string, error) {
	var names []string
	decoder := json.NewDecoder(events)
	for {
		var event struct{ Action, Test string }
		err := decoder.Decode(&event)
		if errors.Is(err, io.EOF) {
			slices.Sort(names)
			return names, nil
		}
		if err != nil {
			return nil, fmt.Errorf("reading test events: %w", err)
		}
		if name, ok := strings.CutPrefix(event.Test, "TestScripts/"); ok && event.Action == "pass" {
			names = append(names, name)
		}
	}
}

// Table makes the table of the named scripts.
func Table(scripts fs.FS, names []string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("| What works | Shown by |\n|---|---|\n")
	for _, name := range names {
		content, err := fs.ReadFile(scripts, name+".txtar")
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "| %s | [%s](%s) |\n", promise(string(content)), name, path.Join(Scripts, name+".txtar"))
	}
	return b.Bytes(), nil
}

// promise is the comment that a script begins with, as one line.
func promise(script string) string {
	var words []string
	for line := range strings.Lines(script) {
		comment, ok := strings.CutPrefix(line, "#")
		if !ok {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}

// Replace puts the table between its two marks in the text.
func Replace(text, table []byte) ([]byte, error) {
	before, rest, ok := bytes.Cut(text, []byte(begin))
	if !ok {
		return nil, errors.New("the mark before the table is missing")
	}
	_, after, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return nil, errors.New("the mark after the table is missing")
	}
	return slices.Concat(before, []byte(begin), table, []byte(end), after), nil
}
