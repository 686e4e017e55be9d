package store

// Root is something that keeps a store path, and all it refers to, from being
// collected.
type Root struct {
	// Link is the symbolic link that is the root, or in braces what else it is:
	// a process's number, or a temporary root.
	Link string
	Path Path
}
