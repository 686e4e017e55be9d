package persona

import (
	"strconv"
	"strings"

	"luminousnix/internal/operation"
)

// Values are what there is to say of a result, by the names of placeholders. What an
// answer does not have is missing, or "".
//
//	message                    the result's line
//	names, query, option,      arguments
//	program, job
//	count                      of what the answer lists
//	current, from, to          numbers of generations
//	added, removed, changed    numbers of packages
//	free, total                disk space
//	running, problems          numbers; problems is missing where there is none
//	damaged, topic, activated, where it is the case
//	edited, file
func Values(r operation.Result) map[string]string {
	values := map[string]string{"message": r.Message}
	addArguments(values, r.Operation.Arguments)
	if r.Plan != nil {
		addFiles(values, r.Plan.Files)
	}
	switch data := r.Data.(type) {
	case *operation.Job:
		values["job"] = data.ID
	case *operation.Switched:
		values["from"], values["to"] = number(int(data.From)), number(int(data.To))
		values["activated"] = mark(data.Activated)
	case *operation.Updated:
		values["activated"] = mark(data.System != nil && data.System.Activated)
	case *operation.Edited:
		addFiles(values, data.Files)
	case *operation.Migrated:
		addFiles(values, data.Files)
	case *operation.Freed:
		if data.Free > 0 {
			values["free"] = operation.Size(data.Free)
		}
	case *operation.StoreCheck:
		values["damaged"] = mark(len(data.Damaged) > 0)
	default:
		addFound(values, r.Data)
	}
	return values
}

// addFound adds what an operation has that only looks.
func addFound(values map[string]string, data any) {
	count := -1
	switch data := data.(type) {
	case *operation.Generations:
		count = data.Total
		for _, g := range data.Generations {
			if g.Current {
				values["current"] = number(int(g.Number))
			}
		}
	case *operation.Comparison:
		values["from"], values["to"] = number(int(data.From)), number(int(data.To))
		values["added"], values["removed"], values["changed"] = size(data.Added), size(data.Removed), size(data.Changed)
	case *operation.InstalledPackages:
		count = data.Total
	case *operation.Catalogues:
		count = len(data.Catalogues)
	case *operation.Disk:
		if len(data.FileSystems) > 0 {
			values["free"], values["total"] = operation.Size(data.FileSystems[0].Free), operation.Size(data.FileSystems[0].Total)
		}
	case *operation.Metrics:
		count = data.TotalOperations
	case *operation.Cache:
		count = data.Entries
	case *operation.History:
		count = len(data.Entries)
	case *operation.Pins:
		count = len(data.Pins)
	case *operation.Jobs:
		count = len(data.Jobs)
		addRunning(values, data.Jobs)
	case *operation.Answered:
		values["topic"] = data.Topic.ID
	case *operation.Health:
		addProblems(values, data.Findings)
	}
	if count >= 0 {
		values["count"] = strconv.Itoa(count)
	}
}

func addArguments(values map[string]string, args operation.Arguments) {
	names := make([]string, len(args.Packages))
	for i, name := range args.Packages {
		names[i] = string(name)
	}
	values["names"] = strings.Join(names, ", ")
	values["query"] = string(args.Query)
	values["option"] = string(args.Option)
	values["program"] = string(args.Program)
	values["job"] = args.Job
}

func addFiles(values map[string]string, files []operation.FileEdit) {
	if len(files) > 0 {
		values["edited"], values["file"] = mark(true), files[0].Path
	}
}

func addRunning(values map[string]string, jobs []operation.Job) {
	running := 0
	for _, j := range jobs {
		if j.State == "running" {
			running++
		}
	}
	values["running"] = strconv.Itoa(running)
}

func addProblems(values map[string]string, findings []operation.Finding) {
	problems := 0
	for _, f := range findings {
		if f.Severity == operation.Problem {
			problems++
		}
	}
	values["problems"] = number(problems)
}

// number is "" for none.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func size(changes []operation.Change) string { return strconv.Itoa(len(changes)) }

// mark is a value that only says that something is the case.
func mark(on bool) string {
	if on {
		return "yes"
	}
	return ""
}
