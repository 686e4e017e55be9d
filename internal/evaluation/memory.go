package evaluation

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// MemoryLimit is how many bytes an evaluation may come to use: three quarters of
// what this machine, or the control group that it runs in, has.
func MemoryLimit() int64 {
	most := min(machineMemory(), groupMemory())
	if most == math.MaxInt64 {
		return most
	}
	return most / 4 * 3
}

// machineMemory reads MemTotal, which Linux tells in KiB in the first line.
func machineMemory() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return math.MaxInt64
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) != 3 || string(fields[0]) != "MemTotal:" {
		return math.MaxInt64
	}
	size, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil || size <= 0 {
		return math.MaxInt64
	}
	return size << 10
}

// groupMemory is the smallest memory.max of our control group and those around it.
func groupMemory() int64 {
	most := int64(math.MaxInt64)
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return most
	}
	_, group, found := bytes.Cut(bytes.TrimSpace(text), []byte("0::"))
	if !found {
		return most
	}
	// A group outside of our namespace begins with "..": then no limit of it is known.
	const root = "/sys/fs/cgroup"
	for dir := filepath.Join(root, string(group)); strings.HasPrefix(dir, root); dir = filepath.Dir(dir) {
		limit, err := os.ReadFile(filepath.Join(dir, "memory.max"))
		if err != nil {
			continue
		}
		if size, err := strconv.ParseInt(string(bytes.TrimSpace(limit)), 10, 64); err == nil {
			most = min(most, size)
		}
	}
	return most
}
