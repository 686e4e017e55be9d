package operation

// Confirmation says how a change was confirmed.
type Confirmation string

// The ways.
const (
	ConfirmedTyped      Confirmation = "typed"      // a person was shown the plan and said yes
	ConfirmedBeforehand Confirmation = "--yes"      // with a flag
	ConfirmedUnasked    Confirmation = "unasked"    // the persona does not ask about what is easily taken back
	ConfirmedElsewhere  Confirmation = "elsewhere"  // it was done as root for somebody, whose log says
	ConfirmedNotNeeded  Confirmation = "not needed" // nothing that anybody would miss changes
)

// WayBack is what is needed to take a change back: what was before, and what was after it,
// since it is only taken back where that is still the case.
type WayBack struct {
	// Profile is the path of the profile whose current generation has changed, From the
	// generation before (0 is none) and To the one after. Packages are the elements that
	// were added to a profile that had no generation.
	Profile  string           `json:"profile,omitempty"`
	From     GenerationNumber `json:"from,omitempty"`
	To       GenerationNumber `json:"to,omitempty"`
	Packages []string         `json:"packages,omitempty"`
	// Files are those of the configuration that were edited, and Source is that configuration.
	Files  []FileChange `json:"files,omitempty"`
	Source Source       `json:"source,omitzero"`
	// Pin is the pin that was changed.
	Pin *PinChange `json:"pin,omitempty"`
}

// FileChange is a file that was edited. Before and After are SHA-256 of what it had, in
// hexadecimal.
type FileChange struct {
	Path   string `json:"path"`
	Backup string `json:"backup"` // has what was before
	Before string `json:"before"`
	After  string `json:"after"`
}

// PinChange is a pin before and after; nil is none.
type PinChange struct {
	Profile    string           `json:"profile"` // path of the profile link
	Generation GenerationNumber `json:"generation"`
	Target     string           `json:"target"` // where the generation leads
	Before     *Pin             `json:"before,omitempty"`
	After      *Pin             `json:"after,omitempty"`
}
