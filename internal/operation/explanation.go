package operation

// Explanation is the data of explain-error.
type Explanation struct {
	// Known says whether the error is one that there is an explanation for. Without
	// one only Error and Source are set.
	Known bool `json:"known"`
	// ID names the kind of error, and Subject what it is about, such as build.
	ID      string `json:"id,omitempty"`
	Subject string `json:"subject,omitempty"`
	Error   string `json:"error"`           // the line that tells most
	What    string `json:"what,omitempty"`  // what has happened
	Cause   string `json:"cause,omitempty"` // why that usually is so
	Fixes   []Fix  `json:"fixes"`           // the best first
	// Source says where the text is from, as in "of rollback at …", when it was not
	// given.
	Source string `json:"source,omitempty"`
}

// Fix is something that helps: a command, a line for the configuration, or else what
// Say says.
type Fix struct {
	Command string `json:"command,omitempty"`
	Line    string `json:"line,omitempty"`
	Say     string `json:"say"` // with a command or line, what that does
}

// First is the first thing that helps, in a sentence; "" when nothing is known to.
func (e Explanation) First() string {
	if len(e.Fixes) == 0 {
		return ""
	}
	return e.Fixes[0].String()
}

func (f Fix) String() string {
	switch {
	case f.Command != "":
		return "`" + f.Command + "`: " + f.Say + "."
	case f.Line != "":
		return "`" + f.Line + "` in the configuration: " + f.Say + "."
	}
	return f.Say
}
