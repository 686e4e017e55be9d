package health

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"luminousnix/internal/operation"
	"luminousnix/nix/storedb"
)

func checkDaemon(f *Facts) ([]operation.Finding, bool) {
	switch {
	case f.Daemon == nil:
		return nil, false
	case f.Daemon.Err == nil:
		return nil, true
	}
	err, socket := f.Daemon.Err, f.Daemon.Socket
	restart := do("`sudo systemctl restart nix-daemon.socket nix-daemon.service` starts it anew; `journalctl -b -u nix-daemon` tells what it did last.")
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return one(found(operation.Problem, "daemon-silent",
			fmt.Sprintf("The daemon of Nix at %s takes connections and does not answer.", socket), restart))
	case errors.Is(err, fs.ErrNotExist):
		return one(found(operation.Problem, "daemon-missing",
			fmt.Sprintf("There is no daemon of Nix at %s.", socket), restart))
	case errors.Is(err, syscall.ECONNREFUSED):
		return one(found(operation.Problem, "daemon-stopped",
			fmt.Sprintf("The daemon of Nix is stopped: nobody listens at %s.", socket), restart))
	case errors.Is(err, fs.ErrPermission):
		return one(found(operation.Problem, "daemon-forbidden",
			fmt.Sprintf("You may not use the daemon of Nix at %s.", socket),
			add(`nix.settings.allowed-users = [ "*" ];`, "lets everybody use it")))
	}
	return one(found(operation.Problem, "daemon-broken", fmt.Sprintf("The daemon of Nix answers with an error: %v.", err), restart))
}

func checkDatabase(f *Facts) ([]operation.Finding, bool) {
	if f.Database == nil {
		return nil, false
	}
	err := f.Database.Err
	switch {
	case err == nil:
		return nil, true
	case errors.Is(err, fs.ErrPermission):
		return nil, false // of another user; nothing is wrong with that
	case errors.Is(err, storedb.ErrBusy):
		return one(found(operation.Warning, "database-locked", "The database of Nix is locked by another process.",
			do("Wait until it has finished; `fuser -v` on the file db.sqlite shows who it is.")))
	case errors.Is(err, storedb.ErrUnsupported):
		return one(found(operation.Problem, "database-damaged", fmt.Sprintf("The database of Nix is damaged: %v.", err),
			run("ask-nix why 'database disk image is malformed'", "tells how to save what can be read of it")))
	case errors.Is(err, fs.ErrNotExist):
		return one(found(operation.Problem, "database-missing", "There is no database of Nix.",
			do("Without it Nix takes every store path for missing. If there was one, restore it from a copy; otherwise install Nix.")))
	}
	return one(found(operation.Problem, "database-unreadable", fmt.Sprintf("The database of Nix cannot be read: %v.", err),
		run("ask-nix why '"+safe(err.Error())+"'", "explains that")))
}

// safe leaves out what would end a quoted word.
func safe(text string) string {
	out := []rune(text)
	for i, r := range out {
		if r == '\'' || r == '\n' {
			out[i] = ' '
		}
	}
	return string(out)
}

func one(finding operation.Finding) ([]operation.Finding, bool) {
	return []operation.Finding{finding}, true
}

func checkRoots(f *Facts) ([]operation.Finding, bool) {
	switch {
	case f.Roots == nil:
		return nil, false
	case f.Roots.Dangling == 0:
		return nil, true
	case f.Roots.Dangling == 1:
		return one(found(operation.Note, "roots-dangling", "One root of the garbage collector leads nowhere, such as that of a result that was deleted.",
			run("ask-nix collect-garbage", "removes it, and what only it kept")))
	}
	return one(found(operation.Note, "roots-dangling",
		fmt.Sprintf("%d roots of the garbage collector lead nowhere, such as those of results that were deleted.", f.Roots.Dangling),
		run("ask-nix collect-garbage", "removes them, and what only they kept")))
}
