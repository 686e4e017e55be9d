package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"luminousnix/internal/build"
	"luminousnix/internal/diagnosis"
	"luminousnix/internal/host"
	"luminousnix/internal/operation"
	"luminousnix/internal/storecheck"
	"luminousnix/nix/daemon"
	"luminousnix/nix/store"
	"luminousnix/nix/storedb"
)

// The remedies of a damaged path.
const (
	remedyBuild    = "build"    // its derivation is there; what that gives may be downloaded too
	remedyDownload = "download" // a substituter has it
)

// repairStore mends damaged store paths, one by one: by having them built again, or
// downloaded. It touches nothing else.
type repairStore struct {
	storeCheck
	data *operation.StoreCheck
	ways map[string]daemon.DerivedPath // path → what to have built
}

func newRepairStore(m *Machine, _ operation.Arguments) Change {
	return &repairStore{storeCheck: storeCheck{machine: m}, ways: map[string]daemon.DerivedPath{}}
}

// Plan finds what is damaged, and a remedy for each. What an earlier check has found
// sound is not looked at again.
func (r *repairStore) Plan(ctx context.Context, o operation.Observer) (operation.Plan, error) {
	if err := r.read(ctx, true); err != nil {
		return operation.Plan{}, err
	}
	var err error
	if r.data, err = r.scan(ctx, o); err != nil {
		return operation.Plan{}, err
	}
	if len(r.data.Damaged) == 0 {
		return operation.Plan{Summary: soundSummary(r.data), Nothing: true}, nil
	}
	if err := r.machine.online("repairing damaged store paths", "`ask-nix verify` lists them without it; repair them when there is a network."); err != nil {
		return operation.Plan{}, err
	}
	if err := r.findRemedies(ctx); err != nil {
		return operation.Plan{}, err
	}
	plan := operation.Plan{Risk: operation.Reversible}
	for i := range r.data.Damaged {
		d := &r.data.Damaged[i]
		switch d.Remedy {
		case remedyBuild:
			plan.Steps = append(plan.Steps, operation.Step{Action: "Build or download again: " + d.Problem + ", " + needed(d.Generations), Path: d.Path})
		case remedyDownload:
			plan.Steps = append(plan.Steps, operation.Step{Action: "Download again: " + d.Problem + ", " + needed(d.Generations), Path: d.Path})
		default:
			plan.Warnings = append(plan.Warnings, "this cannot be repaired: "+damageLine(d))
		}
	}
	if len(plan.Steps) == 0 {
		return operation.Plan{}, r.unrepaired()
	}
	plan.Summary = fmt.Sprintf("Repair %s", paths(int64(len(plan.Steps))))
	plan.Warnings = append(plan.Warnings, "Nix removes a damaged path before it makes it again: when that is interrupted, the path is missing until the next repair")
	return plan, nil
}

func soundSummary(data *operation.StoreCheck) string {
	message := soundMessage(data)
	return message[:len(message)-1]
}

// findRemedies asks the database for derivations, and the daemon for downloads.
func (r *repairStore) findRemedies(ctx context.Context) (err error) {
	db, err := database(ctx, r.machine.Host)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	session, err := build.Open(ctx, r.machine.Host, operation.Silent)
	if err != nil {
		return err
	}
	defer session.Close()
	for i := range r.data.Damaged {
		d := &r.data.Damaged[i]
		path := store.Path(d.Path)
		way, found, err := derivationOf(ctx, db, path)
		if err != nil {
			return err
		}
		if found {
			d.Remedy, r.ways[d.Path] = remedyBuild, way
			continue
		}
		there, err := session.Conn.SubstitutablePaths(ctx, []store.Path{path})
		if err != nil {
			return err
		}
		if len(there) > 0 {
			d.Remedy, r.ways[d.Path] = remedyDownload, daemon.DerivedPath{Path: path}
			continue
		}
		d.Failure = "its derivation is not in the store, and no substituter has it"
	}
	return nil
}

// derivationOf finds a derivation in the store, and which of its outputs the path is.
func derivationOf(ctx context.Context, db *storedb.DB, path store.Path) (way daemon.DerivedPath, found bool, err error) {
	derivers, err := db.ValidDerivers(ctx, path)
	if err != nil {
		return way, false, err
	}
	for _, drv := range derivers {
		outputs, err := db.DerivationOutputs(ctx, drv)
		if err != nil {
			return way, false, err
		}
		for name, output := range outputs {
			if output == path {
				return daemon.Outputs(drv, name), true, nil
			}
		}
	}
	return way, false, nil
}

// Permit checks that the daemon will do it: it does so for root.
func (r *repairStore) Permit() error {
	if host.IsRoot() || r.machine.Unprivileged {
		return nil
	}
	return operation.Errorf(operation.CodePermission, "only root can have the store repaired").WithHint(AsRoot)
}

// Apply repairs one path after the other, those first that others refer to, and goes
// on past what cannot be repaired.
func (r *repairStore) Apply(ctx context.Context, o operation.Observer) (Answer, error) {
	session, err := build.Open(ctx, r.machine.Host, o)
	if err != nil {
		return Answer{}, err
	}
	defer session.Close()
	repaired := 0
	for i := range r.data.Damaged {
		d := &r.data.Damaged[i]
		if d.Remedy == "" {
			continue
		}
		phase(o, "repair", "Repairing "+d.Path)
		if err := r.repair(ctx, session, d); err != nil {
			return Answer{Data: r.data}, err
		}
		if d.Repaired {
			repaired++
		}
	}
	if err := r.journal().Complete(r.machine.Now()); err != nil {
		return Answer{Data: r.data}, err
	}
	if repaired < len(r.data.Damaged) {
		return Answer{Data: r.data}, r.unrepaired()
	}
	return Answer{Message: fmt.Sprintf("Repaired %s.", paths(int64(repaired))), Data: r.data, Suggestions: []string{"ask-nix verify"}}, nil
}

// repair has the daemon mend one path, and looks at it. The error is one that ends all.
func (r *repairStore) repair(ctx context.Context, session *build.Session, d *operation.Damage) error {
	said, err := session.Repair(ctx, r.ways[d.Path])
	var refused *daemon.Error
	var failed *daemon.BuildError
	if err != nil && !errors.As(err, &refused) && !errors.As(err, &failed) {
		return err
	}
	if err != nil {
		d.Failure = cmp.Or(reasonAmong(said), err.Error())
		return nil
	}
	finding, err := r.look(ctx, store.Path(d.Path))
	if err != nil {
		return err
	}
	if d.Repaired = finding.Problem == storecheck.Sound; !d.Repaired {
		d.Failure = "Nix said that it was, but it is " + finding.Problem
	}
	return r.journal().Add(finding, r.machine.Now())
}

// reasonAmong is the error among lines that the daemon said, without that word; "" if
// there is none.
func reasonAmong(said []string) string {
	reason, found := strings.CutPrefix(diagnosis.Explain(strings.Join(said, "\n")).Error, "error: ")
	if !found {
		return ""
	}
	return reason
}

// look looks at one path as the database has it now.
func (r *repairStore) look(ctx context.Context, path store.Path) (finding storecheck.Finding, err error) {
	db, err := database(ctx, r.machine.Host)
	if err != nil {
		return finding, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	info, err := db.PathInfo(ctx, path)
	if err != nil {
		return finding, err
	}
	return storecheck.Look(info), nil
}

// unrepaired is the error for what stays damaged.
func (r *repairStore) unrepaired() error {
	left := count(r.data.Damaged, func(d operation.Damage) bool { return !d.Repaired })
	hint := "Switch to a generation that does not need what is damaged; the configuration was not touched."
	return damagedError(r.data, fmt.Sprintf("%s cannot be repaired", paths(int64(left))), hint)
}

// Verify looks at all repaired paths once more.
func (r *repairStore) Verify(ctx context.Context) error {
	for i := range r.data.Damaged {
		if !r.data.Damaged[i].Repaired {
			continue
		}
		finding, err := r.look(ctx, store.Path(r.data.Damaged[i].Path))
		if err != nil {
			return err
		}
		if finding.Problem != storecheck.Sound {
			return operation.Errorf(operation.CodeFailed, "%s is %s again", finding.Info.Path, finding.Problem).
				WithHint("The disk may be failing: look at its health, and at the kernel's messages.")
		}
	}
	return nil
}
