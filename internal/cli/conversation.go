package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// aboutConversation is what `conversation --help` says beside the usage.
const aboutConversation = `What is typed at the prompt, which ask-nix without words opens on a terminal, is kept in
a file of yours, for the keys up and down. It does not leave the machine. A line that
begins with a space is not kept, and none is with conversation_history = false in the
settings.`

// conversationCommand shows, exports and deletes what was said at the prompt.
func conversationCommand(a *app) *cobra.Command {
	var export string
	var remove bool
	cmd := &cobra.Command{
		Use:   "conversation",
		Short: "Show, export or delete what was said at the prompt",
		Long:  aboutConversation,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) > 0 {
				return command{use: "conversation"}.noWords(words)
			}
			if err := a.prepare(); err != nil {
				return err
			}
			a.present()
			file := a.engine.Conversation()
			switch {
			case export != "" && remove:
				return operation.Errorf(operation.CodeUsage, "--export and --delete are two things; give one after the other")
			case export != "":
				return a.exportConversation(file, export)
			case remove:
				return a.deleteConversation(cmd, file)
			}
			return a.showConversation(file)
		},
	}
	cmd.Flags().StringVar(&export, "export", "", "write it to a new `FILE` as lines of JSON; - is standard output")
	cmd.Flags().BoolVar(&remove, "delete", false, "delete it")
	return cmd
}

func (a *app) showConversation(file record.File) error {
	said, err := record.Read[engine.Said](file)
	if err != nil {
		return err
	}
	if a.flags.limit > 0 && len(said) > a.flags.limit {
		said = said[len(said)-a.flags.limit:]
	}
	if a.flags.json {
		if said == nil {
			said = []engine.Said{}
		}
		return a.writeJSON(struct {
			Schema int           `json:"schema"`
			Kept   bool          `json:"kept"`
			File   string        `json:"file"`
			Said   []engine.Said `json:"said"`
		}{operation.Schema, a.settings.ConversationHistory, file.Path, said})
	}
	message := fmt.Sprintf("%d sentences are kept in %s.", len(said), file.Path)
	if len(said) == 0 {
		message = "Nothing that was said at the prompt is kept."
	}
	if !a.settings.ConversationHistory {
		message += " New ones are not kept: conversation_history is false, by " + a.settings.Origin("conversation_history") + "."
	}
	fmt.Fprintln(a.Out, a.style.bold(message))
	if len(said) == 0 {
		return nil
	}
	rows := [][]string{{"TIME", "SAID"}}
	for _, s := range said {
		rows = append(rows, []string{s.Time.Local().Format("2006-01-02 15:04:05"), s.Text})
	}
	a.table(a.Out, rows)
	return nil
}

// exportConversation writes it to a file that is new, or to standard output.
func (a *app) exportConversation(file record.File, to string) error {
	said, err := record.Read[engine.Said](file)
	if err != nil {
		return err
	}
	if to == "-" {
		return a.writeSaid(a.Out, said)
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return operation.Errorf(operation.CodeUsage, "%s is there already", to).WithHint("Name a file that is not there yet; nothing is overwritten.")
	}
	if err != nil {
		return operation.Errorf(operation.CodeFailed, "exporting: %w", err).WithHint("Name a new file in a folder that you may write.")
	}
	if err := errors.Join(a.writeSaid(out, said), out.Close()); err != nil {
		return exported(err)
	}
	return a.tellDone(fmt.Sprintf("%d sentences were written to %s.", len(said), to))
}

// writeSaid writes sentences as they are kept: a line of JSON each.
func (a *app) writeSaid(w io.Writer, said []engine.Said) error {
	to := *a
	to.Out = w
	for _, s := range said {
		if err := to.writeJSON(s); err != nil {
			return err
		}
	}
	return nil
}

// deleteConversation deletes it, after asking.
func (a *app) deleteConversation(cmd *cobra.Command, file record.File) error {
	said, err := record.Read[engine.Said](file)
	if err != nil {
		return err
	}
	if len(said) == 0 {
		if err := file.Remove(); err != nil { // lines that nobody can read may be in it
			return err
		}
		return a.tellDone("Nothing is kept, so there is nothing to delete.")
	}
	plan := operation.Plan{
		Summary: fmt.Sprintf("Delete the %d sentences that were said at the prompt", len(said)), Risk: operation.Destructive,
		Steps: []operation.Step{{Action: "Delete the file", Path: file.Path}},
	}
	if a.flags.dryRun && a.flags.json {
		return a.tellDone(plan.Summary + ": this was a dry run.")
	}
	if a.flags.dryRun {
		a.presented().plan(a.Out, operation.Operation{}, &plan)
		return nil
	}
	if err := a.agree(cmd.Context(), plan); err != nil {
		return err
	}
	if err := file.Remove(); err != nil {
		return err
	}
	return a.tellDone("What was said at the prompt is deleted.")
}
