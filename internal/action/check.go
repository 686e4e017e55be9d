package action

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/build"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

const (
	nixosExpression = "<nixpkgs/nixos>"              // the function that makes a system
	toplevel        = "config.system.build.toplevel" // where that has all of it
)

// checkConfiguration evaluates the machine's NixOS configuration as nixos-rebuild
// would, and writes nothing.
func checkConfiguration(ctx context.Context, m *Machine, args operation.Arguments, observer operation.Observer) (Answer, error) {
	start := time.Now()
	system, err := evaluateSystem(ctx, m, observer, args.Source, evaluation.Request{NoCache: m.NoCache})
	if err != nil {
		return Answer{}, err
	}
	data := &operation.Check{
		File: system.file, Toplevel: string(system.drv), Name: system.name, Cached: system.result.Cached,
		EvaluationMs: float64(time.Since(start).Round(time.Microsecond)) / float64(time.Millisecond),
		Changed:      system.result.Missed,
	}
	data.Backend, data.BackendReason = m.BackendUsed()
	return Answer{
		Message: checkMessage(data), Data: data, Warnings: warnings(system.result.Messages), Cached: system.result.Cached, CacheAsked: !m.NoCache,
	}, nil
}

// evaluatedSystem is what the machine's configuration evaluates to.
type evaluatedSystem struct {
	file   string     // the configuration's entry file
	drv    store.Path // of the toplevel
	name   string     // of the system
	result *evaluation.Result
}

// evaluateSystem evaluates a configuration. The request says how; what to evaluate is
// filled in. Errors are for people.
func evaluateSystem(ctx context.Context, m *Machine, o operation.Observer, from operation.Source, request evaluation.Request) (*evaluatedSystem, error) {
	source, err := sourceOf(m, from, request)
	if err != nil {
		return nil, err
	}
	o.Observe(operation.Event{Kind: operation.EventPhase, Phase: "evaluate"})
	evaluation.CollectLate()
	request = source.Request
	request.BaseDir = "/"
	request.Features = m.Host.ExperimentalFeatures()
	var result *evaluation.Result
	far := &evaluating{observer: o, what: "evaluation of " + source.file, history: build.HistoryOf(m.Host), now: time.Now}
	request.Made = far.begin()
	if source.flake != "" {
		phase(o, "evaluate", "The nix command evaluates the flake "+source.flake)
		result, err = m.FlakeEvaluator.System(ctx, source.flake, toplevel, request)
	} else {
		result, err = m.Evaluator.Evaluate(ctx, request)
	}
	far.end(ctx, err == nil)
	request.Made = nil
	m.evaluated = result
	file := source.file
	if source.flake != "" && err != nil {
		return nil, explainFlake(source.flake, err)
	}
	if err != nil {
		failure := reader(ctx, m, request).Explain(err)
		if option, unknown := evaluation.UnknownOption(err); unknown {
			suggestOption(ctx, m, request, option, failure)
		}
		return nil, failure
	}
	if len(result.Derivations) != 1 {
		return nil, operation.Errorf(operation.CodeConfiguration, "%s gives %d systems", file, len(result.Derivations)).
			WithHint("<nixpkgs> is not a NixOS; `ask-nix config` shows which channels there are.")
	}
	path := result.Derivations[0].Path
	name, _ := derivation.NameOf(path)
	return &evaluatedSystem{file, path, name, result}, nil
}

func checkMessage(c *operation.Check) string {
	if c.Cached {
		return fmt.Sprintf("The configuration is fine: nothing has changed since it was evaluated to %s.", c.Name)
	}
	return fmt.Sprintf("The configuration is fine: it evaluates to %s.", c.Name)
}

// reader is who configures this machine: nixpkgs and the store are not theirs.
func reader(ctx context.Context, m *Machine, request evaluation.Request) evaluation.Reader {
	r := evaluation.Reader{
		Library: []string{string(m.Host.StoreDir)},
		Files:   m.Host.Configuration().Files,
		Full:    m.Log.Enabled(ctx, slog.LevelDebug),
	}
	for _, entry := range request.SearchPath {
		if entry.Prefix != "nixos-config" && entry.Path != "" {
			r.Library = append(r.Library, entry.Path)
			if target, err := filepath.EvalSymlinks(entry.Path); err == nil {
				r.Library = append(r.Library, target)
			}
		}
	}
	return r
}

// suggestOption looks among the options beside one that does not exist for those
// that may have been meant. Releases of NixOS since 2023 do so themselves.
func suggestOption(ctx context.Context, m *Machine, request evaluation.Request, option string, failure *operation.Error) {
	parent, name := "", option
	if dot := strings.LastIndexByte(option, '.'); dot >= 0 {
		parent, name = option[:dot], option[dot+1:]
	}
	request.Sources = []evaluation.Source{{
		Kind: evaluation.Expression, Text: "builtins.attrNames (import " + nixosExpression + " { }).options" + strings.TrimSuffix("."+parent, "."),
	}}
	request.Attributes, request.Want = nil, evaluation.Values
	request.Print = evaluation.Printing{Format: evaluation.JSON, Strict: true}
	request.NoCache = true
	var names []string
	result, err := m.Evaluator.Evaluate(ctx, request)
	if err != nil || len(result.Values) != 1 || json.Unmarshal([]byte(result.Values[0]), &names) != nil {
		return // the error is told all the same
	}
	near := spelling.Nearest(names, name)
	for i := range near {
		near[i] = strings.TrimPrefix(parent+"."+near[i], ".")
	}
	if len(near) > 0 {
		failure.Hint = evaluation.Meant(near)
	}
}

// searchPath is where the configuration's <names> are looked for: NIX_PATH and,
// for what that does not say, root's channels; what is included comes first.
func searchPath(m *Machine, file string, include ...string) []eval.SearchEntry {
	path := append(included(include), eval.SearchEntry{Prefix: "nixos-config", Path: file})
	path = append(path, eval.ParseSearchPath(m.Host.NixPath())...)
	if !slices.ContainsFunc(path, func(e eval.SearchEntry) bool { return e.Prefix == "nixpkgs" }) {
		channels := m.Host.RootChannels()
		path = append(path, eval.SearchEntry{Prefix: "nixpkgs", Path: channels + "/nixos"}, eval.SearchEntry{Path: channels})
	}
	return path
}

// warnings are the lines of what an evaluation said.
func warnings(messages []byte) []string {
	var all []string
	for line := range strings.Lines(string(messages)) {
		line = strings.TrimSpace(line)
		for _, prefix := range []string{"trace:", "evaluation warning:", "warning:"} {
			line = strings.TrimSpace(strings.TrimPrefix(line, prefix))
		}
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}
