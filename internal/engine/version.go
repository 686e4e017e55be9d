package engine

// Version is the version of ask-nix.
const Version = "0.1.0"
