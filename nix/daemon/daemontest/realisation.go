package daemontest

import (
	"encoding/json"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// realisation is what an output of a derivation became, as the protocol has it:
// with base names in place of paths.
type realisation struct {
	ID                    string            `json:"id"`
	OutPath               string            `json:"outPath"`
	Signatures            []string          `json:"signatures"`
	DependentRealisations map[string]string `json:"dependentRealisations"`
}

func newRealisation(id string, output store.Path) realisation {
	return realisation{ID: id, OutPath: output.Base(), Signatures: []string{}, DependentRealisations: map[string]string{}}
}

func (r realisation) text() string {
	text, err := json.Marshal(r)
	if err != nil {
		return "{}" // cannot be: it is made of strings
	}
	return string(text)
}

func (c *connection) registerDrvOutput() error {
	text := c.r.Text()
	return c.work(func() error {
		if err := c.needCADerivations(); err != nil {
			return err
		}
		var real realisation
		if err := json.Unmarshal([]byte(text), &real); err != nil {
			return err
		}
		if _, err := c.StoreDir.Parse(string(c.StoreDir) + "/" + real.OutPath); err != nil {
			return err
		}
		c.objects.mu.Lock()
		defer c.objects.mu.Unlock()
		c.objects.real[real.ID] = text
		return nil
	}, nil)
}

func (c *connection) queryRealisation() error {
	id := c.r.Text()
	var found []string
	return c.work(func() error {
		if err := c.needCADerivations(); err != nil {
			return err
		}
		c.objects.mu.Lock()
		defer c.objects.mu.Unlock()
		if text, ok := c.objects.real[id]; ok {
			found = append(found, text)
		}
		return nil
	}, func(w *wire.Writer) { w.Texts(found) })
}

func (c *connection) needCADerivations() error {
	if c.options.CADerivations {
		return nil
	}
	return fail("experimental Nix feature '%s' is disabled; use '--extra-experimental-features ca-derivations' to override", "ca-derivations")
}
