package progress

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/internal/persona"
)

// say is one of the words of progress, by its name.
func say(name string, values ...string) string { return persona.Phrase("progress", name, values...) }

// Clock is a time that has passed: 12s, 3m05s, 1h02m.
func Clock(d time.Duration) string {
	s := int64(max(0, d) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
}

// Range is a time to come that is not known exactly, such as 4–7 min. It does not pretend
// to know more than it does: the ends are rounded away from each other.
func Range(low, high time.Duration) string {
	from, to, unit := rounded(low, high)
	switch {
	case from == to:
		return say("about", to+" "+say(unit))
	case from == "0":
		return say("less-than", to+" "+say(unit))
	}
	return say("between", from, to, say(unit))
}

// SpokenRange is Range in words.
func SpokenRange(low, high time.Duration) string {
	from, to, unit := rounded(low, high)
	spoken := say("spoken-" + unit)
	switch {
	case from == to:
		return say("about", to+" "+spoken)
	case from == "0":
		return say("less-than", to+" "+spoken)
	}
	return say("spoken-range", from, to, spoken)
}

// rounded are the ends of a range as numbers of a unit, by its name.
func rounded(low, high time.Duration) (from, to, unit string) {
	low = max(0, min(low, high))
	high = max(high, low)
	step, size := time.Minute, time.Minute
	unit = "minutes"
	switch {
	case high <= 10*time.Second:
		step, size, unit = time.Second, time.Second, "seconds"
	case high < 100*time.Second:
		step, size, unit = 5*time.Second, time.Second, "seconds"
	case high >= 100*time.Minute:
		step, size, unit = 30*time.Minute, time.Hour, "hours"
	}
	number := func(steps float64) string {
		return strconv.FormatFloat(steps*float64(step)/float64(size), 'f', -1, 64)
	}
	return number(math.Floor(float64(low) / float64(step))), number(max(1, math.Ceil(float64(high)/float64(step)))), unit
}

// WorthTelling is how long something has to take that people are told how long it takes.
const WorthTelling = 10 * time.Second

// Takes says in a sentence how long something takes; "" if that is not worth telling.
func Takes(e operation.Estimate) string {
	low, high := seconds(e.Low), seconds(e.High)
	if high < WorthTelling {
		return ""
	}
	return say("takes", SpokenRange(low, high))
}

// HasFailed says that something has failed.
func HasFailed(a *Activity) string { return say("has-failed", a.Name) }

// RangeOf is [Range] of an estimate.
func RangeOf(e operation.Estimate) string { return Range(seconds(e.Low), seconds(e.High)) }

// SpokenRangeOf is [SpokenRange] of an estimate.
func SpokenRangeOf(e operation.Estimate) string { return SpokenRange(seconds(e.Low), seconds(e.High)) }
