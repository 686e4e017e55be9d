// Package llm asks a language model what a sentence means that the grammar could not
// read. It is off unless a URL is configured, and meant for a model on this machine.
//
// What is sent is the sentence, the date and the table of operations (request.go):
// nothing of the machine, its files or its history. What comes back is untrusted: it
// is read strictly into the types that every face uses, its names go through the same
// grammars, and it is never more than a proposal (answer.go). Whoever gets the proposal
// shows and confirms it like any request, and says where it comes from.
//
// A model is asked once for a sentence, within a time and a size. Redirects are not
// followed, and an address that is to be of this machine is checked when it is dialled
// (endpoint.go).
package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"luminousnix/internal/operation"
)

// Config is what the settings below llm say.
type Config struct {
	URL     string // of the server, or of its API; "" asks nobody
	Kind    string // how to ask it: Auto, OpenAI, Plain or Ollama
	Model   string
	Timeout time.Duration
	// KeyFile holds a key for the server that nobody but its owner may read; "" is none.
	KeyFile string
	// Remote lets the server be another machine.
	Remote bool
}

// The kinds of servers.
const (
	Auto   = "auto"   // told by the URL
	OpenAI = "openai" // /v1/chat/completions, with a schema for the answer
	Plain  = "plain"  // the same for servers that know no schemas
	Ollama = "ollama" // /api/chat
)

// Client asks one model. Make it with [New].
type Client struct {
	endpoint endpoint
	model    string
	timeout  time.Duration
	key      string
	http     *http.Client
}

// ErrNone is the error of [Client.Propose] when the model knows no operation either.
var ErrNone = errors.New("knows no operation for that either")

const (
	longestSentence = 1000     // bytes
	longestAnswer   = 64 << 10 // bytes
)

// New makes a client of settings. Its error is an [*operation.Error] with code
// configuration that names the setting.
func New(c Config) (*Client, error) {
	at, err := newEndpoint(c)
	if err != nil {
		return nil, err
	}
	model := plain(c.Model)
	switch {
	case model == "" || model != c.Model:
		return nil, wrong("llm.model is not the name of a model", "Set it to one that the server has, such as llm.model = \"qwen3\".")
	case c.Timeout <= 0:
		return nil, wrong("llm.timeout leaves no time to answer", "Set it to a number of seconds, such as llm.timeout = 5.")
	}
	key, err := readKey(c.KeyFile, at)
	if err != nil {
		return nil, err
	}
	return &Client{endpoint: at, model: model, timeout: c.Timeout, key: key, http: at.client()}, nil
}

func wrong(what, hint string) *operation.Error {
	return operation.Errorf(operation.CodeConfiguration, "%s", what).WithHint(hint)
}

// Model is the name of the model, fit to be shown.
func (c *Client) Model() string { return c.model }

// Host is where it is, fit to be shown, with the port if one was given.
func (c *Client) Host() string { return c.endpoint.url.Host }

// Remote reports whether that is another machine.
func (c *Client) Remote() bool { return !c.endpoint.local }

// Propose asks for the operation that a sentence means. The operation is valid; that is
// all that is known of it. The error is fit to be shown, and reads on after "the
// language model": [ErrNone], the context's error when that has ended, or what was
// wrong with the server or its answer.
func (c *Client) Propose(ctx context.Context, sentence string, today time.Time) (operation.Operation, error) {
	if len(sentence) > longestSentence {
		return operation.Operation{}, fmt.Errorf("was not asked: the sentence is longer than %d bytes", longestSentence)
	}
	body, err := c.request(sentence, today)
	if err != nil {
		return operation.Operation{}, err
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	answer, err := c.post(limited, body)
	switch {
	case ctx.Err() != nil:
		return operation.Operation{}, ctx.Err()
	case limited.Err() != nil:
		return operation.Operation{}, fmt.Errorf("did not answer within %v", c.timeout)
	case err != nil:
		return operation.Operation{}, err
	}
	return c.read(answer)
}

// post sends the request and returns the body of the answer.
func (c *Client) post(ctx context.Context, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.url.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ask-nix")
	if c.key != "" {
		request.Header.Set("Authorization", "Bearer "+c.key)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("cannot be reached: %s", reason(err))
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 && response.StatusCode < 400 {
		return nil, errors.New("answered with a redirect, which is not followed")
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("broke off its answer: %s", reason(err))
	case len(answer) > longestAnswer:
		return nil, fmt.Errorf("answered with more than %d KiB", longestAnswer>>10)
	case response.StatusCode != http.StatusOK:
		return nil, refusal(response.StatusCode, answer)
	}
	return answer, nil
}

// reason is what went wrong, without the method and URL that net/http puts before it.
func reason(err error) string {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return plain(err.Error())
}

// plain makes text of a server fit to be shown: on one line, without what does not
// print or changes its direction, and short.
func plain(text string) string {
	const most = 120 // characters
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > most {
		text = string(letters[:most]) + "…"
	}
	return text
}
