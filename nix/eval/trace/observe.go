package trace

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"luminousnix/nix/eval"
)

// failure is how reading something failed: an error number of the system, or
// denied. 0 is success.
type failure uint16

const (
	absent = failure(syscall.ENOENT)
	denied = opaque - 1         // by restricted evaluation
	opaque = failure(1<<16 - 1) // unlike all others and itself: never kept
)

// failureOf classifies err.
func failureOf(err error) failure {
	var number syscall.Errno
	var restricted *eval.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &number) && number > 0 && number < syscall.Errno(denied):
		return failure(number)
	case errors.Is(err, fs.ErrNotExist):
		return absent
	case errors.Is(err, fs.ErrPermission):
		return failure(syscall.EACCES)
	case errors.As(err, &restricted) && restricted.Kind == eval.KindRestricted:
		return denied
	}
	return opaque
}

// missing says that there is nothing at the path.
func (f failure) missing() bool { return f == absent || f == failure(syscall.ENOTDIR) }

// fileType is all that counts of what lstat says.
type fileType uint8

const (
	noFile fileType = iota
	regular
	executable
	directory
	symlink
	special
	fileTypes // their number
)

func fileTypeOf(mode fs.FileMode) fileType {
	switch mode.Type() {
	case 0:
		if mode&0o100 != 0 {
			return executable
		}
		return regular
	case fs.ModeDir:
		return directory
	case fs.ModeSymlink:
		return symlink
	}
	return special
}

// identity is what lstat says of a file or directory that changes when its content
// does. The zero value stands for none.
type identity struct {
	size         int64
	mtime, ctime int64 // nanoseconds of Unix time
	inode        uint64
	mode         uint32
}

func (id identity) known() bool { return id != identity{} }

// fileIdentity is the identity of a file of which length bytes were read, and
// listingIdentity of a directory. There is none for a file whose identity says
// nothing of its content.
func fileIdentity(path string, info fs.FileInfo, length int) identity {
	if info == nil || !info.Mode().IsRegular() || info.Size() != int64(length) || unreal(path) {
		return identity{}
	}
	return identityOf(info)
}

func listingIdentity(path string, info fs.FileInfo) identity {
	if info == nil || !info.IsDir() || unreal(path) {
		return identity{}
	}
	return identityOf(info)
}

// unreal says whether the path is where the kernel makes up files when they are
// read.
func unreal(path string) bool {
	for _, dir := range []string{"/proc", "/sys", "/dev"} {
		if rest, ok := strings.CutPrefix(path, dir); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}

// listingSum is a digest of the names and types in a directory, which are sorted.
func listingSum(entries []fs.DirEntry) sum {
	h := sha256.New()
	var line []byte
	for _, entry := range entries {
		line = append(line[:0], entry.Name()...)
		line = append(line, 0, listedType(entry.Type()))
		h.Write(line)
	}
	return sum(h.Sum(nil))
}

// listedType is the type that a listing tells: not whether a file is executable.
func listedType(mode fs.FileMode) byte {
	return byte(fileTypeOf(mode.Type()))
}

// variableOf is the input of a variable, of which no more than a digest is kept. A
// variable that is not set is like an empty one.
func variableOf(name, value string) input {
	if value == "" {
		return input{kind: Variable, name: name, failure: absent}
	}
	return input{kind: Variable, name: name, sum: sha256.Sum256([]byte(value))}
}
