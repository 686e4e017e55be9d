package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	phase(o, "check", "Asking for the newest releases")
	here := map[string]operation.Channel{}
	for _, known := range c.machine.Host.Configuration().Channels {
		here[known.Name] = known
	}
	source := c.source()
	for _, one := range channels {
		release, err := source.Newest(ctx, one)
		if err != nil {
			return explainChannel(one.Name, err)
		}
		s := subscribed{here: here[one.Name], release: release}
		s.path, _ = channel.PathIn(c.machine.Host.StoreDir, string(c.rootChannels()), one.Name)
		s.newer = s.path == "" || !s.same()
		c.channels = append(c.channels, s)
		delete(here, one.Name)
	}
	for name := range here {
		if _, ok := channel.PathIn(c.machine.Host.StoreDir, string(c.rootChannels()), name); ok {
			c.gone = append(c.gone, name)
		}
	}
	slices.Sort(c.gone)
	return nil
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
	if configuration := c.machine.Host.Configuration(); configuration.Kind == "flake" && !c.args.Source.NoFlake {
		return operation.Errorf(operation.CodeNotAvailable, "this machine's configuration is a flake, whose inputs ask-nix does not update yet").
			WithHint("`nix flake update --flake " + configuration.Flake + "` updates them; `ask-nix switch` builds the system then.")
	}
	if len(c.args.Packages) > 0 {
		return operation.Errorf(operation.CodeNotAvailable, "single packages are not updated yet").
			WithHint("`ask-nix update` updates the system with all its packages.")
	}
	if c.args.Channel != "" {
		return operation.Errorf(operation.CodeNotAvailable, "moving to another channel is not available yet").
			WithHint(fmt.Sprintf("`sudo nix-channel --add https://channels.nixos.org/%s nixos`, then `ask-nix update`, do it.", c.args.Channel))
	}
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

// updates lists the channels that have something newer, or may have.
func (c *channelUpdate) updates() (all []operation.ChannelUpdate) {
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

func (c *channelUpdate) channelSteps() (steps []operation.Step) {
	for _, u := range c.updates() {
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
	for _, u := range c.updates() {
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

// unverified says which archives nothing tells the hash of.
func (c *channelUpdate) unverified() (all []string) {
	for i := range c.channels {
		if s := &c.channels[i]; s.newer && s.verified == "" {
			all = append(all, fmt.Sprintf("nothing tells the hash of %s: that its archive is the right one is only as sure as the connection", s.release.Address))
		}
	}
	return all
}

// systemChannel is what the channel is called that the system is made of.
func (c *channelUpdate) systemChannel() string {
	for i := range c.channels {
		if r := c.channels[i].release; r.Name == "nixos" {
			return path.Base(r.URL)
		}
	}
	return path.Base(c.channels[0].release.URL)
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
