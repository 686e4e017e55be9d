package network

import (
	"errors"

	"golang.org/x/sys/unix"
)

// HasServer reports whether some process has the Unix socket of this path, which serves
// connections. It makes none, so that the server does not notice: to connect a socket of
// the other kind fails, and the error tells whether it is for that reason only (EPROTOTYPE;
// see connect(2)).
func HasServer(path string) bool {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	return errors.Is(unix.Connect(fd, &unix.SockaddrUnix{Name: path}), unix.EPROTOTYPE)
}
