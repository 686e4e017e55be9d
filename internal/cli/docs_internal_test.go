package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestDocumented: docs/commands.md tells of each command, and of each flag.
func TestDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		name := strings.TrimPrefix(c.CommandPath(), "ask-nix ")
		if c.HasParent() && !c.HasSubCommands() && !strings.Contains(string(text), "`"+name) && !strings.Contains(string(text), "ask-nix "+name) {
			t.Errorf("nothing is said of %s", name)
		}
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(string(text), "--"+f.Name) && f.Name != "help" {
				t.Errorf("%s: nothing is said of --%s", name, f.Name)
			}
		})
		for _, inner := range c.Commands() {
			check(inner)
		}
	}
	check(Tree())
}
