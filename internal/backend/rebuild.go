package backend

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// Rebuild is the program that does what ask-nix does not do yet.
const Rebuild = "nixos-rebuild"

// ModuleVariable names a folder with the Python module of nixos-rebuild, which is run in
// place of the program.
const ModuleVariable = "NIXOS_REBUILD_MODULE_PATH"

// Rebuilder is how nixos-rebuild is run here.
type Rebuilder struct {
	Argv []string // what stands before its own words; the first is an absolute path
	Env  []string // more of the environment
	From string   // where it was found
}

// FindRebuild finds nixos-rebuild; the error says that there is none.
func FindRebuild(h *host.Host) (Rebuilder, error) {
	if folder := os.Getenv(ModuleVariable); folder != "" {
		return rebuildModule(h, folder)
	}
	program, from := h.Program(Rebuild)
	if program == "" {
		return Rebuilder{}, operation.Errorf(operation.CodeNotAvailable, "%s is not installed here, and ask-nix does not do this yet", Rebuild).
			WithHint("It is part of NixOS.").WithCause(process.ErrNotFound)
	}
	return Rebuilder{Argv: []string{program}, From: from}, nil
}

// rebuildModule runs the module by Python.
func rebuildModule(h *host.Host, folder string) (Rebuilder, error) {
	if _, err := os.Stat(filepath.Join(folder, "nixos_rebuild", "__main__.py")); err != nil || !filepath.IsAbs(folder) {
		return Rebuilder{}, operation.Errorf(operation.CodeConfiguration, "%s is %s, and there is no nixos_rebuild/__main__.py", ModuleVariable, folder).
			WithHint("Give the absolute path of the folder that has nixos_rebuild, or unset it to use the program.").WithCause(err)
	}
	python, _ := h.Program("python3")
	if python == "" {
		return Rebuilder{}, operation.Errorf(operation.CodeNotAvailable, "%s wants python3, which is not installed here", ModuleVariable).
			WithHint("Unset it to use the program " + Rebuild + ".").WithCause(process.ErrNotFound)
	}
	path := folder
	if before := os.Getenv("PYTHONPATH"); before != "" {
		path += ":" + before
	}
	return Rebuilder{Argv: []string{python, "-m", "nixos_rebuild"}, Env: []string{"PYTHONPATH=" + path}, From: ModuleVariable}, nil
}

// Run runs it with some words, and with our own input and folder, and returns
// its exit status. What it says as an answer goes to stdout. It is not stopped when ctx
// ends: it knows best what may be left half-way.
func (r Rebuilder) Run(ctx context.Context, words, env []string, stdout *os.File) (status int, err error) {
	argv := append(append([]string{}, r.Argv...), words...)
	err = process.Foreground(context.WithoutCancel(ctx), process.Command{Argv: argv, Env: append(env, r.Env...), Output: stdout})
	var exit *process.ExitError
	if errors.As(err, &exit) {
		return exit.Status, nil
	}
	return 0, err
}
