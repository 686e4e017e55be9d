package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// Link is what makes a chain of the lines.
type Link struct {
	Number int64  `json:"n"`      // counts the lines of the log from 1, over all its files
	Before string `json:"before"` // the hash of the line before; that of the first is all zeros
}

// Torn stands for what a crash has left of lines: how many bytes, and their SHA-256.
type Torn struct {
	Bytes int    `json:"bytes"`
	Hash  string `json:"hash"`
}

// The end of a line is its hash: the SHA-256, in hexadecimal, of all that stands before
// hashField in it. So whoever checks a line needs no JSON.
const (
	hashField = `,"hash":"`
	hashSize  = 2 * sha256.Size
	sealSize  = len(hashField) + hashSize + len(`"}`)
)

var noHash = strings.Repeat("0", hashSize)

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// seal makes the text of a line, with its hash and its end.
func seal(line Line) (text []byte, hash string, err error) {
	if text, err = json.Marshal(line); err != nil {
		return nil, "", err
	}
	text = text[:len(text)-1] // the last brace
	hash = hashOf(text)
	return fmt.Appendf(text, "%s%s\"}\n", hashField, hash), hash, nil
}

// unseal reads the text of a line without its end; ok is false where it is not as it was
// written.
func unseal(text []byte) (line Line, hash string, ok bool) {
	at := len(text) - sealSize
	if at < 0 {
		return line, "", false
	}
	said, ok := bytes.CutPrefix(text[at:], []byte(hashField))
	if !ok || !bytes.HasSuffix(said, []byte(`"}`)) {
		return line, "", false
	}
	hash = string(said[:hashSize])
	if hash != hashOf(text[:at]) || json.Unmarshal(text, &line) != nil {
		return line, "", false
	}
	return line, hash, true
}

// located is a line as it stands in a file.
type located struct {
	Line
	hash string
	at   int64 // where it begins
	row  int   // of the file, from 1
	text []byte
	ok   bool // it is as it was written; else only text, at and row are known
	open bool // it has no end: the last one
}

// rows are the lines of a file, of which content is what begins at an offset.
func rows(content []byte, at int64) iter.Seq[located] {
	return func(yield func(located) bool) {
		row := 0
		for text := range bytes.Lines(content) {
			row++
			found := located{at: at, row: row, text: text}
			whole, ended := bytes.CutSuffix(text, []byte("\n"))
			found.Line, found.hash, found.ok = unseal(whole)
			found.open = !ended
			at += int64(len(text))
			if !yield(found) {
				return
			}
		}
	}
}

// end is where the next line begins, if this one has an end.
func (l *located) end() int64 { return l.at + int64(len(l.text)) }
