package activation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"luminousnix/internal/operation"
)

// The answers to the question whether the new system is confirmed. Whoever is the
// first to make the file has decided.
const (
	answerYes     = "confirmed"
	answerNo      = "refused"
	answerExpired = "expired"
)

const confirmPause = 100 * time.Millisecond

// ErrNothingToConfirm means that no transaction waits for it.
var ErrNothingToConfirm = errors.New("no switch waits to be confirmed")

// ErrTooLate means that the time was over.
var ErrTooLate = errors.New("the time to confirm the switch is over")

// Answer confirms the transaction that waits for it, or has it go back at once.
func Answer(dir string, keep bool) error {
	pending, err := Find(dir)
	if err != nil {
		return err
	}
	if pending == nil || pending.Step != StepConfirm {
		return ErrNothingToConfirm
	}
	answer := answerYes
	if !keep {
		answer = answerNo
	}
	given, err := decide(dir, answer)
	if err != nil {
		return fmt.Errorf("confirming the switch: %w", err)
	}
	if keep && given != answer {
		return ErrTooLate
	}
	return nil
}

// decide gives the answer unless there is one, and returns the one that counts.
func decide(dir, answer string) (string, error) {
	name := filepath.Join(dir, answerName)
	temporary, err := os.CreateTemp(dir, answerName+".*")
	if err != nil {
		return "", err
	}
	_, err = temporary.WriteString(answer)
	if err := errors.Join(err, temporary.Chmod(0o644), temporary.Close()); err != nil {
		return "", errors.Join(err, os.Remove(temporary.Name()))
	}
	// A link is made at once and with its content, or not at all.
	linkErr := os.Link(temporary.Name(), name)
	if err := os.Remove(temporary.Name()); err != nil {
		return "", err
	}
	if linkErr == nil {
		return answer, nil
	}
	if !errors.Is(linkErr, fs.ErrExist) {
		return "", linkErr
	}
	given, err := os.ReadFile(name)
	return string(given), err
}

// confirm waits until the new system is confirmed, and goes back when it is not. It never
// waits for longer than was asked for, also where the clock was set back since the deadline
// was written down.
func (t *transaction) confirm(ctx context.Context, deadline time.Time) operation.Activation {
	if most := t.Now().Add(t.request.ConfirmWithin); deadline.After(most) {
		deadline = most
	}
	t.observer.Observe(operation.Event{
		Kind: operation.EventPhase, Phase: "confirm", Deadline: deadline,
		Text: fmt.Sprintf("Going back in %v unless `ask-nix confirm` is run", max(0, deadline.Sub(t.Now())).Round(time.Second)),
	})
	for t.Now().Before(deadline) && ctx.Err() == nil {
		if _, err := os.Stat(t.file(answerName)); err == nil {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(min(confirmPause, max(time.Millisecond, deadline.Sub(t.Now())))):
		}
	}
	answer, err := decide(t.Dir, answerExpired)
	switch {
	case err != nil:
		return t.revert(ctx, operation.CodeFailed, "whether it was confirmed is not known: "+err.Error())
	case answer == answerYes:
		return t.switched()
	case answer == answerNo:
		return t.revert(ctx, operation.CodeDeclined, "it was not to be kept")
	case ctx.Err() != nil:
		return t.revert(ctx, operation.CodeInterrupted, cancelled)
	}
	return t.revert(ctx, operation.CodeDeclined, "nobody confirmed it in time")
}
