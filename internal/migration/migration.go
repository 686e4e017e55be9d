// Package migration takes over the settings of nix-for-humanity, the program that ask-nix
// follows. [Find] reads its files, [Map] says what becomes of each setting, and why some
// become nothing, [Merge] puts them into a file of ours. [Kept] is how files were before,
// so that they can be put back byte for byte.
//
// The files of nix-for-humanity are config.yaml, config.json or config.toml in
// ~/.config/nix-for-humanity, in ~/.nix-for-humanity, which weighs more, and in
// /etc/nix-for-humanity. They are only read. table.txt has what they may say.
package migration

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"

	"luminousnix/internal/operation"
)

// Name is that of the folders in which nix-for-humanity has its files.
const Name = "nix-for-humanity"

// mostBytes is how large a file of settings may be.
const mostBytes = 1 << 20

// Setting is a setting of nix-for-humanity.
type Setting struct {
	File  string
	Key   string // a dot separates table and key
	Value string // "" of what is no single value, such as a list
}

// Find reads the settings of a folder; a nil slice means that there are none. Of several
// files the first counts, in the order of yaml, json and toml; the others are returned as
// passed over. The error is an [*operation.Error] with code configuration.
func Find(folder string) (found []Setting, passedOver []string, err error) {
	formats := []struct {
		name  string
		parse func([]byte) (any, error)
	}{{"config.yaml", parseYAML}, {"config.yml", parseYAML}, {"config.json", parseJSON}, {"config.toml", parseTOML}}
	for _, format := range formats {
		file := filepath.Join(folder, format.name)
		content, err := read(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && found != nil {
			passedOver = append(passedOver, file)
			continue
		}
		var document any
		if err == nil {
			document, err = format.parse(content)
		}
		if err == nil && !isTable(document) {
			err = errors.New("it is no table of settings")
		}
		if err != nil {
			return nil, nil, operation.Errorf(operation.CodeConfiguration, "reading %s: %w", file, err).
				WithHint("Correct the file, or move it away; it belongs to " + Name + ".")
		}
		found = flatten(file, "", document, []Setting{})
		slices.SortFunc(found, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
	}
	return found, passedOver, nil
}

// read reads a file, and nothing that may have no end.
func read(file string) ([]byte, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, errors.New("it is no regular file"))
	}
	content, err := io.ReadAll(io.LimitReader(f, mostBytes+1))
	if len(content) > mostBytes {
		return nil, fmt.Errorf("it has more than %s", operation.Size(mostBytes))
	}
	return content, err
}

func parseYAML(content []byte) (document any, err error) {
	return document, yaml.Unmarshal(content, &document)
}

func parseTOML(content []byte) (any, error) {
	var document map[string]any
	return document, toml.Unmarshal(content, &document)
}

func parseJSON(content []byte) (document any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err = decoder.Decode(&document); err == nil && decoder.More() {
		err = errors.New("there is more behind the table")
	}
	return document, err
}

// isTable reports whether a document may have settings; an empty one has none.
func isTable(document any) bool {
	switch document.(type) {
	case nil, map[string]any, map[any]any:
		return true
	}
	return false
}

// flatten appends the settings of a table, and of those in it.
func flatten(file, prefix string, value any, settings []Setting) []Setting {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			settings = flatten(file, prefix+key+".", inner, settings)
		}
		return settings
	case map[any]any: // YAML, where a key is no string
		for key, inner := range value {
			settings = flatten(file, prefix+fmt.Sprint(key)+".", inner, settings)
		}
		return settings
	}
	key := strings.TrimSuffix(prefix, ".")
	switch value := value.(type) {
	case nil, []any:
		if key != "" {
			settings = append(settings, Setting{file, key, ""})
		}
	default:
		settings = append(settings, Setting{file, key, fmt.Sprint(value)})
	}
	return settings
}
