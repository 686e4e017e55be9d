// Package operation is the contract between every face of ask-nix and its
// engine: which operations there are, what they take, what they answer, how
// they fail and how their progress is told.
//
// It is a leaf: everything under internal/ may import it and it imports
// nothing of ours. The names of operations, arguments, error codes and JSON
// fields are stable; scripts, the audit log and the metrics rely on them.
//
// Start with [Operation], then [Spec] (the table of all operations), [Result]
// and [Error].
package operation

import "fmt"

// Operation is one thing a person wants, fully understood and typed.
type Operation struct {
	Name      Name      `json:"operation"`
	Arguments Arguments `json:"arguments"`
}

// New returns the operation called name with the given arguments.
func New(name Name, arguments Arguments) Operation {
	return Operation{Name: name, Arguments: arguments}
}

// Validate reports the first thing wrong with the operation as an [*Error]:
// an unknown name, an argument that the operation does not take, a required
// one that is missing, or a value outside the grammar of its type. Values that
// came through the Parse functions are valid; this is the check for those that
// came from elsewhere, such as a Go caller.
func (op Operation) Validate() error {
	spec, ok := Lookup(op.Name)
	if !ok {
		return Errorf(CodeUsage, "there is no operation %q", string(op.Name)).
			WithHint("`ask-nix help` lists what can be done.")
	}
	if err := op.Arguments.validate(); err != nil {
		return err
	}
	if op.Name != ExplainError { // which reads what was printed
		if err := checkPrintable(op.Arguments.Text); err != nil {
			return err
		}
	}
	for _, name := range op.Arguments.present() {
		if !spec.Takes(name) {
			return Errorf(CodeUsage, "%s does not take the argument %q", op.Name, name)
		}
	}
	for _, argument := range spec.Arguments {
		if argument.Required && !op.Arguments.has(argument.Name) {
			return Errorf(CodeUsage, "%s needs %s", op.Name, argument.Meaning).WithHint(spec.example())
		}
	}
	return nil
}

// Takes reports whether the operation takes the argument of that JSON name.
func (s Spec) Takes(name string) bool {
	for _, argument := range s.Arguments {
		if argument.Name == name {
			return true
		}
	}
	return false
}

func (s Spec) example() string {
	if s.Example == "" {
		return ""
	}
	return fmt.Sprintf("For example: ask-nix %s", s.Example)
}
