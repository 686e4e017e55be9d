package shelf

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog"
)

// put puts a catalogue of one package on the shelf.
func put(tb testing.TB, s Shelf, role Role, date string) {
	tb.Helper()
	list := packagesJSON(string(role))
	src := catalog.Source{Name: string(role), Date: date, ID: "test-" + date, Parts: []catalog.Part{
		catalog.File(catalog.PackageList, 0, func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(list)), nil }),
	}}
	if err := catalog.Build(tb.Context(), s.path(role), src, nil); err != nil {
		tb.Fatal(err)
	}
}

func openBook(tb testing.TB, s Shelf) *Book {
	tb.Helper()
	b, err := s.Open(tb.Context(), nil)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestOpen opens the catalogue of the machine's own nixpkgs first, then that of the
// newest channel, and passes over what is damaged.
func TestOpen(t *testing.T) {
	t.Parallel()
	s := Shelf{t.TempDir()}
	put(t, s, Newest, "2025-11-03")
	book := openBook(t, s)
	defer book.Close()
	if book.Role != Newest || s.OpenNewer(book) != nil {
		t.Errorf("role %s", book.Role)
	}
	for date, newer := range map[string]bool{"2025-11-02": true, "2025-11-03": false} {
		put(t, s, Installed, date)
		book := openBook(t, s)
		defer book.Close()
		other := s.OpenNewer(book)
		if book.Role != Installed || (other != nil) != newer {
			t.Errorf("%s: role %s, newer %v", date, book.Role, other)
		}
		if other != nil {
			other.Close()
		}
	}
	write(t, s.path(Installed), strings.Repeat("damaged ", 10_000))
	book = openBook(t, s)
	defer book.Close()
	var damaged *catalog.DamagedError
	if book.Role != Newest || len(book.Damaged) != 1 || book.Damaged[0].Role != Installed || !errors.As(book.Damaged[0].Err, &damaged) {
		t.Errorf("book %+v", book)
	}
}

// TestReplace goes on with the next catalogue when one turns out to be damaged.
func TestReplace(t *testing.T) {
	t.Parallel()
	s := Shelf{t.TempDir()}
	put(t, s, Newest, "2025-11-03")
	put(t, s, Installed, "2025-11-03")
	cause := errors.New("damaged")
	book, err := s.Replace(t.Context(), openBook(t, s), cause)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if book.Role != Newest || len(book.Damaged) != 1 || !errors.Is(book.Damaged[0].Err, cause) {
		t.Errorf("book %+v", book)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	s := Shelf{t.TempDir()}
	src := catalog.Snapshot()
	last := Listed{Role: Snapshot, Name: src.Name, Date: src.Date}
	if diff := cmp.Diff([]Listed{last}, s.List()); diff != "" {
		t.Error(diff)
	}
	if _, ok := s.Age(time.Now()); ok {
		t.Error("there is nothing that has an age")
	}
	put(t, s, Newest, "2025-11-03")
	write(t, s.path(Installed), "damaged")
	all := s.List()
	if len(all) != 3 || all[0].Role != Installed || all[0].Err == nil {
		t.Fatalf("list %+v", all)
	}
	want := Listed{
		Role: Newest, Path: s.path(Newest), Bytes: stat(t, s.path(Newest)).Size(), Name: "newest", Date: "2025-11-03",
		ID: "test-2025-11-03", Entries: 1,
	}
	if diff := cmp.Diff([]Listed{want, last}, all[1:]); diff != "" {
		t.Error(diff)
	}
	at := time.Now().Add(-time.Hour)
	if err := os.Chtimes(s.path(Newest), at, at); err != nil {
		t.Fatal(err)
	}
	if age, ok := s.Age(time.Now()); !ok || age < time.Hour || age > 2*time.Hour {
		t.Errorf("age %v", age)
	}
}
