package action

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"luminousnix/internal/configedit"
	"luminousnix/internal/migration"
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// migrationNext is what to look at afterwards.
const migrationNext = "ask-nix settings --origin"

// newMigrate takes over the settings of nix-for-humanity, or takes that back.
func newMigrate(m *Machine, args operation.Arguments) Change {
	if args.Restore {
		return &migrateBack{machine: m}
	}
	return &migrate{machine: m}
}

// migrations is the folder of what migrations have kept.
func migrations(m *Machine) string { return filepath.Join(m.Host.StateHome(), "migration") }

// migrate takes over settings.
type migrate struct {
	machine  *Machine
	kept     *migration.Kept
	data     operation.Migrated
	warnings []string
	looked   []string // folders in which settings could be
	found    bool
}

// Plan reads all settings there are and finds out what they become.
func (c *migrate) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	h := c.machine.Host
	c.kept = migration.New(migrations(c.machine), c.machine.Now())
	err := c.place(h.Path("etc", settings.FileName), 0o644, h.Path("etc", migration.Name))
	if home := h.ConfigHome(); err == nil && home != "" {
		err = c.place(filepath.Join(home, settings.FileName), 0o600, filepath.Join(home, migration.Name), filepath.Join(h.Home, "."+migration.Name))
	}
	if err != nil {
		return operation.Plan{}, err
	}
	if !c.found {
		return operation.Plan{}, operation.Errorf(operation.CodeNotFound, "there are no settings of %s here", migration.Name).
			WithHint("They are looked for as config.yaml, config.json or config.toml in " + strings.Join(c.looked, ", ") + ".")
	}
	plan := operation.Plan{
		Summary: fmt.Sprintf("Take over %s of %s", settingsCount(len(c.data.Taken)), migration.Name),
		Risk:    operation.Reversible, Warnings: append(c.warnings, droppedLines(c.data.Dropped)...),
		Undo: "ask-nix migrate --rollback", Settings: &c.data,
	}
	if len(c.data.Taken) == 0 {
		plan.Summary, plan.Nothing = "No setting of "+migration.Name+" becomes one of ask-nix", true
	}
	for _, f := range c.kept.Files {
		edit := configedit.Edit{Path: f.Path, Before: f.Before, After: f.After}
		c.data.Files = append(c.data.Files, operation.FileEdit{Path: f.Path, Diff: edit.Diff(), Backup: f.Backup})
		if f.Backup != "" {
			plan.Steps = append(plan.Steps, operation.Step{Action: "Keep the file as it is", Path: f.Backup})
		}
		plan.Steps = append(plan.Steps, operation.Step{Action: "Write the settings", Path: f.Path})
	}
	plan.Files = c.data.Files
	return plan, nil
}

// place takes the settings of folders, of which later ones weigh more, for one file of
// ours.
func (c *migrate) place(path string, mode fs.FileMode, folders ...string) error {
	var found []migration.Setting
	for _, folder := range folders {
		c.looked = append(c.looked, folder)
		settings, passedOver, err := migration.Find(folder)
		if err != nil {
			return err
		}
		if settings == nil {
			continue
		}
		c.found = true
		if why := c.leave(path, settings[:min(1, len(settings))]); why != "" {
			c.warnings = append(c.warnings, "The settings in "+folder+" are left: "+why+".")
			continue
		}
		for _, file := range passedOver {
			c.warnings = append(c.warnings, file+" is passed over: another file of the folder comes before it.")
		}
		found = append(found, settings...)
	}
	wanted, dropped := migration.Map(found)
	c.data.Dropped = append(c.data.Dropped, dropped...)
	if len(wanted) == 0 {
		return nil
	}
	err := c.kept.Add(path, mode, func(before []byte) ([]byte, error) {
		after, taken, already, err := migration.Merge(path, before, wanted)
		c.data.Taken = append(c.data.Taken, taken...)
		c.data.Dropped = append(c.data.Dropped, already...)
		return after, err
	})
	if errors.Is(err, migration.ErrLink) {
		c.warnings = append(c.warnings, path+" is left: it is a link, so that its content comes from elsewhere. Put there: "+lines(wanted))
		return nil
	}
	return err
}

// leave says why the settings of a place are not for whoever asks; "" if they are.
func (c *migrate) leave(path string, first []migration.Setting) string {
	for _, s := range first {
		info, err := os.Stat(s.File)
		if err != nil {
			return err.Error()
		}
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Geteuid() && os.Geteuid() == 0 {
			return "they are somebody else's, who has to take them over"
		}
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		err := unix.Access(dir, unix.W_OK)
		if err == nil {
			return ""
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == "/" {
			return "you may not write " + path + "; root may take them over"
		}
	}
}

// lines are settings as they stand in a file.
func lines(taken []operation.TakenSetting) string {
	words := make([]string, len(taken))
	for i, t := range taken {
		words[i] = t.Setting + " = " + t.To
	}
	return strings.Join(words, "; ")
}

// droppedLines are the reasons, each with all of its settings.
func droppedLines(dropped []operation.DroppedSetting) []string {
	var reasons []string
	keys := map[string][]string{}
	for _, d := range dropped {
		if keys[d.Reason] == nil {
			reasons = append(reasons, d.Reason)
		}
		keys[d.Reason] = append(keys[d.Reason], d.Key)
	}
	for i, reason := range reasons {
		reasons[i] = "dropped: " + strings.Join(keys[reason], ", ") + ": " + reason
	}
	return reasons
}

// Apply keeps the files and writes them.
func (c *migrate) Apply(context.Context, operation.Observer) (Answer, error) {
	if err := c.kept.Write(); err != nil {
		return Answer{}, err
	}
	return Answer{
		Message: fmt.Sprintf("Took over %s of %s, and dropped %d.", settingsCount(len(c.data.Taken)), migration.Name, len(c.data.Dropped)),
		Data:    &c.data, Suggestions: []string{migrationNext, "ask-nix migrate --rollback"},
	}, nil
}

// Verify reads what was written, as the next start of ask-nix will.
func (c *migrate) Verify(context.Context) error {
	for _, f := range c.kept.Files {
		content, err := f.Now()
		if err != nil {
			return err
		}
		if !bytes.Equal(content, f.After) {
			return operation.Errorf(operation.CodeFailed, "%s is not as it was written", f.Path).
				WithHint("Another program has changed it meanwhile; `ask-nix migrate --rollback` puts it back.")
		}
		if _, err := settings.In(f.Path, content); err != nil {
			return err
		}
	}
	return nil
}

func settingsCount(n int) string {
	if n == 1 {
		return "1 setting"
	}
	return fmt.Sprintf("%d settings", n)
}

// migrateBack puts back the files of the last migration.
type migrateBack struct {
	machine *Machine
	kept    *migration.Kept
	data    operation.Migrated
}

// Plan looks for the last migration.
func (c *migrateBack) Plan(context.Context, operation.Observer) (operation.Plan, error) {
	kept, err := migration.Last(migrations(c.machine))
	if errors.Is(err, fs.ErrNotExist) {
		return operation.Plan{}, operation.Errorf(operation.CodeNotFound, "there is no migration to take back").
			WithHint("`ask-nix migrate` takes over the settings of " + migration.Name + "; each one can be taken back once.").WithCause(err)
	}
	if err != nil {
		return operation.Plan{}, err
	}
	c.kept = kept
	plan := operation.Plan{Summary: "Put the settings back as they were before the migration", Risk: operation.Reversible}
	for i := range kept.Files {
		f := &kept.Files[i]
		now, err := f.Now()
		if err != nil {
			return operation.Plan{}, err
		}
		step := operation.Step{Action: "Put the file back as it was", Path: f.Path}
		if f.Backup == "" {
			step.Action = "Remove the file"
		}
		plan.Steps = append(plan.Steps, step)
		if !bytes.Equal(now, f.After) && !bytes.Equal(now, f.Before) {
			plan.Warnings = append(plan.Warnings, f.Path+" was changed since; it is kept as it is now in "+kept.Later(f))
		}
		edit := configedit.Edit{Path: f.Path, Before: now, After: f.Before}
		c.data.Files = append(c.data.Files, operation.FileEdit{Path: f.Path, Diff: edit.Diff(), Backup: f.Backup})
	}
	plan.Files = c.data.Files
	return plan, nil
}

// Apply puts them back.
func (c *migrateBack) Apply(context.Context, operation.Observer) (Answer, error) {
	if err := c.kept.Restore(); err != nil {
		return Answer{}, err
	}
	return Answer{
		Message: "The settings are as they were before the migration.",
		Data:    &c.data, Suggestions: []string{migrationNext, "ask-nix migrate"},
	}, nil
}

// Verify compares byte for byte.
func (c *migrateBack) Verify(context.Context) error {
	for _, f := range c.kept.Files {
		now, err := f.Now()
		if err != nil {
			return err
		}
		if !bytes.Equal(now, f.Before) {
			return operation.Errorf(operation.CodeFailed, "%s is not as it was before", f.Path).
				WithHint("It is kept as it was in " + f.Backup + ".")
		}
	}
	return nil
}
