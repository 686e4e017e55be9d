package narinfo

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"luminousnix/nix/store"
)

// unknownDeriver is how old caches say that they do not know the derivation.
const unknownDeriver = "unknown-deriver"

// Read reads all of r and parses it like [Parse]. It takes no more than
// [MaxSize] bytes and one. Its error is a [*ParseError] or r's own.
func Read(dir store.Dir, r io.Reader) (*NarInfo, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, err
	}
	return Parse(dir, text)
}

// Parse parses the text about a path of the store directory. Its error is a
// [*ParseError].
//
// Fields may come in any order, and those that are not known are passed over.
// As in Nix the last of a field counts, except that the references and the
// content address must not be given twice. References and signatures come out
// sorted, each once.
//
// It is stricter than Nix where Nix would misread: each line must be a name, a
// colon, a space and a value. And a path's NarHash must be a SHA-256.
func Parse(dir store.Dir, text []byte) (*NarInfo, error) {
	if len(text) > MaxSize {
		return nil, &ParseError{Why: fmt.Sprintf("the text has more than %d bytes", MaxSize)}
	}
	p := parser{dir: dir, info: &NarInfo{}}
	for line := 1; len(text) > 0; line++ {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return nil, &ParseError{Line: line, Why: "the line does not end"}
		}
		name, value, _ := strings.Cut(string(text[:end]), ":")
		text = text[end+1:]
		value, ok := strings.CutPrefix(value, " ")
		if !ok || name == "" {
			return nil, &ParseError{Line: line, Why: "it is not a name, a colon, a space and a value"}
		}
		if wrong := p.field(name, value); wrong != nil {
			wrong.Line, wrong.Field = line, name
			return nil, wrong
		}
	}
	return p.finish()
}

type parser struct {
	dir  store.Dir
	info *NarInfo
}

// field takes one field. The place in its error is left to the caller.
func (p *parser) field(name, value string) (wrong *ParseError) {
	i := p.info
	switch name {
	case "StorePath":
		i.Path, wrong = parsePath(p.dir, value)
	case "URL":
		i.URL, wrong = parseText(value)
	case "Compression":
		value, wrong = parseText(value)
		i.Compression = Compression(value)
	case "FileHash":
		i.FileHash, wrong = parseHash(value)
	case "FileSize":
		i.FileSize, wrong = parseSize(value)
	case "NarHash":
		i.NarHash, wrong = parseHash(value)
		if wrong == nil && i.NarHash.Algorithm() != store.SHA256 {
			wrong = &ParseError{Why: fmt.Sprintf("the hash is a %s, not a sha256", i.NarHash.Algorithm())}
		}
	case "NarSize":
		i.NarSize, wrong = parseSize(value)
	case "References":
		wrong = p.references(value)
	case "Deriver":
		if value != unknownDeriver {
			i.Deriver, wrong = parsePath(p.dir, string(p.dir)+"/"+value)
		}
	case "System":
		i.System, wrong = parseText(value)
	case "Sig":
		wrong = p.signature(value)
	case "CA":
		wrong = p.contentAddress(value)
	}
	return wrong
}

func (p *parser) references(value string) *ParseError {
	if len(p.info.References) > 0 {
		return &ParseError{Why: "the references are given twice"}
	}
	for base := range strings.SplitSeq(value, " ") {
		if base == "" {
			continue
		}
		reference, wrong := parsePath(p.dir, string(p.dir)+"/"+base)
		if wrong != nil {
			return wrong
		}
		p.info.References = append(p.info.References, reference)
	}
	return nil
}

// signature takes any text: whether it is a signature only matters to Verify.
func (p *parser) signature(value string) *ParseError {
	value, wrong := parseText(value)
	if wrong != nil || value == "" {
		return wrong
	}
	if len(p.info.Signatures) == maxSignatures {
		return &ParseError{Why: fmt.Sprintf("there are more than %d signatures", maxSignatures)}
	}
	p.info.Signatures = append(p.info.Signatures, value)
	return nil
}

func (p *parser) contentAddress(value string) *ParseError {
	if !p.info.ContentAddress.IsZero() {
		return &ParseError{Why: "the content address is given twice"}
	}
	if value == "" {
		return nil
	}
	address, err := store.ParseContentAddress(value)
	if err != nil {
		return &ParseError{Why: err.Error(), Err: err}
	}
	p.info.ContentAddress = address
	return nil
}

// finish checks that nothing is missing that Nix needs.
func (p *parser) finish() (*NarInfo, error) {
	i, missing := p.info, ""
	switch {
	case i.Path == "":
		missing = "StorePath"
	case i.URL == "":
		missing = "URL"
	case i.NarHash.IsZero():
		missing = "NarHash"
	case i.NarSize == 0:
		missing = "NarSize"
	}
	if missing != "" {
		return nil, &ParseError{Field: missing, Why: "it is missing, empty or zero"}
	}
	if i.Compression == "" {
		i.Compression = BZip2
	}
	slices.Sort(i.References)
	i.References = slices.Compact(i.References)
	slices.Sort(i.Signatures)
	i.Signatures = slices.Compact(i.Signatures)
	return i, nil
}

func parsePath(dir store.Dir, value string) (store.Path, *ParseError) {
	path, err := dir.Parse(value)
	if err != nil {
		return "", &ParseError{Why: err.Error(), Err: err}
	}
	return path, nil
}

func parseHash(value string) (store.Hash, *ParseError) {
	h, err := store.ParseHash(value)
	if err != nil {
		return store.Hash{}, &ParseError{Why: err.Error(), Err: err}
	}
	return h, nil
}

func parseSize(value string) (int64, *ParseError) {
	size, err := strconv.ParseUint(value, 10, 63)
	if err != nil {
		return 0, &ParseError{Why: fmt.Sprintf("%q is not a number of bytes", value)}
	}
	return int64(size), nil
}

func parseText(value string) (string, *ParseError) {
	if hasControl(value) {
		return "", &ParseError{Why: fmt.Sprintf("%q has a control character", value)}
	}
	return value, nil
}

// hasControl says whether s has a character that could not stand in a line.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '\x7f' })
}
