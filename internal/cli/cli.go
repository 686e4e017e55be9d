// Package cli is the command line of ask-nix: exact commands, sentences, and
// answers for people and for scripts.
//
// The way of a request: [Main] settles whether the words are an exact command or
// a sentence (dispatch.go), which gives operations; run.go has the engine
// execute them; render.go and its siblings show the results. Rules that hold
// everywhere: the answer, and nothing else, goes to standard output; prompts,
// progress and errors go to standard error, an error as one line followed by
// hints; without a terminal nothing is asked and nothing changes unless --yes is
// given.
package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"luminousnix/internal/engine"
	"luminousnix/internal/instantiate"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
	"luminousnix/internal/progress"
	"luminousnix/internal/settings"
)

// Streams are the ends that a run of the program talks to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	// InTerminal and OutTerminal and ErrTerminal say which are terminals.
	InTerminal, OutTerminal, ErrTerminal bool
	// Width is the width of the terminal in columns; 0 is not known.
	Width int
}

// app is one run of the program.
type app struct {
	Streams
	flush    func() error // writes out what Out has buffered
	getenv   func(string) string
	now      func() time.Time
	flags    flags
	settings *settings.Settings
	engine   *engine.Engine
	log      *slog.Logger // nil until the settings are known
	// proposedBy is who has guessed what is done now; "" when it was asked for.
	proposedBy string
	words      []string // as they were typed, ask-nix first
	program    []string // to run with the packages that are tried
	style      style
	shown      presentation // see present; nil is the standard one
	behind     []*progress.Behind
	drawn      *drawing // where progress is drawn now; nil is nowhere
	sure       float64  // how sure it is that what runs was meant, from 0 to 1

	// Of a line at the prompt:
	talking bool
	next    func(string)         // takes an answer that is neither yes nor no
	forget  func()               // drops what was typed before a question
	take    func(intent.Reading) // takes an exact command in place of running it
	agreed  *operation.Plan      // was shown, and somebody has said yes to it
}

// Main runs ask-nix with its arguments, of which the first is the name it was
// called by, and returns its exit status. `instantiate`, and the name of
// nix-instantiate, lead to that program in its own right: its arguments, output
// and status are not those of ask-nix.
func Main(argv []string) int {
	switch {
	case len(argv) > 0 && filepath.Base(argv[0]) == instantiate.Name:
		return instantiate.Main(argv[1:])
	case len(argv) > 1 && argv[1] == "instantiate":
		return instantiate.Main(argv[2:])
	}
	return askNix(argv)
}

func askNix(argv []string) int {
	streams := standard()
	out := bufio.NewWriterSize(streams.Out, 32<<10)
	streams.Out = out
	a := &app{Streams: streams, getenv: os.Getenv, now: time.Now, flush: out.Flush, words: argv}
	status := a.run(context.Background(), argv[min(1, len(argv)):])
	if err := out.Flush(); err != nil && status == 0 {
		fmt.Fprintln(a.Err, "ask-nix: writing the answer:", err)
		return 1
	}
	return status
}

// note writes a line to standard error, after the part of the answer that
// belongs before it. It is not styled: names that others have chosen may be in it.
func (a *app) note(line string) {
	a.flush()
	fmt.Fprintln(a.Err, clean(line))
}

func (a *app) run(ctx context.Context, args []string) int {
	err, done := a.hidden(ctx, args)
	if !done {
		err, done = a.forward(ctx, args)
	}
	if !done {
		err = a.dispatch(ctx, args)
	}
	a.tellMemory()
	if err == nil {
		return 0
	}
	if shown, ok := err.(exitStatus); ok {
		return int(shown)
	}
	return a.fail(operation.AsError(err))
}

// exitStatus is the error of a run whose outcome has been shown already.
type exitStatus int

func (exitStatus) Error() string { return "already shown" }

// prepare loads the settings and makes the engine, once the flags are known.
func (a *app) prepare() error {
	if a.engine != nil {
		return nil
	}
	loaded, err := settings.Load(settings.Places{Getenv: a.getenv, Root: a.flags.root})
	if err != nil {
		return err
	}
	a.settings = loaded
	if err := a.flags.override(loaded); err != nil {
		return err
	}
	if _, err := os.Stat(loaded.Root); err != nil && a.flags.root != "" { // else our own files would make it
		return operation.Errorf(operation.CodeNotFound, "--root: %w", err).
			WithHint("Name the folder that the machine's /etc, /run and /boot are below, for example: ask-nix generations --root /mnt")
	}
	a.style = style{on: loaded.Color == "always" || loaded.Color == "auto" && a.OutTerminal && !a.flags.json}
	log := slog.New(slog.DiscardHandler)
	if loaded.Debug {
		log = slog.New(slog.NewTextHandler(a.Err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	a.log = log
	a.guardNetwork()
	program, err := os.Executable()
	if err != nil {
		return err
	}
	a.engine = engine.New(engine.Options{
		Settings: loaded, Getenv: a.getenv, Now: a.now, Log: log, Terminal: a.InTerminal && a.ErrTerminal, Program: program, Words: a.words,
	})
	return nil
}
