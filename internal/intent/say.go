package intent

import (
	"cmp"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
)

// say is a sentence that means exactly op.
func say(op operation.Operation) string {
	a := op.Arguments
	switch op.Name {
	case operation.InstallPackages:
		return "install " + list(a.Packages) + scopeWords(a.Scope) + from(a.Channel)
	case operation.RemovePackages:
		return "remove " + list(a.Packages) + scopeWords(a.Scope)
	case operation.TryPackages:
		return "try " + list(a.Packages)
	case operation.UpdateSystem:
		switch {
		case len(a.Packages) > 0:
			return "update " + list(a.Packages)
		case a.Channel != "":
			return "update to " + a.Channel
		}
		return "update my system"
	case operation.SearchPackages:
		return "search " + string(a.Query)
	case operation.SearchOptions:
		return "search options for " + string(a.Query)
	case operation.ShowPackage:
		return "info " + list(a.Packages)
	case operation.ShowOption:
		return "option " + string(a.Option)
	case operation.SetOption:
		switch {
		case a.Option != "":
		case a.Value == "true":
			return "enable " + string(a.Query)
		case a.Value == "false":
			return "disable " + string(a.Query)
		case strings.HasSuffix(string(a.Query), "port"):
			return "open " + string(a.Query) + " " + a.Value
		default:
			return "set " + string(a.Query) + " to " + a.Value
		}
		return "set " + string(a.Option) + " " + a.Value
	case operation.FindProgram:
		return "which package has " + string(a.Program)
	case operation.ExplainDependency:
		return "why is " + list(a.Packages) + " on my system"
	case operation.AnswerQuestion:
		if a.Text == "" {
			return "which questions can you answer"
		}
		return a.Text
	case operation.ExplainError:
		return strings.TrimSpace("explain error " + a.Text)
	case operation.Rollback:
		return "rollback" + target(a)
	case operation.CleanUp:
		switch {
		case a.Keep > 0:
			return "clean up and keep the last " + strconv.Itoa(a.Keep) + " generations"
		case a.OlderThanDays > 0:
			return "delete generations older than " + strconv.Itoa(a.OlderThanDays) + " days"
		}
		return "clean up"
	case operation.DeleteGenerations:
		var numbers []string
		for _, n := range a.Generations {
			numbers = append(numbers, strconv.Itoa(int(n)))
		}
		return "delete generations " + strings.Join(numbers, " ")
	case operation.SwitchGeneration:
		return "switch to generation " + strconv.Itoa(int(a.Generation))
	case operation.PinGeneration:
		return "pin " + numbered(a.Generation)
	case operation.UnpinGeneration:
		return "unpin " + numbered(a.Generation)
	case operation.CompareGenerations:
		switch {
		case a.To != 0:
			return "diff " + strconv.Itoa(int(a.From)) + " " + strconv.Itoa(int(a.To))
		case a.From != 0:
			return "diff " + strconv.Itoa(int(a.From))
		}
		return "diff"
	case operation.AttachJob:
		return "attach " + cmp.Or(a.Job, "to the running job")
	case operation.CancelJob:
		return "cancel " + cmp.Or(a.Job, "the running job")
	case operation.ListPackages:
		if a.Query != "" {
			return "list installed " + string(a.Query) + " packages"
		}
		return "installed"
	case operation.ShowHistory:
		if a.Verify {
			return "verify the history"
		}
	case operation.Undo:
		if a.Entry != "" {
			return "undo " + string(a.Entry)
		}
	case operation.ClearCache:
		if a.Expired {
			return "clear expired cache"
		}
		return "clear cache"
	}
	return plain(op.Name)
}

// numbered is how a generation is said.
func numbered(n operation.GenerationNumber) string {
	if n == 0 {
		return "the current generation"
	}
	return strconv.Itoa(int(n))
}

// plain is how an operation without arguments is asked for.
func plain(name operation.Name) string {
	spec, _ := operation.Lookup(name)
	return strings.Trim(spec.Example, `"`)
}

func target(a operation.Arguments) string {
	switch {
	case a.Generation != 0:
		return " to generation " + strconv.Itoa(int(a.Generation))
	case a.Steps == 1:
		return " one generation"
	case a.Steps > 1:
		return " " + strconv.Itoa(a.Steps) + " generations"
	case a.Date != "":
		return " to " + string(a.Date)
	case a.Channel != "":
		return " to NixOS " + a.Channel
	case a.Text != "":
		return " to the generation called " + strconv.Quote(a.Text)
	}
	return ""
}

func scopeWords(scope operation.Scope) string {
	switch scope {
	case operation.ScopeUser:
		return " for my user"
	case operation.ScopeSystem:
		return " for everyone"
	case operation.ScopeTemporary:
		return " temporarily"
	}
	return ""
}

func from(channel string) string {
	if channel == "" {
		return ""
	}
	return " from " + channel
}

func list(names []operation.PackageName) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = string(name)
	}
	return strings.Join(words, " ")
}

// command is what to type for op, quoted for a shell where that is needed.
func command(op operation.Operation) string {
	words := say(op)
	if strings.Trim(words, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.+/,:") == "" {
		return "ask-nix " + words
	}
	return `ask-nix "` + strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"$`\\", r) {
			return '\''
		}
		return r
	}, words) + `"`
}

func alternative(op operation.Operation, confidence float32) operation.Alternative {
	return operation.Alternative{Operation: op, Confidence: round(confidence), Say: say(op)}
}

// Choice is an operation that is offered, with how to ask for it.
func Choice(op operation.Operation, confidence float64) operation.Alternative {
	return alternative(op, float32(confidence))
}

// Choose is the error of a request that somebody has to choose for: why says why. The
// first of the choices is the likeliest.
func Choose(code operation.Code, why string, choices []operation.Alternative) *operation.Error {
	err := operation.Errorf(code, "%s", why).WithHint(nearest(choices))
	err.Alternatives = choices
	return err
}

// round keeps two digits of a confidence, which has no more.
func round(confidence float32) float64 {
	return float64(int(min(max(confidence, 0), 1)*100+0.5)) / 100
}
