package evaluation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/host"
	"luminousnix/internal/process"
	"luminousnix/nix/derivation"
	"luminousnix/nix/eval"
)

// Program is the program that [Command] runs.
const Program = "nix-instantiate"

// Command has nix-instantiate evaluate.
type Command struct {
	Host *host.Host
	// Env is the whole environment of the program, as NAME=value: expressions
	// can read it.
	Env []string
}

// ErrEdited means that files which are edited, but not written, cannot be evaluated.
var ErrEdited = errors.New("only the native evaluator can")

// CommandError means that nix-instantiate failed. What it said has gone to
// Stderr of the request already.
type CommandError struct {
	Program string // its path
	Status  int    // exit status
	Stderr  string // what it said
}

func (e *CommandError) Error() string {
	return fmt.Sprintf("%s ended with status %d", e.Program, e.Status)
}

// ErrNoProgram means that the nix program that is needed is not installed.
var ErrNoProgram = process.ErrNotFound

// Evaluate implements Evaluator. A failure of the program is a [*CommandError];
// the error matches [ErrNoProgram] when there is no such program.
func (c *Command) Evaluate(ctx context.Context, r Request) (*Result, error) {
	if len(r.Edited) > 0 {
		return nil, fmt.Errorf("%s cannot evaluate an edit that is not written: %w", Program, ErrEdited)
	}
	program, err := c.find(Program)
	if err != nil {
		return nil, err
	}
	argv, stdin, err := commandLine(r)
	if err != nil {
		return nil, err
	}
	messages := &recorded{to: r.Stderr}
	out, err := process.Run(ctx, process.Command{
		Argv: append([]string{program}, argv...), Env: c.environment(), Dir: r.BaseDir,
		Stdin: strings.NewReader(stdin), Stderr: messages,
	})
	result := &Result{
		Backend: "command", Messages: messages.kept.Bytes(), load: derivation.FromStore(c.Host.StoreDir),
	}
	if readErr := c.read(result, r, string(out)); readErr != nil && err == nil {
		err = readErr
	}
	var exit *process.ExitError
	if errors.As(err, &exit) {
		err = &CommandError{Program: program, Status: exit.Status, Stderr: messages.kept.String()}
	}
	return result, err
}

// read takes what was printed.
func (c *Command) read(result *Result, r Request, out string) error {
	if r.Want == Values {
		if out != "" {
			result.Values = []string{out}
		}
		return nil
	}
	for _, line := range strings.Split(strings.TrimSuffix(out, "\n"), "\n") {
		if line == "" {
			continue
		}
		path, output, found := strings.Cut(line, "!")
		d := Derivation{Output: "out"}
		if found {
			d.Output = output
		}
		if r.Link != "" {
			d.Link = path
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			path = target
		}
		var err error
		if d.Path, err = c.Host.StoreDir.Parse(path); err != nil {
			return fmt.Errorf("reading the output of %s: %w", Program, err)
		}
		result.Derivations = append(result.Derivations, d)
	}
	return nil
}

// find finds a program of Nix where the host has its programs.
func (c *Command) find(name string) (string, error) {
	program, _ := c.Host.Program(name)
	if program == "" {
		return "", fmt.Errorf("%s: %w", name, process.ErrNotFound)
	}
	return program, nil
}

// environment is that of the program. The search path is given by -I, so NIX_PATH
// is not needed once more.
func (c *Command) environment() []string {
	env := []string{"NIX_PATH="}
	for _, entry := range c.Env {
		if !strings.HasPrefix(entry, "NIX_PATH=") {
			env = append(env, entry)
		}
	}
	return env
}

// errMixed cannot happen from a command line of ours.
var errMixed = errors.New("the nix command does not evaluate files and expressions in one run")

// commandLine is the request as arguments, and what standard input gives.
func commandLine(r Request) (argv []string, stdin string, err error) {
	add := func(words ...string) { argv = append(argv, words...) }
	switch {
	case r.Want == Values:
		argv = printing(r)
	case !r.Write:
		add("--dry-run")
	case r.Link != "":
		add("--add-root", r.Link)
	}
	for _, path := range r.Attributes {
		add("-A", path)
	}
	for _, a := range r.Arguments {
		if a.IsString {
			add("--argstr", a.Name, a.Text)
		} else {
			add("--arg", a.Name, a.Text)
		}
	}
	for _, entry := range r.SearchPath {
		add("-I", searchWord(entry))
	}
	for _, s := range settings(r) {
		add("--option", s.Name, s.Value)
	}
	if len(r.Features) > 0 {
		add("--extra-experimental-features", strings.Join(r.Features, " "))
	}
	if r.ShowTrace {
		add("--show-trace")
	}
	operands, stdin, err := operands(r.Sources)
	return append(argv, operands...), stdin, err
}

func operands(sources []Source) (words []string, stdin string, err error) {
	files, expressions := 0, 0
	for _, s := range sources {
		switch s.Kind {
		case Input:
			words, stdin = append(words, "-"), s.Text
		case Expression:
			expressions++
			words = append(words, s.Text)
		default:
			files++
			if strings.HasPrefix(s.Text, "-") {
				s.Text = "./" + s.Text
			}
			words = append(words, s.Text)
		}
	}
	switch {
	case files > 0 && expressions > 0:
		return nil, "", errMixed
	case expressions > 0:
		words = append([]string{"-E"}, words...)
	}
	return words, stdin, nil
}

func searchWord(entry eval.SearchEntry) string {
	if entry.Prefix == "" {
		return entry.Path
	}
	return entry.Prefix + "=" + entry.Path
}

func printing(r Request) []string {
	argv := []string{"--eval"}
	add := func(on bool, flag string) {
		if on {
			argv = append(argv, flag)
		}
	}
	add(r.Print.Strict, "--strict")
	add(r.Print.Format == JSON, "--json")
	add(r.Print.Format == XML, "--xml")
	add(r.Print.Format == Raw, "--raw")
	add(r.Print.NoLocation, "--no-location")
	add(r.Write, "--read-write-mode")
	return argv
}

// settings are those that differ from what Nix does by itself.
func settings(r Request) []Setting {
	all := r.Settings
	add := func(on bool, name, value string) {
		if on {
			all = append(all[:len(all):len(all)], Setting{name, value})
		}
	}
	add(r.System != "" && r.System != ThisSystem(), "system", r.System)
	add(r.MaxCallDepth != 0, "max-call-depth", strconv.Itoa(r.MaxCallDepth))
	add(r.Pure, "pure-eval", "true")
	add(r.Restrict, "restrict-eval", "true")
	add(len(r.AllowedURIs) > 0, "allowed-uris", strings.Join(r.AllowedURIs, " "))
	add(r.DownloadTTL != 0, "tarball-ttl", strconv.Itoa(max(0, int(r.DownloadTTL/time.Second))))
	add(r.AbortOnWarn, "abort-on-warn", "true")
	add(r.TraceVerbose, "trace-verbose", "true")
	add(r.Lints.URLLiterals != eval.LintIgnore, "lint-url-literals", lintName(r.Lints.URLLiterals))
	add(r.Lints.ShortPathLiterals != eval.LintIgnore, "lint-short-path-literals", lintName(r.Lints.ShortPathLiterals))
	add(r.Lints.AbsolutePathLiterals != eval.LintIgnore, "lint-absolute-path-literals", lintName(r.Lints.AbsolutePathLiterals))
	return all
}

func lintName(level eval.Lint) string {
	switch level {
	case eval.LintWarn:
		return "warn"
	case eval.LintFatal:
		return "fatal"
	}
	return "ignore"
}
