package listing

import (
	"regexp"
	"strings"
	"sync"
)

// Until 23.05 the descriptions of options were DocBook.

// tag is a tag of DocBook. What else stands between angle brackets is the name of
// something.
var tag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`</?(option|literal|command|filename|varname|envar|package|code|function|property|userinput|` +
		`para|simpara|link|ulink|emphasis|replaceable|quote|itemizedlist|orderedlist|variablelist|varlistentry|term|listitem|` +
		`programlisting|screen|note|warning|important|caution|tip|xref|citerefentry|refentrytitle|manvolnum|informalexample|example|` +
		`title|simplelist|member|uri|productname|systemitem|parameter|optional|keycap|keycombo|email|acronym|prompt|computeroutput|` +
		`citetitle|footnote|tag|type|constant|symbol|errortext|application|abbrev|anchor|section|blockquote|formalpara)(\s[^<>]*)?/?>`)
})

// target is what a reference to an option refers to.
var target = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`linkend=["']opt-([^"']*)["']`) })

var entities = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "&")
})

// withoutTags makes plain text, with names between backticks, of DocBook.
func withoutTags(s string) string {
	if strings.Contains(s, "</") || strings.Contains(s, "/>") {
		s = tag().ReplaceAllStringFunc(s, plainTag)
	}
	if strings.Contains(s, "&") {
		s = entities().Replace(s)
	}
	return s
}

// plainTag is what stands for a tag in plain text.
func plainTag(s string) string {
	name := tag().FindStringSubmatch(s)[1]
	switch name {
	case "option", "literal", "command", "filename", "varname", "envar", "package", "code", "function", "property", "userinput":
		if strings.HasSuffix(s, "/>") {
			return ""
		}
		return "`"
	case "manvolnum": // git(1)
		if s[1] == '/' {
			return ")"
		}
		return "("
	case "xref":
		if option := target().FindStringSubmatch(s); option != nil {
			return "`" + option[1] + "`"
		}
		return ""
	case "para", "simpara", "listitem", "term", "programlisting", "screen", "note", "warning", "title", "member":
		return "\n"
	}
	return ""
}
