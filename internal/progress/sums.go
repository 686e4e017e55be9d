package progress

import (
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

// BuildsDone is how many of all builds are done.
func (s *State) BuildsDone() (done, all int) {
	waiting, _ := s.Waiting()
	c := s.Count(operation.Building)
	return c.Done, c.Started() + waiting
}

// DownloadsDone is how many of all downloads are done.
func (s *State) DownloadsDone() (done, all int) {
	_, waiting := s.Waiting()
	c := s.Count(operation.Downloading)
	return c.Done, c.Started() + waiting
}

// Finished reports whether all that was expected is done, and nothing has failed.
func (s *State) Finished() bool {
	builds, downloads := s.Waiting()
	return !s.Active() && builds+downloads == 0 && len(s.expect.Builds)+s.expect.Downloads > 0 &&
		s.Count(operation.Building).Failed+s.Count(operation.Downloading).Failed == 0
}

// Summary says what was done, and how long that took.
func (s *State) Summary(now time.Time) string {
	builds, downloads := s.Count(operation.Building).Done, s.Count(operation.Downloading).Done
	loaded := strconv.Itoa(downloads)
	if bytes := s.Bytes(); bytes > 0 {
		loaded += " (" + operation.Size(bytes) + ")"
	}
	took := Clock(now.Sub(s.began))
	switch {
	case builds == 0:
		return say("all-loaded", loaded, took)
	case downloads == 0:
		return say("all-built", strconv.Itoa(builds), took)
	}
	return say("all", strconv.Itoa(builds), loaded, took)
}

// Sums says in a line how far it is, and what has gone on longest.
func (s *State) Sums(now time.Time) string {
	var parts []string
	if done, all := s.BuildsDone(); all > 0 {
		parts = append(parts, say("still", strconv.Itoa(done), strconv.Itoa(all)))
	}
	if done, all := s.DownloadsDone(); all > 0 {
		text := say("still-down", strconv.Itoa(done), strconv.Itoa(all))
		if expected := s.ExpectedBytes(); expected > 0 {
			text += " (" + say("part-of", operation.Size(s.Bytes()), operation.Size(expected)) + ")"
		}
		parts = append(parts, text)
	}
	if len(s.order) > 0 {
		a := s.order[0]
		parts = append(parts, say("now", a.Name+" ("+Clock(a.Elapsed(now))+")"))
	}
	if low, high, ok := s.Left(now); ok {
		parts = append(parts, Remaining(low, high))
	}
	return strings.Join(parts, "; ")
}

// Spoken is how far builds and downloads are, in a sentence without its stop; "" while there
// are none.
func (s *State) Spoken(now time.Time) string {
	var parts []string
	if done, all := s.BuildsDone(); all > 0 {
		parts = append(parts, say("still", strconv.Itoa(done), strconv.Itoa(all)))
	}
	if done, all := s.DownloadsDone(); all > 0 {
		parts = append(parts, say("still-down", strconv.Itoa(done), strconv.Itoa(all)))
	}
	if len(parts) == 0 {
		return ""
	}
	if low, high, ok := s.Left(now); ok && high >= WorthTelling {
		parts = append(parts, say("left", SpokenRange(low, high)))
	}
	return strings.Join(parts, ", ")
}
