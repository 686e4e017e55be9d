package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/channel"
	"luminousnix/internal/operation"
	"luminousnix/nix/fetch"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
	"luminousnix/nix/tarball"
)

// insteadOfUpdate is what can be done offline.
const insteadOfUpdate = "`ask-nix switch` builds the system of what is here; update when there is a network."

// channelUpdate is a new generation of root's channels.
type channelUpdate struct {
	machine *Machine
	args    operation.Arguments

	// Found by find.
	state    profile.State
	channels []subscribed
	gone     []string // channels that are here, but not in root's list any more

	environment store.Path // with all of them, by download
	made        profile.Generation
}

// subscribed is a channel, with what is here and what is there.
type subscribed struct {
	here     operation.Channel // Path is "" if it is new
	path     store.Path        // of what is here
	release  channel.Release
	newer    bool
	verified string
	now      channel.Unpacked // by download
}

func (c *channelUpdate) rootChannels() profile.Profile {
	return profile.Profile(c.machine.Host.RootChannels())
}

// find reads the channels and asks for the newest release of each.
func (c *channelUpdate) find(ctx context.Context, o operation.Observer) error {
	if err := c.possible(); err != nil {
		return err
	}
	list := c.machine.Host.Path("root", ".nix-channels")
	channels, err := channel.Read(list)
	if errors.Is(err, fs.ErrPermission) {
		return operation.Errorf(operation.CodePermission, "the channels of the system are root's: %w", err).WithHint(AsRoot)
	}
	if len(channels) == 0 && (err == nil || errors.Is(err, fs.ErrNotExist)) {
		return operation.Errorf(operation.CodeNotFound, "root has no channels: there are none in %s", list).
			WithHint("`sudo nix-channel --add https://channels.nixos.org/nixos-unstable nixos` adds one.")
	}
	if err != nil {
		return operation.Errorf(operation.CodeConfiguration, "%w", err).WithHint("`sudo nix-channel --list` shows how Nix reads it.")
	}
	if c.state, err = c.machine.Backend.Profile(ctx, c.rootChannels()); err != nil && !errors.Is(err, profile.ErrNotExist) {
		return err
	}
	if err := c.subscribedTo(channels); err != nil {
		return err
	}
	for _, one := range channels {
		if !c.meant(one.Name) {
			continue
		}
		if err := c.machine.onlineFor(one.URL, "updating channel "+one.Name, insteadOfUpdate); err != nil {
			return err
		}
	}
	phase(o, "check", "Asking for the newest releases")
	here := map[string]operation.Channel{}
	for _, known := range c.machine.Host.Configuration().Channels {
		here[known.Name] = known
	}
	source := c.source()
	for _, one := range channels {
		s := c.subscribed(one, here[one.Name])
		delete(here, one.Name)
		if !c.meant(one.Name) {
			if s.path != "" {
				c.channels = append(c.channels, s)
			}
			continue
		}
		if s.release, err = c.newest(ctx, source, one); err != nil {
			return explainChannel(one.Name, err)
		}
		s.newer = s.path == "" || !s.same()
		c.channels = append(c.channels, s)
	}
	c.notListed(here)
	return nil
}

// newest asks for the newest release of a channel. For a preview what a server said a
// short while ago is enough.
func (c *channelUpdate) newest(ctx context.Context, source channel.Source, one channel.Channel) (channel.Release, error) {
	said := channel.Release{}
	key := []string{"newest release", one.Name, one.URL}
	keeps := c.machine.Preview && !strings.HasPrefix(one.URL, "file:")
	if keeps && c.machine.Recall(key, &said) {
		said.Channel = one
		return said, nil
	}
	release, err := source.Newest(ctx, one)
	if keeps && err == nil {
		// The URL may have a password in it.
		c.machine.RememberForAWhile(key, channel.Release{Address: release.Address, Version: release.Version, Revision: release.Revision})
	}
	return release, err
}

// meant reports whether a channel is to be updated: all are, unless one is named.
func (c *channelUpdate) meant(name string) bool {
	return c.args.Channel == "" || c.args.Channel == name
}

// subscribedTo refuses a channel that is named and that root has not.
func (c *channelUpdate) subscribedTo(channels []channel.Channel) error {
	var names []string
	for _, one := range channels {
		if c.meant(one.Name) {
			return nil
		}
		names = append(names, one.Name)
	}
	failed := operation.Errorf(operation.CodeNotFound, "root has no channel that is called %q, but %s", c.args.Channel, strings.Join(names, ", "))
	if !strings.ContainsAny(c.args.Channel, "0123456789") {
		return failed.WithHint("`sudo nix-channel --list` shows them.")
	}
	release := c.args.Channel
	if release[0] >= '0' && release[0] <= '9' {
		release = "nixos-" + release
	}
	return failed.WithHint(fmt.Sprintf("`sudo nix-channel --add https://channels.nixos.org/%s nixos`, then `ask-nix update`, moves to another release.", release))
}

// subscribed is a channel as it is here.
func (c *channelUpdate) subscribed(one channel.Channel, here operation.Channel) subscribed {
	s := subscribed{here: here, release: channel.Release{Channel: one}}
	s.path, _ = channel.PathIn(c.machine.Host.StoreDir, string(c.rootChannels()), one.Name)
	return s
}

// notListed takes what is here and not in root's list any more: it goes, unless only
// another channel is meant.
func (c *channelUpdate) notListed(here map[string]operation.Channel) {
	for _, name := range slices.Sorted(maps.Keys(here)) {
		s := c.subscribed(channel.Channel{Name: name}, here[name])
		switch {
		case s.path == "":
		case c.args.Channel == "":
			c.gone = append(c.gone, name)
		default:
			c.channels = append(c.channels, s)
		}
	}
}

// same reports whether the release is known to be what is here.
func (s *subscribed) same() bool {
	version, revision := channel.Describe(func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(s.here.Path, name))
	})
	if revision != "" && s.release.Revision != "" {
		return revision == s.release.Revision
	}
	return version != "" && version == s.release.Version
}

// possible refuses what is not updated by channels.
func (c *channelUpdate) possible() error {
	if from := c.args.Source; from.Flake != "" || from.File != "" || from.Attribute != "" {
		return operation.Errorf(operation.CodeUsage, "only the machine's own configuration is built from root's channels").
			WithHint("Leave out either --upgrade or what says where the configuration is.")
	}
	for _, entry := range searchPath(c.machine, "", c.args.Source.Include...) {
		if entry.Prefix == "nixpkgs" && !strings.HasPrefix(entry.Path, string(c.rootChannels())+"/") {
			return operation.Errorf(operation.CodeConfiguration, "the system is built from %s, not from root's channels", entry.Path).
				WithHint("NIX_PATH says so; without nixpkgs in it the channels are used.")
		} else if entry.Prefix == "nixpkgs" {
			break
		}
	}
	return nil
}

func (c *channelUpdate) source() channel.Source {
	return channel.Source{Downloads: c.machine.Channel.Downloads}
}

// download brings all newer channels into the store, and the environment of all.
func (c *channelUpdate) download(ctx context.Context, o operation.Observer) error {
	session, err := build.Open(ctx, c.machine.Host, o)
	if err != nil {
		return err
	}
	defer session.Close()
	var all []channel.Unpacked
	for i := range c.channels {
		s := &c.channels[i]
		if err := c.bring(ctx, session, s, o); err != nil {
			return explainChannel(s.release.Name, err)
		}
		all = append(all, s.now)
	}
	if c.environment, err = channel.AddEnvironment(ctx, session.Conn, all); err != nil {
		return err
	}
	dir := c.machine.Host.RuntimeDir()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return session.Link(ctx, filepath.Join(dir, "channels"), c.environment)
}

// bring brings a channel into the store. What turns out to have the content of what is
// here stays where it is.
func (c *channelUpdate) bring(ctx context.Context, session *build.Session, s *subscribed, o operation.Observer) error {
	s.now = channel.Unpacked{Channel: s.release.Channel, Path: s.path, Version: s.here.Version}
	if !s.newer {
		return session.Conn.AddTempRoot(ctx, s.path)
	}
	phase(o, "download", "Downloading "+s.release.Name+" from "+s.release.Address)
	archive, err := c.source().Download(ctx, s.release, func(done, total int64) {
		o.Observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Bytes, Done: done, Expected: total})
	})
	if err != nil {
		return err
	}
	s.verified = archive.Verified
	phase(o, "unpack", "Unpacking "+s.release.Name)
	now, err := channel.Unpack(ctx, session.Conn, archive, c.machine.Channel.Downloads)
	if err != nil {
		return err
	}
	if s.path != "" {
		before, err := session.Conn.PathInfo(ctx, s.path)
		if err == nil && before.NarHash == now.NarHash {
			s.newer = false
			return nil
		}
	}
	s.now = now
	return nil
}

// unchanged reports whether the channels turned out to be what is here.
func (c *channelUpdate) unchanged() bool {
	if len(c.gone) > 0 {
		return false
	}
	for i := range c.channels {
		if c.channels[i].newer {
			return false
		}
	}
	return true
}

// newer lists the channels that have something newer, or may have.
func (c *channelUpdate) newer() (all []operation.ChannelUpdate) {
	for i := range c.channels {
		s := &c.channels[i]
		if !s.newer {
			continue
		}
		all = append(all, operation.ChannelUpdate{
			Name: s.release.Name, From: s.here.Version, To: cmp.Or(s.now.Version, s.release.Version, operation.Unknown),
			Address: s.release.Address, Verified: s.verified,
		})
	}
	return all
}

// updates implements sources.
func (c *channelUpdate) updates() (steps []operation.Step) {
	for _, u := range c.newer() {
		step := operation.Step{Action: "Update channel " + described(u), Path: u.Address}
		if u.From == "" {
			step.Action = "Add channel " + described(u)
		}
		steps = append(steps, step)
	}
	for _, name := range c.gone {
		steps = append(steps, operation.Step{Action: "Remove channel " + name + ", which is not in root's list any more"})
	}
	return steps
}

// summary names the channels with their versions.
func (c *channelUpdate) summary() string {
	var names []string
	for _, u := range c.newer() {
		names = append(names, described(u))
	}
	for _, name := range c.gone {
		names = append(names, name+" (removed)")
	}
	return strings.Join(names, ", ")
}

// described is a channel with its versions, as far as they are known.
func described(u operation.ChannelUpdate) string {
	text := u.Name
	if u.From != "" && u.From != operation.Unknown {
		text += " from " + u.From
	}
	if u.To != operation.Unknown {
		text += " to " + u.To
	}
	return text
}

// notes says which archives nothing tells the hash of.
func (c *channelUpdate) notes() (all []string) {
	for i := range c.channels {
		if s := &c.channels[i]; s.newer && s.verified == "" {
			all = append(all, fmt.Sprintf("nothing tells the hash of %s: that its archive is the right one is only as sure as the connection", s.release.Address))
		}
	}
	return all
}

// channel is what the channel is called that the system is made of: nixos, or else the
// first. It is "" if that is not updated.
func (c *channelUpdate) channel() string {
	at := max(0, slices.IndexFunc(c.channels, func(s subscribed) bool { return s.release.Name == "nixos" }))
	if !c.channels[at].newer {
		return ""
	}
	return path.Base(c.channels[at].release.URL)
}

// explainChannel says which channel cannot be had.
func explainChannel(name string, err error) error {
	var sum *channel.SumError
	var network *fetch.NetworkError
	var status *fetch.StatusError
	var format *tarball.FormatError
	switch {
	case errors.As(err, &format):
		return operation.Errorf(operation.CodeFailed, "channel %s: %w", name, err).
			WithHint("Nothing was changed. What is there is not what a channel has; `sudo nix-channel --list` shows where it is looked for.")
	case errors.As(err, &sum):
		return operation.Errorf(operation.CodeFailed, "channel %s: %w", name, err).
			WithHint("Nothing was changed. Try again later; if it stays, tell whoever runs that server.")
	case errors.Is(err, fs.ErrNotExist):
		return operation.Errorf(operation.CodeNotFound, "channel %s is not there: %w", name, err).
			WithHint("Nothing was changed. `sudo nix-channel --list` shows where it is looked for.")
	case errors.As(err, &network), errors.As(err, &status):
		return operation.Errorf(operation.CodeNetwork, "channel %s: %w", name, err).
			WithHint("Nothing was changed. Try again when the network is back.")
	}
	return fmt.Errorf("channel %s: %w", name, err)
}
