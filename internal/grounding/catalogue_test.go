package grounding_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"luminousnix/internal/action"
	"luminousnix/internal/catalog/shelf"
	"luminousnix/internal/grounding"
	"luminousnix/internal/intent"
	"luminousnix/internal/operation"
)

// shipped is the world of the catalogue that comes with the program, on a machine of which
// nothing else is known.
type shipped struct{ *action.World }

func (shipped) InNixpkgs(string) (bool, bool) { return false, false }

func (shipped) Installed(operation.ProfileName) ([]string, bool) { return nil, false }

func (shipped) Configured(string) bool { return true }

func (shipped) Generations(operation.ProfileName) ([]operation.GenerationNumber, bool) {
	return nil, false
}

func (shipped) Pinned(operation.ProfileName) ([]operation.GenerationNumber, bool) { return nil, false }

func (shipped) Jobs() ([]string, bool) { return nil, false }

// machineOf is a machine with nothing but a catalogue, whose index lies in a folder.
func machineOf(dir string) *action.Machine {
	return &action.Machine{Shelf: shelf.Shelf{Dir: dir}, Log: slog.New(slog.DiscardHandler)}
}

// indexed is a folder with the index, built once for all tests.
var indexed = sync.OnceValue(func() string {
	w := action.NewWorld(context.Background(), machineOf(indexFolder), true, operation.Silent)
	defer w.Close()
	w.Catalogued()
	return indexFolder
})

var indexFolder string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "grounding")
	if err != nil {
		panic(err)
	}
	indexFolder = filepath.Join(dir, "catalog")
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

func openShipped(tb testing.TB) shipped {
	tb.Helper()
	w := action.NewWorld(context.Background(), machineOf(indexed()), false, operation.Silent)
	tb.Cleanup(func() { w.Close() })
	if !w.Catalogued() {
		tb.Fatal("there is no index")
	}
	return shipped{w}
}

// TestNames are names as people type them. What comes out is the attribute that is
// installed; a question has its choices, the search at its end left out.
func TestNames(t *testing.T) {
	t.Parallel()
	w := openShipped(t)
	for said, want := range map[string]string{
		// As they are.
		"firefox": "firefox", "vim": "vim", "git": "git", "htop": "htop", "vlc": "vlc", "gimp": "gimp", "tmux": "tmux",
		"ripgrep": "ripgrep", "neovim": "neovim", "emacs": "emacs", "wget": "wget", "inkscape": "inkscape",
		"blender": "blender", "audacity": "audacity", "steam": "steam", "discord": "discord", "spotify": "spotify",
		"vim git htop": "vim git htop", "tmux fzf bat": "tmux fzf bat",

		// By other names of theirs.
		"libreoffice": "libreoffice-fresh", "chrome": "google-chrome", "node": "nodePackages.nodejs", "rg": "ripgrep",
		"obs": "obs-studio", "telegram": "telegram-desktop", "signal": "signal-desktop", "zoom client": "? zoom | zoom client", "vim ansible": "vim python313Packages.ansible", "python numpy": "python313Packages.python python313Packages.numpy_2",
		"openssh": "openssh", "docker": "docker",

		// In several words.
		"libre office": "libreoffice-fresh", "vs code": "vscode", "visual studio code": "vscode", "google chrome": "google-chrome",
		"docker compose": "docker-compose", "git lfs": "git-lfs", "obs studio": "obs-studio", "tor browser": "tor-browser",
		"android studio": "android-studio", "sublime text": "sublime4", "telegram desktop": "telegram-desktop",
		"signal desktop": "signal-desktop", "brave browser": "brave", "virtual box": "virtualbox", "open vpn": "openvpn",
		"vs codium": "vscodium", "google chrome and vlc": "google-chrome vlc", "intellij idea": "jetbrains.idea-community-bin",
		"microsoft edge": "microsoft-edge", "image magick": "imagemagick", "yt dlp": "yt-dlp", "node js": "nodePackages.nodejs",
		"hex chat": "hexchat", "gnome tweaks": "gnome-tweaks", "qbit torrent": "qbittorrent",

		// Mistyped.
		"firefx": "? firefox", "fierfox": "? firefox", "firefoxx": "? firefox", "libreofice": "? libreoffice-fresh",
		"libre ofice": "? libreoffice-fresh", "google crome": "? google-chrome", "chromuim": "? chromium", "thunderbrd": "? thunderbird-latest",
		"neovm": "? neovim", "ripgrp": "? ripgrep", "htpo": "? htop", "wireshrk": "? wireshark", "inkscpae": "? inkscape",
		"blendr": "? blender", "audcity": "? audacity | audit", "spotfy": "? spotify", "vscod": "? vscode", "discrod": "? discord | discordo",
		"gimpp": "? gimp | gimp3", "vmi": "? vim | vcmi", "telegarm": "? telegraf", "obsidan": "? obsidian",
		"terrafrom": "? terraform", "postgrsql": "? postgresql", "firefx vim": "? firefox vim | vim", "vim and firefx": "? vim firefox",
		"nmap, wireshrk and tcpdump": "? nmap wireshark tcpdump",

		// Programs.
		"dig": "dig", "ifconfig": "unixtools.ifconfig", "pdftotext": "poppler-utils",

		// One or several, or another that does the same.
		"cargo watch": "? cargo-watch | cargo watch", "ms word": "? libreoffice-fresh", "adobe photoshop": "? gimp",

		// None.
		"democracy": "?", "patriarchy": "?", "qwzxkjvbnm": "?", "happiness": "?", "k9": "?",
		"vlc media player": "? vlc medio player | vlc",
	} {
		if got := toInstall(w, said); got != want {
			t.Errorf("install %s: %s, want %s", said, got, want)
		}
	}
}

// toInstall is what comes of a request to install.
func toInstall(w shipped, said string) string {
	var names []operation.PackageName
	for _, word := range strings.FieldsFunc(said, func(r rune) bool { return r == ' ' || r == ',' }) {
		if word != "and" {
			names = append(names, operation.PackageName(word))
		}
	}
	op := operation.New(operation.InstallPackages, operation.Arguments{Packages: names})
	reading, err := grounding.Ground(w, "install "+said, intent.Reading{Operations: []operation.Operation{op}, Confidence: 1})
	if err == nil {
		var attributes []string
		for _, name := range reading.Operations[0].Arguments.Packages {
			attributes = append(attributes, w.Packages(string(name))[0].Attribute)
		}
		return strings.Join(attributes, " ")
	}
	var offered []string
	for _, choice := range operation.AsError(err).Alternatives {
		if choice.Name == operation.InstallPackages {
			offered = append(offered, strings.TrimPrefix(choice.Say, "install "))
		}
	}
	return strings.TrimSpace("? " + strings.Join(offered, " | "))
}

// TestNothingIsMadeUp: whatever the words, what comes out was said or is in the catalogue.
func TestNothingIsMadeUp(t *testing.T) {
	t.Parallel()
	w := openShipped(t)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,9}|(fire|vim|libre|office|google|chrome|code|python|git)[a-z]?`), 1, 4, rapid.ID).Draw(t, "words")
		var names []operation.PackageName
		for _, word := range words {
			names = append(names, operation.PackageName(word))
		}
		name := rapid.SampledFrom([]operation.Name{operation.InstallPackages, operation.TryPackages, operation.ShowPackage}).Draw(t, "operation")
		op := operation.New(name, operation.Arguments{Packages: names})
		reading, err := grounding.Ground(w, strings.Join(words, " "), intent.Reading{Operations: []operation.Operation{op}, Confidence: 1})
		operations := reading.Operations
		if err != nil {
			operations = nil
			for _, choice := range operation.AsError(err).Alternatives {
				operations = append(operations, choice.Operation)
			}
		}
		for _, after := range operations {
			if after.Name != name && (err == nil || after.Name != operation.SearchPackages) {
				t.Fatalf("%v became %v", op, after)
			}
			for _, p := range after.Arguments.Packages {
				if !w.Known(string(p)) && (err != nil || !strings.Contains(" "+strings.Join(words, " ")+" ", " "+string(p)+" ")) {
					t.Fatalf("%s was made up for %v", p, words)
				}
			}
		}
	})
}

// TestOptions are options as people write them.
func TestOptions(t *testing.T) {
	t.Parallel()
	w := openShipped(t)
	for sentence, want := range map[string][]string{
		"set services.openssh.enable to true":                    {"set services.openssh.enable true"},
		"set services.opensh.enable to true":                     {"ambiguous: there is no option services.opensh.enable", "or set services.openssh.enable true", "or search options for services opensh enable"},
		"show option networking.firewal.enable":                  {"option networking.firewall.enable", `"networking.firewal.enable" was taken for networking.firewall.enable`},
		"set networking.hostNam to rose":                         {"ambiguous: there is no option networking.hostNam", "or set networking.hostName rose", "or search options for networking hostNam"},
		"enable docker":                                          {"enable docker"},
		"enable opensh":                                          {`ambiguous: "opensh" is not the name of an option; nothing was changed`, "or set services.openssh.enable true", "or search options for opensh"},
		"enable tailscal":                                        {`ambiguous: "tailscal" is not the name of an option; nothing was changed`, "or set services.tailscale.enable true", "or search options for tailscal"},
		"set the time zone to Europe/Berlin":                     {"set time zone to Europe/Berlin"},
		`set services.nginx.virtualHosts."a.b".forceSSL to true`: {`set services.nginx.virtualHosts."a.b".forceSSL true`},
	} {
		if diff := cmp.Diff(want, outcome(w, sentence)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", sentence, diff)
		}
	}
}

// BenchmarkGround is the common case, in which all is there: three packages, and opening the
// catalogue for them.
func BenchmarkGround(b *testing.B) {
	const sentence = "install vim git and htop"
	op := operation.New(operation.InstallPackages, operation.Arguments{Packages: []operation.PackageName{"vim", "git", "htop"}})
	reading := intent.Reading{Operations: []operation.Operation{op}, Confidence: 1}
	machine := machineOf(indexed())
	b.ReportAllocs()
	for b.Loop() {
		w := shipped{action.NewWorld(context.Background(), machine, false, operation.Silent)}
		if _, err := grounding.Ground(w, sentence, reading); err != nil {
			b.Fatal(err)
		}
		w.Close()
	}
}

// BenchmarkGroundNothing is a reading that names nothing.
func BenchmarkGroundNothing(b *testing.B) {
	reading := intent.Reading{Operations: []operation.Operation{operation.New(operation.ListGenerations, operation.Arguments{})}, Confidence: 1}
	machine := machineOf(indexed())
	for b.Loop() {
		w := action.NewWorld(context.Background(), machine, false, operation.Silent)
		if _, err := grounding.Ground(shipped{w}, "show my generations", reading); err != nil {
			b.Fatal(err)
		}
		w.Close()
	}
}

// BenchmarkGroundMistyped is a question with its choices.
func BenchmarkGroundMistyped(b *testing.B) {
	op := operation.New(operation.InstallPackages, operation.Arguments{Packages: []operation.PackageName{"libre", "ofice"}})
	w := openShipped(b)
	for b.Loop() {
		if _, err := grounding.Ground(w, "install libre ofice", intent.Reading{Operations: []operation.Operation{op}, Confidence: 1}); err == nil {
			b.Fatal("it was understood")
		}
	}
}
