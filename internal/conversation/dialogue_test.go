package conversation_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/conversation"
	"luminousnix/internal/operation"
)

var update = flag.Bool("update", false, "write what is answered into the dialogues")

// TestDialogues plays the dialogues below testdata. A line of them is
//
//	# a remark
//	> what somebody says
//	= what comes of it: an answer, an error, a choice, operations
//	< what came of the operations, for what is said next
//
// and a blank line begins another dialogue.
func TestDialogues(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	count := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		played, dialogues := play(t, string(content))
		count += dialogues
		if *update {
			if err := os.WriteFile(file, []byte(played), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(content), played); diff != "" && !*update {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
	if count < 40 {
		t.Errorf("there are %d dialogues only", count)
	}
}

// now is when the dialogues take place: a Sunday.
var now = time.Date(2025, 6, 15, 12, 0, 0, 0, time.UTC)

// play returns the dialogues with the answers that are given, and how many there are.
func play(t *testing.T, content string) (played string, dialogues int) {
	var out bytes.Buffer
	c, step, told := &conversation.Conversation{}, conversation.Step{}, true
	entries := 0 // in the history
	done := func(text string) {
		results := outcome(t, &step, text)
		for i := range results {
			if results[i].Plan != nil && results[i].Success() && !step.DryRun {
				entries++
				results[i].Entry = operation.EntryNumber(fmt.Sprint(operation.UserEntry, entries))
			}
		}
		c.Done(step, results)
		told = true
	}
	settle := func() { // what nothing is said about went well
		if !told {
			done("")
		}
	}
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(line, "\n")
		mark, text, _ := strings.Cut(line, " ")
		switch mark {
		case ">":
			settle()
			step = c.Turn(text, now)
			fmt.Fprintln(&out, line)
			describe(t, &out, &step)
			told = len(step.Reading.Operations) == 0
		case "<":
			done(text)
			fmt.Fprintln(&out, line)
		case "=":
		case "":
			settle()
			c, dialogues, entries = &conversation.Conversation{}, dialogues+1, 0
			fmt.Fprintln(&out, line)
		default:
			fmt.Fprintln(&out, line)
		}
	}
	return out.String(), dialogues + 1
}

func describe(t *testing.T, out *bytes.Buffer, step *conversation.Step) {
	for _, line := range step.Answer {
		fmt.Fprintln(out, strings.TrimRight("= "+line, " "))
	}
	if step.Sentence != "" && step.Err == nil {
		fmt.Fprintf(out, "= (%s)\n", step.Sentence)
	}
	if step.Leave {
		fmt.Fprintln(out, "= (leave)")
	}
	if step.Err != nil {
		fmt.Fprintf(out, "= (%s) %s\n", step.Err.Code, step.Err.Message)
		for i, a := range step.Err.Alternatives {
			fmt.Fprintf(out, "=   %d. %s\n", i+1, a.Say)
		}
	}
	for _, op := range step.Reading.Operations {
		if err := op.Validate(); err != nil {
			t.Errorf("%q gives an operation that is not valid: %v", step.Said, err)
		}
		arguments, err := json.Marshal(op.Arguments)
		if err != nil {
			t.Fatal(err)
		}
		how := ""
		if step.DryRun {
			how += " (only the plan)"
		}
		if step.Agreed != nil {
			how += " (agreed)"
		}
		fmt.Fprintf(out, "= %s %s%s\n", op.Name, arguments, how)
	}
}

// outcome makes the results of a step. A text is a word and what belongs to it:
//
//	found TOTAL NAME...         rows of a search; option:NAME is an option
//	installed NAME...           a list of packages
//	generations N...            a list of them; the first is current
//	pins N=NAME...              a list of them
//	jobs ID...                  a list of them
//	option NAME                 all about an option
//	dry|done|gone PLAN          what became of a plan; gone is destructive
//	declined|refused PLAN       a plan was not agreed to; refused was said no to
//	switched FROM TO PLAN       a generation was made, or switched to; FROM may be 0
//	set OLD                     an option that was OLD before
//	edited NAME PLAN            a package in the configuration was
//	pinned PLAN                 a pin was made; repinned changed one
//	failed CODE MESSAGE         an error
func outcome(t *testing.T, step *conversation.Step, text string) (results []operation.Result) {
	t.Helper()
	for _, op := range step.Reading.Operations {
		results = append(results, operation.Result{Operation: op})
	}
	if len(results) == 0 {
		t.Errorf("%q has no operations, which %q could come of", step.Said, text)
		return nil
	}
	what, rest, _ := strings.Cut(text, " ")
	if what == "declined" || what == "refused" || what == "failed" {
		results = results[:1] // the others are not tried
	}
	last := &results[len(results)-1]
	words := strings.Fields(rest)
	plan := &operation.Plan{Summary: rest, Risk: operation.Reversible, Steps: []operation.Step{{Action: "Do it"}}}
	switch what {
	case "":
		if spec, _ := operation.Lookup(last.Operation.Name); spec.Changing {
			last.Plan = plan
		}
	case "found":
		last.Data = found(t, last.Operation.Arguments.Offset, words)
	case "installed":
		data := &operation.InstalledPackages{Total: len(words)}
		for _, name := range words {
			data.Packages = append(data.Packages, operation.InstalledPackage{Name: name})
		}
		last.Data = data
	case "generations":
		data := &operation.Generations{Total: len(words)}
		for i, n := range words {
			data.Generations = append(data.Generations, operation.Generation{Number: number(t, n), Date: "2025-06-0" + n, Current: i == 0})
		}
		last.Data = data
	case "pins":
		data := &operation.Pins{}
		for _, word := range words {
			n, name, _ := strings.Cut(word, "=")
			data.Pins = append(data.Pins, operation.Pin{Generation: number(t, n), Name: name})
		}
		last.Data = data
	case "jobs":
		data := &operation.Jobs{}
		for _, id := range words {
			data.Jobs = append(data.Jobs, operation.Job{ID: id, State: "running", Operation: operation.UpdateSystem})
		}
		last.Data = data
	case "option":
		last.Data = &operation.Info{Options: []operation.OptionDetails{{Option: rest}}}
	case "dry":
		step.DryRun, last.Plan = true, plan
	case "declined", "refused":
		step.Refused = what == "refused"
		last.Plan, last.Err = plan, operation.Errorf(operation.CodeDeclined, "nothing was changed")
	case "warned":
		plan.Summary, plan.Warnings = "Change it", []string{rest}
		last.Plan, last.Err = plan, operation.Errorf(operation.CodeDeclined, "nothing was changed")
	case "done":
		last.Plan = plan
	case "gone":
		plan.Risk = operation.Destructive
		last.Plan = plan
	case "switched":
		plan.Summary = strings.Join(words[2:], " ")
		data := &operation.Switched{To: number(t, words[1])}
		if words[0] != "0" {
			data.From = number(t, words[0])
		}
		last.Plan, last.Data = plan, data
	case "set":
		plan.Summary, plan.Undo = "Set the option", "cp backup configuration.nix"
		plan.Option = &operation.OptionDetails{Option: string(last.Operation.Arguments.Option), Value: rest}
		last.Plan, last.Data = plan, &operation.Edited{}
	case "edited":
		plan.Summary, plan.Undo = strings.Join(words[1:], " "), "cp backup configuration.nix"
		last.Plan, last.Data = plan, &operation.Edited{Packages: words[:1]}
	case "pinned":
		plan.Undo = "ask-nix unpin 3"
		last.Plan = plan
	case "repinned":
		last.Plan = plan
	case "failed":
		code, message, _ := strings.Cut(rest, " ")
		last.Err = operation.Errorf(operation.Code(code), "%s", message)
	default:
		t.Fatalf("nothing is known of %q", text)
	}
	return results
}

func found(t *testing.T, offset int, words []string) *operation.Found {
	total, err := strconv.Atoi(words[0])
	if err != nil {
		t.Fatal(err)
	}
	data := &operation.Found{Total: total, Offset: offset}
	for _, name := range words[1:] {
		e := operation.FoundEntry{Kind: operation.KindPackage, Attribute: name, Why: []string{"name"}}
		if option, ok := strings.CutPrefix(name, "option:"); ok {
			e.Kind, e.Attribute = operation.KindOption, option
		}
		data.Results = append(data.Results, e)
	}
	return data
}

func number(t *testing.T, word string) operation.GenerationNumber {
	n, err := operation.ParseGenerationNumber(word)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
