package process

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// Talk starts a program that answers on its standard output what it is asked on its
// standard input, and returns our end of a socket that is both. Of Command only Argv, Env
// and Dir count. The program is out of reach of the terminal, and ends by itself when the
// socket is closed; wait waits for that, and its error is as of [Run].
func Talk(c Command) (conn *net.UnixConn, wait func() error, err error) {
	program, err := Find(c.Argv[0], c.Env)
	if err != nil {
		return nil, nil, err
	}
	ends, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("making a socket for %s: %w", program, err)
	}
	ours, theirs := os.NewFile(uintptr(ends[0]), "ours"), os.NewFile(uintptr(ends[1]), "theirs")
	defer ours.Close() // net has a copy
	defer theirs.Close()
	end, err := net.FileConn(ours)
	if err != nil {
		return nil, nil, err
	}
	said := &tail{limit: 4 << 10}
	cmd := exec.Command(program, c.Argv[1:]...)
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = Clean(c.Env), c.Dir, theirs, theirs, said
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		end.Close()
		return nil, nil, err
	}
	ended := make(chan struct{})
	var failure error
	go func() {
		defer close(ended)
		failure = cmd.Wait()
	}()
	return end.(*net.UnixConn), func() error {
		<-ended
		return explain(context.Background(), cmd, failure, said.String())
	}, nil
}
