package recovery

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"syscall"

	"luminousnix/internal/activation"
	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/nix/daemon"
	"luminousnix/nix/fetch"
	"luminousnix/nix/storedb"
)

// Classify says what kind of trouble an error is. What is said of a cause goes before what
// is said of its effect.
func Classify(err error) operation.Trouble {
	var space *operation.SpaceError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return operation.TroubleOther
	case errors.As(err, &space), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return operation.TroubleDiskFull
	case errors.Is(err, activation.ErrInterrupted):
		return operation.TroubleSwitch
	case errors.Is(err, storedb.ErrBusy):
		return operation.TroubleLocked
	case errors.Is(err, syscall.ENOMEM):
		return operation.TroubleMemory
	}
	if t := ofDaemon(err); t != "" {
		return t
	}
	if t := ofConnection(err); t != "" {
		return t
	}
	if failed := operation.AsError(err); failed.Code == operation.CodePermission || errors.Is(err, fs.ErrPermission) {
		return operation.TroublePermission
	}
	return operation.TroubleOther
}

// ofDaemon is what the daemon itself has said.
func ofDaemon(err error) operation.Trouble {
	var failed *build.FailedError
	var result *daemon.BuildError
	var said *daemon.Error
	switch {
	case errors.As(err, &failed) && failed.Full:
		return operation.TroubleDiskFull
	case errors.As(err, &result):
		t := ofKind(result.Kind)
		if result.Status == daemon.StatusTransientFailure && (t == operation.TroubleBuild || t == operation.TroubleOther) {
			t = operation.TroubleNetwork // only what may use the network fails for now
		}
		if (t == operation.TroubleNetwork || t == operation.TroubleOther) && failed != nil && failed.Mismatch {
			t = operation.TroubleHash
		}
		return t
	case errors.As(err, &said):
		return ofKind(said.Kind)
	}
	return ""
}

func ofKind(kind daemon.Kind) operation.Trouble {
	switch kind {
	case daemon.KindNetwork:
		return operation.TroubleNetwork
	case daemon.KindDiskFull:
		return operation.TroubleDiskFull
	case daemon.KindBusy:
		return operation.TroubleLocked
	case daemon.KindOutOfMemory:
		return operation.TroubleMemory
	case daemon.KindHashMismatch:
		return operation.TroubleHash
	case daemon.KindBuildFailed, daemon.KindTimedOut, daemon.KindNotReproducible:
		return operation.TroubleBuild
	case daemon.KindPermission, daemon.KindUntrusted:
		return operation.TroublePermission
	}
	return operation.TroubleOther
}

// ofConnection is what came of a connection to the daemon, or over the network.
func ofConnection(err error) operation.Trouble {
	var dial *net.OpError
	isDial := errors.As(err, &dial)
	local := isDial && dial.Net == "unix"
	switch {
	case errors.Is(err, host.ErrSilent):
		return operation.TroubleSilent
	case local && errors.Is(err, fs.ErrPermission):
		return operation.TroublePermission
	case local && errors.Is(err, fs.ErrNotExist):
		return operation.TroubleNoDaemon
	case local, errors.Is(err, daemon.ErrHungUp), errors.Is(err, daemon.ErrClosed):
		return operation.TroubleDaemon
	case fetch.Passing(err):
		return operation.TroubleNetwork
	case errors.Is(err, fetch.ErrOffline), errors.As(err, new(*evaluation.OfflineError)), errors.As(err, new(*fetch.NetworkError)):
		return operation.TroubleUnreachable
	case isDial:
		return operation.TroubleNetwork
	}
	return ""
}
