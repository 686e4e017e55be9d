package trace_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"luminousnix/nix/eval/trace"
)

// small reads the names below in ways that depend on what they are.
const small = `let
	names = [ "a" "b" "c" "d/a" "d/b" ];
	read = name:
		let
			path = ./. + "/${name}";
			type = if builtins.pathExists path then builtins.readFileType path else "absent";
		in
		if type == "regular" then "${builtins.readFile path} ${path}"
		else if type == "directory" then builtins.readDir path
		else if type == "symlink" && builtins.pathExists (path + "/.") then "${./.}"
		else type;
in
map read (if builtins.getEnv "ONLY" == "" then names else [ (builtins.getEnv "ONLY") ])`

// kept is a result with what it depends on.
type kept struct {
	trace  *trace.Trace
	result string
}

// Whatever is done to the tree: when a kept result is said to be still right, it
// is what evaluating gives.
func TestKeptResultsAreRight(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	hits, misses := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		root, err := os.MkdirTemp(dir, "")
		must(t, err)
		w := newWorld(t, root, map[string]string{"default.nix": small, "a": "text", "d/a": "text"})
		var list []kept
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			edit(t, rt, w)
			if rapid.IntRange(0, 5).Draw(rt, "wait") == 0 {
				time.Sleep(tick)
			}
			want := w.result(t, w)
			hit := false
			for i := range list {
				different, err := list[i].trace.CheckMargin(t.Context(), w, tick)
				must(t, err)
				if different == nil && list[i].result != want {
					rt.Fatalf("kept %s, evaluating gives %s", list[i].result, want)
				}
				hit = hit || different == nil
				list[i].trace = again(t, list[i].trace)
			}
			if hit {
				hits++
				continue
			}
			misses++
			result, read := w.evaluate(t, tick)
			list = append(list, kept{again(t, read), result})
			if different, err := list[len(list)-1].trace.CheckMargin(t.Context(), w, tick); different != nil || err != nil {
				rt.Fatalf("at once: %v, %v", different, err)
			}
		}
	})
	t.Logf("%d hits, %d misses", hits, misses)
	if hits == 0 || misses == 0 {
		t.Errorf("%d hits, %d misses", hits, misses)
	}
}

// edit changes something in the tree, or nothing. Sizes and times often stay as
// they were.
func edit(t *testing.T, rt *rapid.T, w world) {
	name := rapid.SampledFrom([]string{"a", "b", "c", "d", "d/a", "d/b", "d/unread/file"}).Draw(rt, "name")
	content := rapid.SampledFrom([]string{"text", "TEXT", "longer text", "#!text", "->a", "->d", "->nothing"}).Draw(rt, "content")
	path := filepath.Join(w.root, name)
	switch rapid.SampledFrom([]string{"nothing", "write", "overwrite", "remove", "mkdir", "touch", "chmod", "setenv"}).Draw(rt, "edit") {
	case "write":
		tolerate(t, os.RemoveAll(path))
		if os.MkdirAll(filepath.Dir(path), 0o755) == nil {
			write(t, path, content)
		}
	case "overwrite":
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() {
			return
		}
		must(t, os.WriteFile(path, []byte(content), 0o644))
		must(t, os.Chtimes(path, info.ModTime(), info.ModTime()))
	case "remove":
		tolerate(t, os.RemoveAll(path))
	case "mkdir":
		tolerate(t, os.RemoveAll(path))
		tolerate(t, os.MkdirAll(path, 0o755))
	case "touch":
		tolerate(t, os.Chtimes(path, time.Now(), time.Now()))
	case "chmod":
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			must(t, os.Chmod(path, info.Mode()^0o111))
		}
	case "setenv":
		w.environment["ONLY"] = rapid.SampledFrom([]string{"", "a", "d"}).Draw(rt, "value")
	}
}

// tolerate fails unless the error says that there is nothing to do it to.
func tolerate(t *testing.T, err error) {
	t.Helper()
	var file *fs.PathError
	if err != nil && !errors.As(err, &file) {
		t.Fatal(err)
	}
}
