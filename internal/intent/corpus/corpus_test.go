package corpus_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/intent/corpus"
	"luminousnix/internal/operation"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := corpus.Parse("install/list\tput vim,\\n\\tgit on ¦and list\tinstall-packages {\"packages\":[\"vim\",\"git\"]} & list-generations\tundo,none\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []corpus.Sentence{{
		Family: "install/list", Text: "put vim,\n\tgit on and list", Begins: []int{17},
		Want: []operation.Operation{
			operation.New(operation.InstallPackages, operation.Arguments{Packages: []operation.PackageName{"vim", "git"}}),
			operation.New(operation.ListGenerations, operation.Arguments{}),
		},
		Also: []operation.Name{operation.Undo, operation.None},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, wrong := range []string{"a\tb", "f\ts\tno-such-operation", "f\ts ¦t\tundo", "f\ts\tundo {\"nope\":", "f\ts\tundo\tundo\tmore"} {
		if _, err := corpus.Parse(wrong); err == nil {
			t.Errorf("%q is a sentence", wrong)
		}
	}
}

// TestCorpus holds what the sentences of the repository are to be: all operations, in
// many families, of which about a fifth is held back, and nothing twice.
func TestCorpus(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("en.tsv")
	if err != nil {
		t.Fatal(err)
	}
	all, err := corpus.Parse(string(data))
	if err != nil {
		t.Fatal(err)
	}
	seen, families := map[string]bool{}, map[string]bool{}
	count := map[operation.Name]int{}
	for _, s := range all {
		text := strings.ToLower(s.Text)
		if seen[text] {
			t.Errorf("%q is there twice", s.Text)
		}
		seen[text], families[s.Family] = true, true
		for _, op := range s.Want {
			count[op.Name]++
		}
	}
	back := 0
	for family := range families {
		if corpus.Held(family) {
			back++
		}
	}
	t.Logf("%d sentences, %d families, %d of them held back", len(all), len(families), back)
	if len(all) < 1500 || back*100 < len(families)*17 || back*100 > len(families)*23 {
		t.Error("too few, or not a fifth")
	}
	for _, spec := range operation.All() {
		if spec.Name != operation.RebuildRemotely && count[spec.Name] < 50 {
			t.Errorf("%s has %d sentences", spec.Name, count[spec.Name])
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	op := operation.New
	rollback := op(operation.Rollback, operation.Arguments{Steps: 2})
	s := corpus.Sentence{Want: []operation.Operation{rollback}, Also: []operation.Name{operation.Undo}}
	ambiguous := operation.Errorf(operation.CodeAmbiguous, "which")
	ambiguous.Alternatives = []operation.Alternative{{Operation: rollback}}
	for _, test := range []struct {
		name string
		got  []operation.Operation
		err  error
		want corpus.Verdict
	}{
		{"right", []operation.Operation{rollback}, nil, corpus.Verdict{Operation: true, Judged: true, Arguments: true, Got: operation.Rollback}},
		{"other steps", []operation.Operation{op(operation.Rollback, operation.Arguments{Steps: 3})}, nil, corpus.Verdict{Operation: true, Judged: true, Got: operation.Rollback}},
		{"as right", []operation.Operation{op(operation.Undo, operation.Arguments{})}, nil, corpus.Verdict{Operation: true, Got: operation.Undo}},
		{"wrong", []operation.Operation{op(operation.Help, operation.Arguments{})}, nil, corpus.Verdict{Got: operation.Help}},
		{"more", []operation.Operation{rollback, rollback}, nil, corpus.Verdict{Got: operation.Rollback}},
		{"asked", nil, ambiguous, corpus.Verdict{Operation: true, Asked: true, Got: operation.None}},
		{"not understood", nil, operation.Errorf(operation.CodeNotUnderstood, "what"), corpus.Verdict{Got: operation.None}},
	} {
		if diff := cmp.Diff(test.want, s.Judge(test.got, test.err)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// What the arguments are of a request is not judged where its sentence does not tell them,
// and words that are sought may be one or many.
func TestJudgeArguments(t *testing.T) {
	t.Parallel()
	install := func(names ...operation.PackageName) operation.Operation {
		return operation.New(operation.InstallPackages, operation.Arguments{Packages: names})
	}
	search := func(query operation.Query) operation.Operation {
		return operation.New(operation.SearchPackages, operation.Arguments{Query: query})
	}
	for _, test := range []struct {
		name      string
		want, got operation.Operation
		judged    bool
		right     bool
	}{
		{"not told", install(), install("vim"), false, false},
		{"another", install("git"), install("vim"), true, false},
		{"the same", install("Git", "vim"), install("vim", "git"), true, true},
		{"many", search("video editor"), search("the video editors"), true, true},
		{"fewer", search("video editor"), search("video"), true, false},
	} {
		s := corpus.Sentence{Want: []operation.Operation{test.want}}
		if v := s.Judge([]operation.Operation{test.got}, nil); v.Judged != test.judged || v.Arguments != test.right {
			t.Errorf("%s: %+v", test.name, v)
		}
	}
}
