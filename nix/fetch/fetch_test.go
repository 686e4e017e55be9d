package fetch_test

import (
	"bytes"
	"context"
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

	"luminousnix/nix/eval"
	"luminousnix/nix/fetch"
	"luminousnix/nix/store"
)

// server has one file and writes down how it was asked for it.
type server struct {
	*httptest.Server
	mu       sync.Mutex
	answer   func(w http.ResponseWriter, r *http.Request, n int) // n counts from 1
	requests []string
}

func serve(t *testing.T, answer func(w http.ResponseWriter, r *http.Request, n int)) *server {
	t.Helper()
	s := &server{answer: answer}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since")))
		n := len(s.requests)
		answer := s.answer
		s.mu.Unlock()
		answer(w, r, n)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string{}, s.requests...)
}

// tagged answers with content that has an ETag.
func tagged(content string) func(http.ResponseWriter, *http.Request, int) {
	return func(w http.ResponseWriter, r *http.Request, _ int) {
		tag := fmt.Sprintf("%q", content)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, content)
	}
}

// fetcher has no TTL and does not wait.
func fetcher(t *testing.T, dir string, change func(*fetch.Options)) (*fetch.Fetcher, *bytes.Buffer) {
	t.Helper()
	warnings := new(bytes.Buffer)
	options := fetch.Options{CacheDir: dir, TTL: -1, Delay: time.Millisecond, Warnings: warnings}
	if change != nil {
		change(&options)
	}
	return fetch.New(options), warnings
}

// get downloads and returns the content, of which the hash must be true.
func get(t *testing.T, f *fetch.Fetcher, url string) (string, error) {
	t.Helper()
	d, err := f.Download(t.Context(), url)
	if err != nil {
		if d != (eval.Download{}) {
			t.Errorf("both %v and %v", d, err)
		}
		return "", err
	}
	content, err := os.ReadFile(d.File)
	if err != nil {
		t.Fatal(err)
	}
	if want := store.Sum(store.SHA256, content); d.Hash != want {
		t.Errorf("hash %v, the file has %v", d.Hash, want)
	}
	return string(content), nil
}

func mustGet(t *testing.T, f *fetch.Fetcher, url, want string) {
	t.Helper()
	got, err := get(t, f, url)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestRevalidate(t *testing.T) {
	t.Parallel()
	s := serve(t, tagged("one"))
	dir := t.TempDir()
	f, warnings := fetcher(t, dir, nil)
	mustGet(t, f, s.URL+"/f", "one")
	mustGet(t, f, s.URL+"/f", "one")
	s.mu.Lock()
	s.answer = tagged("two")
	s.mu.Unlock()
	mustGet(t, f, s.URL+"/f", "two")
	// Within the TTL nobody asks, nor does another process.
	lazy, _ := fetcher(t, dir, func(o *fetch.Options) { o.TTL = time.Hour })
	mustGet(t, lazy, s.URL+"/f", "two")
	if diff := cmp.Diff([]string{"/f", `/f "one"`, `/f "one"`}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if warnings.Len() > 0 {
		t.Errorf("warnings: %s", warnings)
	}
}

func TestLastModified(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader("content"))
	})
	f, _ := fetcher(t, t.TempDir(), nil)
	mustGet(t, f, s.URL+"/f", "content")
	mustGet(t, f, s.URL+"/f", "content")
	if diff := cmp.Diff([]string{"/f", "/f Sun, 09 Sep 2001 01:46:40 GMT"}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// failing describes what happened to a download.
type failing struct {
	Error    string
	NotFound bool
	Tries    int
}

func TestFailures(t *testing.T) {
	t.Parallel()
	status := func(codes ...int) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, n int) {
			if code := codes[min(n, len(codes))-1]; code != http.StatusOK {
				w.WriteHeader(code)
				return
			}
			fmt.Fprint(w, "content")
		}
	}
	broken := func(times int) func(http.ResponseWriter, *http.Request, int) {
		return func(w http.ResponseWriter, _ *http.Request, n int) {
			if n <= times {
				w.Header().Set("Content-Length", "7")
				fmt.Fprint(w, "con")
				w.(http.Flusher).Flush()
				panic(http.ErrAbortHandler)
			}
			fmt.Fprint(w, "content")
		}
	}
	stall := func(w http.ResponseWriter, r *http.Request, n int) {
		if n == 1 {
			fmt.Fprint(w, "con")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		fmt.Fprint(w, "content")
	}
	tests := map[string]struct {
		answer func(http.ResponseWriter, *http.Request, int)
		want   failing
	}{
		"not found":          {status(404), failing{"unable to download 'URL': HTTP error 404", true, 1}},
		"gone":               {status(410), failing{"unable to download 'URL': HTTP error 410", true, 1}},
		"forbidden":          {status(403), failing{"unable to download 'URL': HTTP error 403", false, 1}},
		"not implemented":    {status(501), failing{"unable to download 'URL': HTTP error 501", false, 1}},
		"nothing changed":    {status(304), failing{"unable to download 'URL': HTTP error 304", false, 1}},
		"always 500":         {status(500), failing{"unable to download 'URL': HTTP error 500", false, 4}},
		"500 then 200":       {status(500, 200), failing{"", false, 2}},
		"429 then 200":       {status(429, 503, 408, 200), failing{"", false, 4}},
		"broken then whole":  {broken(2), failing{"", false, 3}},
		"always broken":      {broken(9), failing{"unable to download 'URL': unexpected EOF", false, 4}},
		"stalls, then whole": {stall, failing{"", false, 2}},
		"redirects for ever": {func(w http.ResponseWriter, r *http.Request, _ int) { http.Redirect(w, r, "/f", http.StatusFound) }, failing{"unable to download 'URL': too many redirects", false, 11}},
		"redirects to a file": {func(w http.ResponseWriter, r *http.Request, _ int) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, failing{"unable to download 'URL': it leads to a URL that is not as safe", false, 1}},
		"too large": {func(w http.ResponseWriter, _ *http.Request, _ int) { fmt.Fprint(w, strings.Repeat("x", 101)) }, failing{"unable to download 'URL': it is larger than 100 bytes", false, 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, test.answer)
			dir := t.TempDir()
			f, _ := fetcher(t, dir, func(o *fetch.Options) { o.MaxBytes = 100; o.Stall = 300 * time.Millisecond })
			content, err := get(t, f, s.URL+"/f")
			got := failing{Tries: len(s.asked()), NotFound: errors.Is(err, fs.ErrNotExist)}
			if err != nil {
				got.Error = strings.ReplaceAll(err.Error(), s.URL+"/f", "URL")
			} else if content != "content" {
				t.Errorf("got %q", content)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "/to", http.StatusFound)
			return
		}
		fmt.Fprint(w, "content")
	})
	f, _ := fetcher(t, t.TempDir(), nil)
	mustGet(t, f, s.URL+"/from", "content")
	if diff := cmp.Diff([]string{"/from", "/to"}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// TestStale uses a copy as long as the server cannot be reached, and not when it
// says that the file is gone.
func TestStale(t *testing.T) {
	t.Parallel()
	s := serve(t, tagged("content"))
	dir := t.TempDir()
	f, warnings := fetcher(t, dir, nil)
	mustGet(t, f, s.URL+"/f", "content")
	for _, code := range []int{500, 503} {
		s.mu.Lock()
		s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(code) }
		s.mu.Unlock()
		mustGet(t, f, s.URL+"/f", "content")
	}
	s.mu.Lock()
	s.answer = func(w http.ResponseWriter, _ *http.Request, _ int) { w.WriteHeader(http.StatusNotFound) }
	s.mu.Unlock()
	if _, err := get(t, f, s.URL+"/f"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is gone: %v", err)
	}
	s.Close()
	warnings.Reset()
	mustGet(t, f, s.URL+"/f", "content")
	if text := warnings.String(); !strings.Contains(text, "connection refused; using the copy of 20") {
		t.Errorf("warnings: %s", text)
	}

	offline, _ := fetcher(t, dir, func(o *fetch.Options) { o.Offline = true })
	mustGet(t, offline, s.URL+"/f", "content")
	var network *fetch.NetworkError
	if _, err := get(t, offline, s.URL+"/other"); !errors.As(err, &network) {
		t.Errorf("offline: %v", err)
	}
}

// TestDamaged downloads again what was changed in the cache.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(file string) error{
		"shorter":    func(file string) error { return os.Truncate(file, 3) },
		"other":      func(file string) error { return os.WriteFile(file, []byte("CONTENT"), 0o600) },
		"missing":    os.Remove,
		"a link":     func(file string) error { return errors.Join(os.Remove(file), os.Symlink("/etc/passwd", file)) },
		"entry gone": func(file string) error { return removeGlob(filepath.Join(filepath.Dir(file), "*.json")) },
		"entry bad": func(file string) error {
			names, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.json"))
			return errors.Join(err, os.WriteFile(names[0], []byte(`{"hash":`), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tagged("content"))
			f, _ := fetcher(t, t.TempDir(), func(o *fetch.Options) { o.TTL = time.Hour })
			d, err := f.Download(t.Context(), s.URL+"/f")
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(d.File); err != nil {
				t.Fatal(err)
			}
			mustGet(t, f, s.URL+"/f", "content")
			if diff := cmp.Diff([]string{"/f", "/f"}, s.asked()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func removeGlob(pattern string) error {
	names, err := filepath.Glob(pattern)
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	return err
}

// TestTouched trusts a file by its hash when its time has changed.
func TestTouched(t *testing.T) {
	t.Parallel()
	s := serve(t, tagged("content"))
	f, _ := fetcher(t, t.TempDir(), func(o *fetch.Options) { o.TTL = time.Hour })
	mustGet(t, f, s.URL+"/f", "content")
	mustGet(t, f, s.URL+"/g", "content") // the same file, renewed
	mustGet(t, f, s.URL+"/f", "content")
	if diff := cmp.Diff([]string{"/f", "/g"}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTogether(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		time.Sleep(30 * time.Millisecond)
		fmt.Fprint(w, strings.Repeat("content", 10_000))
	})
	dir := t.TempDir()
	var group sync.WaitGroup
	// Of four Fetchers, which lock files as processes do, and four goroutines each.
	for range 4 {
		f, _ := fetcher(t, dir, func(o *fetch.Options) { o.TTL = time.Hour })
		for range 4 {
			group.Go(func() {
				if got, err := get(t, f, s.URL+"/f"); err != nil || len(got) != 70_000 {
					t.Errorf("%d bytes, %v", len(got), err)
				}
			})
		}
	}
	group.Wait()
	if diff := cmp.Diff([]string{"/f"}, s.asked()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{}, 2)
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
		fmt.Fprint(w, "con")
		w.(http.Flusher).Flush()
		begun <- struct{}{}
		<-r.Context().Done()
	})
	dir := t.TempDir()
	f, _ := fetcher(t, dir, nil)
	other, _ := fetcher(t, dir, nil)
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error)
	// One downloads, one waits for it, and one waits for the lock.
	for _, who := range []*fetch.Fetcher{f, f, other} {
		go func() {
			_, err := who.Download(ctx, s.URL+"/f")
			results <- err
		}()
	}
	<-begun
	cancel()
	for range 3 {
		select {
		case err := <-results:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Fatal("it does not end")
		}
	}
}

func TestDiskErrors(t *testing.T) {
	t.Parallel()
	s := serve(t, tagged("content"))
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var path *fs.PathError
	f, _ := fetcher(t, filepath.Join(file, "cache"), nil)
	if _, err := get(t, f, s.URL+"/f"); !errors.As(err, &path) {
		t.Errorf("no directory: %v", err)
	}
	// A directory where the content has to go.
	dir := t.TempDir()
	in := filepath.Join(dir, store.Sum(store.SHA256, []byte("content")).Base16(), "in")
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	f, _ = fetcher(t, dir, nil)
	var link *os.LinkError
	if _, err := get(t, f, s.URL+"/f"); !errors.As(err, &link) {
		t.Errorf("cannot be renamed: %v", err)
	}
	if n := len(s.asked()); n != 1 {
		t.Errorf("%d requests: an error of the disk is no reason to ask again", n)
	}
}

func TestFileURL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a b")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, _ := fetcher(t, filepath.Join(dir, "cache"), nil)
	for _, u := range []string{"file://" + dir + "/a%20b", "file://localhost" + dir + "/a%20b", "file:" + dir + "/a%20b"} {
		mustGet(t, f, u, "content")
	}
	if err := os.WriteFile(file, []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustGet(t, f, "file://"+dir+"/a%20b", "changed")

	if _, err := get(t, f, "file://"+dir+"/missing"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	var path *fs.PathError
	for _, name := range []string{dir, "/dev/null"} {
		if _, err := get(t, f, "file://"+name); !errors.As(err, &path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var address *fetch.AddressError
	for _, u := range []string{"file://elsewhere" + file, "file:a", "http:///f", "%zz"} {
		if _, err := get(t, f, u); !errors.As(err, &address) {
			t.Errorf("%s: %v", u, err)
		}
	}
	var unsupported *eval.NotSupportedError
	if _, err := get(t, f, "s3://bucket/f"); !errors.As(err, &unsupported) {
		t.Errorf("s3: %v", err)
	}
}

// TestNoSecrets looks for a password and a token in errors, warnings and the cache.
func TestNoSecrets(t *testing.T) {
	t.Parallel()
	const password, token = "hunter2", "c0ffee"
	s := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		if _, given, ok := r.BasicAuth(); !ok || given != password {
			t.Error("the password was not sent")
		}
		if n > 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		fmt.Fprint(w, "content")
	})
	u, err := url.Parse(s.URL + "/f?token=" + token)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("me", password)
	dir := t.TempDir()
	f, warnings := fetcher(t, dir, nil)
	mustGet(t, f, u.String(), "content")
	mustGet(t, f, u.String(), "content") // stale
	u.Path = "/g"
	_, err = get(t, f, u.String())
	if err == nil {
		t.Fatal("no error")
	}
	s.Close()
	_, refused := get(t, f, u.String())
	said := err.Error() + refused.Error() + warnings.String()
	if !strings.Contains(said, "/g?…': HTTP error 500") || !strings.Contains(said, "connection refused") {
		t.Errorf("not said: %s", said)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) < 3 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said += name + string(text)
	}
	if strings.Contains(said, password) || strings.Contains(said, token) {
		t.Errorf("a secret is in: %s", said)
	}
}

// TestPrune deletes what is old when something new comes, and nothing of others.
func TestPrune(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) { fmt.Fprint(w, r.URL.Path) })
	dir := t.TempDir()
	f, _ := fetcher(t, dir, func(o *fetch.Options) { o.TTL = time.Hour })
	mustGet(t, f, s.URL+"/old", "/old")
	if err := os.WriteFile(filepath.Join(dir, "README"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	past := time.Now().Add(-31 * 24 * time.Hour)
	for _, name := range before {
		if err := os.Chtimes(name, past, past); err != nil {
			t.Fatal(err)
		}
	}
	mustGet(t, f, s.URL+"/new", "/new")
	left := map[string]int{}
	for _, name := range before {
		if _, err := os.Lstat(name); err == nil {
			left[filepath.Ext(name)]++
		}
	}
	if diff := cmp.Diff(map[string]int{".lock": 1, "": 1}, left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
