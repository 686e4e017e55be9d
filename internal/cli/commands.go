package cli

import (
	"strings"

	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// command is an exact command.
type command struct {
	use   string // "diff [FROM] [TO]"; a second word of a group is written "cache stats"
	name  operation.Name
	flags string // names of its own flags, separated by spaces
	// parse turns words into arguments; ok is false when they are not of the
	// command's exact form, and then the line is read as a sentence.
	parse func(words []string, l *locals) (args operation.Arguments, ok bool)
	// free commands take words as they come, read like those of a sentence.
	free bool
}

// commands lists the exact commands in the order in which help shows them.
func commands() []command {
	return []command{
		{use: "generations", name: operation.ListGenerations, parse: none},
		{use: "diff [FROM] [TO]", name: operation.CompareGenerations, parse: fromTo},
		{use: "search WORDS...", name: operation.SearchPackages, free: true},
		{use: "info NAME", name: operation.ShowPackage, free: true},
		{use: "installed [WORDS...]", name: operation.ListPackages, parse: query},
		{use: "disk", name: operation.DiskUsage, parse: none},
		{use: "system", name: operation.ShowSystem, parse: none},
		{use: "config", name: operation.ShowConfiguration, parse: none},
		{use: "check", name: operation.CheckConfiguration, parse: none},
		{use: "rollback", name: operation.Rollback, flags: "to steps date", parse: none},
		{use: "switch-generation NUMBER", name: operation.SwitchGeneration, parse: generation},
		{use: "history", name: operation.ShowHistory, parse: none},
		{use: "errors", name: operation.ShowErrors, parse: none},
		{use: "metrics", name: operation.ShowMetrics, parse: none},
		{use: "cache stats", name: operation.ShowCache, parse: none},
		{use: "cache clear", name: operation.ClearCache, flags: "expired", parse: none},

		{use: "install PACKAGE...", name: operation.InstallPackages, free: true},
		{use: "remove PACKAGE...", name: operation.RemovePackages, free: true},
		{use: "try PACKAGE...", name: operation.TryPackages, free: true},
		{use: "update", name: operation.UpdateSystem, parse: none},
		{use: "build", name: operation.BuildSystem, parse: none},
		{use: "switch", name: operation.SwitchSystem, parse: none},
		{use: "boot", name: operation.BootSystem, parse: none},
		{use: "test", name: operation.TestSystem, parse: none},
		{use: "options WORDS...", name: operation.SearchOptions, free: true},
		{use: "option PATH", name: operation.ShowOption, parse: option},
		{use: "set OPTION VALUE", name: operation.SetOption, parse: optionValue},
		{use: "why TEXT...", name: operation.ExplainError, parse: text},
		{use: "which PROGRAM", name: operation.FindProgram, parse: program},
		{use: "health", name: operation.CheckHealth, parse: none},
		{use: "delete-generations NUMBER...", name: operation.DeleteGenerations, parse: generations},
		{use: "pin NUMBER", name: operation.PinGeneration, parse: generation},
		{use: "unpin NUMBER", name: operation.UnpinGeneration, parse: generation},
		{use: "pins", name: operation.ListPins, parse: none},
		{use: "clean-up", name: operation.CleanUp, flags: "keep older-than", parse: none},
		{use: "collect-garbage", name: operation.CollectGarbage, parse: none},
		{use: "repair", name: operation.RepairStore, parse: none},
		{use: "verify", name: operation.VerifyStore, parse: none},
		{use: "optimise", name: operation.OptimiseStore, parse: none},
		{use: "confirm", name: operation.ConfirmSwitch, parse: none},
		{use: "jobs", name: operation.ListJobs, parse: none},
		{use: "attach ID", name: operation.AttachJob, parse: job},
		{use: "cancel ID", name: operation.CancelJob, parse: job},
		{use: "catalog update", name: operation.UpdateCatalog, parse: none},
		{use: "migrate", name: operation.Migrate, parse: none},
		{use: "undo", name: operation.Undo, parse: none},
	}
}

// operation reads the words of the command. ok is false when they are not of
// its exact form.
func (c command) operation(a *app, words []string, l *locals) (op operation.Operation, ok bool, err error) {
	if c.free {
		if len(words) == 0 {
			return op, false, nil
		}
		op, err = intent.Fill(c.name, strings.Join(words, " "), a.now())
		return op, true, err
	}
	args, ok := c.parse(words, l)
	if !ok {
		return op, false, nil
	}
	op = operation.New(c.name, args)
	return op, true, l.fill(&op.Arguments)
}

// fill adds the values of the command's own flags.
func (l *locals) fill(args *operation.Arguments) error {
	for _, n := range []int{l.to, l.steps, l.keep, l.olderThan} {
		if n < 0 {
			return operation.Errorf(operation.CodeUsage, "%d is negative; a number from 1 is meant here", n)
		}
	}
	if l.to != 0 {
		args.Generation = operation.GenerationNumber(l.to)
	}
	if l.date != "" {
		date, err := operation.ParseDate(l.date)
		if err != nil {
			return err
		}
		args.Date = date
	}
	args.Steps, args.Keep, args.OlderThanDays = l.steps, l.keep, l.olderThan
	args.Expired = l.expired
	return nil
}

func none(words []string, _ *locals) (operation.Arguments, bool) {
	return operation.Arguments{}, len(words) == 0
}

func fromTo(words []string, _ *locals) (args operation.Arguments, ok bool) {
	numbers, ok := numbers(words)
	if !ok || len(numbers) > 2 {
		return args, false
	}
	if len(numbers) > 0 {
		args.From = numbers[0]
	}
	if len(numbers) > 1 {
		args.To = numbers[1]
	}
	return args, true
}

func generation(words []string, _ *locals) (operation.Arguments, bool) {
	numbers, ok := numbers(words)
	if !ok || len(numbers) != 1 {
		return operation.Arguments{}, false
	}
	return operation.Arguments{Generation: numbers[0]}, true
}

func generations(words []string, _ *locals) (operation.Arguments, bool) {
	numbers, ok := numbers(words)
	return operation.Arguments{Generations: numbers}, ok && len(numbers) > 0
}

func numbers(words []string) (list []operation.GenerationNumber, ok bool) {
	for _, word := range words {
		n, err := operation.ParseGenerationNumber(word)
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

func query(words []string, _ *locals) (operation.Arguments, bool) {
	q, err := operation.ParseQuery(strings.Join(words, " "))
	return operation.Arguments{Query: q}, err == nil
}

func text(words []string, _ *locals) (operation.Arguments, bool) {
	return operation.Arguments{Text: strings.Join(words, " ")}, true
}

func option(words []string, _ *locals) (operation.Arguments, bool) {
	if len(words) != 1 {
		return operation.Arguments{}, false
	}
	path, err := operation.ParseOptionPath(words[0])
	return operation.Arguments{Option: path}, err == nil
}

func optionValue(words []string, l *locals) (operation.Arguments, bool) {
	if len(words) != 2 {
		return operation.Arguments{}, false
	}
	args, ok := option(words[:1], l)
	args.Value = words[1]
	return args, ok && strings.Contains(words[0], ".")
}

func program(words []string, _ *locals) (operation.Arguments, bool) {
	if len(words) != 1 {
		return operation.Arguments{}, false
	}
	name, err := operation.ParsePackageName(words[0])
	return operation.Arguments{Program: name}, err == nil
}

func job(words []string, _ *locals) (operation.Arguments, bool) {
	if len(words) != 1 {
		return operation.Arguments{}, false
	}
	return operation.Arguments{Job: words[0]}, true
}
