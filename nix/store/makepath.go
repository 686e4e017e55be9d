package store

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// hashPartSize is the size of a store path's hash part in bytes, before nix32.
const hashPartSize = 20

// References are the store paths that a store object refers to.
type References struct {
	Others []Path // in any order
	Self   bool   // the object contains its own path
}

// IsEmpty says whether there are no references.
func (r References) IsEmpty() bool { return len(r.Others) == 0 && !r.Self }

// MakeError says why no store path can be made of a name.
type MakeError struct {
	Name string
	Why  string
	Err  error // a *ParseError of a reference, a *ContentAddressError, or nil
}

func (e *MakeError) Error() string {
	return fmt.Sprintf("no store path can be made for %q: %s", e.Name, e.Why)
}

func (e *MakeError) Unwrap() error { return e.Err }

// MakePath makes the store path of the given kind, hash and name, the step in
// which all others end: the hash part is the SHA-256 of
// "KIND:ALGORITHM:BASE16:DIRECTORY:NAME", folded to 20 bytes. Its error, and that
// of the methods below, is a [*MakeError].
func (d Dir) MakePath(kind string, h Hash, name string) (Path, error) {
	if why := checkNewName(name); why != "" {
		return "", &MakeError{Name: name, Why: why}
	}
	if h.IsZero() {
		return "", &MakeError{Name: name, Why: "there is no hash"}
	}
	var buffer [512]byte
	fingerprint := append(buffer[:0], kind...)
	fingerprint = append(append(append(fingerprint, ':'), h.algorithm...), ':')
	fingerprint = hex.AppendEncode(fingerprint, h.digest[:h.algorithm.Size()])
	fingerprint = append(append(append(fingerprint, ':'), d...), ':')
	fingerprint = append(fingerprint, name...)
	part := Hash{algorithm: SHA256, digest: sha256Digest(fingerprint)}.Compress(hashPartSize)
	return Path(string(d) + "/" + encodeNix32(part) + "-" + name), nil
}

// checkNewName is checkName for a path that is made. Names that are . or .. up to
// the first dash are left out: Nix 2.8 makes such paths, which is why they can be
// parsed, but later versions refuse them.
func checkNewName(name string) string {
	if first, _, _ := strings.Cut(name, "-"); first == "." || first == ".." {
		return fmt.Sprintf("the name may not begin with %q as its first part", first)
	}
	return checkName(name)
}

// TextPath makes the path of a text file with the SHA-256 h of its bytes, such
// as a derivation, whose name ends in .drv.
func (d Dir) TextPath(name string, h Hash, references []Path) (Path, error) {
	if h.Algorithm() != SHA256 {
		return "", &MakeError{Name: name, Why: "text is hashed with sha256"}
	}
	kind, err := d.kind("text", name, References{Others: references})
	if err != nil {
		return "", err
	}
	return d.MakePath(kind, h, name)
}

// SourcePath makes the path of a tree with the SHA-256 narHash of its archive.
func (d Dir) SourcePath(name string, narHash Hash, references References) (Path, error) {
	if narHash.Algorithm() != SHA256 {
		return "", &MakeError{Name: name, Why: "a source is hashed with sha256"}
	}
	kind, err := d.kind("source", name, references)
	if err != nil {
		return "", err
	}
	return d.MakePath(kind, narHash, name)
}

// FixedOutputPath makes the path of a flat, recursive or Git content address.
// Only a recursive one with sha256 may have references.
func (d Dir) FixedOutputPath(name string, ca ContentAddress, references References) (Path, error) {
	if err := checkFixed(name, ca); err != nil {
		return "", err
	}
	if ca.Method == Recursive && ca.Hash.Algorithm() == SHA256 {
		return d.SourcePath(name, ca.Hash, references)
	}
	if !references.IsEmpty() {
		return "", &MakeError{Name: name, Why: "only a recursive sha256 address may have references"}
	}
	method := ""
	switch ca.Method {
	case Recursive:
		method = "r:"
	case Git:
		method = "git:"
	}
	inner := "fixed:out:" + method + string(ca.Hash.Algorithm()) + ":" + ca.Hash.Base16() + ":"
	return d.MakePath("output:out", Sum(SHA256, []byte(inner)), name)
}

func checkFixed(name string, ca ContentAddress) error {
	why := ca.check()
	if ca.Method == Text {
		why = "the text method has no fixed output"
	}
	if why == "" {
		return nil
	}
	return &MakeError{Name: name, Why: why, Err: &ContentAddressError{Text: ca.String(), Why: why}}
}

// OutputPath makes the path of an output of a derivation, whose hash modulo
// fixed outputs is given. drvName is the derivation's name without .drv; outputs
// other than "out" have their own name added, as in openssl-3.0-dev.
func (d Dir) OutputPath(output string, modulo Hash, drvName string) (Path, error) {
	name := drvName
	if output != "out" {
		name += "-" + output
	}
	return d.MakePath("output:"+output, modulo, name)
}

// PathFor makes the path of any content address.
func (d Dir) PathFor(name string, ca ContentAddress, references References) (Path, error) {
	if ca.Method != Text {
		return d.FixedOutputPath(name, ca, references)
	}
	if references.Self {
		return "", &MakeError{Name: name, Why: "a text cannot refer to itself"}
	}
	return d.TextPath(name, ca.Hash, references.Others)
}

// kind adds the references to a kind of path: sorted, each once, self last.
func (d Dir) kind(kind, name string, references References) (string, error) {
	others := slices.Clone(references.Others)
	slices.Sort(others)
	parts := []string{kind}
	for _, p := range slices.Compact(others) {
		if _, err := d.Parse(string(p)); err != nil {
			return "", &MakeError{Name: name, Why: err.Error(), Err: err}
		}
		parts = append(parts, string(p))
	}
	if references.Self {
		parts = append(parts, "self")
	}
	return strings.Join(parts, ":"), nil
}
