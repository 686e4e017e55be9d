// Package metrics counts how operations went: how often, how long, from where. Nothing of
// what was asked or answered is kept, only numbers, and they never leave the machine by
// themselves.
//
// All processes of a user add to one file of 64 KiB. It has a slot of 512 bytes for each
// operation, with a checksum. To add is to lock the slot, read it and write it back in one
// write, so that no count is lost, operations do not wait for each other, and whoever is
// killed leaves a slot as it was before or after: a slot never crosses a page of memory or
// a sector of the disk. A file that does not check is put aside, and counting starts anew.
package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"luminousnix/internal/operation"
)

// File is the file of counts, readable by its owner only.
type File struct{ Path string }

// Run is one run of an operation.
type Run struct {
	Operation operation.Name
	At        time.Time
	Took      time.Duration
	Succeeded bool
	// CacheAsked says that the answer could have come from the cache, Cached that it did.
	CacheAsked, Cached bool
	Backend            string // native, command, or "" where none was needed
	// Recoveries is how often it went on after a failure was overcome, and Recovered says
	// that it came to a good end then.
	Recoveries int
	Recovered  bool
	// Estimated says that it was foretold how long it would take, and EstimateError by
	// what part of the true time that was wrong.
	Estimated     bool
	EstimateError float64
}

// DamagedError says that the file did not check and was put aside. Counting has started
// anew; whoever is given this error says so, and nobody else is.
type DamagedError struct {
	Path  string
	Aside string // where the damaged file is now
	Why   string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the counts of operations are damaged (%s), and start anew; the old file is kept as %s", e.Why, e.Aside)
}

// Add counts a run. When the file had to be put aside the run is counted in the new one,
// and the error is a [*DamagedError].
func (f File) Add(r Run) error {
	if len(r.Operation) == 0 || len(r.Operation) > nameSize {
		return fmt.Errorf("counting: %q is no name of an operation", r.Operation)
	}
	aside, err := f.with(true, func(o *opened) error { return o.add(r) })
	return joined(aside, err, "counting")
}

// Read sums up all runs. Where there is no file there were none.
func (f File) Read() (operation.Metrics, error) {
	var used []slot
	aside, err := f.with(false, func(o *opened) (err error) {
		used, err = o.all()
		return err
	})
	return summary(used), joined(aside, err, "reading the counts")
}

func joined(aside *DamagedError, err error, doing string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	if aside != nil {
		return aside
	}
	return nil
}

// IsDamaged finds the [*DamagedError] of an error.
func IsDamaged(err error) (*DamagedError, bool) {
	var damaged *DamagedError
	return damaged, errors.As(err, &damaged)
}

// summary sums up slots: for each operation, by name, and for all together.
func summary(used []slot) operation.Metrics {
	m := operation.Metrics{Operations: []operation.OperationMetrics{}}
	var all operation.OperationMetrics
	for i := range used {
		s := &used[i]
		one := s.metrics()
		at, there := slices.BinarySearchFunc(m.Operations, one.Operation, func(o operation.OperationMetrics, name operation.Name) int {
			return cmp.Compare(o.Operation, name)
		})
		if there {
			m.Operations[at] = sum(m.Operations[at], one)
		} else {
			m.Operations = slices.Insert(m.Operations, at, one)
		}
		all = sum(all, one)
		if first := time.Unix(int64(min(s.First, math.MaxInt64)), 0); s.First != 0 && (m.Since == nil || first.Before(*m.Since)) {
			m.Since = &first
		}
	}
	m.TotalOperations = all.Total
	m.SuccessRate = share(all.Succeeded, all.Total)
	m.CacheHitRate = share(all.Cached, all.CacheAsked)
	m.AverageDuration, m.OperationCounts = all.AverageDuration, all.OperationCounts
	return m
}

func share(part, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(part) / float64(of)
}

// sum adds two counts of the same operation, or of any two.
func sum(a, b operation.OperationMetrics) operation.OperationMetrics {
	total := float64(a.Total + b.Total)
	if total > 0 {
		a.AverageDuration = (a.AverageDuration*float64(a.Total) + b.AverageDuration*float64(b.Total)) / total
	}
	if estimates := float64(a.Estimates + b.Estimates); estimates > 0 {
		a.EstimateError = (a.EstimateError*float64(a.Estimates) + b.EstimateError*float64(b.Estimates)) / estimates
	}
	a.Total += b.Total
	a.Succeeded += b.Succeeded
	a.CacheAsked += b.CacheAsked
	a.Cached += b.Cached
	a.Native += b.Native
	a.Command += b.Command
	a.Recoveries += b.Recoveries
	a.Recovered += b.Recovered
	a.Estimates += b.Estimates
	a.LongestDuration = max(a.LongestDuration, b.LongestDuration)
	a.Histogram = merged(a.Histogram, b.Histogram)
	setQuantiles(&a.OperationCounts)
	return a
}

func setQuantiles(c *operation.OperationCounts) {
	q := quantiles(c.Histogram, c.LongestDuration, 0.5, 0.95, 0.99)
	c.P50Duration, c.P95Duration, c.P99Duration = q[0], q[1], q[2]
}
