package storecmd

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"luminousnix/internal/evaluation"
	"luminousnix/nix/eval"
	"luminousnix/nix/nixpkgs"
)

// packages lists the packages of a tree, and on the standard error those that
// cannot be evaluated.
func (c *command) packages(ctx context.Context) error {
	flags := flag.NewFlagSet("packages", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	workers := flags.Int("workers", 0, "")
	asJSON := flags.Bool("json", false, "")
	allowAll := flags.Bool("allow-all", false, "")
	if flags.Parse(c.args) != nil || flags.NArg() != 1 {
		return errUsage
	}
	options := nixpkgs.Options{
		Tree:    flags.Arg(0),
		Workers: *workers,
		Eval: eval.Options{
			Store:         &eval.DryStore{Directory: c.host.StoreDir},
			CurrentSystem: evaluation.ThisSystem(),
			MaxMemory:     evaluation.MemoryLimit(),
		},
	}
	if *allowAll {
		options.Config = nixpkgs.AllowAll
	}
	evaluation.CollectLate()
	count, refused, failed := 0, 0, 0
	for p, err := range nixpkgs.Packages(ctx, options) {
		var one *nixpkgs.FailedError
		if errors.As(err, &one) {
			failed++
			line, _, _ := strings.Cut(one.Error(), "\n")
			fmt.Fprintln(c.err, line)
			continue
		}
		if err != nil {
			return err
		}
		count++
		if p.Refused != "" {
			refused++
		}
		if err := c.writePackage(&p, *asJSON); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.err, "%d packages, %d of which are refused; %d failed\n", count, refused, failed)
	return nil
}

func (c *command) writePackage(p *nixpkgs.Package, asJSON bool) error {
	if !asJSON {
		_, err := fmt.Fprintf(c.out, "%s\t%s\t%s\n", p.Attribute, p.Name, p.DrvPath)
		return err
	}
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = c.out.Write(append(line, '\n'))
	return err
}
