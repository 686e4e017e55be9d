// Package buildtimes keeps how long builds took on this machine, how fast downloads came,
// and how much evaluations had to do, so that it can be told how long the next ones take.
//
//	file := buildtimes.File{Path: path}
//	db, err := file.Open(ctx)
//	err = db.Add(ctx, []buildtimes.Build{{Name: "linux-6.12.58", Took: took, Ended: now}})
//	known, err := db.Known(ctx, []string{"linux-6.12.59"})
//
// A build is kept under the name of its package: the name of the derivation without the
// version, since the next version takes about as long. Of each package the last [PerName]
// are kept, and at most [MostNames] packages, those that were built last.
//
// It is an SQLite database that only its owner can read. A damaged one is put aside, and a
// new one begun; nothing waits long for one that is busy. Whatever is wrong, an error means
// no more than that the past is not known: the work goes on.
package buildtimes

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/store"
)

// Bounds of what is kept.
const (
	PerName       = 10    // builds of a package
	MostNames     = 5_000 // packages
	mostTransfers = 50
	mostCounts    = 200
	longestName   = 200 // bytes
	// sample is of how many packages the usual time of any is found out.
	sample = 2000
)

// Build is a build that came to a good end.
type Build struct {
	Name  string // of the derivation, or of the package
	Took  time.Duration
	Ended time.Time
}

// Known is what the past says of packages.
type Known struct {
	// Seconds are how long builds of a package took, by [NameOf], the last one first.
	Seconds map[string][]float64
	// Usual are the medians of the packages that were built last, whichever they are.
	Usual []float64
	// Bandwidth are the bytes a second of the last downloads.
	Bandwidth []float64
}

// NameOf is what a build is kept under, by the name of its derivation.
func NameOf(derivation string) string {
	name, _ := store.SplitName(derivation)
	return name[:min(len(name), longestName)]
}

// DB is an open database. It is not safe for concurrent use.
type DB struct{ conn *sqlite.Conn }

// Close closes the database.
func (db *DB) Close() error { return db.conn.Close() }

// do runs f as a transaction that ends when ctx does.
func (db *DB) do(ctx context.Context, f func(*sqlite.Conn) error) (err error) {
	db.conn.SetInterrupt(ctx.Done())
	defer db.conn.SetInterrupt(nil)
	end, err := sqlitex.ImmediateTransaction(db.conn)
	if err != nil {
		return fmt.Errorf("build times: %w", err)
	}
	defer end(&err)
	if err = f(db.conn); err != nil {
		err = fmt.Errorf("build times: %w", err)
	}
	return err
}

// Add keeps builds.
func (db *DB) Add(ctx context.Context, builds []Build) error {
	if len(builds) == 0 {
		return nil
	}
	return db.do(ctx, func(c *sqlite.Conn) error { return add(c, builds) })
}

func add(c *sqlite.Conn, builds []Build) error {
	names := map[string]bool{}
	for _, b := range builds {
		name := NameOf(b.Name)
		if name == "" || b.Took < 0 {
			continue
		}
		names[name] = true
		if err := run(c, "insert into builds (name, ended, seconds) values (?, ?, ?)", name, b.Ended.Unix(), b.Took.Seconds()); err != nil {
			return err
		}
	}
	for name := range names {
		if err := settle(c, name); err != nil {
			return err
		}
	}
	const old = "(select name from packages order by ended desc, name limit -1 offset ?)"
	return errors.Join(
		run(c, "delete from builds where name in "+old, MostNames),
		run(c, "delete from packages where name in "+old, MostNames),
	)
}

// settle forgets the oldest builds of a package, and finds out the median.
func settle(c *sqlite.Conn, name string) error {
	err := run(c, "delete from builds where id in (select id from builds where name = ? order by ended desc, id desc limit -1 offset ?)", name, PerName)
	if err != nil {
		return err
	}
	seconds, err := numbers(c, "select seconds from builds where name = ?", name)
	if err != nil || len(seconds) == 0 {
		return err
	}
	return run(c, "insert or replace into packages (name, median, ended) select ?, ?, max(ended) from builds where name = ?", name, Median(seconds), name)
}

// AddTransfer keeps that so many bytes were downloaded in some time, at whose end it is now.
func (db *DB) AddTransfer(ctx context.Context, bytes int64, took time.Duration, now time.Time) error {
	if bytes <= 0 || took <= 0 {
		return nil
	}
	return db.do(ctx, func(c *sqlite.Conn) error {
		if err := run(c, "insert into transfers (ended, bytes, seconds) values (?, ?, ?)", now.Unix(), bytes, took.Seconds()); err != nil {
			return err
		}
		return run(c, "delete from transfers where id in (select id from transfers order by id desc limit -1 offset ?)", mostTransfers)
	})
}

// Known returns what the past says of derivations, by their names.
func (db *DB) Known(ctx context.Context, derivations []string) (known Known, err error) {
	known.Seconds = map[string][]float64{}
	err = db.do(ctx, func(c *sqlite.Conn) error {
		for _, name := range derivations {
			name = NameOf(name)
			if _, done := known.Seconds[name]; done {
				continue
			}
			seconds, err := numbers(c, "select seconds from builds where name = ? order by ended desc, id desc", name)
			if err != nil {
				return err
			}
			known.Seconds[name] = seconds
		}
		if known.Usual, err = numbers(c, "select median from packages order by ended desc limit ?", sample); err != nil {
			return err
		}
		known.Bandwidth, err = numbers(c, "select bytes / seconds from transfers order by id desc limit 10")
		return err
	})
	for name, seconds := range known.Seconds {
		if len(seconds) == 0 {
			delete(known.Seconds, name)
		}
	}
	return known, err
}

// SetCount keeps how much something had to do, such as an evaluation.
func (db *DB) SetCount(ctx context.Context, what string, count int64) error {
	return db.do(ctx, func(c *sqlite.Conn) error {
		// The one that was set last has the greatest id.
		if err := run(c, "insert or replace into counts (what, count) values (?, ?)", what, count); err != nil {
			return err
		}
		return run(c, "delete from counts where id in (select id from counts order by id desc limit -1 offset ?)", mostCounts)
	})
}

// Count is what was set last; 0 if nothing was.
func (db *DB) Count(ctx context.Context, what string) (count int64, err error) {
	err = db.do(ctx, func(c *sqlite.Conn) error {
		found, err := numbers(c, "select count from counts where what = ?", what)
		if len(found) > 0 {
			count = int64(found[0])
		}
		return err
	})
	return count, err
}

// All are all builds that are kept, by name and time.
func (db *DB) All(ctx context.Context) (builds []Build, err error) {
	err = db.do(ctx, func(c *sqlite.Conn) error {
		return sqlitex.Execute(c, "select name, ended, seconds from builds order by name, ended, id", &sqlitex.ExecOptions{
			ResultFunc: func(row *sqlite.Stmt) error {
				builds = append(builds, Build{
					Name: row.ColumnText(0), Ended: time.Unix(row.ColumnInt64(1), 0).UTC(), Took: time.Duration(row.ColumnFloat(2) * float64(time.Second)),
				})
				return nil
			},
		})
	})
	return builds, err
}

func run(c *sqlite.Conn, query string, args ...any) error {
	return sqlitex.Execute(c, query, &sqlitex.ExecOptions{Args: args})
}

func numbers(c *sqlite.Conn, query string, args ...any) (all []float64, err error) {
	err = sqlitex.Execute(c, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(row *sqlite.Stmt) error {
		if n := row.ColumnFloat(0); !math.IsNaN(n) && !math.IsInf(n, 0) {
			all = append(all, n)
		}
		return nil
	}})
	return all, err
}

// Median is the one in the middle, or between the two there; 0 of none.
func Median(numbers []float64) float64 {
	if len(numbers) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(numbers))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
