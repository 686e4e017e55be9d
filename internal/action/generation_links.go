package action

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"luminousnix/nix/folder"
	"luminousnix/nix/profile"
)

// profileLinks reads a profile to show it. Reading a few hundred links takes longer than all
// else, so they are kept for as long as their [folder.State] is the same.
func profileLinks(ctx context.Context, m *Machine, p profile.Profile) (profile.State, error) {
	now := m.Now()
	links, ok := folder.At(filepath.Dir(string(p)))
	if !ok {
		return m.Backend.Profile(ctx, p) // which says what is wrong
	}
	key := []string{"links of a profile", string(p), links.String()}
	if text, ok := m.recallText(key); ok {
		if state, ok := decodeLinks(p, string(text)); ok {
			return state, nil
		}
	}
	state, err := m.Backend.Profile(ctx, p)
	if err != nil || !links.Settled(now) {
		return state, err
	}
	if text, ok := encodeLinks(state); ok {
		m.Remember(key, text)
	}
	return state, nil
}

// encodeLinks writes which generation is the current one and what the profile's link says, then a line
// for each generation: its number, the nanoseconds of Unix time at which it was made, and
// what its link says; not ok is what that cannot tell.
func encodeLinks(state profile.State) (text []byte, ok bool) {
	text = fmt.Appendf(nil, "%d %s\n", state.Current, state.Target)
	for _, g := range state.Generations {
		text = strconv.AppendInt(text, int64(g.Number), 10)
		text = strconv.AppendInt(append(text, ' '), g.Created.UnixNano(), 10)
		text = append(append(append(text, ' '), g.Target...), '\n')
	}
	return text, bytes.Count(text, []byte("\n")) == 1+len(state.Generations)
}

// decodeLinks reads what encodeLinks has written; not ok is what it has not.
func decodeLinks(p profile.Profile, text string) (state profile.State, ok bool) {
	head, text, _ := strings.Cut(text, "\n")
	current, target, ok := strings.Cut(head, " ")
	n, err := strconv.Atoi(current)
	if !ok || err != nil || text != "" && !strings.HasSuffix(text, "\n") {
		return profile.State{}, false
	}
	state.Current, state.Target = n, target
	state.Generations = make([]profile.Generation, 0, strings.Count(text, "\n"))
	prefix := string(p) + "-"
	for line := range strings.Lines(text) {
		number, rest, _ := strings.Cut(line, " ")
		made, target, ok := strings.Cut(strings.TrimSuffix(rest, "\n"), " ")
		n, numberErr := strconv.Atoi(number)
		at, madeErr := strconv.ParseInt(made, 10, 64)
		if !ok || numberErr != nil || madeErr != nil {
			return profile.State{}, false
		}
		state.Generations = append(state.Generations, profile.Generation{
			Number: n, Link: prefix + number + "-link", Target: target, Created: time.Unix(0, at),
		})
	}
	return state, true
}
