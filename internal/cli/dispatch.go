package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"luminousnix/internal/operation"
)

// dispatch settles what the words of the command line are: a single one with
// spaces is a sentence; words that are wholly an exact command are that
// command; everything else is a sentence.
func (a *app) dispatch(ctx context.Context, args []string) error {
	args = joinValues(byOperation(args))
	root := newRoot(a, namedIn(args))
	root.SetArgs(args)
	if said, ok := soleSentence(root, args); ok {
		return a.say(ctx, said, errSentence{})
	}
	cmd, err := root.ExecuteContextC(ctx)
	var sentence errSentence
	if !errors.As(err, &sentence) {
		return err
	}
	return a.sayWords(ctx, root, cmd, sentence)
}

// byOperation is the line with the exact command in place of the name of its operation, as
// JSON has it, where that comes first: "check-health" is "health".
func byOperation(args []string) []string {
	if len(args) == 0 || !strings.Contains(args[0], "-") || strings.HasPrefix(args[0], "-") {
		return args
	}
	for _, c := range commands() {
		if string(c.name) == args[0] {
			return append(c.words(), args[1:]...)
		}
	}
	return args
}

// soleSentence finds a single argument with spaces besides flags. Parsing the
// flags here sets them, as executing a command would.
func soleSentence(root *cobra.Command, args []string) (sentence string, ok bool) {
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if strings.ContainsAny(arg, " \t\n") && !strings.HasPrefix(arg, "-") {
			ok = true
		}
	}
	if !ok || root.ParseFlags(args) != nil {
		return "", false
	}
	words := root.Flags().Args()
	if len(words) != 1 || !strings.ContainsAny(words[0], " \t\n") {
		return "", false
	}
	return words[0], true
}

// flagBehindDashes is the first word behind "--" that looks like a flag, "" for none.
func flagBehindDashes(cmd *cobra.Command) string {
	args, at := cmd.Flags().Args(), cmd.ArgsLenAtDash()
	for i := max(at, 0); at >= 0 && i < len(args); i++ {
		if strings.HasPrefix(args[i], "--") {
			return args[i]
		}
	}
	return ""
}

// sayWords takes the words of the line as a sentence.
func (a *app) sayWords(ctx context.Context, root, cmd *cobra.Command, inexact errSentence) error {
	sentence, err := sentenceIn(root, cmd, inexact)
	if err != nil {
		return err
	}
	return a.say(ctx, sentence, inexact)
}

// sentenceIn is the sentence that the words of the line are, in the order in which they
// were written. With a flag of the command's own, or what looks like one behind "--", they are
// no sentence: the error is why they are not of its form.
func sentenceIn(root, cmd *cobra.Command, inexact errSentence) (string, error) {
	if flag := flagBehindDashes(cmd); flag != "" && cmd != root {
		return "", operation.Errorf(operation.CodeUsage, "%s does not take %s", cmd.CommandPath(), flag).
			WithHint("`" + cmd.CommandPath() + " --help` lists the flags.")
	}
	var wrong error
	cmd.LocalNonPersistentFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Changed && flag.Name != "help" {
			wrong = operation.Errorf(operation.CodeUsage, "%s does not take these words together with --%s", cmd.CommandPath(), flag.Name).
				WithHint("`" + cmd.CommandPath() + " --help` shows how it is used.")
		}
	})
	if wrong != nil && inexact.why != nil && !errors.Is(inexact.why, errWords) {
		return "", inexact.teach(operation.AsError(inexact.why))
	}
	if wrong != nil {
		return "", wrong
	}
	path := strings.Fields(cmd.CommandPath())[len(strings.Fields(root.CommandPath())):]
	words := append(path, cmd.Flags().Args()...)
	if group := cmd.HasSubCommands() && cmd != root && len(cmd.Flags().Args()) == 0; group {
		return "", operation.Errorf(operation.CodeUsage, "%s needs another word", cmd.CommandPath()).
			WithHint("`" + cmd.CommandPath() + " --help` lists them.")
	}
	return strings.Join(words, " "), nil
}
