package operation

// Updated is the data of update-system, where it updates the system.
type Updated struct {
	Channels []ChannelUpdate `json:"channels"`
	Removed  []string        `json:"removed,omitempty"` // channels that are not in the list any more
	// ChannelGeneration is the generation of root's channels that is current now.
	ChannelGeneration GenerationNumber `json:"channelGeneration"`
	// Inputs are those of the flake, and Lock is its lock file, kept as it was in Backup.
	Inputs []InputUpdate `json:"inputs,omitempty"`
	Lock   string        `json:"lock,omitempty"`
	Backup string        `json:"backup,omitempty"`
	// System is what came of the switch; nil where the new channels give the system
	// that the machine had already.
	System *Switched `json:"system,omitempty"`
}

// ChannelUpdate is a channel that was updated.
type ChannelUpdate struct {
	Name    string `json:"name"`
	From    string `json:"from,omitempty"` // version, or Unknown; "" is a channel that is new here
	To      string `json:"to"`
	Address string `json:"address"` // where the release is
	// Verified is what the hash of the archive was compared with; "" is nothing.
	Verified string `json:"verified,omitempty"`
}

// InputUpdate is an input of a flake that was updated. From is nil for one that is new,
// To for one that is not there any more.
type InputUpdate struct {
	Name string        `json:"name"` // home-manager/nixpkgs is that of an input
	URL  string        `json:"url"`
	From *InputVersion `json:"from,omitempty"`
	To   *InputVersion `json:"to,omitempty"`
}

// InputVersion is what an input is locked to.
type InputVersion struct {
	Revision string `json:"revision"`       // commit, or hash of the content
	Date     string `json:"date,omitempty"` // YYYY-MM-DD
}
