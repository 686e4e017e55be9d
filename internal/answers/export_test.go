package answers

// Read reads the files anew.
func Read() { read("en") }
