package engine

import (
	"os"
	"path/filepath"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// A catalogue is updated by itself, where the settings allow that, when it is older
// than mostAge. Where that fails it is tried again after betweenTries.
const (
	mostAge      = 24 * time.Hour
	betweenTries = time.Hour
)

// UpdateBehind has a process of its own update the catalogue if that is due after
// these operations. It is called when the answer has been given, and costs the start
// of a process at the most. Failing is no reason to trouble anybody: the operation's
// own records tell.
func (e *Engine) UpdateBehind(operations []operation.Operation) {
	if !e.settings.CatalogAutoUpdate || e.settings.Offline || !searched(operations) || !e.updateDue() {
		return
	}
	program, err := os.Executable()
	if err == nil {
		err = e.markTry()
	}
	if err == nil {
		err = process.Leave(process.Command{Argv: []string{program, "catalog", "update"}, Env: os.Environ(), Dir: "/"})
	}
	if err != nil {
		e.log.Debug("the catalogue is not updated", "error", err)
	}
}

// searched reports whether one of the operations has read the catalogue.
func searched(operations []operation.Operation) bool {
	for _, op := range operations {
		switch op.Name {
		case operation.SearchPackages, operation.SearchOptions, operation.ShowPackage, operation.ShowOption, operation.FindProgram:
			return true
		}
	}
	return false
}

func (e *Engine) updateDue() bool {
	age, ok := e.shelf().Age(e.now())
	if ok && age >= 0 && age < mostAge {
		return false
	}
	info, err := os.Stat(e.tryFile())
	if err != nil {
		return true
	}
	since := e.now().Sub(info.ModTime())
	return since < 0 || since >= betweenTries // the clock may have been set back
}

// tryFile is written when an update is tried.
func (e *Engine) tryFile() string { return filepath.Join(e.shelf().Dir, "update-tried") }

func (e *Engine) markTry() error {
	if err := os.MkdirAll(filepath.Dir(e.tryFile()), 0o700); err != nil {
		return err
	}
	return os.WriteFile(e.tryFile(), nil, 0o600)
}
