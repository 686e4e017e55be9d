package host

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticks is the unit of times in /proc, a hundredth of a second on all of Linux.
const ticks = 100

// ProcessStart is when the process of a number began; ok is false when there is none
// or it has ended and nobody has asked how. Numbers are given again: one that began
// later than what a process did is another process.
func ProcessStart(pid int) (began time.Time, ok bool) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return time.Time{}, false
	}
	// The name, in parentheses, may have spaces and parentheses itself.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return time.Time{}, false
	}
	since, err := strconv.ParseInt(fields[19], 10, 64)
	boot, known := bootTime()
	if err != nil || !known {
		return time.Time{}, false
	}
	return boot.Add(time.Duration(since) * time.Second / ticks), true
}

// bootTime is when the machine was started, to the second.
func bootTime() (time.Time, bool) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return time.Time{}, false
	}
	_, after, _ := strings.Cut(string(stat), "\nbtime ")
	text, _, _ := strings.Cut(after, "\n")
	seconds, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return time.Unix(seconds, 0), err == nil
}
