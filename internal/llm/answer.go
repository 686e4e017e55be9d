package llm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"luminousnix/internal/operation"
)

// reply is what both kinds of servers answer, as far as it matters.
type reply struct {
	Choices []struct{ Message message } // of OpenAI
	Message message                     // of Ollama
}

// read takes the operation out of the answer of a server.
func (c *Client) read(body []byte) (operation.Operation, error) {
	if !utf8.Valid(body) {
		return operation.Operation{}, errors.New("answered with what is not UTF-8")
	}
	var r reply
	if err := json.Unmarshal(body, &r); err != nil {
		return operation.Operation{}, fmt.Errorf("answered with what is not the JSON of a chat: %s", plain(err.Error()))
	}
	text := r.Message.Content
	if c.endpoint.kind != Ollama {
		text = ""
		if len(r.Choices) > 0 {
			text = r.Choices[0].Message.Content
		}
	}
	return parse(text)
}

// parse reads what a model said: one object, nothing around it but what marks code in
// Markdown, and nothing in it that is not expected.
func parse(text string) (operation.Operation, error) {
	var said operation.Operation
	decoder := json.NewDecoder(strings.NewReader(unfenced(text)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&said)
	if errors.Is(err, io.EOF) {
		err = errors.New("there is no text")
	}
	if err == nil && !errors.Is(decoder.Decode(&struct{}{}), io.EOF) {
		err = errors.New("there is more behind it")
	}
	switch {
	case err != nil:
		return operation.Operation{}, fmt.Errorf("answered with what is not one operation in JSON: %s", plain(err.Error()))
	case said.Name == none:
		return operation.Operation{}, ErrNone
	}
	if err := check(said); err != nil {
		return operation.Operation{}, fmt.Errorf("proposed what ask-nix does not do: %s", plain(err.Error()))
	}
	return said, nil
}

// unfenced takes off the marks of a block of code in Markdown.
func unfenced(text string) string {
	text = strings.TrimSpace(text)
	inner, ok := strings.CutPrefix(text, "```")
	if inner, closed := strings.CutSuffix(inner, "```"); ok && closed {
		return strings.TrimPrefix(inner, "json")
	}
	return text
}

// check has an operation pass the contract, and its free texts the grammar of what
// people search for: no sentence could say more.
func check(op operation.Operation) error {
	if err := op.Validate(); err != nil {
		return err
	}
	a := op.Arguments
	if !a.Source.IsZero() || !a.Build.IsZero() || a.Tree != "" || len(a.Command) > 0 {
		return errors.New("no sentence says where a configuration is or how it is built")
	}
	for _, text := range []string{a.Value, a.PinName, a.Note, a.Topic, a.Text} {
		if text == "" {
			continue
		}
		if _, err := operation.ParseQuery(text); err != nil {
			return err
		}
	}
	return nil
}

// refusal is the error of a server that answered with another status than 200, with
// what it says of it: {"error": "…"} or {"error": {"message": "…"}}.
func refusal(status int, body []byte) error {
	var said struct{ Error json.RawMessage }
	text := ""
	if json.Unmarshal(body, &said) == nil {
		var object struct{ Message string }
		if json.Unmarshal(said.Error, &text) != nil && json.Unmarshal(said.Error, &object) == nil {
			text = object.Message
		}
	}
	text = plain(string(bytes.ToValidUTF8([]byte(text), nil)))
	if text != "" {
		text = ": " + text
	}
	return fmt.Errorf("answered with HTTP status %d%s", status, text)
}
