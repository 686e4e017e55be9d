// Package picker is the search of ask-nix that answers with every key press: a
// full-screen list of packages and options that narrows down while somebody types.
//
// [Run] shows it and returns what was chosen. Where the hits come from is the
// business of a [Searcher]; what is done with the choice is the caller's.
//
// A newcomer reads this file, then model.go: all that is on the screen follows from
// a model, and every key press or answer of the searcher makes the next model of it
// (the pattern of bubbletea: Update and View, both without side effects). keys.go
// says what each key does and view.go how it looks. turns.go and terminal.go stand
// between the model and the world.
//
// Two rules keep it calm. What is shown stays until what replaces it is there, so
// nothing flickers. And a key that acts on hits waits for the hits that it was
// meant for, so that typing ahead on a slow line never installs the wrong package.
package picker

import (
	"context"
	"fmt"
	"io"
	"os"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"luminousnix/internal/operation"
)

// Searcher answers key presses. Its methods are called from one goroutine at a
// time, which is not the one that draws, and not after [Run] has returned. They
// should take less than a few milliseconds.
type Searcher interface {
	// Search returns the best hits for what was typed, at most limit.
	Search(query string, limit int) (operation.Found, error)
	// Info returns all that is known of a package or option by its full name.
	Info(attribute string) (operation.Info, error)
}

// Options are how and where to show the picker. The zero value uses the standard
// streams.
type Options struct {
	In  io.Reader // keys; a terminal is put into raw mode
	Out io.Writer
	// NoColor shows text without any attributes: no colours, nothing bold.
	NoColor bool
	// Query is typed beforehand.
	Query string
}

// Choice is what somebody wants done.
type Choice struct {
	Install  string // attribute to install, "" for nothing
	IsOption bool   // Install is an option, which is set rather than installed
}

// Run shows the picker until somebody leaves it. Whoever leaves it without choosing
// (with Ctrl-C, or with Esc at the prompt) gets the zero Choice and no error, and
// so does input that ends. The error is that of ctx or of the terminal. Errors of
// the searcher are shown, and searching goes on.
func Run(ctx context.Context, s Searcher, o Options) (Choice, error) {
	if err := ctx.Err(); err != nil {
		return Choice{}, err
	}
	if o.In == nil {
		o.In = os.Stdin
	}
	if o.Out == nil {
		o.Out = os.Stdout
	}
	t := &turns{searcher: s}
	defer t.end()

	var program *tea.Program
	program = tea.NewProgram(newModel(t, o),
		tea.WithContext(ctx),
		tea.WithInput(untilEnd(o.In, func() { program.Send(inputEnded{}) })),
		tea.WithOutput(quietly(o.Out)),
		// Of the environment only this: with the rest, the libraries would go on to
		// start tmux and to read terminfo, to learn of colours that are not used.
		tea.WithEnvironment([]string{"TERM=" + os.Getenv("TERM")}),
		tea.WithColorProfile(profile(o.NoColor)),
		tea.WithWindowSize(80, 24), // unless Out is a terminal, which knows
		tea.WithoutSignalHandler(), // signals are the caller's, and end ctx
	)
	last, err := program.Run()
	if ctx.Err() != nil {
		return Choice{}, ctx.Err()
	}
	if err != nil {
		return Choice{}, fmt.Errorf("the terminal: %w", err)
	}
	final, _ := last.(model)
	return final.choice, nil
}

// profile is what the terminal is taken to be able to show: bold and dim, or only
// text.
func profile(noColor bool) colorprofile.Profile {
	if noColor {
		return colorprofile.NoTTY
	}
	return colorprofile.ANSI
}
