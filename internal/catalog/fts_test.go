package catalog

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// BenchmarkFTS5 does the key presses of BenchmarkKeyPress, and asks SQLite's full-text
// search for the same, in turns. SQLite needs every word as it stands: it knows
// neither stems nor spelling nor meaning, and what it finds is not as good.
func BenchmarkFTS5(b *testing.B) {
	c := snapshotCatalog(b)
	presses := keyPresses(b, c, "all")
	search := ftsOf(b, c)
	var ours, theirs rounds
	for b.Loop() {
		ours.run(presses, pressIn(c))
		theirs.run(presses, search)
	}
	our, their := ours.spread(), theirs.spread()
	our.report(b, "")
	their.report(b, "fts5-")
	b.ReportMetric(their.at(0.5)/our.at(0.5), "times-faster-median")
	b.ReportMetric(their.at(0.99)/our.at(0.99), "times-faster-p99")
}

// ftsOf gives all entries of a catalogue to SQLite, and returns the search in it.
func ftsOf(b *testing.B, c *Catalog) (search func(text string)) {
	b.Helper()
	conn, err := sqlite.OpenConn(filepath.Join(b.TempDir(), "fts.sqlite"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	run := func(query string, args ...any) {
		if err := sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args}); err != nil {
			b.Fatal(err)
		}
	}
	run(`PRAGMA cache_size = -131072`) // room for all of it
	run(`CREATE VIRTUAL TABLE entry USING fts5(attribute, name, description, prefix = '2 3')`)
	run(`BEGIN`)
	for doc := range uint32(c.Len()) {
		e := c.image.entry(doc)
		run(`INSERT INTO entry VALUES (?, ?, ?)`, e.Attribute, e.Name, e.Description)
	}
	run(`COMMIT`)
	run(`INSERT INTO entry(entry) VALUES ('optimize')`)

	read := func(row *sqlite.Stmt) error {
		for column := range 3 {
			row.ColumnText(column)
		}
		return nil
	}
	return func(text string) {
		match := ftsQuery(text)
		if match == "" {
			return
		}
		err := sqlitex.Execute(conn, `SELECT attribute, name, description FROM entry WHERE entry MATCH ? ORDER BY rank LIMIT 20`,
			&sqlitex.ExecOptions{Args: []any{match}, ResultFunc: read})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// ftsQuery asks for all words of a text, of which the last may go on.
func ftsQuery(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return ""
	}
	return `"` + strings.Join(words, `" "`) + `"*`
}
