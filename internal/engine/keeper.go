package engine

import (
	"context"
	"encoding/json"
	"slices"

	"luminousnix/internal/action"
	"luminousnix/internal/operation"
)

// keeper keeps answers of read-only operations. The key holds the operation,
// all its arguments and the state that the answer was read from, so that an
// answer is never used after what it tells has changed.
type keeper struct {
	next   Executor
	engine *Engine
}

// kept is an answer in the cache.
type kept struct {
	Message     string          `json:"message"`
	Data        json.RawMessage `json:"data"`
	Warnings    []string        `json:"warnings"`
	Suggestions []string        `json:"suggestions"`
	Backend     string          `json:"backend"`
	Reason      string          `json:"reason"`
}

func (k *keeper) Execute(ctx context.Context, call Call) operation.Result {
	key, ok := k.key(ctx, call)
	if !ok {
		return k.next.Execute(ctx, call)
	}
	if result, ok := k.lookUp(call, key); ok {
		return result
	}
	result := k.next.Execute(ctx, call)
	result.CacheAsked = true
	// What was changed meanwhile is perhaps in the answer and not in the key, and what is
	// broken may be mended any time.
	if after, ok := k.key(ctx, call); ok && slices.Equal(key, after) && result.Success() && call.machine.FellBack() == "" {
		k.keep(call, key, result)
	}
	return result
}

// key names everything that the answer depends on; ok is false when answers to
// this call are not kept.
func (k *keeper) key(ctx context.Context, call Call) (key []string, ok bool) {
	found, _ := action.Find(call.Operation.Name)
	if call.NoCache || found.State == nil || k.engine.cache.TTL() == 0 {
		return nil, false
	}
	state, err := found.State(ctx, call.machine, call.Operation.Arguments)
	if err != nil {
		return nil, false // the operation itself will tell what is wrong
	}
	request, err := json.Marshal(call.Operation)
	if err != nil {
		return nil, false
	}
	h := call.machine.Host
	return append([]string{
		Version, string(request), call.machine.Backend.Name(), h.Root, string(h.StoreDir), h.StateDir,
	}, state...), true
}

func (k *keeper) lookUp(call Call, key []string) (operation.Result, bool) {
	var answer kept
	data := operation.NewData(call.Operation.Name)
	if !call.machine.Recall(key, &answer) || json.Unmarshal(answer.Data, data) != nil {
		return operation.Result{}, false
	}
	return operation.Result{
		Operation: call.Operation, Message: answer.Message, Data: data, Warnings: answer.Warnings,
		Suggestions: answer.Suggestions, Cached: true, CacheAsked: true, Backend: answer.Backend, BackendReason: answer.Reason,
	}, true
}

func (k *keeper) keep(call Call, key []string, result operation.Result) {
	data, err := json.Marshal(result.Data)
	if err != nil {
		k.engine.log.Debug("not kept", "error", err) // the answer is there all the same
		return
	}
	call.machine.Remember(key, kept{
		result.Message, data, result.Warnings, result.Suggestions, result.Backend, result.BackendReason,
	})
}
