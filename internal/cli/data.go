package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
)

// aboutData is what `data --help` says beside the usage.
const aboutData = `What ask-nix keeps is yours, and stays on this machine. show lists each kind: what it is,
where, how much, since when, what for and for how long. export writes it to a new folder as
text and JSON, or as a tar archive to standard output with -. delete deletes kinds by their
names, or all that may be deleted; the audit log is never among them.`

// dataCommand shows, exports and deletes what is kept.
func dataCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Show, export or delete what ask-nix keeps",
		Long:  aboutData,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) > 0 {
				return command{use: "data"}.noWords(words)
			}
			return a.withData(a.showData)
		},
	}
	cmd.AddCommand(
		&cobra.Command{
			Use: "show", Short: "List what is kept, where, what for and for how long", Args: cobra.ArbitraryArgs,
			RunE: func(_ *cobra.Command, words []string) error {
				if len(words) > 0 {
					return command{use: "data show"}.noWords(words)
				}
				return a.withData(a.showData)
			},
		},
		&cobra.Command{
			Use: "export DIR|-", Short: "Write it to a new folder, or as a tar archive to standard output", Args: cobra.ArbitraryArgs,
			RunE: func(_ *cobra.Command, words []string) error {
				if len(words) != 1 {
					return operation.Errorf(operation.CodeUsage, "data export needs the name of a new folder, or - for a tar archive").
						WithHint("For example: ask-nix data export my-data")
				}
				return a.withData(func() error { return a.exportData(words[0]) })
			},
		},
		&cobra.Command{
			Use: "delete [KIND...]", Short: "Delete kinds of it, or all that may be deleted", Args: cobra.ArbitraryArgs,
			ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
				return a.dataKinds(), cobra.ShellCompDirectiveNoFileComp
			},
			RunE: func(cmd *cobra.Command, words []string) error {
				return a.withData(func() error { return a.deleteData(cmd.Context(), words) })
			},
		},
	)
	return cmd
}

func (a *app) withData(do func() error) error {
	if err := a.prepare(); err != nil {
		return err
	}
	a.present()
	return do()
}

// dataKinds are the kinds that may be deleted, for completing them.
func (a *app) dataKinds() (names []string) {
	if a.prepare() != nil {
		return nil
	}
	all, err := a.engine.Data()
	if err != nil {
		return nil
	}
	for _, k := range all {
		if k.Stays == "" {
			names = append(names, k.Kind)
		}
	}
	return names
}

// dataAnswer is the JSON form of what is kept.
type dataAnswer struct {
	doneAnswer
	Kinds []engine.Kept `json:"kinds"`
}

// doneAnswer is the JSON form of having done something about what is kept.
type doneAnswer struct {
	Schema  int    `json:"schema"`
	Success bool   `json:"success"`
	Message string `json:"message"`
}

// tellData gives an answer as JSON, or its message alone.
func (a *app) tellData(message string, kinds []engine.Kept) error {
	if a.flags.json {
		if kinds == nil {
			kinds = []engine.Kept{}
		}
		return a.writeJSON(dataAnswer{doneAnswer{operation.Schema, true, message}, kinds})
	}
	return a.tellDone(message)
}

// tellDone says that something was done.
func (a *app) tellDone(message string) error {
	if a.flags.json {
		return a.writeJSON(doneAnswer{operation.Schema, true, message})
	}
	fmt.Fprintln(a.Out, a.style.bold(clean(message)))
	return nil
}

func (a *app) showData() error {
	all, err := a.engine.Data()
	if err != nil {
		return err
	}
	var files int
	var bytes int64
	for _, k := range all {
		files, bytes = files+k.Files, bytes+k.Bytes
	}
	if err := a.tellData(fmt.Sprintf("ask-nix keeps %s in %d files. Nothing of it leaves this machine.", operation.Size(bytes), files), all); err != nil || a.flags.json {
		return err
	}
	for _, k := range all {
		if k.Files > 0 {
			a.showKind(k)
		}
	}
	var none []string
	for _, k := range all {
		if k.Files == 0 {
			none = append(none, k.Kind)
		}
	}
	if len(none) > 0 {
		fmt.Fprintln(a.Out, "\nNothing is kept of: "+strings.Join(none, ", "))
	}
	return nil
}

func (a *app) showKind(k engine.Kept) {
	fmt.Fprintln(a.Out)
	fmt.Fprintln(a.Out, a.style.bold(k.Kind))
	since := ""
	if k.Since != nil {
		since = k.Since.Local().Format(time.DateTime)
	}
	rows := [][2]string{
		{"what", k.What}, {"for", k.For}, {"size", fmt.Sprintf("%s, files: %d", operation.Size(k.Bytes), k.Files)}, {"since", since}, {"how long", k.HowLong},
	}
	for _, place := range k.Places {
		rows = append(rows, [2]string{"where", place})
	}
	a.pairs(a.Out, append(rows, [2]string{"stays", k.Stays}))
}

func (a *app) exportData(to string) error {
	if to == "-" {
		if a.flags.json {
			return operation.Errorf(operation.CodeUsage, "--json and an archive on standard output exclude each other")
		}
		if a.OutTerminal {
			return operation.Errorf(operation.CodeUsage, "an archive is nothing to show on a terminal").WithHint("For example: ask-nix data export - > my-data.tar")
		}
		_, err := a.engine.ExportTar(a.Out)
		return exported(err)
	}
	if a.flags.dryRun {
		return a.tellData("Nothing was written: this was a dry run.", nil)
	}
	all, err := a.engine.ExportData(to)
	if errors.Is(err, fs.ErrExist) {
		return operation.Errorf(operation.CodeUsage, "%s is there already", operation.Quote(to)).WithHint("Name a folder that is not there yet; nothing is overwritten.")
	}
	if err != nil {
		return exported(err)
	}
	return a.tellData(fmt.Sprintf("What ask-nix keeps was written to %s; kinds.json there tells what is what.", to), all)
}

func exported(err error) error {
	if err == nil {
		return nil
	}
	return operation.Errorf(operation.CodeFailed, "exporting: %w", err).WithHint("Name what is new in a folder that you may write; what was written so far is not all.")
}

func (a *app) deleteData(ctx context.Context, names []string) error {
	plan, meant, err := a.engine.PlanDelete(names)
	if err != nil {
		return err
	}
	if plan.Nothing {
		return a.tellData("Nothing of that is kept, so there is nothing to delete.", nil)
	}
	if a.flags.dryRun && a.flags.json {
		return a.tellData(plan.Summary+": this was a dry run.", meant)
	}
	if a.flags.dryRun {
		a.presented().plan(a.Out, operation.Operation{}, &plan)
		return nil
	}
	if err := a.agree(ctx, plan); err != nil {
		return err
	}
	if err := a.engine.Delete(meant); err != nil {
		return err
	}
	var kinds []string
	for _, k := range meant {
		kinds = append(kinds, k.Kind)
	}
	return a.tellData(fmt.Sprintf("Deleted %s: %s. The audit log stays.", strings.Join(kinds, ", "), operation.Size(plan.Frees)), meant)
}

// agree asks about a plan that is of no operation; nil is yes.
func (a *app) agree(ctx context.Context, plan operation.Plan) error {
	confirm := a.confirmer()
	if confirm == nil {
		return operation.Errorf(operation.CodeDeclined, "nothing was deleted: nobody is here to confirm it").
			WithHint("Give --yes to confirm beforehand, or --dry-run to see what would be deleted.")
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	yes, err := confirm(ctx, operation.Operation{}, plan)
	if err == nil && !yes {
		err = operation.Errorf(operation.CodeDeclined, "nothing was deleted")
	}
	return err
}
