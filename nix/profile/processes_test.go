package profile_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"luminousnix/internal/testbed"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

// childVariable makes the test binary one of the processes that a test needs:
// "WORK PROFILE COUNT NAME".
const childVariable = "PROFILE_TEST_CHILD"

func TestMain(m *testing.M) {
	if work := strings.Fields(os.Getenv(childVariable)); len(work) == 4 {
		if err := child(work[0], profile.Profile(work[1]), work[2], work[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(work string, p profile.Profile, countText, name string) error {
	count, err := strconv.Atoi(countText)
	if err != nil {
		return err
	}
	ctx := context.Background()
	for n := range count {
		switch {
		case work == "switch":
			err = p.Switch(ctx, 1+n%3)
		case work == "mix" && n%4 == 3:
			_, err = p.Rollback(ctx)
		default:
			var g profile.Generation
			g, err = p.Create(ctx, noRoots{}, store.Path(fmt.Sprintf("/nix/store/%s-%d", name, n)), profile.CreateOptions{})
			if err == nil {
				fmt.Println(g.Number, g.Target) // it is there for good
			}
		}
		if err != nil {
			return fmt.Errorf("%s %d: %w", work, n, err)
		}
	}
	return nil
}

func startChild(t testing.TB, work string, p profile.Profile, count int, name string) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %d %s", childVariable, work, p, count, name))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, out
}

// made reads what a child has reported: targets by the numbers of generations.
func made(t testing.TB, out io.Reader) map[int]string {
	t.Helper()
	found := map[int]string{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		number, target, ok := strings.Cut(lines.Text(), " ")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			continue // cut short by SIGKILL
		}
		found[n] = target
	}
	return found
}

// renames counts how often something was renamed to the profile, until stop is
// closed and all is counted.
func renames(t *testing.T, p profile.Profile, stop <-chan struct{}) <-chan int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	// Two equal events in a row become one unless something is between them.
	if _, err := unix.InotifyAddWatch(fd, filepath.Dir(string(p)), unix.IN_MOVED_FROM|unix.IN_MOVED_TO); err != nil {
		t.Fatal(err)
	}
	count := make(chan int, 1)
	go func() {
		defer unix.Close(fd)
		seen, stopped := 0, false
		buf := make([]byte, 1<<16)
		for {
			n, err := unix.Read(fd, buf)
			if err == nil {
				seen += countEvents(buf[:n], filepath.Base(string(p)))
				continue
			}
			if stopped || !errors.Is(err, unix.EAGAIN) {
				count <- seen
				return
			}
			select {
			case <-stop:
				stopped = true // read what is left
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return count
}

func countEvents(buf []byte, name string) (seen int) {
	for len(buf) >= unix.SizeofInotifyEvent {
		event := (*unix.InotifyEvent)(unsafe.Pointer(&buf[0]))
		end := unix.SizeofInotifyEvent + int(event.Len)
		if strings.TrimRight(string(buf[unix.SizeofInotifyEvent:end]), "\x00") == name {
			seen++
		}
		buf = buf[end:]
	}
	return seen
}

// TestProcessesSwitch has two processes that switch the same profile 1,000 times
// each, and nix-env among them: each switch is seen by an onlooker, whoever reads
// finds a whole profile, and no generation is lost.
func TestProcessesSwitch(t *testing.T) {
	t.Parallel()
	const count, byNix = 1000, 8
	nix := testbed.New(t)
	p := newProfile(t, "p", 1, 2, 3)
	before := generations(t, p)
	stop := make(chan struct{})
	seen := renames(t, p, stop)
	var work sync.WaitGroup
	for range 2 {
		cmd, _ := startChild(t, "switch", p, count, "x")
		work.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	work.Go(func() {
		for n := range byNix {
			cmd := nix.Command(t.Context(), "nix-env", "--profile", string(p), "--switch-generation", strconv.Itoa(1+n%3))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		}
	})
	var reader sync.WaitGroup
	reader.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			if state, err := p.Read(); err != nil || state.Current == 0 || !slices.Equal(state.Generations, before) {
				t.Errorf("read %+v, %v", state, err)
				return
			}
		}
	})
	work.Wait()
	close(stop)
	reader.Wait()
	if got := <-seen; got != 2*count+byNix {
		t.Errorf("%d switches were seen, want %d", got, 2*count+byNix)
	}
	if names := files(t, p); len(names) != 4 {
		t.Errorf("left behind: %v", names)
	}
}

// TestProcessesCreate has two processes that create generations: the lock keeps
// them from taking the same number.
func TestProcessesCreate(t *testing.T) {
	t.Parallel()
	const count = 150
	p := newProfile(t, "p")
	reported := map[int]string{}
	first, firstOut := startChild(t, "create", p, count, "first")
	second, secondOut := startChild(t, "create", p, count, "second")
	for _, out := range []io.Reader{firstOut, secondOut} {
		for n, target := range made(t, out) {
			if other, taken := reported[n]; taken {
				t.Errorf("generation %d is both %s and %s", n, other, target)
			}
			reported[n] = target
		}
	}
	if err := errors.Join(first.Wait(), second.Wait()); err != nil {
		t.Fatal(err)
	}
	all := generations(t, p)
	if len(all) != 2*count || len(reported) != 2*count {
		t.Fatalf("%d generations, %d reported", len(all), len(reported))
	}
	for i, g := range all {
		if g.Number != i+1 || reported[g.Number] != g.Target {
			t.Errorf("generation %+v, reported %s", g, reported[g.Number])
		}
	}
}

// kills is how often a process is killed: more for make test-long.
func kills() int {
	if os.Getenv("LUMINOUS_NIX_LONG") != "" {
		return 2000
	}
	return 60
}

// TestKill kills a process that creates generations and switches, at random
// moments: the profile is whole, what was reported is there, and the next run
// works.
func TestKill(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "p", 1)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	locks, temporary, total := 0, 0, 0
	for run := range kills() {
		cmd, out := startChild(t, "mix", p, 1_000_000, fmt.Sprintf("run%d", run))
		// The first line says that it has begun.
		lines := bufio.NewReader(out)
		first, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("run %d did not begin after the kill before: %v", run, err)
		}
		time.Sleep(time.Duration(random.Int64N(int64(10 * time.Millisecond))))
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		reported := made(t, io.MultiReader(strings.NewReader(first), lines))
		_ = cmd.Wait() // killed
		total += len(reported)

		state, err := p.Read()
		if err != nil {
			t.Fatal(err)
		}
		if g, err := state.Generation(p, state.Current); err != nil || g.Target == "" {
			t.Fatalf("run %d: current %d: %+v, %v", run, state.Current, g, err)
		}
		for n, target := range reported {
			if g, err := state.Generation(p, n); err != nil || g.Target != target {
				t.Fatalf("run %d: generation %d of %s was reported: %+v, %v", run, n, target, g, err)
			}
		}
		for name := range links(t, p) {
			if name == "p.lock" {
				locks++
			}
			if strings.HasPrefix(name, ".") {
				temporary++
				setTime(t, filepath.Join(filepath.Dir(string(p)), name), time.Now().Add(-24*time.Hour))
			}
		}
		if run%20 == 19 {
			if _, err := p.Delete(t.Context(), profile.Selection{Keep: 3}, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d generations; %d kills left a lock, %d a temporary link", total, locks, temporary)
	if locks == 0 {
		t.Error("nobody was killed in the middle of a change: the test shows nothing")
	}
	if _, err := p.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Delete(t.Context(), profile.Selection{Old: true}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if names := files(t, p); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
}
