package action

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"luminousnix/nix/syntax"
)

func TestReadings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"true":              `true|"true"|pkgs.true`,
		"on":                `true|"on"|pkgs.on`,
		"Off":               `false|"Off"|pkgs.Off`,
		"8080":              `8080|"8080"`,
		"-1.5":              `-1.5|"-1.5"`,
		"Europe/Paris":      `"Europe/Paris"`,
		"de_AT.UTF-8":       `"de_AT.UTF-8"|pkgs.de_AT.UTF-8`,
		"/etc/passwords":    `"/etc/passwords"|/etc/passwords`,
		"./here.nix":        `"./here.nix"`,
		"https://nixos.org": `"https://nixos.org"`,
		"zsh":               `"zsh"|pkgs.zsh`,
		"pkgs.zsh":          `pkgs.zsh|"pkgs.zsh"|pkgs.pkgs.zsh`,
		`"quoted"`:          `"quoted"`,
		"[ 80 443 ]":        `[ 80 443 ]|"[ 80 443 ]"`,
		"{ a = 1; }":        `{ a = 1; }|"{ a = 1; }"`,
		"null":              `null|"null"|pkgs.null`,
		"x: x":              `"x: x"`,
		"two words":         `"two words"`,
		`a"b\c`:             `"a\"b\\c"`,
		"import <nixpkgs>":  `"import <nixpkgs>"`,
	} {
		if diff := cmp.Diff(want, strings.Join(readings(text), "|")); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
		for _, expr := range readings(text) {
			if _, err := syntax.Parse("x", []byte(expr), syntax.ParseOptions{}); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestWithoutType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"5": "5", "true": "true", "Max": `"Max"`, "/home/max": `"/home/max"`, "pkgs.zsh": "pkgs.zsh"} {
		if got := withoutType(text); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// The vocabulary has each phrase once, as it is looked up, and paths of options.
func TestSettingsWords(t *testing.T) {
	t.Parallel()
	var seen []string
	for line := range strings.Lines(settingsWords) {
		words, options, ok := strings.Cut(line, "=")
		if strings.TrimSpace(line) == "" || line[0] == '#' {
			continue
		}
		if !ok || len(strings.Fields(options)) == 0 {
			t.Errorf("%q names no option", line)
		}
		for option := range strings.FieldsSeq(options) {
			if path, err := syntax.ParsePath(option); err != nil || syntax.FormatPath(path) != option {
				t.Errorf("%q is no option: %v", option, err)
			}
		}
		for word := range strings.SplitSeq(words, ",") {
			word = strings.TrimSpace(word)
			if slices.Contains(seen, word) || strings.ToLower(word) != word {
				t.Errorf("%q cannot be found, or is there twice", word)
			}
			seen = append(seen, word)
			if found, exclusive := optionsCalled(" "+strings.ToUpper(word)+" ", true); !exclusive || len(found) == 0 {
				t.Errorf("%q means %v", word, found)
			}
		}
	}
	found, exclusive := optionsCalled("network time", true)
	if diff := cmp.Diff([]string{"services.network-time.enable", "services.networktime.enable"}, []string{found[0], found[6]}); diff != "" || exclusive {
		t.Error(diff, exclusive)
	}
	if found, _ := optionsCalled("tailscale", false); found != nil {
		t.Errorf("a module has no value, but got %v", found)
	}
}
