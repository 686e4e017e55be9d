package catalog

import (
	"encoding/binary"
	"slices"
	"sort"
)

// A relation section leads from terms to what the vocabulary knows of them. It is a
// table of pairs (term u32, place in sectionRelations u32), sorted by term; a term
// may be there several times. At its place are numbers or a text, see below.

// A relation gathers such a table.
type relation []pair

type pair struct{ term, place uint32 }

// encode appends the table, with final numbers of terms.
func (r relation) encode(dst []byte, newTerm []uint32) []byte {
	for i := range r {
		r[i].term = newTerm[r[i].term]
	}
	slices.SortStableFunc(r, func(x, y pair) int { return int(int64(x.term) - int64(y.term)) })
	for _, p := range r {
		dst = binary.LittleEndian.AppendUint32(dst, p.term)
		dst = binary.LittleEndian.AppendUint32(dst, p.place)
	}
	return dst
}

// appendNumbers appends a count and so many numbers.
func appendNumbers(dst []byte, numbers []uint32) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(numbers)))
	for _, n := range numbers {
		dst = binary.AppendUvarint(dst, uint64(n))
	}
	return dst
}

// appendString appends a length and so many bytes.
func appendString(dst []byte, text string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...)
}

// eachRelated calls yield with what a relation leads to from a term.
func (m *image) eachRelated(section int, term uint32, yield func(related)) {
	table, data := m.whole(section), m.sections[sectionRelations].length()
	at := func(i int) uint32 { return binary.LittleEndian.Uint32(table[8*i:]) }
	n := len(table) / 8
	for i := sort.Search(n, func(i int) bool { return at(i) >= term }); i < n && at(i) == term; i++ {
		place := uint64(binary.LittleEndian.Uint32(table[8*i+4:]))
		yield(related(m.read(sectionRelations, place, data)))
	}
}

// related are the bytes from a place in sectionRelations on.
type related []byte

func (r *related) number() uint32 {
	n, size := binary.Uvarint(*r)
	if size <= 0 || n > 1<<32-1 {
		*r = nil
		return 0
	}
	*r = (*r)[size:]
	return uint32(n)
}

// numbers reads what appendNumbers wrote.
func (r *related) numbers(into []uint32) []uint32 {
	for n := r.number(); n > 0 && len(*r) > 0; n-- {
		into = append(into, r.number())
	}
	return into
}

// bytes reads what appendString wrote.
func (r *related) bytes() []byte {
	n := int(r.number())
	if n > len(*r) {
		*r = nil
		return nil
	}
	text := (*r)[:n:n]
	*r = (*r)[n:]
	return text
}
