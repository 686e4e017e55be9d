package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// prompt is what stands before a line that is typed.
const prompt = "ask-nix> "

// errAbandoned is what reading a line gives after Ctrl-C.
var errAbandoned = errors.New("Ctrl-C")

// editor reads lines from a terminal. Between them the terminal is as it was before, so
// that Ctrl-C is a signal and questions are answered as ever.
type editor struct {
	file     *os.File // the terminal
	out      io.Writer
	keys     *keys
	terminal *term.Terminal
	lines    lineHistory
	// complete returns what a word may be completed to, from what stands before it.
	complete func(before []string, word string) []string

	abandoned *string // what stood there when Ctrl-C was pressed
	plain     bool    // the terminal can only show text
}

func newEditor(ctx context.Context, in *os.File, out io.Writer, terminalType string) *editor {
	e := &editor{file: in, out: out, keys: &keys{ctx: ctx, file: in}, plain: terminalType == "" || terminalType == "dumb"}
	e.begin()
	return e
}

// begin begins with nothing read.
func (e *editor) begin() {
	e.keys.in, e.keys.out, e.keys.within = nil, nil, false
	e.terminal = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{e.keys, e.out}, prompt)
	e.terminal.History = &e.lines
	e.terminal.AutoCompleteCallback = e.key
}

// forget drops what was typed ahead or pasted: it is neither an answer to the question that
// comes now nor the line after it.
func (e *editor) forget() {
	forgetTyped(e.file)
	e.begin()
}

// read reads a line. The error is [errAbandoned] after Ctrl-C, with what stood in the line,
// [io.EOF] after Ctrl-D, or that of the context. kept says that the line may be kept.
func (e *editor) read(ctx context.Context) (line string, kept bool, err error) {
	if e.plain {
		return e.readPlain(ctx)
	}
	before, err := term.MakeRaw(int(e.file.Fd()))
	if err != nil {
		return "", false, err
	}
	defer func() { err = errors.Join(err, term.Restore(int(e.file.Fd()), before)) }()
	e.terminal.SetBracketedPasteMode(true)
	defer e.terminal.SetBracketedPasteMode(false)
	defer e.followSize()()
	e.abandoned = nil
	line, err = e.terminal.ReadLine()
	if e.abandoned != nil {
		e.keys.pasted = nil
		return *e.abandoned, false, errAbandoned
	}
	if ctx.Err() != nil {
		return "", false, ctx.Err()
	}
	line, pasted := e.keys.expand(line)
	return line, !pasted, err
}

// readPlain reads a line as the terminal itself edits it.
func (e *editor) readPlain(ctx context.Context) (line string, kept bool, err error) {
	interruptible, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	io.WriteString(e.out, prompt)
	line, err = readLine(interruptible, e.file)
	switch {
	case ctx.Err() != nil:
		return "", false, ctx.Err()
	case interruptible.Err() != nil:
		return "", false, errAbandoned
	case err == nil && line == "":
		return "", false, io.EOF
	}
	return strings.TrimSuffix(line, "\n"), true, err
}

// followSize tells the editor how wide the terminal is, now and whenever that changes,
// until the function is called that it returns.
func (e *editor) followSize() (stop func()) {
	terminal := e.terminal
	e.setSize(terminal)
	changed, ended := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(changed, unix.SIGWINCH)
	go func() {
		for {
			select {
			case <-changed:
				e.setSize(terminal)
			case <-ended:
				return
			}
		}
	}()
	return func() {
		signal.Stop(changed)
		close(ended)
	}
}

func (e *editor) setSize(terminal *term.Terminal) {
	if width, height, err := term.GetSize(int(e.file.Fd())); err == nil && width > 0 {
		_ = terminal.SetSize(width, height) // it only fails as writing does
	}
}

// key is called for each key that the editor has no use for itself.
func (e *editor) key(line string, at int, key rune) (newLine string, newAt int, ok bool) {
	switch key {
	case interrupted:
		e.abandoned = &line
		return "", 0, true
	case '\t':
		return e.completed(line, at)
	}
	return "", 0, false
}

// completed completes the word before the cursor as far as it is clear, or shows what it
// may be.
func (e *editor) completed(line string, at int) (newLine string, newAt int, ok bool) {
	start := strings.LastIndexAny(line[:at], " ,") + 1
	word := line[start:at]
	all := e.complete(strings.Fields(line[:start]), word)
	if len(all) == 0 {
		return line, at, true
	}
	common := commonPrefix(all)
	switch {
	case len(all) == 1:
		common += " "
	case len(all) >= mostCompleted:
		common = word // there are others, which may go on otherwise
	}
	if len(common) > len(word) {
		return line[:start] + common + line[at:], start + len(common), true
	}
	io.WriteString(e.terminal, e.columns(all))
	return line, at, true
}

// signals has Ctrl-C be a signal for as long as something is looked up, until the function
// is called that it returns.
func (e *editor) signals() (stop func()) {
	fd := int(e.file.Fd())
	raw, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return func() {}
	}
	with := *raw
	with.Lflag |= unix.ISIG | unix.NOFLSH
	with.Cc[unix.VQUIT], with.Cc[unix.VSUSP] = 0, 0 // no keys
	_ = unix.IoctlSetTermios(fd, unix.TCSETS, &with)
	return func() { _ = unix.IoctlSetTermios(fd, unix.TCSETS, raw) }
}

func commonPrefix(all []string) string {
	common := all[0]
	for _, s := range all[1:] {
		for !strings.HasPrefix(s, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// columns puts words into lines of the terminal's width.
func (e *editor) columns(all []string) string {
	width, _, err := term.GetSize(int(e.file.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	return strings.Join(wrap(strings.Join(all, "  "), width-1), "\n") + "\n"
}

// lineHistory is what the keys up and down go through.
type lineHistory struct{ lines []string }

// Add is called by the editor for each line. What is kept is not its business.
func (h *lineHistory) Add(string) {}

// Len implements [term.History].
func (h *lineHistory) Len() int { return len(h.lines) }

// At implements [term.History]: 0 is the last line.
func (h *lineHistory) At(i int) string { return h.lines[len(h.lines)-1-i] }

// keep adds a line, unless it is the same as the last one.
func (h *lineHistory) keep(line string) bool {
	if n := len(h.lines); n > 0 && h.lines[n-1] == line {
		return false
	}
	h.lines = append(h.lines, line)
	return true
}
