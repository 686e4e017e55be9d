// Package batch answers many requests: operations and sentences, from Go or as lines of a
// file.
//
// Requests that only read are answered concurrently. One that changes something begins
// when all before it are answered, and ends before any after it begins. Answers come in
// the order of the requests whatever is ready first. [Read] reads the lines.
package batch

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// Request is one request: what was understood of it, or why it was not.
type Request struct {
	Operations []operation.Operation
	Sentence   string         // "" for what was no sentence
	Reading    intent.Reading // of the sentence
	Err        *operation.Error
}

// changes reports whether something is changed.
func (r Request) changes() bool {
	for _, op := range r.Operations {
		if spec, ok := operation.Lookup(op.Name); ok && spec.Changing {
			return true
		}
	}
	return false
}

// Answer is the answer to one request: the results of its operations as far as they were
// tried, the last of which may have failed; none for a request that was not understood.
type Answer struct {
	Request Request
	Results []operation.Result
}

// Err is why the request was not understood, or failed; nil if it was done.
func (a Answer) Err() *operation.Error {
	if a.Request.Err != nil || len(a.Results) == 0 {
		return a.Request.Err
	}
	return a.Results[len(a.Results)-1].Err
}

// ExitCode is the exit status of a process that had only this request.
func (a Answer) ExitCode() int {
	if a.Request.Err != nil {
		return a.Request.Err.Code.ExitCode()
	}
	if len(a.Results) == 0 {
		return 0
	}
	return a.Results[len(a.Results)-1].ExitCode()
}

// Options say how requests are answered.
type Options struct {
	// Execute runs the operations of a request, of which there are some. It is called
	// from several goroutines.
	Execute func(context.Context, Request) []operation.Result
	// Answer is given the answers, one at a time and in order. When it fails no request
	// is begun any more.
	Answer func(Answer) error
	// FailFast ends after the first request that fails.
	FailFast bool
	// AtOnce is how many requests are answered at once; as many as there are processors
	// if it is 0.
	AtOnce int
}

// Run answers requests until there are no more. Its error is that of ctx, or of
// Options.Answer; how requests went is in their answers.
func Run(ctx context.Context, requests <-chan Request, o Options) error {
	if o.AtOnce <= 0 {
		o.AtOnce = runtime.GOMAXPROCS(0)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &run{Options: o, tickets: make(chan chan Answer, 4*o.AtOnce), slots: make(chan struct{}, o.AtOnce)}
	told := make(chan error, 1)
	go func() {
		err := r.tell()
		if err != nil {
			cancel(err)
		}
		told <- err
	}()
	r.begin(ctx, requests)
	close(r.tickets)
	if err := <-told; err != nil {
		return err
	}
	if r.over.Load() {
		return nil
	}
	return context.Cause(ctx)
}

// run is one call of Run.
type run struct {
	Options
	tickets chan chan Answer // in the order of the requests: each gets its answer
	slots   chan struct{}    // taken by what is being answered
	running sync.WaitGroup
	over    atomic.Bool // nothing is begun any more
}

// begin begins the requests, one after another.
func (r *run) begin(ctx context.Context, requests <-chan Request) {
	defer r.running.Wait()
	for {
		var request Request
		var more bool
		select {
		case request, more = <-requests:
		case <-ctx.Done():
			return
		}
		if !more {
			return
		}
		if request.changes() {
			r.running.Wait()
		}
		if r.over.Load() || ctx.Err() != nil {
			return
		}
		ticket := make(chan Answer, 1)
		r.tickets <- ticket
		if request.changes() || request.Err != nil {
			ticket <- r.answer(ctx, request)
			continue
		}
		r.slots <- struct{}{}
		r.running.Go(func() {
			ticket <- r.answer(ctx, request)
			<-r.slots
		})
	}
}

func (r *run) answer(ctx context.Context, request Request) Answer {
	answer := Answer{Request: request}
	if request.Err == nil {
		answer.Results = r.Execute(ctx, request)
	}
	if r.FailFast && answer.Err() != nil {
		r.over.Store(true)
	}
	return answer
}

// tell hands out the answers in order. After one that failed, where that ends it, the rest
// is dropped: nothing of it has changed anything.
func (r *run) tell() (err error) {
	ended := false
	for ticket := range r.tickets {
		answer := <-ticket
		if ended {
			continue
		}
		if err = r.Answer(answer); err != nil {
			r.over.Store(true)
		}
		ended = err != nil || r.FailFast && answer.Err() != nil
	}
	return err
}
