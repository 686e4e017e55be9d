package operation

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Problem Severity = "problem" // something does not work, or soon will not
	Warning Severity = "warning" // it works, and should be looked at
	Note    Severity = "note"    // good to know
)

// Finding is something about the machine that a person should know.
type Finding struct {
	ID       string   `json:"id"` // names the kind of finding, such as disk-full
	Severity Severity `json:"severity"`
	Subject  string   `json:"subject"` // such as daemon, disk or release
	What     string   `json:"what"`
	Fixes    []Fix    `json:"fixes"` // the best first
}

// Health is the data of check-health. The operation succeeds whatever it finds;
// Healthy says whether there is no problem.
type Health struct {
	Healthy  bool      `json:"healthy"`
	Findings []Finding `json:"findings"` // the worst first
	// Checked are the subjects that were looked at, and Unknown those that could not
	// be, with the reason.
	Checked []string `json:"checked"`
	Unknown []string `json:"unknown"`
	// Places are Nix and its programs as they were found.
	Places []Place `json:"places"`
}
