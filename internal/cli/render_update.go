package cli

import (
	"fmt"

	"luminousnix/internal/operation"
)

// renderUpdated says of each channel where it came from and what was verified; the
// message has the versions.
func (a *app) renderUpdated(data *operation.Updated) {
	var pairs [][2]string
	for _, c := range data.Channels {
		verified := "not verified: its release tells no hash"
		if c.Verified != "" {
			verified = "verified by " + c.Verified
		}
		pairs = append(pairs, [2]string{c.Name, fmt.Sprintf("%s, %s", c.Address, verified)})
	}
	a.pairs(a.Out, pairs)
}
