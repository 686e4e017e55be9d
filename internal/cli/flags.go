package cli

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
	"luminousnix/internal/settings"
)

// flags are those that every command and every sentence takes.
type flags struct {
	json, dryRun, yes, detach, explain, showMetrics, noCache, debug, offline bool
	backend, root, profile, color, persona, progress                         string
	limit                                                                    int
}

func (f *flags) add(set *pflag.FlagSet) {
	set.BoolVar(&f.json, "json", false, "answer with one JSON object")
	set.BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be done and change nothing")
	set.BoolVarP(&f.yes, "yes", "y", false, "confirm beforehand")
	set.BoolVar(&f.yes, "force", false, "the same as --yes: it skips a question, and never a protection")
	set.BoolVar(&f.detach, "detach", false, "start what changes something as a job that goes on by itself")
	set.BoolVar(&f.explain, "explain", false, "show how the request is understood and run nothing")
	set.BoolVar(&f.showMetrics, "show-metrics", false, "show on standard error how long it took, and how it went so far")
	set.BoolVar(&f.noCache, "no-cache", false, "neither use nor keep answers")
	set.BoolVar(&f.offline, "offline", false, "fetch nothing: work with what is on this machine")
	set.StringVar(&f.backend, "backend", "", "how Nix is reached: `native`, command or auto")
	set.StringVar(&f.root, "root", "", "look for /etc, /run and /boot below `DIR`")
	set.StringVarP(&f.profile, "profile-name", "p", "", "the profile that is meant, `NAME`: system, user or another")
	set.IntVar(&f.limit, "limit", 0, "show at most so many `ROWS`")
	set.BoolVar(&f.debug, "debug", false, "tell on standard error what is being done")
	set.StringVar(&f.color, "color", "", "colour: `auto`, always or never")
	set.StringVar(&f.persona, "persona", "", "how it is told: `NAME` is standard, plain, brief, technical, screen-reader or calm")
	set.StringVar(&f.progress, "progress", "", "how progress is shown on standard error: `auto`, tree, lines, json or none")
}

// override lets the flags win over files and environment.
func (f *flags) override(s *settings.Settings) error {
	if f.debug {
		if err := s.Override("debug", "true", "--debug"); err != nil {
			return err
		}
	}
	if f.offline {
		if err := s.Override("offline", "true", "--offline"); err != nil {
			return err
		}
	}
	for _, flag := range []struct{ key, value, name, good string }{
		{"backend", f.backend, "--backend", "native"},
		{"root", f.root, "--root", "/mnt"},
		{"color", f.color, "--color", "never"},
		{"persona", f.persona, "--persona", "plain"},
	} {
		if flag.value == "" {
			continue
		}
		if err := s.Override(flag.key, flag.value, flag.name); err != nil {
			return operation.AsError(err).WithHint("For example: ask-nix generations " + flag.name + " " + flag.good)
		}
	}
	return nil
}

// apply adds to an operation what the flags say of it, as far as it takes that.
func (f *flags) apply(op *operation.Operation) error {
	if f.limit < 0 {
		return operation.Errorf(operation.CodeUsage, "--limit: %d is not a number of rows", f.limit).
			WithHint("Rows are counted from 1, for example: ask-nix history --limit 10")
	}
	if f.persona != "" && !slices.Contains(persona.Names(), f.persona) {
		return operation.Errorf(operation.CodeUsage, "--persona: %q is none of %s", f.persona, strings.Join(persona.Names(), ", ")).
			WithHint("For example: ask-nix generations --persona plain")
	}
	switch f.progress {
	case "", "auto", "tree", "lines", "json", "none":
	default:
		return operation.Errorf(operation.CodeUsage, "--progress: %q is none of auto, tree, lines, json, none", f.progress).
			WithHint("For example: ask-nix build --progress json")
	}
	spec, _ := operation.Lookup(op.Name)
	if spec.Takes("limit") && f.limit > 0 {
		op.Arguments.Limit = f.limit
	}
	if f.profile == "" || op.Arguments.Profile != "" || !spec.Takes("profile") {
		return nil
	}
	name, err := operation.ParseProfileName(f.profile)
	if err != nil {
		return operation.AsError(err).WithHint("It is a name, not a path, of letters, digits and - _ only, for example: ask-nix generations --profile-name system")
	}
	op.Arguments.Profile = name
	return nil
}

// locals are the flags that only some commands take, by name.
type locals struct {
	to, steps, keep, olderThan, offset int
	date, from, channel, called        string
	specialisation                     string
	confirmWithin                      time.Duration
	installBootLoader, upgrade         bool
	rollback, restore                  bool
	source                             operation.Source
	build                              operation.Build
	attribute                          string
	name, note, ensureFree, entry      string
	verify                             bool
	expired, origin                    bool
	packages, options, variants, paths bool
	system, user, preview              bool
	metrics                            metricsWanted

	given func(flag string) bool // on the command line; nil where there is none
}

func (l *locals) add(set *pflag.FlagSet, name string) {
	switch name {
	case "to":
		set.IntVar(&l.to, name, 0, "the `NUMBER` of a generation")
	case "steps":
		set.IntVar(&l.steps, name, 0, "how many `GENERATIONS` to go back")
	case "date":
		set.StringVar(&l.date, name, "", "as it was at the end of this `DAY`, such as 2025-01-31")
	case "nixos":
		set.StringVar(&l.channel, name, "", "the newest generation of this `VERSION` of NixOS, such as 25.05")
	case "called":
		set.StringVar(&l.called, name, "", "the newest generation with these `WORDS` in its version, revision, or pin")
	case "keep":
		set.IntVar(&l.keep, name, 0, "how many `GENERATIONS` to keep")
	case "older-than":
		set.IntVar(&l.olderThan, name, 0, "delete only what is older than so many `DAYS`")
	case "ensure-free":
		set.StringVar(&l.ensureFree, name, "", "delete just enough, oldest first, that so much is free, a `SIZE` such as 10GiB")
	case "name":
		set.StringVar(&l.name, name, "", "a `NAME` for the generation")
	case "note":
		set.StringVar(&l.note, name, "", "a `TEXT` such as why it is kept")
	case "verify":
		set.BoolVar(&l.verify, name, false, "check that no line of it was altered or removed")
	case "entry":
		set.StringVar(&l.entry, name, "", "the `NUMBER` of a change in the history")
	case "expired":
		set.BoolVar(&l.expired, name, false, "only what is past its time")
	case "offset":
		set.IntVar(&l.offset, name, 0, "leave out so many better `ROWS`")
	case "packages":
		set.BoolVar(&l.packages, name, false, "only packages")
	case "options":
		set.BoolVar(&l.options, name, false, "only options of NixOS and home-manager")
	case "variants":
		set.BoolVar(&l.variants, name, false, "show each variant of a package and each option of a module")
	case "from":
		set.StringVar(&l.from, name, "", "a `FOLDER` of nixpkgs; that of this machine by default")
	case "output-paths":
		set.BoolVar(&l.paths, name, false, "find out where packages are in the store too: several times the time and memory")
	case "channel":
		set.StringVar(&l.channel, name, "", "the `NAME` of a channel, such as nixos-25.05")
	case "only":
		set.StringVar(&l.channel, "channel", "", "only this channel of root's, or this input of the flake, by its `NAME`")
	case "confirm-within":
		set.DurationVar(&l.confirmWithin, name, 0, "go back unless ask-nix confirm is run within this `TIME`, such as 60s")
	case "preview":
		set.BoolVar(&l.preview, name, false, "show what is newer and about what that would change")
	case "specialisation":
		set.StringVarP(&l.specialisation, name, "c", "", "activate this variant of the system, by its `NAME`")
	case "install-bootloader":
		set.BoolVar(&l.installBootLoader, name, false, "install the boot loader itself anew")
	case "upgrade":
		set.BoolVar(&l.upgrade, name, false, "update root's channels before, or the inputs of the flake")
	case "rollback":
		set.BoolVar(&l.rollback, name, false, "go back to the generation before in place of building, as rollback does")
	case "restore":
		set.BoolVar(&l.restore, "rollback", false, "put the settings back as they were before")
	case "source":
		l.addSource(set)
	case "flake":
		l.addFlake(set)
	case "build":
		l.addBuild(set)
	case "system":
		set.BoolVar(&l.system, name, false, "for everybody: in the configuration of the system")
	case "user":
		set.BoolVar(&l.user, name, false, "for you alone: in your profile")
	case "metrics":
		set.BoolVar(&l.metrics.prometheus, "prometheus", false, "in Prometheus' text format")
		set.StringVar(&l.metrics.textfile, "textfile", "", "write that to a `FILE`, for node-exporter; it is replaced at once")
		set.DurationVar(&l.metrics.watch, "watch", 0, "again after each `TIME`, such as 60s, until Ctrl-C")
	case "origin":
		set.BoolVar(&l.origin, name, false, "show where each value came from")
	}
}

// addSource adds the flags of nixos-rebuild that say where a configuration is.
func (l *locals) addSource(set *pflag.FlagSet) {
	l.addFlake(set)
	set.StringVarP(&l.source.File, "file", "f", "", "a Nix `FILE` that gives the system")
	set.StringVarP(&l.attribute, "attr", "A", "", "what of the file is the system, an attribute `PATH`")
	set.StringArrayVarP(&l.source.Include, "include", "I", nil, "an entry of the search path before others, `NAME=PATH`")
}

// addFlake adds those of them that say which flake it is, if any.
func (l *locals) addFlake(set *pflag.FlagSet) {
	set.StringVarP(&l.source.Flake, "flake", "F", "", "the system of a flake, `FLAKE#NAME`")
	set.Lookup("flake").NoOptDefVal = "."
	set.BoolVar(&l.source.NoFlake, "no-flake", false, "pass over the machine's flake")
}

// addBuild adds the flags of nixos-rebuild that say how things are built.
func (l *locals) addBuild(set *pflag.FlagSet) {
	set.IntVarP(&l.build.MaxJobs, "max-jobs", "j", 0, "how many `BUILDS` at once")
	set.IntVar(&l.build.Cores, "cores", 0, "how many `CORES` for each build")
	set.BoolVarP(&l.build.KeepGoing, "keep-going", "k", false, "go on with other builds when one has failed")
	set.StringArrayVar(&l.build.Settings, "option", nil, "a setting of nix.conf, `NAME VALUE`")
}

// joinValues makes one word of a flag and what follows it, where that is not what the
// library of flags understands: the two words after --option, and the one after --flake
// that may be missing.
func joinValues(args []string) []string {
	var joined []string
	for i := 0; i < len(args); i++ {
		left := len(args) - i - 1
		switch arg := args[i]; {
		case arg == "--":
			return append(joined, args[i:]...)
		case arg == "--option" && left >= 2:
			joined = append(joined, "--option="+args[i+1]+"="+args[i+2])
			i += 2
		case (arg == "--flake" || arg == "-F") && left >= 1 && !strings.HasPrefix(args[i+1], "-"):
			joined = append(joined, "--flake="+args[i+1])
			i++
		default:
			joined = append(joined, arg)
		}
	}
	return joined
}
