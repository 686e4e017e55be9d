package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

// technical adds paths, the commands of Nix that do the same, timings, and what was used.
type technical struct {
	usual
	timings []*timing // of operations whose result is not shown yet
	running *timing   // of the one that runs
}

// observer tells what the usual one tells, and takes the time.
func (t *technical) observer(op operation.Operation) operation.Observer {
	times := &timing{}
	t.timings = append(t.timings, times)
	told := t.usual.observer(op)
	return operation.ObserverFunc(func(e operation.Event) {
		t.running = times
		if e.Kind == operation.EventPhase {
			times.begin(e.Phase, t.now())
		}
		told.Observe(e)
	})
}

// question begins a phase of its own, in which nothing is done.
func (t *technical) question() string {
	if t.running != nil {
		t.running.begin(technically("question"), t.now())
	}
	return t.usual.question()
}

// timing is when the phases of an operation began.
type timing struct{ phases []phaseTime }

type phaseTime struct {
	name  string
	began time.Time
}

// technically is one of the words of technical, by its name.
func technically(name string, values ...string) string {
	return persona.Phrase(persona.Technical, name, values...)
}

func (t *timing) begin(name string, now time.Time) { t.phases = append(t.phases, phaseTime{name, now}) }

// String is the time that each phase took, of an operation that took so long.
func (t *timing) String(whole time.Duration) string {
	var parts []string
	for i, p := range t.phases {
		end := t.phases[0].began.Add(whole)
		if i+1 < len(t.phases) {
			end = t.phases[i+1].began
		}
		parts = append(parts, p.name+" "+milliseconds(max(0, end.Sub(p.began))))
	}
	return strings.Join(parts, ", ")
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// plan has the commands too, but where it is the answer: there the result has them.
func (t *technical) plan(w io.Writer, op operation.Operation, plan *operation.Plan) {
	t.renderPlan(w, plan)
	if w == t.Err {
		t.pairs(w, equivalents(operation.Result{Operation: op, Plan: plan}))
	}
}

func (t *technical) result(r operation.Result) error {
	if err := t.renderResult(r); err != nil {
		return err
	}
	fmt.Fprintln(t.Out)
	t.pairs(t.Out, slices.Concat(paths(r.Data), equivalents(r), t.measured(r)))
	return nil
}

// failure adds the code of the error, the exit status, and what was measured.
func (t *technical) failure(r operation.Result) {
	t.showError(r.Err)
	t.flush()
	code := [2]string{technically("code"), technically("status", string(r.Err.Code), strconv.Itoa(r.ExitCode()))}
	t.pairs(t.Err, append([][2]string{code}, t.measured(r)...))
}

// measured is what was used, and how long it took. Operations are shown in the order in
// which they were run.
func (t *technical) measured(r operation.Result) [][2]string {
	if r.Operation.Name == "" {
		return nil
	}
	times := &timing{}
	if len(t.timings) > 0 {
		times, t.timings = t.timings[0], t.timings[1:]
	}
	backend, took := r.Backend, milliseconds(r.Duration)
	if r.BackendReason != "" {
		backend = technically("reason", backend, r.BackendReason)
	}
	if r.Cached {
		took = technically("cached", took)
	}
	return [][2]string{{technically("backend"), backend}, {technically("took"), took}, {technically("phases"), times.String(r.Duration)}}
}

// equivalents names what of Nix does about the same.
func equivalents(r operation.Result) (pairs [][2]string) {
	for _, argv := range persona.Equivalent(r) {
		pairs = append(pairs, [2]string{technically("equivalent"), quoted(argv)})
	}
	if len(pairs) == 0 {
		pairs = [][2]string{{technically("equivalent"), technically("none")}}
	}
	return pairs
}

// quoted is a command line as a shell reads it.
func quoted(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = word
		if word == "" || strings.ContainsAny(word, " \t\n'\"\\$&|;<>()*?[]{}~`!") {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// paths are those of an answer that the other presentations leave out.
func paths(data any) [][2]string {
	var pairs [][2]string
	named := func(name, path string) { pairs = append(pairs, [2]string{name, path}) }
	add := func(name, path string) { named(technically(name), path) }
	switch data := data.(type) {
	case *operation.Generations:
		add("profile", data.Profile)
		for _, g := range data.Generations {
			named(technically("generation", number(g.Number)), g.Path)
		}
	case *operation.Comparison:
		add("from", data.FromPath)
		add("to", data.ToPath)
	case *operation.InstalledPackages:
		for _, p := range data.Packages {
			named(p.Name, p.Path)
		}
	case *operation.Switched:
		add("profile", data.Profile)
		if data.Activation != nil {
			add("toplevel", data.Activation.Toplevel)
			add("previous", data.Activation.Previous)
		}
	case *operation.Migrated:
		for _, t := range data.Taken {
			add("taken", t.File+" "+t.Key)
		}
		for _, f := range data.Files {
			add("file", f.Path)
			add("kept", f.Backup)
		}
	case *operation.Edited:
		for _, f := range data.Files {
			add("file", f.Path)
			add("kept", f.Backup)
		}
	case *operation.Disk:
		add("profile", data.Profile)
	case *operation.Freed:
		add("profile", data.Profile)
	case *operation.Pins:
		add("profile", data.Profile)
	case *operation.System:
		add("running", data.RunningSystem)
		add("booted", data.BootedSystem)
		add("socket", data.DaemonSocket)
	case *operation.Catalogues:
		for _, c := range data.Catalogues {
			named(c.Role, c.Path)
		}
	default:
		morePaths(data, add)
	}
	return pairs
}

func morePaths(data any, add func(name, path string)) {
	switch data := data.(type) {
	case *operation.Dependency:
		for _, way := range data.Ways {
			for _, path := range way.Chain {
				add("path", path)
			}
		}
	case *operation.Tried:
		for _, path := range data.Paths {
			add("path", path)
		}
	case *operation.Updated:
		add("lock", data.Lock)
	case *operation.DryActivated:
		add("toplevel", data.Toplevel)
	case *operation.Built:
		add("compared", data.Compared)
	case *operation.Configuration:
		add("flake", data.Flake)
	}
}
