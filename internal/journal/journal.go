// Package journal reads what systemd's journal has of Nix and of switches of the
// system, through journalctl: the files of the journal are systemd's own.
package journal

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/process"
)

// units are those that switch the system, change the store, or serve it. With patterns
// only, of which none matches, journalctl would fail.
var units = [...]string{
	"nixos-rebuild-switch-to-configuration.service", "nixos-upgrade.service", "nix-daemon.service", "nix-gc.service",
	"nix-optimise.service", "luminous-nix*",
}

// Reader reads a journal.
type Reader struct {
	// Env is the environment of journalctl, which is found on its PATH.
	Env []string
	// Dir is the folder of the journal; "" is this machine's own journal.
	Dir string
}

// ErrNone means that this machine has no journal.
var ErrNone = errors.New("there is no journal of systemd here")

// Failures are the last warnings and errors, at most n, newest first, of the machine's
// current boot. The error is [ErrNone] where there is no journalctl.
func (r Reader) Failures(ctx context.Context, n int) ([]operation.JournalEntry, error) {
	argv := []string{"journalctl", "--no-pager", "--quiet", "--output=json", "--boot", "--priority=warning", "--lines=" + strconv.Itoa(n)}
	for _, unit := range units {
		argv = append(argv, "--unit="+unit)
	}
	if r.Dir != "" {
		argv = append(argv, "--directory="+r.Dir)
	}
	output, err := process.Run(ctx, process.Command{Argv: argv, Env: r.Env})
	if errors.Is(err, process.ErrNotFound) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	entries := parse(output)
	slices.Reverse(entries)
	return entries, nil
}

// parse reads lines of JSON. Those that are none are passed over.
func parse(output []byte) []operation.JournalEntry {
	entries := []operation.JournalEntry{}
	lines := bufio.NewScanner(bytes.NewReader(output))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Microseconds string          `json:"__REALTIME_TIMESTAMP"`
			Unit         string          `json:"UNIT"`          // that systemd speaks of
			Speaker      string          `json:"_SYSTEMD_UNIT"` // that speaks
			Message      json.RawMessage `json:"MESSAGE"`
		}
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		since, err := strconv.ParseInt(line.Microseconds, 10, 64)
		if err != nil {
			continue
		}
		entries = append(entries, operation.JournalEntry{
			Time: time.UnixMicro(since), Unit: cmp.Or(line.Unit, line.Speaker), Message: text(line.Message),
		})
	}
	return entries
}

// text is a field's text: journalctl writes what is not valid UTF-8 as a list of bytes.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var numbers []byte
	var list []int
	if json.Unmarshal(raw, &list) == nil {
		for _, n := range list {
			numbers = append(numbers, byte(n))
		}
	}
	return string(bytes.ToValidUTF8(numbers, []byte("�")))
}

// Unit is the end of what a unit has said since the machine was started, at most n
// lines; nothing where there is no journal.
func (r Reader) Unit(ctx context.Context, unit string, n int) []string {
	output, err := process.Run(ctx, process.Command{Env: r.Env, Argv: []string{
		"journalctl", "--no-pager", "--quiet", "--output=cat", "--boot", "--unit=" + unit, "--lines=" + strconv.Itoa(n),
	}})
	if err != nil || len(output) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(output), "\n"), "\n")
}
