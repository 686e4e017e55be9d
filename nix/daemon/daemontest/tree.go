package daemontest

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/nix/nar"
)

// canonicalise gives a tree the modes and the time that everything in a store
// has: read-only, and one second past 1970.
func canonicalise(path string) error {
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch info.Mode().Type() {
		case fs.ModeDir:
			err = os.Chmod(path, 0o755) // until it was walked
		case fs.ModeSymlink:
		case 0:
			mode := fs.FileMode(0o444)
			if info.Mode()&0o100 != 0 {
				mode = 0o555
			}
			err = os.Chmod(path, mode)
		default:
			return fail("file '%s' has an unsupported type", path)
		}
		if err != nil {
			return err
		}
		if info.IsDir() {
			return nil
		}
		return setTime(path)
	})
}

// seal does for directories what canonicalise does for all else; it comes last,
// since entries cannot be moved out of or into a directory that is sealed.
func seal(path string) error {
	return filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if err := os.Chmod(path, 0o555); err != nil {
			return err
		}
		return setTime(path)
	})
}

func setTime(path string) error {
	second := unix.Timespec{Sec: 1}
	return unix.UtimesNanoAt(unix.AT_FDCWD, path, []unix.Timespec{second, second}, unix.AT_SYMLINK_NOFOLLOW)
}

// removeTree removes a tree with read-only directories. It need not be there.
func removeTree(path string) error {
	err := filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return err
	})
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	return os.RemoveAll(path)
}

// diskUsage returns how many bytes of the disk a tree takes.
func diskUsage(path string) (bytes uint64) {
	filepath.WalkDir(path, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				bytes += uint64(stat.Blocks) * 512
			}
		}
		return nil
	})
	return bytes
}

// copyTree copies a tree, by way of an archive.
func copyTree(source, target string) error {
	r, w := io.Pipe()
	go func() { w.CloseWithError(nar.Pack(w, source)) }()
	defer r.Close()
	return nar.Unpack(r, target)
}
