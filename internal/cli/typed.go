package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// readLine reads a line, or what there is of one at the end of the input, or gives up when
// ctx ends. Nothing is read beyond the line where r is a terminal.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	file, ok := r.(*os.File)
	if !ok {
		return "", errors.New("only a terminal can be asked")
	}
	var line []byte
	buf := make([]byte, 4096) // what a line on a terminal has at the most
	for {
		n, err := readTyped(ctx, file, buf)
		line = append(line, buf[:n]...)
		switch {
		case errors.Is(err, io.EOF):
			return string(line), nil // no more input is no
		case err != nil:
			return "", err
		case line[len(line)-1] == '\n':
			return string(line), nil
		}
	}
}

// readTyped reads what was typed, like [io.Reader], and waits for it no longer than until
// ctx ends. What is typed afterwards is left for whoever reads next.
func readTyped(ctx context.Context, file *os.File, p []byte) (int, error) {
	if err := awaitTyped(ctx, int(file.Fd())); err != nil {
		return 0, err
	}
	n, err := unix.Read(int(file.Fd()), p)
	switch {
	case errors.Is(err, unix.EINTR) || errors.Is(err, unix.EAGAIN):
		return readTyped(ctx, file, p)
	case errors.Is(err, unix.EIO): // the terminal is gone
		return 0, io.EOF
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// awaitTyped waits until there is something to read.
func awaitTyped(ctx context.Context, fd int) error {
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("eventfd", err)
	}
	defer unix.Close(wake)
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(woken)
		_, _ = unix.Write(wake, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // always has room for one
	})
	defer func() {
		if !stop() {
			<-woken // before wake is closed
		}
	}()
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}, {Fd: int32(wake), Events: unix.POLLIN}}
		_, err := unix.Poll(fds, -1)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, unix.EINTR):
			return os.NewSyscallError("poll", err)
		case err == nil && fds[0].Revents != 0:
			return nil
		}
	}
}

// forgetTyped drops what was typed and not read yet.
func forgetTyped(file *os.File) {
	_ = unix.IoctlSetInt(int(file.Fd()), unix.TCFLSH, unix.TCIFLUSH) // no terminal has nothing to forget
}
