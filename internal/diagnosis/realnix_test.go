package diagnosis_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"luminousnix/internal/diagnosis"
	"luminousnix/internal/testbed"
)

var record = flag.Bool("record", false, "write what Nix says into testdata/real.txt")

// provocation makes Nix fail: a script in a folder of a bed, with sh. Where releases
// tell it in ways that are different shapes, these are divided by bars.
type provocation struct{ id, script string }

// build is a script that builds a derivation with a builder of sh and more attributes.
func build(flags, builder, attributes string) string {
	return "nix-build --no-out-link " + flags + ` -E '` + derivation(builder, attributes) + `'`
}

func derivation(builder, attributes string) string {
	return `derivation { name = "rose"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "` + builder + `" ]; ` + attributes + ` }`
}

func evaluate(expression string) string {
	return "nix-instantiate --eval --strict -E '" + expression + "'"
}

// other is a Nix without daemon with all its files below a folder.
const other = `export NIX_STORE_DIR=$PWD/tiny/store NIX_STATE_DIR=$PWD/tiny/var NIX_LOG_DIR=$PWD/tiny/log NIX_REMOTE=local; `

// silent are what not all releases say anything about; TestMessages sees to it that one
// does.
var silent = []string{"home-not-owned", "no-bus", "too-many-open-files"}

// asNobody runs the rest of a line as an ordinary user, who may read the bed.
const asNobody = `chmod -R a+rX ..; setpriv --reuid=65534 --clear-groups `

func provocations(socket string) []provocation {
	return append(moreProvocations(socket), []provocation{
		{"attribute-missing", evaluate(`{ }.tulip`)},
		{"undefined-variable", evaluate(`tulip`)},
		{"infinite-recursion", evaluate(`let x = x; in x`)},
		{"syntax", evaluate(`{ a = 1`)},
		{"syntax", evaluate(`[ 1 2 }`)},
		{"coercion", evaluate(`"a" + 1`)},
		{"coercion", evaluate(`1 + { }`)},
		{"wrong-type", evaluate(`if 1 then 2 else 3`)},
		{"wrong-type", evaluate(`{ } < 1`)},
		{"not-a-function", evaluate(`1 2`)},
		{"unexpected-argument", evaluate(`({ a }: a) { a = 1; b = 2; }`)},
		{"missing-argument", evaluate(`({ a }: a) { }`)},
		{"assertion", evaluate(`assert false; 1`)},
		{"search-path", evaluate(`<nope>`)},
		{"nixpkgs-missing", "NIX_PATH= " + evaluate(`<nixpkgs>`)},
		{"file-missing", evaluate(`import /nope.nix`)},
		{"file-missing", evaluate(`builtins.readFile ./nope`)},
		{"aborted", evaluate(`abort "no water"`)},
		{"stack-overflow", evaluate(`let f = x: 1 + f x; in f 1`)},
		{"illegal-name", evaluate(`(derivation { name = "a b"; system = "x"; builder = "y"; }).drvPath`)},
		{"attribute-twice", evaluate(`{ a = 1; a = 2; }`)},
		{"index", evaluate(`builtins.elemAt [ ] 3`)},
		{"json", evaluate(`builtins.fromJSON "{"`)},
		{"bad-hash", evaluate(`builtins.fetchurl { url = "file:///x"; sha256 = "abc"; }`)},
		{"archive", `echo hi >f.tar.gz; nix-instantiate --eval -E 'builtins.fetchTarball "file://'$PWD'/f.tar.gz"'`},
		{"restricted-path", `nix-instantiate --eval --restrict-eval -E 'builtins.readFile /etc/passwd'`},
		{"pure-path", `nix eval --expr 'builtins.readFile /etc/passwd'`},
		{"pure-path", `nix eval --expr '<nixpkgs>'`},
		{"feature-disabled", `nix --experimental-features '' eval --expr 1`},
		{"feature-disabled", `nix --experimental-features nix-command flake show .`},
		{"flake-registry", `nix build --offline nope#x`},
		{"source-file-missing", `mkdir -p empty; nix build path:$PWD/empty#x`},
		{"flake-attribute", `mkdir -p flake; echo '{ outputs = _: { }; }' >flake/flake.nix; nix build path:$PWD/flake#x`},
		{"flake-missing", `nix build /etc#x`},
		{"flake-input", `mkdir -p owned; cd owned; git init -q .; echo '{ outputs = _: { x = 1; }; }' >flake.nix; git add .; chown -R nobody .; nix eval .#x`},
		{"nix-conf", `NIX_CONFIG='cores = many' nix eval --expr 1`},
		{"nix-conf-line", `NIX_CONFIG='bla' nix eval --expr 1`},
		{"unknown-setting", `NIX_CONFIG='frobnicate = yes' nix eval --expr 1`},
		{"build-failed", build("", "echo no water; exit 3", "")},
		{"builder-killed", build("", "kill -9 $$", "")},
		{"out-of-memory", `ulimit -v 400000; nix-instantiate --eval --strict -E 'builtins.length (builtins.genList (x: x) 100000000)'`},
		{"no-output", build("", "true", "")},
		{"hash-mismatch", build("", "echo x >$out", `outputHashMode = "flat"; outputHashAlgo = "sha256"; outputHash = "0000000000000000000000000000000000000000000000000000";`)},
		{"hash-mismatch", `echo hi >f.txt; nix-instantiate --eval -E 'builtins.fetchurl { url = "file://'$PWD'/f.txt"; sha256 = "0000000000000000000000000000000000000000000000000000"; }'`},
		{"build-timeout", build("--timeout 1", "/bin/sleep 5", "")},
		{"foreign-system", `nix-build --no-out-link -E 'derivation { name = "rose"; system = "aarch64-linux"; builder = "/bin/sh"; }'`},
		{"foreign-system", build("", "true", `requiredSystemFeatures = [ "green-thumb" ];`)},
		{"builder-missing", `nix-build --no-out-link -E 'derivation { name = "rose"; system = builtins.currentSystem; builder = "/bin/nope"; }'`},
		{"nondeterministic", `echo '` + derivation("/bin/date +%N >$out", "") + `' >date.nix; nix-build --no-out-link date.nix >/dev/null 2>&1; nix-build --no-out-link --check date.nix`},
		{"forbidden-reference", build("", `echo ${builtins.toFile "a" "b"} >$out`, "allowedReferences = [ ];")},
		{"no-sandbox", build("--option sandbox true", "echo sandbox >$out", "")},
		{"build-users", build("--option build-users-group nope", "echo users >$out", "")},
		{"not-valid", `nix-store -q --references $NIX_STORE_DIR/00000000000000000000000000000000-nope`},
		{"no-substituter", `nix-store -r $NIX_STORE_DIR/00000000000000000000000000000000-nope`},
		{"no-substituter", `nix-store -r $NIX_STORE_DIR/00000000000000000000000000000000-nope.drv`},
		{"not-in-store", `nix-store -q --references /etc/passwd`},
		{"still-alive", `nix-store --delete $(` + build("", "echo alive >$out", "") + ` --out-link alive 2>/dev/null)`},
		{"connection-failed", evaluate(`builtins.fetchurl "http://127.0.0.1:1/x"`)},
		{"connection-failed", `nix-channel --add http://127.0.0.1:1/nixos-25.05 nixos; nix-channel --update; nix-channel --remove nixos`},
		{"name-resolution", evaluate(`builtins.fetchurl "http://nope.invalid/x"`)},
		{"not-on-server", evaluate(`builtins.fetchurl "file:///nope/x"`)},
		{"not-signed", `p=$(` + build("", "echo signed >$out", "") + ` 2>/dev/null); nix copy --to file://$PWD/cache $p; nix-store --delete $p >/dev/null 2>&1; nix copy --from file://$PWD/cache $p`},
		{"cache-damaged", `p=$(` + build("", "echo damaged >$out", "") + ` 2>/dev/null); nix copy --to "file://$PWD/damaged?compression=none" $p; nix-store --delete $p >/dev/null 2>&1; for f in damaged/nar/*; do printf X | dd of=$f bs=1 seek=97 conv=notrunc 2>/dev/null; done; nix copy --no-check-sigs --from file://$PWD/damaged $p`},
		{"cache-incomplete", `p=$(` + build("", "echo incomplete >$out", "") + ` 2>/dev/null); nix copy --to "file://$PWD/less?compression=none" $p; nix-store --delete $p >/dev/null 2>&1; rm less/nar/*; nix copy --no-check-sigs --from file://$PWD/less $p`},
		{"profile-oldest", `p=$NIX_STATE_DIR/profiles/p; nix-env -p $p --set $(` + build("", "echo profile >$out", "") + ` 2>/dev/null); nix-env -p $p --rollback`},
		{"profile-generation", `nix-env -p $NIX_STATE_DIR/profiles/p --switch-generation 99`},
		{"attribute-in-selection", `nix-env -p $NIX_STATE_DIR/profiles/q -f '<nixpkgs>' -iA nope`},
		{"selector", `nix-env -p $NIX_STATE_DIR/profiles/q -f '<nixpkgs>' -i nopenope`},
		{"collision", collide("a") + collide("b") + `nix-env -p $NIX_STATE_DIR/profiles/c -i -E "_: [ ($a) ($b) ]"`},
		{"profile-nix-profile", collide("a") + `nix profile install --profile $PWD/new --impure --expr "$a" 2>/dev/null; nix-env -p $PWD/new -i -E "_: $a"`},
		{"path-modified", `p=$(` + build("", "echo modified >$out", "") + ` 2>/dev/null); chmod u+w $p; echo X >$p; nix-store --verify --check-contents; nix-store --delete $p >/dev/null 2>&1`},
		{"path-vanished", `p=$(nix-build --no-out-link -E 'derivation { name = "tulip"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${` + derivation("echo vanished >$out", "") + `} >$out" ]; }' 2>/dev/null); rm -f $(cat $p); nix-store --verify`},
		{"gc-lock", `exec 9>$NIX_STATE_DIR/gc.lock; flock 9; timeout 1 nix-store --gc`},
		{"database-schema", `mkdir -p schema/db; echo 99 >schema/db/schema; NIX_STATE_DIR=$PWD/schema NIX_REMOTE=local nix-store --verify`},
		{"database-corrupt", `mkdir -p header; cp -r $NIX_STATE_DIR/db header/; rm -f header/db/*-wal header/db/*-shm; printf 'garbage garbage' | dd of=header/db/db.sqlite bs=1 conv=notrunc 2>/dev/null; NIX_STATE_DIR=$PWD/header NIX_REMOTE=local nix-store --verify`},
		{"database-corrupt", `mkdir -p pages; cp -r $NIX_STATE_DIR/db pages/; rm -f pages/db/*-wal pages/db/*-shm; f=pages/db/db.sqlite; i=1; while [ $i -lt $(($(stat -c %s $f) / 4096)) ]; do printf '\377\377\377\377\377\377\377\377' | dd of=$f bs=1 seek=$((i * 4096)) conv=notrunc 2>/dev/null; i=$((i + 1)); done; NIX_STATE_DIR=$PWD/pages NIX_REMOTE=local nix-store --verify`},
		{"no-space", `mkdir -p tiny; mount -t tmpfs -o size=3m tmpfs tiny; mkdir tiny/store; (` + other + build("", "/bin/head -c 8000000 /dev/zero >$out", "") + `); umount tiny`},
		{"read-only", `mkdir -p tiny; mount -t tmpfs -o size=10m tmpfs tiny; mkdir tiny/store; (` + other + `nix-store --init; mount -o remount,ro tiny; ` + build("", "echo >$out", "") + `); umount tiny`},
		{"untrusted-user", asNobody + `nix-store --option substituters http://127.0.0.1:1 -r $NIX_STORE_DIR/00000000000000000000000000000000-nope 2>&1 | grep untrusted`},
		{"protocol-mismatch", `NIX_DAEMON_SOCKET_PATH=` + socket + ` nix-store --verify`},
		{"daemon-refused", `NIX_DAEMON_SOCKET_PATH=` + socket + `.dead nix-store --verify`},
		{"daemon-missing", `NIX_DAEMON_SOCKET_PATH=` + socket + `.none nix-store --verify`},
		{"daemon-gone", `NIX_DAEMON_SOCKET_PATH=` + socket + `.eof nix-store --verify`},
	}...)
}

// moreProvocations are of what surrounds Nix: the network, other users, other programs.
func moreProvocations(socket string) []provocation {
	failing := derivation("exit 1", "")
	return []provocation{
		{"too-many-open-files", `(ulimit -n 5; NIX_REMOTE=local exec nix-store --verify) 2>&1 | grep 'Too many'`},
		{"nixos-config-missing", "NIX_PATH= " + evaluate(`<nixos-config>`)},
		{"nixpkgs-missing", "NIX_PATH= " + evaluate(`<nixpkgs/nixos>`)},
		{"import-from-derivation", `nix-instantiate --option allow-import-from-derivation false -E 'import (` + derivation("echo 1 >$out", "") + `)'`},
		{"dependency-failed", `nix-build --no-out-link -E 'derivation { name = "tulip"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "echo ${` + failing + `} >$out" ]; }' 2>&1 | grep -E 'tulip.drv.\.$|dependenc'`},
		{"sandbox-network", build("", `/usr/bin/unshare --net /usr/bin/curl -sS http://nope.example/`, "")},
		{"rate-limit", fetch(socket, "429")},
		{"rate-limit", fetch(socket, "403")},
		{"server-error", fetch(socket, "503")},
		{"not-on-server", fetch(socket, "404")},
		{"not-on-server", fetch(socket, "410")},
		{"download-slow", "NIX_CONFIG='stalled-download-timeout = 1' " + fetch(socket, "stall")},
		{"download-slow", fetch(socket, "cut")},
		{"certificate", fetch(socket, "https")},
		{"profile-locked", `p=$NIX_STATE_DIR/profiles/locked; exec 9>$p.lock; flock 9; timeout 1 nix-env -p $p -i $(` + build("", "/bin/mkdir $out", "") + ` 2>/dev/null)`},
		{"profile-locked", asNobody + `nix-env -p $NIX_STATE_DIR/profiles/p --switch-generation 1`},
		{"daemon-permission", `NIX_DAEMON_SOCKET_PATH=` + socket + `.private; export NIX_DAEMON_SOCKET_PATH; ` + asNobody + `nix-store --verify`},
		{"daemon-user", `export NIX_DAEMON_SOCKET_PATH=` + socket + `.own; NIX_REMOTE=local NIX_CONFIG='allowed-users = root' nix-daemon 2>own.log & sleep 1; export NIX_DAEMON_SOCKET_PATH=` + socket + `.own; ` + asNobody + `nix-store -q --references $NIX_STORE_DIR/00000000000000000000000000000000-nope >/dev/null 2>&1; kill $!; grep allowed own.log`},
		{"permission", `chmod 700 $HOME; mkdir -p closed; chmod 700 closed; ` + asNobody + `env NIX_STORE_DIR=$PWD/closed/store NIX_STATE_DIR=$PWD/closed/var NIX_REMOTE=local nix-store --init; chmod 755 $HOME`},
		{"home-not-owned", `mkdir -p theirs; chown 65534 theirs; HOME=$PWD/theirs nix-env -p $NIX_STATE_DIR/profiles/p -q`},
		{"database-busy", `mkdir -p busy; cp -r $NIX_STATE_DIR/db busy/; rm -f busy/db/*-wal busy/db/*-shm; (echo 'BEGIN EXCLUSIVE; CREATE TABLE rose (x);'; sleep 5) | sqlite3 busy/db/db.sqlite >/dev/null & sleep 1; echo busy >busy/f; NIX_STATE_DIR=$PWD/busy NIX_REMOTE=local timeout 3 nix-store --add busy/f; wait`},
		{"command-unknown", `nix frobnicate`},
		{"command-unknown", `nix build --frobnicate`},
		{"untracked|source-file-missing", `mkdir -p git; cd git; git init -q . 2>/dev/null; echo '{ outputs = _: { x = import ./y.nix; }; }' >flake.nix; echo 1 >y.nix; git add flake.nix; nix eval .#x`},
		{"git-missing", `n=$(command -v nix); PATH=/nowhere $n eval --impure --expr 'builtins.fetchGit "ssh://127.0.0.1:1/x.git"'`},
		{"input-fetch|connection-failed", `mkdir -p input; echo '{ inputs.a.url = "git+http://127.0.0.1:1/x.git"; outputs = { a, ... }: { x = a; }; }' >input/flake.nix; nix eval path:$PWD/input#x`},
		{"input-fetch", `mkdir -p foreign; echo '{ inputs.a.url = "frobnicate:x"; outputs = { a, ... }: { x = a; }; }' >foreign/flake.nix; nix eval path:$PWD/foreign#x`},
		{"flake-lock", `mkdir -p lock flake; echo '{ outputs = _: { }; }' >flake/flake.nix; echo '{ inputs.a = { url = "path:'$PWD'/flake"; }; outputs = { a, ... }: { x = 1; }; }' >lock/flake.nix; nix eval --no-update-lock-file path:$PWD/lock#x`},
		{"cache-damaged", `p=$(` + build("", "echo incomplete archive >$out", "") + ` 2>/dev/null); nix copy --to "file://$PWD/short?compression=none" $p; nix-store --delete $p >/dev/null 2>&1; for f in short/nar/*; do truncate -s 100 $f; done; nix copy --no-check-sigs --from file://$PWD/short $p`},
		{"cache-damaged", `p=$(` + build("", "echo half an archive >$out", "") + ` 2>/dev/null); nix copy --to "file://$PWD/half?compression=none" $p; nix-store --delete $p >/dev/null 2>&1; for f in half/nar/*; do truncate -s 100 $f; done; NIX_REMOTE=local nix-store -r $p --option substituters file://$PWD/half --option require-sigs false`},
		{"locale", `LC_ALL=xx_YY.UTF-8 bash -c true`},
		{"permission", `echo >script; bash -c ./script`},
		{"no-bus", `env -u DBUS_SESSION_BUS_ADDRESS systemctl restart rose 2>&1`},
	}
}

// fetch has Nix download from a server that answers as its path says; see answer.
func fetch(socket, path string) string {
	return `nix-instantiate --eval --strict -E 'builtins.fetchurl "'$(cat ` + socket + `.url.` + path + `)'"'`
}

// answer is the web server of the provocations: it answers with the status that the path
// is, or breaks off.
func answer(w http.ResponseWriter, r *http.Request) {
	switch path := strings.Trim(r.URL.Path, "/"); path {
	case "cut", "stall":
		w.Header().Set("Content-Length", "1000")
		w.Write(make([]byte, 100))
		http.NewResponseController(w).Flush()
		if path == "stall" {
			<-r.Context().Done()
		}
		panic(http.ErrAbortHandler)
	case "403":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"message":"API rate limit exceeded for 192.0.2.1."}`)
	default:
		status, err := strconv.Atoi(path)
		if err != nil {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}
}

// serve starts servers, and writes the addresses of what they answer into files.
func serve(t *testing.T, socket string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(server.Close)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(answer))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	for _, path := range []string{"403", "404", "410", "429", "503", "cut", "stall", "https"} {
		url := server.URL
		if path == "https" {
			url = secure.URL
		}
		if err := os.WriteFile(socket+".url."+path, []byte(url+"/"+path), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// collide puts a derivation with bin/rose into a variable of the shell.
func collide(name string) string {
	return name + `='derivation { name = "` + name + `-1"; system = builtins.currentSystem; builder = "/bin/sh"; args = [ "-c" "/bin/mkdir -p $out/bin; echo ` + name + ` >$out/bin/rose" ]; }'; `
}

// notDaemons listens on sockets as no daemon does.
func notDaemons(t *testing.T, socket string) {
	t.Helper()
	for _, end := range []string{"", ".eof", ".dead", ".private"} {
		listener, err := net.Listen("unix", socket+end)
		if err != nil {
			t.Fatal(err)
		}
		if end == ".private" {
			if err := errors.Join(os.Chmod(filepath.Dir(socket), 0o755), os.Chmod(socket+end, 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		if end == ".dead" {
			listener.(*net.UnixListener).SetUnlinkOnClose(false)
			listener.Close()
			continue
		}
		t.Cleanup(func() { listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				if end == "" {
					conn.Write(make([]byte, 64))
					time.Sleep(time.Second)
				}
				conn.Close()
			}
		}()
	}
}

// TestRealNixErrors has each release of Nix fail in many ways, and each of its messages
// explained. With -record it writes testdata/real.txt, which TestMessages reads where
// no Nix is.
func TestRealNixErrors(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("mounts file systems and gives files away: needs root")
	}
	releases := testbed.AllReleases(t)
	records := make([]string, len(releases))
	t.Run("all", func(t *testing.T) {
		for i, release := range releases {
			t.Run(release.Name, func(t *testing.T) {
				t.Parallel() // most of the time it waits
				records[i] = provokeAll(t, release)
			})
		}
	})
	if *record {
		if err := os.WriteFile("testdata/real.txt", []byte(strings.Join(records, "")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// provokeAll has a release fail in all ways, and returns what is recorded of it.
func provokeAll(t *testing.T, release testbed.Release) string {
	nix := testbed.NewWith(t, testbed.Options{Release: release, Settings: "download-attempts = 1\n"})
	version, err := nix.Command(context.Background(), "nix-env", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	name := "nix " + strings.TrimSpace(strings.TrimPrefix(string(version), "nix-env (Nix)"))
	dir, err := os.MkdirTemp("", "sockets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	notDaemons(t, socket)
	serve(t, socket)
	var out strings.Builder
	for _, p := range provocations(socket) {
		text := provoke(t, nix, p)
		if text == "" && slices.Contains(silent, p.id) {
			continue
		}
		id := diagnosis.Explain(text).ID
		if !slices.Contains(strings.Split(p.id, "|"), id) {
			t.Errorf("%s: %s\n%s\nis taken for %q, want %q", name, p.script, text, id, p.id)
		}
		text = strings.NewReplacer(nix.Dir, "/bed", dir, "/run", "\x00", "").Replace(text)
		fmt.Fprintf(&out, "== %s | %s\n%s\n", id, name, text)
	}
	return out.String()
}

func provoke(t *testing.T, nix *testbed.Nix, p provocation) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	cmd := nix.Command(ctx, "sh", "-c", p.script)
	cmd.Dir = nix.Home
	output, _ := cmd.CombinedOutput() // some only warn
	return strings.TrimSpace(string(output))
}
