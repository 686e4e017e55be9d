package picker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

func TestRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, keys, query string
		want              Choice
	}{
		{"install", "fox\x0f", "", Choice{Install: "firefox"}},
		{"typed beforehand", "\x0f", "fox", Choice{Install: "firefox"}},
		{"an option", "fox\x1b[B\x0f", "", Choice{Install: "programs.firefox.enable", IsOption: true}},
		{"from the list", "fox\tji", "", Choice{Install: "programs.firefox.enable", IsOption: true}},
		{"from the page", "librewolf\ri", "", Choice{Install: "librewolf-unwrapped"}},
		{"pasted", "\x1b[200~fox\x1b[201~\x0f", "", Choice{Install: "firefox"}},
		{"Ctrl-C", "fox\x03\x0f", "", Choice{}},
		{"end of input", "fox", "", Choice{}},
		{"nothing at all", "", "", Choice{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, in := range []io.Reader{strings.NewReader(test.keys), iotest.DataErrReader(strings.NewReader(test.keys))} {
				var out bytes.Buffer
				got, err := Run(t.Context(), newFake(), Options{In: in, Out: &out, NoColor: true, Query: test.query})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				checkOutput(t, out.String())
			}
		})
	}
}

// checkOutput checks what a terminal gets: the other screen and back, no question
// that it would answer, and no colours.
func checkOutput(t *testing.T, out string) {
	t.Helper()
	for _, want := range []string{"\x1b[?1049h", "\x1b[?1049l"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in %q", want, out)
		}
	}
	unwanted := regexp.MustCompile(`\x1b\[[0-9;:]*m` + // colours
		`|\x1b\[\??[0-9;]*\$p|\x1b\[\?u|\x1b\[[?>=]?[0-9]*[cn]|\x1b\[>[0-9]*q` + // modes, keyboard, attributes, status, version
		`|\x1b\[[<>][0-9;]*[um]` + // keyboard protocols
		`|\x1bP|\x1b\][0-9]+;\?`) // termcap, colours
	if found := unwanted.FindString(out); found != "" {
		t.Errorf("%q is sent to the terminal", found)
	}
}

// screen is a terminal that tells when it shows something.
type screen struct {
	mu      sync.Mutex
	written []byte
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = append(s.written, p...)
	return len(p), nil
}

func (s *screen) await(t *testing.T, text string) {
	t.Helper()
	for range 1000 {
		s.mu.Lock()
		found := bytes.Contains(s.written, []byte(text))
		s.mu.Unlock()
		if found {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("%q is not shown, but %q", text, s.written)
}

// TestRunShows waits for each screen before it presses the next key.
func TestRunShows(t *testing.T) {
	t.Parallel()
	in, keys := io.Pipe()
	var out screen
	go func() {
		for _, step := range []struct{ shown, keys string }{
			{"search:", "fox"},
			{"> firefox", "\r"},
			{"MPL-2.0", "q"},
			{"librewolf", "\x1b[B\x1b[B\x1b[B\t"},
			{"20250601", "i"}, // in the preview; the rest is drawn in pieces,
		} {
			out.await(t, step.shown)
			io.WriteString(keys, step.keys)
		}
	}()
	got, err := Run(t.Context(), newFake(), Options{In: in, Out: &out, NoColor: true})
	if err != nil || got.Install != "librewolf-unwrapped" {
		t.Errorf("%+v, %v", got, err)
	}
	checkOutput(t, string(out.written))
}

func TestRunEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	in, keys := io.Pipe()
	go func() {
		io.WriteString(keys, "fox")
		cancel()
	}()
	var out bytes.Buffer
	if choice, err := Run(ctx, newFake(), Options{In: in, Out: &out}); !errors.Is(err, context.Canceled) || choice != (Choice{}) {
		t.Errorf("%+v, %v", choice, err)
	}
	keys.Close()
	if _, err := Run(ctx, newFake(), Options{In: in, Out: &out}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestRunWithABadSearcher(t *testing.T) {
	t.Parallel()
	s := newFake()
	s.err = errors.New("no catalogue")
	var out bytes.Buffer
	if choice, err := Run(t.Context(), s, Options{In: strings.NewReader("fox\x0f"), Out: &out}); err != nil || choice != (Choice{}) {
		t.Errorf("%+v, %v", choice, err)
	}
}

func TestRunWithABadTerminal(t *testing.T) {
	t.Parallel()
	broken := errors.New("the line is cut")
	var out bytes.Buffer
	if _, err := Run(t.Context(), newFake(), Options{In: iotest.ErrReader(broken), Out: &out}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// slow counts who is in it.
type slow struct {
	fake
	inside, most atomic.Int32
}

func (s *slow) enter() func() {
	n := s.inside.Add(1)
	s.most.Store(max(n, s.most.Load()))
	time.Sleep(5 * time.Millisecond)
	return func() { s.inside.Add(-1) }
}

func (s *slow) Search(query string, limit int) (operation.Found, error) {
	defer s.enter()()
	return s.fake.Search(query, limit)
}

func (s *slow) Info(attribute string) (operation.Info, error) {
	defer s.enter()()
	return s.fake.Info(attribute)
}

// TestOneAtATime: the searcher is asked one thing at a time, and has its peace when
// Run has returned.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	s := &slow{fake: *newFake()}
	var out bytes.Buffer
	if _, err := Run(t.Context(), s, Options{In: strings.NewReader("f\bo\bx\bfox\x03"), Out: &out}); err != nil {
		t.Fatal(err)
	}
	if s.inside.Load() != 0 || s.most.Load() > 1 {
		t.Errorf("%d inside, at most %d", s.inside.Load(), s.most.Load())
	}
	asked := len(s.searches)
	time.Sleep(30 * time.Millisecond)
	if len(s.searches) != asked {
		t.Error("asked after the end")
	}
}
