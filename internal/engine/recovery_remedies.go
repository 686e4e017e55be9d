package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"luminousnix/internal/action"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/recovery"
	"luminousnix/internal/retention"
)

// askSubstituter is how long a substituter may take to say that it is there.
const askSubstituter = 2 * time.Second

// choose keeps to the substituters that answer, and reports whether these are some and not
// all.
func (a *attempts) choose(ctx context.Context) bool {
	all := a.engine.host.ConfiguredSubstituters()
	if len(all) < 2 {
		return false
	}
	answering := recovery.Answering(ctx, all, askSubstituter)
	if len(answering) == 0 || len(answering) == len(all) {
		return false
	}
	a.substituters = answering
	return true
}

// makeRoom cleans up as the policy of clean-ups allows, which says what goes and what that
// frees, and asks. Nothing that is protected goes, and always one generation stays to go
// back to.
func (r *recovering) makeRoom(ctx context.Context, call Call, made *operation.Recovery, failed *operation.Error) error {
	made.Message = "making room"
	if elsewhere := r.elsewhere(failed); elsewhere != "" {
		return operation.Errorf(operation.CodeFailed, "the store is not on the file system of %s", elsewhere)
	}
	call.attempts.tell(*made)
	result := r.beside(ctx, call, r.cleanUp(failed), false)
	switch {
	case result.Err != nil:
		return result.Err
	case result.Plan != nil && result.Plan.Nothing:
		return operation.Errorf(operation.CodeFailed, "%s", result.Message)
	}
	made.Message = result.Message
	return nil
}

// cleanUp is the clean-up that makes the room that is needed, or, where that is not known,
// as much as it can. It is of the system's generations for whoever may delete those, and
// else of their own.
func (r *recovering) cleanUp(failed *operation.Error) operation.Operation {
	var args operation.Arguments
	if !host.IsRoot() && !r.engine.settings.AllowUnprivileged {
		args.Profile = operation.UserProfile
	}
	var space *operation.SpaceError
	if errors.As(failed, &space) && space.Needed > 0 {
		args.Keep, args.OlderThanDays, args.EnsureFree = retention.DefaultKeep, retention.DefaultDays, space.Needed
	}
	return operation.New(operation.CleanUp, args)
}

// elsewhere is the file or folder of another file system than that of the store that has
// no room left; "" is none.
func (r *recovering) elsewhere(failed *operation.Error) string {
	var file *fs.PathError
	if !errors.As(failed, &file) || !errors.Is(file, syscall.ENOSPC) && !errors.Is(file, syscall.EDQUOT) {
		return ""
	}
	var there, store syscall.Stat_t
	if syscall.Stat(filepath.Dir(file.Path), &there) != nil || syscall.Stat(string(r.engine.host.StoreDir), &store) != nil || there.Dev == store.Dev {
		return ""
	}
	return file.Path
}

// adviseRoom says what would make room, and how much.
func (r *recovering) adviseRoom(ctx context.Context, call Call, failed *operation.Error) {
	var space *operation.SpaceError
	if errors.As(failed, &space) && space.Err == nil {
		return // it says so itself
	}
	if elsewhere := r.elsewhere(failed); elsewhere != "" {
		failed.Hint = fmt.Sprintf("Nothing is free on the file system of %s: make room there, then try again.", elsewhere)
		return
	}
	if failed.Code == operation.CodeConfiguration {
		failed.Code = operation.CodeFailed // whatever the evaluation thought that it was
	}
	plan := r.beside(ctx, call, r.cleanUp(failed), true).Plan
	switch {
	case plan == nil:
		failed.Hint = action.FreeALittle
	case plan.Nothing:
		failed.Hint = "The disk is full, and there is nothing to clean up: `ask-nix disk` shows what takes the room."
	default:
		failed.Hint = fmt.Sprintf("The disk is full. `ask-nix clean-up` would free %s; `ask-nix disk` shows what takes the room.", operation.Size(plan.Frees))
	}
}

// buildLess offers to build one thing at a time.
func (r *recovering) buildLess(ctx context.Context, call Call, made *operation.Recovery) error {
	cores := max(1, runtime.NumCPU()/2)
	made.Message = fmt.Sprintf("building one thing at a time, on %d of %d processors", cores, runtime.NumCPU())
	call.attempts.tell(*made)
	yes, err := call.Confirm(ctx, call.Operation, operation.Plan{
		Summary: "Try again, building one thing at a time", Risk: operation.Safe,
		Steps: []operation.Step{{Action: fmt.Sprintf("Build one derivation at a time, on %d of %d processors", cores, runtime.NumCPU())}},
	})
	if err == nil && !yes {
		err = operation.Errorf(operation.CodeDeclined, "nobody said yes to it")
	}
	call.attempts.lean = err == nil
	return err
}

// endSwitch offers what `ask-nix recover` does.
func (r *recovering) endSwitch(ctx context.Context, call Call, made *operation.Recovery) error {
	made.Message = "bringing it to an end"
	call.attempts.tell(*made)
	result := r.beside(ctx, call, operation.New(operation.RecoverSwitch, operation.Arguments{}), false)
	if result.Err != nil {
		return result.Err
	}
	made.Message = result.Message
	return nil
}

// beside runs another operation for a call, which is confirmed and written down by itself.
func (r *recovering) beside(ctx context.Context, call Call, op operation.Operation, dryRun bool) operation.Result {
	other := Call{
		Operation: op, Sentence: call.Sentence, ProposedBy: call.ProposedBy, Observer: call.Observer,
		Confirm: call.Confirm, Confirmed: call.Confirmed, Unasked: call.Unasked, Manner: call.Manner, DryRun: dryRun,
	}
	other.machine = r.engine.machineFor(other)
	return r.next.Execute(ctx, other)
}
