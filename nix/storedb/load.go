package storedb

import (
	"context"

	"zombiezen.com/go/sqlite"

	"luminousnix/nix/store"
)

// Graph reads all of the store into memory.
func (db *DB) Graph(ctx context.Context) (*Graph, error) {
	return ask(ctx, db,
		func(conn *sqlite.Conn) (*Graph, error) { return db.load(conn) },
		func(d Daemon) (*Graph, error) { return daemonGraph(ctx, d, db.options.StoreDir) })
}

// load reads whole tables, in the order in which they are stored: a step of
// SQLite costs little more than 0.1 µs, but an ordering or a join ten times that.
func (db *DB) load(conn *sqlite.Conn) (*Graph, error) {
	count := 0
	if err := each(conn, "select count(*) from ValidPaths", nil, func(row *sqlite.Stmt) error {
		count = row.ColumnInt(0)
		return nil
	}); err != nil {
		return nil, err
	}
	l := newLoader(count)
	if err := each(conn, "select id, path, narSize, deriver from ValidPaths", nil, func(row *sqlite.Stmt) error {
		path, err := db.parse(row.ColumnText(1))
		l.rows[row.ColumnInt64(0)] = l.add(Object{path, row.ColumnInt64(2)}, row.ColumnText(3))
		return err
	}); err != nil {
		return nil, err
	}
	if err := each(conn, "select referrer, reference from Refs", nil, func(row *sqlite.Stmt) error {
		l.refer(row.ColumnInt64(0), row.ColumnInt64(1))
		return nil
	}); err != nil {
		return nil, err
	}
	if err := each(conn, "select drv, path from DerivationOutputs", nil, func(row *sqlite.Stmt) error {
		if drv, ok := l.rows[row.ColumnInt64(0)]; ok {
			l.output(drv, store.Path(row.ColumnText(1)))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return l.graph(db.options.StoreDir), nil
}

// daemonGraph asks for all valid paths, all their infos and the outputs of all
// derivations.
func daemonGraph(ctx context.Context, d Daemon, dir store.Dir) (*Graph, error) {
	paths, err := d.AllValidPaths(ctx)
	if err != nil {
		return nil, err
	}
	infos, err := d.PathInfos(ctx, paths)
	if err != nil {
		return nil, err
	}
	l := newLoader(len(infos))
	for _, info := range infos {
		if info != nil { // nil: collected since
			l.add(Object{info.Path, info.NarSize}, string(info.Deriver))
		}
	}
	for _, info := range infos {
		if info == nil {
			continue
		}
		from := l.nodes[info.Path]
		for _, reference := range info.References {
			if to, valid := l.nodes[reference]; valid {
				l.references = append(l.references, arc{from, to})
			}
		}
		if !isDerivation(info.Path) {
			continue
		}
		outputs, err := d.DerivationOutputs(ctx, info.Path)
		if err != nil {
			return nil, err
		}
		for _, path := range outputs {
			l.output(from, path)
		}
	}
	return l.graph(dir), nil
}

// loader collects a graph.
type loader struct {
	objects             []Object
	nodes               map[store.Path]node
	rows                map[int64]node // id in the database → node
	derivers            []string
	references, outputs []arc
	referrer            int64 // the last one, since its rows come together,
	from                node  // and its node
}

func newLoader(count int) *loader {
	return &loader{
		objects:    make([]Object, 0, count),
		nodes:      make(map[store.Path]node, count),
		rows:       make(map[int64]node, count),
		derivers:   make([]string, 0, count),
		references: make([]arc, 0, 5*count),
	}
}

func (l *loader) add(object Object, deriver string) node {
	n := node(len(l.objects))
	l.objects = append(l.objects, object)
	l.nodes[object.Path] = n
	l.derivers = append(l.derivers, deriver)
	return n
}

func (l *loader) refer(referrer, reference int64) {
	if referrer != l.referrer {
		l.referrer, l.from = referrer, l.rows[referrer]
	}
	if to, ok := l.rows[reference]; ok {
		l.references = append(l.references, arc{l.from, to})
	}
}

func (l *loader) output(drv node, path store.Path) {
	if to, valid := l.nodes[path]; valid {
		l.outputs = append(l.outputs, arc{drv, to})
	}
}

func (l *loader) graph(dir store.Dir) *Graph {
	derivers := make([]node, len(l.derivers))
	for i, deriver := range l.derivers {
		n, valid := l.nodes[store.Path(deriver)]
		if !valid {
			n = none
		}
		derivers[i] = n
	}
	return newGraph(dir, l.objects, l.nodes, derivers, l.references, l.outputs)
}
