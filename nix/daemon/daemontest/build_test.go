package daemontest_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/daemon/daemontest"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	versions(t, daemontest.Options{}, func(t *testing.T, server *daemontest.Server, _ *daemon.Conn) {
		var lines, phases []string
		open := map[daemon.ActivityID]bool{}
		settings := daemon.DefaultSettings()
		conn := dial(t, server, func(o *daemon.Options) {
			o.Settings = &settings
			o.Observer = func(event daemon.Event) {
				switch event := event.(type) {
				case daemon.Started:
					open[event.ID] = true
				case daemon.Stopped:
					delete(open, event.ID)
				case daemon.Result:
					if line, ok := event.LogLine(); ok {
						lines = append(lines, line)
					}
					if phase, ok := event.Phase(); ok {
						phases = append(phases, phase)
					}
				}
			}
		})
		ctx := within(t)
		source := must[store.Path](t)(server.AddText("source", "source"))
		lower := shell("lower", `echo hello; echo '@nix {"action":"setPhase","phase":"install"}' >&2; printf %s "$source" > $out`)
		lower.InputSources = []store.Path{source}
		lower.Env["source"] = string(source)
		lowerDrv := must[store.Path](t)(server.AddDerivation(lower))
		upper := shell("upper", `mkdir $out; ln -s $lower $out/link; cp $big $out/file; chmod 755 $out/file; echo $out > $dev`)
		upper.InputDerivations = map[store.Path][]string{lowerDrv: {"out"}}
		upper.Outputs["dev"] = derivation.Output{}
		upper.Env["lower"] = string(lower.Outputs["out"].Path)
		upper.Env["passAsFile"], upper.Env["big"] = "big", "something big"
		upper.Args[1] = strings.ReplaceAll(upper.Args[1], "$big", "$bigPath")
		upperDrv := must[store.Path](t)(server.AddDerivation(upper))

		missing, err := conn.Missing(ctx, []daemon.DerivedPath{daemon.Outputs(upperDrv)})
		want := []store.Path{lowerDrv, upperDrv}
		slices.Sort(want)
		check(t, "missing", missing, err, daemon.Missing{WillBuild: want})
		results, err := conn.Build(ctx, []daemon.DerivedPath{daemon.Outputs(upperDrv, "out")}, daemon.BuildNormal)
		if err != nil || results[0].Status != daemon.StatusBuilt {
			t.Fatalf("%+v, %v", results, err)
		}
		check(t, "lines", lines, nil, []string{"hello"})
		check(t, "phases", phases, nil, []string{"install"})
		if len(open) > 0 {
			t.Errorf("%d activities did not stop", len(open))
		}
		out, dev := upper.Outputs["out"].Path, upper.Outputs["dev"].Path
		for p, want := range map[store.Path][]store.Path{
			out: {lower.Outputs["out"].Path}, dev: {out}, lower.Outputs["out"].Path: {source},
		} {
			info, err := conn.PathInfo(ctx, p)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "references of "+p.Name(), info.References, nil, want)
			if !info.Ultimate {
				t.Errorf("%s was not built here", p)
			}
		}
		if stat, err := os.Stat(string(out) + "/file"); err != nil || stat.Mode() != 0o555 || stat.ModTime().Unix() != 1 {
			t.Errorf("file: %v, %v", stat, err)
		}
		derivers, err := conn.ValidDerivers(ctx, dev)
		check(t, "derivers", derivers, err, []store.Path{upperDrv})
		outputs, err := conn.DerivationOutputs(ctx, upperDrv)
		check(t, "outputs", outputs, err, map[string]store.Path{"out": out, "dev": dev})
		if log, err := os.ReadFile(server.LogFile(lowerDrv)); string(log) != "hello\n" {
			t.Errorf("log %q, %v", log, err)
		}
		if err := conn.AddBuildLog(ctx, upperDrv, strings.NewReader("another")); err != nil {
			t.Error(err)
		}
		if log, err := os.ReadFile(server.LogFile(upperDrv)); string(log) != "another" {
			t.Errorf("log %q, %v", log, err)
		}
		if err := conn.BuildPaths(ctx, []daemon.DerivedPath{daemon.Outputs(upperDrv), {Path: source}}, daemon.BuildNormal); err != nil {
			t.Error(err)
		}
		result, err := conn.BuildDerivation(ctx, upperDrv, upper, daemon.BuildNormal)
		if err != nil || result.Status != daemon.StatusAlreadyValid {
			t.Errorf("building a derivation again: %+v, %v", result, err)
		}
	})
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	drv := shell("env", "[ $PWD = $NIX_BUILD_TOP ] && [ $TMPDIR = $PWD ] && [ -z \"$(/bin/ls -A)\" ] && echo $PATH $HOME $NIX_STORE $NIX_LOG_FD > $out")
	delete(drv.Env, "PATH")
	drvPath := must[store.Path](t)(server.AddDerivation(drv))
	if err := dial(t, server).BuildPaths(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)}, daemon.BuildNormal); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(string(drv.Outputs["out"].Path))
	check(t, "environment", string(text), err, "/path-not-set /homeless-shelter "+string(server.StoreDir)+" 2\n")
}

func TestBuildFails(t *testing.T) {
	t.Parallel()
	sum := store.Sum(store.SHA256, []byte("x"))
	fixed := derivation.Output{Method: store.Flat, Algorithm: store.SHA256, Hash: sum}
	for _, test := range []struct {
		name, script string
		change       func(*derivation.Derivation)
		status       daemon.BuildStatus
		kind         daemon.Kind
		says         string
	}{
		{"exit", "echo why; exit 3", nil, daemon.StatusPermanentFailure, daemon.KindBuildFailed, "failed with exit code 3;\nlast 1 log lines:\n> why\nFor full logs, run 'nix log "},
		{"signal", "kill -9 $$", nil, daemon.StatusPermanentFailure, daemon.KindOutOfMemory, "failed due to signal 9 (Killed)"},
		{"no-builder", "", func(d *derivation.Derivation) { d.Builder = "/no/such/program" }, daemon.StatusPermanentFailure, daemon.KindBuildFailed, "executing '/no/such/program': no such file or directory"},
		{"nothing", "exit 0", nil, daemon.StatusOutputRejected, daemon.KindBuildFailed, "failed to produce output path for output 'out' at '"},
		{"pipe", "mkdir $out; mkfifo $out/pipe", nil, daemon.StatusOutputRejected, daemon.KindOther, "has an unsupported type"},
		{"disk", "echo 'cp: No space left on device'; exit 1", nil, daemon.StatusPermanentFailure, daemon.KindDiskFull, "No space left on device"},
		{"hash", "echo y > $out", func(d *derivation.Derivation) { d.Outputs["out"] = fixed }, daemon.StatusOutputRejected, daemon.KindHashMismatch, "specified: " + sum.SRI()},
		{"fetch", "exit 1", func(d *derivation.Derivation) { d.Outputs["out"] = fixed }, daemon.StatusTransientFailure, daemon.KindBuildFailed, "failed with exit code 1"},
		{"right", "printf x > $out", func(d *derivation.Derivation) { d.Outputs["out"] = fixed }, daemon.StatusBuilt, daemon.KindOther, ""},
		{"slow", "sleep 60", nil, daemon.StatusTimedOut, daemon.KindTimedOut, "timed out after 1 seconds"},
		{"builtin", "", func(d *derivation.Derivation) { d.Builder = "builtin:fetchurl" }, daemon.StatusPermanentFailure, daemon.KindOther, "unsupported builtin builder 'fetchurl'"},
		{"floating", "", func(d *derivation.Derivation) {
			d.Outputs["out"] = derivation.Output{Method: store.Recursive, Algorithm: store.SHA256}
		}, daemon.StatusMiscFailure, daemon.KindUnsupported, "'ca-derivations' is disabled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := daemontest.New(t, daemontest.Options{})
			drv := shell(test.name, test.script)
			if test.change != nil {
				test.change(drv)
			}
			drvPath := must[store.Path](t)(server.AddDerivation(drv))
			settings := daemon.DefaultSettings()
			settings.Overrides = map[string]string{"timeout": "1"}
			conn := dial(t, server, func(o *daemon.Options) { o.Settings = &settings })
			results, err := conn.Build(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)}, daemon.BuildNormal)
			if err != nil {
				t.Fatal(err)
			}
			result := results[0]
			if result.Status != test.status || !strings.Contains(result.Message, test.says) {
				t.Errorf("%s: %q", result.Status, result.Message)
			}
			var failed *daemon.BuildError
			if errors.As(result.Err(), &failed) && failed.Kind != test.kind {
				t.Errorf("kind %s of %q", failed.Kind, result.Message)
			}
			valid, err := conn.IsValidPath(within(t), nonEmpty(drv.Outputs["out"].Path, nobody(server)))
			check(t, "valid afterwards", valid, err, test.status == daemon.StatusBuilt)
		})
	}
}

func nonEmpty(p, otherwise store.Path) store.Path {
	if p == "" {
		return otherwise
	}
	return p
}

func TestSilence(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	drv := must[store.Path](t)(server.AddDerivation(shell("silent", "for i in 1 2 3; do sleep 0.5; echo $i; done; sleep 60")))
	settings := daemon.DefaultSettings()
	settings.MaxSilence = 1
	conn := dial(t, server, func(o *daemon.Options) { o.Settings = &settings })
	results, err := conn.Build(within(t), []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
	if err != nil || results[0].Status != daemon.StatusTimedOut || !strings.Contains(results[0].Message, "1 seconds of silence") {
		t.Errorf("%+v, %v", results, err)
	}
	log, err := os.ReadFile(server.LogFile(drv))
	check(t, "log", string(log), err, "1\n2\n3\n")
}

// TestKeepGoing: one failure ends what was not begun, or does not.
func TestKeepGoing(t *testing.T) {
	t.Parallel()
	for _, keepGoing := range []bool{false, true} {
		t.Run(strconv.FormatBool(keepGoing), func(t *testing.T) {
			t.Parallel()
			server := daemontest.New(t, daemontest.Options{})
			bad := shell("bad", "exit 1")
			badDrv := must[store.Path](t)(server.AddDerivation(bad))
			needs := shell("needs", "echo > $out")
			needs.InputDerivations = map[store.Path][]string{badDrv: {"out"}}
			needsDrv := must[store.Path](t)(server.AddDerivation(needs))
			goodDrv := must[store.Path](t)(server.AddDerivation(shell("good", "echo > $out")))
			text := must[store.Path](t)(server.AddText("text", "text"))
			settings := daemon.DefaultSettings()
			settings.KeepGoing = keepGoing
			conn := dial(t, server, func(o *daemon.Options) { o.Settings = &settings })
			paths := []daemon.DerivedPath{daemon.Outputs(needsDrv), daemon.Outputs(goodDrv), {Path: nobody(server)}, {Path: text}}
			results, err := conn.Build(within(t), paths, daemon.BuildNormal)
			var got []daemon.BuildStatus
			for _, result := range results {
				got = append(got, result.Status)
			}
			want := []daemon.BuildStatus{daemon.StatusDependencyFailed, daemon.StatusMiscFailure, daemon.StatusMiscFailure, daemon.StatusAlreadyValid}
			if keepGoing {
				want = []daemon.BuildStatus{daemon.StatusDependencyFailed, daemon.StatusBuilt, daemon.StatusNoSubstituters, daemon.StatusAlreadyValid}
			}
			check(t, "statuses", got, err, want)
			var said *daemon.Error
			err = conn.BuildPaths(within(t), paths, daemon.BuildNormal)
			if !errors.As(err, &said) || !strings.HasPrefix(said.Message, "build of '") {
				t.Errorf("several: %v", err)
			}
			err = conn.BuildPaths(within(t), paths[:1], daemon.BuildNormal)
			if !errors.As(err, &said) || !strings.HasPrefix(said.Message, "1 dependencies of derivation '") {
				t.Errorf("one: %v", err)
			}
		})
	}
}

func TestCheckAndRepair(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	conn := dial(t, server)
	same := shell("same", "mkdir $out; echo $out > $out/self; ln -s $out/self $out/link")
	sameDrv := must[store.Path](t)(server.AddDerivation(same))
	randomDrv := must[store.Path](t)(server.AddDerivation(shell("random", "cat /proc/sys/kernel/random/uuid > $out")))
	paths := []daemon.DerivedPath{daemon.Outputs(sameDrv), daemon.Outputs(randomDrv)}
	if _, err := conn.Build(within(t), paths, daemon.BuildCheck); !errors.As(err, new(*daemon.Error)) {
		t.Errorf("checking what was not built: %v", err)
	}
	for _, mode := range []daemon.BuildMode{daemon.BuildNormal, daemon.BuildCheck, daemon.BuildRepair} {
		results, err := conn.Build(within(t), paths, mode)
		if err != nil || results[0].Err() != nil || (results[1].Err() == nil) != (mode != daemon.BuildCheck) {
			t.Errorf("mode %d: %+v, %v", mode, results, err)
		}
		if mode == daemon.BuildCheck && results[1].Status != daemon.StatusNotDeterministic {
			t.Errorf("status %s", results[1].Status)
		}
	}
	file := string(same.Outputs["out"].Path) + "/self"
	if err := errors.Join(os.Chmod(file, 0o644), os.WriteFile(file, []byte("rot"), 0o644)); err != nil {
		t.Fatal(err)
	}
	results, err := conn.Build(within(t), paths[:1], daemon.BuildRepair)
	if err != nil || results[0].Status != daemon.StatusBuilt {
		t.Errorf("%+v, %v", results, err)
	}
	text, err := os.ReadFile(file)
	check(t, "repaired", string(text), err, string(same.Outputs["out"].Path)+"\n")
}

// TestSameBuildTwice: of two clients that want the same one waits for the other.
func TestSameBuildTwice(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{})
	drv := must[store.Path](t)(server.AddDerivation(shell("slow", "sleep 0.2; echo > $out")))
	statuses := make(chan daemon.BuildStatus, 2)
	for range 2 {
		conn := dial(t, server)
		go func() {
			results, err := conn.Build(t.Context(), []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
			if err != nil {
				t.Error(err)
				statuses <- daemon.StatusMiscFailure
				return
			}
			statuses <- results[0].Status
		}()
	}
	got := []daemon.BuildStatus{<-statuses, <-statuses}
	slices.Sort(got)
	check(t, "statuses", got, nil, []daemon.BuildStatus{daemon.StatusBuilt, daemon.StatusAlreadyValid})
}

// TestCancel: a client that hangs up takes its builder with it, and so does the
// server.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"client", "server"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			server := daemontest.New(t, daemontest.Options{})
			file := filepath.Join(t.TempDir(), "pid")
			drv := must[store.Path](t)(server.AddDerivation(shell("endless", "sleep 1000 & echo $! > "+file+"; wait")))
			conn := dial(t, server)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := conn.Build(ctx, []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildNormal)
				done <- err
			}()
			pid := 0
			await(t, "the builder runs", func() bool {
				text, _ := os.ReadFile(file)
				pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
				return pid > 0 && strings.HasSuffix(string(text), "\n")
			})
			if who == "client" {
				cancel()
			} else if err := server.Close(); err != nil {
				t.Error(err)
			}
			if err := <-done; err == nil {
				t.Error("the build went well")
			}
			await(t, "the builder's child is gone", func() bool { return !running(pid) })
		})
	}
}

// running says whether a process is there and not only waiting to be buried.
func running(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if runtime.GOOS != "linux" {
		return syscall.Kill(pid, 0) == nil
	}
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited too long until %s", what)
		}
	}
}

func TestFloating(t *testing.T) {
	t.Parallel()
	server := daemontest.New(t, daemontest.Options{CADerivations: true})
	conn := dial(t, server)
	text := must[store.Path](t)(server.AddText("text", "text"))
	drv := shell("floating", "echo $text > $out")
	drv.Outputs["out"] = derivation.Output{Method: store.Recursive, Algorithm: store.SHA256}
	drv.InputSources, drv.Env["text"] = []store.Path{text}, string(text)
	drvPath := must[store.Path](t)(server.AddDerivation(drv))
	missing, err := conn.Missing(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)})
	check(t, "missing", missing, err, daemon.Missing{WillBuild: []store.Path{drvPath}})
	results, err := conn.Build(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)}, daemon.BuildNormal)
	if err != nil || results[0].Status != daemon.StatusBuilt {
		t.Fatalf("%+v, %v", results, err)
	}
	info, err := conn.PathInfo(within(t), results[0].Outputs["out"].OutPath)
	if err != nil {
		t.Fatal(err)
	}
	check(t, "references", info.References, nil, []store.Path{text})
	path, err := server.StoreDir.PathFor("floating", info.ContentAddress, store.References{Others: info.References})
	check(t, "path", info.Path, err, path)
	outputs, err := conn.DerivationOutputs(within(t), drvPath)
	check(t, "outputs", outputs, err, map[string]store.Path{"out": path})
	results, err = conn.Build(within(t), []daemon.DerivedPath{daemon.Outputs(drvPath)}, daemon.BuildNormal)
	if err != nil || results[0].Status != daemon.StatusAlreadyValid {
		t.Errorf("again: %+v, %v", results, err)
	}
}
