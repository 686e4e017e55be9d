package intent

import (
	"strings"
	"unicode"

	"luminousnix/internal/operation"
)

// operation makes the typed operation of a match. vague is true when the words
// for a package are rather a description of one. The error is that of the
// grammar which a name or a query broke.
func (s *sentence) operation(m *match) (op operation.Operation, vague bool, err error) {
	op.Name = m.pattern.operation
	spec, _ := operation.Lookup(op.Name)
	for c := m.captures; c != nil; c = c.previous {
		v, err := s.set(&op.Arguments, c, spec)
		if err != nil {
			return op, false, err
		}
		vague = vague || v
	}
	if err := s.setExtra(&op.Arguments, m.pattern.extra); err != nil {
		return op, false, err
	}
	if op.Name == operation.AnswerQuestion && m.pattern.extra != "all=questions" {
		op.Arguments.Text = strings.TrimSpace(s.source)
	}
	return op, vague, nil
}

// set gives one capture to the argument it is for.
func (s *sentence) set(a *operation.Arguments, c *capture, spec operation.Spec) (vague bool, err error) {
	p, q := c.start, c.end
	switch c.slot {
	case slotPackages, slotPackage:
		return s.setPackages(a, p, q)
	case slotProgram:
		a.Program, err = operation.ParsePackageName(program(s.tokens[p].text))
	case slotService:
		name, err := operation.ParsePackageName(s.tokens[p].text)
		if err != nil {
			return false, err
		}
		a.Query = operation.Query(name)
	case slotQuery, slotSetting, slotDescribed, slotNoun, slotBare:
		words := s.query(p, q)
		if spec.Name == operation.SearchPackages && q < len(s.tokens) && s.plays(q, rolePackages) {
			words += " packages" // "python packages" are those of a set, which "python" is not
		}
		err = s.setQuery(a, words, false)
	case slotQuery2:
		err = s.setQuery(a, s.query(p, q), true)
	case slotNumber:
		a.Generation = operation.GenerationNumber(s.tokens[p].number)
	case slotFrom:
		a.From = operation.GenerationNumber(s.tokens[p].number)
	case slotTo:
		a.To = operation.GenerationNumber(s.tokens[p].number)
	case slotGenerations:
		a.Generations = s.generations(p, q)
	case slotSteps:
		a.Steps = s.tokens[p].number
	case slotKeep:
		a.Keep = s.tokens[p].number
	case slotSpan:
		a.OlderThanDays, _ = s.days(p, q)
	case slotBefore:
		a.Date, _ = s.dayBefore(p, q)
	case slotDate:
		if takes(spec, "date") {
			a.Date, _ = s.date(p, q)
		}
	case slotAgo:
		days, _ := s.days(p, q)
		a.Date = s.daysAgo(days)
	case slotOption:
		a.Option, err = operation.ParseOptionPath(s.tokens[p].text)
	case slotValue:
		a.Value, err = s.value(p, q)
	case slotScope:
		a.Scope = s.scope(p, q)
	case slotChannel:
		a.Channel = s.channel(p, q)
	case slotFromChannel:
		if channel := s.channelPhrase(p, q); channel != "nixpkgs" {
			a.Channel = channel
		}
	case slotInProfile:
		a.Profile, err = operation.ParseProfileName(s.profilePhrase(p, q))
	case slotJob:
		var job operation.PackageName
		job, err = operation.ParsePackageName(s.tokens[p].text)
		a.Job = string(job)
	case slotText, slotText2, slotQuoted:
		a.Text = s.quotation(p, q)
	case slotHelpTopic:
		a.Topic = s.text(p, q)
	}
	return false, err
}

// program is the name of a program that is given as a path, such as /usr/bin/dig.
func program(text string) string {
	if i := strings.LastIndexByte(text, '/'); i >= 0 && !strings.Contains(text, "..") && !strings.Contains(text, "//") {
		return text[i+1:]
	}
	return text
}

func (s *sentence) setPackages(a *operation.Arguments, p, q int) (vague bool, err error) {
	names, vague := s.names(p, q)
	for _, name := range names {
		parsed, err := operation.ParsePackageName(name)
		if err != nil {
			return false, err
		}
		a.Packages = append(a.Packages, parsed)
	}
	return vague, nil
}

// setQuery adds words to the query. Captures come last first, so the words of a
// first slot go before those that are there.
func (s *sentence) setQuery(a *operation.Arguments, words string, second bool) error {
	switch {
	case a.Query == "":
	case second:
		words = string(a.Query) + " " + words
	default:
		words += " " + string(a.Query)
	}
	var err error
	a.Query, err = operation.ParseQuery(words)
	return err
}

// setExtra gives what the pattern itself says, such as value=true.
func (s *sentence) setExtra(a *operation.Arguments, extra string) error {
	if extra == "" {
		return nil
	}
	name, value, _ := strings.Cut(extra, "=")
	switch name {
	case "value":
		a.Value = value
		if a.Option != "" && !strings.HasSuffix(string(a.Option), ".enable") {
			a.Option += ".enable"
		}
	case "query":
		a.Query = operation.Query(value)
	case "keep":
		a.Keep = number(value)
	case "verify":
		a.Verify = true
	case "expired":
		a.Expired = true
	case "ambiguous", "all": // see accept and operation
	case "text":
		a.Text = strings.TrimSpace(s.source)
	}
	return nil
}

// value is an option's value: one word, or text in quotation marks.
func (s *sentence) value(p, q int) (string, error) {
	value := s.source[s.tokens[p].start:s.tokens[q-1].end]
	if _, err := operation.ParseQuery(value); err != nil {
		return "", err
	}
	return value, nil
}

// quotation is the text of the tokens with the punctuation around them, without
// quotation marks that enclose it all.
func (s *sentence) quotation(p, q int) string {
	start, end := s.tokens[p].start, s.tokens[q-1].end
	for start > 0 && !isSpace(s.source[start-1]) {
		start--
	}
	for end < len(s.source) && !isSpace(s.source[end]) {
		end++
	}
	text := strings.TrimLeft(s.source[start:end], ",;: ")
	for _, mark := range []string{`"`, "'", "`"} {
		if inner, ok := strings.CutPrefix(text, mark); ok {
			if inner, ok = strings.CutSuffix(strings.TrimRight(inner, "?!."), mark); ok {
				return inner
			}
		}
	}
	return text
}

func isSpace(c byte) bool { return unicode.IsSpace(rune(c)) }

func takes(spec operation.Spec, name string) bool {
	for _, argument := range spec.Arguments {
		if argument.Name == name {
			return true
		}
	}
	return false
}
