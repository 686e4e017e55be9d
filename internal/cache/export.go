package cache

import "crypto/sha256"

// Answer is the answer that a file of a cache has, as it was put there; ok is false for a
// file that is none, or damaged.
func Answer(file []byte) (answer []byte, ok bool) {
	if len(file) < headerSize || [sha256.Size]byte(file) != sha256.Sum256(file[sha256.Size:]) {
		return nil, false
	}
	return file[headerSize:], true
}
