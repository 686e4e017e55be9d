package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
	"luminousnix/nix/store"
)

func (a *app) renderPins(data *operation.Pins) {
	if len(data.Pins) == 0 {
		return
	}
	rows := [][]string{{"GENERATION", "SINCE", "NAME", "NOTE"}}
	for _, p := range data.Pins {
		note := p.Note
		switch {
		case p.Backup:
			note = "left behind by the last switch, kept until the next one is verified"
		case p.Gone:
			note = strings.TrimSpace("deleted by another program; " + note)
		}
		rows = append(rows, []string{strconv.Itoa(int(p.Generation)), p.Since.Local().Format(time.DateTime), p.Name, note})
	}
	a.table(a.Out, rows)
}

func (a *app) renderFreed(data *operation.Freed) {
	free := ""
	if data.Free > 0 {
		free = operation.Size(data.Free)
	}
	deleted := make([]string, len(data.Deleted))
	for i, number := range data.Deleted {
		deleted[i] = strconv.Itoa(int(number))
	}
	a.pairs(a.Out, [][2]string{{"deleted", strings.Join(deleted, " ")}, {"free now", free}})
}

func (a *app) renderStoreCheck(data *operation.StoreCheck) {
	for _, d := range data.Damaged {
		fmt.Fprintln(a.Out, "  "+clean(d.Path)) // all repaired, or an error would be shown
	}
}

func (a *app) renderDependency(data *operation.Dependency) {
	for _, way := range data.Ways {
		fmt.Fprintln(a.Out)
		fmt.Fprintln(a.Out, clean(way.Path))
		if way.Root != "" {
			fmt.Fprintln(a.Out, a.style.dim("  kept by "+clean(way.Root)))
		}
		for i, path := range way.Chain {
			arrow := ""
			if i > 0 {
				arrow = a.presented().signs().needs + " "
			}
			fmt.Fprintf(a.Out, "  %s%s%s\n", strings.Repeat("  ", i), arrow, clean(store.Path(path).Name()))
		}
		if others := len(way.UsedBy); others > 1 {
			fmt.Fprintln(a.Out, a.style.dim(fmt.Sprintf("  %d paths refer to it directly", others)))
		}
	}
}
