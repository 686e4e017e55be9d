package action

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
)

// tryPackages has packages built or downloaded, and installs nothing. Links in the
// runtime folder keep them until the next boot; whoever starts a shell with them removes
// the links when it ends.
type tryPackages struct {
	machine *Machine
	names   []operation.PackageName

	// Found by Plan.
	wanted  []wanted
	missing daemon.Missing
	tried   operation.Tried
}

func newTryPackages(m *Machine, args operation.Arguments) Change {
	return &tryPackages{machine: m, names: args.Packages}
}

func (t *tryPackages) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	attributes, err := attributesOf(ctx, t.machine, o, t.names)
	if err != nil {
		return operation.Plan{}, err
	}
	if t.wanted, err = evaluatePackages(ctx, t.machine, o, "try", attributes); err != nil {
		return operation.Plan{}, err
	}
	for _, w := range t.wanted {
		t.tried.Packages = append(t.tried.Packages, w.Name)
	}
	if t.missing, err = missing(ctx, t.machine, derived(t.wanted)...); err != nil {
		return operation.Plan{}, err
	}
	return operation.Plan{
		Summary: "Try " + strings.Join(t.tried.Packages, ", "), Risk: operation.Safe,
		Steps: append(missingSteps(&t.missing), operation.Step{Action: "Start a shell that finds their programs"}),
	}, nil
}

// Apply builds, and makes the links while the connection still keeps what was built.
func (t *tryPackages) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	session, err := build.Open(ctx, t.machine.Host, o)
	if err != nil {
		return Answer{}, err
	}
	defer session.Close()
	phase(o, "build", "Building and downloading")
	session.Expect(ctx, &t.missing)
	if err := session.Build(ctx, derived(t.wanted)...); err != nil {
		return Answer{}, explainBuild(err)
	}
	groups, err := outputPaths(ctx, session, t.wanted)
	if err != nil {
		return Answer{}, err
	}
	dir := filepath.Join(t.machine.Host.RuntimeDir(), "try")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Answer{}, err
	}
	var path []string
	for _, group := range groups {
		for _, p := range group {
			link := filepath.Join(dir, fmt.Sprintf("%d-%d", os.Getpid(), len(t.tried.Links)+1))
			if err := session.Link(ctx, link, p); err != nil {
				return Answer{}, err
			}
			t.tried.Links = append(t.tried.Links, link)
			t.tried.Paths = append(t.tried.Paths, string(p))
			if bin := filepath.Join(string(p), "bin"); hasKind(bin, fs.ModeDir) {
				path = append(path, bin)
			}
		}
	}
	t.tried.Path = strings.Join(path, ":")
	answer := Answer{Message: strings.Join(t.tried.Packages, ", ") + is(t.tried.Packages) + " there to be tried; nothing is installed.", Data: &t.tried}
	if len(path) == 0 {
		answer.Warnings = append(answer.Warnings, "there are no programs in it")
	}
	return answer, nil
}

// Verify checks that the links lead to what is in the store.
func (t *tryPackages) Verify(context.Context) error {
	for _, link := range t.tried.Links {
		if _, err := os.Stat(link); err != nil {
			return err
		}
	}
	return nil
}
