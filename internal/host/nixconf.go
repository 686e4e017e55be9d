package host

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Setting is a setting of nix.conf.
type Setting struct{ Name, Value string }

// NixConf are the settings of nix.conf, of the person's own one and of NIX_CONFIG,
// in the order in which Nix applies them: the last of a name counts. What cannot be
// read or understood is left out; Nix itself tells of that.
func (h *Host) NixConf() []Setting {
	c := confReader{}
	c.file(filepath.Join(h.ConfDir, "nix.conf"))
	files := h.userConfFiles()
	slices.Reverse(files) // the first one wins
	for _, file := range files {
		c.file(file)
	}
	c.read(h.getenv("NIX_CONFIG"), "/")
	return c.settings
}

// Keeps says what the garbage collector keeps beyond what is referred to, by the
// daemon's own nix.conf: the derivations that live paths were made by, which is the
// default, and all outputs of live derivations, which is not.
func (h *Host) Keeps() (derivations, outputs bool) {
	c := confReader{}
	c.file(filepath.Join(h.ConfDir, "nix.conf"))
	derivations = true
	for _, s := range c.settings {
		switch s.Name {
		case "keep-derivations", "gc-keep-derivations":
			derivations = s.Value == "true"
		case "keep-outputs", "gc-keep-outputs":
			outputs = s.Value == "true"
		}
	}
	return derivations, outputs
}

// userConfFiles are NIX_USER_CONF_FILES, or nix/nix.conf in the folders of XDG.
func (h *Host) userConfFiles() []string {
	if files := h.getenv("NIX_USER_CONF_FILES"); files != "" {
		return strings.Split(files, ":")
	}
	dirs := []string{h.xdg("XDG_CONFIG_HOME", ".config")}
	if others := h.getenv("XDG_CONFIG_DIRS"); others != "" {
		dirs = append(dirs, strings.Split(others, ":")...)
	} else {
		dirs = append(dirs, h.Path("etc", "xdg"))
	}
	for i, dir := range dirs {
		dirs[i] = filepath.Join(dir, "nix", "nix.conf")
	}
	return dirs
}

// ExperimentalFeatures are the features of the Nix language and of Nix that its
// settings turn on.
func (h *Host) ExperimentalFeatures() []string {
	var features []string
	for _, s := range h.NixConf() {
		switch s.Name {
		case "experimental-features":
			features = strings.Fields(s.Value)
		case "extra-experimental-features":
			features = append(features, strings.Fields(s.Value)...)
		}
	}
	return features
}

// confReader reads files of settings, with those that they include.
type confReader struct {
	settings []Setting
	depth    int
}

func (c *confReader) file(name string) {
	const deepest = 20 // files may include each other
	if c.depth == deepest {
		return
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return
	}
	c.depth++
	c.read(string(text), filepath.Dir(name))
	c.depth--
}

// read reads lines such as `name = value # comment`; dir is where included files
// are looked for.
func (c *confReader) read(text, dir string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		switch {
		case len(words) == 2 && (words[0] == "include" || words[0] == "!include"):
			name := words[1]
			if !filepath.IsAbs(name) {
				name = filepath.Join(dir, name)
			}
			c.file(name)
		case len(words) >= 2 && words[1] == "=":
			c.settings = append(c.settings, Setting{words[0], strings.Join(words[2:], " ")})
		}
	}
}
