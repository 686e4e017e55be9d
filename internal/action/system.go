package action

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"

	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

func showSystem(ctx context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile("")
	state, err := m.Backend.Profile(ctx, chosen.Profile)
	if err != nil && !errors.Is(err, profile.ErrNotExist) {
		return Answer{}, err
	}
	health := m.Backend.Health(ctx)
	data := operation.System{
		NixOS:             m.Host.IsNixOS(),
		NixosVersion:      operation.Unknown,
		NixVersion:        orUnknown(health.NixVersion),
		Kernel:            kernel(m),
		Profile:           string(chosen.Profile),
		CurrentGeneration: operation.GenerationNumber(state.Current),
		RunningSystem:     m.Host.RunningSystem(),
		BootedSystem:      m.Host.BootedSystem(),
		StoreDir:          string(m.Host.StoreDir),
		StateDir:          m.Host.StateDir,
		DaemonSocket:      m.Host.DaemonSocket,
		Daemon:            health.Daemon,
	}
	data.Backend, data.BackendReason = m.BackendUsed()
	if data.BackendReason == "" {
		data.BackendReason = "it does all that is asked for here"
	}
	if data.RunningSystem != "" {
		data.NixosVersion = nixos.Read(data.RunningSystem).NixosVersion
		if data.NixVersion == operation.Unknown {
			data.NixVersion = installedNix(m)
		}
	}
	data.RunningGeneration = generationOf(state, data.RunningSystem)
	data.BootedGeneration = generationOf(state, data.BootedSystem)
	answer := Answer{Message: systemMessage(data), Data: &data, Warnings: note(chosen)}
	if !health.Reachable {
		answer.Warnings = append(answer.Warnings, "Nix does not answer: "+health.Daemon)
		answer.Suggestions = []string{"systemctl status nix-daemon.socket"}
	}
	return answer, nil
}

func systemMessage(s operation.System) string {
	if !s.NixOS {
		return fmt.Sprintf("This machine has Nix %s and is not NixOS.", s.NixVersion)
	}
	text := fmt.Sprintf("NixOS %s with Nix %s", s.NixosVersion, s.NixVersion)
	if s.RunningGeneration != 0 {
		text += fmt.Sprintf(", running generation %d", s.RunningGeneration)
	}
	return text + "."
}

// generationOf finds the newest generation that leads to toplevel; 0 is none.
func generationOf(state profile.State, toplevel string) (number operation.GenerationNumber) {
	for _, g := range state.Generations {
		if toplevel != "" && g.Target == toplevel {
			number = operation.GenerationNumber(g.Number)
		}
	}
	return number
}

// kernel is the version of the kernel that runs, or for a file system of
// another machine the one it was last started with.
func kernel(m *Machine) string {
	if m.Host.Moved() {
		return nixos.Read(m.Host.BootedSystem()).KernelVersion
	}
	var uts unix.Utsname
	if unix.Uname(&uts) != nil {
		return operation.Unknown
	}
	return unix.ByteSliceToString(uts.Release[:])
}

// installedNix reads the version of Nix from the store path that it is in.
func installedNix(m *Machine) string {
	program, err := filepath.EvalSymlinks(filepath.Join(m.Host.RunningSystem(), "sw", "bin", "nix"))
	if err != nil {
		return operation.Unknown
	}
	path, _, err := m.Host.StoreDir.Split(program)
	if err != nil {
		return operation.Unknown
	}
	_, version := store.SplitName(path.Name())
	return orUnknown(version)
}

func orUnknown(s string) string {
	if s == "" {
		return operation.Unknown
	}
	return s
}

func showConfiguration(ctx context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	data := m.Host.Configuration()
	data.BuiltAs = operation.Unknown
	state, err := m.Backend.Profile(ctx, m.Host.SystemProfile())
	if err == nil {
		if current, err := state.Generation(m.Host.SystemProfile(), state.Current); err == nil {
			data.BuiltAs = nixos.Read(current.Target).ConfigurationRevision
		}
	} else if !errors.Is(err, profile.ErrNotExist) {
		return Answer{}, err
	}
	answer := Answer{Data: &data}
	switch data.Kind {
	case "flake":
		answer.Message = fmt.Sprintf("The configuration is a flake in %s.", data.Flake)
	case "channel":
		answer.Message = fmt.Sprintf("The configuration is %s.", data.Files[0])
	default:
		answer.Message = "There is no NixOS configuration on this machine."
	}
	return answer, nil
}
