package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/term"

	"luminousnix/internal/conversation"
	"luminousnix/internal/engine"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/record"
)

// talk is a conversation at the prompt, which ask-nix without words opens on a terminal.
//
//	prompt.go           the conversation: what is said, and what is done about it
//	prompt_line.go      the line that is being typed
//	prompt_keys.go      what terminals send for keys, pasted text
//	prompt_complete.go  the key Tab
//	prompt_foresee.go   what is prepared while a line is being typed
//	typed.go            reading from a terminal so that it can be called off
type talk struct {
	app    *app // with the flags that are for all that is said
	editor *editor
	said   conversation.Conversation
	kept   *record.File // nil when nothing is kept
	next   string       // was said in answer to a question
	ahead  foresight
}

// talks reports whether there is somebody to talk with.
func (a *app) talks() bool {
	_, isFile := a.In.(*os.File)
	return isFile && a.InTerminal && a.OutTerminal && a.ErrTerminal && !a.flags.json && !a.flags.detach
}

// converse reads and answers sentences until somebody leaves.
func (a *app) converse(ctx context.Context) error {
	if err := a.prepare(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	t := &talk{app: a, editor: newEditor(ctx, a.In.(*os.File), a.Err, a.terminal())}
	t.editor.complete = func(before []string, word string) []string {
		ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
		defer stop()
		defer t.editor.signals()()
		return t.complete(ctx, before, word)
	}
	t.said.Language = a.language()
	t.openHistory()
	t.say("This is ask-nix. Say what you want in plain words; nothing changes without asking. `help` helps, `quit` or Ctrl-D leaves.")
	for {
		line, kept, err := t.line(ctx)
		switch {
		case errors.Is(err, errAbandoned) && strings.TrimSpace(line) == "":
			t.say("Left. (Ctrl-C ends what is being done, or the line that is typed; at an empty line it leaves, as Ctrl-D does.)")
			return exitStatus(operation.CodeInterrupted.ExitCode())
		case errors.Is(err, errAbandoned):
			continue
		case errors.Is(err, io.EOF):
			fmt.Fprintln(a.Err)
			return nil
		case err != nil:
			return err
		}
		if kept {
			t.keep(line)
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if leave := t.turn(ctx, line); leave {
			return nil
		}
		t.ahead.begin(ctx, t.app)
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// line is what was said in answer to a question and is no answer, or else a line that is
// typed.
func (t *talk) line(ctx context.Context) (line string, kept bool, err error) {
	if line, t.next = t.next, ""; line != "" {
		return line, true, nil
	}
	return t.editor.read(ctx)
}

// say writes lines that are no answer.
func (t *talk) say(lines ...string) {
	for _, line := range t.wrapped(lines) {
		t.app.note(line)
	}
}

// answer writes an answer in words.
func (t *talk) answer(lines ...string) {
	for _, line := range t.wrapped(lines) {
		fmt.Fprintln(t.app.Out, clean(line))
	}
}

// wrapped are lines of the terminal's width; those of an enumeration stay as they are.
func (t *talk) wrapped(lines []string) (all []string) {
	width := t.app.width()
	if width < 20 {
		width = 80
	}
	for _, line := range lines {
		if strings.HasPrefix(line, " ") {
			all = append(all, line)
		} else {
			all = append(all, wrap(line, width-1)...)
		}
	}
	return all
}

// terminal is what the terminal can do, by its name: for a screen reader nothing is drawn.
func (a *app) terminal() string {
	if a.personaName() == persona.ScreenReader {
		return "dumb"
	}
	return a.getenv("TERM")
}

// width is that of the terminal now.
func (a *app) width() int {
	if file, ok := a.In.(*os.File); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	return a.Width
}

// openHistory reads what was said before, if that is kept.
func (t *talk) openHistory() {
	if !t.app.settings.ConversationHistory {
		return
	}
	file := t.app.engine.Conversation()
	t.kept = &file
	before, err := record.Read[engine.Said](file)
	if err != nil {
		t.say("note: " + err.Error())
	}
	for _, s := range before[max(0, len(before)-engine.MostSaid):] {
		t.editor.lines.keep(clean(s.Text))
	}
}

// longestKept is how many bytes a line may have that is kept.
const longestKept = 2000

// keep takes a line into the history, unless it is very long or begins with a space.
func (t *talk) keep(line string) {
	if strings.TrimSpace(line) == "" || line[0] == ' ' || len(line) > longestKept || !t.editor.lines.keep(strings.TrimSpace(line)) || t.kept == nil {
		return
	}
	if err := t.kept.Append(engine.Said{Time: t.app.now().UTC(), Text: strings.TrimSpace(line)}); err != nil {
		t.say("note: what you say cannot be kept: " + err.Error())
		t.kept = nil
	}
}

// turn answers one line. Ctrl-C ends what is done about it and not the conversation; a
// second one ends the program, unless something is being changed.
func (t *talk) turn(ctx context.Context, line string) (leave bool) {
	defer t.app.flush()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop)
	turn := t.fresh()
	step, ok := t.said.Refer(line, turn.now())
	if ok {
		step = t.ground(ctx, turn, step)
	} else {
		var done bool
		if step, done = t.read(ctx, turn, line); done {
			return false
		}
	}
	t.answer(step.Answer...)
	switch {
	case step.Leave:
		return true
	case step.Err != nil:
		turn.tell(operation.AsError(step.Err))
	case len(step.Reading.Operations) > 0:
		t.run(ctx, turn, step)
	}
	return false
}

// ground checks what a reference was taken for against the machine.
func (t *talk) ground(ctx context.Context, turn *app, step conversation.Step) conversation.Step {
	if step.Err != nil || len(step.Reading.Operations) == 0 || step.Agreed != nil {
		return step
	}
	sentence := cmp.Or(step.Sentence, step.Said)
	reading, err := turn.ground(ctx, sentence, step.Reading)
	if err != nil {
		return t.said.Hear(sentence, step.Reading, err)
	}
	step.Reading = reading
	return step
}

// fresh is the program for one line: the flags of a line are for that line.
func (t *talk) fresh() *app {
	turn := *t.app
	turn.Width, turn.talking = t.app.width(), true
	turn.next, turn.forget = func(said string) { t.next = said }, t.editor.forget
	return &turn
}

// read reads a line that refers to nothing: an exact command, with or without "ask-nix"
// before it, or a sentence. done says that the line was answered already.
func (t *talk) read(ctx context.Context, turn *app, line string) (step conversation.Step, done bool) {
	text := strings.TrimSpace(strings.TrimPrefix(line, "ask-nix "))
	words := quotedWords(text)
	var inexact errSentence
	if len(words) > 0 && turn.isCommand(words[0]) && !strings.Contains(text, "\n") {
		var err error
		if step, text, inexact, err = t.command(ctx, turn, line, words); text == "" {
			return step, err == nil && len(step.Reading.Operations) == 0
		}
	}
	reading, err := turn.understand(ctx, text, inexact)
	step = t.said.Hear(line, reading, err)
	step.ProposedBy = turn.proposedBy
	return step, false
}

// isCommand reports whether a word begins an exact command.
func (a *app) isCommand(word string) bool {
	of := *a // the flags of a tree begin anew
	return newRoot(&of, func(name string) bool { return name == word }).HasSubCommands()
}

// command reads a line that begins as an exact command does. If it is none, it returns the
// sentence that it is then. Commands without an operation, such as settings, are run: then
// there is neither an operation nor an error.
func (t *talk) command(ctx context.Context, turn *app, line string, words []string) (step conversation.Step, sentence string, inexact errSentence, err error) {
	turn.take = func(r intent.Reading) {
		step = t.said.Hear(line, r, nil)
		step.ProposedBy = turn.proposedBy
	}
	root := newRoot(turn, namedIn(words))
	root.SetArgs(slices.Concat(joinValues(t.app.words[1:]), joinValues(words))) // the flags of a line count more
	cmd, err := root.ExecuteContextC(ctx)
	turn.take = nil
	if errors.As(err, &inexact) {
		sentence, err = sentenceIn(root, cmd, inexact)
	}
	if shown := new(exitStatus); errors.As(err, shown) {
		err = nil
	}
	if err != nil {
		step = t.said.Hear(line, intent.Reading{}, err)
	}
	return step, sentence, inexact, err
}

// quotedWords are the words of a line; those in double or single quotes are one.
func quotedWords(line string) (words []string) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.IndexByte(line, ' ')
		if q := line[0]; q == '"' || q == '\'' {
			if at := strings.IndexByte(line[1:], q); at >= 0 {
				words, line = append(words, line[1:at+1]), line[at+2:]
				continue
			}
		}
		if end < 0 {
			end = len(line)
		}
		words, line = append(words, line[:end]), line[end:]
	}
	return words
}

// run runs the operations of a step.
func (t *talk) run(ctx context.Context, turn *app, step conversation.Step) {
	turn.flags.dryRun = turn.flags.dryRun || step.DryRun
	step.DryRun, turn.agreed, turn.proposedBy = turn.flags.dryRun, step.Agreed, step.ProposedBy
	sentence := step.Sentence
	if sentence == "" {
		sentence = step.Said
	}
	prepared := t.ahead.end()
	results, err := turn.carryOut(ctx, sentence, step.Reading)
	if shown := new(exitStatus); err != nil && !errors.As(err, shown) {
		turn.tell(operation.AsError(err))
	}
	if len(results) == 0 {
		return // it was only explained, or is wrong
	}
	t.ahead.learn(turn, prepared, results[0])
	t.ahead.last = results[len(results)-1].Operation.Name
	step.Refused = t.next == "" // what else was answered comes next
	t.said.Done(step, results)
	t.offer(step, results[len(results)-1])
}

// offer says what can be said next, where that is not clear.
func (t *talk) offer(step conversation.Step, last operation.Result) {
	if choices := t.said.Choices(); last.Err == nil && len(choices) > 0 {
		t.say("Also possible, by its number:")
		for i, choice := range choices {
			t.say(fmt.Sprintf("  %d. %s", i+1, choice.Say))
		}
	}
	if step.DryRun && !t.app.flags.dryRun && last.Err == nil && last.Plan != nil && !last.Plan.Nothing {
		t.say("`do it` carries it out.")
	}
}
