package action

import (
	"context"
	"errors"
	"slices"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// commit makes the environment a generation, unless the channels have changed since they
// were read.
func (c *channelUpdate) commit(ctx context.Context) error {
	session, err := build.Open(ctx, c.machine.Host, operation.Silent)
	if err != nil {
		return err
	}
	defer session.Close()
	c.made, err = c.rootChannels().CreateIf(ctx, session.Conn, c.environment, c.state.Token(), profile.CreateOptions{
		StateDir: profile.StateDir(c.machine.Host.StateDir), SyncStore: true,
	})
	var changed *profile.ChangedError
	if errors.As(err, &changed) {
		return operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. Try again to see the new plan.")
	}
	return err
}

// takeBack goes back to the generation that was current, and deletes the one that commit
// has made.
func (c *channelUpdate) takeBack(ctx context.Context) error {
	if c.state.Current == 0 {
		return errors.New("there were none before")
	}
	if err := c.rootChannels().Switch(ctx, c.state.Current); err != nil {
		return err
	}
	if slices.ContainsFunc(c.state.Generations, func(g profile.Generation) bool { return g.Number == c.made.Number }) {
		return nil // it was there before
	}
	_, err := c.rootChannels().Delete(ctx, profile.Selection{Numbers: []int{c.made.Number}}, c.machine.Now())
	return err
}

// verify reads back which channels are current.
func (c *channelUpdate) verify(ctx context.Context) error {
	target, err := currentTarget(ctx, c.machine, c.rootChannels())
	if err != nil {
		return err
	}
	if target != string(c.environment) {
		return operation.Errorf(operation.CodeFailed, "%s leads to %s, not to %s", c.rootChannels(), target, c.environment).
			WithHint("Another program changed the channels meanwhile; `ask-nix config` shows them.")
	}
	return nil
}

// include are entries of the search path that take the place of root's channels.
func (c *channelUpdate) include() (words []string) {
	for _, entry := range searchPath(c.machine, "") {
		below, ok := strings.CutPrefix(entry.Path, string(c.rootChannels()))
		if !ok || below != "" && below[0] != '/' {
			continue
		}
		word := string(c.environment) + below
		if entry.Prefix != "" {
			word = entry.Prefix + "=" + word
		}
		words = append(words, word)
	}
	return words
}
