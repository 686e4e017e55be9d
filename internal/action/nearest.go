package action

import (
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/catalog/shelf"
)

// mostNear is how many names are told that may have been meant.
const mostNear = 3

// nearest are names like one that there is not, best first: packages spelled like it, or
// for a path, such as that of an option, what a search finds.
func nearest(book *shelf.Book, name string, most int) (near []string) {
	if !strings.Contains(name, ".") {
		return book.Nearest(name, most)
	}
	r, _ := book.Search(catalog.Query{Text: name, Limit: most})
	for _, hit := range r.Hits {
		near = append(near, hit.Attribute)
	}
	return near
}

// nearestOptions are the options of NixOS that a search finds for words, best first.
// switches says that only what is switched on and off is meant.
func nearestOptions(book *shelf.Book, words string, switches bool, most int) (near []string, err error) {
	const looked = 40
	found, err := book.Search(catalog.Query{Text: words, Limit: looked, Only: catalog.Options, Unfolded: true})
	for i := range found.Hits {
		hit := &found.Hits[i]
		if hit.Kind == catalog.Option && len(near) < most && (!switches || strings.HasSuffix(hit.Attribute, ".enable")) && !strings.ContainsAny(hit.Attribute, "<*") {
			near = append(near, hit.Attribute)
		}
	}
	return near, err
}
