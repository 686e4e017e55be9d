package profile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Selection says which generations to delete. Exactly one field is set; the zero
// value selects none. The current generation is never selected.
type Selection struct {
	// Old selects all but the current one, newer ones too.
	Old bool
	// Days, at least 1, selects those that were no longer active that many
	// times 24 hours ago: the one that was active then stays.
	Days int
	// Keep, at least 1, selects all but that many, counted downwards from the
	// current one, which is the first. Newer ones stay.
	Keep int
	// Numbers selects by number. One that is missing is passed over.
	Numbers []int
}

// SelectionError says why a text or a Selection selects nothing.
type SelectionError struct {
	Text string // the word that is wrong, or the whole selection
	Why  string
}

func (e *SelectionError) Error() string {
	return fmt.Sprintf("%q does not select generations: %s", e.Text, e.Why)
}

// ParseSelection parses the arguments of nix-env --delete-generations: "old", a
// number of days such as "30d", a number to keep such as "+5", each of which
// stands alone, or numbers of generations. Numbers are plain decimal digits from
// 1 to 2147483647; Nix also takes some odd spellings. No argument selects none.
// The error is a [*SelectionError].
func ParseSelection(args []string) (Selection, error) {
	if len(args) == 1 {
		if selection, ok, err := parseRule(args[0]); ok {
			return selection, err
		}
	}
	var selection Selection
	for _, arg := range args {
		number, ok := parseCount(arg)
		if !ok {
			why := "it is not a number from 1 up"
			if _, isRule, _ := parseRule(arg); isRule {
				why = "it must stand alone"
			}
			return Selection{}, &SelectionError{Text: arg, Why: why}
		}
		selection.Numbers = append(selection.Numbers, number)
	}
	return selection, nil
}

// parseRule parses what stands alone; ok is false for what should be a number.
func parseRule(arg string) (selection Selection, ok bool, err error) {
	if arg == "old" {
		return Selection{Old: true}, true, nil
	}
	if digits, found := strings.CutPrefix(arg, "+"); found {
		count, valid := parseCount(digits)
		if !valid {
			return Selection{}, true, &SelectionError{Text: arg, Why: "after + comes how many to keep, at least 1"}
		}
		return Selection{Keep: count}, true, nil
	}
	if digits, found := strings.CutSuffix(arg, "d"); found {
		count, valid := parseCount(digits)
		if !valid {
			return Selection{}, true, &SelectionError{Text: arg, Why: "before d comes a number of days, at least 1"}
		}
		return Selection{Days: count}, true, nil
	}
	return Selection{}, false, nil
}

// parseCount parses plain digits of a number from 1 up; leading zeros are let
// pass as Nix does.
func parseCount(digits string) (int, bool) {
	n, err := strconv.ParseUint(digits, 10, 31)
	return int(n), err == nil && n > 0
}

// Args returns the texts that ParseSelection parses.
func (s Selection) Args() []string {
	switch {
	case s.Old:
		return []string{"old"}
	case s.Days != 0:
		return []string{strconv.Itoa(s.Days) + "d"}
	case s.Keep != 0:
		return []string{"+" + strconv.Itoa(s.Keep)}
	}
	var args []string
	for _, number := range s.Numbers {
		args = append(args, strconv.Itoa(number))
	}
	return args
}

// String returns the texts separated by spaces.
func (s Selection) String() string { return strings.Join(s.Args(), " ") }

// check refuses selections that say two things or make no sense.
func (s Selection) check() error {
	set := 0
	for _, is := range []bool{s.Old, s.Days != 0, s.Keep != 0, len(s.Numbers) > 0} {
		if is {
			set++
		}
	}
	switch {
	case set > 1:
		return &SelectionError{Text: s.String(), Why: "it says more than one thing"}
	case s.Days < 0 || s.Keep < 0 || slices.ContainsFunc(s.Numbers, func(n int) bool { return n < 1 }):
		return &SelectionError{Text: s.String(), Why: "numbers start at 1"}
	}
	return nil
}
