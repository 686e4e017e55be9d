package catalog

import (
	"encoding/binary"
	"io"
	"sync"
)

// read returns bytes of a section, after comparing the blocks that they lie in with
// their checksums. Of what is out of bounds or damaged it returns nothing.
func (m *image) read(section int, from, to uint64) []byte {
	s := m.sections[section]
	if from >= to || to > s.length() {
		return nil
	}
	from, to = s.start+from, s.start+to
	if section == sectionRecords && m.records != nil {
		return m.readRecords(from, to)
	}
	for block := from/blockSize - 1; block <= (to-1)/blockSize-1; block++ {
		if m.checked[block].Load() == 0 && !m.check(block) {
			return nil
		}
	}
	return m.content[from:to:to]
}

// whole returns a whole section.
func (m *image) whole(section int) []byte { return m.read(section, 0, m.sections[section].length()) }

// check compares a block with its checksum.
func (m *image) check(block uint64) bool {
	from := (block + 1) * blockSize
	to := min(from+blockSize, uint64(len(m.content)))
	if !m.matches(block, m.content[from:to]) {
		m.damaged.Store(true)
		return false
	}
	m.checked[block].Store(1)
	return true
}

// mostBlocks is the number of blocks that a blockReader keeps: one megabyte.
const mostBlocks = 256

// A blockReader reads blocks of a file by system calls and keeps the last ones. The
// records are two thirds of an index, of which a search needs a few dozen here and
// there; were they read through the mapping, the kernel would map much of what lies
// around each, and the whole file would count as the process's memory.
type blockReader struct {
	file   io.ReaderAt
	expect func(offset, length int64) // says what will be read soon

	mu     sync.Mutex
	blocks map[uint64][]byte // by number; never written again
}

// expectRecords has the kernel read the records of documents while the first of them
// are looked at: one after the other, each would wait for the disk.
func (m *image) expectRecords(docs []uint32) {
	if m.records == nil {
		return
	}
	for _, doc := range docs {
		from, to := m.u32(sectionRecordOffsets, doc), m.u32(sectionRecordOffsets, doc+1)
		if from < to {
			m.records.expect(int64(m.sections[sectionRecords].start)+int64(from), int64(to-from))
		}
	}
}

// readRecords returns bytes of the file by their place in it.
func (m *image) readRecords(from, to uint64) []byte {
	first, last := from/blockSize-1, (to-1)/blockSize-1
	var joined []byte
	for block := first; block <= last; block++ {
		content := m.records.block(m, block)
		if content == nil {
			return nil
		}
		if first == last {
			joined = content
			break
		}
		joined = append(joined, content...)
	}
	start := (first + 1) * blockSize
	if to-start > uint64(len(joined)) {
		return nil
	}
	return joined[from-start : to-start : to-start]
}

// block returns a block that is as its checksum says, or nil.
func (r *blockReader) block(m *image, block uint64) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if content, ok := r.blocks[block]; ok {
		return content
	}
	start := (block + 1) * blockSize
	content := make([]byte, min(blockSize, uint64(len(m.content))-start))
	if _, err := r.file.ReadAt(content, int64(start)); err != nil || !m.matches(block, content) {
		m.damaged.Store(true)
		return nil
	}
	if len(r.blocks) >= mostBlocks {
		clear(r.blocks)
	}
	r.blocks[block] = content
	return content
}

// matches compares the content of a block with its checksum.
func (m *image) matches(block uint64, content []byte) bool {
	return crc(content) == binary.LittleEndian.Uint32(m.sums[4*block:])
}

// verify checks all blocks.
func (m *image) verify() error {
	for block := range m.checked {
		m.check(uint64(block))
	}
	return m.err()
}

// err tells whether something that was read turned out to be damaged.
func (m *image) err() error {
	if m.damaged.Load() {
		return &DamagedError{"damaged"}
	}
	return nil
}
