package manifest

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Marshal writes the manifest in its Format, with the very bytes that Nix
// writes: compact, keys sorted, without a newline at the end. V2Plain loses
// priorities and outputs, as the Nix that writes it does.
//
// Its error is a [*MarshalError]: two elements have one name in V3, or a text
// is not in UTF-8.
func (m *Manifest) Marshal() ([]byte, error) {
	out := append([]byte(nil), `{"elements":`...)
	out, err := m.appendElements(out)
	if err != nil {
		return nil, err
	}
	out = append(out, `,"version":`...)
	out = strconv.AppendInt(out, int64(m.Format.version()), 10)
	return append(out, '}'), nil
}

func (m *Manifest) appendElements(out []byte) ([]byte, error) {
	elements, brackets := m.Elements, "[]"
	if m.Format == V3 {
		brackets = "{}"
		elements = slices.Clone(elements)
		slices.SortFunc(elements, func(a, b Element) int { return strings.Compare(a.Name, b.Name) })
	}
	out = append(out, brackets[0])
	for i := range elements {
		e := &elements[i]
		if why := e.wrong(); why != "" {
			return nil, &MarshalError{e.Name, why}
		}
		if i > 0 {
			out = append(out, ',')
		}
		if m.Format == V3 {
			if i > 0 && elements[i-1].Name == e.Name {
				return nil, &MarshalError{e.Name, "another one has the same name"}
			}
			out = append(appendString(out, e.Name), ':')
		}
		out = e.append(out, m.Format)
	}
	return append(out, brackets[1]), nil
}

// wrong returns why the element cannot be written, or "".
func (e *Element) wrong() string {
	texts := []string{e.Name}
	if s := e.Source; s != nil {
		texts = append(texts, s.OriginalURL, s.URL, s.AttrPath)
		texts = append(texts, s.Outputs...)
		if s.URL == "" {
			return "its source has no URL"
		}
	}
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return strconv.Quote(text) + " is not in UTF-8"
		}
	}
	return ""
}

func (e *Element) append(out []byte, f Format) []byte {
	out = append(out, `{"active":`...)
	out = strconv.AppendBool(out, e.Active)
	if e.Source != nil {
		out = appendString(append(out, `,"attrPath":`...), e.Source.AttrPath)
		out = appendString(append(out, `,"originalUrl":`...), e.Source.OriginalURL)
		if f.HasPriorities() {
			out = appendOutputs(append(out, `,"outputs":`...), e.Source.Outputs)
		}
	}
	if f.HasPriorities() {
		out = strconv.AppendInt(append(out, `,"priority":`...), int64(e.Priority), 10)
	}
	out = appendList(append(out, `,"storePaths":`...), sortPaths(e.StorePaths))
	if e.Source != nil {
		out = appendString(append(out, `,"url":`...), e.Source.URL)
	}
	return append(out, '}')
}

func appendOutputs(out []byte, outputs []string) []byte {
	if outputs == nil {
		return append(out, "null"...)
	}
	sorted := slices.Clone(outputs)
	slices.Sort(sorted)
	return appendList(out, slices.Compact(sorted))
}

func appendList[T ~string](out []byte, items []T) []byte {
	out = append(out, '[')
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendString(out, string(item))
	}
	return append(out, ']')
}

// appendString writes a JSON string as the library does that Nix uses
// (nlohmann/json): what encoding/json escapes beyond the standard, such as <
// and U+2028, stays as it is.
func appendString(out []byte, s string) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	for i := range len(s) {
		c := s[i]
		if short := strings.IndexByte("\b\f\n\r\t\"\\", c); short >= 0 {
			out = append(out, '\\', `bfnrt"\`[short])
		} else if c < 0x20 {
			out = append(out, `\u00`...)
			out = append(out, digits[c>>4], digits[c&15])
		} else {
			out = append(out, c)
		}
	}
	return append(out, '"')
}
