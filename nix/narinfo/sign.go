package narinfo

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strings"

	"luminousnix/nix/store"
)

// ErrNothingToSign is the error of signing a path without a SHA-256 and a size
// of its archive, or of signing with no key.
var ErrNothingToSign = errors.New("the hash or the size of the archive, or the key, is missing")

// Sign returns the signature of the path, NAME:BASE64, which is always the same.
// It does not add it to info. Its error is [ErrNothingToSign].
func (k SecretKey) Sign(info *store.PathInfo) (string, error) {
	text, ok := fingerprint(info)
	if !ok || k.IsZero() {
		return "", fmt.Errorf("signing %s: %w", info.Path, ErrNothingToSign)
	}
	signature := ed25519.Sign(k.secret.key[:], []byte(text))
	return k.name + ":" + base64.StdEncoding.EncodeToString(signature), nil
}

// Verify returns those of the keys that signed the path, in the order of keys. A
// signature by a key of the same name that is another key is none, and neither
// is one that is malformed.
func Verify(info *store.PathInfo, keys []PublicKey) []PublicKey {
	text, ok := fingerprint(info)
	if !ok {
		return nil
	}
	var signed []PublicKey
	for _, key := range keys {
		if key.signed(text, info.Signatures) {
			signed = append(signed, key)
		}
	}
	return signed
}

// signed looks for a signature by k.
func (k PublicKey) signed(text string, signatures []string) bool {
	for _, s := range signatures {
		name, digits, ok := strings.Cut(s, ":")
		if !ok || name != k.name {
			continue
		}
		signature, ok := decodeBase64(digits)
		if ok && ed25519.Verify(k.key[:], []byte(text), signature) {
			return true
		}
	}
	return false
}

// fingerprint sorts the references, because signatures hang on their order, and
// says whether all is there that a signature must cover.
func fingerprint(info *store.PathInfo) (string, bool) {
	sorted := *info
	sorted.References = sortedSet(info.References)
	return sorted.Fingerprint(), info.NarHash.Algorithm() == store.SHA256 && info.NarSize > 0
}

// ContentAddressed says whether the path's name follows from its content address
// and references, so that it needs no signature. Whether the archive has the
// content that the address tells is for whoever unpacks it: the daemon checks it
// when it adds the path.
func ContentAddressed(info *store.PathInfo) bool {
	dir := store.Dir(path.Dir(string(info.Path)))
	if _, err := dir.Parse(string(info.Path)); err != nil || info.ContentAddress.IsZero() {
		return false
	}
	var references store.References
	for _, reference := range info.References {
		if reference == info.Path {
			references.Self = true
		} else {
			references.Others = append(references.Others, reference)
		}
	}
	made, err := dir.PathFor(info.Path.Name(), info.ContentAddress, references)
	return err == nil && made == info.Path
}
