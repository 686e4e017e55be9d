package eval

import "context"

// Raw returns v as nix-instantiate --eval --raw prints it: a string as it is, and
// what becomes one in "${…}".
func (ev *Evaluator) Raw(ctx context.Context, v Value) (string, error) {
	text, _, err := ev.worker(ctx).coerceToString(v, noPos, 0, "while generating the eval command output")
	return text, err
}
