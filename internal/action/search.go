package action

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
)

func searchPackages(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	s, err := OpenSearcher(ctx, m, o)
	if err != nil {
		return Answer{}, err
	}
	defer s.Close()
	found, err := s.find(args)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Data: &found, Message: foundMessage(args, &found), Warnings: s.Warnings()}
	switch {
	case len(found.Results) > 0:
		answer.Suggestions = nextAfterSearch(args, &found)
		if renamed, ok := s.book.Renamed(string(args.Query)); ok && found.Results[0].Attribute != renamed.Old {
			answer.Warnings = append(answer.Warnings, renameMessage(renamed))
		}
	case args.Offset == 0:
		s.explainNothing(string(args.Query), &answer)
	}
	return answer, nil
}

func searchOptions(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	args.Kind = operation.KindOption
	return searchPackages(ctx, m, args, o)
}

func foundMessage(args operation.Arguments, found *operation.Found) string {
	what := map[string]string{
		"": "packages and options", operation.KindPackage: "packages", operation.KindOption: "options",
	}[args.Kind]
	if found.Set != "" {
		what = "packages in " + found.Set
	}
	shown, query := len(found.Results), shortened(string(args.Query))
	switch {
	case found.Total == 0:
		return fmt.Sprintf("Nothing was found for %q.", query)
	case shown == 0:
		return fmt.Sprintf("There are only %d %s for %q.", found.Total, what, query)
	case found.Total == 1:
		return fmt.Sprintf("One hit for %q.", query)
	case found.Offset > 0:
		return fmt.Sprintf("%d %s for %q, from %d to %d.", found.Total, what, query, found.Offset+1, found.Offset+shown)
	case shown == found.Total:
		return fmt.Sprintf("%d %s for %q.", found.Total, what, query)
	}
	return fmt.Sprintf("%d %s for %q, the best %d.", found.Total, what, query, shown)
}

// shortened cuts what somebody typed to what fits on a line.
func shortened(query string) string {
	const most = 60
	if len(query) <= most {
		return query
	}
	return strings.ToValidUTF8(query[:most], "") + "…"
}

func nextAfterSearch(args operation.Arguments, found *operation.Found) []string {
	next := []string{"ask-nix info " + found.Results[0].Attribute}
	if strings.ContainsFunc(string(args.Query), isSpecial) {
		return next // it would have to be quoted
	}
	shown := found.Offset + len(found.Results)
	if found.Total > shown {
		next = append(next, fmt.Sprintf("ask-nix search %s --offset %d", args.Query, shown))
	}
	if found.Results[0].Variants > 0 && !args.Variants {
		next = append(next, fmt.Sprintf("ask-nix search %s --variants", args.Query))
	}
	return next
}

// isSpecial reports whether a shell or the command line would take a character for
// something else.
func isSpecial(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .+_", r)
}

// A Searcher answers searches from an open catalogue, with what is known of this
// machine. It may be asked by one goroutine at a time.
type Searcher struct {
	machine *Machine
	book    *shelf.Book
	newer   *shelf.Book // nil if there is none

	installed *inventory
	values    *definitions
}

// OpenSearcher opens the catalogue.
func OpenSearcher(ctx context.Context, m *Machine, o operation.Observer) (*Searcher, error) {
	book, err := m.Shelf.Open(ctx, indexProgress(o))
	if err != nil {
		return nil, err
	}
	return &Searcher{machine: m, book: book, newer: m.Shelf.OpenNewer(book), installed: readInventory(ctx, m)}, nil
}

// indexProgress tells an observer how far the building of an index is.
func indexProgress(o operation.Observer) func(done, total int64) {
	started := false
	return func(done, total int64) {
		if !started {
			started = true
			o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "index", Text: "Building the index of packages and options, once"})
		}
		o.Observe(operation.Event{Kind: operation.EventProgress, Unit: operation.Bytes, Done: done, Expected: total})
	}
}

// Close closes the catalogues.
func (s *Searcher) Close() {
	s.book.Close()
	if s.newer != nil {
		s.newer.Close()
	}
}

// Warnings tell which catalogues could not be used.
func (s *Searcher) Warnings() (all []string) {
	for _, d := range s.book.Damaged {
		all = append(all, fmt.Sprintf("the catalogue %q cannot be used: %v; `ask-nix catalog %s` makes it anew",
			d.Role, d.Err, map[shelf.Role]string{shelf.Installed: "build", shelf.Newest: "update"}[d.Role]))
	}
	return all
}

// Search finds packages and options for a picker.
func (s *Searcher) Search(query string, limit int) (operation.Found, error) {
	return s.find(operation.Arguments{Query: operation.Query(query), Limit: limit})
}

func (s *Searcher) find(args operation.Arguments) (operation.Found, error) {
	found := operation.Found{Query: string(args.Query), Offset: args.Offset, Results: []operation.FoundEntry{}, Catalog: catalogueOf(s.book)}
	results, err := s.results(catalog.Query{
		Text: string(args.Query), Limit: rows(args), Offset: args.Offset, Unfolded: args.Variants,
		Only:   map[string]catalog.Only{operation.KindPackage: catalog.Packages, operation.KindOption: catalog.Options}[args.Kind],
		System: evaluation.ThisSystem(), Installed: s.installed.has,
	})
	if err != nil {
		return found, err
	}
	found.Total, found.Set = results.Total, results.Set
	for i := range results.Hits {
		found.Results = append(found.Results, s.row(&results.Hits[i]))
	}
	return found, nil
}

// results searches; when the catalogue turns out to be damaged, in the snapshot.
func (s *Searcher) results(q catalog.Query) (catalog.Results, error) {
	r, err := s.book.Search(q)
	if err == nil {
		return r, nil
	}
	fresh, openErr := s.machine.Shelf.Replace(context.Background(), s.book, err)
	if openErr != nil {
		return r, openErr
	}
	s.book = fresh
	return s.book.Search(q)
}

func (s *Searcher) row(hit *catalog.Hit) operation.FoundEntry {
	row := operation.FoundEntry{
		Kind: operation.KindPackage, Attribute: hit.Attribute, Name: hit.Name, Version: hit.Version,
		Description: hit.Description, Score: hit.Score, Why: hit.Why, Variants: hit.Variants,
		Broken: hit.Broken, Unfree: hit.Unfree, Insecure: hit.Insecure,
	}
	if hit.Kind != catalog.Package {
		row.Kind, row.Type, row.HomeManager = operation.KindOption, hit.Type, hit.Kind == catalog.HomeOption
		row.Name = lastPart(hit.Attribute)
		if !row.HomeManager {
			row.Value = s.definitions().value(hit.Attribute)
		}
		return row
	}
	row.InstalledVersion, row.Installed = s.installed.version(hit.Name)
	row.Unsupported = unsupported(&hit.Entry)
	row.Newer = s.newerVersion(&hit.Entry)
	return row
}

// definitions reads the configuration when an option is first shown.
func (s *Searcher) definitions() *definitions {
	if s.values == nil {
		s.values = readDefinitions(s.machine)
	}
	return s.values
}

// newerVersion is the version that the newest channel has of a package, if that is
// another one; else "".
func (s *Searcher) newerVersion(e *catalog.Entry) string {
	if s.newer == nil {
		return ""
	}
	version, _ := s.newer.Version(e.Attribute)
	if version == e.Version {
		return ""
	}
	return version
}

// unsupported reports whether a package is known not to be for this machine.
func unsupported(e *catalog.Entry) bool {
	if len(e.Platforms) == 0 {
		return false
	}
	for _, platform := range e.Platforms {
		if platform == evaluation.ThisSystem() {
			return false
		}
	}
	return true
}

// explainNothing says what else may have been meant.
func (s *Searcher) explainNothing(query string, answer *Answer) {
	if renamed, ok := s.book.Renamed(query); ok {
		answer.Message = renameMessage(renamed)
		for _, name := range renamed.New {
			answer.Suggestions = append(answer.Suggestions, "ask-nix info "+name)
		}
		return
	}
	near := nearest(s.book, query, mostNear)
	if len(near) > 0 {
		answer.Message += " Did you mean " + strings.Join(near, ", ") + "?"
	}
	for _, name := range near {
		answer.Suggestions = append(answer.Suggestions, "ask-nix search "+name)
	}
}

func renameMessage(r catalog.Rename) string {
	message := fmt.Sprintf("%s is not in nixpkgs any more", r.Old)
	if len(r.New) > 0 {
		message = fmt.Sprintf("%s is called %s now", r.Old, strings.Join(r.New, " or "))
	}
	if r.Reason != "" {
		message += ": " + r.Reason
	}
	return message + "."
}

func catalogueOf(b *shelf.Book) operation.Catalogue {
	name, date := b.Source()
	return operation.Catalogue{Name: name, Date: date, Entries: b.Len()}
}

func lastPart(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
