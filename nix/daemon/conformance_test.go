package daemon_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// TestRealNixGreeting: the version that was asked for is spoken, and what it
// brings is told.
func TestRealNixGreeting(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.dial()
		if conn.Version != s.version {
			s.Errorf("speaks %s, want %s", conn.Version, s.version)
		}
		if told := conn.NixVersion != ""; told != (s.version.Minor >= 33) {
			s.Errorf("version of Nix %q", conn.NixVersion)
		}
		want := daemon.TrustUnknown
		if s.version.Minor >= 35 {
			want = daemon.Trusted
		}
		if conn.Trust != want {
			s.Errorf("trust %d, want %d", conn.Trust, want)
		}
	})
}

// TestRealNixAdd adds content by each method; the daemon's path is the one that
// package store computes, and everything else about it is right.
func TestRealNixAdd(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		content := s.unique("content\x00with bytes\xff")
		reference := s.addText(conn, "reference", content)
		for name, test := range map[string]struct {
			method     store.Method
			algorithm  store.Algorithm
			data       []byte
			references []store.Path
		}{
			"text":            {store.Text, store.SHA256, []byte(content), nil},
			"text-references": {store.Text, store.SHA256, []byte(content + string(reference)), []store.Path{reference}},
			"flat":            {store.Flat, store.SHA256, []byte(content), nil},
			"flat-sha512":     {store.Flat, store.SHA512, []byte(content), nil},
			"flat-sha1":       {store.Flat, store.SHA1, []byte(content), nil},
			"recursive":       {store.Recursive, store.SHA256, s.archive(content), nil},
			"recursive-md5":   {store.Recursive, store.MD5, s.archive(content), nil},
			"large":           {store.Flat, store.SHA256, []byte(strings.Repeat(content, 20000)), nil},
		} {
			info, err := conn.AddToStore(s.ctx(), name, test.method, test.algorithm, test.references, bytes.NewReader(test.data))
			if err != nil {
				s.Errorf("%s: %v", name, err)
				continue
			}
			ca := store.ContentAddress{Method: test.method, Hash: store.Sum(test.algorithm, test.data)}
			path, err := s.dir.PathFor(name, ca, store.References{Others: test.references})
			if err != nil {
				s.Fatal(err)
			}
			data := test.data
			if test.method != store.Recursive {
				data = s.archive(string(test.data))
			}
			want := &store.PathInfo{
				Path: path, NarHash: store.Sum(store.SHA256, data), NarSize: int64(len(data)),
				References: test.references, ContentAddress: ca,
			}
			if diff := cmp.Diff(want, info, sloppy...); diff != "" {
				s.Errorf("%s: %s", name, diff)
			}
			asked, err := conn.PathInfo(s.ctx(), path)
			if diff := cmp.Diff(info, asked, sloppy...); err != nil || diff != "" {
				s.Errorf("%s, asked again: %v\n%s", name, err, diff)
			}
			var read bytes.Buffer
			if err := conn.NarFromPath(s.ctx(), path, &read); err != nil || !bytes.Equal(read.Bytes(), data) {
				s.Errorf("%s: another archive of %d bytes came back, %v", name, read.Len(), err)
			}
		}
	})
}

// sloppy compares path infos but for when they were registered, and whether here:
// Nix 2.8 calls some ultimate that others do not.
var sloppy = []cmp.Option{
	cmpopts.IgnoreFields(store.PathInfo{}, "Registered", "Ultimate"),
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b store.Hash) bool { return a == b }),
}

// TestRealNixCopy adds finished store objects, one by one and many at once.
func TestRealNixCopy(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		one, data := s.object("one", s.unique("one"))
		one.Signatures = []string{"test-1:" + strings.Repeat("A", 86) + "=="}
		trusting := daemon.AddOptions{DontCheckSigs: true}
		if err := conn.AddToStoreNar(s.ctx(), one, bytes.NewReader(data), trusting); err != nil {
			s.Fatal(err)
		}
		info, err := conn.PathInfo(s.ctx(), one.Path)
		if diff := cmp.Diff(one, info, sloppy...); err != nil || diff != "" {
			s.Errorf("%v\n%s", err, diff)
		}

		var sources []daemon.Source
		var infos []*store.PathInfo
		previous := one.Path
		for _, name := range []string{"two", "three", "four"} {
			info, data := s.object(name, s.unique(name), previous)
			sources = append(sources, daemon.Source{Info: info, Open: opener(data)})
			infos = append(infos, info)
			previous = info.Path
		}
		if err := conn.AddMultipleToStore(s.ctx(), sources, trusting); err != nil {
			s.Fatal(err)
		}
		closure, err := conn.Closure(s.ctx(), previous)
		byPath := cmpopts.SortSlices(func(a, b *store.PathInfo) bool { return a.Path < b.Path })
		if diff := cmp.Diff(append(infos, one), closure, append(sloppy, byPath)...); err != nil || diff != "" {
			s.Errorf("%v\n%s", err, diff)
		}

		signature := "test-2:" + strings.Repeat("B", 85) + "A=="
		if err := conn.AddSignatures(s.ctx(), one.Path, []string{signature}); err != nil {
			s.Fatal(err)
		}
		info, err = conn.PathInfo(s.ctx(), one.Path)
		if err != nil || !slices.Contains(info.Signatures, signature) {
			s.Errorf("signatures %v, %v", info.Signatures, err)
		}
	})
}

// TestRealNixQueries asks for what two paths have to do with each other.
func TestRealNixQueries(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		below := s.addText(conn, "below", s.unique("below"))
		above := s.addText(conn, "above", s.unique(string(below)), below)
		nobody := store.Path(string(s.dir) + "/" + strings.Repeat("0", 32) + "-nobody")

		valid, err := conn.ValidPaths(s.ctx(), []store.Path{below, nobody, above}, false)
		slices.Sort(valid)
		want := []store.Path{below, above}
		slices.Sort(want)
		check(s, "valid paths", valid, err, want)
		all, err := conn.AllValidPaths(s.ctx())
		if err != nil || !slices.Contains(all, below) || !slices.Contains(all, above) {
			s.Errorf("all valid paths: %v, %v", all, err)
		}
		referrers, err := conn.Referrers(s.ctx(), below)
		check(s, "referrers", referrers, err, []store.Path{above})
		found, err := conn.PathFromHashPart(s.ctx(), below.HashPart())
		check(s, "from hash part", found, err, below)
		found, err = conn.PathFromHashPart(s.ctx(), nobody.HashPart())
		check(s, "from nobody's hash part", found, err, "")
		infos, err := conn.PathInfos(s.ctx(), []store.Path{above, nobody, below})
		if err != nil || infos[0].Path != above || infos[1] != nil || infos[2].Path != below {
			s.Errorf("path infos: %v, %v", infos, err)
		}
		var invalid *store.NotValidError
		if _, err := conn.PathInfo(s.ctx(), nobody); !errors.As(err, &invalid) || invalid.Path != nobody {
			s.Errorf("path info of nobody: %v", err)
		}
		if _, err := conn.Closure(s.ctx(), nobody); !errors.As(err, &invalid) {
			s.Errorf("closure of nobody: %v", err)
		}
	})
}

// TestRealNixPipelining asks for many more paths than are on their way at once.
func TestRealNixPipelining(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		there := s.addText(conn, "there", s.unique("there"))
		paths := make([]store.Path, 2000)
		for i := range paths {
			paths[i] = store.Path(string(s.dir) + "/" + store.Sum(store.MD5, []byte{byte(i), byte(i >> 8)}).Base16() + "-x")
			paths[i] = store.Path(strings.NewReplacer("e", "x", "u", "y", "t", "z", "o", "w").Replace(string(paths[i].Base())))
			paths[i] = store.Path(string(s.dir) + "/" + string(paths[i]))
			if i%3 == 0 {
				paths[i] = there
			}
		}
		infos, err := conn.PathInfos(s.ctx(), paths)
		if err != nil {
			s.Fatal(err)
		}
		for i, info := range infos {
			if (info != nil) != (i%3 == 0) || info != nil && info.Path != there {
				s.Fatalf("answer %d is %v", i, info)
			}
		}
	})
}

func check[T any](s *session, what string, got T, err error, want T) {
	s.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
		s.Errorf("%s: %v\n%s", what, err, diff)
	}
}

// TestRealNixBuild builds two derivations, one from the other, and looks at all
// that is told about it.
func TestRealNixBuild(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		lower, lowerDrv := s.instantiate(conn, "lower", "echo first line; echo second line; echo low > $out", nil)
		lowerOut := lowerDrv.Outputs["out"].Path
		upper, upperDrv := s.instantiate(conn, "upper", "echo $lower > $out; echo x > $dev", func(d *derivation.Derivation) {
			d.InputDerivations = map[store.Path][]string{lower: {"out"}}
			d.Outputs["dev"] = derivation.Output{}
			d.Env["lower"] = string(lowerOut)
		})
		missing, err := conn.Missing(s.ctx(), []daemon.DerivedPath{daemon.Outputs(upper)})
		slices.Sort(missing.WillBuild)
		want := []store.Path{lower, upper}
		slices.Sort(want)
		check(s, "missing", missing, err, daemon.Missing{WillBuild: want})

		results := s.build(conn, upper)
		if results[0].Status != daemon.StatusBuilt {
			s.Errorf("status %s", results[0].Status)
		}
		if s.version.Minor >= 34 {
			outputs := slices.Sorted(maps.Keys(results[0].Outputs))
			check(s, "built outputs", outputs, nil, []string{"dev", "out"})
		}
		outputs, err := conn.DerivationOutputs(s.ctx(), upper)
		check(s, "outputs", outputs, err, map[string]store.Path{
			"out": upperDrv.Outputs["out"].Path, "dev": upperDrv.Outputs["dev"].Path,
		})
		if s.nix != nil {
			theirs := strings.Fields(s.run("nix-store", "--realise", string(upper)))
			ours := []string{string(upperDrv.Outputs["out"].Path), string(upperDrv.Outputs["dev"].Path)}
			slices.Sort(theirs)
			slices.Sort(ours)
			check(s, "what nix-store builds", ours, nil, theirs)
		}
		info, err := conn.PathInfo(s.ctx(), upperDrv.Outputs["out"].Path)
		if err != nil {
			s.Fatal(err)
		}
		check(s, "references", info.References, nil, []store.Path{lowerOut})
		check(s, "deriver", info.Deriver, nil, upper)
		derivers, err := conn.ValidDerivers(s.ctx(), lowerOut)
		check(s, "derivers", derivers, err, []store.Path{lower})
		missing, err = conn.Missing(s.ctx(), []daemon.DerivedPath{daemon.Outputs(upper)})
		check(s, "missing afterwards", missing, err, daemon.Missing{})
		results, err = conn.Build(s.ctx(), []daemon.DerivedPath{daemon.Outputs(upper), daemon.Outputs(lower, "out")}, daemon.BuildNormal)
		if err != nil || len(results) != 2 || !results[0].Status.Success() || !results[1].Status.Success() {
			s.Errorf("built again: %v, %v", results, err)
		}
		if s.version.Minor >= 34 && results[0].Status != daemon.StatusAlreadyValid {
			s.Errorf("built again: %s", results[0].Status)
		}

		// What it told: each build is an activity, with lines of its log.
		builds := map[daemon.ActivityID]string{}
		lines := map[string][]string{}
		stopped := map[daemon.ActivityID]bool{}
		for _, event := range s.events.all() {
			switch event := event.(type) {
			case daemon.Started:
				if event.Type == daemon.ActivityBuild {
					builds[event.ID] = event.Fields[0].Text
				}
			case daemon.Stopped:
				stopped[event.ID] = true
			case daemon.Result:
				if line, ok := event.LogLine(); ok {
					drv := builds[event.ID]
					lines[drv] = append(lines[drv], line)
				}
			}
		}
		check(s, "log", lines, nil, map[string][]string{string(lower): {"first line", "second line"}})
		for id := range builds {
			if !stopped[id] {
				s.Errorf("the build of %s did not stop", builds[id])
			}
		}
	})
}

// TestRealNixFailures: each way in which a build fails has its status and kind.
func TestRealNixFailures(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		s.collecting.RLock()
		defer s.collecting.RUnlock()
		options := s.options()
		options.Settings.KeepGoing = true
		options.Settings.Overrides = map[string]string{"timeout": "1"}
		conn := s.dialWith(options)
		bad, badDrv := s.instantiate(conn, "bad", "echo why it failed; exit 3", nil)
		needs, _ := s.instantiate(conn, "needs-bad", "echo $bad > $out", func(d *derivation.Derivation) {
			d.InputDerivations = map[store.Path][]string{bad: {"out"}}
			d.Env["bad"] = string(badDrv.Outputs["out"].Path)
		})
		good, _ := s.instantiate(conn, "good", "echo good > $out", nil)
		lazy, _ := s.instantiate(conn, "lazy", "exit 0", nil)
		slow, _ := s.instantiate(conn, "slow", "sleep 30; echo slow > $out", nil)
		wrong, _ := s.instantiate(conn, "wrong", "echo other > $out", func(d *derivation.Derivation) {
			d.Outputs["out"] = derivation.Output{Method: store.Flat, Algorithm: store.SHA256, Hash: store.Sum(store.SHA256, []byte(s.unique("x")))}
		})
		for _, test := range []struct {
			drv    store.Path
			status []daemon.BuildStatus // the releases differ
			kind   daemon.Kind
		}{
			{bad, []daemon.BuildStatus{daemon.StatusPermanentFailure, daemon.StatusMiscFailure}, daemon.KindBuildFailed},
			{needs, []daemon.BuildStatus{daemon.StatusDependencyFailed, daemon.StatusPermanentFailure}, daemon.KindBuildFailed},
			{good, []daemon.BuildStatus{daemon.StatusBuilt}, daemon.KindOther},
			{lazy, []daemon.BuildStatus{daemon.StatusPermanentFailure, daemon.StatusOutputRejected, daemon.StatusMiscFailure}, daemon.KindBuildFailed},
			{slow, []daemon.BuildStatus{daemon.StatusTimedOut}, daemon.KindTimedOut},
			{wrong, []daemon.BuildStatus{daemon.StatusOutputRejected, daemon.StatusPermanentFailure, daemon.StatusMiscFailure}, daemon.KindHashMismatch},
		} {
			results, err := conn.Build(s.ctx(), []daemon.DerivedPath{daemon.Outputs(test.drv)}, daemon.BuildNormal)
			if err != nil {
				s.Errorf("%s: %v", test.drv.Name(), err)
				continue
			}
			result := results[0]
			if !slices.Contains(test.status, result.Status) {
				s.Errorf("%s: status %s, want one of %v; %s", test.drv.Name(), result.Status, test.status, result.Message)
			}
			if strings.Contains(result.Message, "\x1b") {
				s.Errorf("%s: colours in %q", test.drv.Name(), result.Message)
			}
			var failed *daemon.BuildError
			if errors.As(result.Err(), &failed) != !result.Status.Success() || failed != nil && failed.Kind != test.kind {
				s.Errorf("%s: %+v, want kind %s", test.drv.Name(), failed, test.kind)
			}
			// BuildPaths tells the same as an error.
			err = conn.BuildPaths(s.ctx(), []daemon.DerivedPath{daemon.Outputs(test.drv)}, daemon.BuildNormal)
			var said *daemon.Error
			if errors.As(err, &said) != !result.Status.Success() || said != nil && said.Kind != test.kind {
				s.Errorf("%s: %v (%+v), want kind %s", test.drv.Name(), err, said, test.kind)
			}
		}
		// Several at once: each has its own result, in the order asked for.
		results, err := conn.Build(s.ctx(), []daemon.DerivedPath{daemon.Outputs(bad), daemon.Outputs(good)}, daemon.BuildNormal)
		if err != nil || results[0].Status.Success() || !results[1].Status.Success() {
			s.Errorf("together: %+v, %v", results, err)
		}
	})
}

// TestRealNixCheck: a build that gives something else each time is found out.
func TestRealNixCheck(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		same, _ := s.instantiate(conn, "same", "echo same > $out", nil)
		random, _ := s.instantiate(conn, "random", "cat /proc/sys/kernel/random/uuid > $out", nil)
		s.build(conn, same, random)
		for drv, want := range map[store.Path]daemon.Kind{same: daemon.KindOther, random: daemon.KindNotReproducible} {
			results, err := conn.Build(s.ctx(), []daemon.DerivedPath{daemon.Outputs(drv)}, daemon.BuildCheck)
			if err != nil {
				s.Fatal(err)
			}
			var failed *daemon.BuildError
			if errors.As(results[0].Err(), &failed) != (want != daemon.KindOther) || failed != nil && failed.Kind != want {
				s.Errorf("%s: %+v %v", drv.Name(), results, failed)
			}
		}
	})
}

// TestRealNixBuildDerivation builds one that is not in the store.
func TestRealNixBuildDerivation(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		drv, d := s.instantiate(conn, "basic", "echo basic > $out", nil)
		result, err := conn.BuildDerivation(s.ctx(), drv, d, daemon.BuildNormal)
		if err != nil || result.Err() != nil {
			s.Fatalf("%v, %v", err, result.Err())
		}
		valid, err := conn.IsValidPath(s.ctx(), d.Outputs["out"].Path)
		check(s, "valid", valid, err, true)
		if s.version.Minor < 37 && result.CPUUser != nil {
			s.Errorf("CPU time %v before it is told", result.CPUUser)
		}
		if err := conn.AddBuildLog(s.ctx(), drv, strings.NewReader("a log\n")); err != nil {
			s.Errorf("adding a log: %v", err)
		}
		if err := conn.EnsurePath(s.ctx(), d.Outputs["out"].Path); err != nil {
			s.Errorf("ensuring a valid path: %v", err)
		}
		var said *daemon.Error
		nobody := store.Path(string(s.dir) + "/" + strings.Repeat("0", 32) + "-nobody")
		if err := conn.EnsurePath(s.ctx(), nobody); !errors.As(err, &said) || said.Kind != daemon.KindNoSubstituter {
			s.Errorf("ensuring what nobody has: %v (%+v)", err, said)
		}
	})
}

// TestRealNixFloating builds a content-addressed derivation, whose output path
// only the build tells, and asks for it afterwards.
func TestRealNixFloating(t *testing.T) {
	t.Parallel()
	eachMachine(t, func(s *session) {
		conn := s.adding()
		drv, d := s.instantiate(conn, "floating", "echo floating > $out", func(d *derivation.Derivation) {
			d.Outputs["out"] = derivation.Output{Method: store.Recursive, Algorithm: store.SHA256}
		})
		results := s.build(conn, drv)
		outputs, err := conn.DerivationOutputs(s.ctx(), drv)
		if err != nil || outputs["out"] == "" {
			s.Fatalf("outputs %v, %v", outputs, err)
		}
		if s.version.Minor >= 34 && results[0].Outputs["out"].OutPath != outputs["out"] {
			s.Errorf("built %+v, but outputs are %v", results[0].Outputs, outputs)
		}
		modulo, err := derivation.NewHasher(s.dir, derivation.FromStore(s.dir)).HashModulo(s.ctx(), d)
		if err != nil {
			s.Fatal(err)
		}
		id := "sha256:" + modulo.Hash.Base16() + "!out"
		real, ok, err := conn.QueryRealisation(s.ctx(), id)
		if err != nil || !ok || real.OutPath != outputs["out"] || real.ID != id {
			s.Errorf("realisation of %s: %+v, %v, %v", id, real, ok, err)
		}
		copied := real
		copied.ID = "sha256:" + store.Sum(store.SHA256, []byte(s.unique("id"))).Base16() + "!out"
		if err := conn.RegisterDrvOutput(s.ctx(), copied); err != nil {
			s.Errorf("registering: %v", err)
		}
		again, ok, err := conn.QueryRealisation(s.ctx(), copied.ID)
		if err != nil || !ok || again.OutPath != real.OutPath {
			s.Errorf("registered realisation: %+v, %v, %v", again, ok, err)
		}
	})
}

func opener(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}
