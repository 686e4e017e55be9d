package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// longest is how many bytes a line may have.
const longest = 256 << 10

// Understanding is how sentences are read.
type Understanding func(sentence string) (intent.Reading, error)

// Read reads requests, one a line, and sends them until there are no more or done is
// closed. Its error is that of the reader. Lines without anything on them are passed over.
//
// A line is a sentence, the name of an operation that needs no arguments, or an object:
//
//	list my generations
//	disk-usage
//	{"operation":"compare-generations","arguments":{"from":1,"to":2}}
//	{"sentence":"search for editors"}
func Read(r io.Reader, understand Understanding, requests chan<- Request, done <-chan struct{}) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, tooLong, err := readLine(lines)
		if text := strings.TrimSpace(string(line)); text != "" || tooLong {
			request := Request{Err: operation.Errorf(operation.CodeUsage, "the line is longer than %d bytes", longest)}
			if !tooLong {
				request = Understand(text, understand)
			}
			select {
			case requests <- request:
			case <-done:
				return nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine reads a line to its end; of one that is too long nothing is kept.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > longest; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// Understand reads one request.
func Understand(line string, understand Understanding) Request {
	if strings.HasPrefix(line, "{") {
		return object(line, understand)
	}
	if spec, ok := operation.Lookup(operation.Name(line)); ok {
		return Operation(operation.New(spec.Name, operation.Arguments{}))
	}
	return Sentence(line, understand)
}

// Operation is the request for an operation.
func Operation(op operation.Operation) Request {
	if err := op.Validate(); err != nil {
		return Request{Operations: []operation.Operation{op}, Err: operation.AsError(err)}
	}
	return Request{Operations: []operation.Operation{op}}
}

// Sentence is the request that a sentence makes.
func Sentence(sentence string, understand Understanding) Request {
	reading, err := understand(sentence)
	return Request{Operations: reading.Operations, Sentence: sentence, Reading: reading, Err: operation.AsError(err)}
}

// object reads a line of JSON. A field that nobody knows is an error: it may be a
// misspelt one that matters.
func object(line string, understand Understanding) Request {
	var said struct {
		operation.Operation
		Sentence string `json:"sentence"`
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(line)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&said)
	if err == nil && decoder.More() {
		err = errors.New("there is more behind the object")
	}
	switch {
	case err != nil:
		return unreadable(operation.Errorf(operation.CodeUsage, "the line is no request: %w", err))
	case (said.Name == "") == (said.Sentence == ""):
		return unreadable(operation.Errorf(operation.CodeUsage, "a request has either an operation or a sentence"))
	case said.Sentence != "":
		return Sentence(said.Sentence, understand)
	}
	return Operation(said.Operation)
}

func unreadable(err *operation.Error) Request {
	return Request{Err: err.WithHint(`For example: {"operation":"compare-generations","arguments":{"from":1,"to":2}} or {"sentence":"list my generations"}`)}
}
