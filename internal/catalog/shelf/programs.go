package shelf

import (
	"context"
	"fmt"
	"os"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// readPrograms reads the programs.sqlite of a channel, which command-not-found goes
// by: the programs of packages, by attribute, as far as they are built for a system.
// It is made from the files of all packages that the channel has built.
func readPrograms(ctx context.Context, file, system string) (map[string][]string, error) {
	programs := make(map[string][]string)
	err := readDatabase(ctx, file, func(conn *sqlite.Conn) error {
		return sqlitex.ExecuteTransient(conn, "select package, name from Programs where system = ? order by package, name", &sqlitex.ExecOptions{
			Args: []any{system},
			ResultFunc: func(row *sqlite.Stmt) error {
				attribute := row.ColumnText(0)
				programs[attribute] = append(programs[attribute], row.ColumnText(1))
				return nil
			},
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read the programs in %s: %w", file, err)
	}
	return programs, nil
}

func readDatabase(ctx context.Context, file string, read func(*sqlite.Conn) error) (err error) {
	if _, err := os.Stat(file); err != nil {
		return err // SQLite would only say that it cannot open it
	}
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadOnly)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetInterrupt(ctx.Done())
	if err := read(conn); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return err
	}
	return nil
}
