package migration

import (
	_ "embed"
	"strconv"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/plainfile"
)

//go:embed table.txt
var tableText string

// rule is a line of the table.
type rule struct {
	key     string
	setting string // "" drops it
	values  string // theirs:ours, or why it is dropped
}

// Map says what becomes of settings, of which later ones weigh more, and of the others why
// nothing does. What is taken comes in the order of the table, one for each setting of
// ours.
func Map(settings []Setting) (taken []operation.TakenSetting, dropped []operation.DroppedSetting) {
	rules := table()
	drop := func(s Setting, why string) {
		dropped = append(dropped, operation.DroppedSetting{File: s.File, Key: s.Key, Reason: why})
	}
	best := make([]struct {
		Setting
		to    string
		heavy bool
	}, len(rules))
	for _, s := range settings {
		n := find(rules, s.Key)
		if n < 0 {
			drop(s, "there is nothing like it")
			continue
		}
		to, why := rules[n].value(s.Value)
		if why != "" {
			drop(s, why)
			continue
		}
		if best[n].heavy {
			drop(best[n].Setting, s.File+" sets it, too, and counts more")
		}
		best[n].Setting, best[n].to, best[n].heavy = s, to, true
	}
	for n, b := range best {
		if !b.heavy {
			continue
		}
		if heavier := heavierThan(n, rules, func(m int) bool { return best[m].heavy }); heavier >= 0 {
			drop(b.Setting, best[heavier].Key+" says more about "+rules[n].setting)
			continue
		}
		taken = append(taken, operation.TakenSetting{File: b.File, Key: b.Key, Value: b.Value, Setting: rules[n].setting, To: b.to})
	}
	return taken, dropped
}

// heavierThan is the heaviest rule that is used, and is about the same setting as rule n
// and heavier; -1 if there is none.
func heavierThan(n int, rules []rule, used func(int) bool) int {
	for m := len(rules) - 1; m > n; m-- {
		if rules[m].setting == rules[n].setting && used(m) {
			return m
		}
	}
	return -1
}

// table reads the table.
func table() []rule {
	var rules []rule
	for key, rest := range plainfile.Lines(tableText, "=") {
		setting, values := plainfile.Cut(rest, " ")
		if setting == "-" {
			setting = ""
		}
		rules = append(rules, rule{key: key, setting: setting, values: values})
	}
	return rules
}

// find is the rule for a key, or -1.
func find(rules []rule, key string) int {
	found, length := -1, -1
	for n, r := range rules {
		if r.key == key {
			return n
		}
		if prefix, ok := strings.CutSuffix(r.key, "*"); ok && len(prefix) > length && strings.HasPrefix(key, prefix) {
			found, length = n, len(prefix)
		}
	}
	return found
}

// value is what a value becomes, or why it becomes nothing.
func (r rule) value(theirs string) (ours, why string) {
	if r.setting == "" {
		return "", r.values
	}
	switch theirs = strings.ToLower(theirs); theirs {
	case "yes", "on": // as YAML was read by the other program
		theirs = "true"
	case "no", "off":
		theirs = "false"
	}
	for word := range strings.FieldsSeq(r.values) {
		if word == "NUMBER" {
			if _, err := strconv.ParseUint(theirs, 10, 31); err == nil {
				return theirs, ""
			}
			continue
		}
		value, becomes, _ := strings.Cut(word, ":")
		if value != theirs {
			continue
		}
		if becomes == "" {
			return "", "that is so anyway"
		}
		return becomes, ""
	}
	return "", "what it says is no value that " + r.setting + " can take"
}
