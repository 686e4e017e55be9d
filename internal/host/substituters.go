package host

import "strings"

// defaultSubstituter is the one of a Nix whose settings name none.
const defaultSubstituter = "https://cache.nixos.org/"

// ConfiguredSubstituters are those that nix.conf names, in its order.
func (h *Host) ConfiguredSubstituters() []string {
	all := []string{defaultSubstituter}
	for _, s := range h.NixConf() {
		switch s.Name {
		case "substituters", "binary-caches":
			all = strings.Fields(s.Value)
		case "extra-substituters", "extra-binary-caches":
			all = append(all, strings.Fields(s.Value)...)
		}
	}
	return all
}
