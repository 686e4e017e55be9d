package operation

// The kinds of rows that a search finds.
const (
	KindPackage = "package"
	KindOption  = "option"
)

// Catalogue says which catalogue an answer came from.
type Catalogue struct {
	Name    string `json:"name"`
	Date    string `json:"date"`    // of the revision, YYYY-MM-DD
	Entries int    `json:"entries"` // packages and options
}

// FoundEntry is a row of a search: a package or an option.
type FoundEntry struct {
	Kind        string   `json:"kind"` // "package" or "option"
	Attribute   string   `json:"attribute"`
	Name        string   `json:"name"`
	Version     string   `json:"version"` // "" for options
	Description string   `json:"description"`
	Score       float64  `json:"score"`
	Why         []string `json:"why"` // the evidence, the strongest kind first
	// Variants is how many like it are folded into this row: other versions and
	// builds of a package, other options of a module.
	Variants int `json:"variants,omitempty"`

	// Installed is whether this machine has the package, and InstalledVersion in
	// which version.
	Installed        bool   `json:"installed,omitempty"`
	InstalledVersion string `json:"installedVersion,omitempty"`
	Broken           bool   `json:"broken,omitempty"`
	Unfree           bool   `json:"unfree,omitempty"`
	Insecure         bool   `json:"insecure,omitempty"`
	Unsupported      bool   `json:"unsupported,omitempty"` // not for this machine's system
	Newer            string `json:"newer,omitempty"`       // version in a newer catalogue

	// HomeManager is set for an option of home-manager.
	HomeManager bool   `json:"homeManager,omitempty"`
	Type        string `json:"type,omitempty"`
	// Value is what the machine's configuration says of the option, as it is
	// written there.
	Value string `json:"value,omitempty"`
}

// Badges are the few words that tell what is special about a row.
func (e *FoundEntry) Badges() []string {
	var badges []string
	add := func(on bool, text string) {
		if on {
			badges = append(badges, text)
		}
	}
	installed := "installed"
	if e.InstalledVersion != "" && e.InstalledVersion != e.Version {
		installed += " " + e.InstalledVersion
	}
	add(e.Installed, installed)
	add(e.Newer != "", "newer: "+e.Newer)
	add(e.Value != "", "set: "+e.Value)
	add(e.HomeManager, "home-manager")
	add(e.Broken, "broken")
	add(e.Insecure, "insecure")
	add(e.Unfree, "unfree")
	add(e.Unsupported, "not for this system")
	return badges
}

// Found is the data of search-packages, search-options and find-program, best first.
type Found struct {
	Query   string       `json:"query"`
	Set     string       `json:"set,omitempty"` // the attribute set that is listed
	Total   int          `json:"total"`
	Offset  int          `json:"offset,omitempty"` // how many better rows were left out
	Results []FoundEntry `json:"results"`
	Catalog Catalogue    `json:"catalog"`
}

// Info is the data of show-package and show-option: all that is known of a name.
type Info struct {
	Installed []InstalledPackage `json:"installed"`
	Packages  []PackageDetails   `json:"packages"`
	Options   []OptionDetails    `json:"options"`
	Renamed   *Renamed           `json:"renamed,omitempty"`
	Catalog   Catalogue          `json:"catalog"`
}

// PackageDetails is all that the catalogue has of a package.
type PackageDetails struct {
	Attribute   string   `json:"attribute"`
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description"`
	Homepage    string   `json:"homepage"`
	License     string   `json:"license"`
	MainProgram string   `json:"mainProgram"`
	Programs    []string `json:"programs"`
	Platforms   []string `json:"platforms"`
	Position    string   `json:"position"` // file:line in nixpkgs
	OutputPath  string   `json:"outputPath,omitempty"`
	Broken      bool     `json:"broken,omitempty"`
	Unfree      bool     `json:"unfree,omitempty"`
	Insecure    bool     `json:"insecure,omitempty"`
	Unsupported bool     `json:"unsupported,omitempty"`
	Newer       *Newer   `json:"newer,omitempty"`
	Option      string   `json:"option,omitempty"` // that switches it on
}

// Newer is a newer version in another catalogue.
type Newer struct {
	Version string    `json:"version"`
	Catalog Catalogue `json:"catalog"`
}

// OptionDetails is all that the catalogue has of an option.
type OptionDetails struct {
	Option      string `json:"option"`
	Description string `json:"description"`
	Type        string `json:"type"`
	Default     string `json:"default"` // expressions of Nix, "" if there is none
	Example     string `json:"example"`
	DeclaredIn  string `json:"declaredIn"`
	Package     string `json:"package,omitempty"` // that it is about
	HomeManager bool   `json:"homeManager,omitempty"`
	// Value is what the machine's configuration says of it and SetIn where, as
	// file:line. Both are "" if it does not say anything that can be read without
	// evaluating it.
	Value string `json:"value,omitempty"`
	SetIn string `json:"setIn,omitempty"`
	// Siblings are other options of the same module, the best known first.
	Siblings []string `json:"siblings"`
}

// Renamed tells what became of a name that nixpkgs had once.
type Renamed struct {
	Old    string   `json:"old"`
	New    []string `json:"new"`
	Reason string   `json:"reason,omitempty"`
}

// Catalogues is the data of show-catalog.
type Catalogues struct {
	Catalogues []CatalogueFile `json:"catalogues"`
}

// CatalogueFile is a catalogue on this machine.
type CatalogueFile struct {
	Role string `json:"role"` // "installed", "newest" or "snapshot"
	Catalogue
	Path    string `json:"path"` // "" for one that is not built yet
	Bytes   int64  `json:"bytes"`
	InUse   bool   `json:"inUse"` // searches use it
	Problem string `json:"problem,omitempty"`
}

// CatalogBuilt is the data of update-catalog and build-catalog.
type CatalogBuilt struct {
	Role string `json:"role"`
	Catalogue
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
	// Failed is how many packages of the tree could not be evaluated, and Failures
	// are some of them with the reason.
	Failed   int      `json:"failed,omitempty"`
	Failures []string `json:"failures,omitempty"`
	// Unchanged is set if what is there was current already.
	Unchanged bool `json:"unchanged,omitempty"`
}
