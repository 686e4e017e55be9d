package process_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"luminousnix/internal/process"
)

func TestTalk(t *testing.T) {
	t.Parallel()
	env := []string{"PATH=/usr/bin:/bin"}
	conn, wait, err := process.Talk(process.Command{Argv: []string{"cat"}, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	if err := errors.Join(conn.Close(), wait()); err != nil {
		t.Error(err)
	}

	conn, wait, err = process.Talk(process.Command{Argv: []string{"sh", "-c", "echo no >&2; exit 3"}, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := conn.Read(got); n != 0 || err == nil {
		t.Errorf("it answers %q, %v", got[:n], err)
	}
	conn.Close()
	var exit *process.ExitError
	if err := wait(); !errors.As(err, &exit) || exit.Status != 3 || !strings.Contains(exit.Stderr, "no") {
		t.Errorf("%v", err)
	}
	if _, _, err := process.Talk(process.Command{Argv: []string{"there-is-no-such-program"}, Env: env}); !errors.Is(err, process.ErrNotFound) {
		t.Errorf("%v", err)
	}
}
