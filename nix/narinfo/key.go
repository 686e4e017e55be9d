package narinfo

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// PublicKey verifies signatures. It prints as NAME:BASE64, the form of Nix's
// setting trusted-public-keys. Public keys can be compared with ==.
type PublicKey struct {
	name string
	key  [ed25519.PublicKeySize]byte
}

// SecretKey signs. Nothing prints it by accident: formatted in any way it gives
// its name only, and inside of another value not even that. [SecretKey.Secret]
// is its text.
type SecretKey struct {
	name   string
	secret *secret
}

// secret hides the key behind a second pointer, because fmt does not follow
// pointers inside of a value, but does follow one for a verb that does not suit.
type secret struct{ key *[ed25519.PrivateKeySize]byte }

func newSecret(key ed25519.PrivateKey) *secret {
	digits := [ed25519.PrivateKeySize]byte(key)
	return &secret{&digits}
}

// KeyError says why a text is not a key, or a name not a key's. It never holds
// any of the text.
type KeyError struct {
	Secret bool // whether it was to be a secret key
	Why    string
}

func (e *KeyError) Error() string {
	kind := "public"
	if e.Secret {
		kind = "secret"
	}
	return "not a " + kind + " key: " + e.Why
}

// GenerateKey makes a new key. Signatures carry its name, by convention the host
// name of the cache and a number, such as cache.example.org-1. Its error is a
// [*KeyError] about the name.
func GenerateKey(name string) (SecretKey, error) {
	if why := checkKeyName(name); why != "" {
		return SecretKey{}, &KeyError{Secret: true, Why: why}
	}
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return SecretKey{}, err
	}
	return SecretKey{name, newSecret(key)}, nil
}

// ParseSecretKey parses the content of a file that GenerateKey's Secret, or `nix
// key generate-secret`, was written to: NAME:BASE64, of 64 bytes of which the
// last 32 are the public key. White space around it is allowed. Its error is a
// [*KeyError].
func ParseSecretKey(text string) (SecretKey, error) {
	name, digits, why := splitKey(text, ed25519.PrivateKeySize)
	if why == "" {
		// Signing with a wrong public half would give the secret away.
		key := ed25519.NewKeyFromSeed(digits[:ed25519.SeedSize])
		if key.Equal(ed25519.PrivateKey(digits)) {
			return SecretKey{name, newSecret(key)}, nil
		}
		why = "its public half does not belong to its secret half"
	}
	return SecretKey{}, &KeyError{Secret: true, Why: why}
}

// ParsePublicKey parses NAME:BASE64, of 32 bytes. White space around it is
// allowed. Its error is a [*KeyError].
func ParsePublicKey(text string) (PublicKey, error) {
	name, digits, why := splitKey(text, ed25519.PublicKeySize)
	if why != "" {
		return PublicKey{}, &KeyError{Why: why}
	}
	return PublicKey{name, [ed25519.PublicKeySize]byte(digits)}, nil
}

// splitKey takes a text apart. What it says of a wrong one has nothing of it.
func splitKey(text string, size int) (name string, key []byte, why string) {
	name, digits, ok := strings.Cut(strings.TrimSpace(text), ":")
	if !ok {
		return "", nil, "it has no colon between a name and the key"
	}
	if why := checkKeyName(name); why != "" {
		return "", nil, why
	}
	key, ok = decodeBase64(digits)
	if !ok {
		return "", nil, "what follows the name is not base 64"
	}
	if len(key) != size {
		return "", nil, fmt.Sprintf("it has %d bytes, not %d", len(key), size)
	}
	return name, key, ""
}

// checkKeyName returns why no key may have the name, or "": settings separate
// keys by white space, and a signature ends its name with a colon.
func checkKeyName(name string) string {
	switch {
	case name == "":
		return "its name is empty"
	case strings.ContainsRune(name, ':'):
		return "its name has a colon"
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }):
		return "its name has white space or a control character"
	}
	return ""
}

// decodeBase64 does not need the padding, as Nix does not.
func decodeBase64(s string) ([]byte, bool) {
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return data, err == nil
}

// Name returns the key's name.
func (k PublicKey) Name() string { return k.name }

// String returns NAME:BASE64, or "" for the zero value.
func (k PublicKey) String() string {
	if k.name == "" {
		return ""
	}
	return k.name + ":" + base64.StdEncoding.EncodeToString(k.key[:])
}

// Name returns the key's name.
func (k SecretKey) Name() string { return k.name }

// IsZero says whether k is no key.
func (k SecretKey) IsZero() bool { return k.secret == nil }

// Secret returns NAME:BASE64, the text for a file that nobody else may read, or
// "" for the zero value.
func (k SecretKey) Secret() string {
	if k.IsZero() {
		return ""
	}
	return k.name + ":" + base64.StdEncoding.EncodeToString(k.secret.key[:])
}

// Public returns the key that verifies what k signs.
func (k SecretKey) Public() PublicKey {
	if k.IsZero() {
		return PublicKey{}
	}
	return PublicKey{k.name, [ed25519.PublicKeySize]byte(k.secret.key[ed25519.SeedSize:])}
}

// String returns the key's name and none of its secret.
func (k SecretKey) String() string { return "secret key " + k.name }

// Format prints what String returns, whatever the verb.
func (k SecretKey) Format(f fmt.State, _ rune) { io.WriteString(f, k.String()) }
