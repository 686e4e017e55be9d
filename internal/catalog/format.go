package catalog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// An index file is a header and eleven sections, all little-endian:
//
//	magic "asknixC\n", format version u32, documents u32, terms u32,
//	checksum of the sections u32, length of the file u64,
//	for each section its offset u64 and length u64,
//	checksum of the header so far u32
//
// Checksums are CRC-32C. Documents are numbered in order of their standing,
// best first (see standing), so that equal scores are ordered by number.
const (
	indexMagic   = "asknixC\n"
	indexVersion = 1
	headerSize   = 8 + 4 + 4 + 4 + 4 + 8 + 16*sectionCount + 4
)

const (
	sectionSource       = iota // name, date and ID of the source, each as u16 length and bytes
	sectionRecords             // one record per document: where its texts are, see recordTexts
	sectionStandings           // u32 per document: standing u16, description words u8, flags u8
	sectionLeaders             // u32 per document: the best document of its variants
	sectionByAttribute         // u32 per document: documents sorted by attribute
	sectionTexts               // the texts of records and of sets
	sectionTermOffsets         // u32 per term and one more: its place in sectionTermTexts
	sectionTermTexts           // all terms, sorted bytewise
	sectionTermSketches        // u64 per term: see sketch
	sectionPostOffsets         // u32 per term and one more: its place in sectionPostings
	sectionPostings            // per term: (uvarint distance to the next document, u8 fields)…
	sectionSets                // u32 text offset, u32 text length, u32 members: sorted by name
	sectionCount
)

// The texts of a record, each as u32 offset and u16 length in sectionTexts.
const (
	textAttribute = iota
	textName
	textVersion
	textDescription
	textHomepage
	textLicense
	textProgram
	recordTexts
	recordSize = 6 * recordTexts
)

// Document flags in sectionStandings.
const (
	flagPlace       = 3 // mask of place
	flagBroken      = 1 << 2
	flagUnfree      = 1 << 3
	flagInsecure    = 1 << 4
	flagUnavailable = 1 << 5
)

// Fields of a document that a term can come from, one bit each in a posting.
const (
	fieldWhole       = 1 << iota // the term is the whole name, joined
	fieldName                    // a part of the name
	fieldHead                    // the first part of the name
	fieldSet                     // the set it is in, or a part of that
	fieldDescription             // a stem in the description
	fieldLead                    // a stem among the first three of the description
	fieldProgram                 // the main program
)

// A formatError tells why an index can't be used as it is. It is never shown:
// the index is built again.
type formatError string

func (e formatError) Error() string { return "index file: " + string(e) }

// An image is an index file in memory, mapped or just built. Its header was
// checked; the sections weren't, so nothing here trusts an offset or a number
// that comes from them: accessors return zero values instead.
type image struct {
	sections  [sectionCount][]byte
	documents uint32
	terms     uint32
}

func crc(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// parseImage checks header, length and section bounds, in constant time.
func parseImage(b []byte) (*image, error) {
	le := binary.LittleEndian
	if len(b) < headerSize || string(b[:8]) != indexMagic {
		return nil, formatError("not an index")
	}
	if v := le.Uint32(b[8:]); v != indexVersion {
		return nil, formatError(fmt.Sprintf("version %d, not %d", v, indexVersion))
	}
	if le.Uint32(b[headerSize-4:]) != crc(b[:headerSize-4]) {
		return nil, formatError("damaged header")
	}
	if le.Uint64(b[24:]) != uint64(len(b)) {
		return nil, formatError("truncated")
	}
	m := &image{documents: le.Uint32(b[12:]), terms: le.Uint32(b[16:])}
	for i := range m.sections {
		at := 32 + 16*i
		off, n := le.Uint64(b[at:]), le.Uint64(b[at+8:])
		if off < headerSize || off > uint64(len(b)) || n > uint64(len(b))-off {
			return nil, formatError("section out of bounds")
		}
		m.sections[i] = b[off : off+n : off+n]
	}
	docs, terms := uint64(m.documents), uint64(m.terms)
	for _, s := range [...]struct {
		section int
		size    uint64
	}{
		{sectionRecords, docs * recordSize},
		{sectionStandings, docs * 4},
		{sectionLeaders, docs * 4},
		{sectionByAttribute, docs * 4},
		{sectionTermOffsets, terms*4 + 4},
		{sectionTermSketches, terms * 8},
		{sectionPostOffsets, terms*4 + 4},
	} {
		if uint64(len(m.sections[s.section])) != s.size {
			return nil, formatError("section of a wrong length")
		}
	}
	return m, nil
}

// verifyImage checks every byte of a parsed index file against its checksum.
func verifyImage(b []byte) error {
	if binary.LittleEndian.Uint32(b[20:]) != crc(b[headerSize:]) {
		return formatError("damaged contents")
	}
	return nil
}

// joinImage writes the header in front of the sections.
func joinImage(documents, terms int, sections [sectionCount][]byte) []byte {
	length := headerSize
	for _, s := range sections {
		length += len(s)
	}
	le := binary.LittleEndian
	b := make([]byte, headerSize, length)
	copy(b, indexMagic)
	le.PutUint32(b[8:], indexVersion)
	le.PutUint32(b[12:], uint32(documents))
	le.PutUint32(b[16:], uint32(terms))
	le.PutUint64(b[24:], uint64(length))
	for i, s := range sections {
		le.PutUint64(b[32+16*i:], uint64(len(b)))
		le.PutUint64(b[40+16*i:], uint64(len(s)))
		b = append(b, s...)
	}
	le.PutUint32(b[20:], crc(b[headerSize:]))
	le.PutUint32(b[headerSize-4:], crc(b[:headerSize-4]))
	return b
}
