package health

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/operation"
	"luminousnix/internal/spelling"
)

//go:embed nixconf.txt
var nixconf string

// names are the settings and the experimental features that releases of Nix know.
func names() (settings, features []string) {
	var list *[]string
	for line := range strings.Lines(nixconf) {
		switch {
		case strings.HasPrefix(line, "#"):
		case line == "settings\n":
			list = &settings
		case line == "features\n":
			list = &features
		case list != nil:
			*list = append(*list, strings.Fields(line)...)
		}
	}
	return settings, features
}

// checkSettings looks for names that no Nix knows. Newer ones may know more, so only
// what is nearly a known name is told.
func checkSettings(f *Facts) ([]operation.Finding, bool) {
	if f.Settings == nil {
		return nil, false
	}
	settings, features := names()
	var findings []operation.Finding
	last := map[string]string{}
	for _, s := range f.Settings.Set {
		last[s.Name] = s.Value
		if near := misspelt(strings.TrimPrefix(s.Name, "extra-"), settings); near != "" {
			findings = append(findings, unknown("setting-unknown", "setting", s.Name, near))
		}
		if s.Name != "experimental-features" && s.Name != "extra-experimental-features" {
			continue
		}
		for _, feature := range strings.Fields(s.Value) {
			if near := misspelt(feature, features); near != "" {
				findings = append(findings, unknown("feature-unknown", "experimental feature", feature, near))
			}
		}
	}
	if slices.Contains(strings.Fields(last["trusted-users"]), "*") {
		findings = append(findings, found(operation.Warning, "everybody-trusted",
			"Everybody on this machine may become root through Nix: trusted-users has a *.",
			add(`nix.settings.trusted-users = [ "root" "@wheel" ];`, "trusts those who may use sudo")))
	}
	if last["require-sigs"] == "false" {
		findings = append(findings, found(operation.Warning, "signatures-ignored",
			"Signatures of binary caches are not checked: require-sigs is false.",
			add("nix.settings.require-sigs = true;", "has them checked")))
	}
	if last["max-jobs"] == "0" && last["builders"] == "" {
		findings = append(findings, found(operation.Problem, "no-builds",
			"Nothing can be built: max-jobs is 0, and there are no other machines to build on.",
			add(`nix.settings.max-jobs = "auto";`, "builds as much at once as there are cores")))
	}
	return findings, true
}

func unknown(id, kind, name, near string) operation.Finding {
	return found(operation.Warning, id, fmt.Sprintf("Nix knows no %s %s, and ignores it.", kind, name),
		do(fmt.Sprintf("Write %s, if that is meant, in nix.settings or nix.conf.", near)))
}

// misspelt is the known name that another is nearly; "" where it is known itself, or far
// from all.
func misspelt(name string, known []string) string {
	if slices.Contains(known, name) {
		return ""
	}
	nearest, least := "", spelling.Tolerance(len(name))+1
	for _, other := range known {
		if d := spelling.Distance(name, other, least); d < least {
			nearest, least = other, d
		}
	}
	return nearest
}
