package engine

import (
	"context"

	"luminousnix/internal/operation"
)

// guard lets only well-formed operations pass: known names, arguments that the
// operation takes, values within their grammar. Whatever face an operation
// came through, nothing behind this point sees an unchecked name.
type guard struct{ next Executor }

func (g *guard) Execute(ctx context.Context, call Call) operation.Result {
	if err := call.Operation.Validate(); err != nil {
		failed := operation.AsError(err)
		return operation.Result{Operation: call.Operation, Message: failed.Message, Err: failed}
	}
	return g.next.Execute(ctx, call)
}
