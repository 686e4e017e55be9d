package catalog

import "encoding/binary"

// read returns bytes of a section, after comparing the blocks that they lie in with
// their checksums. Of what is out of bounds or damaged it returns nothing.
func (m *image) read(section int, from, to uint64) []byte {
	s := m.sections[section]
	if from >= to || to > s.length() {
		return nil
	}
	from, to = s.start+from, s.start+to
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
	if crc(m.content[from:to]) != binary.LittleEndian.Uint32(m.sums[4*block:]) {
		m.damaged.Store(true)
		return false
	}
	m.checked[block].Store(1)
	return true
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
