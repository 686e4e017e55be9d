package migration

import (
	"bytes"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// Merge puts settings into a file of ours: what that is to be, and which of them it takes.
// What it has already stays as it is, and so does everything else in it, also comments.
// path is only for errors, that of a file which is no file of settings is code
// configuration.
func Merge(path string, before []byte, wanted []operation.TakenSetting) (after []byte, taken []operation.TakenSetting, dropped []operation.DroppedSetting, err error) {
	set, err := settings.In(path, before)
	if err != nil {
		return nil, nil, nil, err
	}
	after = before
	for _, w := range wanted {
		if value, ok := set[w.Setting]; ok {
			dropped = append(dropped, operation.DroppedSetting{File: w.File, Key: w.Key, Reason: w.Setting + " is " + strconv.Quote(value) + " in " + path + " already"})
			continue
		}
		after = insert(after, w)
		taken = append(taken, w)
	}
	if _, err := settings.In(path, after); err != nil {
		return nil, nil, nil, err
	}
	return after, taken, dropped, nil
}

// insert adds a line: below the head of its table, if that is written out, and else at the
// top, where a key may have a dot.
func insert(content []byte, w operation.TakenSetting) []byte {
	line := func(key string) []byte {
		return []byte(key + " = " + literal(w.To) + " # " + Name + ": " + printable(w.Key) + "\n")
	}
	if table, key, ok := strings.Cut(w.Setting, "."); ok {
		if at := below(content, table); at >= 0 {
			return bytes.Join([][]byte{content[:at], line(key), content[at:]}, nil)
		}
	}
	return append(line(w.Setting), content...)
}

// below is where the line after the head of a table begins, or -1. A head within a string
// of several lines is none, but then the result is no file of settings, and not written.
func below(content []byte, table string) int {
	at := 0
	for line := range bytes.Lines(content) {
		at += len(line)
		head, _, _ := strings.Cut(string(line), "#")
		if head = strings.TrimSpace(head); strings.HasPrefix(head, "[") && strings.TrimSpace(strings.Trim(head, "[]")) == table {
			if !bytes.HasSuffix(line, []byte("\n")) {
				return -1
			}
			return at
		}
	}
	return -1
}

// literal is a value in TOML. Those of the table are words and numbers.
func literal(value string) string {
	if _, err := strconv.Atoi(value); err == nil || value == "true" || value == "false" {
		return value
	}
	return strconv.Quote(value)
}

// printable is a key as it may stand in a comment.
func printable(key string) string {
	return strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return '?'
	}, key)
}
