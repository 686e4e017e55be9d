package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"luminousnix/internal/catalog"
	"luminousnix/internal/operation"
)

// mostSiblings is the number of options of the same module that are told.
const mostSiblings = 8

func showPackage(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	s, err := OpenSearcher(ctx, m, o)
	if err != nil {
		return Answer{}, err
	}
	defer s.Close()
	installed, err := installedPackages(ctx, m, args)
	if err != nil {
		return Answer{}, err
	}
	all := operation.Info{Catalog: catalogueOf(s.book)}
	for _, name := range args.Packages {
		info, err := s.info(string(name), installed)
		if err != nil {
			return Answer{}, err
		}
		all.Installed = append(all.Installed, info.Installed...)
		all.Packages = append(all.Packages, info.Packages...)
		all.Options = append(all.Options, info.Options...)
		all.Renamed = info.Renamed
	}
	if len(all.Installed)+len(all.Packages)+len(all.Options) == 0 {
		return Answer{}, s.noSuch(string(args.Packages[0]))
	}
	answer := Answer{Message: infoMessage(string(args.Packages[0]), &all), Data: &all, Warnings: s.Warnings()}
	if len(all.Installed) == 0 && len(all.Packages) > 0 {
		answer.Suggestions = []string{"ask-nix install " + all.Packages[0].Attribute + " --dry-run"}
	}
	return answer, nil
}

func showOption(ctx context.Context, m *Machine, args operation.Arguments, o operation.Observer) (Answer, error) {
	s, err := OpenSearcher(ctx, m, o)
	if err != nil {
		return Answer{}, err
	}
	defer s.Close()
	info, err := s.info(string(args.Option), nil)
	if err != nil {
		return Answer{}, err
	}
	if len(info.Options) == 0 {
		return Answer{}, s.noSuch(string(args.Option))
	}
	info.Packages, info.Installed = []operation.PackageDetails{}, []operation.InstalledPackage{}
	return Answer{Message: infoMessage(string(args.Option), &info), Data: &info, Warnings: s.Warnings()}, nil
}

// Info tells all about a package or option, for a picker.
func (s *Searcher) Info(attribute string) (operation.Info, error) { return s.info(attribute, nil) }

func (s *Searcher) info(name string, installed []operation.InstalledPackage) (operation.Info, error) {
	info := operation.Info{
		Installed: []operation.InstalledPackage{}, Packages: []operation.PackageDetails{},
		Options: []operation.OptionDetails{}, Catalog: catalogueOf(s.book),
	}
	entries := s.book.Lookup(name)
	if err := s.book.Err(); err != nil {
		return info, err
	}
	for _, p := range installed {
		if isThe(p, name, entries) {
			info.Installed = append(info.Installed, p)
		}
	}
	for i := range entries {
		if e := &entries[i]; e.Kind == catalog.Package {
			info.Packages = append(info.Packages, s.packageDetails(e))
		} else {
			info.Options = append(info.Options, s.optionDetails(e))
		}
	}
	if r, ok := s.book.Renamed(name); ok {
		info.Renamed = &operation.Renamed{Old: r.Old, New: r.New, Reason: r.Reason}
	}
	return info, nil
}

func (s *Searcher) packageDetails(e *catalog.Entry) operation.PackageDetails {
	d := operation.PackageDetails{
		Attribute: e.Attribute, Name: e.Name, Version: e.Version, Description: e.Description, Homepage: e.Homepage,
		License: e.License, MainProgram: e.MainProgram, Programs: orEmpty(e.Programs), Platforms: orEmpty(e.Platforms),
		Position: e.Position, OutputPath: e.OutputPath,
		Broken: e.Broken, Unfree: e.Unfree, Insecure: e.Insecure, Unsupported: unsupported(e),
	}
	if newer := s.newerVersion(e); newer != "" {
		d.Newer = &operation.Newer{Version: newer, Catalog: catalogueOf(s.newer)}
	}
	if option, ok := s.book.OptionFor(e.Attribute); ok {
		d.Option = option
	}
	return d
}

func (s *Searcher) optionDetails(e *catalog.Entry) operation.OptionDetails {
	set := s.definitions().byOption[e.Attribute]
	return operation.OptionDetails{
		Option: e.Attribute, Description: e.Description, Type: e.Type, Default: e.Default, Example: e.Example,
		DeclaredIn: e.Position, Package: e.Package, HomeManager: e.Kind == catalog.HomeOption,
		Value: set.value, SetIn: set.place, Siblings: orEmpty(s.book.Siblings(e.Attribute, mostSiblings)),
	}
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// noSuch says what may have been meant by a name that nothing has.
func (s *Searcher) noSuch(name string) error {
	if r, ok := s.book.Renamed(name); ok {
		err := operation.Errorf(operation.CodeNotFound, "%s", strings.TrimSuffix(renameMessage(r), "."))
		if len(r.New) > 0 {
			return err.WithHint("`ask-nix info " + r.New[0] + "` shows that.")
		}
		return err.WithHint("`ask-nix search WORDS` finds what does the same.")
	}
	what := "package or option"
	err := operation.Errorf(operation.CodeNotFound, "there is no %s called %q", what, name)
	if near := nearest(s.book, name, mostNear); len(near) > 0 {
		return err.WithHint("Did you mean " + strings.Join(near, ", ") + "?")
	}
	return err.WithHint("`ask-nix search WORDS` finds packages and options by what they are for.")
}

func infoMessage(name string, info *operation.Info) string {
	if len(info.Packages)+len(info.Installed) == 0 {
		o := info.Options[0]
		if o.Value != "" {
			return fmt.Sprintf("%s is set to %s here.", o.Option, o.Value)
		}
		return fmt.Sprintf("%s is an option that this machine's configuration does not set itself.", o.Option)
	}
	here := name + " is not installed"
	if len(info.Installed) > 0 {
		p := info.Installed[0]
		here = fmt.Sprintf("%s %s is installed", p.Name, p.Version)
	}
	if len(info.Packages) == 0 {
		return here + "; the catalogue does not have it."
	}
	best := info.Packages[0]
	if r := info.Renamed; r != nil && best.Attribute != name {
		here = strings.TrimSuffix(renameMessage(catalog.Rename(*r)), ".")
	}
	message := fmt.Sprintf("%s; %s %s is available as %s.", here, best.Name, best.Version, best.Attribute)
	if best.Newer != nil {
		message += fmt.Sprintf(" %s of %s has %s.", best.Newer.Catalog.Name, best.Newer.Catalog.Date, best.Newer.Version)
	}
	return message
}

// isThe reports whether an installed package is the one that name means: by its
// own name, by the name of a package that the catalogue has under this name, or
// with its major version as part of the name ("python" is python3).
func isThe(p operation.InstalledPackage, name string, available []catalog.Entry) bool {
	if rest, ok := strings.CutPrefix(p.Name, name); ok && strings.Trim(rest, "0123456789.") == "" {
		return true
	}
	return slices.ContainsFunc(available, func(a catalog.Entry) bool { return a.Kind == catalog.Package && a.Name == p.Name })
}
