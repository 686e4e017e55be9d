package daemontest

import (
	"crypto/ed25519"
	"encoding/base64"
	"io"
	"os"
	"slices"
	"strings"

	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// vouched says whether a path needs no more trust: its name follows from its
// content, or somebody who is trusted has signed it.
func (s *Server) vouched(info *store.PathInfo) bool {
	if !info.ContentAddress.IsZero() {
		made, err := s.StoreDir.PathFor(info.Path.Name(), info.ContentAddress, referencesOf(info))
		if err == nil && made == info.Path {
			return true
		}
	}
	sorted := *info
	sorted.References = unique(info.References)
	fingerprint := []byte(sorted.Fingerprint())
	return slices.ContainsFunc(info.Signatures, func(signature string) bool {
		return slices.ContainsFunc(s.options.TrustedKeys, func(key string) bool {
			return verify(key, fingerprint, signature)
		})
	})
}

// verify checks a signature; it and the key are NAME:BASE64.
func verify(key string, text []byte, signature string) bool {
	keyName, keyData, _ := strings.Cut(key, ":")
	name, data, _ := strings.Cut(signature, ":")
	public, err := base64.StdEncoding.DecodeString(keyData)
	if err != nil || name != keyName || len(public) != ed25519.PublicKeySize {
		return false
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	return err == nil && ed25519.Verify(public, text, raw)
}

func referencesOf(info *store.PathInfo) (references store.References) {
	for _, p := range unique(info.References) {
		if p == info.Path {
			references.Self = true
		} else {
			references.Others = append(references.Others, p)
		}
	}
	return references
}

// checkAddress checks that a tree has the content that its address says.
// Addresses of trees that refer to themselves are believed, since their hashes
// leave those references out.
func (s *Server) checkAddress(tree string, info *store.PathInfo) error {
	ca := info.ContentAddress
	if ca.IsZero() || referencesOf(info).Self {
		return nil
	}
	got, err := hashContent(tree, ca.Method, ca.Hash.Algorithm())
	if err != nil {
		return err
	}
	if got != ca.Hash {
		return fail("ca hash mismatch importing path '%s';\n  specified: %s\n  got:       %s", info.Path, ca, store.ContentAddress{Method: ca.Method, Hash: got})
	}
	return nil
}

// hashContent hashes a tree as a content address of that method does.
func hashContent(tree string, method store.Method, algorithm store.Algorithm) (store.Hash, error) {
	digest := algorithm.New()
	switch method {
	case store.Git:
		return store.Hash{}, fail("experimental Nix feature '%s' is disabled", "git-hashing")
	case store.Recursive:
		if err := nar.Pack(digest, tree); err != nil {
			return store.Hash{}, err
		}
	default:
		info, err := os.Lstat(tree)
		if err != nil {
			return store.Hash{}, err
		}
		if !info.Mode().IsRegular() || info.Mode()&0o111 != 0 {
			return store.Hash{}, fail("output path '%s' should be a non-executable regular file since recursive hashing is not enabled (outputHashMode=flat)", tree)
		}
		file, err := os.Open(tree)
		if err != nil {
			return store.Hash{}, err
		}
		defer file.Close()
		if _, err := io.Copy(digest, file); err != nil {
			return store.Hash{}, err
		}
	}
	return store.NewHash(algorithm, digest.Sum(nil))
}

func (c *connection) addSignatures() error {
	p, signatures := c.path(), c.r.Texts()
	return c.work(func() error {
		c.objects.mu.Lock()
		defer c.objects.mu.Unlock()
		info := c.objects.valid[p]
		if info == nil {
			return notValid(p)
		}
		signed := *info
		signed.Signatures = append(slices.Clone(info.Signatures), signatures...)
		slices.Sort(signed.Signatures)
		signed.Signatures = slices.Compact(signed.Signatures)
		c.objects.valid[p] = &signed
		return nil
	}, ack)
}
