package store

import (
	"fmt"
	"strings"
)

// Method is how the content of a store object is hashed for its address.
type Method string

const (
	// Text is the hash of a single file that may refer to other store paths:
	// derivations and what builtins.toFile makes.
	Text Method = "text"
	// Flat is the hash of a single file's bytes: downloads.
	Flat Method = "flat"
	// Recursive is the hash of the archive (NAR) of a tree: sources.
	Recursive Method = "nar"
	// Git is the hash of Git's object for a tree; experimental in Nix.
	Git Method = "git"
)

// ContentAddress says what a store object that is named after its content must
// contain. The zero value is none.
type ContentAddress struct {
	Method Method
	Hash   Hash
}

// ContentAddressError says why a text is not a content address, or a content
// address is not one that Nix knows.
type ContentAddressError struct {
	Text string
	Why  string
	Err  error // a *HashError when the hash is what is wrong, or nil
}

func (e *ContentAddressError) Error() string {
	return fmt.Sprintf("%q is not a content address: %s", e.Text, e.Why)
}

func (e *ContentAddressError) Unwrap() error { return e.Err }

// ParseContentAddress parses text:sha256:…, fixed:ALGORITHM:… (flat),
// fixed:r:ALGORITHM:… (recursive) and fixed:git:ALGORITHM:…, where the digest
// may have any of the three encodings. Its error is a [*ContentAddressError].
func ParseContentAddress(s string) (ContentAddress, error) {
	method, start := splitMethod(s)
	if method == "" {
		return ContentAddress{}, &ContentAddressError{Text: s, Why: "it begins neither with text: nor with fixed:"}
	}
	colon := strings.IndexByte(s[start:], ':')
	if colon < 0 {
		return ContentAddress{}, &ContentAddressError{Text: s, Why: "it has no algorithm before the digest"}
	}
	a := Algorithm(s[start : start+colon])
	if a.Size() == 0 {
		wrong := &HashError{Text: s, Offset: start, Why: notAlgorithm(string(a))}
		return ContentAddress{}, &ContentAddressError{Text: s, Why: wrong.where(), Err: wrong}
	}
	h, wrong := parseDigest(a, s, start+colon+1, false)
	if wrong != nil {
		return ContentAddress{}, &ContentAddressError{Text: s, Why: wrong.where(), Err: wrong}
	}
	ca := ContentAddress{method, h}
	if why := ca.check(); why != "" {
		return ContentAddress{}, &ContentAddressError{Text: s, Why: why}
	}
	return ca, nil
}

// splitMethod returns the method and where the rest begins, or "".
func splitMethod(s string) (Method, int) {
	switch {
	case strings.HasPrefix(s, "text:"):
		return Text, len("text:")
	case strings.HasPrefix(s, "fixed:r:"):
		return Recursive, len("fixed:r:")
	case strings.HasPrefix(s, "fixed:git:"):
		return Git, len("fixed:git:")
	case strings.HasPrefix(s, "fixed:"):
		return Flat, len("fixed:")
	}
	return "", 0
}

// check returns why no Nix has such an address, or "".
func (ca ContentAddress) check() string {
	a := ca.Hash.Algorithm()
	switch ca.Method {
	case Text:
		if a != SHA256 {
			return fmt.Sprintf("text is hashed with sha256, not %q", string(a))
		}
	case Git:
		if a != SHA1 && a != SHA256 {
			return fmt.Sprintf("Git's objects are hashed with sha1 or sha256, not %q", string(a))
		}
	case Flat, Recursive:
		if a == "" {
			return "it has no hash"
		}
	default:
		return fmt.Sprintf("%q is no method; there are text, flat, nar and git", string(ca.Method))
	}
	return ""
}

// IsZero says whether there is no content address.
func (ca ContentAddress) IsZero() bool { return ca == ContentAddress{} }

// String returns the text that Nix keeps, with the digest in nix32, or "" for
// the zero value.
func (ca ContentAddress) String() string {
	switch ca.Method {
	case Text:
		return "text:" + ca.Hash.String()
	case Recursive:
		return "fixed:r:" + ca.Hash.String()
	case Git:
		return "fixed:git:" + ca.Hash.String()
	case Flat:
		return "fixed:" + ca.Hash.String()
	}
	return ""
}

// MarshalText returns what String does. The zero value becomes an empty text,
// as in Nix's protocols. Its error is a [*ContentAddressError]: the method or
// its algorithm is not one of Nix's.
func (ca ContentAddress) MarshalText() ([]byte, error) {
	if ca.IsZero() {
		return []byte{}, nil
	}
	if why := ca.check(); why != "" {
		return nil, &ContentAddressError{Text: ca.String(), Why: why}
	}
	return []byte(ca.String()), nil
}

// UnmarshalText parses like [ParseContentAddress]. An empty text becomes the
// zero value.
func (ca *ContentAddress) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*ca = ContentAddress{}
		return nil
	}
	parsed, err := ParseContentAddress(string(text))
	if err != nil {
		return err
	}
	*ca = parsed
	return nil
}
