package operation

import "fmt"

// Correction is an argument that was put in the place of what was said, since there is
// nothing of that name.
type Correction struct {
	// Operation counts the operations of the request, from 0.
	Operation int `json:"operation"`
	// Argument is the JSON name of the argument.
	Argument string `json:"argument"`
	From     string `json:"from"`
	To       string `json:"to"`
	// Nearest are others that may have been meant, best first.
	Nearest []string `json:"nearest,omitempty"`
}

// String says it in a sentence without its full stop.
func (c Correction) String() string { return fmt.Sprintf("%q was taken for %s", c.From, c.To) }
