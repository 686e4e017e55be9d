package resultcache

import (
	"context"
	"fmt"
	"hash/crc32"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/eval/trace"
)

// Entry is a kept result.
type Entry struct {
	Trace  *trace.Trace
	Result []byte

	id     int64
	digest []byte
	used   int64
}

// Lookup returns the results under a key, the newest first. Whether their inputs
// are as they were is not looked at; see [Cache.Find].
func (c *Cache) Lookup(ctx context.Context, key []byte) ([]Entry, error) {
	ids, err := c.ids(ctx, key)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, id := range ids {
		entry, err := c.entry(ctx, key, id)
		if err != nil {
			return nil, err
		}
		if entry != nil {
			entries = append(entries, *entry)
		}
	}
	return entries, nil
}

// ids returns what is under a key, the newest first.
func (c *Cache) ids(ctx context.Context, key []byte) ([]int64, error) {
	var ids []int64
	err := c.do(ctx, func(conn *sqlite.Conn) error {
		ids = nil
		return sqlitex.Execute(conn, "select id from entries where key = ? order by id desc", &sqlitex.ExecOptions{
			Args: []any{key},
			ResultFunc: func(row *sqlite.Stmt) error {
				ids = append(ids, row.ColumnInt64(0))
				return nil
			},
		})
	})
	return ids, err
}

// entry reads an entry, nil if it is gone. A spoilt one is deleted.
func (c *Cache) entry(ctx context.Context, key []byte, id int64) (entry *Entry, err error) {
	err = c.do(ctx, func(conn *sqlite.Conn) error {
		entry = nil
		spoilt := false
		err := sqlitex.Execute(conn, "select digest, used, checksum, trace, result from entries where id = ? and key = ?", &sqlitex.ExecOptions{
			Args: []any{id, key},
			ResultFunc: func(row *sqlite.Stmt) error {
				entry = readEntry(row, key, id)
				spoilt = entry == nil
				return nil
			},
		})
		if err == nil && spoilt {
			err = sqlitex.Execute(conn, "delete from entries where id = ?", &sqlitex.ExecOptions{Args: []any{id}})
		}
		return err
	})
	return entry, err
}

// readEntry reads the entry of a row, nil if it is not what was written.
func readEntry(row *sqlite.Stmt, key []byte, id int64) *Entry {
	e := &Entry{id: id, digest: column(row, 0), used: row.ColumnInt64(1), Result: column(row, 4), Trace: new(trace.Trace)}
	encoded := column(row, 3)
	if int64(checksum(key, e.digest, encoded, e.Result)) != row.ColumnInt64(2) {
		return nil
	}
	if err := e.Trace.UnmarshalBinary(encoded); err != nil {
		return nil
	}
	return e
}

func column(row *sqlite.Stmt, n int) []byte {
	b := make([]byte, row.ColumnLen(n))
	row.ColumnBytes(n, b)
	return b
}

// checksum notices what a power failure spoils.
func checksum(parts ...[]byte) uint32 {
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return h.Sum32()
}

// Clear deletes everything.
func (c *Cache) Clear(ctx context.Context) error {
	return c.do(ctx, func(conn *sqlite.Conn) error {
		if err := sqlitex.Execute(conn, "delete from entries", nil); err != nil {
			return err
		}
		return sqlitex.ExecuteTransient(conn, "vacuum", nil)
	})
}

// Stats is how much is kept.
type Stats struct {
	Entries int
	Bytes   int64 // of keys, traces and results
}

// Stats counts what is kept.
func (c *Cache) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	err := c.do(ctx, func(conn *sqlite.Conn) error {
		return sqlitex.Execute(conn, "select count(*), total(size) from entries", &sqlitex.ExecOptions{
			ResultFunc: func(row *sqlite.Stmt) error {
				s = Stats{row.ColumnInt(0), row.ColumnInt64(1)}
				return nil
			},
		})
	})
	return s, err
}
