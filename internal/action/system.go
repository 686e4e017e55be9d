package action

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/sys/unix"

	"luminousnix/internal/backend"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/nix/profile"
	"luminousnix/nix/store"
)

func showSystem(ctx context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	chosen := m.Host.Profile("")
	numbers, current, err := m.Backend.Numbers(ctx, chosen.Profile)
	if err != nil && !errors.Is(err, profile.ErrNotExist) {
		return Answer{}, err
	}
	health := nixHealth(ctx, m)
	data := operation.System{
		NixOS:             m.Host.IsNixOS(),
		NixosVersion:      operation.Unknown,
		NixVersion:        orUnknown(health.NixVersion),
		Kernel:            kernel(m),
		Profile:           string(chosen.Profile),
		CurrentGeneration: operation.GenerationNumber(current),
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
	if data.RunningGeneration, err = generationOf(ctx, m, chosen.Profile, numbers, data.RunningSystem); err != nil {
		return Answer{}, err
	}
	if data.BootedGeneration, err = generationOf(ctx, m, chosen.Profile, numbers, data.BootedSystem); err != nil {
		return Answer{}, err
	}
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

// nixHealth is how Nix is. What a daemon said of itself is believed for a while: to answer,
// it starts a process, which takes longer than all else. That somebody serves its socket is
// looked at each time.
func nixHealth(ctx context.Context, m *Machine) backend.Health {
	identity, ok := m.Host.DaemonIdentity()
	key := []string{"daemon", m.Host.BootID(), m.Backend.Name(), identity}
	var health backend.Health
	if ok && m.Recall(key, &health) {
		return health
	}
	health = m.Backend.Health(ctx)
	if after, _ := m.Host.DaemonIdentity(); ok && health.Reachable && after == identity && m.FellBack() == "" {
		m.RememberForAWhile(key, health)
	}
	return health
}

// generationOf finds the newest generation that leads to toplevel; 0 is none.
func generationOf(ctx context.Context, m *Machine, p profile.Profile, numbers []int, toplevel string) (operation.GenerationNumber, error) {
	if toplevel == "" {
		return 0, nil
	}
	for _, number := range slices.Backward(numbers) {
		g, err := m.Backend.Generation(ctx, p, number)
		var gone *profile.NoGenerationError
		if err != nil && !errors.As(err, &gone) {
			return 0, err
		}
		if g.Target == toplevel {
			return operation.GenerationNumber(number), nil
		}
	}
	return 0, nil
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
	target, err := currentTarget(ctx, m, m.Host.SystemProfile())
	if err != nil {
		return Answer{}, err
	}
	if target != "" {
		data.BuiltAs = nixos.Read(target).ConfigurationRevision
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
