package action

import (
	"context"
	"errors"
	"net/url"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
)

// online is nil unless nothing is to be fetched: then it is the error of what does not go
// without the network, with what can be done instead.
func (m *Machine) online(what, instead string) error {
	if m.Host.Offline == "" {
		return nil
	}
	return operation.Errorf(operation.CodeNetwork, "%s needs the network, and %s says that nothing is fetched", what, m.Host.Offline).WithHint(instead)
}

// onlineFor is online for an address, which may be on this machine.
func (m *Machine) onlineFor(address, what, instead string) error {
	if u, err := url.Parse(address); err == nil && (u.Scheme == "file" || u.Scheme == "") {
		return nil
	}
	return m.online(what, instead)
}

// withinReach is nil if what is missing can be had; offline that is what can be built of
// what is here.
func (m *Machine) withinReach(ctx context.Context, missing daemon.Missing) error {
	return evaluation.WithinReach(ctx, m.Host.Offline, derivation.FromStore(m.Host.StoreDir), missing)
}

// explainOffline tells what to do about something that would have to be fetched; nil is
// another error.
func explainOffline(err error) *operation.Error {
	var offline *evaluation.OfflineError
	if !errors.As(err, &offline) {
		return nil
	}
	return operation.Errorf(operation.CodeNetwork, "%w", err).
		WithHint("Nothing was changed. What is here already can be used: `ask-nix rollback`, `ask-nix installed`, or the same again when there is a network.")
}
