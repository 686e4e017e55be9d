package cli

import (
	"context"

	"luminousnix/internal/engine"
	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/picker"
)

// picks reports whether there is somebody who can search as they type, which draws on the
// screen.
func (a *app) picks() bool {
	if !a.InTerminal || !a.OutTerminal || a.flags.json || a.flags.explain || a.prepare() != nil {
		return false
	}
	a.present()
	return a.personaName() != persona.ScreenReader
}

// pick searches as somebody types, and installs what they choose as any other
// request to install would.
func (a *app) pick(ctx context.Context) error {
	s, err := a.engine.OpenSearcher(ctx, engine.Call{Observer: &lines{out: a.Err}, NoCache: a.flags.noCache})
	if err != nil {
		return err
	}
	defer s.Close()
	a.flush()
	choice, err := picker.Run(ctx, s, picker.Options{NoColor: !a.style.on})
	if err != nil || choice.Install == "" {
		return err
	}
	if choice.IsOption {
		return a.perform(ctx, "", certain(operation.New(operation.ShowOption, operation.Arguments{Option: operation.OptionPath(choice.Install)})))
	}
	packages := []operation.PackageName{operation.PackageName(choice.Install)}
	return a.perform(ctx, "", certain(operation.New(operation.InstallPackages, operation.Arguments{Packages: packages})))
}
