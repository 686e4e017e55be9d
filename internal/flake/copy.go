package flake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"luminousnix/internal/process"
)

// Copy is a copy of a flake.
type Copy struct {
	// Reference is what Nix calls it, without the name of a system.
	Reference string
	// Dir is the folder with its flake.nix.
	Dir string

	root, original string
}

// Untracked are those of the files that are in the flake's folder and that git does not
// track, so that Nix does not see them. env is the environment of git.
func (f *Local) Untracked(ctx context.Context, env, files []string) ([]string, error) {
	if !f.Git {
		return nil, nil
	}
	tracked, err := f.tracked(ctx, env)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, name := range tracked {
		known[filepath.Join(f.Root, name)] = true
	}
	var unknown []string
	for _, file := range files {
		if strings.HasPrefix(file, f.Root+"/") && !known[file] {
			unknown = append(unknown, file)
		}
	}
	return unknown, nil
}

// tracked are the paths in the repository that git tracks.
func (f *Local) tracked(ctx context.Context, env []string) ([]string, error) {
	out, err := git(ctx, env, f.Root, "ls-files", "-z")
	if err != nil {
		return nil, err
	}
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == 0 }), nil
}

// WithCopy calls use with a copy of the flake, as Nix sees it, that is gone afterwards.
// edits are files of the copy that are to have another content, by their paths in the
// flake. The copy of a repository is a repository without commits.
func (f *Local) WithCopy(ctx context.Context, env []string, edits map[string][]byte, use func(Copy) error) (err error) {
	made, err := os.MkdirTemp("", "flake")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(made)) }()
	temporary, err := filepath.EvalSymlinks(made)
	if err != nil {
		return err
	}
	inside, err := filepath.Rel(f.Root, f.Dir)
	if err != nil {
		return err
	}
	c := Copy{root: filepath.Join(temporary, filepath.Base(f.Root)), original: f.Root}
	c.Dir = filepath.Join(c.root, inside)
	if err := f.fill(ctx, env, c.root); err != nil {
		return fmt.Errorf("copying the flake: %w", err)
	}
	for path, content := range edits {
		name, err := filepath.Rel(f.Root, path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(c.root, name), content, 0o600); err != nil {
			return fmt.Errorf("copying the flake: %w", err)
		}
	}
	c.Reference = (&url.URL{Scheme: "path", Path: c.root}).String()
	if f.Git {
		if err := c.track(ctx, env); err != nil {
			return err
		}
		u := url.URL{Scheme: "git+file", Path: c.root}
		if inside != "." {
			u.RawQuery = url.Values{"dir": {inside}}.Encode()
		}
		c.Reference = u.String()
	}
	return use(c)
}

// fill copies what Nix sees of the flake.
func (f *Local) fill(ctx context.Context, env []string, to string) error {
	if f.Git {
		tracked, err := f.tracked(ctx, env)
		if err != nil {
			return err
		}
		for _, name := range tracked {
			if err := duplicate(filepath.Join(f.Root, name), filepath.Join(to, name)); err != nil {
				return err
			}
		}
		return nil
	}
	return filepath.WalkDir(f.Root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		name, err := filepath.Rel(f.Root, path)
		if err == nil && entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), 0o700)
		}
		if err == nil {
			err = duplicate(path, filepath.Join(to, name))
		}
		return err
	})
}

// track makes the copy a repository that tracks all of it.
func (c *Copy) track(ctx context.Context, env []string) error {
	if _, err := git(ctx, env, c.root, "init", "--quiet"); err != nil {
		return err
	}
	_, err := git(ctx, env, c.root, "add", "--all", "--force")
	return err
}

// Original puts the path of the flake in place of that of the copy.
func (c *Copy) Original(text string) string { return strings.ReplaceAll(text, c.root, c.original) }

// duplicate copies a file or a link, with what its folder is made of. Folders, such as
// those of submodules, sockets and what was deleted are passed over.
func duplicate(from, to string) error {
	info, err := os.Lstat(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case !info.Mode().IsRegular():
		return nil
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600|info.Mode().Perm()&0o100)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// git runs git in a folder.
func git(ctx context.Context, env []string, dir string, words ...string) ([]byte, error) {
	out, err := process.Run(ctx, process.Command{Argv: append([]string{"git"}, words...), Env: withoutGit(env), Dir: dir})
	if err != nil {
		return nil, fmt.Errorf("asking git about %s: %w", dir, err)
	}
	return out, nil
}

// withoutGit is the environment without the variables by which git is led to another
// repository than that of the folder it is in, as within a hook.
func withoutGit(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX":
			return true
		}
		return false
	})
}
