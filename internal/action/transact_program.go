package action

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ownProgram is a copy of ourselves that nobody changes or removes while a job runs:
// the file itself where that is in the store, else a copy beside the journal of
// switches. Copies of other versions are removed.
func (m *Machine) ownProgram() (string, error) {
	if strings.HasPrefix(m.Program, string(m.Host.StoreDir)+"/") {
		return m.Program, nil
	}
	file, err := os.Open("/proc/self/exe")
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	dir := filepath.Join(m.Host.SystemState(), "bin")
	program := filepath.Join(dir, "ask-nix-"+hex.EncodeToString(hash.Sum(nil)[:8]))
	if _, err := os.Stat(program); !errors.Is(err, fs.ErrNotExist) {
		return program, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	others, err := filepath.Glob(filepath.Join(dir, "ask-nix-*"))
	if err != nil {
		return "", err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	if err := copyProgram(program, file); err != nil {
		return "", err
	}
	for _, other := range others {
		_ = os.Remove(other) // whatever runs goes on
	}
	return program, nil
}

func copyProgram(name string, from io.Reader) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".ask-nix-")
	if err != nil {
		return err
	}
	_, err = io.Copy(file, from)
	err = errors.Join(err, file.Chmod(0o755), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
