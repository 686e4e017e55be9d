package process

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// Foreground runs the program with our own input and output, as a shell would, and waits
// for its end. Of Command only Argv, Env, Dir and Output count; Output takes its standard
// output in place of ours. What the terminal sends on Ctrl-C is left to the program, which
// gets it too; a request to end is passed on. The error is as of [Run].
func Foreground(ctx context.Context, c Command) error {
	program, err := Find(c.Argv[0], c.Env)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, c.Argv[1:]...)
	cmd.Env, cmd.Dir = c.Env, c.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if c.Output != nil {
		cmd.Stdout = c.Output
	}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		for {
			select {
			case s := <-signals:
				if s == syscall.SIGTERM || s == syscall.SIGHUP {
					_ = cmd.Process.Signal(s) // it may have ended already
				}
			case <-ended:
				return
			}
		}
	}()
	return explain(ctx, cmd, cmd.Wait(), "")
}
