package action

import (
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/record"
)

// Foreseen is a step of a conversation at the prompt: which operation came after which,
// and which one was prepared for it. No arguments are kept, and nothing that was said.
type Foreseen struct {
	Time  time.Time      `json:"time"`
	After operation.Name `json:"after"`
	Next  operation.Name `json:"next"`
	// Prepared is what was found out beforehand, and Right says that it was what was
	// asked for, and its answer still the right one.
	Prepared operation.Name `json:"prepared,omitempty"`
	Right    bool           `json:"right,omitempty"`
}

// prepared are the operations that are worth finding out beforehand: those whose answers
// are kept, of which the arguments can be left out.
func prepared() []operation.Name {
	return []operation.Name{operation.CompareGenerations, operation.ListPackages, operation.DiskUsage}
}

// A guess needs so many cases, and so large a part of them.
const (
	leastSeen  = 2
	leastShare = 0.25
)

// Foresee guesses what comes after an operation, by what came after it before, among what
// can be prepared; "" where nothing is likely enough.
func Foresee(steps []Foreseen, after operation.Name) operation.Name {
	total := 0
	count := map[operation.Name]int{}
	for _, s := range steps {
		if s.After == after {
			total++
			count[s.Next]++
		}
	}
	var best operation.Name
	for _, name := range prepared() {
		if n := count[name]; n >= leastSeen && float64(n) >= leastShare*float64(total) && n > count[best] {
			best = name
		}
	}
	return best
}

// foreseen counts what was prepared, and how often it was right.
func foreseen(file record.File) (prepared, right int, err error) {
	steps, err := record.Read[Foreseen](file)
	for _, s := range steps {
		if s.Prepared != "" {
			prepared++
		}
		if s.Right {
			right++
		}
	}
	return prepared, right, err
}
