package action

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"luminousnix/internal/activation"
	"luminousnix/internal/elevation"
	"luminousnix/internal/host"
	"luminousnix/internal/job"
	"luminousnix/internal/lock"
	"luminousnix/internal/nixos"
	"luminousnix/internal/operation"
	"luminousnix/internal/systemd"
)

// explainActivation says what to do about a transaction that could not begin.
func explainActivation(err error) error {
	switch {
	case errors.Is(err, activation.ErrBusy), errors.Is(err, systemd.ErrUnitExists):
		return operation.Errorf(operation.CodeFailed, "another switch of this machine is under way%s", atIt(err)).
			WithHint("`ask-nix jobs` shows it, unless nixos-rebuild has started it; wait until it has ended.").WithCause(err)
	case errors.Is(err, activation.ErrInterrupted):
		return operation.Errorf(operation.CodeFailed, "an earlier switch was interrupted half-way").
			WithHint("`ask-nix recover` brings it to an end; then try again.").WithCause(err)
	case errors.Is(err, fs.ErrNotExist):
		return operation.Errorf(operation.CodeNotFound, "no switch was interrupted").WithCause(err)
	}
	return err
}

// atIt names the process that is at a switch, and what that was asked to do; "" where
// neither is known.
func atIt(err error) string {
	var held *lock.HeldError
	if !errors.As(err, &held) {
		return ""
	}
	if argv := held.Holder.Argv; len(argv) > 1 && argv[1] == job.Command {
		if j, err := job.Read(argv[len(argv)-1]); err == nil {
			return fmt.Sprintf(": %s, process %d", j.Request.Operation.Name, held.Holder.PID)
		}
	}
	return ": " + held.Holder.String()
}

// failedActivation makes an error of a report that is not one of success; nil if it is.
func failedActivation(r *operation.Activation) error {
	if r.Outcome == operation.OutcomeSwitched {
		return nil
	}
	what := map[operation.Outcome]string{
		operation.OutcomeUnchanged: "nothing was changed",
		operation.OutcomeReverted:  "the old system is back",
		operation.OutcomeStuck:     "the way back failed as well",
	}[r.Outcome]
	err := operation.Errorf(r.Code, "%s: %s", what, r.Reason)
	switch r.Outcome {
	case operation.OutcomeUnchanged:
		err.Hint = "Try again when that is mended."
	case operation.OutcomeReverted:
		err.Hint = "The machine is as it was before. What was built is kept; `ask-nix switch` tries again when the cause is mended."
	case operation.OutcomeStuck:
		err.Hint = "`ask-nix generations` shows what is current and what runs; `sudo /nix/var/nix/profiles/system/bin/switch-to-configuration switch` activates the current one."
	}
	err.Details = append(err.Details, r.Problems...)
	for _, unit := range r.Failed {
		err.Details = append(err.Details, unit+":")
		for _, line := range r.Logs[unit] {
			err.Details = append(err.Details, "  "+line)
		}
	}
	if len(r.Failed) == 0 && r.ExitStatus != 0 {
		err.Details = append(err.Details, r.Output[max(0, len(r.Output)-unitLines):]...)
	}
	return err
}

// unitWarnings tell of failed units that are no reason to go back.
func unitWarnings(r *operation.Activation) []string {
	var all []string
	if r.Outcome == operation.OutcomeSwitched && len(r.Failed) > 0 {
		all = append(all, "these units have failed since: "+strings.Join(r.Failed, ", "))
	}
	if r.Outcome == operation.OutcomeSwitched && r.ExitStatus == nixos.StatusUnits && len(r.Failed)+len(r.FailedBefore) == 0 {
		all = append(all, "switch-to-configuration ended with status 4, though no unit has failed, as when one cannot be reloaded: `journalctl -u "+
			activationUnit+"` has what it said")
	}
	if len(r.FailedBefore) > 0 {
		all = append(all, "these units had failed before: "+strings.Join(r.FailedBefore, ", "))
	}
	return all
}

// activates reports whether we may activate a system ourselves.
func (m *Machine) activates() bool { return host.IsRoot() || m.Unprivileged }

// permitActivation checks that somebody can activate: we, or root for us.
func permitActivation(m *Machine) error {
	if m.activates() {
		return nil
	}
	if _, err := elevation.Prefix(m.Elevation, os.Getenv("PATH"), m.Terminal); err != nil {
		return operation.Errorf(operation.CodePermission, "only root can activate a system: %w", err).
			WithHint(AsRoot)
	}
	return nil
}
