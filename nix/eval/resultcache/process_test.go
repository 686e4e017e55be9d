package resultcache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"

	"luminousnix/nix/eval"
	"luminousnix/nix/eval/resultcache"
	"luminousnix/nix/eval/trace"
)

// workerVariable, when set to the path of a cache, makes the test binary use it
// and exit.
const workerVariable = "RESULTCACHE_WORKER"

func TestMain(m *testing.M) {
	if path := os.Getenv(workerVariable); path != "" {
		if err := use(context.Background(), path, 40); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(exitStatus(err))
		}
		return
	}
	os.Exit(m.Run())
}

// errWrong means that something was found that was not put.
var errWrong = errors.New("wrong result")

// wrongStatus is the exit status of a worker that met errWrong.
const wrongStatus = 3

func exitStatus(err error) int {
	if errors.Is(err, errWrong) {
		return wrongStatus
	}
	return 1
}

// use opens the cache, puts and finds, n times. That another process has it for
// too long is no failure; a wrong result is.
func use(ctx context.Context, path string, n int) error {
	for range n {
		err := useOnce(ctx, path)
		if err != nil && !errors.Is(err, resultcache.ErrBusy) {
			return err
		}
	}
	return nil
}

func useOnce(ctx context.Context, path string) error {
	c, err := resultcache.Open(ctx, path, resultcache.Options{MaxBytes: 1 << 20})
	if err != nil {
		return err
	}
	defer c.Close()
	for range 5 {
		key := fmt.Sprint("key ", rand.IntN(30))
		want := bytes.Repeat([]byte(key), 10_000)
		if err := c.Put(ctx, []byte(key), new(trace.Trace), want); err != nil {
			return err
		}
		got, miss, err := c.Find(ctx, []byte(key), eval.Host{}, nil)
		if err != nil {
			return err
		}
		if miss == nil && !bytes.Equal(got, want) {
			return fmt.Errorf("%w for %s: %.20q", errWrong, key, got)
		}
	}
	return nil
}

// Several processes and goroutines use one file.
func TestProcesses(t *testing.T) {
	t.Parallel()
	path := filled(t)
	var users sync.WaitGroup
	for range 3 {
		users.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), workerVariable+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	for range 2 {
		users.Go(func() {
			if err := use(t.Context(), path, 20); err != nil {
				t.Error(err)
			}
		})
	}
	users.Wait()
	usable(t, open(t, path, resultcache.Options{}))
}

// One process deletes the file, or spoils it, while others use it.
func TestProcessesWhileDamaged(t *testing.T) {
	t.Parallel()
	path := filled(t)
	var users sync.WaitGroup
	for range 2 {
		users.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), workerVariable+"="+path)
			out, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: no cache in that moment
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	for i := range 20 {
		if i%2 == 0 {
			_ = os.Remove(path)
		} else if file, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, err = file.WriteAt(bytes.Repeat([]byte{0xa5}, 5000), int64(rand.IntN(100_000)))
			must(t, err)
			must(t, file.Close())
		}
		if err := use(t.Context(), path, 1); errors.Is(err, errWrong) {
			t.Error(err)
		}
	}
	users.Wait()
	usable(t, open(t, path, resultcache.Options{}))
}
