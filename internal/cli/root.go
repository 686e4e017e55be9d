package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

// newRoot makes the tree of commands, which is the one list of them: help, completion and
// the prompt ask it. Only those commands are added that wanted
// lets in: making all of them would take longer than most answers.
func newRoot(a *app, wanted func(name string) bool) *cobra.Command {
	root := &cobra.Command{
		Use:               "ask-nix [SENTENCE]",
		Short:             "Manage NixOS in plain words",
		Version:           engine.Version,
		Args:              cobra.ArbitraryArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		RunE: func(cmd *cobra.Command, words []string) error {
			if len(words) == 0 && a.talks() {
				return a.converse(cmd.Context())
			}
			if len(words) == 0 {
				return a.sayNothing(cmd.Context())
			}
			return errSentence{}
		},
	}
	root.SetIn(a.In)
	root.SetOut(a.Out)
	root.SetErr(a.Err)
	root.SetVersionTemplate("ask-nix " + engine.Version + "\n")
	root.SetFlagErrorFunc(flagError)
	a.flags.add(root.PersistentFlags())
	for _, flag := range []struct {
		name   string
		values []string
	}{
		{"persona", persona.Names()},
		{"backend", []string{"auto", "native", "command"}},
		{"color", []string{"auto", "always", "never"}},
		{"profile-name", []string{"system", "user"}},
	} {
		_ = root.RegisterFlagCompletionFunc(flag.name, cobra.FixedCompletions(flag.values, cobra.ShellCompDirectiveNoFileComp)) // there is this flag
	}
	root.PersistentFlags().SortFlags = false
	addCommands(a, root, wanted)
	for _, own := range ownCommands() {
		if wanted(own.name) {
			root.AddCommand(own.make(a))
		}
	}
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.showHelp(root, cmd) })
	return root
}

// ownCommand is a command about ask-nix itself, which is no operation.
type ownCommand struct {
	name string
	make func(*app) *cobra.Command
}

func ownCommands() []ownCommand {
	return []ownCommand{
		{"help", helpCommand},
		{"batch", batchCommand},
		{"settings", settingsCommand},
		{"conversation", conversationCommand},
		{"data", dataCommand},
	}
}

func addCommands(a *app, root *cobra.Command, wanted func(string) bool) {
	groups := map[string]*cobra.Command{}
	for _, c := range commands() {
		words := c.words()
		if !wanted(words[0]) {
			continue
		}
		spec, _ := operation.Lookup(c.name)
		parent, use := root, c.use
		if len(words) > 1 {
			group := words[0]
			parent, use = groups[group], words[1]
			if parent == nil {
				parent = groupCommand(group, c.name)
				groups[group] = parent
				root.AddCommand(parent)
			}
		}
		l := &locals{}
		cmd := &cobra.Command{
			Use:               use,
			Short:             spec.Summary,
			Long:              c.about,
			Example:           "  ask-nix " + spec.Example,
			Args:              cobra.ArbitraryArgs,
			ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(cmd *cobra.Command, words []string) error {
				if c.name == operation.SearchPackages && len(words) == 0 && a.picks() {
					return a.pick(cmd.Context())
				}
				if at := cmd.ArgsLenAtDash(); c.name == operation.TryPackages && at >= 0 {
					words, a.program = words[:at], words[at:]
				}
				l.given = cmd.Flags().Changed
				l.metrics.watched = l.given("watch")
				if l.metrics.any() && len(words) == 0 {
					return a.metrics(cmd.Context(), l.metrics)
				}
				op, err := c.operation(a.now(), words, l)
				if err != nil {
					return c.teach(words, err)
				}
				a.flags.dryRun = a.flags.dryRun || c.dry || l.preview
				return a.perform(cmd.Context(), "", certain(op))
			},
		}
		for _, name := range strings.Fields(c.flags) {
			l.add(cmd.Flags(), name)
		}
		parent.AddCommand(cmd)
	}
}

// groupCommand is the first word of commands of two, of which the first is called first.
func groupCommand(name string, first operation.Name) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: "Look after the " + name,
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, words []string) error {
			return command{use: name, name: first, parse: none}.noWords(words)
		},
	}
}

func helpCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "help [TOPIC]",
		Short: "Show what ask-nix can do",
		RunE: func(cmd *cobra.Command, words []string) error {
			op := operation.New(operation.Help, operation.Arguments{Topic: strings.Join(words, " ")})
			if err := op.Validate(); err != nil {
				return operation.AsError(err).WithHint("For example: ask-nix help rollback")
			}
			return a.perform(cmd.Context(), "", certain(op))
		},
	}
}

func settingsCommand(a *app) *cobra.Command {
	var l locals
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Show ask-nix's own settings",
		Args:  cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, words []string) error {
			if len(words) > 0 {
				return command{use: "settings"}.noWords(words)
			}
			return a.showSettings(l.origin)
		},
	}
	l.add(cmd.Flags(), "origin")
	return cmd
}

// Tree returns the tree of commands as it documents itself, for man pages.
func Tree() *cobra.Command {
	return newRoot(&app{Streams: standard()}, everything)
}

func everything(string) bool { return true }

// namedIn lets in the commands whose names are among the arguments; all of them
// for completing the command line, which asks cobra for all there are.
func namedIn(args []string) func(string) bool {
	if len(args) > 0 && (args[0] == "completion" || strings.HasPrefix(args[0], "__complete")) {
		return everything
	}
	return func(name string) bool { return slices.Contains(args, name) }
}
