package cli

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// command is an exact command.
type command struct {
	use   string // "diff [FROM] [TO]"; a second word of a group is written "cache stats"
	name  operation.Name
	flags string // names of its own flags, separated by spaces
	// parse turns words into arguments. Its error says why they are not of the command's
	// exact form; then the line is read as a sentence, and the error is for the case that
	// it is none. errWords is the error of words that rather are one.
	parse func(words []string, l *locals) (operation.Arguments, error)
	// free commands take words as they come, read like those of a sentence.
	free bool
	// about is what help says of it beside its summary.
	about string
	// dry commands only ever show the plan.
	dry bool
}

// commands lists the exact commands in the order in which help shows them.
func commands() []command {
	return []command{
		{use: "generations", name: operation.ListGenerations, parse: none},
		{use: "diff [FROM] [TO]", name: operation.CompareGenerations, parse: fromTo},
		{use: "search [WORDS...]", name: operation.SearchPackages, free: true, flags: "packages options variants offset"},
		{use: "info NAME", name: operation.ShowPackage, free: true},
		{use: "options WORDS...", name: operation.SearchOptions, free: true, flags: "variants offset"},
		{use: "option PATH", name: operation.ShowOption, parse: option},
		{use: "which PROGRAM", name: operation.FindProgram, parse: program},
		{use: "catalog list", name: operation.ShowCatalog, parse: none},
		{use: "catalog update", name: operation.UpdateCatalog, flags: "channel", parse: none},
		{use: "catalog build", name: operation.BuildCatalog, flags: "from output-paths", parse: none},
		{use: "installed [WORDS...]", name: operation.ListPackages, parse: query},
		{use: "disk", name: operation.DiskUsage, parse: none},
		{use: "why-depends PACKAGE", name: operation.ExplainDependency, parse: onePackage},
		{use: "system", name: operation.ShowSystem, parse: none},
		{use: "config", name: operation.ShowConfiguration, parse: none},
		{use: "check", name: operation.CheckConfiguration, flags: "source", parse: none},
		{use: "install PACKAGE...", name: operation.InstallPackages, free: true, flags: "system user flake"},
		{use: "remove PACKAGE...", name: operation.RemovePackages, free: true, flags: "system user flake"},
		{use: "try PACKAGE... [-- PROGRAM...]", name: operation.TryPackages, free: true, about: aboutTry},
		{use: "set OPTION VALUE", name: operation.SetOption, flags: "flake", parse: optionValue},
		{use: "build", name: operation.BuildSystem, flags: "source build", parse: none, about: aboutRemote},
		{use: "dry-build", name: operation.BuildSystem, flags: "source build", parse: none, dry: true, about: aboutRemote},
		{use: "switch", name: operation.SwitchSystem, flags: "specialisation install-bootloader confirm-within upgrade source build rollback", parse: none, about: aboutRemote},
		{use: "boot", name: operation.BootSystem, flags: "install-bootloader upgrade source build", parse: none, about: aboutRemote},
		{use: "test", name: operation.TestSystem, flags: "specialisation confirm-within source build", parse: none, about: aboutRemote},
		{use: "dry-activate", name: operation.DryActivateSystem, flags: "source build", parse: none, about: aboutRemote},
		{use: "update [PACKAGE...]", name: operation.UpdateSystem, flags: "preview only user flake build", parse: packages, about: aboutUpdate},
		{use: "rollback", name: operation.Rollback, flags: "to steps date nixos called confirm-within", parse: none},
		{use: "switch-generation NUMBER", name: operation.SwitchGeneration, flags: "confirm-within", parse: generation},
		{use: "confirm", name: operation.ConfirmSwitch, parse: none},
		{use: "recover", name: operation.RecoverSwitch, parse: none},
		{use: "jobs", name: operation.ListJobs, parse: none},
		{use: "attach [ID]", name: operation.AttachJob, parse: jobID},
		{use: "cancel [ID]", name: operation.CancelJob, parse: jobID},
		{use: "delete-generations NUMBER...", name: operation.DeleteGenerations, parse: generations},
		{use: "pin [NUMBER]", name: operation.PinGeneration, flags: "name note", parse: generationOrCurrent},
		{use: "unpin [NUMBER]", name: operation.UnpinGeneration, parse: generationOrCurrent},
		{use: "pins", name: operation.ListPins, parse: none},
		{use: "clean-up", name: operation.CleanUp, flags: "keep older-than ensure-free", parse: none},
		{use: "collect-garbage", name: operation.CollectGarbage, parse: none},
		{use: "repair", name: operation.RepairStore, parse: none},
		{use: "verify", name: operation.VerifyStore, parse: none},
		{use: "optimise", name: operation.OptimiseStore, parse: none},
		{use: "history", name: operation.ShowHistory, flags: "verify", parse: none},
		{use: "errors", name: operation.ShowErrors, parse: none},
		{use: "why [TEXT]", name: operation.ExplainError, parse: text, about: aboutWhy},
		{use: "ask [QUESTION]", name: operation.AnswerQuestion, parse: question},
		{use: "health", name: operation.CheckHealth, parse: none},
		{use: "metrics", name: operation.ShowMetrics, flags: "metrics", parse: none, about: aboutMetrics},
		{use: "cache stats", name: operation.ShowCache, parse: none},
		{use: "cache clear", name: operation.ClearCache, flags: "expired", parse: none},

		{use: "migrate", name: operation.Migrate, flags: "restore", parse: none},
		{use: "undo [NUMBER]", name: operation.Undo, flags: "entry", parse: entry, about: aboutUndo},
	}
}

// words are those that name the command, one or two: those of its use without its arguments.
func (c command) words() []string {
	words := strings.Fields(c.use)
	if i := slices.IndexFunc(words, func(word string) bool { return strings.ToLower(word) != word }); i >= 0 {
		words = words[:i]
	}
	return words
}

// operation reads the words of the command. The error is an [errSentence] when they are
// not of its exact form.
func (c command) operation(now time.Time, words []string, l *locals) (op operation.Operation, err error) {
	if c.free && strings.TrimSpace(strings.Join(words, "")) == "" {
		op = operation.New(c.name, operation.Arguments{})
	} else if c.free {
		op, err = readFree(c.name, strings.Join(words, " "), now)
	} else {
		var args operation.Arguments
		if args, err = c.parse(words, l); err != nil {
			return op, errSentence{command: c, words: words, why: err}
		}
		op = operation.New(c.name, args)
	}
	if err == nil {
		err = l.fill(&op.Arguments)
	}
	if l.rollback && err == nil {
		op.Name = operation.Rollback // the engine refuses what that does not take
	}
	if err == nil {
		err = op.Validate()
	}
	return op, err
}

// readFree reads the words of a free command as those of a sentence. Where they are
// plainly nothing but what is searched for, or a name, the grammar of sentences is
// not asked: compiling it takes longer than the search. What is searched for may be
// anything, also what makes no sentence.
func readFree(name operation.Name, words string, now time.Time) (operation.Operation, error) {
	switch name {
	case operation.SearchPackages, operation.SearchOptions:
		if query := plainQuery(words); query != "" {
			q, err := operation.ParseQuery(query)
			return operation.New(name, operation.Arguments{Query: q}), err
		}
		op, err := intent.Fill(name, words, now)
		var failed *operation.Error
		if err == nil || !errors.As(err, &failed) || failed.Code != operation.CodeUsage {
			return op, err
		}
		q, err := operation.ParseQuery(words)
		return operation.New(name, operation.Arguments{Query: q}), err
	case operation.ShowPackage:
		if path, err := operation.ParseOptionPath(words); err == nil && strings.ContainsAny(words, "<*\"'") {
			return operation.New(operation.ShowOption, operation.Arguments{Option: path}), nil
		}
		if p, err := operation.ParsePackageName(words); err == nil {
			return operation.New(name, operation.Arguments{Packages: []operation.PackageName{p}}), nil
		}
	}
	return intent.Fill(name, words, now)
}

// plainQuery is what is searched for without the "for a" before it, or "" for words
// that may say more than that.
func plainQuery(words string) string {
	fields := strings.Fields(words)
	for i, word := range fields {
		switch strings.ToLower(word) {
		case "and", "then", "please":
			return ""
		case "for", "a", "an", "the", "some":
			continue
		}
		return strings.Join(fields[i:], " ")
	}
	return ""
}

// fill adds the values of the command's own flags.
func (l *locals) fill(args *operation.Arguments) error {
	args.Steps, args.Keep, args.OlderThanDays, args.Offset = l.steps, l.keep, l.olderThan, l.offset
	args.Expired, args.Restore, args.Verify, args.Variants = l.expired, l.restore, l.verify, l.variants
	args.PinName, args.Note, args.Channel, args.OutputPaths = l.name, l.note, l.channel, l.paths
	args.InstallBootLoader, args.Upgrade, args.Source, args.Build = l.installBootLoader, l.upgrade, l.source, l.build
	args.ConfirmWithin = wholeSeconds(l.confirmWithin)
	if l.to != 0 {
		args.Generation = operation.GenerationNumber(l.to)
	}
	if l.called != "" {
		args.Text = l.called
	}
	for _, fill := range []func(*operation.Arguments) error{l.count, l.parse, l.choose, l.findFiles} {
		if err := fill(args); err != nil {
			return err
		}
	}
	return nil
}

// parse reads what has a grammar of its own.
func (l *locals) parse(args *operation.Arguments) (err error) {
	if l.date != "" {
		if args.Date, err = operation.ParseDate(l.date); err != nil {
			return operation.AsError(err).WithHint("For example: ask-nix rollback --date 2025-01-31")
		}
	}
	if l.ensureFree != "" {
		if args.EnsureFree, err = operation.ParseSize(l.ensureFree); err != nil {
			return operation.AsError(err).WithHint("A size is a number with a unit, for example: ask-nix clean-up --ensure-free 10GiB")
		}
	}
	if l.attribute != "" {
		if args.Source.Attribute, err = operation.ParseOptionPath(l.attribute); err != nil {
			return err
		}
	}
	if l.specialisation != "" {
		args.Specialisation, err = operation.ParseName("specialisation", l.specialisation)
	}
	return err
}

// choose reads flags that exclude each other.
func (l *locals) choose(args *operation.Arguments) error {
	switch {
	case l.system && l.user:
		return operation.Errorf(operation.CodeUsage, "--system and --user exclude each other")
	case l.packages && l.options:
		return operation.Errorf(operation.CodeUsage, "--packages and --options leave nothing").
			WithHint("Without either both are searched.")
	case l.system:
		args.Scope = operation.ScopeSystem
	case l.user:
		args.Scope = operation.ScopeUser
	case l.packages:
		args.Kind = operation.KindPackage
	case l.options:
		args.Kind = operation.KindOption
	}
	return nil
}

// findFiles makes files and folders absolute.
func (l *locals) findFiles(args *operation.Arguments) (err error) {
	if l.source.File != "" {
		if args.Source.File, err = filepath.Abs(l.source.File); err != nil {
			return err
		}
	}
	if l.from != "" {
		args.Tree, err = filepath.Abs(l.from)
	}
	return err
}

// count checks numbers: 0 is what leaving a flag out means, and cannot be given.
func (l *locals) count(*operation.Arguments) error {
	for _, flag := range []struct {
		name          string
		number, least int
	}{
		{"to", l.to, 1},
		{"steps", l.steps, 1},
		{"keep", l.keep, 1},
		{"older-than", l.olderThan, 1},
		{"offset", l.offset, 0},
		{"max-jobs", l.build.MaxJobs, 1},
		{"cores", l.build.Cores, 1},
		{"confirm-within", wholeSeconds(l.confirmWithin), 1},
	} {
		given := flag.number != 0 || l.given != nil && l.given(flag.name)
		if given && flag.number < flag.least {
			return operation.Errorf(operation.CodeUsage, "--%s: %d is too little; it is %d or more", flag.name, flag.number, flag.least)
		}
	}
	return nil
}

// wholeSeconds is a time as a number of seconds, rounded up.
func wholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// errWords is the error of words that make no exact form and may be a sentence.
var errWords = errors.New("these are words of a sentence")

// few is the error of a command with more words than its form has, or with less, if
// there are so few that it is rather a command than a sentence.
func few(words []string, needs string) error {
	if len(words) > 1 {
		return errWords
	}
	return operation.Errorf(operation.CodeUsage, "it needs %s", needs)
}

func none(words []string, _ *locals) (operation.Arguments, error) {
	switch len(words) {
	case 0:
		return operation.Arguments{}, nil
	case 1:
		return operation.Arguments{}, operation.Errorf(operation.CodeUsage, "%s is of no use to it", operation.Quote(words[0]))
	}
	return operation.Arguments{}, errWords
}

// entry takes the number of a change in the history, or nothing for the last one.
func entry(words []string, l *locals) (args operation.Arguments, err error) {
	if l.entry != "" {
		words = append(words, l.entry)
	}
	switch len(words) {
	case 0:
		return args, nil
	case 1:
		args.Entry, err = operation.ParseEntryNumber(words[0])
		return args, err
	}
	for _, word := range words {
		if _, err := operation.ParseEntryNumber(word); err != nil && l.entry == "" {
			return args, errWords
		}
	}
	return args, operation.Errorf(operation.CodeUsage, "it takes one number of a change")
}

func fromTo(words []string, _ *locals) (args operation.Arguments, err error) {
	numbers, err := numbers(words)
	if err == nil && len(numbers) > 2 {
		err = operation.Errorf(operation.CodeUsage, "%s is one generation too many: it compares two", operation.Quote(words[2]))
	}
	if err != nil {
		return args, err
	}
	if len(numbers) > 0 {
		args.From = numbers[0]
	}
	if len(numbers) > 1 {
		args.To = numbers[1]
	}
	return args, nil
}

func generation(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) == 0 {
		return operation.Arguments{}, few(words, "the number of a generation")
	}
	numbers, err := numbers(words)
	if err == nil && len(numbers) > 1 {
		err = operation.Errorf(operation.CodeUsage, "%s is one generation too many: it takes one", operation.Quote(words[1]))
	}
	if err != nil {
		return operation.Arguments{}, err
	}
	return operation.Arguments{Generation: numbers[0]}, nil
}

// generationOrCurrent takes no words for the current generation.
func generationOrCurrent(words []string, l *locals) (operation.Arguments, error) {
	if len(words) == 0 {
		return operation.Arguments{}, nil
	}
	return generation(words, l)
}

func generations(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) == 0 {
		return operation.Arguments{}, few(words, "the numbers of generations")
	}
	numbers, err := numbers(words)
	return operation.Arguments{Generations: numbers}, err
}

func numbers(words []string) (list []operation.GenerationNumber, err error) {
	for _, word := range words {
		n, err := operation.ParseGenerationNumber(word)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func query(words []string, _ *locals) (operation.Arguments, error) {
	q, err := operation.ParseQuery(strings.Join(words, " "))
	return operation.Arguments{Query: q}, err
}

// text takes one word, such as an error message in quotes. Several words are a sentence:
// "why is openssl on my system" asks for something else.
func text(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) > 1 {
		return operation.Arguments{}, errWords
	}
	return operation.Arguments{Text: strings.Join(words, "")}, nil
}

// question takes all words as they are.
func question(words []string, _ *locals) (operation.Arguments, error) {
	return operation.Arguments{Text: strings.Join(words, " ")}, nil
}

func option(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) != 1 {
		return operation.Arguments{}, few(words, "the path of an option")
	}
	path, err := operation.ParseOptionPath(words[0])
	return operation.Arguments{Option: path}, err
}

func optionValue(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) != 2 {
		return operation.Arguments{}, few(words, "the path of an option and a value")
	}
	path, err := operation.ParseOptionPath(words[0])
	if err == nil && !strings.Contains(words[0], ".") {
		err = errWords
	}
	return operation.Arguments{Option: path, Value: words[1]}, err
}

func program(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) != 1 {
		return operation.Arguments{}, few(words, "the name of a program")
	}
	name, err := operation.ParseName("program", strings.TrimSuffix(words[0], "?"))
	return operation.Arguments{Program: name}, err
}

func onePackage(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) != 1 {
		return operation.Arguments{}, few(words, "the name of a package")
	}
	name, err := operation.ParsePackageName(words[0])
	return operation.Arguments{Packages: []operation.PackageName{name}}, err
}

// packages takes names of packages, or nothing. Other words are a sentence, such as "update
// my system".
func packages(words []string, _ *locals) (operation.Arguments, error) {
	if len(words) == 0 {
		return operation.Arguments{}, nil
	}
	for _, word := range words {
		if _, err := operation.ParsePackageName(word); err != nil {
			return operation.Arguments{}, err
		}
	}
	op, err := intent.Fill(operation.UpdateSystem, strings.Join(words, " "), time.Now())
	if err == nil && len(op.Arguments.Packages) != len(words) {
		err = errWords
	}
	return op.Arguments, err
}

func jobID(words []string, _ *locals) (operation.Arguments, error) {
	switch {
	case len(words) == 0:
		return operation.Arguments{}, nil
	case len(words) > 1:
		return operation.Arguments{}, few(words, "the id of a job; `ask-nix jobs` lists them")
	}
	job, err := operation.ParseName("job", words[0])
	return operation.Arguments{Job: string(job)}, err
}
