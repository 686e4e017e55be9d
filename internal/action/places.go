package action

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"

	"luminousnix/internal/backend"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/health"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
)

// foundPlaces are Nix and its programs as they were found on this machine.
func foundPlaces(m *Machine, facts *health.Facts) []operation.Place {
	h := m.Host
	found := []operation.Place{
		{Name: "store", Path: string(h.StoreDir), From: variable("NIX_STORE_DIR")},
		{Name: "state", Path: h.StateDir, From: variable("NIX_STATE_DIR")},
		{Name: "daemon", Path: h.DaemonSocket, From: daemonSays(facts)},
		{Name: "database", Path: filepath.Join(h.StateDir, "db"), From: schema(h)},
	}
	for _, name := range []string{"nix", "nix-store", "nix-env", evaluation.Program, host.DaemonProgram} {
		path, from := h.Program(name)
		found = append(found, operation.Place{Name: name, Path: path, From: cmp.Or(from, "not found")})
	}
	rebuild := operation.Place{Name: backend.Rebuild}
	if r, err := backend.FindRebuild(h); err != nil {
		rebuild.From = operation.AsError(err).Message
	} else {
		rebuild.Path, rebuild.From = commandLine(r.Argv), r.From
	}
	return append(found, rebuild)
}

func variable(name string) string {
	if os.Getenv(name) != "" {
		return name
	}
	return "where Nix has it by itself"
}

// daemonSays is the daemon's version, or why it does not answer.
func daemonSays(facts *health.Facts) string {
	switch {
	case facts.Daemon == nil:
		return "it does not answer in time"
	case facts.Daemon.Err != nil:
		return facts.Daemon.Err.Error()
	}
	return facts.Daemon.Speaks
}

// schema is the version of the form of Nix's database, which a file beside it tells.
func schema(h *host.Host) string {
	content, err := os.ReadFile(filepath.Join(h.StateDir, "db", "schema"))
	if err != nil {
		return "not found"
	}
	return "schema " + strings.TrimSpace(string(content))
}
