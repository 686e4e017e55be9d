package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

func (a *app) renderGenerations(data *operation.Generations) {
	if len(data.Generations) == 0 {
		return
	}
	head := []string{"GENERATION", "DATE"}
	if data.System {
		head = append(head, "NIXOS", "KERNEL", "REVISION", "SPECIALISATIONS")
	}
	rows := make([][]string, 1, len(data.Generations)+1)
	rows[0] = append(head, "")
	for _, g := range data.Generations {
		row := append(make([]string, 0, len(rows[0])), strconv.Itoa(int(g.Number)), g.Date)
		if data.System {
			row = append(row, g.NixosVersion, g.KernelVersion, shorten(g.ConfigurationRevision), strings.Join(g.Specialisations, " "))
		}
		rows = append(rows, append(row, marks(g)))
	}
	a.table(a.Out, rows)
}

func marks(g operation.Generation) string {
	var marks []string
	for _, mark := range []struct {
		set  bool
		name string
	}{{g.Current, "current"}, {g.Running, "running"}, {g.Booted, "booted"}, {g.Pinned, "pinned"}, {g.Backup, "backup"}} {
		if mark.set {
			marks = append(marks, mark.name)
		}
	}
	return strings.Join(marks, " ")
}

// shorten cuts a commit to the length at which people recognise it.
func shorten(revision string) string {
	if len(revision) == 40 {
		return revision[:12]
	}
	return revision
}

func (a *app) renderDisk(data *operation.Disk) {
	rows := [][]string{{"FILE SYSTEM OF", "USED", "FREE", "TOTAL"}}
	for _, f := range data.FileSystems {
		rows = append(rows, []string{f.Path, operation.Size(f.Used), operation.Size(f.Free), operation.Size(f.Total)})
	}
	a.table(a.Out, rows)
	if data.Dead > 0 {
		a.pairs(a.Out, [][2]string{{"unused in the store", operation.Size(data.Dead)}})
	}
	a.renderSpace(data)
}

// mostInDisk is how many generations and packages are shown where no limit is given.
const mostInDisk = 10

func (a *app) renderSpace(data *operation.Disk) {
	most := mostInDisk
	if a.flags.limit > 0 {
		most = a.flags.limit
	}
	if len(data.Generations) > 0 {
		rows := [][]string{{"GENERATION", "ALONE", "SHARED"}}
		for _, g := range data.Generations[:min(most, len(data.Generations))] {
			rows = append(rows, []string{number(g.Generation), operation.Size(g.Exclusive), operation.Size(g.Shared)})
		}
		fmt.Fprintln(a.Out)
		a.table(a.Out, rows)
		if more := len(data.Generations) - most; more > 0 {
			fmt.Fprintln(a.Out, a.style.dim(fmt.Sprintf("  and %d older ones: --limit shows more", more)))
		}
	}
	if len(data.Packages) > 0 {
		rows := [][]string{{"PACKAGE", "SIZE", "PATHS", "VERSIONS"}}
		for _, p := range data.Packages[:min(most, len(data.Packages))] {
			rows = append(rows, []string{p.Name, operation.Size(p.Bytes), strconv.Itoa(p.Paths), strings.Join(p.Versions, " ")})
		}
		fmt.Fprintln(a.Out)
		a.table(a.Out, rows)
	}
}

func (a *app) renderSystem(s *operation.System) {
	a.pairs(a.Out, [][2]string{
		{"nixos", s.NixosVersion},
		{"nix", s.NixVersion},
		{"kernel", s.Kernel},
		{"profile", s.Profile},
		{"current generation", number(s.CurrentGeneration)},
		{"running generation", number(s.RunningGeneration)},
		{"booted generation", number(s.BootedGeneration)},
		{"store", s.StoreDir},
		{"state", s.StateDir},
		{"daemon", s.Daemon},
		{"backend", s.Backend + ": " + s.BackendReason},
	})
}

func number(n operation.GenerationNumber) string {
	if n == 0 {
		return "none"
	}
	return strconv.Itoa(int(n))
}

func (a *app) renderConfiguration(c *operation.Configuration) {
	pairs := [][2]string{{"kind", c.Kind}}
	for _, file := range c.Files {
		pairs = append(pairs, [2]string{"file", file})
	}
	pairs = append(pairs, [2]string{"revision", c.Revision}, [2]string{"built as", c.BuiltAs})
	for _, channel := range c.Channels {
		pairs = append(pairs, [2]string{"channel", strings.TrimSpace(channel.Name + " " + channel.Version + " " + channel.URL)})
	}
	a.pairs(a.Out, pairs)
}

func (a *app) renderCheck(c *operation.Check) {
	took := fmt.Sprintf("%.0f ms", c.EvaluationMs)
	switch {
	case c.Cached:
		took += ", from what was found out before"
	case c.Changed != "":
		took += ", because " + c.Changed
	}
	backend := c.Backend
	if c.BackendReason != "" {
		backend += ": " + c.BackendReason
	}
	a.pairs(a.Out, [][2]string{{"file", c.File}, {"system", c.Name}, {"derivation", c.Toplevel}, {"took", took}, {"evaluated", backend}})
}

func (a *app) renderCache(data *operation.Cache) {
	folder := data.Directory
	switch {
	case folder == "":
		folder = "none"
	case data.Persistent:
		folder += ", kept when the machine is started again"
	}
	oldest := ""
	if data.Oldest != nil {
		oldest = data.Oldest.Local().Format(time.DateTime)
	}
	pairs := [][2]string{
		{"folder", folder},
		{"oldest answer", oldest},
		{"past their time", fmt.Sprint(data.Expired)},
		{"hits", fmt.Sprint(data.Hits)},
		{"misses", fmt.Sprint(data.Misses)},
		{"hit rate", fmt.Sprintf("%.1f %%", 100*data.HitRate)},
		{"servers are asked again", fmt.Sprintf("after %d s", data.TTL)},
	}
	if data.Prepared > 0 {
		pairs = append(pairs, [2]string{"prepared", fmt.Sprintf("%d, of which %d were asked for", data.Prepared, data.PreparedRight)})
	}
	a.pairs(a.Out, pairs)
}

// daysSince counts the days from a date to now; -1 when it is none.
func daysSince(date string, now time.Time) int {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return -1
	}
	return int(now.Sub(day).Hours() / 24)
}

// renderSystemBuilt shows what was built, and what a switch to it would do.
func (a *app) renderSystemBuilt(data *operation.Built) {
	a.pairs(a.Out, [][2]string{{"system", data.Toplevel}, {"link", data.Link}})
	if data.Changes != nil {
		fmt.Fprintln(a.Out, a.style.dim("compared with "+data.Compared+":"))
		a.renderChanges(a.Out, data.Changes, 0)
	}
	if i := data.Impact; i != nil {
		a.pairs(a.Out, impactPairs(i, func(units []string) string { return strings.Join(units, ", ") }))
	}
}
