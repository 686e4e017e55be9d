package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
)

// permit checks that we may write root's channels.
func (c *channelUpdate) permit() error {
	if p := c.rootChannels(); !host.Writable(p) {
		return operation.Errorf(operation.CodePermission, "the channels of the system are root's: you may not change %s", p).
			WithHint(AsRoot)
	}
	return nil
}

func (c *channelUpdate) keepSteps() []operation.Step {
	return []operation.Step{{Action: "Make the channels a generation", Path: string(c.rootChannels())}}
}

// keep makes the environment a generation, unless the channels have changed since they
// were read.
func (c *channelUpdate) keep(ctx context.Context) error {
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

// takeBack goes back to the generation that was current, and deletes the one that keep
// has made.
func (c *channelUpdate) takeBack(ctx context.Context) error {
	if c.state.Current == 0 {
		return errors.New("there were none before")
	}
	now, err := c.rootChannels().Read()
	if err != nil {
		return err
	}
	if now.Current != c.made.Number {
		return fmt.Errorf("somebody has made generation %d of them meanwhile", now.Current)
	}
	if err := c.rootChannels().Switch(ctx, c.state.Current); err != nil {
		return err
	}
	made := c.made.Number
	c.made.Number = c.state.Current
	if slices.ContainsFunc(c.state.Generations, func(g profile.Generation) bool { return g.Number == made }) {
		return nil // it was there before
	}
	_, err = c.rootChannels().Delete(ctx, profile.Selection{Numbers: []int{made}}, c.machine.Now())
	return err
}

func (c *channelUpdate) data() *operation.Updated {
	return &operation.Updated{Channels: c.newer(), Removed: c.gone, ChannelGeneration: operation.GenerationNumber(c.made.Number)}
}

func (c *channelUpdate) words() sourceWords {
	words := sourceWords{
		name: "channels", newest: "Every channel is at its newest release", unchanged: "Every channel has what it had before",
		stay: fmt.Sprintf("the channels stay the new ones, generation %d of %s", c.made.Number, c.rootChannels()),
	}
	if c.args.Channel != "" {
		words.newest = "Channel " + c.args.Channel + " is at its newest release"
	}
	if c.state.Current > 0 {
		words.undo = "sudo nix-channel --rollback"
	}
	return words
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

// build has the system made of the new channels.
func (c *channelUpdate) build(_ context.Context, from operation.Source, use func(operation.Source) error) error {
	from.Include = append(slices.Clone(from.Include), c.include()...)
	return use(from)
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
