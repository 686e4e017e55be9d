package resultcache

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"luminousnix/nix/eval/trace"
)

// Put keeps a result. What does not fit any more goes, the least recently used
// first. Its errors match [trace.ErrNotStorable] and [ErrTooLarge] besides those of
// the package's comment.
func (c *Cache) Put(ctx context.Context, key []byte, t *trace.Trace, result []byte) error {
	encoded, err := t.MarshalBinary()
	if err != nil {
		return err
	}
	size := int64(len(key) + len(encoded) + len(result))
	if size > c.maxBytes/2 {
		return fmt.Errorf("%w: %d bytes", ErrTooLarge, size)
	}
	digest := t.Digest()
	return c.do(ctx, func(conn *sqlite.Conn) (err error) {
		end, err := sqlitex.ImmediateTransaction(conn)
		if err != nil {
			return err
		}
		defer end(&err)
		if err := insert(conn, key, digest[:], encoded, result); err != nil {
			return err
		}
		return evict(conn, c.maxBytes)
	})
}

// insert adds a row, in the place of one that depends on the same.
func insert(conn *sqlite.Conn, key, digest, encoded, result []byte) error {
	err := sqlitex.Execute(conn, "delete from entries where key = ? and digest = ?", &sqlitex.ExecOptions{Args: []any{key, digest}})
	if err != nil {
		return err
	}
	err = sqlitex.Execute(conn, "insert into entries (key, digest, used, size, checksum, trace, result) values (?, ?, ?, ?, ?, ?, ?)", &sqlitex.ExecOptions{
		Args: []any{
			key, digest, time.Now().Unix(), len(key) + len(encoded) + len(result),
			checksum(key, digest, encoded, result), encoded, blob(result),
		},
	})
	if err != nil {
		return err
	}
	return sqlitex.Execute(conn, `delete from entries where key = ?1 and id not in
		(select id from entries where key = ?1 order by used desc, id desc limit ?2)`,
		&sqlitex.ExecOptions{Args: []any{key, alternatives}})
}

// blob is b, which must not be nil: that would be null.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// evict deletes the least recently used until the rest fits.
func evict(conn *sqlite.Conn, maxBytes int64) error {
	total := int64(0)
	err := sqlitex.Execute(conn, "select total(size) from entries", &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error {
			total = row.ColumnInt64(0)
			return nil
		},
	})
	if err != nil || total <= maxBytes {
		return err
	}
	var gone []int64
	err = sqlitex.Execute(conn, "select id, size from entries order by used, id", &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error {
			if total > maxBytes {
				gone = append(gone, row.ColumnInt64(0))
				total -= row.ColumnInt64(1)
			}
			return nil
		},
	})
	for _, id := range gone {
		if err == nil {
			err = sqlitex.Execute(conn, "delete from entries where id = ?", &sqlitex.ExecOptions{Args: []any{id}})
		}
	}
	return err
}

// Touch notes that an entry was used, and what its trace knows now if it was
// refreshed. Mostly nothing has to be written.
func (c *Cache) Touch(ctx context.Context, e Entry) error {
	now := time.Now().Unix()
	if !e.Trace.Refreshed() {
		if now-e.used < int64(touchInterval/time.Second) && now >= e.used {
			return nil
		}
		return c.do(ctx, func(conn *sqlite.Conn) error {
			return sqlitex.Execute(conn, "update entries set used = ? where id = ? and digest = ?",
				&sqlitex.ExecOptions{Args: []any{now, e.id, e.digest}})
		})
	}
	encoded, err := e.Trace.MarshalBinary()
	if err != nil {
		return err
	}
	return c.do(ctx, func(conn *sqlite.Conn) error { return refresh(conn, e, encoded, now) })
}

// refresh writes the trace of an entry, if it is still there.
func refresh(conn *sqlite.Conn, e Entry, encoded []byte, now int64) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	var key []byte
	err = sqlitex.Execute(conn, "select key from entries where id = ? and digest = ?", &sqlitex.ExecOptions{
		Args: []any{e.id, e.digest},
		ResultFunc: func(row *sqlite.Stmt) error {
			key = column(row, 0)
			return nil
		},
	})
	if err != nil || key == nil {
		return err
	}
	return sqlitex.Execute(conn, "update entries set used = ?, size = ?, checksum = ?, trace = ? where id = ?", &sqlitex.ExecOptions{
		Args: []any{
			now, len(key) + len(encoded) + len(e.Result),
			checksum(key, e.digest, encoded, e.Result), encoded, e.id,
		},
	})
}
