package cli_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// tester is a test, or a script.
type tester interface {
	Helper()
	Cleanup(func())
	Fatal(...any)
	Fatalf(string, ...any)
}

// scripted is a script as a test.
type scripted struct{ *testscript.TestScript }

func (s scripted) Helper()           {}
func (s scripted) Cleanup(f func())  { s.Defer(f) }
func (s scripted) Fatal(args ...any) { s.Fatalf("%s", fmt.Sprint(args...)) }

// dialogue goes through the conversations of a file on the script's machine, each with an
// ask-nix of its own at a terminal. They are separated by empty lines; a line is
//
//	> TEXT   typed, with Enter, when it is asked for
//	= TEXT   shown after that; several are shown in this order
//	! TEXT   not shown since it was typed, when the next is asked for
//	~        nothing is typed for a second, when something is asked for
//	^C, ^D   typed at once
//	. N      it ends, with this exit status; without such a line Ctrl-D ends it
//	# TEXT   a comment
func dialogue(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: dialogue FILE [NAME=VALUE|FLAG]...")
	}
	for conversation := range strings.SplitSeq(strings.TrimSpace(ts.ReadFile(args[0])), "\n\n") {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		converse(ctx, ts, conversation, args[1:])
		cancel()
	}
}

func converse(ctx context.Context, ts *testscript.TestScript, conversation string, settings []string) {
	var env, flags []string
	for _, s := range settings {
		if strings.HasPrefix(s, "-") {
			flags = append(flags, s)
			continue
		}
		env = append(env, s)
	}
	cmd := nixOf(ts).Command(ctx, binary, flags...)
	cmd.Env = append(cmd.Env, append(env, "XDG_CACHE_HOME="+ts.Getenv("XDG_CACHE_HOME"), "TZ=UTC")...)
	c := &conversing{session: talk(scripted{ts}, cmd, 100), asked: true}
	for line := range strings.Lines(conversation) {
		c.line(strings.TrimSuffix(line, "\n"))
	}
	if !c.over {
		c.line("^D")
		c.line(". 0")
	}
}

// conversing is where a conversation is.
type conversing struct {
	*session
	asked  bool // something is asked for, and that was waited for
	from   int  // where on the screen the answer to what was typed last begins
	unseen []string
	over   bool
}

func (c *conversing) line(line string) {
	mark, text, _ := strings.Cut(line, " ")
	switch mark {
	case ">":
		c.ready()
		c.typed(text + "\r")
		c.from, c.asked = c.seen, false
	case "=":
		c.expect(text)
		c.asked = strings.HasPrefix(text, "Do this? ")
	case "!":
		c.unseen = append(c.unseen, text)
	case "~":
		c.ready()
		time.Sleep(time.Second)
	case "^C":
		c.typed("\x03")
		c.asked = false
	case "^D":
		c.ready()
		c.typed("\x04")
	case ".":
		if status := c.leaves(); fmt.Sprint(status) != text {
			c.t.Fatalf("exit status %d, want %s:\n%s", status, text, c.screen)
		}
		c.over = true
	case "#":
	default:
		c.t.Fatalf("%q is no line of a dialogue", line)
	}
}

// ready waits until something is asked for, and looks for what must not have been shown.
func (c *conversing) ready() {
	if !c.asked {
		c.expect("ask-nix> ")
	}
	for _, text := range c.unseen {
		if strings.Contains(c.screen[c.from:c.seen], text) {
			c.t.Fatalf("%q is shown:\n%s", text, c.screen)
		}
	}
	c.asked, c.unseen = true, nil
}
