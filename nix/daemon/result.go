package daemon

import (
	"encoding/json"
	"fmt"
	"time"

	"luminousnix/nix/daemon/internal/wire"
	"luminousnix/nix/store"
)

// BuildStatus is how a build ended.
type BuildStatus int

// The statuses.
const (
	StatusBuilt BuildStatus = iota
	StatusSubstituted
	StatusAlreadyValid
	StatusPermanentFailure
	StatusInputRejected
	StatusOutputRejected
	StatusTransientFailure
	StatusCachedFailure
	StatusTimedOut
	StatusMiscFailure
	StatusDependencyFailed
	StatusLogLimitExceeded
	StatusNotDeterministic
	StatusResolvesToAlreadyValid
	StatusNoSubstituters
)

func (s BuildStatus) String() string {
	switch s {
	case StatusBuilt:
		return "built"
	case StatusSubstituted:
		return "substituted"
	case StatusAlreadyValid:
		return "already valid"
	case StatusPermanentFailure:
		return "failed"
	case StatusInputRejected:
		return "input rejected"
	case StatusOutputRejected:
		return "output rejected"
	case StatusTransientFailure:
		return "failed for now"
	case StatusCachedFailure:
		return "failed before"
	case StatusTimedOut:
		return "timed out"
	case StatusMiscFailure:
		return "failed otherwise"
	case StatusDependencyFailed:
		return "dependency failed"
	case StatusLogLimitExceeded:
		return "log too long"
	case StatusNotDeterministic:
		return "not deterministic"
	case StatusResolvesToAlreadyValid:
		return "resolves to what is already valid"
	case StatusNoSubstituters:
		return "no substituter has it"
	}
	return fmt.Sprintf("status %d", int(s))
}

// Success says whether the path is there now.
func (s BuildStatus) Success() bool {
	switch s {
	case StatusBuilt, StatusSubstituted, StatusAlreadyValid, StatusResolvesToAlreadyValid:
		return true
	}
	return false
}

// status is the status that an error of this kind amounts to.
func (k Kind) status() BuildStatus {
	switch k {
	case KindBuildFailed:
		return StatusPermanentFailure
	case KindHashMismatch:
		return StatusOutputRejected
	case KindTimedOut:
		return StatusTimedOut
	case KindNotReproducible:
		return StatusNotDeterministic
	case KindNoSubstituter:
		return StatusNoSubstituters
	}
	return StatusMiscFailure
}

// BuildResult is how the build of one path ended.
type BuildResult struct {
	Path    DerivedPath
	Status  BuildStatus
	Message string // what went wrong, without colours

	// How it went, as far as the daemon tells; the newest tell no times.
	TimesBuilt       int
	NotDeterministic bool
	Start, Stop      time.Time
	// CPU times of the builder, nil where they are not measured.
	CPUUser, CPUSystem *time.Duration

	// Outputs are the realisations of outputs that were built, by name.
	Outputs map[string]Realisation
}

// Err returns a [*BuildError] unless the build succeeded.
func (r *BuildResult) Err() error {
	if r.Status.Success() {
		return nil
	}
	return &BuildError{Path: r.Path, Status: r.Status, Message: r.Message, Kind: r.kind()}
}

// kind is what the status says, and the words of the message where it says
// little.
func (r *BuildResult) kind() Kind {
	switch r.Status {
	case StatusTimedOut:
		return KindTimedOut
	case StatusNotDeterministic:
		return KindNotReproducible
	case StatusNoSubstituters:
		return KindNoSubstituter
	case StatusDependencyFailed:
		return KindBuildFailed
	}
	return kindOf(r.Message)
}

// BuildError is a build that did not succeed.
type BuildError struct {
	Path    DerivedPath
	Status  BuildStatus
	Message string
	Kind    Kind // of what went wrong, such as [KindDiskFull]
}

func (e *BuildError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("building %s: %s", e.Path, e.Status)
	}
	return fmt.Sprintf("building %s: %s", e.Path, e.Message)
}

// Realisation tells which store path an output of a derivation became.
type Realisation struct {
	ID         string // hash modulo of the derivation, !, name of the output
	OutPath    store.Path
	Signatures []string
	// Dependencies are the store paths of the realisations it depends on, by ID.
	Dependencies map[string]store.Path
}

// realisationJSON is the form of the protocol, with base names for paths.
type realisationJSON struct {
	ID                    string            `json:"id"`
	OutPath               string            `json:"outPath"`
	Signatures            []string          `json:"signatures"`
	DependentRealisations map[string]string `json:"dependentRealisations"`
}

func (c *Conn) parseRealisation(text string) (Realisation, error) {
	var raw realisationJSON
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return Realisation{}, err
	}
	real := Realisation{ID: raw.ID, Signatures: raw.Signatures}
	var err error
	if real.OutPath, err = c.dir.Parse(string(c.dir) + "/" + raw.OutPath); err != nil {
		return Realisation{}, err
	}
	for id, base := range raw.DependentRealisations {
		p, err := c.dir.Parse(string(c.dir) + "/" + base)
		if err != nil {
			return Realisation{}, err
		}
		if real.Dependencies == nil {
			real.Dependencies = map[string]store.Path{}
		}
		real.Dependencies[id] = p
	}
	return real, nil
}

func (r Realisation) json() (string, error) {
	raw := realisationJSON{ID: r.ID, OutPath: r.OutPath.Base(), Signatures: r.Signatures, DependentRealisations: map[string]string{}}
	if raw.Signatures == nil {
		raw.Signatures = []string{}
	}
	for id, p := range r.Dependencies {
		raw.DependentRealisations[id] = p.Base()
	}
	text, err := json.Marshal(raw)
	return string(text), err
}

func (c *Conn) readRealisation(r *wire.Reader) Realisation {
	text := r.Text()
	if r.Err() != nil {
		return Realisation{}
	}
	real, err := c.parseRealisation(text)
	if err != nil {
		r.Refuse("a realisation: %v", err)
	}
	return real
}

func (c *Conn) readBuildResult(r *wire.Reader) BuildResult {
	result := BuildResult{Status: BuildStatus(r.Uint()), Message: plain(r.Text())}
	result.TimesBuilt = int(r.Int())
	result.NotDeterministic = r.Bool()
	result.Start, result.Stop = readTime(r), readTime(r)
	if c.Version.Minor >= wire.SinceCPUTimes {
		result.CPUUser, result.CPUSystem = readMicroseconds(r), readMicroseconds(r)
	}
	for range r.Items() {
		id := r.Text()
		real := c.readRealisation(r)
		if result.Outputs == nil {
			result.Outputs = map[string]Realisation{}
		}
		result.Outputs[outputOf(id)] = real
	}
	return result
}

// outputOf returns the name of the output in a realisation's ID.
func outputOf(id string) string {
	for i := len(id) - 1; i >= 0; i-- {
		if id[i] == '!' {
			return id[i+1:]
		}
	}
	return id
}

func readTime(r *wire.Reader) time.Time {
	if seconds := r.Int(); seconds != 0 {
		return time.Unix(seconds, 0)
	}
	return time.Time{}
}

func readMicroseconds(r *wire.Reader) *time.Duration {
	if !r.Bool() {
		return nil
	}
	d := time.Duration(r.Int()) * time.Microsecond
	return &d
}
