package catalog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"sync/atomic"
)

// An index file is a header, sections and checksums, all little-endian:
//
//	magic "asknixC\n", format version u32, documents u32, terms u32, 0 u32,
//	length of the file u64, offset of the checksums u64,
//	for each section its offset u64 and length u64,
//	checksum of the checksums u32, checksum of the header so far u32
//
// The header takes the first block of 4096 bytes. The sections follow from the
// second block on, the one with records last, then, one u32 for each block of
// sections, the checksums. All are the CRC-32 of IEEE: the tables of others take longer to
// make than a search. A block is compared with its checksum when
// something in it is first read, so that a search neither trusts a damaged file nor
// reads a whole one.
//
// Documents are numbered in order of their standing, best first (see standing), so
// that equal scores are ordered by number.
const (
	indexMagic   = "asknixC\n"
	indexVersion = 3
	headerLength = 40 + 16*sectionCount + 8
	blockSize    = 4096
)

const (
	sectionSource        = iota // name, date and ID of the source, each as u16 length and bytes
	sectionRecordOffsets        // u32 per document and one more: its place in sectionRecords
	sectionRecords              // the texts of each document, see appendRecord
	sectionSharedOffsets        // u32 per shared text and one more: its place in sectionShared
	sectionShared               // texts that many documents have: licenses, platforms, types
	sectionStandings            // u32 per document: standing u16, description words u8, flags u8
	sectionLeaders              // u32 per document: the best document of its variants, or its module's
	sectionByAttribute          // u32 per document: documents sorted by attribute
	sectionTermOffsets          // u32 per term and one more: its place in sectionTermTexts
	sectionTermTexts            // all terms, sorted bytewise
	sectionTermSketches         // u64 per term: see sketch
	sectionPostOffsets          // u32 per term and one more: its place in sectionPostings
	sectionPostings             // per term: (uvarint distance to the next document, u8 fields)…
	sectionLengths              // u32 per length of a term and one more: its place in the two below
	sectionSpelled              // u64 per term that a misspelt word may stand for: its sketch; by length
	sectionSpelledTerms         // u32 per such term: its number
	sectionSets                 // per attribute set, sorted by name: uvarint length, name, uvarint members
	sectionPhrases              // relations, see relations.go: a term → phrases of concepts
	sectionSynonyms             // a stem → stems
	sectionAliases              // a joined name → documents, or a set
	sectionRenames              // a joined name → text
	sectionRelations            // what the four above lead to
	sectionCount
)

// Document flags in sectionStandings.
const (
	flagPlace       = 3 // mask of place
	flagBroken      = 1 << 2
	flagUnfree      = 1 << 3
	flagInsecure    = 1 << 4
	flagUnavailable = 1 << 5
	flagOption      = 1 << 6 // of NixOS or home-manager
	flagHome        = 1 << 7 // of home-manager
)

// Fields of a document that a term can come from, one bit each in a posting.
const (
	fieldWhole       = 1 << iota // the term is the whole name, joined
	fieldName                    // a part of the name
	fieldHead                    // the first part of the name
	fieldSet                     // the attribute set it is in, or a part of that
	fieldDescription             // a stem in the description
	fieldLead                    // a stem among the first three of the description
	fieldProgram                 // a program
	fieldPath                    // a part of an option's path above its name
)

// A DamagedError tells that an index file can't be used: it is truncated, damaged,
// of another version or no index at all.
type DamagedError struct{ Reason string }

func (e *DamagedError) Error() string { return "the index of the catalogue is " + e.Reason }

// Hint tells what to do about it.
func (e *DamagedError) Hint() string { return "`ask-nix catalog update` makes a new one." }

// An image is an index file in memory, mapped or just built.
type image struct {
	content   []byte       // header and sections
	records   *blockReader // reads the section of records of a mapped file; nil for one in memory
	sums      []byte       // of the blocks after the header
	checked   []atomic.Uint32
	damaged   atomic.Bool
	sections  [sectionCount]span
	documents uint32
	terms     uint32
}

// A span is a part of the file, from start to before end.
type span struct{ start, end uint64 }

func (s span) length() uint64 { return s.end - s.start }

func crc(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// parseImage checks the header and the bounds of the sections.
func parseImage(b []byte) (*image, error) {
	le := binary.LittleEndian
	if len(b) < blockSize || string(b[:8]) != indexMagic {
		return nil, &DamagedError{"not an index"}
	}
	if v := le.Uint32(b[8:]); v != indexVersion {
		return nil, &DamagedError{fmt.Sprintf("of version %d, not %d", v, indexVersion)}
	}
	if le.Uint32(b[headerLength-4:]) != crc(b[:headerLength-4]) {
		return nil, &DamagedError{"damaged in its header"}
	}
	end := le.Uint64(b[32:])
	if le.Uint64(b[24:]) != uint64(len(b)) || end < blockSize || end > uint64(len(b)) {
		return nil, &DamagedError{"truncated"}
	}
	m := &image{content: b[:end], sums: b[end:], documents: le.Uint32(b[12:]), terms: le.Uint32(b[16:])}
	blocks := (end - blockSize + blockSize - 1) / blockSize
	if uint64(len(m.sums)) != 4*blocks || le.Uint32(b[headerLength-8:]) != crc(m.sums) {
		return nil, &DamagedError{"damaged in its checksums"}
	}
	m.checked = make([]atomic.Uint32, blocks)
	for i := range m.sections {
		at := 40 + 16*i
		off, n := le.Uint64(b[at:]), le.Uint64(b[at+8:])
		if off < blockSize || off > end || n > end-off {
			return nil, &DamagedError{"damaged: a section is out of bounds"}
		}
		m.sections[i] = span{off, off + n}
	}
	return m, m.checkLengths()
}

// checkLengths compares the lengths of sections with the numbers of documents and
// terms.
func (m *image) checkLengths() error {
	docs, terms := uint64(m.documents), uint64(m.terms)
	for _, s := range [...]struct {
		section int
		length  uint64
	}{
		{sectionRecordOffsets, docs*4 + 4},
		{sectionStandings, docs * 4},
		{sectionLeaders, docs * 4},
		{sectionByAttribute, docs * 4},
		{sectionTermOffsets, terms*4 + 4},
		{sectionTermSketches, terms * 8},
		{sectionPostOffsets, terms*4 + 4},
		{sectionLengths, 4 * (maxSpelled + 2)},
	} {
		if m.sections[s.section].length() != s.length {
			return &DamagedError{"damaged: a section has a wrong length"}
		}
	}
	return nil
}

// joinImage writes the header in front of the sections, and the checksums behind.
func joinImage(documents, terms int, sections [sectionCount][]byte) []byte {
	end := blockSize
	for _, s := range sections {
		end += align(len(s))
	}
	blocks := (end - blockSize + blockSize - 1) / blockSize
	le := binary.LittleEndian
	b := make([]byte, blockSize, end+4*blocks)
	copy(b, indexMagic)
	le.PutUint32(b[8:], indexVersion)
	le.PutUint32(b[12:], uint32(documents))
	le.PutUint32(b[16:], uint32(terms))
	le.PutUint64(b[24:], uint64(end+4*blocks))
	le.PutUint64(b[32:], uint64(end))
	add := func(i int) {
		s := sections[i]
		le.PutUint64(b[40+16*i:], uint64(len(b)))
		le.PutUint64(b[48+16*i:], uint64(len(s)))
		b = append(b, s...)
		b = append(b, make([]byte, align(len(s))-len(s))...)
	}
	for i := range sections {
		if i != sectionRecords {
			add(i)
		}
	}
	add(sectionRecords)
	for from := blockSize; from < end; from += blockSize {
		b = le.AppendUint32(b, crc(b[from:min(from+blockSize, end)]))
	}
	le.PutUint32(b[headerLength-8:], crc(b[end:]))
	le.PutUint32(b[headerLength-4:], crc(b[:headerLength-4]))
	return b
}

// align rounds up, so that numbers in sections don't cross blocks.
func align(n int) int { return (n + 7) &^ 7 }
