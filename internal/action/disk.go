package action

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

func diskUsage(ctx context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	var data operation.Disk
	for _, path := range []string{string(m.Host.StoreDir), m.Host.Path("boot")} {
		fileSystem, err := space(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not every machine has a /boot, or a store
		}
		if err != nil {
			return Answer{}, err
		}
		data.FileSystems = append(data.FileSystems, fileSystem)
	}
	if len(data.FileSystems) == 0 || data.FileSystems[0].Path != string(m.Host.StoreDir) {
		return Answer{}, operation.Errorf(operation.CodeNotFound, "there is no Nix store at %s", m.Host.StoreDir).
			WithHint("Install Nix, or set NIX_STORE_DIR to where the store is.")
	}
	usage, err := m.Backend.Usage(ctx)
	if err != nil {
		return Answer{}, err
	}
	data.StorePaths, data.StoreBytes = usage.Paths, usage.NarSize
	return Answer{
		Message: fmt.Sprintf("%s free of %s; the store holds %d paths of %s.", operation.Size(data.FileSystems[0].Free),
			operation.Size(data.FileSystems[0].Total), usage.Paths, operation.Size(usage.NarSize)),
		Data:        &data,
		Suggestions: []string{"ask-nix clean-up --dry-run"},
	}, nil
}

func space(path string) (operation.FileSystem, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return operation.FileSystem{}, fmt.Errorf("asking for the space of %s: %w", path, err)
	}
	block := stat.Frsize
	if block == 0 {
		block = stat.Bsize
	}
	return operation.FileSystem{
		Path:  path,
		Total: int64(stat.Blocks) * block,
		Used:  int64(stat.Blocks-stat.Bfree) * block,
		Free:  int64(stat.Bavail) * block,
	}, nil
}
