package intent

import "strings"

// slot is a place in a pattern that takes a value from the sentence.
type slot uint8

const (
	_               slot = iota
	slotPackages         // one or more names: curl, wget and htop
	slotPackage          // one name
	slotProgram          // the name of an executable or file
	slotQuery            // words to search for
	slotQuery2           // more of them
	slotSetting          // a thing that options set, part of a query: time zone
	slotDescribed        // an article and a kind of program: a video editor
	slotNoun             // a bare phrase with a kind of program: terminal file manager
	slotBare             // two words and nothing else: docker compose
	slotNumber           // a generation number
	slotFrom             // the first of two generation numbers
	slotTo               // the second
	slotGenerations      // several generation numbers, ranges too
	slotSteps            // how many generations back
	slotKeep             // how many generations stay
	slotCount            // a number that is not used
	slotSpan             // a length of time: 30 days, two weeks
	slotBefore           // a day whose eve is meant: "before last tuesday"
	slotDate             // a day: yesterday, last tuesday, 2024-01-01
	slotAgo              // a day, as the time since then: three days
	slotOption           // the path of an option
	slotValue            // what an option is set to
	slotService          // the name of a service or program that an option switches
	slotScope            // for my user, for everyone
	slotChannel          // a release or channel
	slotOldChannel       // the one before, not used
	slotFromChannel      // from unstable
	slotInProfile        // in profile work
	slotJob              // the id of a job
	slotText             // the rest, to be read: an error, a question
	slotText2            // more of it
	slotQuoted           // text in quotation marks
	slotTopic            // text about Nix
	slotHelpTopic        // what help is wanted about
	slotReason           // why somebody wants to go back
	slotPurpose          // what a package is wanted for
	slotAny              // words that do not matter
)

// slotNamed finds a slot by its name in phrase files; 0 is none.
func slotNamed(name string) slot {
	switch name {
	case "packages":
		return slotPackages
	case "package":
		return slotPackage
	case "program":
		return slotProgram
	case "query":
		return slotQuery
	case "query2":
		return slotQuery2
	case "setting":
		return slotSetting
	case "described":
		return slotDescribed
	case "noun":
		return slotNoun
	case "bare":
		return slotBare
	case "n":
		return slotNumber
	case "from":
		return slotFrom
	case "to":
		return slotTo
	case "gens":
		return slotGenerations
	case "steps":
		return slotSteps
	case "keep":
		return slotKeep
	case "count":
		return slotCount
	case "span":
		return slotSpan
	case "before":
		return slotBefore
	case "date":
		return slotDate
	case "ago":
		return slotAgo
	case "option":
		return slotOption
	case "value":
		return slotValue
	case "service":
		return slotService
	case "scope":
		return slotScope
	case "channel":
		return slotChannel
	case "oldchannel":
		return slotOldChannel
	case "fromchannel":
		return slotFromChannel
	case "inprofile":
		return slotInProfile
	case "job":
		return slotJob
	case "text":
		return slotText
	case "text2":
		return slotText2
	case "quoted":
		return slotQuoted
	case "topic":
		return slotTopic
	case "helptopic":
		return slotHelpTopic
	case "reason":
		return slotReason
	case "purpose":
		return slotPurpose
	case "any":
		return slotAny
	}
	return 0
}

// limit is how many tokens a slot may take.
func (sl slot) limit() int {
	switch sl {
	case slotNumber, slotFrom, slotTo, slotSteps, slotKeep, slotCount, slotOption, slotPackage, slotProgram, slotJob, slotService:
		return 1
	case slotSpan, slotAgo, slotChannel, slotOldChannel, slotNoun:
		return 4
	case slotBefore, slotDate, slotValue, slotSetting, slotFromChannel, slotInProfile, slotScope, slotDescribed:
		return 6
	}
	return maxTokens
}

// fits reports whether tokens[p:q] may fill a slot, and how much of their weight
// that explains. Names that break the grammar of names fit too: they are refused
// later, in words that say what was wrong.
func (s *sentence) fits(sl slot, p, q int, strict bool) (factor float32, ok bool) {
	switch sl {
	case slotPackages:
		return 0.92, s.isPackageList(p, q)
	case slotPackage:
		return 0.9, s.isName(p) && (!s.bareArticle(p-1) || p+1 < len(s.tokens) && s.isKindWord(p+1))
	case slotProgram:
		return 0.95, s.isName(p)
	case slotService:
		return 0.95, s.isName(p) && (!s.bareArticle(p-1) || s.isServiceWord(p+1))
	case slotQuery:
		return 0.9 * s.plainness(p, q), s.isQuery(p, q)
	case slotQuery2:
		return 0.85 * s.plainness(p, q), s.isQuery(p, q)
	case slotSetting:
		return 1, s.exactly("setting", p, q)
	case slotDescribed:
		return 0.97, q-p >= 2 && s.flags(&s.tokens[p])&isArticle != 0 && s.flags(&s.tokens[q-1])&isKind != 0
	case slotNoun:
		return 1, q-p >= 2 && q-p <= 4 && s.isNounPhrase(p, q)
	case slotBare:
		return 1, q-p == 2 && len(s.tokens) == 2 && s.isName(p) && (s.isName(p+1) || s.tokens[p+1].number > 0) && s.tokens[p].after == 0
	case slotNumber, slotFrom, slotTo:
		return 1, s.isGeneration(p)
	case slotGenerations:
		return 1, s.generations(p, q) != nil
	case slotSteps, slotKeep, slotCount:
		return 1, s.tokens[p].number > 0 && s.tokens[p].number < 10000
	case slotSpan:
		_, ok = s.days(p, q)
		return 1, ok
	case slotBefore:
		_, ok = s.dayBefore(p, q)
		return 1, ok
	case slotDate:
		_, ok = s.date(p, q)
		return 1, ok
	case slotAgo:
		_, ok = s.days(p, q)
		return 0.98, ok
	case slotOption:
		return 1, isOption(s.tokens[p].text)
	case slotValue:
		return 0.99, s.isValue(p, q)
	case slotScope:
		return 1, s.scope(p, q) != ""
	case slotChannel, slotOldChannel:
		return 1, s.channel(p, q) != ""
	case slotFromChannel:
		return 1, s.channelPhrase(p, q) != ""
	case slotInProfile:
		return 1, s.profilePhrase(p, q) != ""
	case slotJob:
		return 0.8, s.tokens[p].kind == content && (strings.ContainsAny(s.tokens[p].text, "0123456789") || s.word(p) == "id")
	case slotText, slotText2:
		return 0.85, true
	case slotHelpTopic:
		return 0.85, s.tokens[p].kind == content
	case slotQuoted:
		return 0.9, s.tokens[p].quoted
	case slotTopic:
		return 0.9, s.anyTopic(p, q)
	case slotReason:
		return 0.9, s.isReason(p, q)
	case slotPurpose:
		return 0.9, s.isPurpose(p, q)
	case slotAny:
		return 0.75, !strict || !s.conditional(p, q)
	}
	return 0, false
}
