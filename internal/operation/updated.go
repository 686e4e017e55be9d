package operation

// Updated is the data of update-system.
type Updated struct {
	Channels []ChannelUpdate `json:"channels"`
	Removed  []string        `json:"removed,omitempty"` // channels that are not in the list any more
	// ChannelGeneration is the generation of root's channels that is current now.
	ChannelGeneration GenerationNumber `json:"channelGeneration"`
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
