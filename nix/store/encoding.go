package store

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
)

// encoding is a way to write a digest as text. For any one algorithm the three
// encodings differ in length, which is how a reader tells them apart.
type encoding int

const (
	base16 encoding = iota
	base32
	base64Padded
)

// nix32Length is the number of digits for size bytes.
func nix32Length(size int) int { return (size*8 + 4) / 5 }

// encodeNix32 writes the digest as one number, the first byte being its least
// significant, with the most significant digit first.
func encodeNix32(digest []byte) string {
	digits := make([]byte, nix32Length(len(digest)))
	for i := range digits {
		bit := (len(digits) - 1 - i) * 5
		at, shift := bit/8, bit%8
		five := uint(digest[at]) >> shift
		if at+1 < len(digest) {
			five |= uint(digest[at+1]) << (8 - shift)
		}
		digits[i] = nix32[five&31]
	}
	return string(digits)
}

// decodeNix32 is the reverse of encodeNix32. When it fails, why is not "" and at
// is the index of the character that is wrong.
func decodeNix32(s string, size int) (digest []byte, at int, why string) {
	digest = make([]byte, size)
	for i := range len(s) {
		value := strings.IndexByte(nix32, s[i])
		if value < 0 {
			return nil, i, fmt.Sprintf("%s is no digit of nix32", quoteByte(s[i]))
		}
		bit := (len(s) - 1 - i) * 5
		low, shift := bit/8, bit%8
		digest[low] |= byte(value << shift)
		carry := value >> (8 - shift)
		if low+1 < size {
			digest[low+1] |= byte(carry)
		} else if carry != 0 {
			return nil, i, fmt.Sprintf("%s makes the number larger than %d bits", quoteByte(s[i]), size*8)
		}
	}
	return digest, 0, ""
}

func decodeBase16(s string) (digest []byte, at int, why string) {
	for i := range len(s) {
		if c := s[i]; !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
			return nil, i, fmt.Sprintf("%s is no digit of base 16", quoteByte(c))
		}
	}
	digest, err := hex.DecodeString(s)
	if err != nil {
		return nil, 0, err.Error()
	}
	return digest, 0, ""
}

// decodeBase64 wants the padding, and zero bits where the last digit has more
// than the digest needs, so that a digest has only one text.
func decodeBase64(s string, size int) (digest []byte, at int, why string) {
	body := (size*8 + 5) / 6
	for i := range len(s) {
		switch padding := i >= body; {
		case padding && s[i] != '=':
			return nil, i, fmt.Sprintf("%s stands where the padding '=' must be", quoteByte(s[i]))
		case !padding && !isBase64Byte(s[i]):
			return nil, i, fmt.Sprintf("%s is no digit of base 64", quoteByte(s[i]))
		}
	}
	digest, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil { // all characters are right: only the last digit's bits are left
		return nil, body - 1, fmt.Sprintf("%s has bits that the digest has no room for", quoteByte(s[body-1]))
	}
	return digest, 0, ""
}

func isBase64Byte(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// encodingOf tells the encoding of a digest of size bytes from its length.
func encodingOf(length, size int) (encoding, bool) {
	switch length {
	case hex.EncodedLen(size):
		return base16, true
	case nix32Length(size):
		return base32, true
	case base64.StdEncoding.EncodedLen(size):
		return base64Padded, true
	}
	return 0, false
}

// quoteByte shows one byte of a text, which need not be UTF-8.
func quoteByte(c byte) string {
	if c < 0x80 {
		return fmt.Sprintf("%q", rune(c))
	}
	return fmt.Sprintf("byte 0x%02x", c)
}
