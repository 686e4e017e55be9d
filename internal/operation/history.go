package operation

import (
	"strconv"
	"time"
)

// EntryNumber is the number of a change in the history: the letter of its log and the
// number of its first line there, such as u17 or s42.
type EntryNumber string

// The letters of the logs, and their names in [HistoryEntry].
const (
	UserEntry   = "u"
	SystemEntry = "s"

	UserLog   = "user"
	SystemLog = "system"
	BothLogs  = "both" // what somebody had root do for them
)

// ParseEntryNumber reads the number of a change. Without a letter it is the number in the
// log of whoever asks.
func ParseEntryNumber(s string) (EntryNumber, error) {
	number := s
	if len(s) > 1 && (s[:1] == UserEntry || s[:1] == SystemEntry) {
		number = s[1:]
	}
	if n, err := strconv.ParseInt(number, 10, 64); err != nil || n < 1 || strconv.FormatInt(n, 10) != number {
		return "", Errorf(CodeUsage, "%s is not the number of a change", Quote(s)).
			WithHint("`ask-nix history` shows the numbers, such as u17 or s42.")
	}
	return EntryNumber(s), nil
}

// HistoryEntry is one changing operation that ask-nix did or tried.
type HistoryEntry struct {
	Entry EntryNumber `json:"entry"`
	Log   string      `json:"log"`
	Time  time.Time   `json:"time"`
	// User is who asked, under sudo who has called it, and UID theirs.
	User      string    `json:"user"`
	UID       int       `json:"uid"`
	Operation Name      `json:"operation"`
	Arguments Arguments `json:"arguments"`
	Sentence  string    `json:"sentence,omitempty"`
	Argv      []string  `json:"argv,omitempty"` // where no sentence was said
	// ProposedBy is as in [Result].
	ProposedBy string       `json:"proposedBy,omitempty"`
	Summary    string       `json:"summary"`
	Confirmed  Confirmation `json:"confirmed"`
	Outcome    Code         `json:"outcome"` // "" is done
	Message    string       `json:"message"`
	Recovery   []string     `json:"recovery"` // attempts to go on when something failed
	// Back is what is needed to take it back; nil where undo cannot.
	Back *WayBack `json:"back,omitempty"`
	// Undoes is the change that this took back, and UndoneBy the one that took this back.
	Undoes   EntryNumber `json:"undoes,omitempty"`
	UndoneBy EntryNumber `json:"undoneBy,omitempty"`
}

// History is the data of show-history, newest first.
type History struct {
	Entries []HistoryEntry `json:"entries"`
	// Checks are set where the logs were checked, in place of Entries.
	Checks []HistoryCheck `json:"checks,omitempty"`
}

// HistoryCheck is what came of checking a log. Torn and Problems are places as file:line,
// and what is to be said of them: Torn is what a crash has cut short and is noted, Problems
// are all else that is not as it was written.
type HistoryCheck struct {
	Log      string   `json:"log"`
	Path     string   `json:"path"`
	Files    int      `json:"files"`
	Lines    int64    `json:"lines"` // that are as they were written
	Torn     []string `json:"torn"`
	Problems []string `json:"problems"`
}
