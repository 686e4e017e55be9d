package operation

// Plan is what a changing operation would do, shown before anything is done.
type Plan struct {
	// Summary is the change in one line, beginning with a verb.
	Summary string `json:"summary"`
	Risk    Risk   `json:"risk"`
	// Steps are what is done, in order.
	Steps []Step `json:"steps"`
	// Files are the files that are edited, with what changes in them.
	Files []FileEdit `json:"files,omitempty"`
	// Option is the documentation of the option that is set, with its present value.
	Option *OptionDetails `json:"option,omitempty"`
	// Changes is what differs in packages, where that is known beforehand.
	Changes *Comparison `json:"changes,omitempty"`
	// Impact is what happens to the running machine beyond packages.
	Impact *Impact `json:"impact,omitempty"`
	// Settings is what becomes of another program's settings.
	Settings *Migrated `json:"settings,omitempty"`
	// Space is what is needed of file systems, against what they have free.
	Space []Space `json:"space,omitempty"`
	// Time is how long building and downloading takes, where enough is known of that.
	Time *Estimate `json:"time,omitempty"`
	// Frees is how many bytes of disk space this frees, as far as is known.
	Frees int64 `json:"frees,omitempty"`
	// Warnings are things to know before saying yes.
	Warnings []string `json:"warnings,omitempty"`
	// Undo is the request that takes the change back; empty when there is none.
	Undo string `json:"undo,omitempty"`
	// Nothing is true when the wanted state is already the present one.
	Nothing bool `json:"nothing,omitempty"`
}

// Space is what a plan needs of a file system, as far as is known: all that is downloaded,
// unpacked, of the store, and the kernel and initrd that are not there yet of /boot. In
// bytes.
type Space struct {
	Path   string `json:"path"`
	Needed int64  `json:"needed"`
	Free   int64  `json:"free"`
}

// Step is one thing that a plan does.
type Step struct {
	Action string `json:"action"`         // begins with a verb
	Path   string `json:"path,omitempty"` // the file or store path it is done to
}
