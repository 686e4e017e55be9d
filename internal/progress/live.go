package progress

import (
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// frameTime is the least time between two frames.
const frameTime = 100 * time.Millisecond

// Control sequences of terminals. A terminal that does not know how to show a frame at once
// (2026) passes over that.
const (
	beginFrame = "\x1b[?2026h"
	endFrame   = "\x1b[?2026l"
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	eraseBelow = "\x1b[J"
	eraseRight = "\x1b[K"
)

// Live draws a picture at the bottom of a terminal, over and over in the same place. What
// else is to be shown is written through it, and stands above the picture. The cursor stays
// at the first line of the picture: so it is found again when the terminal has another
// size, and what comes after a crash is written over it.
type Live struct {
	// Frame gives the lines of the picture now for a terminal of a size; none is no picture.
	// It is called from one goroutine at a time, which may be another one than that of Touch.
	Frame func(now time.Time, width, height int) []string
	// Out is the terminal, and Size how big it is.
	Out  io.Writer
	Size func() (width, height int)
	// Caught says that somebody else ends the program when it gets a signal.
	Caught bool
	// Now is the clock, and Tick what frames wait for; the time of the system if they are nil.
	Now  func() time.Time
	Tick func(time.Duration) <-chan time.Time

	mu       sync.Mutex
	running  bool // the goroutine that draws
	over     bool
	held     bool     // a line is begun that is not ours: nothing is drawn
	shown    []string // nil is no picture
	size     [2]int   // at that time
	signals  chan os.Signal
	quit     chan struct{} // closed when nothing is to be drawn any more
	finished sync.WaitGroup
}

// Touch says that something has changed, and that there may be a picture now.
func (l *Live) Touch() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = false
	if !l.running && !l.over {
		l.running = true
		if l.quit == nil {
			l.quit = make(chan struct{})
		}
		l.finished.Add(1)
		go l.run(l.quit)
	}
}

// run draws until there is no picture any more.
func (l *Live) run(quit <-chan struct{}) {
	defer l.finished.Done()
	tick := l.Tick
	if tick == nil {
		tick = time.After
	}
	for {
		select {
		case <-quit:
			return
		case <-tick(frameTime):
		}
		if !l.draw() {
			return
		}
	}
}

// draw draws a frame. It returns false when there was nothing to draw.
func (l *Live) draw() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	width, height := l.Size()
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	var frame []string
	if !l.over {
		frame = l.Frame(now(), width, height)
	}
	if len(frame) == 0 {
		_, _ = io.WriteString(l.Out, l.erase())
		l.running = false
		return false
	}
	if !l.held {
		_, _ = io.WriteString(l.Out, l.redraw(frame, [2]int{width, height}))
	}
	return true
}

// redraw is what makes of the picture that is shown another one; "" is nothing.
func (l *Live) redraw(frame []string, size [2]int) string {
	var b strings.Builder
	if l.shown == nil {
		b.WriteString(hideCursor)
		l.listen()
	} else if size != l.size {
		b.WriteString(eraseBelow) // it may stand otherwise than it was drawn
		l.shown = nil
	}
	changed := len(l.shown) != len(frame)
	for i, line := range frame {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if i >= len(l.shown) || l.shown[i] != line {
			changed = true
			b.WriteString(line + eraseRight)
		}
	}
	if !changed {
		return ""
	}
	last := len(frame) - 1
	if len(l.shown) > len(frame) {
		b.WriteString("\r\n" + eraseBelow)
		last++
	}
	b.WriteString("\r" + up(last))
	l.shown, l.size = frame, size
	return beginFrame + b.String() + endFrame
}

func up(lines int) string {
	if lines == 0 {
		return ""
	}
	return "\x1b[" + strconv.Itoa(lines) + "A"
}

// erase is what takes the picture away; "" if there is none.
func (l *Live) erase() string {
	if l.shown == nil {
		return ""
	}
	l.shown = nil
	return "\r" + eraseBelow + showCursor
}

// Write shows text in the place of the picture, which is drawn below it next time.
func (l *Live) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(text) == 0 {
		return 0, nil
	}
	l.held = text[len(text)-1] != '\n'
	if before := l.erase(); before != "" {
		if _, err := io.WriteString(l.Out, before); err != nil {
			return 0, err
		}
	}
	return l.Out.Write(text)
}

// Stop takes the picture away for good, and waits until nothing is drawn any more. What is
// written afterwards is still passed on.
func (l *Live) Stop() {
	l.mu.Lock()
	l.end()
	if l.signals != nil {
		signal.Stop(l.signals)
		close(l.signals)
		l.signals = nil
	}
	l.mu.Unlock()
	l.finished.Wait()
}

func (l *Live) end() {
	if !l.over && l.quit != nil {
		close(l.quit)
	}
	l.over = true
	_, _ = io.WriteString(l.Out, l.erase())
}

// listen waits for what may end or stop the program, from the first picture on: it leaves
// the terminal as it was.
func (l *Live) listen() {
	if l.signals != nil {
		return
	}
	l.signals = make(chan os.Signal, 4)
	signal.Notify(l.signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGTSTP)
	go func(signals chan os.Signal) {
		for s := range signals {
			if s == syscall.SIGTSTP {
				l.pause()
				continue
			}
			l.interrupted(s.(syscall.Signal))
		}
	}(l.signals)
}

// pause takes the picture away while the program is stopped.
func (l *Live) pause() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = io.WriteString(l.Out, l.erase())
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
}

// interrupted takes the picture away, and ends the program unless somebody else does. A
// terminal that takes nothing does not keep it from that.
func (l *Live) interrupted(s syscall.Signal) {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.end()
	}()
	select {
	case <-gone:
	case <-time.After(200 * time.Millisecond):
	}
	if !l.Caught {
		signal.Reset(s)
		_ = syscall.Kill(os.Getpid(), s)
	}
}
