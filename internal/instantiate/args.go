package instantiate

import (
	"fmt"
	"strconv"
	"strings"

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
	mode     mode
	format   format
	strict   bool
	location bool // positions in XML
	dryRun   bool
	write    bool // --read-write-mode
	verbose  bool // full traces

	expressions bool     // operands are expressions, not files
	operands    []string // "-" is standard input
	attributes  []string
	arguments   []argument
	include     []string
	roots       []string // links to make to what is instantiated

	features     []string
	maxCallDepth int
	traceVerbose bool
	lints        eval.Lints
}

// format is how a value is printed.
type format int

const (
	asNix format = iota
	asJSON
	asXML
	asRaw
)

// argument is one --arg or --argstr.
type argument struct {
	name, text string
	isString   bool
}

// usageError means that the words are none that nix-instantiate knows.
type usageError struct{ why string }

func (e *usageError) Error() string { return e.why }

// parseArguments reads the arguments of nix-instantiate.
func parseArguments(args []string) (*request, error) {
	p := &argumentParser{rest: args, request: &request{location: true}}
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
		p.operands = append(p.operands, word)
	case p.isMode(word), p.isFormat(word), p.isSource(word), p.isSetting(word):
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
		p.roots = append(p.roots, p.take(flag))
	case "--indirect": // has no effect since Nix 2.0
	default:
		return false
	}
	return true
}

func (p *argumentParser) isFormat(flag string) bool {
	switch flag {
	case "--strict":
		p.strict = true
	case "--json":
		p.format = asJSON
	case "--xml":
		p.format = asXML
	case "--raw":
		p.format = asRaw
	case "--no-location":
		p.location = false
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
		p.attributes = append(p.attributes, p.take(flag))
	case "-I", "--include":
		p.include = append(p.include, p.take(flag))
	case "--arg", "--argstr":
		p.arguments = append(p.arguments, argument{p.take(flag), p.take(flag), flag == "--argstr"})
	default:
		return false
	}
	return true
}

func (p *argumentParser) isSetting(flag string) bool {
	switch flag {
	case "--option":
		p.set(p.take(flag), p.take(flag))
	case "--extra-experimental-features", "--experimental-features":
		p.features = append(p.features, strings.Fields(p.take(flag))...)
	case "--max-call-depth", "--lint-url-literals", "--lint-short-path-literals", "--lint-absolute-path-literals":
		p.set(strings.TrimPrefix(flag, "--"), p.take(flag))
	case "--trace-verbose", "--abort-on-warn", "--pure-eval", "--restrict-eval":
		p.set(strings.TrimPrefix(flag, "--"), "true")
	case "--impure", "--no-pure-eval":
		p.set("pure-eval", "false")
	case "-v", "--verbose", "-vv", "-vvv", "--quiet", "--debug", "-Q", "--no-build-output":
	default:
		return false
	}
	return true
}

// set applies one setting of nix.conf. Those that say nothing about evaluation
// change nothing: the daemon has its own.
func (p *argumentParser) set(name, value string) {
	on := value == "true"
	switch name {
	case "experimental-features", "extra-experimental-features":
		p.features = append(p.features, strings.Fields(value)...)
	case "max-call-depth":
		depth, err := strconv.Atoi(value)
		if err != nil || depth < 0 {
			p.refuse("setting 'max-call-depth' has invalid value '%s'", value)
		}
		p.maxCallDepth = depth
	case "lint-url-literals":
		p.lints.URLLiterals = p.lint(name, value)
	case "lint-short-path-literals":
		p.lints.ShortPathLiterals = p.lint(name, value)
	case "lint-absolute-path-literals":
		p.lints.AbsolutePathLiterals = p.lint(name, value)
	case "show-trace":
		p.verbose = on
	case "trace-verbose":
		p.traceVerbose = on
	case "abort-on-warn", "pure-eval", "restrict-eval":
		if on { // what they promise is not kept yet
			p.refuse("setting '%s' is not supported by this nix-instantiate", name)
		}
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
