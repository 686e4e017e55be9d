package action

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"luminousnix/internal/cache"
	"luminousnix/internal/channel"
)

// TestNewestReleaseIsAskedForOnce: for previews within the time to live, and anew for an
// update, after that time, and where nothing is to be kept.
func TestNewestReleaseIsAskedForOnce(t *testing.T) {
	t.Parallel()
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/nixos-25.11.7.abc/" {
			asked++
		}
		fmt.Fprint(w, "0123456789012345678901234567890123456789")
	}))
	defer server.Close()
	now := time.Unix(1_700_000_000, 0)
	kept := cache.New("", 5*time.Minute, func() time.Time { return now })
	one := channel.Channel{Name: "nixos", URL: server.URL + "/nixos-25.11.7.abc/"}
	for _, step := range []struct {
		what    string
		machine Machine
		later   time.Duration
		asked   int
	}{
		{"first", Machine{Preview: true}, 0, 1},
		{"soon after", Machine{Preview: true}, time.Minute, 1},
		{"not a preview", Machine{}, 0, 2},
		{"without the cache", Machine{Preview: true, NoCache: true}, 0, 3},
		{"too late", Machine{Preview: true}, 4 * time.Minute, 4},
	} {
		now = now.Add(step.later)
		step.machine.Cache, step.machine.Log = kept, slog.New(slog.DiscardHandler)
		c := &channelUpdate{machine: &step.machine}
		release, err := c.newest(t.Context(), channel.Source{Downloads: t.TempDir()}, one)
		if err != nil {
			t.Fatal(err)
		}
		if release.Version != "25.11.7.abc" && release.Version != "7.abc" || release.URL != one.URL || len(release.Revision) != 40 {
			t.Errorf("%s: %+v", step.what, release)
		}
		if asked != step.asked {
			t.Errorf("%s: asked %d times, want %d", step.what, asked, step.asked)
		}
	}
}
