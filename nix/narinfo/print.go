package narinfo

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"luminousnix/nix/store"
)

// MarshalText prints the text as Nix does: its order of fields, and base names of
// sorted references. FileHash, FileSize, Deriver, System and CA are left out
// where they are zero. Its error is a [*FieldError].
func (i *NarInfo) MarshalText() ([]byte, error) {
	p := printer{dir: store.Dir(path.Dir(string(i.Path)))}
	p.line("StorePath", p.path("StorePath", i.Path))
	p.text("URL", i.URL)
	p.text("Compression", string(i.Compression))
	if !i.FileHash.IsZero() {
		p.line("FileHash", i.FileHash.String())
	}
	if i.FileSize != 0 {
		p.size("FileSize", i.FileSize)
	}
	if i.NarHash.Algorithm() != store.SHA256 {
		p.fail("NarHash", "it is not a sha256")
	}
	p.line("NarHash", i.NarHash.String())
	p.size("NarSize", i.NarSize)
	p.references(i.References)
	if i.Deriver != "" {
		p.line("Deriver", path.Base(p.path("Deriver", i.Deriver)))
	}
	if i.System != "" {
		p.text("System", i.System)
	}
	for _, signature := range sortedSet(i.Signatures) {
		p.text("Sig", signature)
	}
	if !i.ContentAddress.IsZero() {
		address, err := i.ContentAddress.MarshalText()
		if err != nil {
			p.wrong = &FieldError{Field: "CA", Why: err.Error(), Err: err}
		}
		p.line("CA", string(address))
	}
	if p.wrong != nil {
		return nil, p.wrong
	}
	return []byte(p.b.String()), nil
}

// printer gathers lines and keeps the last error.
type printer struct {
	dir   store.Dir
	b     strings.Builder
	wrong *FieldError
}

func (p *printer) line(field, value string) { p.b.WriteString(field + ": " + value + "\n") }

func (p *printer) fail(field, why string) { p.wrong = &FieldError{Field: field, Why: why} }

// text prints a value that anyone may have made.
func (p *printer) text(field, value string) {
	switch {
	case value == "":
		p.fail(field, "it is empty")
	case hasControl(value):
		p.fail(field, fmt.Sprintf("%q has a control character", value))
	}
	p.line(field, value)
}

func (p *printer) size(field string, size int64) {
	if size <= 0 {
		p.fail(field, fmt.Sprintf("%d is not a size", size))
	}
	p.line(field, strconv.FormatInt(size, 10))
}

// path checks that a path is one, and in the same store as the others.
func (p *printer) path(field string, value store.Path) string {
	if _, err := p.dir.Parse(string(value)); err != nil {
		p.wrong = &FieldError{Field: field, Why: err.Error(), Err: err}
	}
	return string(value)
}

func (p *printer) references(references []store.Path) {
	var bases []string
	for _, reference := range sortedSet(references) {
		bases = append(bases, path.Base(p.path("References", reference)))
	}
	p.line("References", strings.Join(bases, " "))
}

func sortedSet[T ~string](list []T) []T {
	sorted := slices.Clone(list)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}
