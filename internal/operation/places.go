package operation

// Place is something that ask-nix needs of the machine, and where it was found.
type Place struct {
	Name string `json:"name"` // such as nix-store
	Path string `json:"path"` // "" where it was not found
	From string `json:"from"` // what led there, or why it was not found
}
