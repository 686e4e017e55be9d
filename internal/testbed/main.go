package testbed

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const usage = `usage: testbed up DIR     start a private Nix with a small NixOS in DIR;
                      prints what a shell is to eval in order to use it
       testbed down DIR   stop it; its files stay
`

// Main is the command testbed. It returns the exit status: 0, 1 when something
// failed, 2 for wrong usage.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()

	if len(args) != 2 {
		fmt.Fprint(stderr, usage)
		return 2
	}
	var err error
	switch args[0] {
	case "up":
		err = up(ctx, args[1], stdout)
	case "down":
		err = down(args[1])
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// up starts a daemon that outlives this process, unless one runs already, and
// gives a new machine its generations.
func up(ctx context.Context, dir string, stdout io.Writer) error {
	n, err := prepare(dir, Options{})
	if err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	if err := n.readPID(); err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	if !n.daemonRuns() {
		if err := n.startDaemon(ctx, detached); err != nil {
			return fmt.Errorf("testbed: %w", err)
		}
	}
	if _, err := os.Lstat(n.SystemProfile); err != nil {
		if err := n.AddHistory(ctx); err != nil {
			// Nobody would know that there is something to stop.
			_ = n.stopDaemon()
			return err
		}
	}
	_, err = io.WriteString(stdout, exports(n.Env()))
	return err
}

// down stops the daemon that an earlier up has left running.
func down(dir string) error {
	n, err := locate(dir)
	if err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	if err := n.readPID(); err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	return n.Stop()
}

// exports are lines for a shell to eval. PATH is left as the shell has it, so
// that it still finds what the user is about to try.
func exports(environment []string) string {
	var b strings.Builder
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		if name != "PATH" {
			fmt.Fprintf(&b, "export %s=%s\n", name, quoteShell(value))
		}
	}
	return b.String()
}

// quoteShell is one word for any shell of POSIX's kind.
func quoteShell(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
