package eval

import (
	"io/fs"
	"path/filepath"
	"time"
)

// Overlay is inputs in which some files have another content, so that one can see what
// an edit would evaluate to before it is written. Files are known by their absolute
// paths without symbolic links. One that is not there is, for whoever opens it; lists
// of directories do not show it.
type Overlay struct {
	Inputs
	Files map[string][]byte
}

// ReadFile implements Inputs.
func (o Overlay) ReadFile(path string) ([]byte, error) {
	if content, ok := o.Files[path]; ok {
		return content, nil
	}
	return o.Inputs.ReadFile(path)
}

// Lstat implements Inputs.
func (o Overlay) Lstat(path string) (fs.FileInfo, error) {
	info, err := o.Inputs.Lstat(path)
	content, ok := o.Files[path]
	if !ok {
		return info, err
	}
	laid := overlaid{name: filepath.Base(path), size: int64(len(content)), mode: 0o644}
	if err == nil {
		laid.mode, laid.time = info.Mode().Perm(), info.ModTime()
	}
	return laid, nil
}

// overlaid is the information of a file of an overlay.
type overlaid struct {
	name string
	size int64
	mode fs.FileMode
	time time.Time
}

func (o overlaid) Name() string       { return o.name }
func (o overlaid) Size() int64        { return o.size }
func (o overlaid) Mode() fs.FileMode  { return o.mode }
func (o overlaid) ModTime() time.Time { return o.time }
func (o overlaid) IsDir() bool        { return false }
func (o overlaid) Sys() any           { return nil }
