package intent

import (
	"strings"

	"luminousnix/internal/operation"
)

// isGeneration reports a generation number as digits.
func (s *sentence) isGeneration(i int) bool {
	t := &s.tokens[i]
	return t.number > 0 && t.word[0] <= '9'
}

// generations reads "5", "5 and 6", "5, 6", "5 to 9"; nil if it is none of them.
func (s *sentence) generations(p, q int) []operation.GenerationNumber {
	const most = 1000
	var numbers []operation.GenerationNumber
	through := false
	for i := p; i < q; i++ {
		switch t := &s.tokens[i]; {
		case s.isGeneration(i):
			first := operation.GenerationNumber(t.number)
			if i > p && s.isGeneration(i-1) && s.dashBefore(i) {
				through = true
			}
			if through {
				first = numbers[len(numbers)-1] + 1
			}
			if int(first)+most < t.number {
				return nil
			}
			for n := first; int(n) <= t.number; n++ {
				numbers = append(numbers, n)
			}
			through = false
		case i > p && i < q-1 && t.plays(roleThrough) && s.isGeneration(i-1) && s.isGeneration(i+1):
			through = true
		case i > p && i < q-1 && t.plays(roleAnd):
		default:
			low, high, ok := strings.Cut(t.word, "-")
			a, b := s.grammar.numberOf(low), s.grammar.numberOf(high)
			if !ok || a <= 0 || b < a || b-a > most {
				return nil
			}
			for n := a; n <= b; n++ {
				numbers = append(numbers, operation.GenerationNumber(n))
			}
		}
		if len(numbers) > most {
			return nil
		}
	}
	return numbers
}

// dashBefore reports nothing but a dash before a token: "41 - 43".
func (s *sentence) dashBefore(i int) bool {
	switch strings.TrimSpace(s.source[s.tokens[i-1].end:s.tokens[i].start]) {
	case "-", "–", "—":
		return true
	}
	return false
}

// isOption tells option paths from file names and package names: a dotted path
// that begins with one of the top names of NixOS's or home-manager's options.
func isOption(text string) bool {
	top, _, dotted := strings.Cut(text, ".")
	if !dotted {
		return false
	}
	if _, err := operation.ParseOptionPath(text); err != nil {
		return false
	}
	if strings.HasSuffix(text, ".enable") {
		return true
	}
	switch top {
	case "services", "programs", "networking", "boot", "hardware", "system", "users", "environment", "nix",
		"security", "time", "i18n", "fonts", "virtualisation", "systemd", "documentation", "console", "sound",
		"powerManagement", "home", "xdg", "fileSystems", "swapDevices", "location", "zramSwap", "xsession",
		"wayland", "gtk", "qt", "accounts", "containers", "krb5", "power", "specialisation", "stylix", "age",
		"sops", "launchd", "dconf", "image", "testing", "meta", "assertions", "warnings", "jobs", "ec2", "lib":
		return true
	case "nixpkgs":
		return strings.HasPrefix(text, "nixpkgs.config") || strings.HasPrefix(text, "nixpkgs.overlays") || strings.HasPrefix(text, "nixpkgs.hostPlatform")
	}
	return false
}

// isValue accepts one word, or what stands in quotation marks or brackets.
func (s *sentence) isValue(p, q int) bool {
	if q-p == 1 {
		return true
	}
	first, last := s.tokens[p].start, s.tokens[q-1].end
	enclosed := func(open, end byte) bool {
		return first > 0 && s.source[first-1] == open && last < len(s.source) && s.source[last] == end
	}
	return enclosed('"', '"') || enclosed('\'', '\'') || s.source[first] == '[' && s.source[last-1] == ']'
}

// scope reads for whom something is meant. In "from all users" the patterns find the user,
// since fillers count little: the words that mean everybody decide.
func (s *sentence) scope(p, q int) operation.Scope {
	user := s.exactly("scopeuser", p, q)
	switch {
	case user && !s.everybody(p, q):
		return operation.ScopeUser
	case user || s.exactly("scopesystem", p, q):
		return operation.ScopeSystem
	case s.exactly("scopetemporary", p, q):
		return operation.ScopeTemporary
	}
	return ""
}

// everybody reports a word that means all of those that are named, in the span or among
// the fillers before it.
func (s *sentence) everybody(p, q int) bool {
	for i := q - 1; i >= 0 && (i >= p-1 || s.tokens[i+1].kind == filler); i-- {
		switch s.word(i) {
		case "all", "every", "each":
			return true
		}
	}
	return false
}

// channel reads a release or channel: 24.11, unstable, nixos-25.05.
func (s *sentence) channel(p, q int) string {
	for q-p > 1 && s.tokens[p].word == "nixos" || q-p > 1 && s.tokens[p].word == "nixpkgs" || q-p > 1 && s.tokens[p].kind == filler {
		p++
	}
	if q-p != 1 {
		return ""
	}
	word := s.tokens[p].word
	switch {
	case word == "unstable" || word == "stable":
		return "nixos-" + word
	case len(word) == 5 && word[2] == '.' && versionNumber(word):
		return word
	case strings.HasPrefix(word, "nixos-") && word != "nixos-rebuild" && word != "nixos-option" && word != "nixos-version",
		strings.HasPrefix(word, "nixpkgs-"), strings.HasPrefix(word, "release-"):
		return s.tokens[p].text
	}
	return ""
}

// channelPhrase reads "from [the] unstable [channel]".
func (s *sentence) channelPhrase(p, q int) string {
	if !s.plays(p, roleFrom) {
		return ""
	}
	p++
	if s.plays(q-1, roleChannel) {
		q--
	}
	if p >= q {
		return ""
	}
	if q-p == 1 && s.tokens[p].word == "nixpkgs" {
		return "nixpkgs" // where packages come from anyway
	}
	return s.channel(p, q)
}

// profilePhrase reads "in profile work" and "in the work profile".
func (s *sentence) profilePhrase(p, q int) string {
	if !s.plays(p, roleInto) {
		return ""
	}
	p++
	for p < q && s.tokens[p].kind == filler {
		p++
	}
	if q-p != 2 {
		return ""
	}
	switch {
	case s.plays(p, roleProfile) && s.tokens[p+1].kind == content:
		return s.tokens[p+1].text
	case s.plays(p+1, roleProfile) && s.tokens[p].kind == content:
		return s.tokens[p].text
	}
	return ""
}
