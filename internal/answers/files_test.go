package answers_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luminousnix/internal/answers"
	"luminousnix/internal/catalog"
	"luminousnix/nix/syntax"
)

// TestTopics holds the topics to the form that README.md tells.
func TestTopics(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, topic := range answers.Topics() {
		if known[topic.ID] {
			t.Errorf("%s is there twice", topic.ID)
		}
		known[topic.ID] = true
	}
	if len(known) < 75 {
		t.Errorf("only %d topics", len(known))
	}
	for _, topic := range answers.Topics() {
		if topic.Title == "" || len(topic.Asks) < 3 {
			t.Errorf("%s has no title, or is hardly asked for", topic.ID)
		}
		if n := len(topic.Text); n < 3 || n > 8 {
			t.Errorf("%s has %d sentences", topic.ID, n)
		}
		for _, sentence := range topic.Text {
			if !strings.HasSuffix(sentence, ".") || len(sentence) > 260 {
				t.Errorf("%s: %q is no sentence, or a long one", topic.ID, sentence)
			}
		}
		commands := 0
		for _, try := range topic.Tries {
			if try.Command != "" {
				commands++
			}
			if try.Say == "" || (try.Command == "") == (try.Line == "") {
				t.Errorf("%s: %+v does not say what it does", topic.ID, try)
			}
		}
		if commands == 0 || len(topic.See) == 0 {
			t.Errorf("%s has no command to try, or leads nowhere", topic.ID)
		}
		for _, id := range topic.See {
			if !known[id] || id == topic.ID {
				t.Errorf("%s leads to %q", topic.ID, id)
			}
		}
	}
}

// TestNothingIsOverlooked has no line in the files that is passed over, such as one
// whose word is mistyped.
func TestNothingIsOverlooked(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("en/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	topics := 0
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			line = strings.TrimSuffix(line, "\n")
			word, rest, _ := strings.Cut(strings.TrimPrefix(line, "  "), " ")
			switch {
			case line == "" || line[0] == '#':
			case line[0] == '[':
				topics++
			case filepath.Base(name) == "words.txt":
				if word != "weak" && word != "same" || rest == "" {
					t.Errorf("%s: %q", name, line)
				}
			case !strings.HasPrefix(line, "  ") || !strings.Contains(" ask say run add see ", " "+word+" ") || rest == "":
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	if n := len(answers.Topics()); n != topics {
		t.Errorf("%d topics of %d in the files", n, topics)
	}
}

// TestLines has every line for the configuration be one: it parses, and its options are
// in the catalogue.
func TestLines(t *testing.T) {
	t.Parallel()
	c, err := catalog.Open(context.Background(), t.TempDir(), catalog.Snapshot(), nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, topic := range answers.Topics() {
		for _, try := range topic.Tries {
			if try.Line == "" {
				continue
			}
			lines++
			file, err := syntax.Parse(topic.ID, []byte("{ config, pkgs, lib, ... }: {\n"+try.Line+"\n}"), syntax.ParseOptions{})
			if err != nil {
				t.Errorf("%s: %q: %v", topic.ID, try.Line, err)
				continue
			}
			if err := syntax.Check(file, func(name string) bool { return slices.Contains([]string{"true", "false", "import", "builtins"}, name) }); err != nil {
				t.Errorf("%s: %q: %v", topic.ID, try.Line, err)
			}
			for _, path := range paths(file.Root.(*syntax.Lambda).Body) {
				if path[0] != "imports" && !isOption(c, path) {
					t.Errorf("%s: %s is no option", topic.ID, strings.Join(path, "."))
				}
			}
		}
	}
	if lines < 50 {
		t.Errorf("only %d lines", lines)
	}
}

// paths are the attribute paths that a set defines, with those of sets in it.
func paths(e syntax.Expr) (all [][]string) {
	set, ok := e.(*syntax.AttrSet)
	if !ok {
		return [][]string{nil}
	}
	for _, b := range set.Bindings {
		var path []string
		for _, name := range b.Path {
			path = append(path, name.Name)
		}
		for _, rest := range paths(b.Value) {
			all = append(all, append(path[:len(path):len(path)], rest...))
		}
	}
	return all
}

// isOption reports whether a path, or the beginning of one, is an option. A part of it
// may be a name of one's own.
func isOption(c *catalog.Catalog, path []string) bool {
	has := func(path []string) bool {
		for _, e := range c.Lookup(strings.Join(path, ".")) {
			if e.Kind == catalog.Option {
				return true
			}
		}
		return false
	}
	for n := len(path); n > 0; n-- {
		if has(path[:n]) {
			return true
		}
		for i := 1; i < n; i++ {
			named := append([]string{}, path[:n]...)
			named[i] = "<name>"
			if has(named) {
				return true
			}
		}
	}
	return false
}
