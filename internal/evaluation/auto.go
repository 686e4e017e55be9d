package evaluation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"luminousnix/nix/eval"
)

// Auto evaluates natively and, what is not supported there, by the nix command.
type Auto struct {
	Native  Evaluator
	Command *Command
}

// Evaluate implements Evaluator. Where there is no nix command to fall back to,
// the error is the native one.
func (a *Auto) Evaluate(ctx context.Context, r Request) (*Result, error) {
	result, err := a.Native.Evaluate(ctx, r)
	var unsupported *eval.NotSupportedError
	if !errors.As(err, &unsupported) || len(r.Edited) > 0 {
		return result, err
	}
	if _, notFound := a.Command.find(Program); notFound != nil {
		return result, fmt.Errorf("%w; %w", err, notFound)
	}
	if r.Stderr != nil {
		fmt.Fprintf(r.Stderr, "warning: %v, so %s evaluates this\n", unsupported, Program)
		r.Stderr = &skipping{to: r.Stderr, skip: result.Messages}
	}
	fallback, err := a.Command.Evaluate(ctx, r)
	if fallback != nil {
		fallback.Reason = unsupported.Error()
	}
	return fallback, err
}

// skipping leaves out what was said before, as far as it is said again in the
// same words.
type skipping struct {
	to   io.Writer
	skip []byte
}

func (s *skipping) Write(p []byte) (int, error) {
	rest := p
	if n := min(len(s.skip), len(rest)); n > 0 && bytes.Equal(s.skip[:n], rest[:n]) {
		s.skip, rest = s.skip[n:], rest[n:]
	} else {
		s.skip = nil
	}
	if len(rest) == 0 {
		return len(p), nil
	}
	if _, err := s.to.Write(rest); err != nil {
		return 0, err
	}
	return len(p), nil
}
