package trace

import (
	"io/fs"
	"syscall"
)

func identityOf(info fs.FileInfo) identity {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return identity{}
	}
	return identity{
		size:  stat.Size,
		mtime: stat.Mtim.Nano(),
		ctime: stat.Ctim.Nano(),
		inode: stat.Ino,
		mode:  stat.Mode,
	}
}
