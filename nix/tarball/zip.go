package tarball

import (
	"archive/zip"
	"io"
	"io/fs"
	"os"
)

// maxTarget is how long the target of a symbolic link may be.
const maxTarget = 4096

// readZip adds what is in a zip file.
func (b *builder) readZip(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	r, err := zip.NewReader(file, info.Size())
	if err != nil {
		return readError(err, "zip")
	}
	for _, member := range r.File {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		if err := b.addMember(member); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) addMember(member *zip.File) error {
	mode := member.Mode()
	if mode.IsDir() {
		return b.add(member.Name, &node{kind: fs.ModeDir})
	}
	content, err := member.Open()
	if err != nil {
		return readError(err, "zip: "+member.Name)
	}
	defer content.Close()
	switch mode.Type() {
	case fs.ModeSymlink:
		target, err := io.ReadAll(io.LimitReader(content, maxTarget+1))
		if err != nil {
			return readError(err, "zip: "+member.Name)
		}
		if len(target) > maxTarget {
			return &EntryError{member.Name, "is a link with too long a target"}
		}
		return b.add(member.Name, &node{kind: fs.ModeSymlink, target: string(target)})
	case 0:
		return b.addFile(member.Name, mode&0o100 != 0, contextReader{b.ctx, content})
	}
	return &EntryError{member.Name, "is neither a file, a link nor a directory"}
}
