package daemontest

import (
	"encoding/json"
	"os"
	"strings"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// Floating outputs are built with [Options.CADerivations], if they refer neither
// to themselves nor to each other, and if all paths that the derivation needs
// were known when it was written.

// outputID returns the name under which the realisation of an output is kept.
func (c *connection) outputID(drv *derivation.Derivation, output string) (id string, ok bool) {
	modulo, err := c.hasher.HashModulo(c.ctx, drv)
	if err != nil {
		return "", false // an input derivation was collected: then nobody knows it
	}
	return "sha256:" + modulo.Hash.Base16() + "!" + output, true
}

// outputPath returns the path of an output, "" while only a build can tell it.
func (c *connection) outputPath(drv *derivation.Derivation, output string) store.Path {
	if p := drv.Outputs[output].Path; p != "" || !c.options.CADerivations {
		return p
	}
	id, ok := c.outputID(drv, output)
	if !ok {
		return ""
	}
	c.objects.mu.Lock()
	defer c.objects.mu.Unlock()
	var real realisation
	if err := json.Unmarshal([]byte(c.objects.real[id]), &real); err != nil {
		return ""
	}
	return moved(store.Path("/"+real.OutPath), c.StoreDir)
}

// float is where a floating output is built.
func (j *job) float(name string) (store.Path, error) {
	return j.StoreDir.MakePath("floating:"+name, store.Sum(store.SHA256, []byte(j.drvPath)), outputName(j.drv, name))
}

func outputName(drv *derivation.Derivation, output string) string {
	if output == "out" {
		return drv.Name
	}
	return drv.Name + "-" + output
}

// settle gives the outputs the paths that their content asks for.
func (j *job) settle() error {
	candidates := j.candidates()
	for _, name := range j.drv.OutputNames() {
		if err := j.settleOne(name, candidates); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) settleOne(name string, candidates []store.Path) error {
	scratch, output := j.scratch[name], j.drv.Outputs[name]
	if _, err := os.Lstat(string(scratch)); err != nil {
		return fail("builder for '%s' failed to produce output path for output '%s' at '%s'", j.drvPath, name, scratch)
	}
	if err := canonicalise(string(scratch)); err != nil {
		return err
	}
	scan := newScanner(candidates)
	if err := nar.Pack(scan, string(scratch)); err != nil {
		return err
	}
	info := &store.PathInfo{Deriver: j.drvPath, Ultimate: true, Registered: time.Now().Truncate(time.Second), References: scan.found()}
	info.NarHash, info.NarSize = scan.sum()
	for _, reference := range info.References {
		for _, own := range j.scratch {
			if reference == own {
				return fail("the test daemon builds no floating outputs that refer to outputs of the same derivation, as those of '%s'", j.drvPath)
			}
		}
	}
	hash, err := hashContent(string(scratch), output.Method, output.Algorithm)
	if err != nil {
		return err
	}
	info.ContentAddress = store.ContentAddress{Method: output.Method, Hash: hash}
	if info.Path, err = j.StoreDir.PathFor(outputName(j.drv, name), info.ContentAddress, store.References{Others: info.References}); err != nil {
		return err
	}
	if err := j.moveIn(string(scratch), info, false); err != nil {
		return err
	}
	id, ok := j.outputID(j.drv, name)
	if !ok {
		return notValid(j.drvPath)
	}
	j.objects.mu.Lock()
	defer j.objects.mu.Unlock()
	j.objects.real[id] = newRealisation(id, info.Path).text()
	return nil
}

// canBuild says why outputs of a kind cannot be built here.
func (b *builds) canBuild(kind derivation.Kind, drv *derivation.Derivation) error {
	switch kind {
	case derivation.InputAddressed, derivation.Fixed:
		return nil
	case derivation.Impure:
		return fail("experimental Nix feature '%s' is disabled", "impure-derivations")
	}
	if !b.options.CADerivations {
		return b.needCADerivations()
	}
	if kind == derivation.Deferred || b.mode != daemon.BuildNormal {
		return fail("the test daemon does not build derivations that need floating outputs")
	}
	for input, names := range drv.InputDerivations {
		needed, err := b.objects.readDerivation(input)
		if err != nil {
			return err
		}
		for _, name := range names {
			if needed.Outputs[name].Path == "" {
				return fail("the test daemon does not build derivations that need floating outputs")
			}
		}
	}
	return nil
}

// placeholders puts scratch paths where a derivation did not know its own.
func (j *job) placeholders(s string) string {
	for name, output := range j.drv.Outputs {
		if output.Path == "" {
			s = strings.ReplaceAll(s, derivation.Placeholder(name), string(j.scratch[name]))
		}
	}
	return s
}
