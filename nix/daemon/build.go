package daemon

import (
	"context"
	"errors"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/derivation"
	"luminousnix/nix/store"
)

// BuildMode is how to build.
type BuildMode int

// The modes.
const (
	BuildNormal BuildMode = iota
	BuildRepair           // what is there but damaged, for trusted users
	BuildCheck            // what is there already, once more, and compare
)

// Build builds or downloads the paths and returns a result for each, in the same
// order. A build that fails is no error of Build: look at every result. What
// keeps the daemon from beginning at all is, such as a check of what is not there.
//
// The outputs are temporary roots of the connection until it is closed. Daemons
// before protocol 1.34 tell only that all are there, or one failure for all:
// then each path's own validity tells its result.
func (c *Conn) Build(ctx context.Context, paths []DerivedPath, mode BuildMode) ([]BuildResult, error) {
	if c.Version.Minor < wire.SinceBuildResults {
		return c.buildAndLook(ctx, paths, mode)
	}
	results := make([]BuildResult, 0, len(paths))
	err := c.call(ctx, wire.BuildPathsWithResults, sendBuild(paths, mode), func(r *wire.Reader) {
		for range r.Items() {
			text := r.Text()
			path, err := ParseDerivedPath(c.dir, text)
			if err != nil && r.Err() == nil {
				r.Refuse("%v", err)
			}
			result := c.readBuildResult(r)
			result.Path = path
			results = append(results, result)
		}
	})
	if err != nil {
		return nil, err
	}
	return inOrder(paths, results), nil
}

// inOrder sorts results as the paths were asked for. The daemon sends one for
// each derivation, so several paths may have the same.
func inOrder(paths []DerivedPath, results []BuildResult) []BuildResult {
	exact := make(map[string]BuildResult, len(results))
	similar := make(map[store.Path]BuildResult, len(results))
	for _, result := range results {
		exact[result.Path.String()] = result
		similar[result.Path.Path] = result
	}
	ordered := make([]BuildResult, 0, len(paths))
	for _, path := range paths {
		result, told := exact[path.String()]
		if !told {
			result, told = similar[path.Path]
		}
		if !told {
			result = BuildResult{Status: StatusMiscFailure, Message: "the daemon told no result"}
		}
		result.Path = path
		ordered = append(ordered, result)
	}
	return ordered
}

// buildAndLook is Build for daemons that tell no results.
func (c *Conn) buildAndLook(ctx context.Context, paths []DerivedPath, mode BuildMode) ([]BuildResult, error) {
	err := c.BuildPaths(ctx, paths, mode)
	var failure *Error
	if err != nil && !errors.As(err, &failure) {
		return nil, err
	}
	results := make([]BuildResult, 0, len(paths))
	for _, path := range paths {
		result := BuildResult{Path: path, Status: StatusBuilt}
		if failure != nil {
			there, err := c.isThere(ctx, path)
			if err != nil {
				return nil, errors.Join(failure, err)
			}
			result.Status = StatusAlreadyValid
			if !there || mode != BuildNormal {
				result.Status, result.Message = failure.Kind.status(), failure.Message
				if len(path.Outputs) == 0 {
					result.Status = StatusNoSubstituters
				}
			}
		}
		results = append(results, result)
	}
	return results, nil
}

// isThere says whether what a build of the path gives is valid.
func (c *Conn) isThere(ctx context.Context, path DerivedPath) (bool, error) {
	if len(path.Outputs) == 0 {
		return c.IsValidPath(ctx, path.Path)
	}
	outputs, err := c.DerivationOutputs(ctx, path.Path)
	if err != nil {
		return false, err
	}
	names := path.Outputs
	if names[0] == AllOutputs {
		names = nil
		for name := range outputs {
			names = append(names, name)
		}
	}
	for _, name := range names {
		if outputs[name] == "" {
			return false, nil
		}
		if valid, err := c.IsValidPath(ctx, outputs[name]); err != nil || !valid {
			return false, err
		}
	}
	return true, nil
}

// BuildPaths builds or downloads the paths; the first that fails is the error,
// often of [KindBuildFailed].
func (c *Conn) BuildPaths(ctx context.Context, paths []DerivedPath, mode BuildMode) error {
	return c.call(ctx, wire.BuildPaths, sendBuild(paths, mode), readAck)
}

func sendBuild(paths []DerivedPath, mode BuildMode) func(*wire.Writer) {
	return func(w *wire.Writer) {
		sendDerived(paths)(w)
		w.Uint(uint64(mode))
	}
}

// BuildDerivation builds a derivation that need not be in the store itself; all
// that it needs must be, as its InputSources. The daemon does it for trusted
// users, and for others if its outputs are content-addressed.
func (c *Conn) BuildDerivation(ctx context.Context, drv store.Path, d *derivation.Derivation, mode BuildMode) (result BuildResult, err error) {
	err = c.call(ctx, wire.BuildDerivation, func(w *wire.Writer) {
		w.Text(string(drv))
		w.BasicDerivation(d)
		w.Uint(uint64(mode))
	}, func(r *wire.Reader) {
		result = c.readBuildResult(r)
		result.Path = Outputs(drv)
	})
	return result, err
}

// EnsurePath makes a path valid by downloading it, if it is not already.
func (c *Conn) EnsurePath(ctx context.Context, p store.Path) error {
	return c.call(ctx, wire.EnsurePath, onePath(p), readAck)
}
