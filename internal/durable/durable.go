// Package durable has what was written reach the disk.
package durable

import (
	"errors"
	"os"
)

// SyncFolder waits until the disk has the names in a folder: a file that was renamed
// there is lost in a power cut otherwise, whatever was done about the file itself.
func SyncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
