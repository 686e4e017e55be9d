package daemon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"luminousnix/internal/testbed"
	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// machine is a daemon that the conformance tests run on, real or ours.
type machine struct {
	socket   string
	dir      store.Dir
	protocol daemon.Version // the newest that it speaks
	nix      *testbed.Nix   // nil for the test server
	// collecting keeps tests that add paths apart from those that collect
	// garbage, in the same store.
	collecting *sync.RWMutex
}

// session is a test on a machine with one version of the protocol.
type session struct {
	*testing.T
	*machine
	version daemon.Version
	events  *journal
}

// journal keeps what a daemon told.
type journal struct {
	mu     sync.Mutex
	events []daemon.Event
}

func (l *journal) add(event daemon.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, event)
}

func (l *journal) all() []daemon.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events
}

// deadline is for a single request; builds of the tests take fractions of it.
const deadline = 60 * time.Second

func (s *session) ctx() context.Context {
	ctx, cancel := context.WithTimeout(s.Context(), deadline)
	s.Cleanup(cancel)
	return ctx
}

func (s *session) options() daemon.Options {
	settings := daemon.DefaultSettings()
	settings.MaxJobs = 2
	settings.Substitute = false
	return daemon.Options{Socket: s.socket, StoreDir: s.dir, Newest: s.version, Settings: &settings, Observer: s.events.add}
}

func (s *session) dial() *daemon.Conn {
	s.Helper()
	return s.dialWith(s.options())
}

// adding dials for a test that adds paths and loses none of them to another one's
// collection.
func (s *session) adding() *daemon.Conn {
	s.Helper()
	s.collecting.RLock()
	s.Cleanup(s.collecting.RUnlock)
	return s.dial()
}

// alone dials for a test that collects garbage.
func (s *session) alone() *daemon.Conn {
	s.Helper()
	s.collecting.Lock()
	s.Cleanup(s.collecting.Unlock)
	return s.dial()
}

func (s *session) dialWith(options daemon.Options) *daemon.Conn {
	s.Helper()
	conn, err := daemon.Dial(s.ctx(), options)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	return conn
}

// unique makes a text that no other session has, so that nothing is built yet.
func (s *session) unique(text string) string { return s.Name() + " " + text }

func (s *session) addText(conn *daemon.Conn, name, text string, references ...store.Path) store.Path {
	s.Helper()
	info, err := conn.AddToStore(s.ctx(), name, store.Text, store.SHA256, references, strings.NewReader(text))
	if err != nil {
		s.Fatal(err)
	}
	return info.Path
}

// instantiate writes a derivation that runs script, with its inputs in the
// environment, and returns it with its path.
func (s *session) instantiate(conn *daemon.Conn, name, script string, change func(*derivation.Derivation)) (store.Path, *derivation.Derivation) {
	s.Helper()
	d := &derivation.Derivation{
		Name:    name,
		Outputs: map[string]derivation.Output{"out": {}},
		System:  system(),
		Builder: "/bin/sh",
		Args:    []string{"-c", script},
		Env: map[string]string{
			"name": name, "builder": "/bin/sh", "system": system(), "PATH": "/usr/bin:/bin",
			"session": s.Name(),
		},
	}
	if change != nil {
		change(d)
	}
	if err := derivation.NewHasher(s.dir, derivation.FromStore(s.dir)).Fill(s.ctx(), d); err != nil {
		s.Fatal(err)
	}
	text, err := d.MarshalText()
	if err != nil {
		s.Fatal(err)
	}
	path := s.addText(conn, name+derivation.Extension, string(text), d.References()...)
	want, err := d.Path(s.dir)
	if err != nil || path != want {
		s.Fatalf("the daemon calls it %s, we %s, %v", path, want, err)
	}
	return path, d
}

func system() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64-linux"
	}
	return "x86_64-linux"
}

// build builds all outputs of derivations, which has to succeed.
func (s *session) build(conn *daemon.Conn, drvs ...store.Path) []daemon.BuildResult {
	s.Helper()
	var paths []daemon.DerivedPath
	for _, drv := range drvs {
		paths = append(paths, daemon.Outputs(drv))
	}
	results, err := conn.Build(s.ctx(), paths, daemon.BuildNormal)
	if err != nil {
		s.Fatal(err)
	}
	for _, result := range results {
		if err := result.Err(); err != nil {
			s.Fatal(err)
		}
	}
	return results
}

// archive is the archive of one file.
func (s *session) archive(content string) []byte {
	s.Helper()
	var b bytes.Buffer
	w := nar.NewWriter(&b)
	if err := w.WriteHeader(&nar.Header{Type: nar.Regular, Size: int64(len(content))}); err != nil {
		s.Fatal(err)
	}
	if _, err := w.Write([]byte(content)); err != nil {
		s.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.Fatal(err)
	}
	return b.Bytes()
}

// object is a store object of one file, named after nothing but the session.
func (s *session) object(name, content string, references ...store.Path) (*store.PathInfo, []byte) {
	s.Helper()
	data := s.archive(content)
	path, err := s.dir.MakePath("output:out", store.Sum(store.SHA256, []byte(s.unique(name))), name)
	if err != nil {
		s.Fatal(err)
	}
	return &store.PathInfo{
		Path: path, NarHash: store.Sum(store.SHA256, data), NarSize: int64(len(data)), References: references,
	}, data
}

// run runs a program of the machine's own Nix and returns the words it prints.
func (s *session) run(argv ...string) string {
	s.Helper()
	cmd := s.nix.Command(s.ctx(), argv[0], argv[1:]...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.Fatalf("%v: %v\n%s", argv, err, stderr.String())
	}
	return string(out)
}

// eachMachine runs test with every version of the protocol on every daemon: those
// of three releases of Nix and the test server.
func eachMachine(t *testing.T, test func(s *session)) {
	t.Helper()
	for name, m := range machines(t) {
		for minor := daemon.Oldest().Minor; minor <= m.protocol.Minor; minor++ {
			version := daemon.Version{Major: 1, Minor: minor}
			t.Run(fmt.Sprintf("%s/%d", name, minor), func(t *testing.T) {
				t.Parallel()
				test(&session{t, m, version, &journal{}})
			})
		}
	}
}

// The machines are started once, by whoever needs them first.
var started struct {
	once sync.Once
	all  map[string]*machine
	stop []func()
}

func TestMain(m *testing.M) {
	if file := os.Getenv(addingVariable); file != "" {
		addAndExit(file)
	}
	status := m.Run()
	for _, stop := range started.stop {
		stop()
	}
	os.Exit(status)
}

func machines(t *testing.T) map[string]*machine {
	t.Helper()
	started.once.Do(func() {
		started.all = map[string]*machine{}
		for _, release := range testbed.AllReleases(t) {
			started.all[release.Name] = startReal(t, release)
		}
		started.all["daemontest"] = startOurs(t)
	})
	if len(started.all) < 4 {
		t.Fatal("the machines could not be started; see the first test")
	}
	return started.all
}

// startOurs starts the test server.
func startOurs(t *testing.T) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "daemontest-")
	if err != nil {
		t.Fatal(err)
	}
	server, err := daemontest.Start(dir, daemontest.Options{CADerivations: true})
	if err != nil {
		t.Fatal(err)
	}
	started.stop = append(started.stop, func() {
		if err := errors.Join(server.Close(), testbed.RemoveAll(dir)); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	})
	return &machine{socket: server.Socket, dir: server.StoreDir, protocol: daemon.Newest(), collecting: &sync.RWMutex{}}
}

func startReal(t *testing.T, release testbed.Release) *machine {
	t.Helper()
	dir, err := os.MkdirTemp("", "daemon-")
	if err != nil {
		t.Fatal(err)
	}
	nix, err := testbed.StartWith(context.Background(), dir, testbed.Options{
		Release:  release,
		Settings: "extra-experimental-features = ca-derivations\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	started.stop = append(started.stop, func() {
		if err := nix.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		if err := testbed.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	})
	m := &machine{socket: nix.Socket, dir: store.Dir(nix.StoreDir), nix: nix, collecting: &sync.RWMutex{}}
	conn, err := daemon.Dial(t.Context(), daemon.Options{Socket: nix.Socket, StoreDir: m.dir})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	m.protocol = conn.Version
	return m
}
