package action

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/configedit"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
	"luminousnix/nix/eval"
	"luminousnix/nix/syntax"
)

// configChange is what all edits of the machine's configuration have in common: the edit
// is evaluated before it is written, written in one step with the old file kept, and
// evaluated again.
type configChange struct {
	machine *Machine
	from    operation.Source // which configuration

	// Found by open and settle.
	entry         string
	flake         *flakeSource // instead of entry
	configuration *configedit.Configuration
	edits         []configedit.Edit
	files         []operation.FileEdit // of the edits
	check         string               // an expression of what was meant
	meant         json.RawMessage      // what that gives with the edits
}

// open reads the configuration. lines are what would have to be added to it, for those
// configurations that cannot be edited; "" is not known.
func (c *configChange) open(ctx context.Context, lines string) error {
	if c.from.File != "" || c.from.Attribute != "" {
		return operation.Errorf(operation.CodeUsage, "only the machine's own configuration is edited, or a flake").
			WithHint("Say with --flake FLAKE#NAME which flake.")
	}
	source, err := sourceOf(c.machine, c.from, evaluation.Request{})
	if err != nil {
		return err
	}
	if source.flake != "" {
		c.flake, c.configuration, err = openFlake(ctx, c.machine, source.flake, lines)
	} else {
		c.entry = source.file
		c.configuration, err = configedit.Read(c.entry, string(c.machine.Host.StoreDir))
	}
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return evaluation.Reader{}.Explain(err)
	}
	return err
}

func byHand(lines ...string) string {
	if strings.Join(lines, "") == "" {
		return "Edit it by hand."
	}
	return "Add to the configuration by hand: " + strings.Join(lines, " ")
}

// channelSystem is the system of a configuration with channels, and prelude what the
// expressions below see of any system.
const (
	channelSystem = "let system = import <nixpkgs/nixos> { }; in\n"
	prelude       = `let
  inherit (system) config options;
  pkgs = system.pkgs or config._module.args.pkgs;
  inherit (pkgs) lib;
in
`
)

// evaluate evaluates an expression about the configuration, as it is or with the edits,
// and reads what it gives. Errors are those of the evaluator.
func (c *configChange) evaluate(ctx context.Context, expression string, edited bool, into any) error {
	var edits map[string][]byte
	if edited {
		edits = map[string][]byte{}
		for _, e := range c.edits {
			edits[e.Path] = e.After
		}
	}
	evaluation.CollectLate()
	var result *evaluation.Result
	var err error
	if c.flake != nil {
		result, err = c.flake.evaluate(ctx, c.machine, "system: "+prelude+expression, edits)
	} else {
		result, err = c.evaluateChannels(ctx, expression, edits)
	}
	c.machine.evaluated = result
	if err != nil {
		return err
	}
	if len(result.Values) != 1 {
		return fmt.Errorf("the configuration gives %d values", len(result.Values))
	}
	return json.Unmarshal([]byte(result.Values[0]), into)
}

// evaluateChannels evaluates an expression about a configuration with channels.
func (c *configChange) evaluateChannels(ctx context.Context, expression string, edits map[string][]byte) (*evaluation.Result, error) {
	request := c.request(expression)
	request.Edited = edits
	result, err := c.machine.Evaluator.Evaluate(ctx, request)
	if errors.As(err, new(*eval.NotRealisedError)) {
		request.Write = true // it imports what has to be built
		result, err = c.machine.Evaluator.Evaluate(ctx, request)
	}
	return result, err
}

func (c *configChange) request(expression string) evaluation.Request {
	return evaluation.Request{
		Sources:    []evaluation.Source{{Kind: evaluation.Expression, Text: channelSystem + prelude + expression}},
		SearchPath: searchPath(c.machine, c.entry),
		BaseDir:    "/",
		Features:   c.machine.Host.ExperimentalFeatures(),
		Want:       evaluation.Values,
		Print:      evaluation.Printing{Format: evaluation.JSON, Strict: true},
		NoCache:    c.machine.NoCache,
	}
}

// ask evaluates an expression about the configuration as it is.
func (c *configChange) ask(ctx context.Context, o operation.Observer, expression string, into any) error {
	phase(o, "evaluate", "Evaluating the configuration")
	if err := c.evaluate(ctx, expression, false, into); err != nil {
		return c.explain(ctx, err)
	}
	return nil
}

// explain makes of an evaluation's error one for people.
func (c *configChange) explain(ctx context.Context, err error) *operation.Error {
	if c.flake != nil {
		return operation.AsError(explainFlake(c.flake.reference, err))
	}
	if errors.Is(err, evaluation.ErrEdited) {
		return operation.Errorf(operation.CodeNotAvailable, "%w", err).WithHint("Leave out --backend command.")
	}
	return reader(ctx, c.machine, c.request("")).Explain(err)
}

// settle takes the edits and evaluates the whole system with them. check is an expression
// that tells whether they do what was meant; its value is returned.
func (c *configChange) settle(ctx context.Context, o operation.Observer, check string) (json.RawMessage, error) {
	return c.settleEdits(ctx, o, c.configuration.Edits(), check)
}

// settleEdits is settle for edits that are made otherwise.
func (c *configChange) settleEdits(ctx context.Context, o operation.Observer, edits []configedit.Edit, check string) (json.RawMessage, error) {
	c.edits, c.check = edits, check
	now := time.Now().UTC().Format("20060102T150405.000000")
	for i := range c.edits {
		e := &c.edits[i]
		c.files = append(c.files, operation.FileEdit{
			Path: e.Path, Diff: e.Diff(),
			Backup: filepath.Join(c.machine.Host.StateHome(), "backups", fmt.Sprintf("%s-%d-%s", now, i+1, filepath.Base(e.Path))),
		})
	}
	phase(o, "evaluate", "Evaluating the configuration with the edit")
	var got struct {
		Drv   string          `json:"drv"`
		Meant json.RawMessage `json:"meant"`
	}
	err := c.evaluate(ctx, "{ drv = config.system.build.toplevel.drvPath; meant = "+check+"; }", true, &got)
	if err != nil {
		return nil, c.blame(ctx, err)
	}
	c.meant = got.Meant
	return got.Meant, nil
}

// blame tells whether it is the edit with which the configuration does not evaluate.
func (c *configChange) blame(ctx context.Context, err error) error {
	failed := c.explain(ctx, err)
	if failed.Code != operation.CodeConfiguration {
		return failed
	}
	if _, before := evaluateSystem(ctx, c.machine, operation.Silent, c.from, evaluation.Request{NoCache: c.machine.NoCache}); before != nil {
		explained := operation.AsError(before)
		explained.Message = "the configuration does not evaluate, also without the edit: " + explained.Message
		return explained
	}
	failed.Message = "with the edit the configuration would not evaluate, so nothing was written: " + failed.Message
	return failed
}

// plan is the plan of an edit.
func (c *configChange) plan(summary string) operation.Plan {
	plan := operation.Plan{Summary: summary, Risk: operation.Reversible, Files: c.files}
	var undo []string
	for _, f := range c.files {
		plan.Steps = append(plan.Steps,
			operation.Step{Action: "Keep the file as it is", Path: f.Backup},
			operation.Step{Action: "Edit the file", Path: f.Path})
		undo = append(undo, "cp "+f.Backup+" "+f.Path)
	}
	plan.Undo = strings.Join(undo, "; ")
	if c.flake != nil {
		plan.Warnings = c.flake.shared(c.machine, c.edits)
	}
	return plan
}

// Permit checks that we may write the files.
func (c *configChange) Permit() error {
	for i := range c.edits {
		err := c.edits[i].Permit()
		if errors.Is(err, unix.EROFS) {
			return operation.Errorf(operation.CodePermission, "%s lies on a file system that cannot be written to", c.edits[i].Path).
				WithHint("Edit it where it comes from.").WithCause(err)
		}
		if err != nil {
			return operation.Errorf(operation.CodePermission, "you may not change %s", c.edits[i].Path).
				WithHint(AsRoot).WithCause(err)
		}
	}
	return nil
}

// write keeps the old files and writes the new ones, all or none.
func (c *configChange) write(o operation.Observer) error {
	phase(o, "edit", "Writing the configuration")
	for i := range c.edits {
		if err := c.edits[i].Backup(c.files[i].Backup); err != nil {
			return err
		}
	}
	for i := range c.edits {
		err := c.edits[i].Write()
		if err == nil {
			continue
		}
		for j := range i {
			back := configedit.Edit{Path: c.edits[j].Path, Before: c.edits[j].After, After: c.edits[j].Before}
			err = errors.Join(err, back.Write())
		}
		if errors.Is(err, configedit.ErrChanged) {
			return operation.Errorf(operation.CodeFailed, "%w", err).WithHint("Nothing was changed. Try again to see the new plan.")
		}
		return err
	}
	return nil
}

// answer is what to say of files that were written.
func (c *configChange) answer(message string, data operation.Edited) Answer {
	data.Files = c.files
	var kept []string
	back := &operation.WayBack{Source: c.from}
	for i, f := range c.files {
		kept = append(kept, fmt.Sprintf("%s is kept as it was in %s", f.Path, f.Backup))
		back.Files = append(back.Files, operation.FileChange{
			Path: f.Path, Backup: f.Backup, Before: hashOf(c.edits[i].Before), After: hashOf(c.edits[i].After),
		})
	}
	return Answer{Message: message, Data: &data, Warnings: kept, Suggestions: []string{"ask-nix switch" + c.which()}, Back: back}
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// which are the flags that say which configuration it is.
func (c *configChange) which() string {
	switch {
	case c.from.Flake != "":
		return " --flake " + c.from.Flake
	case c.from.NoFlake:
		return " --no-flake"
	}
	return ""
}

// Verify reads the files back, and evaluates what was meant.
func (c *configChange) Verify(ctx context.Context) error {
	for i := range c.edits {
		content, err := os.ReadFile(c.edits[i].Path)
		if err != nil {
			return err
		}
		if !bytes.Equal(content, c.edits[i].After) {
			return operation.Errorf(operation.CodeFailed, "%s is not as it was written", c.edits[i].Path).
				WithHint("Another program has changed it meanwhile; it is kept as it was in " + c.files[i].Backup + ".")
		}
	}
	var now json.RawMessage
	if err := c.evaluate(ctx, c.check, false, &now); err != nil {
		return c.explain(ctx, err)
	}
	if !bytes.Equal(now, c.meant) {
		return operation.Errorf(operation.CodeFailed, "the configuration does not say now what was meant: %s, not %s", now, c.meant).
			WithHint("Something else that it reads has changed meanwhile; `ask-nix check` evaluates it.")
	}
	return nil
}

// explainPlace makes of the errors of an edit those for people.
func explainPlace(err error, lines ...string) error {
	var place *configedit.PlaceError
	var missing *configedit.MissingError
	switch {
	case errors.As(err, &place):
		failed := operation.Errorf(operation.CodeRefused, "%s cannot be edited safely: %s", place.Option, strings.Join(place.Reasons, "; ")).WithCause(err)
		if lines = append(lines, place.Lines...); len(lines) > 0 {
			return failed.WithHint(byHand(lines...))
		}
		return failed.WithHint("Edit it by hand; the places are those above.")
	case errors.As(err, &missing):
		return operation.Errorf(operation.CodeNotFound, "%w", err).WithHint("`ask-nix installed` lists what is installed, and for whom.")
	}
	return err
}
