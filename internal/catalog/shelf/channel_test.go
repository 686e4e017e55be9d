package shelf

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/catalog"
	"luminousnix/nix/fetch"
)

// A server has a channel at /unstable, whose files may change.
type server struct {
	*httptest.Server
	mu      sync.Mutex
	files   map[string]http.HandlerFunc
	answers map[int]int // by status
}

func newServer(tb testing.TB) *server {
	s := &server{files: make(map[string]http.HandlerFunc), answers: make(map[int]int)}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	serve := s.files[strings.TrimPrefix(r.URL.Path, "/unstable/")]
	s.mu.Unlock()
	if serve == nil {
		serve = http.NotFound
	}
	counted := &statusWriter{w, http.StatusOK}
	serve(counted, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[counted.status]++
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (s *server) set(name string, serve http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name] = serve
}

var modified = time.Date(2025, 11, 3, 23, 59, 0, 0, time.UTC)

// whole serves a file as channels do.
func whole(content string) http.HandlerFunc {
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(content)))
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		http.ServeContent(w, r, "", modified, strings.NewReader(content))
	}
}

// cut ends in the middle.
func cut(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Write([]byte(content[:len(content)/2]))
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", code) }
}

// slow begins and then takes for ever.
func slow(content string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		w.Write([]byte(content[:len(content)/2]))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

// good has a channel with a package and an option.
func (s *server) good(name string) {
	s.set(packageList, whole(packed(packagesJSON(name))))
	s.set(optionList, whole(packed(optionsJSON("services."+name+".enable"))))
}

// channel has one option of home-manager: all of those of the snapshot would take
// longer than all else.
func (s *server) channel(tb testing.TB) Channel {
	home := write(tb, filepath.Join(tb.TempDir(), "home.json"), optionsJSON("programs.home.enable"))
	return Channel{Base: s.URL, Name: "unstable", Downloads: tb.TempDir(), HomeOptions: home, delay: time.Millisecond}
}

func (s *server) takeAnswers() map[int]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	answers := s.answers
	s.answers = make(map[int]int)
	return answers
}

func update(tb testing.TB, s Shelf, ch Channel) Built {
	tb.Helper()
	built, err := s.Update(tb.Context(), ch, nil)
	if err != nil {
		tb.Fatal(err)
	}
	onlyIndexes(tb, s)
	return built
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{filepath.Join(t.TempDir(), "new")}
	ch := server.channel(t)
	server.good("hello")
	var last [2]int64
	progress := 0
	first, err := s.Update(t.Context(), ch, func(done, total int64) { progress++; last = [2]int64{done, total} })
	if err != nil {
		t.Fatal(err)
	}
	if first.Unchanged || first.Name != "unstable" || first.Date != "2025-11-03" || first.Entries != 3 || len(first.Warnings) > 0 {
		t.Errorf("built %+v", first)
	}
	if progress < 3 || last[0] == 0 || last[0] > last[1] {
		t.Errorf("%d times progress, the last %d", progress, last)
	}
	if diff := cmp.Diff([]string{"hello", "services.hello.enable"}, found(t, s, Newest, "hello", "services.hello.enable", "tree")); diff != "" {
		t.Error(diff)
	}
	if e := entry(t, s, Newest, "services.hello.enable"); e.Description != "Whether to `begin`." {
		t.Errorf("description %q", e.Description)
	}

	server.takeAnswers()
	before := stat(t, s.path(Newest))
	again := update(t, s, ch)
	if !again.Unchanged || again.ID != first.ID || !os.SameFile(before, stat(t, s.path(Newest))) {
		t.Errorf("for a second time %+v", again)
	}
	if diff := cmp.Diff(map[int]int{http.StatusNotModified: 2}, server.takeAnswers()); diff != "" {
		t.Error(diff)
	}

	server.good("tree")
	next := update(t, s, ch)
	if next.Unchanged || next.ID == first.ID {
		t.Errorf("of a new revision %+v", next)
	}
	if diff := cmp.Diff([]string{"tree"}, found(t, s, Newest, "hello", "tree")); diff != "" {
		t.Error(diff)
	}
}

func stat(tb testing.TB, path string) os.FileInfo {
	tb.Helper()
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	return info
}

// TestUpdateFails leaves the catalogue that is there as it is, whatever goes wrong;
// and once the server is well again all is.
func TestUpdateFails(t *testing.T) {
	t.Parallel()
	list := packed(packagesJSON("tree"))
	isCorrupt := func(err error) bool {
		var corrupt *catalog.CorruptError
		return errors.As(err, &corrupt)
	}
	isNetwork := func(err error) bool {
		var network *fetch.NetworkError
		return errors.As(err, &network) && network.Err != nil
	}
	isStatus := func(code int) func(error) bool {
		return func(err error) bool {
			var status *fetch.StatusError
			return errors.As(err, &status) && status.Code == code
		}
	}
	for name, test := range map[string]struct {
		file  string
		serve http.HandlerFunc
		is    func(error) bool
	}{
		"cut":             {packageList, cut(list), isNetwork},
		"cut options":     {optionList, cut(list), isNetwork},
		"closed":          {packageList, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, isNetwork},
		"missing":         {packageList, http.NotFound, func(err error) bool { return errors.Is(err, fs.ErrNotExist) }},
		"forbidden":       {packageList, status(http.StatusForbidden), isStatus(http.StatusForbidden)},
		"broken":          {optionList, status(http.StatusBadGateway), isStatus(http.StatusBadGateway)},
		"half":            {packageList, whole(list[:len(list)/2]), isCorrupt},
		"garbage":         {packageList, whole("\x93garbage that is no brotli"), isCorrupt},
		"a page":          {packageList, whole("<html>Please log in"), isCorrupt},
		"another listing": {packageList, whole(packed(optionsJSON("x.y"))), isCorrupt},
		"no packages":     {packageList, whole(packed(packagesJSON())), isCorrupt},
		"nothing":         {packageList, whole(""), isCorrupt},
		"garbage options": {optionList, whole("{"), isCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, s := newServer(t), Shelf{t.TempDir()}
			ch := server.channel(t)
			server.good("fresh")
			server.set(test.file, test.serve)
			if _, err := s.Update(t.Context(), ch, nil); !test.is(err) {
				t.Errorf("with nothing there: %v", err)
			}
			if _, ok := s.has(Newest, ""); ok {
				t.Error("something is there")
			}
			server.good("hello")
			update(t, s, ch)
			before := stat(t, s.path(Newest))
			server.set(test.file, test.serve)
			if _, err := s.Update(t.Context(), ch, nil); !test.is(err) {
				t.Errorf("error %v", err)
			}
			if !os.SameFile(before, stat(t, s.path(Newest))) {
				t.Error("there is another file now")
			}
			if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello", "fresh")); diff != "" {
				t.Error(diff)
			}
			server.good("tree")
			update(t, s, ch)
			if diff := cmp.Diff([]string{"tree"}, found(t, s, Newest, "hello", "tree")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestUpdateGarbageOnce: what a server sent by mistake is downloaded again, although
// the server says that nothing has changed.
func TestUpdateGarbageOnce(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	ch := server.channel(t)
	server.good("hello")
	content := "garbage"
	server.set(packageList, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"always the same"`)
		http.ServeContent(w, r, "", modified, strings.NewReader(content))
	})
	var corrupt *catalog.CorruptError
	if _, err := s.Update(t.Context(), ch, nil); !errors.As(err, &corrupt) || !strings.Contains(err.Error(), server.URL+"/unstable/"+packageList) {
		t.Fatalf("error %v", err)
	}
	content = packed(packagesJSON("hello"))
	update(t, s, ch)
	if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello")); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateCancelled ends when it is told to: in the middle of a download or of the
// making of the index.
func TestUpdateCancelled(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	ch := server.channel(t)
	server.good("hello")
	update(t, s, ch)
	server.set(packageList, slow(packed(packagesJSON("tree"))))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if _, err := s.Update(ctx, ch, func(done, _ int64) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}

	server.good("tree")
	server.set(optionList, http.NotFound) // those of the snapshot take long enough
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	_, err := s.Update(ctx, ch, func(done, total int64) {
		if total > 100_000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	onlyIndexes(t, s)
	if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello", "tree")); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateWithoutOptions takes those of the snapshot.
func TestUpdateWithoutOptions(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	ch := server.channel(t)
	server.set(packageList, whole(packed(packagesJSON("hello"))))
	built := update(t, s, ch)
	if len(built.Warnings) != 1 || !strings.Contains(built.Warnings[0], optionList) {
		t.Errorf("warnings %q", built.Warnings)
	}
	if diff := cmp.Diff([]string{"services.nginx.enable"}, found(t, s, Newest, "services.nginx.enable")); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateExtras adds options of home-manager and programs from files.
func TestUpdateExtras(t *testing.T) {
	t.Parallel()
	server, s, dir := newServer(t), Shelf{t.TempDir()}, t.TempDir()
	server.good("hello")
	ch := server.channel(t)
	ch.HomeOptions = write(t, filepath.Join(dir, "home.json"), optionsJSON("programs.hello.greeting"))
	ch.Programs, ch.System = programsFile(t, filepath.Join(dir, "a b", "programs.sqlite")), "x86_64-linux"
	built := update(t, s, ch)
	if built.Entries != 3 || len(built.Warnings) > 0 {
		t.Errorf("built %+v", built)
	}
	if e := entry(t, s, Newest, "programs.hello.greeting"); e.Kind != catalog.HomeOption {
		t.Errorf("kind %v", e.Kind)
	}
	if diff := cmp.Diff([]string{"greet", "hello"}, entry(t, s, Newest, "hello").Programs); diff != "" {
		t.Error(diff)
	}
	write(t, ch.HomeOptions, optionsJSON("programs.hello.other"))
	if built := update(t, s, ch); built.Unchanged {
		t.Error("other options of home-manager count for nothing")
	}
	ch.Programs, ch.HomeOptions = ch.HomeOptions, filepath.Join(dir, "nowhere.json")
	if built := update(t, s, ch); built.Unchanged || len(built.Warnings) != 2 {
		t.Errorf("without the files: %+v", built)
	}
}

// TestUpdateFromFiles takes a mirror on this machine, whose files it leaves alone.
func TestUpdateFromFiles(t *testing.T) {
	t.Parallel()
	s, dir := Shelf{t.TempDir()}, t.TempDir()
	list := write(t, filepath.Join(dir, "unstable", packageList), packed(packagesJSON("hello")))
	write(t, filepath.Join(dir, "unstable", optionList), packed(optionsJSON("a.b")))
	if err := os.Chtimes(list, modified, modified); err != nil {
		t.Fatal(err)
	}
	ch := Channel{Base: (&url.URL{Scheme: "file", Path: dir}).String(), Name: "unstable", Downloads: t.TempDir()}
	if built := update(t, s, ch); built.Date != "2025-11-03" {
		t.Errorf("built %+v", built)
	}
	if built := update(t, s, ch); !built.Unchanged {
		t.Errorf("for a second time %+v", built)
	}
	write(t, list, "garbage")
	if _, err := s.Update(t.Context(), ch, nil); err == nil {
		t.Error("garbage is a listing")
	}
	stat(t, list)
	if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello")); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateDate is today's if the server does not tell one, and stays what it was
// while the listings do.
func TestUpdateDate(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	server.good("hello")
	server.set(packageList, func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(packed(packagesJSON("hello")))) })
	ch := server.channel(t)
	ch.Now = func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }
	if built := update(t, s, ch); built.Date != "2026-01-02" {
		t.Errorf("date %s", built.Date)
	}
	d := newDownloads(ch, nil)
	if _, err := d.source(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.channel.Now = func() time.Time { return time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC) }
	for id, want := range map[string]string{d.id() + "-of another program": "2026-01-01", "another-1": "2026-02-02"} {
		if got := d.day(Listed{ID: id, Date: "2026-01-01"}); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// TestUpdateAtOnce: who comes last, or finds it done, is the same.
func TestUpdateAtOnce(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	ch := server.channel(t)
	server.good("hello")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if _, err := s.Update(t.Context(), ch, nil); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	onlyIndexes(t, s)
	if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello")); diff != "" {
		t.Error(diff)
	}
}

// TestUpdateDamaged replaces an index that was damaged on the disk.
func TestUpdateDamaged(t *testing.T) {
	t.Parallel()
	server, s := newServer(t), Shelf{t.TempDir()}
	ch := server.channel(t)
	server.good("hello")
	for name, damage := range map[string]func([]byte) []byte{
		"empty": func([]byte) []byte { return nil },
		"other": func([]byte) []byte { return []byte(strings.Repeat("no index ", 10_000)) },
		"half":  func(b []byte) []byte { return b[:len(b)/2] },
		"bit":   func(b []byte) []byte { b[len(b)*2/3] ^= 4; return b },
	} {
		update(t, s, ch)
		content, err := os.ReadFile(s.path(Newest))
		if err != nil {
			t.Fatal(err)
		}
		write(t, s.path(Newest), string(damage(content)))
		if built := update(t, s, ch); built.Unchanged {
			t.Errorf("%s: not replaced", name)
		}
		if diff := cmp.Diff([]string{"hello"}, found(t, s, Newest, "hello")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
