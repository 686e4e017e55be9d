package buildtimes

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"
)

// mostImported bounds what is read of a file: 16 MiB are more than 200,000 builds.
const mostImported = 16 << 20

// Import takes the builds of this machine that nix-output-monitor has kept, if the file has
// changed since it was read last. It returns how many there were.
//
// Its file is $XDG_STATE_HOME/nix-output-monitor/build-reports.csv, with a head: hostname
// (empty for this machine), derivation name (that of the package, without a version), utc
// time (2006-01-02 15:04:05) and build seconds (whole ones).
func (db *DB) Import(ctx context.Context, path string) (n int, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, err
	}
	err = db.do(ctx, func(c *sqlite.Conn) error {
		same, err := numbers(c, "select 1 from imports where path = ? and size = ? and modified = ?", path, info.Size(), info.ModTime().UnixNano())
		if err != nil || len(same) > 0 {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		builds, err := reports(io.LimitReader(file, mostImported))
		if err != nil {
			return err
		}
		var fresh []Build
		for _, b := range builds {
			known, err := numbers(c, "select 1 from builds where name = ? and ended = ? and seconds = ?", NameOf(b.Name), b.Ended.Unix(), b.Took.Seconds())
			if err != nil {
				return err
			}
			if len(known) == 0 {
				fresh = append(fresh, b)
			}
		}
		n = len(fresh)
		if err := add(c, fresh); err != nil {
			return err
		}
		return run(c, "insert or replace into imports (path, size, modified) values (?, ?, ?)", path, info.Size(), info.ModTime().UnixNano())
	})
	return n, err
}

// reports reads a file of nix-output-monitor. Lines that are not understood are passed over.
func reports(from io.Reader) (builds []Build, err error) {
	lines := csv.NewReader(from)
	lines.FieldsPerRecord = -1
	head, err := lines.Read()
	if err != nil {
		return nil, fmt.Errorf("its head: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		at[strings.NewReplacer(" ", "", "_", "").Replace(strings.ToLower(name))] = i
	}
	for _, name := range []string{"hostname", "derivationname", "utctime", "buildseconds"} {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("it has no column %q", name)
		}
	}
	for {
		line, err := lines.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return builds, nil
		case errors.As(err, &syntax):
			continue
		case err != nil:
			return nil, err
		case len(line) != len(head) || line[at["hostname"]] != "":
			continue
		}
		ended, wrong := time.Parse(time.DateTime, line[at["utctime"]])
		seconds, wrong2 := strconv.ParseUint(line[at["buildseconds"]], 10, 31)
		if wrong == nil && wrong2 == nil && line[at["derivationname"]] != "" {
			builds = append(builds, Build{Name: line[at["derivationname"]], Took: time.Duration(seconds) * time.Second, Ended: ended})
		}
	}
}
