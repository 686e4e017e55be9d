package action

import (
	"strings"

	"luminousnix/internal/nixos"
	"luminousnix/nix/profile"
)

// factsKey is where the facts of all toplevels are kept together: a listing of
// hundreds of generations needs them all at once.
const factsKey = "facts of toplevels"

// factsOf reads the facts of the toplevels that the links lead to, and keeps
// them. A store path never changes, so what was read once holds as long as the
// generation is there; only new toplevels are read anew.
func factsOf(m *Machine, links []profile.Generation) []nixos.Facts {
	known := map[string]nixos.Facts{}
	if !m.NoCache {
		content, _ := m.Cache.Get(factsKey)
		known = decodeFacts(string(content))
	}
	facts := make([]nixos.Facts, len(links))
	read := false
	for i, link := range links {
		var ok bool
		if facts[i], ok = known[link.Target]; ok {
			continue
		}
		facts[i] = nixos.Read(link.Target)
		if _, err := m.Host.StoreDir.Parse(link.Target); err == nil && facts[i].Complete() {
			known[link.Target] = facts[i]
			read = true
		}
	}
	if read && !m.NoCache {
		if err := m.Cache.Put(factsKey, []byte(encodeFacts(known, links))); err != nil {
			m.Log.Debug("not kept", "error", err)
		}
	}
	return facts
}

// encodeFacts writes a line for each toplevel that is in use: its path, the
// facts, the specialisations, all separated by tabs.
func encodeFacts(known map[string]nixos.Facts, links []profile.Generation) string {
	var b strings.Builder
	for _, link := range links {
		if f, ok := known[link.Target]; ok {
			fields := append([]string{link.Target, f.NixosVersion, f.KernelVersion, f.ConfigurationRevision}, f.Specialisations...)
			b.WriteString(strings.Join(fields, "\t"))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func decodeFacts(content string) map[string]nixos.Facts {
	known := make(map[string]nixos.Facts, strings.Count(content, "\n"))
	for line := range strings.Lines(content) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) >= 4 {
			known[fields[0]] = nixos.Facts{
				NixosVersion: fields[1], KernelVersion: fields[2], ConfigurationRevision: fields[3], Specialisations: fields[4:],
			}
		}
	}
	return known
}
