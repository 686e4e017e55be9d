package cli

import (
	"fmt"
	"strings"

	"luminousnix/internal/operation"
)

// aboutUpdate is what `update --help` says beside the usage.
const aboutUpdate = `Without packages the system is updated: root's channels, or the inputs of the
flake that is the machine's configuration, and the system that is built with them,
together or not at all. On a machine without NixOS, and with --user, all packages
of your own profile are updated instead.

Packages that are named are those of your own profile. Those of the system come
from one nixpkgs, so that they fit together, and are updated with it.`

// renderUpdated says of each channel where it came from and what was verified, and of each
// input where it is from; the message has the versions.
func (a *app) renderUpdated(data *operation.Updated) {
	var pairs [][2]string
	for _, c := range data.Channels {
		verified := "not verified: its release tells no hash"
		if c.Verified != "" {
			verified = "verified by " + c.Verified
		}
		pairs = append(pairs, [2]string{c.Name, fmt.Sprintf("%s, %s", c.Address, verified)})
	}
	for _, i := range data.Inputs {
		var versions []string
		for _, v := range []*operation.InputVersion{i.From, i.To} {
			if v != nil {
				versions = append(versions, strings.TrimSpace(v.Date+" "+v.Revision))
			}
		}
		pairs = append(pairs, [2]string{i.Name, a.presented().signs().change(versions...) + ", " + i.URL})
	}
	if data.Backup != "" {
		pairs = append(pairs, [2]string{"kept", data.Backup})
	}
	a.pairs(a.Out, pairs)
}
