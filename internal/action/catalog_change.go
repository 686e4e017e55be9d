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

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/nix/fetch"
)

// defaultChannel is the newest channel where the machine does not say of which it is.
const defaultChannel = "nixos-unstable"

// updateCatalog downloads the listings of a channel.
type updateCatalog struct {
	machine *Machine
	channel shelf.Channel
	built   shelf.Built
}

func newUpdateCatalog(m *Machine, args operation.Arguments) Change {
	channel := m.Channel
	channel.Name = cmp.Or(args.Channel, channel.Name, channelOf(m), defaultChannel)
	channel.Programs = programsOf(m)
	return &updateCatalog{machine: m, channel: channel}
}

// channelOf is the name of the machine's own channel: the end of its address.
func channelOf(m *Machine) string {
	for _, c := range m.Host.Configuration().Channels {
		if c.Name == "nixos" && c.URL != "" {
			return path.Base(c.URL)
		}
	}
	return ""
}

// programsOf is the listing of programs that the machine's channel has, or "".
func programsOf(m *Machine) string {
	for _, c := range m.Host.Configuration().Channels {
		if file := filepath.Join(c.Path, "programs.sqlite"); hasKind(file, 0) {
			return file
		}
	}
	return ""
}

func (u *updateCatalog) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	for _, address := range []string{u.channel.Base, u.channel.HomeOptions} {
		err := u.machine.onlineFor(address, "downloading the listings of "+u.channel.Name,
			"`ask-nix search` works with the catalogue that is here; `ask-nix catalog build` makes one of this machine's nixpkgs.")
		if err != nil {
			return operation.Plan{}, err
		}
	}
	return operation.Plan{
		Summary: "Download the listings of " + u.channel.Name,
		Risk:    operation.Safe,
		Steps: []operation.Step{
			{Action: "Download packages.json.br and options.json.br from " + operation.ShownURL(u.channel.Base) + "/" + u.channel.Name},
			{Action: "Make the catalogue of them", Path: u.machine.Shelf.Dir},
		},
	}, nil
}

func (u *updateCatalog) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "download", "Downloading the listings of "+u.channel.Name)
	var err error
	u.built, err = u.machine.Shelf.Update(ctx, u.channel, func(done, total int64) {
		o.Observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Bytes, Done: done, Expected: total})
	})
	if errors.Is(err, fs.ErrNotExist) {
		return Answer{}, operation.Errorf(operation.CodeNotFound, "there is no channel %q at %s", u.channel.Name, operation.ShownURL(u.channel.Base)).
			WithHint("The catalogue that was there is still used. Channels are called nixos-unstable, nixos-25.05 and the like.").WithCause(err)
	}
	if err != nil {
		return Answer{}, err
	}
	return builtAnswer(&u.built), nil
}

func (u *updateCatalog) Verify(context.Context) error { return verifyBuilt(&u.built) }

// buildCatalog evaluates a tree of nixpkgs.
type buildCatalog struct {
	machine *Machine
	tree    string
	paths   bool
	built   shelf.Built
}

func newBuildCatalog(m *Machine, args operation.Arguments) Change {
	return &buildCatalog{machine: m, tree: cmp.Or(args.Tree, treeOf(m)), paths: args.OutputPaths}
}

// treeOf is the nixpkgs that the machine is built from, or "".
func treeOf(m *Machine) string {
	for _, entry := range searchPath(m, "") {
		if entry.Prefix == "nixpkgs" && hasKind(entry.Path, fs.ModeDir) {
			return entry.Path
		}
	}
	return ""
}

func (b *buildCatalog) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	if b.tree == "" {
		return operation.Plan{}, operation.Errorf(operation.CodeNotFound, "this machine has no nixpkgs that could be read").
			WithHint("`ask-nix catalog build --from FOLDER` names one.")
	}
	return operation.Plan{
		Summary: "Make the catalogue of the nixpkgs in " + b.tree,
		Risk:    operation.Safe,
		Steps: []operation.Step{
			{Action: "Evaluate its packages and options", Path: b.tree},
			{Action: "Make the catalogue of them", Path: b.machine.Shelf.Dir},
		},
	}, nil
}

func (b *buildCatalog) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	phase(o, "evaluate", "Evaluating the packages of "+b.tree)
	evaluation.CollectLate()
	var err error
	b.built, err = b.machine.Shelf.Build(ctx, shelf.Tree{
		Path: b.tree, Store: b.machine.Host.StoreDir, SearchPath: searchPath(b.machine, ""), Evaluator: b.machine.Evaluator,
		WithoutPaths: !b.paths,
	}, func(count int) {
		o.Observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Items, Done: int64(count)})
	})
	if err != nil {
		return Answer{}, err
	}
	return builtAnswer(&b.built), nil
}

func (b *buildCatalog) Verify(context.Context) error { return verifyBuilt(&b.built) }

// mostFailures is the number of packages that could not be evaluated that are told.
const mostFailures = 20

func builtAnswer(built *shelf.Built) Answer {
	l := built.Listed
	data := &operation.CatalogBuilt{
		Role: string(l.Role), Path: l.Path, Bytes: l.Bytes, Unchanged: built.Unchanged, Failed: len(built.Failures),
		Catalogue: operation.Catalogue{Name: l.Name, Date: l.Date, Entries: l.Entries},
	}
	for _, failure := range built.Failures[:min(len(built.Failures), mostFailures)] {
		data.Failures = append(data.Failures, failure.Error())
	}
	message := fmt.Sprintf("The catalogue of %s of %s has %d packages and options.", l.Name, l.Date, l.Entries)
	if built.Unchanged {
		message = fmt.Sprintf("The catalogue of %s of %s is the newest already.", l.Name, l.Date)
	}
	if data.Failed > 0 {
		message += fmt.Sprintf(" %d packages could not be evaluated.", data.Failed)
	}
	return Answer{Message: message, Data: data, Warnings: built.Warnings, Suggestions: []string{"ask-nix catalog list"}}
}

// verifyBuilt reads all of what was made.
func verifyBuilt(built *shelf.Built) error {
	c, err := catalog.OpenFile(built.Path)
	if err != nil {
		return err
	}
	return errors.Join(c.Verify(), c.Close())
}

// explainCatalog turns the errors of making a catalogue into the ones people see; nil
// for others.
func explainCatalog(err error) *operation.Error {
	var network *fetch.NetworkError
	var status *fetch.StatusError
	var address *fetch.AddressError
	var tree *shelf.TreeError
	var corrupt *catalog.CorruptError
	var damaged *catalog.DamagedError
	switch {
	case errors.As(err, &network):
		return operation.Errorf(operation.CodeNetwork, "%w", err).
			WithHint("The catalogue that was there is still used. Try again when the network is back.")
	case errors.As(err, &status):
		return operation.Errorf(operation.CodeNetwork, "%w", err).
			WithHint("The catalogue that was there is still used. `ask-nix settings` shows catalog.url and catalog.channel.")
	case errors.As(err, &address):
		return operation.Errorf(operation.CodeUsage, "%w", err).WithHint("`ask-nix settings` shows catalog.url.")
	case errors.As(err, &tree):
		return operation.Errorf(operation.CodeConfiguration, "%w", err).WithHint("It has to be a folder of nixpkgs, with a default.nix.")
	case errors.As(err, &corrupt):
		return operation.Errorf(operation.CodeFailed, "%w", err).WithHint(corrupt.Hint())
	case errors.As(err, &damaged):
		return operation.Errorf(operation.CodeFailed, "%w", err).WithHint(damaged.Hint())
	}
	return nil
}

// hasKind reports whether there is a file of that kind, or a link to one.
func hasKind(path string, kind fs.FileMode) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Type() == kind
}

func phase(o operation.Observer, name, text string) {
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: name, Text: text})
}
