package engine

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"luminousnix/internal/build"
	"luminousnix/internal/buildtimes"
	"luminousnix/internal/evaluation"
	"luminousnix/internal/operation"
)

// Kept is one kind of data that ask-nix keeps: what it is, what for, for how long, and how
// much of it there is.
type Kept struct {
	Kind    string `json:"kind"`
	What    string `json:"what"`
	For     string `json:"for"`
	HowLong string `json:"howLong"`
	// Places are where it is: files and folders, those that there are.
	Places []string `json:"places"`
	Files  int      `json:"files"`
	Bytes  int64    `json:"bytes"`
	// Since is when the oldest of it is from; nil where there is nothing.
	Since *time.Time `json:"since,omitempty"`
	// Stays says why it is not deleted together with other data; "" where it is.
	Stays string `json:"stays,omitempty"`
	// Remade says that it can be made or downloaded again and tells nothing that is not
	// elsewhere: it is listed in an export, and not in it.
	Remade bool `json:"remade,omitempty"`
}

// kind is a kind of data, and where it may be.
type kind struct {
	Kept
	// may are the files and folders that there may be. One that ends in * is all of its
	// folder that begins like that.
	may []string
	// remove deletes it; all the files and folders are deleted if it is nil.
	remove func() error
}

// kinds are all kinds of data that ask-nix keeps of whoever asks. Whatever is written into
// its folders belongs to one: a test looks for files that do not.
func (e *Engine) kinds() []kind {
	state := func(name string) string { return filepath.Join(e.host.StateHome(), name) }
	system := func(name string) string { return filepath.Join(e.host.SystemState(), name) }
	cached := func(name string) string { return filepath.Join(e.host.CacheHome(), name) }
	running := func(name string) string { return filepath.Join(e.host.RuntimeDir(), name) }
	pins, _ := e.host.KeptFile(e.host.Profile(operation.UserProfile))
	return []kind{
		{Kept: Kept{
			Kind: "cache", What: "answers, and results of evaluating the configuration", For: "to answer at once what was answered before",
			HowLong: fmt.Sprintf("answers until the machine is started again, with cache.persist while there is room, 10 MiB of them; what a server said is believed for %s; evaluations while there is room, 64 MiB", e.cache.TTL()),
		}, may: append(e.host.AnswersDirs(), cached(evaluation.CacheName)+"*")},
		{Kept: Kept{
			Kind: "downloads", What: "what was downloaded for evaluations and channels", For: "not to download it again",
			HowLong: "a month after it was used last", Remade: true,
		}, may: []string{cached(evaluation.DownloadsName)}},
		{Kept: Kept{
			Kind: "catalog", What: "the indexes of packages and options", For: "to search without a network",
			HowLong: "until a newer one takes its place", Remade: true,
		}, may: []string{cached("catalog")}},
		{Kept: Kept{
			Kind: "conversation", What: "what was typed at the prompt", For: "the keys up and down",
			HowLong: fmt.Sprintf("the last %d sentences", MostSaid),
		}, may: []string{e.Conversation().Path, e.Conversation().Path + ".1"}},
		{Kept: Kept{
			Kind: "habits", What: "which operation came after which at the prompt, by their names only", For: "to prepare what usually comes next",
			HowLong: "the last 128 KiB",
		}, may: []string{e.foreseen().Path, e.foreseen().Path + ".1"}},
		{Kept: Kept{
			Kind: "metrics", What: "how often and how fast operations ran, as numbers only", For: "`ask-nix metrics`",
			HowLong: "until it is deleted; 64 KiB",
		}, may: append(e.metrics.Paths(), state(".metrics-*"))},
		{Kept: Kept{
			Kind: "build-times", What: "how long builds took and how fast downloads came, by the names of packages", For: "to foretell how long the next ones take",
			HowLong: fmt.Sprintf("the last %d builds of a package, at most %d packages", buildtimes.PerName, buildtimes.MostNames),
		}, may: []string{build.HistoryOf(e.host).Path + "*"}},
		{Kept: Kept{
			Kind: "failures", What: "which operations failed, with what error", For: "`ask-nix errors`, and `ask-nix why`",
			HowLong: "the last 2 MiB",
		}, may: []string{e.failures.Path, e.failures.Path + ".1"}},
		{Kept: Kept{
			Kind: "jobs", What: "what was done in the background: requests, progress, results", For: "`ask-nix jobs`, and `ask-nix attach`",
			HowLong: "the last 50; those that run are not deleted",
		}, may: []string{state("jobs")}, remove: e.machine().Jobs.RemoveEnded},
		{Kept: Kept{
			Kind: "store-check", What: "which store paths were checked", For: "to go on where a check was interrupted",
			HowLong: "believed for a day",
		}, may: []string{state("store-check.jsonl*")}},
		{Kept: Kept{
			Kind: "roots", What: "links to what was built, is tried, or a plan speaks of", For: "to keep it from the garbage collector meanwhile",
			HowLong: "until the next one, or the machine is started again", Remade: true,
			Stays: "they go by themselves, and deleting one while it is needed loses what was built",
		}, may: []string{running("try"), running("channels"), running("system"), running("system.drv")}},
		{Kept: Kept{
			Kind: "backups", What: "files of the configuration as they were before an edit", For: "to take an edit back",
			HowLong: "until you delete them",
			Stays:   "they are the way back of edits; delete by hand those that are not needed",
		}, may: []string{state("backups")}},
		{Kept: Kept{
			Kind: "migration", What: "files of settings as they were before `ask-nix migrate`", For: "to take a migration back",
			HowLong: "until you delete them",
			Stays:   "they are the way back of migrations; delete by hand those that are not needed",
		}, may: []string{state("migration")}},
		{Kept: Kept{
			Kind: "pins", What: "which generations are not cleaned up, with names and notes", For: "to keep them",
			HowLong: "until they are unpinned",
			Stays:   "without them a clean-up would delete what was to be kept; `ask-nix unpin` deletes one",
		}, may: []string{pins + "*", system("kept-generations.json*")}},
		{Kept: Kept{
			Kind: "switch", What: "the journal of a switch that runs, and the program that brings it to an end", For: "to come back from one that is interrupted",
			HowLong: "until the switch is over", Remade: true,
			Stays: "a switch that is interrupted could not be undone without it",
		}, may: []string{system("activation"), system("bin")}},
		{Kept: Kept{
			Kind: "audit", What: "who has changed what and when: request, plan, outcome", For: "`ask-nix history`, and to know what happened to a machine",
			HowLong: "for good",
			Stays:   "the audit log is never deleted by ask-nix: it is there to be relied on",
		}, may: []string{state("audit*"), system("audit*")}},
	}
}

// Data lists what ask-nix keeps of whoever asks.
func (e *Engine) Data() ([]Kept, error) {
	var all []Kept
	for _, k := range e.kinds() {
		kept, err := k.measure()
		if err != nil {
			return nil, err
		}
		all = append(all, kept)
	}
	return all, nil
}

// PlanDelete is the plan of deleting kinds of data, all that may be if none is named, and
// what that would delete.
func (e *Engine) PlanDelete(names []string) (plan operation.Plan, meant []Kept, err error) {
	kinds := e.kinds()
	for _, name := range names {
		if err := deletable(kinds, name); err != nil {
			return plan, nil, err
		}
	}
	plan = operation.Plan{Summary: "Delete what is kept of " + listed(names), Risk: operation.Destructive}
	if len(names) == 0 {
		plan.Summary = "Delete all data that ask-nix keeps and that may be deleted"
	}
	for _, k := range kinds {
		if len(names) > 0 && !slices.Contains(names, k.Kind) || len(names) == 0 && k.Stays != "" {
			continue
		}
		kept, err := k.measure()
		if err != nil {
			return plan, nil, err
		}
		if kept.Files == 0 {
			continue
		}
		meant = append(meant, kept)
		plan.Frees += kept.Bytes
		plan.Steps = append(plan.Steps, operation.Step{
			Action: fmt.Sprintf("Delete %s: %s (%s)", kept.Kind, kept.What, operation.Size(kept.Bytes)), Path: strings.Join(kept.Places, ", "),
		})
	}
	plan.Nothing = len(meant) == 0
	plan.Warnings = []string{"the audit log stays: it is never deleted by ask-nix"}
	return plan, meant, nil
}

func deletable(kinds []kind, name string) error {
	var known []string
	for _, k := range kinds {
		switch {
		case k.Kind == name && k.Stays != "":
			return operation.Errorf(operation.CodeRefused, "%s is not deleted: %s", name, k.Stays).
				WithHint("`ask-nix data show` shows where it is.")
		case k.Kind == name:
			return nil
		case k.Stays == "":
			known = append(known, k.Kind)
		}
	}
	return operation.Errorf(operation.CodeNotFound, "%s is no kind of data", operation.Quote(name)).
		WithHint("There are " + listed(known) + ".")
}

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Delete deletes the kinds of data that [Engine.PlanDelete] has found.
func (e *Engine) Delete(meant []Kept) error {
	for _, k := range e.kinds() {
		if k.Stays != "" || !slices.ContainsFunc(meant, func(m Kept) bool { return m.Kind == k.Kind }) {
			continue
		}
		err := k.delete()
		if errors.Is(err, fs.ErrPermission) {
			return operation.Errorf(operation.CodePermission, "deleting %s: %w", k.Kind, err).WithHint("It belongs to somebody else, who can delete it.")
		}
		if err != nil {
			return operation.Errorf(operation.CodeFailed, "deleting %s: %w", k.Kind, err)
		}
	}
	return nil
}

func (k *kind) delete() error {
	if k.remove != nil {
		return k.remove()
	}
	places, err := k.places()
	for _, place := range places {
		if ours(filepath.Dir(place)) {
			err = errors.Join(err, os.RemoveAll(place))
		} else {
			err = errors.Join(err, fmt.Errorf("%s: %w", place, fs.ErrPermission))
		}
	}
	return err
}

// ours reports a folder of our own, and no link to one: others could lead us elsewhere.
func ours(dir string) bool {
	var stat unix.Stat_t
	return unix.Lstat(dir, &stat) == nil && stat.Mode&unix.S_IFMT == unix.S_IFDIR && int(stat.Uid) == os.Geteuid()
}

// measure finds out how much there is.
func (k *kind) measure() (Kept, error) {
	kept := k.Kept
	kept.Places = []string{}
	places, err := k.places()
	if err != nil {
		return kept, err
	}
	for _, place := range places {
		kept.Places = append(kept.Places, place)
		err := files(place, func(path string, info fs.FileInfo) error {
			kept.Files++
			kept.Bytes += info.Size()
			if begun := begun(path, info); kept.Since == nil || begun.Before(*kept.Since) {
				kept.Since = &begun
			}
			return nil
		})
		if err != nil {
			return kept, fmt.Errorf("looking at what is kept: %w", err)
		}
	}
	return kept, nil
}

// places are the files and folders that there are.
func (k *kind) places() (places []string, err error) {
	for _, may := range k.may {
		start, some := strings.CutSuffix(may, "*")
		if !some {
			if _, err := os.Lstat(may); err == nil && !slices.Contains(places, may) {
				places = append(places, may)
			}
			continue
		}
		dir, start := filepath.Split(start)
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("looking at what is kept: %w", err)
		}
		for _, entry := range entries {
			if path := filepath.Join(dir, entry.Name()); strings.HasPrefix(entry.Name(), start) && !slices.Contains(places, path) {
				places = append(places, path)
			}
		}
	}
	return places, nil
}

// files calls visit for each file of a place, following no link. What is gone meanwhile,
// or is not ours to read, is passed over.
func files(place string, visit func(path string, info fs.FileInfo) error) error {
	return filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return visit(path, info)
	})
}

// begun is when a file was begun: the time of its first line, if that tells, else when it
// was written last.
func begun(path string, info fs.FileInfo) time.Time {
	if !info.Mode().IsRegular() {
		return info.ModTime()
	}
	file, err := os.Open(path)
	if err != nil {
		return info.ModTime()
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	var line struct {
		Time time.Time `json:"time"`
	}
	if lines.Scan() && json.Unmarshal(lines.Bytes(), &line) == nil && !line.Time.IsZero() {
		return line.Time
	}
	return info.ModTime()
}
