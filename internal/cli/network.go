package cli

import (
	"fmt"
	"net/netip"
	"strings"

	"luminousnix/nix/network"
)

// guardNetwork has each connection told of when debugging, and offline forbids those that
// leave this machine. Everything that does not go offline has said so before; this is for
// what was forgotten.
func (a *app) guardNetwork() {
	if !a.settings.Debug && !a.settings.Offline {
		return
	}
	network.SetGuard(func(kind, address string) error {
		a.log.Debug("connecting", "network", kind, "address", address)
		if a.settings.Offline && !onThisMachine(kind, address) {
			return fmt.Errorf("%s says that nothing is fetched", a.settings.Origin("offline"))
		}
		return nil
	})
}

// onThisMachine reports a socket, or an address of this machine.
func onThisMachine(kind, address string) bool {
	at, err := netip.ParseAddrPort(address)
	return strings.HasPrefix(kind, "unix") || err == nil && at.Addr().IsLoopback() || strings.HasPrefix(address, "localhost:")
}
