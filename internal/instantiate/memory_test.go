package instantiate

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// asProgram is the variable that makes of this test's binary the program itself.
const asProgram = "TEST_AS_NIX_INSTANTIATE"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:]))
	}
	os.Exit(m.Run())
}

// TestMaxMemory: a bomb ends with an error, and the process never takes twice what
// it may.
func TestMaxMemory(t *testing.T) {
	t.Parallel()
	const limit = 200 << 20
	for name, bomb := range map[string]string{
		"chain":   `builtins.foldl' (a: x: [ a x ]) null (builtins.concatMap (x: builtins.genList (y: y) 1000) (builtins.genList (x: x) 4000))`,
		"list":    `builtins.length (builtins.genList (x: x) 100000000)`,
		"strings": `builtins.stringLength (builtins.foldl' (a: x: a + a) "0123456789" (builtins.genList (x: x) 40))`,
		"closure": `builtins.genericClosure { startSet = [ { key = 0; } ]; operator = x: [ { key = x.key + 1; } ]; }`,
		"copies":  copies("builtins.removeAttrs set [ \"1\" ]"),
		"names":   copies("builtins.attrNames set"),
		"calls":   copies("builtins.mapAttrs (name: value: value) set"),
		"sets":    `builtins.foldl' (a: x: a // { "k${toString x}" = a; }) { } (builtins.genList (x: x) 30000)`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), program, "--eval", "--no-eval-cache", "--max-memory", "200MiB", "-E", bomb)
			cmd.Env = append(os.Environ(), asProgram+"=1", "NIX_REMOTE=dummy://", "GOMEMLIMIT=off")
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err = cmd.Run()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 ||
				!strings.Contains(stderr.String(), "error: out of memory: the evaluation needs more than 200 MiB\n") {
				t.Fatalf("%v: %s", err, stderr.String())
			}
			const perUnit = 1 << 10 // Linux counts in KiB
			if peak := exit.SysUsage().(*syscall.Rusage).Maxrss * perUnit; peak > 2*limit {
				t.Errorf("it took %d MiB", peak>>20)
			} else {
				t.Logf("%d MiB at most, %v", peak>>20, exit.UserTime())
			}
		})
	}
}

// copies makes a list of what an expression makes of a large set, again and again.
func copies(expression string) string {
	return `let set = builtins.listToAttrs (builtins.genList (x: { name = toString x; value = x; }) 30000); in
		builtins.foldl' (a: x: let y = ` + expression + `; in builtins.seq y [ a y ]) [ ] (builtins.genList (x: x) 5000)`
}
