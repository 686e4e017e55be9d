package testbed

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// mark is a variable that only the daemon has, and the processes that it forks
// to serve its clients. It is not in Env: a shell with that environment is not
// ours to stop.
func (n *Nix) mark() string { return "LUMINOUS_TESTBED_DAEMON=" + n.Dir }

// Processes finds all that came from the daemon: those that serve its clients,
// its builders, and what these started. They are known by their environment,
// because nobody's children they are once the daemon is gone.
func (n *Nix) Processes() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	parents := make(map[int]int)
	ours := make(map[int]bool)
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		parent, ok := parentOf(pid)
		if !ok {
			continue
		}
		parents[pid] = parent
		// Builders have an environment of their own, with their directory in it.
		if hasVariable(pid, n.mark()) || hasVariable(pid, "NIX_BUILD_TOP="+n.buildDir()+"/*") {
			ours[pid] = true
		}
	}

	var found []int
	for pid := range parents {
		for ancestor := pid; ancestor > 1; ancestor = parents[ancestor] {
			if ours[ancestor] {
				found = append(found, pid)
				break
			}
		}
	}
	return found
}

// hasVariable reports whether the process was started with the variable, given
// as NAME=VALUE, or with one that begins so when it ends in a star. Processes of
// other users, and those that have ended, have none.
func hasVariable(pid int, variable string) bool {
	environment, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "environ"))
	if err != nil {
		return false
	}
	prefix, isPrefix := strings.CutSuffix(variable, "*")
	for entry := range bytes.SplitSeq(environment, []byte{0}) {
		if isPrefix && bytes.HasPrefix(entry, []byte(prefix)) || string(entry) == variable {
			return true
		}
	}
	return false
}

// parentOf reads the parent's number from /proc/PID/stat, where it is the second
// field after the program's name in parentheses. Zombies count as ended.
func parentOf(pid int) (parent int, ok bool) {
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0, false
	}
	var state string
	rest := stat[bytes.LastIndexByte(stat, ')')+1:]
	if _, err := fmt.Sscan(string(rest), &state, &parent); err != nil || state == "Z" {
		return 0, false
	}
	return parent, true
}
