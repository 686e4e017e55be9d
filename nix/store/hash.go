package store

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"

	"luminousnix/nix/store/internal/blake3"
)

// Algorithm is the name of a hash algorithm as Nix writes it.
type Algorithm string

// The algorithms of Nix. BLAKE3 is known since Nix 2.27, and experimental there.
// MD5 and SHA1 name old sources only.
const (
	MD5    Algorithm = "md5"
	SHA1   Algorithm = "sha1"
	SHA256 Algorithm = "sha256"
	SHA512 Algorithm = "sha512"
	BLAKE3 Algorithm = "blake3"
)

// maxDigest is the size of the longest digest, SHA512's.
const maxDigest = sha512.Size

// ParseAlgorithm checks that s is the name of an algorithm. Its error is a
// [*HashError].
func ParseAlgorithm(s string) (Algorithm, error) {
	if a := Algorithm(s); a.Size() > 0 {
		return a, nil
	}
	return "", &HashError{Text: s, Offset: -1, Why: notAlgorithm(s)}
}

func notAlgorithm(s string) string {
	return fmt.Sprintf("%q is no algorithm; there are md5, sha1, sha256, sha512 and blake3", s)
}

// Size returns the length of a digest in bytes, and 0 for an unknown algorithm.
func (a Algorithm) Size() int {
	switch a {
	case MD5:
		return md5.Size
	case SHA1:
		return sha1.Size
	case SHA256, BLAKE3:
		return sha256.Size
	case SHA512:
		return sha512.Size
	}
	return 0
}

// New returns a new computation of the hash. It panics for an algorithm that is
// not one of the constants; see [ParseAlgorithm].
func (a Algorithm) New() hash.Hash {
	switch a {
	case MD5:
		return md5.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	case BLAKE3:
		return blake3.New()
	}
	panic(fmt.Sprintf("store: unknown hash algorithm %q", string(a)))
}

// Hash is a digest together with its algorithm. Hashes can be compared with ==
// and be keys of maps. The zero value is no hash; see [Hash.IsZero].
type Hash struct {
	algorithm Algorithm
	digest    [maxDigest]byte // zero beyond the algorithm's size
}

// HashError says why a text or a digest is not a hash.
type HashError struct {
	Text   string // what was parsed
	Offset int    // index in Text of the character that is wrong, or -1
	Why    string
}

func (e *HashError) Error() string {
	return fmt.Sprintf("%q is not a hash: %s", e.Text, e.where())
}

// where is Why with the place, which counts from 1.
func (e *HashError) where() string {
	if e.Offset < 0 {
		return e.Why
	}
	return fmt.Sprintf("at character %d, %s", e.Offset+1, e.Why)
}

// NewHash makes a hash of a digest, which is copied. Its error is a
// [*HashError]: the algorithm is unknown, or the digest has not its size.
func NewHash(a Algorithm, digest []byte) (Hash, error) {
	if _, err := ParseAlgorithm(string(a)); err != nil {
		return Hash{}, err
	}
	if len(digest) != a.Size() {
		why := fmt.Sprintf("a digest of %s has %d bytes, not %d", a, a.Size(), len(digest))
		return Hash{}, &HashError{Text: hex.EncodeToString(digest), Offset: -1, Why: why}
	}
	h := Hash{algorithm: a}
	copy(h.digest[:], digest)
	return h, nil
}

// sha256Digest is the digest of data, which stays where it is.
func sha256Digest(data []byte) (digest [maxDigest]byte) {
	sum := sha256.Sum256(data)
	copy(digest[:], sum[:])
	return digest
}

// Sum hashes data. It panics for an unknown algorithm, like [Algorithm.New].
func Sum(a Algorithm, data []byte) Hash {
	if a == SHA256 { // nearly all are, and this needs no memory
		return Hash{algorithm: a, digest: sha256Digest(data)}
	}
	state := a.New()
	state.Write(data)
	h := Hash{algorithm: a}
	state.Sum(h.digest[:0])
	return h
}

// ParseHash parses a hash that names its algorithm: "sha256:" and the digest in
// base 16, nix32 or base 64, or the SRI form "sha256-" and base 64. Its error is
// a [*HashError].
func ParseHash(s string) (Hash, error) {
	i := strings.IndexAny(s, ":-")
	if i < 0 {
		return Hash{}, &HashError{Text: s, Offset: -1, Why: "it does not begin with an algorithm, as in sha256:… or sha256-…"}
	}
	a := Algorithm(s[:i])
	if a.Size() == 0 {
		return Hash{}, &HashError{Text: s, Offset: 0, Why: notAlgorithm(s[:i])}
	}
	h, wrong := parseDigest(a, s, i+1, s[i] == '-')
	if wrong != nil {
		return Hash{}, wrong
	}
	return h, nil
}

// ParseHashOf parses a hash whose algorithm is known: the digest alone in base
// 16, nix32 or base 64, or what [ParseHash] takes if it names the same algorithm.
// Its error is a [*HashError].
func ParseHashOf(a Algorithm, s string) (Hash, error) {
	if _, err := ParseAlgorithm(string(a)); err != nil {
		return Hash{}, err
	}
	if !strings.ContainsAny(s, ":-") {
		h, wrong := parseDigest(a, s, 0, false)
		if wrong != nil {
			return Hash{}, wrong
		}
		return h, nil
	}
	h, err := ParseHash(s)
	if err == nil && h.algorithm != a {
		return Hash{}, &HashError{Text: s, Offset: 0, Why: fmt.Sprintf("the algorithm is %s where %s is needed", h.algorithm, a)}
	}
	return h, err
}

// padded is base 64 with all of its padding: Nix does not miss it in the SRI form, and there
// are packages that do without some of it.
func padded(text string, size int) string {
	digits := strings.TrimRight(text, "=")
	if len(digits) != base64.RawStdEncoding.EncodedLen(size) || len(text) >= base64.StdEncoding.EncodedLen(size) {
		return text
	}
	return digits + strings.Repeat("=", base64.StdEncoding.EncodedLen(size)-len(digits))
}

// parseDigest parses s from the index start. Its error is about the whole of s,
// and has its own type so that callers can build on it.
func parseDigest(a Algorithm, s string, start int, sri bool) (Hash, *HashError) {
	text, size := s[start:], a.Size()
	if sri {
		text = padded(text, size)
	}
	enc, ok := encodingOf(len(text), size)
	if sri && (!ok || enc != base64Padded) {
		why := fmt.Sprintf("%s- is followed by %d characters of base 64, not %d", a, base64.StdEncoding.EncodedLen(size), len(text))
		return Hash{}, &HashError{Text: s, Offset: -1, Why: why}
	}
	if !ok {
		why := fmt.Sprintf("a digest of %s has %d characters in base 16, %d in nix32 or %d in base 64, not %d",
			a, hex.EncodedLen(size), nix32Length(size), base64.StdEncoding.EncodedLen(size), len(text))
		return Hash{}, &HashError{Text: s, Offset: -1, Why: why}
	}
	var (
		digest []byte
		at     int
		why    string
	)
	switch enc {
	case base16:
		digest, at, why = decodeBase16(text)
	case base32:
		digest, at, why = decodeNix32(text, size)
	case base64Padded:
		digest, at, why = decodeBase64(text, size)
	}
	if why != "" {
		return Hash{}, &HashError{Text: s, Offset: start + at, Why: why}
	}
	h := Hash{algorithm: a}
	copy(h.digest[:], digest)
	return h, nil
}

// Algorithm returns the algorithm, or "" for the zero value.
func (h Hash) Algorithm() Algorithm { return h.algorithm }

// Digest returns a copy of the digest, or an empty slice for the zero value.
func (h Hash) Digest() []byte { return append([]byte{}, h.digest[:h.algorithm.Size()]...) }

// IsZero says whether h is no hash.
func (h Hash) IsZero() bool { return h.algorithm == "" }

// Base16 returns the digest in lower-case hexadecimal, without the algorithm.
func (h Hash) Base16() string { return hex.EncodeToString(h.digest[:h.algorithm.Size()]) }

// Nix32 returns the digest in Nix's base 32, without the algorithm.
func (h Hash) Nix32() string { return encodeNix32(h.digest[:h.algorithm.Size()]) }

// Base64 returns the digest in padded base 64, without the algorithm.
func (h Hash) Base64() string {
	return base64.StdEncoding.EncodeToString(h.digest[:h.algorithm.Size()])
}

// SRI returns the form of Subresource Integrity, such as sha256-…=, or "" for
// the zero value.
func (h Hash) SRI() string {
	if h.IsZero() {
		return ""
	}
	return string(h.algorithm) + "-" + h.Base64()
}

// String returns the algorithm and the digest in nix32, such as sha256:…, or ""
// for the zero value.
func (h Hash) String() string {
	if h.IsZero() {
		return ""
	}
	return string(h.algorithm) + ":" + h.Nix32()
}

// MarshalText returns what [Hash.String] does. The zero value becomes an empty
// text.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText parses like [ParseHash]. An empty text becomes the zero value.
func (h *Hash) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*h = Hash{}
		return nil
	}
	parsed, err := ParseHash(string(text))
	if err != nil {
		return err
	}
	*h = parsed
	return nil
}

// Compress folds the digest to size bytes: byte i is added by XOR to byte i
// modulo size. Nix makes the hash part of a store path of 20 such bytes.
func (h Hash) Compress(size int) []byte {
	folded := make([]byte, size)
	for i, b := range h.digest[:h.algorithm.Size()] {
		folded[i%size] ^= b
	}
	return folded
}
