package cli

import (
	"luminousnix/internal/operation"
	"luminousnix/internal/settings"
)

// showSettings shows ask-nix's own settings and, with origin, where each value
// came from.
func (a *app) showSettings(origin bool) error {
	if err := a.prepare(); err != nil {
		return err
	}
	a.present()
	values := a.settings.Values()
	if a.flags.json {
		return a.writeJSON(struct {
			Schema   int              `json:"schema"`
			Settings []settings.Value `json:"settings"`
		}{operation.Schema, values})
	}
	rows := [][]string{{"SETTING", "VALUE", "MEANING"}}
	if origin {
		rows = [][]string{{"SETTING", "VALUE", "FROM"}}
	}
	for _, v := range values {
		last := v.Meaning
		if origin {
			last = v.Origin
		}
		rows = append(rows, []string{v.Key, v.Value, last})
	}
	a.table(a.Out, rows)
	return nil
}
