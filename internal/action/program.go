package action

import (
	"context"
	"fmt"

	"luminousnix/internal/catalog"
	"luminousnix/internal/operation"
)

// findProgram finds the packages that have a program. Without a listing of programs
// for all packages it is one that is known by its name, by what the package says is
// its main program, or by the hand-written list.
func findProgram(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	s, err := OpenSearcher(ctx, m, o)
	if err != nil {
		return Answer{}, err
	}
	defer s.Close()
	entries := s.book.WithProgram(string(args.Program))
	if err := s.book.Err(); err != nil {
		return Answer{}, err
	}
	data := operation.Found{
		Query: string(args.Program), Total: len(entries), Results: []operation.FoundEntry{}, Catalog: catalogueOf(s.book),
	}
	known := 0
	for i := range entries {
		why := "name"
		if hasProgram(&entries[i], string(args.Program)) {
			why = "program"
			known++
		}
		if i < rows(args) {
			data.Results = append(data.Results, s.row(&catalog.Hit{Entry: entries[i], Score: 1, Why: []string{why}}))
		}
	}
	answer := Answer{Data: &data, Warnings: s.Warnings(), Message: programMessage(string(args.Program), known, &data)}
	if len(data.Results) > 0 {
		answer.Suggestions = []string{"ask-nix info " + data.Results[0].Attribute}
	} else {
		answer.Suggestions = []string{"ask-nix search " + string(args.Program)}
	}
	return answer, nil
}

func hasProgram(e *catalog.Entry, program string) bool {
	if e.MainProgram == program {
		return true
	}
	for _, name := range e.Programs {
		if name == program {
			return true
		}
	}
	return false
}

func programMessage(program string, known int, data *operation.Found) string {
	switch {
	case len(data.Results) == 0:
		return fmt.Sprintf("No package is known to have the program %s.", program)
	case known == 0:
		return fmt.Sprintf("No package is known to have the program %s; this is what has its name.", program)
	case known == 1:
		return fmt.Sprintf("The package %s has the program %s.", data.Results[0].Attribute, program)
	}
	return fmt.Sprintf("%d packages have the program %s.", known, program)
}
