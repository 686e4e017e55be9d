package health

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"luminousnix/internal/operation"
)

const (
	// manyGenerations fill the menu and the disk.
	manyGenerations = 50
	// old is the age of nixpkgs from which security updates are surely missing.
	old = 45
	// notice is how many days before its end a release is spoken of.
	notice = 30
)

func checkSystem(f *Facts) ([]operation.Finding, bool) {
	s := f.System
	if s == nil {
		return nil, false
	}
	var findings []operation.Finding
	again := run("ask-nix switch-generation "+strconv.Itoa(s.Current), "makes it whole")
	switch {
	case s.CurrentIsBroken:
		findings = append(findings, found(operation.Problem, "system-broken",
			fmt.Sprintf("Generation %d is current, and its system is not there or not whole: the machine may not start.", s.Current),
			run("ask-nix repair", "brings its paths back"), run("ask-nix rollback", "goes back to the generation before")))
	case !s.SameAsCurrent && s.Current != 0:
		what := fmt.Sprintf("Generation %d is current, but generation %d runs.", s.Current, s.Running)
		if s.Running == 0 {
			what = fmt.Sprintf("Generation %d is current, but another system runs.", s.Current)
		}
		again.Say = "activates it now; the next boot starts it anyway"
		findings = append(findings, found(operation.Warning, "system-not-current", what, again))
	}
	if len(s.RebootReasons) > 0 {
		findings = append(findings, found(operation.Warning, "reboot-needed",
			"The machine has to be started again for "+strings.Join(s.RebootReasons, ", ")+" of its system to be used.",
			do("Restart it when that suits: `systemctl reboot`.")))
	}
	return findings, true
}

func checkProfiles(f *Facts) ([]operation.Finding, bool) {
	p := f.Profiles
	if p == nil {
		return nil, false
	}
	var findings []operation.Finding
	if p.Oddity != "" {
		findings = append(findings, found(operation.Problem, "profile-odd", "Of the system's profile: "+p.Oddity+".", run(p.Mend, "mends it")))
	}
	if p.Generations > manyGenerations {
		findings = append(findings, found(operation.Note, "generations-many",
			fmt.Sprintf("There are %d generations of the system.", p.Generations),
			run("ask-nix clean-up", "deletes old ones, after showing what that frees")))
	}
	return findings, true
}

// Release is a release of NixOS, such as 25.11, and the day that its nixpkgs is of.
type Release struct {
	Year, Month int       // of the century
	Date        time.Time // zero where the version does not tell
}

// ParseVersion reads a version of NixOS: 25.11.20251120.c0ffee1, 25.05pre-git,
// 24.11.710087.a45fa362d887.
func ParseVersion(version string) (Release, bool) {
	parts := strings.SplitN(version, ".", 4)
	if len(parts) < 2 || len(parts[0]) != 2 || len(parts[1]) < 2 {
		return Release{}, false
	}
	year, errYear := strconv.Atoi(parts[0])
	month, errMonth := strconv.Atoi(parts[1][:2])
	if errYear != nil || errMonth != nil || month < 1 || month > 12 {
		return Release{}, false
	}
	r := Release{Year: year, Month: month}
	if len(parts) > 2 && len(parts[2]) == 8 {
		if date, err := time.Parse("20060102", parts[2]); err == nil {
			r.Date = date
		}
	}
	return r, true
}

func (r Release) String() string { return fmt.Sprintf("%02d.%02d", r.Year, r.Month) }

// End is the day after the last one on which a release gets updates: it is supported
// for seven months, to the end of the month after the next release's.
func (r Release) End() time.Time {
	return time.Date(2000+r.Year, time.Month(r.Month+8), 1, 0, 0, 0, 0, time.UTC)
}

func checkRelease(f *Facts) ([]operation.Finding, bool) {
	if f.System == nil {
		return nil, false
	}
	r, ok := ParseVersion(f.System.Version)
	if !ok {
		return nil, false
	}
	update := run("ask-nix update", "gets a newer one")
	last := r.End().AddDate(0, 0, -1).Format(time.DateOnly)
	left := int(r.End().Sub(f.Now).Hours() / 24)
	switch {
	case !f.Now.Before(r.End()):
		return one(found(operation.Problem, "release-unsupported",
			fmt.Sprintf("NixOS %s gets no security updates any more: it was supported until %s.", r, last), update))
	case left < notice:
		return one(found(operation.Warning, "release-ending",
			fmt.Sprintf("NixOS %s gets security updates until %s only.", r, last), update))
	}
	if age := int(f.Now.Sub(r.Date).Hours() / 24); !r.Date.IsZero() && age > old {
		return one(found(operation.Warning, "channel-old",
			fmt.Sprintf("The system was made of packages of %s, %d days ago: it lacks the security updates since.", r.Date.Format(time.DateOnly), age),
			run("ask-nix update", "gets the newest")))
	}
	return nil, true
}

func checkConfiguration(f *Facts) ([]operation.Finding, bool) {
	c := f.Configuration
	switch {
	case c == nil:
		return nil, false
	case c.Err != nil:
		fixes := []operation.Fix{run("ask-nix check", "shows where, and what is wrong")}
		if c.Err.Hint != "" {
			fixes = append(fixes, do(c.Err.Hint))
		}
		return one(found(operation.Problem, "configuration-broken", "The configuration does not evaluate: "+c.Err.Message, fixes...))
	case c.Warnings > 0:
		return one(found(operation.Note, "configuration-warns",
			fmt.Sprintf("The configuration evaluates with %d warnings.", c.Warnings), run("ask-nix check", "shows them")))
	}
	return nil, true
}
