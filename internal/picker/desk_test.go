package picker

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"luminousnix/internal/operation"
)

var update = flag.Bool("update", false, "write the golden files anew")

// fake is a small catalogue: what it finds has the words of the query in its name or
// description.
type fake struct {
	entries  []operation.FoundEntry
	infos    map[string]operation.Info
	err      error // of the next searches
	infoErr  error
	searches []string // "query limit", in the order of the calls
}

func (f *fake) Search(query string, limit int) (operation.Found, error) {
	f.searches = append(f.searches, fmt.Sprint(query, " ", limit))
	if f.err != nil {
		return operation.Found{}, f.err
	}
	found := operation.Found{Query: query, Catalog: catalogue()}
	for _, e := range f.entries {
		if strings.Contains(e.Attribute+" "+e.Description, query) {
			found.Total++
			if len(found.Results) < limit {
				found.Results = append(found.Results, e)
			}
		}
	}
	return found, nil
}

func (f *fake) Info(attribute string) (operation.Info, error) {
	if f.infoErr != nil {
		return operation.Info{}, f.infoErr
	}
	if info, ok := f.infos[attribute]; ok {
		return info, nil
	}
	return operation.Info{Catalog: catalogue()}, nil
}

func catalogue() operation.Catalogue {
	return operation.Catalogue{Name: "nixos-25.05", Date: "2025-06-01", Entries: 140000}
}

func newFake() *fake {
	firefox := operation.FoundEntry{
		Kind: operation.KindPackage, Attribute: "firefox", Name: "firefox", Version: "139.0.1",
		Description: "Web browser built from Firefox source tree", Why: []string{"name", "program"}, Variants: 3,
		Installed: true, InstalledVersion: "128.0.3", Newer: "140.0",
	}
	option := operation.FoundEntry{
		Kind: operation.KindOption, Attribute: "programs.firefox.enable", Name: "programs.firefox.enable",
		Description: "Whether to enable the Firefox web browser.", Why: []string{"part of name"}, Value: "true", Type: "boolean",
	}
	home := option
	home.HomeManager, home.Value = true, ""
	broken := operation.FoundEntry{
		Kind: operation.KindPackage, Attribute: "librewolf-unwrapped", Name: "librewolf", Version: "139.0.4-1-beta.20250601",
		Description: "Fork of Firefox, focused on privacy, security and freedom", Why: []string{"description"},
		Broken: true, Unsupported: true,
	}
	return &fake{
		entries: []operation.FoundEntry{firefox, option, home, broken},
		infos: map[string]operation.Info{
			"firefox": {
				Catalog: catalogue(),
				Packages: []operation.PackageDetails{
					{
						Attribute: "firefox", Name: "firefox", Version: "139.0.1",
						Description: "Web browser built from Firefox source tree, for those who want to see the web without being seen by it, " +
							"with tabs, bookmarks and a history",
						Homepage: "https://www.mozilla.org/firefox/", License: "MPL-2.0", MainProgram: "firefox", Programs: []string{"firefox", "firefox-bin"},
						Platforms: []string{"x86_64-linux", "aarch64-linux", "i686-linux", "x86_64-darwin", "aarch64-darwin"},
						Position:  "pkgs/applications/networking/browsers/firefox/wrapper.nix:505",
						Newer:     &operation.Newer{Version: "140.0", Catalog: operation.Catalogue{Name: "nixos-unstable", Date: "2025-06-20"}},
						Option:    "programs.firefox.enable",
					},
					{Attribute: "firefox-esr", Version: "128.11.0"},
				},
			},
			"programs.firefox.enable": {
				Catalog: catalogue(),
				Options: []operation.OptionDetails{
					{
						Option: "programs.firefox.enable", Description: "Whether to enable the Firefox web browser.\n\nIt is started by its name.",
						Type: "boolean", Default: "false", Example: "true", DeclaredIn: "nixos/modules/programs/firefox.nix:262",
						Value: "true", SetIn: "/etc/nixos/configuration.nix:41", Package: "firefox",
						Siblings: []string{"programs.firefox.policies", "programs.firefox.preferences"},
					},
					{Option: "programs.firefox.enable", HomeManager: true, Description: "Whether to enable Firefox.", Type: "boolean"},
				},
			},
		},
	}
}

// crowd is a catalogue of many packages.
func crowd(n int) *fake {
	f := &fake{}
	for i := range n {
		f.entries = append(f.entries, operation.FoundEntry{
			Kind: operation.KindPackage, Attribute: fmt.Sprintf("package%04d", i), Version: fmt.Sprint(i), Description: "one of many",
		})
	}
	return f
}

// desk is somebody at a terminal: it keeps the model and does what it asks for, at
// once or when told to.
type desk struct {
	model model
	hold  bool      // commands are kept rather than run
	held  []tea.Cmd // in the order in which they came
	quit  bool
}

func sit(s Searcher, width, height int) *desk {
	d := &desk{model: newModel(s, Options{NoColor: true})}
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

func (d *desk) send(messages ...tea.Msg) {
	for _, msg := range messages {
		next, command := d.model.Update(msg)
		d.model = next.(model)
		d.do(command)
	}
}

func (d *desk) do(command tea.Cmd) {
	switch {
	case command == nil:
	case d.hold:
		d.held = append(d.held, command)
	default:
		d.run(command)
	}
}

func (d *desk) run(command tea.Cmd) {
	switch msg := command().(type) {
	case nil:
	case tea.QuitMsg:
		d.quit = true
	case tea.BatchMsg:
		for _, c := range msg {
			d.do(c)
		}
	default:
		d.send(msg)
	}
}

// answer runs the n-th of the commands that are held.
func (d *desk) answer(n int) {
	command := d.held[n]
	d.held = slices.Delete(d.held, n, n+1)
	d.run(command)
}

// named are keys by the names in tests.
func named(name string) tea.KeyPressMsg {
	codes := map[string]rune{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "enter": tea.KeyEnter, "tab": tea.KeyTab, "esc": tea.KeyEscape,
		"backspace": tea.KeyBackspace, "delete": tea.KeyDelete, "space": tea.KeySpace,
	}
	var key tea.KeyPressMsg
	rest, isCtrl := strings.CutPrefix(name, "ctrl+")
	if isCtrl {
		key.Mod |= tea.ModCtrl
	}
	rest, isAlt := strings.CutPrefix(rest, "alt+")
	if isAlt {
		key.Mod |= tea.ModAlt
	}
	key.Code = codes[rest]
	if key.Code == 0 {
		key.Code, _ = utf8.DecodeRuneInString(rest)
		if !isCtrl && !isAlt {
			key.Text = rest
		}
	}
	if rest == "space" && !isCtrl && !isAlt {
		key.Text = " "
	}
	return key
}

// press presses keys: names in angle brackets, anything else letter by letter.
func (d *desk) press(keys string) {
	d.send(parseKeys(keys)...)
}

func parseKeys(keys string) (messages []tea.Msg) {
	for keys != "" {
		if name, rest, ok := strings.Cut(keys, ">"); ok && name[0] == '<' {
			messages, keys = append(messages, named(name[1:])), rest
			continue
		}
		_, n := utf8.DecodeRuneInString(keys)
		messages, keys = append(messages, named(keys[:n])), keys[n:]
	}
	return messages
}

// screen is what is to be seen, and where the cursor is.
func (d *desk) screen() string {
	view := d.model.View()
	cursor := "no cursor"
	if c := view.Cursor; c != nil {
		cursor = fmt.Sprintf("cursor at %d,%d", c.X, c.Y)
	}
	return view.Content + "\n(" + cursor + ")\n"
}

// check reports what is wrong with a screen of any model.
func (d *desk) check() error {
	m := &d.model
	view := m.View()
	lines := strings.Split(view.Content, "\n")
	if len(lines) > max(1, m.height) {
		return fmt.Errorf("%d lines on a screen of %d", len(lines), m.height)
	}
	for i, line := range lines {
		if w := max(ansi.StringWidth(line), ansi.StringWidthWc(line)); w > m.width {
			return fmt.Errorf("line %d is %d wide on a screen of %d: %q", i, w, m.width, line)
		}
		if plainLine := ansi.Strip(line); clean(plainLine) != plainLine {
			return fmt.Errorf("line %d is not clean: %q", i, line)
		}
	}
	if c := view.Cursor; c != nil && (c.X < 0 || c.Y < 0 || c.X >= m.width || c.Y >= m.height) {
		return fmt.Errorf("cursor at %d,%d on a screen of %dx%d", c.X, c.Y, m.width, m.height)
	}
	if n := len(m.found.Results); m.selected < 0 || m.selected >= max(1, n) {
		return fmt.Errorf("hit %d of %d is selected", m.selected, n)
	}
	if !view.AltScreen {
		return errors.New("not on the alternate screen")
	}
	return nil
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}
