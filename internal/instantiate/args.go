package instantiate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/evaluation"
	"luminousnix/internal/host"
	"luminousnix/nix/eval"
)

// mode is what is to be done with the expressions.
type mode int

const (
	instantiating mode = iota // write derivations, print their paths
	parsing                   // print the syntax tree
	evaluating                // print the value
	finding                   // print where <name> leads to
	helping                   // print the usage
)

// request is what the command line asks for.
type request struct {
	evaluation.Request
	mode     mode
	dryRun   bool
	write    bool // --read-write-mode
	verbose  bool // full traces
	verify   bool
	backend  string // auto, native or command
	operands []operand
	// expressions says that operands are expressions, not files.
	expressions bool
	include     []string // of -I
}

// operand is what to evaluate: a file, an expression, or - for standard input.
type operand string

// usageError means that the words are none that nix-instantiate knows.
type usageError struct{ why string }

func (e *usageError) Error() string { return e.why }

// parseArguments reads the arguments of nix-instantiate, which go before the
// settings of nix.conf.
func parseArguments(args []string, conf []host.Setting) (*request, error) {
	p := &argumentParser{rest: args, request: &request{backend: "auto"}}
	for _, s := range conf {
		p.set(s.Name, s.Value)
	}
	// The nix command reads the other settings itself.
	p.Settings, p.err = nil, nil
	for len(p.rest) > 0 && p.err == nil {
		p.next()
	}
	return p.request, p.err
}

type argumentParser struct {
	*request
	rest []string
	err  error
}

// take returns the next word, which flag needs.
func (p *argumentParser) take(flag string) string {
	if len(p.rest) == 0 {
		p.refuse("flag '%s' requires more arguments", flag)
		return ""
	}
	word := p.rest[0]
	p.rest = p.rest[1:]
	return word
}

func (p *argumentParser) refuse(format string, args ...any) {
	if p.err == nil {
		p.err = &usageError{fmt.Sprintf(format, args...)}
	}
}

func (p *argumentParser) next() {
	word := p.take("")
	switch {
	case word == "-" || !strings.HasPrefix(word, "-"):
		p.operands = append(p.operands, operand(word))
	case p.isMode(word), p.isFormat(word), p.isSource(word), p.isSetting(word), p.isOurs(word):
	case strings.HasPrefix(word, "-I"):
		p.include = append(p.include, word[2:])
	default:
		p.refuse("unrecognised flag '%s'", word)
	}
}

func (p *argumentParser) isMode(flag string) bool {
	switch flag {
	case "--parse", "--parse-only":
		p.mode = parsing
	case "--eval", "--eval-only":
		p.mode = evaluating
	case "--find-file":
		p.mode = finding
	case "--help":
		p.mode = helping
	case "--dry-run":
		p.dryRun = true
	case "--read-write-mode":
		p.write = true
	case "--add-root":
		p.Link = p.take(flag)
	case "--indirect": // has no effect since Nix 2.0
	default:
		return false
	}
	return true
}

func (p *argumentParser) isFormat(flag string) bool {
	switch flag {
	case "--strict":
		p.Print.Strict = true
	case "--json":
		p.Print.Format = evaluation.JSON
	case "--xml":
		p.Print.Format = evaluation.XML
	case "--raw":
		p.Print.Format = evaluation.Raw
	case "--no-location":
		p.Print.NoLocation = true
	case "--show-trace":
		p.verbose = true
	case "--no-show-trace":
		p.verbose = false
	default:
		return false
	}
	return true
}

func (p *argumentParser) isSource(flag string) bool {
	switch flag {
	case "-E", "--expr":
		p.expressions = true
	case "-A", "--attr":
		p.Attributes = append(p.Attributes, p.take(flag))
	case "-I", "--include":
		p.include = append(p.include, p.take(flag))
	case "--arg", "--argstr":
		p.Arguments = append(p.Arguments, evaluation.Argument{
			Name: p.take(flag), Text: p.take(flag), IsString: flag == "--argstr",
		})
	default:
		return false
	}
	return true
}

func (p *argumentParser) isSetting(flag string) bool {
	switch flag {
	case "--option":
		p.set(p.take(flag), p.take(flag))
	case "--extra-experimental-features", "--experimental-features", "--max-call-depth", "--max-memory", "--workers", "--lint-url-literals", "--lint-short-path-literals", "--lint-absolute-path-literals":
		p.set(strings.TrimPrefix(flag, "--"), p.take(flag))
	case "--trace-verbose", "--abort-on-warn", "--pure-eval", "--restrict-eval", "--eval-cache":
		p.set(strings.TrimPrefix(flag, "--"), "true")
	case "--impure":
		p.set("pure-eval", "false")
	case "--no-pure-eval", "--no-restrict-eval", "--no-abort-on-warn", "--no-eval-cache":
		p.set(strings.TrimPrefix(flag, "--no-"), "false")
	case "-v", "--verbose", "-vv", "-vvv", "--quiet", "--debug", "-Q", "--no-build-output":
	default:
		return false
	}
	return true
}

// isOurs takes the flags that nix-instantiate does not have.
func (p *argumentParser) isOurs(flag string) bool {
	switch flag {
	case "--backend":
		p.backend = p.take(flag)
		if p.err == nil && p.backend != "auto" && p.backend != "native" && p.backend != "command" {
			p.refuse("'%s' is no backend; there are native, command and auto", p.backend)
		}
	case "--verify":
		p.verify = true
	default:
		return false
	}
	return true
}

// set applies one setting of nix.conf. Those that say nothing about evaluation
// are for the nix command only: the daemon has its own.
func (p *argumentParser) set(name, value string) {
	on := value == "true"
	switch name {
	case "experimental-features":
		p.Features = strings.Fields(value)
	case "extra-experimental-features":
		p.Features = append(p.Features, strings.Fields(value)...)
	case "max-call-depth":
		depth, err := strconv.Atoi(value)
		if err != nil || depth < 0 {
			p.refuse("setting 'max-call-depth' has invalid value '%s'", value)
		}
		p.MaxCallDepth = depth
	case "workers":
		workers, err := strconv.Atoi(value)
		if err != nil || workers < 1 {
			p.refuse("setting 'workers' has invalid value '%s'", value)
		}
		p.Workers = workers
	case "max-memory":
		size, ok := parseSize(value)
		if !ok {
			p.refuse("setting 'max-memory' has invalid value '%s'; it is a number of bytes, or of KiB, MiB or GiB as in 500MiB", value)
		}
		if p.MaxMemory = size; size == 0 {
			p.MaxMemory = -1
		}
	case "lint-url-literals":
		p.Lints.URLLiterals = p.lint(name, value)
	case "lint-short-path-literals":
		p.Lints.ShortPathLiterals = p.lint(name, value)
	case "lint-absolute-path-literals":
		p.Lints.AbsolutePathLiterals = p.lint(name, value)
	case "show-trace":
		p.verbose = on
	case "trace-verbose":
		p.TraceVerbose = on
	case "abort-on-warn":
		p.AbortOnWarn = on
	case "pure-eval":
		p.Pure = on
	case "restrict-eval":
		p.Restrict = on
	case "allowed-uris":
		p.AllowedURIs = strings.Fields(value)
	case "extra-allowed-uris":
		p.AllowedURIs = append(p.AllowedURIs, strings.Fields(value)...)
	case "tarball-ttl":
		seconds, err := strconv.Atoi(value)
		if err != nil || seconds < 0 {
			p.refuse("setting 'tarball-ttl' has invalid value '%s'", value)
		}
		if p.DownloadTTL = time.Duration(seconds) * time.Second; seconds == 0 {
			p.DownloadTTL = -1
		}
	case "eval-system":
		p.System = value
	case "system":
		if p.System == "" {
			p.System = value
		}
	case "eval-cache":
		p.NoCache = !on
	default:
		p.Settings = append(p.Settings, evaluation.Setting{Name: name, Value: value})
	}
}

func (p *argumentParser) lint(setting, value string) eval.Lint {
	switch value {
	case "ignore":
		return eval.LintIgnore
	case "warn":
		return eval.LintWarn
	case "fatal":
		return eval.LintFatal
	}
	p.refuse("setting '%s' has invalid value '%s'", setting, value)
	return eval.LintIgnore
}
