package metrics

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

const (
	slotSize = 512
	slots    = 127 // several times as many as there are operations
	fileSize = slotSize * (1 + slots)
	nameSize = 32
)

// magic is what a file begins with; the number is another one when slots are.
const magic = "ask-nix metrics 1\n"

// slot is what is known of an operation. Its bytes are the fields in this order, little
// endian, zeros, and the CRC-32 (IEEE) of all before. A slot of zeros only is free.
type slot struct {
	Name         [nameSize]byte
	First, Last, // Unix time of runs, in seconds
	Succeeded, CacheAsked, Cached,
	Native, Command,
	Nanoseconds, Longest, // all together, and the longest
	Recoveries, Recovered,
	Estimates, EstimateError uint64 // the sum of the errors, in millionths
	Histogram histogram
}

// numbers are the fields between name and histogram, in their order.
func (s *slot) numbers() [13]*uint64 {
	return [...]*uint64{
		&s.First, &s.Last, &s.Succeeded, &s.CacheAsked, &s.Cached, &s.Native, &s.Command,
		&s.Nanoseconds, &s.Longest, &s.Recoveries, &s.Recovered, &s.Estimates, &s.EstimateError,
	}
}

func (s *slot) name() operation.Name {
	return operation.Name(strings.TrimRight(string(s.Name[:]), "\x00"))
}

// total is how many runs there were.
func (s *slot) total() (n uint64) {
	for _, count := range s.Histogram {
		n += uint64(count)
	}
	return n
}

func (s *slot) count(r Run) {
	copy(s.Name[:], r.Operation)
	at := uint64(max(r.At.Unix(), 0))
	if s.First == 0 || at < s.First {
		s.First = at
	}
	s.Last = max(s.Last, at)
	took := max(r.Took, 0)
	s.Nanoseconds += uint64(took)
	s.Longest = max(s.Longest, uint64(took))
	s.Histogram.add(took)
	increase(&s.Succeeded, r.Succeeded)
	increase(&s.CacheAsked, r.CacheAsked || r.Cached)
	increase(&s.Cached, r.Cached)
	increase(&s.Native, r.Backend == "native")
	increase(&s.Command, r.Backend == "command")
	s.Recoveries += uint64(max(r.Recoveries, 0))
	increase(&s.Recovered, r.Recovered)
	if r.Estimated && r.EstimateError >= 0 && r.EstimateError < 1e6 {
		s.Estimates++
		s.EstimateError += uint64(r.EstimateError * 1e6)
	}
}

func increase(n *uint64, by bool) {
	if by {
		*n++
	}
}

// metrics is the slot as it is told.
func (s *slot) metrics() operation.OperationMetrics {
	total := s.total()
	m := operation.OperationMetrics{Operation: s.name(), OperationCounts: operation.OperationCounts{
		Succeeded: clamped(s.Succeeded), CacheAsked: clamped(s.CacheAsked), Cached: clamped(s.Cached),
		Native: clamped(s.Native), Command: clamped(s.Command),
		Recoveries: clamped(s.Recoveries), Recovered: clamped(s.Recovered), Estimates: clamped(s.Estimates),
		LongestDuration: milliseconds(time.Duration(clamped(s.Longest))),
		Histogram:       s.Histogram.buckets(),
	}, Total: clamped(total)}
	if total > 0 {
		m.AverageDuration = float64(s.Nanoseconds) / float64(total) / float64(time.Millisecond)
	}
	if s.Estimates > 0 {
		m.EstimateError = float64(s.EstimateError) / float64(s.Estimates) / 1e6
	}
	setQuantiles(&m.OperationCounts)
	return m
}

func clamped(n uint64) int { return int(min(n, math.MaxInt64)) }

// encode gives the bytes of a slot.
func (s *slot) encode() []byte {
	block := append(make([]byte, 0, slotSize), s.Name[:]...)
	for _, n := range s.numbers() {
		block = binary.LittleEndian.AppendUint64(block, *n)
	}
	for _, n := range s.Histogram {
		block = binary.LittleEndian.AppendUint32(block, n)
	}
	return sealed(block)
}

// sealed fills up a block and adds its checksum.
func sealed(content []byte) []byte {
	block := append(content, make([]byte, slotSize-len(content))...)
	binary.LittleEndian.PutUint32(block[slotSize-4:], crc32.ChecksumIEEE(block[:slotSize-4]))
	return block
}

func checks(block []byte) bool {
	return binary.LittleEndian.Uint32(block[slotSize-4:]) == crc32.ChecksumIEEE(block[:slotSize-4])
}

// decode reads a slot; used is false for a free one, ok for one that does not check.
func decode(block []byte) (s slot, used, ok bool) {
	if allZero(block) {
		return s, false, true
	}
	if !checks(block) {
		return s, false, false
	}
	block = block[copy(s.Name[:], block):]
	for _, n := range s.numbers() {
		*n, block = binary.LittleEndian.Uint64(block), block[8:]
	}
	for i := range s.Histogram {
		s.Histogram[i], block = binary.LittleEndian.Uint32(block), block[4:]
	}
	return s, true, s.name() != ""
}

func allZero(block []byte) bool { return len(bytes.TrimLeft(block, "\x00")) == 0 }

func header() []byte { return sealed([]byte(magic)) }
