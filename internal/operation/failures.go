package operation

import "time"

// Failure is one recorded failure of ask-nix.
type Failure struct {
	Time      time.Time `json:"time"`
	Operation Name      `json:"operation"`
	Code      Code      `json:"code"`
	Message   string    `json:"message"`
	Hint      string    `json:"hint,omitempty"`
}

// Failures is the data of show-errors, each kind newest first.
type Failures struct {
	Failures []Failure      `json:"failures"`
	Units    []string       `json:"failedUnits"` // of systemd, failed now
	Journal  []JournalEntry `json:"journal"`     // of Nix, and of switches, since the machine started
	Builds   []FailedBuild  `json:"builds"`
	// Unknown says what could not be looked at, and why.
	Unknown []string `json:"unknown"`
}

// JournalEntry is a line of systemd's journal.
type JournalEntry struct {
	Time    time.Time `json:"time"`
	Unit    string    `json:"unit"`
	Message string    `json:"message"`
}

// FailedBuild is a build that left no result: it failed, or was interrupted, or what it
// made was deleted since.
type FailedBuild struct {
	Derivation string    `json:"derivation"` // store path
	Name       string    `json:"name"`
	Time       time.Time `json:"time"` // of the end of its log
	File       string    `json:"file"` // the log
	Log        []string  `json:"log"`  // its last lines
	// Explanation is what its log shows to those who know such errors; "" where it is
	// none of them.
	Explanation string `json:"explanation,omitempty"`
}
