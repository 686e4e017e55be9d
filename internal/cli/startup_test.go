package cli_test

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Bounds of what is made before main. Each start of the program pays for it: what needs
// more belongs to where it is used.
const (
	mostAllocated = 256 << 10 // bytes, of which 218 KiB are those of libraries
	mostOurs      = 4 << 10
)

// TestStartUp adds up what the packages make when the program starts, as the runtime itself
// tells it. That is no time, so that it is the same on any machine.
func TestStartUp(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(binary, "--version")
	cmd.Env = []string{"GODEBUG=inittrace=1", "HOME=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	line := regexp.MustCompile(`(?m)^init (\S+) @.* clock, (\d+) bytes`)
	total, ours := 0, 0
	all := line.FindAllStringSubmatch(string(out), -1)
	for _, match := range all {
		bytes, err := strconv.Atoi(match[2])
		if err != nil {
			t.Fatal(err)
		}
		total += bytes
		if strings.HasPrefix(match[1], "luminousnix/") {
			ours += bytes
		}
	}
	t.Logf("%d packages make %d bytes, ours %d", len(all), total, ours)
	if len(all) == 0 || total > mostAllocated || ours > mostOurs {
		t.Errorf("%d packages make %d bytes before main, more than %d, or ours %d, more than %d:\n%s", len(all), total, mostAllocated, ours, mostOurs, out)
	}
}
