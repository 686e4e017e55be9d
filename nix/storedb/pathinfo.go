package storedb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zombiezen.com/go/sqlite"

	"luminousnix/nix/store"
)

const pathInfoQuery = `
	select hash, registrationTime, coalesce(deriver, ''), coalesce(narSize, 0), coalesce(ultimate, 0), coalesce(sigs, ''), coalesce(ca, '')
	from ValidPaths where path = ?1`

const referencedQuery = `
	select path from ValidPaths
	where id in (select reference from Refs where referrer = (select id from ValidPaths where path = ?1))
	order by path`

// PathInfo returns all that Nix keeps about a valid path. The error is a
// [*store.NotValidError] when the store does not have the path.
func (db *DB) PathInfo(ctx context.Context, path store.Path) (*store.PathInfo, error) {
	info, err := ask(ctx, db,
		func(conn *sqlite.Conn) (*store.PathInfo, error) { return db.pathInfo(conn, path) },
		func(d Daemon) (*store.PathInfo, error) {
			infos, err := d.PathInfos(ctx, []store.Path{path})
			if err != nil {
				return nil, err
			}
			return infos[0], nil
		})
	if err == nil && info == nil {
		return nil, &store.NotValidError{Path: path}
	}
	return info, err
}

func (db *DB) pathInfo(conn *sqlite.Conn, path store.Path) (info *store.PathInfo, err error) {
	err = each(conn, pathInfoQuery, []any{string(path)}, func(row *sqlite.Stmt) (err error) {
		info, err = db.readPathInfo(row, path)
		return err
	})
	if err != nil || info == nil {
		return nil, err
	}
	info.References, err = db.paths(conn, referencedQuery, path)
	return info, err
}

func (db *DB) readPathInfo(row *sqlite.Stmt, path store.Path) (*store.PathInfo, error) {
	info := &store.PathInfo{
		Path:       path,
		Registered: time.Unix(row.ColumnInt64(1), 0),
		NarSize:    row.ColumnInt64(3),
		Ultimate:   row.ColumnInt64(4) == 1,
		Signatures: strings.Fields(row.ColumnText(5)),
	}
	var err error
	if info.NarHash, err = store.ParseHash(row.ColumnText(0)); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrUnsupported, path, err)
	}
	if deriver := row.ColumnText(2); deriver != "" {
		if info.Deriver, err = db.parse(deriver); err != nil {
			return nil, err
		}
	}
	if ca := row.ColumnText(6); ca != "" {
		if info.ContentAddress, err = store.ParseContentAddress(ca); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrUnsupported, path, err)
		}
	}
	return info, nil
}
