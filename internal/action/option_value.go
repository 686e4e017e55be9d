package action

import (
	"slices"
	"strconv"
	"strings"

	"luminousnix/nix/syntax"
)

// readings are the expressions that somebody may mean by a value as they typed it, the
// likeliest first: the type of the option decides. Europe/Paris is text although Nix
// would read a path, on is true where there is a switch, and zsh may be pkgs.zsh.
func readings(text string) []string {
	text = strings.TrimSpace(text)
	quoted := quoteNix(text)
	var all []string
	add := func(ok bool, expr string) {
		if ok && !slices.Contains(all, expr) {
			all = append(all, expr)
		}
	}
	path := strings.HasPrefix(text, "/")
	add(path, quoted)
	add(isClosed(text), text)
	switch strings.ToLower(text) {
	case "on", "yes", "true", "enable", "enabled":
		add(true, "true")
	case "off", "no", "false", "disable", "disabled":
		add(true, "false")
	}
	add(!strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "''"), quoted)
	add(packageLike(text), "pkgs."+text)
	return all
}

// packageLike reports whether a text can be the attribute path of a package.
func packageLike(text string) bool {
	path, err := syntax.ParsePath(text)
	return err == nil && syntax.FormatPath(path) == text
}

// isClosed reports whether a text is an expression that says by itself what it is: it
// uses no names but those that modules have, and no relative paths, whose meaning
// depends on the file.
func isClosed(text string) bool {
	f, err := syntax.Parse("value", []byte(text), syntax.ParseOptions{})
	if err != nil {
		return false
	}
	closed := true
	var look func(syntax.Expr) bool
	look = func(e syntax.Expr) bool {
		switch e := e.(type) {
		case *syntax.Ident:
			closed = closed && slices.Contains([]string{"true", "false", "null", "pkgs", "lib", "config", "builtins"}, e.Name)
		case *syntax.Path:
			closed = closed && strings.HasPrefix(e.Parts[0].Text, "/")
		case *syntax.String:
			closed = closed && e.Style != syntax.URI
		case *syntax.Lambda, *syntax.Let, *syntax.With, *syntax.SearchPath:
			closed = false
		case *syntax.AttrSet:
			closed = closed && !e.Rec && !e.Body
		}
		syntax.Children(e, look)
		return closed
	}
	look(f.Root)
	return closed
}

// quoteNix is a text as a string of Nix.
func quoteNix(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", `\${`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(text) + `"`
}

// withoutType is the reading where the type is not known, as of what is in a set of
// free names: an expression if it plainly is one, or else text.
func withoutType(text string) string {
	all := readings(text)
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return all[0]
}

// toNix is what JSON has decoded, as an expression.
func toNix(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case string:
		return quoteNix(v)
	case []any:
		if len(v) == 0 {
			return "[ ]"
		}
		var b strings.Builder
		b.WriteString("[ ")
		for _, e := range v {
			b.WriteString(toNix(e) + " ")
		}
		return b.String() + "]"
	}
	return ""
}
