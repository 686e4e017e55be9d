package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"luminousnix/internal/operation"
)

// showHelp is what --help shows: of the program as a whole an overview, of a
// command what cobra knows.
func (a *app) showHelp(root, cmd *cobra.Command) {
	if cmd != root {
		fmt.Fprintln(a.Out, cmd.Short+".")
		fmt.Fprintln(a.Out)
		if cmd.Long != "" {
			fmt.Fprintln(a.Out, cmd.Long)
			fmt.Fprintln(a.Out)
		}
		fmt.Fprint(a.Out, cmd.UsageString())
		return
	}
	a.renderHelp(&operation.HelpData{Operations: operation.All()})
	fmt.Fprintln(a.Out, "\nAbout ask-nix itself:")
	for _, own := range ownCommands() {
		about := own.make(a)
		fmt.Fprintln(a.Out, a.presented().entry("ask-nix ", exampleWidth, about.Use, about.Short))
	}
	fmt.Fprintln(a.Out, "\nFlags, for commands and sentences alike:")
	fmt.Fprint(a.Out, root.PersistentFlags().FlagUsages())
	fmt.Fprintln(a.Out, "\nExit status: 0 done, 1 failed, 2 not understood, 3 permission, 4 not found, 5 network,\n"+
		"6 configuration, 7 not confirmed, 8 refused for safety, 130 interrupted.")
}

// exampleWidth is the width of the column of examples.
const exampleWidth = 27

func (a *app) renderHelp(data *operation.HelpData) {
	if data.Topic == "" {
		fmt.Fprint(a.Out, `ask-nix manages NixOS in plain words:

  ask-nix "list my generations"
  ask-nix "search for video editors"
  ask-nix "what version of python do I have?"
  ask-nix "rollback one generation"

in a conversation, where "the second one", "undo that" and "why?" are understood:

  ask-nix

or many requests at once, a line each, with answers in JSON:

  ask-nix batch < requests

or with exact commands:

`)
	}
	for _, spec := range data.Operations {
		fmt.Fprintln(a.Out, a.presented().entry("ask-nix ", exampleWidth, spec.Example, spec.Summary))
	}
}

func wrap(text string, width int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}
