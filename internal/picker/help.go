package picker

// help is what is shown as long as nothing is typed.
func help(columns int) []string {
	return cutAll(columns,
		"Type, and packages and options appear:",
		"",
		"  firefox           a name, or its beginning",
		"  edit photos       what it is for",
		"  rg                a program in a package",
		"  services.openssh  an option",
		"  python packages   all of a kind",
		"",
		"Up, Down, PgUp, PgDn  choose",
		"Enter                 all about the chosen one",
		"Ctrl-O                install it",
		"Tab                   to the list, where i installs and j, k move",
		"Esc                   clear what is typed, then leave",
		"Ctrl-C                leave",
	)
}

// nothing is what is shown if there are no hits.
func nothing(columns int) []string {
	return cutAll(columns, "Nothing was found.", "", "Fewer or other words may help.")
}

func cutAll(columns int, lines ...string) []string {
	for i := range lines {
		lines[i] = cut(lines[i], columns)
	}
	return lines
}
