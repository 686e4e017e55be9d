package cli

import (
	"github.com/spf13/pflag"

	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// flags are those that every command and every sentence takes.
type flags struct {
	json, dryRun, yes, explain, showMetrics, noCache, debug bool
	backend, root, profile, color                           string
	limit                                                   int
}

func (f *flags) add(set *pflag.FlagSet) {
	set.BoolVar(&f.json, "json", false, "answer with one JSON object")
	set.BoolVarP(&f.dryRun, "dry-run", "n", false, "show what would be done and change nothing")
	set.BoolVarP(&f.yes, "yes", "y", false, "confirm beforehand")
	set.BoolVar(&f.explain, "explain", false, "show how the request is understood and run nothing")
	set.BoolVar(&f.showMetrics, "show-metrics", false, "show how long it took, and the totals")
	set.BoolVar(&f.noCache, "no-cache", false, "neither use nor keep answers")
	set.StringVar(&f.backend, "backend", "", "how Nix is reached: `native`, command or auto")
	set.StringVar(&f.root, "root", "", "look for /etc, /run and /boot below `DIR`")
	set.StringVarP(&f.profile, "profile-name", "p", "", "the profile that is meant, `NAME`: system, user or another")
	set.IntVar(&f.limit, "limit", 0, "show at most so many `ROWS`")
	set.BoolVar(&f.debug, "debug", false, "tell on standard error what is being done")
	set.StringVar(&f.color, "color", "", "colour: `auto`, always or never")
}

// override lets the flags win over files and environment.
func (f *flags) override(s *settings.Settings) error {
	if f.debug {
		if err := s.Override("debug", "true", "--debug"); err != nil {
			return err
		}
	}
	for _, flag := range []struct{ key, value, name string }{
		{"backend", f.backend, "--backend"},
		{"root", f.root, "--root"},
		{"color", f.color, "--color"},
	} {
		if flag.value == "" {
			continue
		}
		if err := s.Override(flag.key, flag.value, flag.name); err != nil {
			return err
		}
	}
	return nil
}

// apply adds to an operation what the flags say of it, as far as it takes that.
func (f *flags) apply(op *operation.Operation) error {
	if f.limit < 0 {
		return operation.Errorf(operation.CodeUsage, "--limit: %d is not a number of rows", f.limit)
	}
	spec, _ := operation.Lookup(op.Name)
	if spec.Takes("limit") && f.limit > 0 {
		op.Arguments.Limit = f.limit
	}
	if f.profile == "" || op.Arguments.Profile != "" || !spec.Takes("profile") {
		return nil
	}
	name, err := operation.ParseProfileName(f.profile)
	op.Arguments.Profile = name
	return err
}

// locals are the flags that only some commands take, by name.
type locals struct {
	to, steps, keep, olderThan, offset int
	date, from, channel                string
	expired, origin                    bool
	packages, options, variants, paths bool
	system, user                       bool
}

func (l *locals) add(set *pflag.FlagSet, name string) {
	switch name {
	case "to":
		set.IntVar(&l.to, name, 0, "the `NUMBER` of a generation")
	case "steps":
		set.IntVar(&l.steps, name, 0, "how many `GENERATIONS` to go back")
	case "date":
		set.StringVar(&l.date, name, "", "as it was at the end of this `DAY`, such as 2025-01-31")
	case "keep":
		set.IntVar(&l.keep, name, 0, "how many `GENERATIONS` to keep")
	case "older-than":
		set.IntVar(&l.olderThan, name, 0, "delete only what is older than so many `DAYS`")
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
	case "system":
		set.BoolVar(&l.system, name, false, "for everybody: in the configuration of the system")
	case "user":
		set.BoolVar(&l.user, name, false, "for you alone: in your profile")
	case "origin":
		set.BoolVar(&l.origin, name, false, "show where each value came from")
	}
}
