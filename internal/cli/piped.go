package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/operation"
)

// aboutWhy is what `why --help` says beside the usage.
const aboutWhy = `Without TEXT, or with -, the error is what a pipe or a file brings on standard input, of
any length: nixos-rebuild switch 2>&1 | ask-nix why. Without those it is what failed last.`

// pasted reports a sentence that is the output of something that failed, in lines or
// with colours as it was printed, and gives what matters of it.
func pasted(sentence string) (text string, ok bool) {
	const tooLong = 10_000 // for a sentence
	if !strings.ContainsAny(sentence, "\n\r\t\x1b") && len(sentence) < tooLong {
		return "", false
	}
	text, err := diagnosis.Read(strings.NewReader(sentence))
	return text, err == nil && diagnosis.IsError(text)
}

// withPiped gives an explanation that was asked for without an error what standard
// input brings.
func (a *app) withPiped(op *operation.Operation) error {
	if op.Name != operation.ExplainError || op.Arguments.Text != "" && op.Arguments.Text != "-" || a.flags.explain {
		return nil
	}
	named := op.Arguments.Text == "-"
	text, err := a.piped(named)
	if err == nil && named && text == "" {
		err = operation.Errorf(operation.CodeUsage, "there is no error message to be read").
			WithHint("Pipe the output of the program that failed: nixos-rebuild switch 2>&1 | ask-nix why")
	}
	op.Arguments.Text = text
	return err
}

// piped reads standard input where that is a pipe or a file, or whatever it is; "" where
// there is nothing but space in it. A socket or a device may never end, so it is read only
// when that is asked for.
func (a *app) piped(whatever bool) (string, error) {
	f, ok := a.In.(*os.File)
	if !ok {
		return "", nil
	}
	if info, err := f.Stat(); !whatever && (err != nil || !info.Mode().IsRegular() && info.Mode()&os.ModeNamedPipe == 0) {
		return "", nil
	}
	if a.ErrTerminal {
		const patience = 2 * time.Second
		waits := time.AfterFunc(patience, func() { fmt.Fprintln(a.Err, "reading what is piped in, to its end…") })
		defer waits.Stop()
	}
	text, err := diagnosis.Read(f)
	if strings.TrimSpace(text) == "" {
		text = ""
	}
	return text, err
}

// sayNothing is ask-nix without words: help, or what was piped in explained.
func (a *app) sayNothing(ctx context.Context) error {
	text, err := a.piped(false)
	switch {
	case err != nil:
		return err
	case text == "":
		return a.perform(ctx, "", certain(operation.New(operation.Help, operation.Arguments{})))
	case !diagnosis.IsError(text):
		return operation.Errorf(operation.CodeUsage, "what was piped in is no error message that ask-nix knows").
			WithHint("`ask-nix why -` has a look at it all the same; a sentence is written behind the command: ask-nix \"list my generations\"")
	}
	return a.perform(ctx, "", certain(operation.New(operation.ExplainError, operation.Arguments{Text: text})))
}
