package action

import (
	"context"
	"fmt"

	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/operation"
)

func showCatalog(_ context.Context, m *Machine, _ operation.Arguments, _ operation.Observer) (Answer, error) {
	data := operation.Catalogues{Catalogues: []operation.CatalogueFile{}}
	inUse := false
	for _, l := range m.Shelf.List() {
		row := catalogueFile(l)
		row.InUse = !inUse && l.Err == nil
		inUse = inUse || row.InUse
		data.Catalogues = append(data.Catalogues, row)
	}
	return Answer{Message: catalogueMessage(len(data.Catalogues)), Data: &data}, nil
}

func catalogueMessage(n int) string {
	if n == 1 {
		return "There is only the catalogue that came with ask-nix; `ask-nix catalog update` downloads the newest."
	}
	return fmt.Sprintf("There are %d catalogues.", n)
}

func catalogueFile(l shelf.Listed) operation.CatalogueFile {
	row := operation.CatalogueFile{
		Role: string(l.Role), Path: l.Path, Bytes: l.Bytes,
		Catalogue: operation.Catalogue{Name: l.Name, Date: l.Date, Entries: l.Entries},
	}
	if l.Err != nil {
		row.Problem = l.Err.Error()
	}
	return row
}
