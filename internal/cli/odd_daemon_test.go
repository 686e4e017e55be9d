package cli_test

import (
	endian "encoding/binary"
	"io"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// oddDaemon ends the machine's daemon and listens in its place, with another version of
// the protocol, or with something that is no protocol at all.
func oddDaemon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: odd-daemon MAJOR.MINOR|garbage")
	}
	nix := nixOf(ts)
	ts.Check(nix.Stop())
	answer := []byte("HTTP/1.1 400 Bad Request\r\n\r\n")
	if args[0] != "garbage" {
		major, minor, _ := strings.Cut(args[0], ".")
		a, err := strconv.Atoi(major)
		ts.Check(err)
		b, err := strconv.Atoi(minor)
		ts.Check(err)
		const magic = 0x6478696f // WORKER_MAGIC_2 of Nix
		answer = endian.LittleEndian.AppendUint64(nil, magic)
		answer = endian.LittleEndian.AppendUint64(answer, uint64(a<<8|b))
	}
	if err := os.Remove(nix.Socket); err != nil && !os.IsNotExist(err) {
		ts.Check(err)
	}
	listener, err := net.Listen("unix", nix.Socket)
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if _, err := conn.Write(answer); err == nil {
					_, _ = io.Copy(io.Discard, conn) // until the client has enough
				}
			}()
		}
	}()
}
