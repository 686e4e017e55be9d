package daemontest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"luminousnix/nix/daemon"
	"luminousnix/nix/derivation"
	"luminousnix/nix/nar"
	"luminousnix/nix/store"
)

// outputs looks at what the builder left, and returns what there is to know of
// each output, under the paths at which it was built.
func (j *job) outputs() ([]*store.PathInfo, error) {
	var infos []*store.PathInfo
	candidates := j.candidates()
	for _, name := range j.drv.OutputNames() {
		p := j.scratch[name]
		if _, err := os.Lstat(string(p)); err != nil {
			return nil, fail("builder for '%s' failed to produce output path for output '%s' at '%s'", j.drvPath, name, p)
		}
		if err := canonicalise(string(p)); err != nil {
			return nil, err
		}
		if err := seal(string(p)); err != nil {
			return nil, err
		}
		info := &store.PathInfo{Path: p, Deriver: j.drvPath, Ultimate: true, Registered: time.Now().Truncate(time.Second)}
		scan := newScanner(candidates)
		if err := nar.Pack(scan, string(p)); err != nil {
			return nil, err
		}
		info.References = scan.found()
		info.NarHash, info.NarSize = scan.sum()
		infos = append(infos, info)
	}
	return infos, nil
}

// candidates are what an output can refer to: all that the builder could see,
// and the outputs themselves.
func (j *job) candidates() []store.Path {
	inputs := slices.Clone(j.drv.InputSources)
	for input, names := range j.drv.InputDerivations {
		drv, err := j.objects.readDerivation(input)
		if err != nil {
			continue // it was collected, and its outputs with it
		}
		for _, name := range names {
			inputs = append(inputs, drv.Outputs[name].Path)
		}
	}
	var candidates []store.Path
	for p := range j.objects.closure(inputs...) {
		candidates = append(candidates, p)
	}
	for _, p := range j.scratch {
		candidates = append(candidates, p)
	}
	return candidates
}

// register makes the outputs valid.
func (j *job) register() error {
	infos, err := j.outputs()
	if err != nil {
		return err
	}
	for _, info := range infos {
		if err := j.checkFixed(info); err != nil {
			return err
		}
	}
	return j.objects.register(infos...)
}

// checkFixed checks the hash of an output that has to have one.
func (j *job) checkFixed(info *store.PathInfo) error {
	if kind, err := j.drv.Kind(); err != nil || kind != derivation.Fixed {
		return err
	}
	output := j.drv.Outputs["out"]
	if len(info.References) > 0 {
		return fail("illegal path references in fixed-output derivation '%s'", j.drvPath)
	}
	got, err := hashContent(string(info.Path), output.Method, output.Algorithm)
	if err != nil {
		return err
	}
	if got != output.Hash {
		return fail("hash mismatch in fixed-output derivation '%s':\n  specified: %s\n     got:    %s", j.drvPath, output.Hash.SRI(), got.SRI())
	}
	info.ContentAddress = store.ContentAddress{Method: output.Method, Hash: output.Hash}
	return nil
}

// compare compares the outputs of a check with those that were there.
func (j *job) compare() (daemon.BuildStatus, error) {
	for _, name := range j.drv.OutputNames() {
		final, scratch := j.drv.Outputs[name].Path, j.scratch[name]
		if _, err := os.Lstat(string(scratch)); err != nil {
			return daemon.StatusOutputRejected, fail("builder for '%s' failed to produce output path for output '%s' at '%s'", j.drvPath, name, final)
		}
		if err := canonicalise(string(scratch)); err != nil {
			return daemon.StatusOutputRejected, err
		}
		if err := j.rewriteTree(string(scratch)); err != nil {
			return daemon.StatusMiscFailure, err
		}
		got, _, err := nar.Hash(string(scratch))
		if err != nil {
			return daemon.StatusMiscFailure, err
		}
		if info := j.objects.info(final); info == nil || got != info.NarHash {
			return daemon.StatusNotDeterministic, fail("derivation '%s' may not be deterministic: output '%s' differs", j.drvPath, final)
		}
	}
	return daemon.StatusBuilt, nil
}

// rewriteTree puts the outputs' own paths in place of the scratch paths, in
// files and links.
func (j *job) rewriteTree(tree string) error {
	return filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if entry.Type() == fs.ModeSymlink {
			target, err := os.Readlink(path)
			if err != nil {
				return err
			}
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Symlink(string(j.restore([]byte(target))), path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		restored := j.restore(content)
		if bytes.Equal(restored, content) {
			return nil
		}
		if err := os.Chmod(path, 0o644); err != nil {
			return err
		}
		if err := os.WriteFile(path, restored, 0o644); err != nil {
			return err
		}
		return os.Chmod(path, info.Mode())
	})
}

func (j *job) restore(content []byte) []byte {
	for name, scratch := range j.scratch {
		content = bytes.ReplaceAll(content, []byte(scratch.HashPart()), []byte(j.drv.Outputs[name].Path.HashPart()))
	}
	return content
}
