package trace

import "fmt"

// Difference is an input that is not as it was.
type Difference struct {
	Input
	Change Change
}

// Change says how an input differs.
type Change uint8

// The changes.
const (
	Changed            Change = iota + 1 // a content, listing, target or value is another
	Appeared                             // it was absent, or not set
	Gone                                 // it is absent, or not set
	Retyped                              // such as a directory in place of a file
	NowExecutable                        // a file
	NoLongerExecutable                   // a file
	Failing                              // it cannot be read, or not downloaded, and could before
	Readable                             // the opposite
)

// String says what changed, to follow "because": "/etc/nixos/configuration.nix
// changed".
func (d *Difference) String() string {
	name := d.Name
	if d.Kind == Variable {
		name = "the environment variable " + d.Name
	}
	switch d.Change {
	case Appeared:
		if d.Kind == Variable {
			return name + " is set now"
		}
		return name + " is there now"
	case Gone:
		if d.Kind == Variable {
			return name + " is not set any more"
		}
		return name + " is gone"
	case Retyped:
		return name + " is something of another type now"
	case NowExecutable:
		return name + " became executable"
	case NoLongerExecutable:
		return name + " is not executable any more"
	case Failing:
		return name + " cannot be read any more"
	case Readable:
		return name + " can be read now"
	}
	switch d.Kind {
	case Link:
		return "the symbolic link " + name + " leads elsewhere"
	case Listing:
		return "there are other entries in the directory " + name
	case URL:
		return "there is something else at " + name
	}
	return name + " changed"
}

// String names the change.
func (c Change) String() string {
	switch c {
	case Changed:
		return "changed"
	case Appeared:
		return "appeared"
	case Gone:
		return "gone"
	case Retyped:
		return "retyped"
	case NowExecutable:
		return "now executable"
	case NoLongerExecutable:
		return "no longer executable"
	case Failing:
		return "failing"
	case Readable:
		return "readable"
	}
	return fmt.Sprintf("change %d", c)
}

// compare returns how now differs from was, nil if it does not. Identities do not
// count.
func compare(was, now *input) *Difference {
	if now.failure == opaque {
		return was.difference(Failing)
	}
	if was.failure == now.failure && was.file == now.file && was.target == now.target && was.sum == now.sum {
		return nil
	}
	switch {
	case was.failure.missing() && now.failure.missing():
		return was.difference(Changed)
	case was.failure.missing():
		return was.difference(Appeared)
	case now.failure.missing():
		return was.difference(Gone)
	case now.failure != 0:
		return was.difference(Failing)
	case was.failure != 0:
		return was.difference(Readable)
	case was.file == regular && now.file == executable:
		return was.difference(NowExecutable)
	case was.file == executable && now.file == regular:
		return was.difference(NoLongerExecutable)
	case was.file != now.file:
		return was.difference(Retyped)
	}
	return was.difference(Changed)
}

func (in *input) difference(c Change) *Difference {
	return &Difference{Input{in.kind, in.name}, c}
}
