package operation

// Name is the stable name of an operation, as in JSON, audit log and metrics.
type Name string

// None is the name in the result of a request that no operation was found for.
const None Name = "none"

// The read-only operations.
const (
	ListGenerations    Name = "list-generations"
	CompareGenerations Name = "compare-generations"
	SearchPackages     Name = "search-packages"
	SearchOptions      Name = "search-options"
	ShowPackage        Name = "show-package"
	ShowOption         Name = "show-option"
	ListPackages       Name = "list-packages"
	FindProgram        Name = "find-program"
	ExplainDependency  Name = "explain-dependency"
	ShowCatalog        Name = "show-catalog"
	DiskUsage          Name = "disk-usage"
	ShowSystem         Name = "show-system"
	ShowConfiguration  Name = "show-configuration"
	CheckConfiguration Name = "check-configuration"
	ShowErrors         Name = "show-errors"
	ExplainError       Name = "explain-error"
	CheckHealth        Name = "check-health"
	ShowMetrics        Name = "show-metrics"
	ShowCache          Name = "show-cache"
	ShowHistory        Name = "show-history"
	AnswerQuestion     Name = "answer-question"
	ListPins           Name = "list-pins"
	ListJobs           Name = "list-jobs"
	AttachJob          Name = "attach-job"
	Help               Name = "help"
)

// The operations that change something.
const (
	InstallPackages   Name = "install-packages"
	RemovePackages    Name = "remove-packages"
	TryPackages       Name = "try-packages"
	UpdateSystem      Name = "update-system"
	BuildSystem       Name = "build-system"
	SwitchSystem      Name = "switch-system"
	BootSystem        Name = "boot-system"
	TestSystem        Name = "test-system"
	DryActivateSystem Name = "dry-activate-system"
	RebuildRemotely   Name = "rebuild-remotely"
	Rollback          Name = "rollback"
	SwitchGeneration  Name = "switch-generation"
	DeleteGenerations Name = "delete-generations"
	PinGeneration     Name = "pin-generation"
	UnpinGeneration   Name = "unpin-generation"
	CleanUp           Name = "clean-up"
	CollectGarbage    Name = "collect-garbage"
	RepairStore       Name = "repair-store"
	VerifyStore       Name = "verify-store"
	OptimiseStore     Name = "optimise-store"
	SetOption         Name = "set-option"
	ConfirmSwitch     Name = "confirm-switch"
	RecoverSwitch     Name = "recover-switch"
	CancelJob         Name = "cancel-job"
	UpdateCatalog     Name = "update-catalog"
	BuildCatalog      Name = "build-catalog"
	ClearCache        Name = "clear-cache"
	Migrate           Name = "migrate"
	Undo              Name = "undo"
)

// Risk says what it takes to get back to the state before.
type Risk string

// The risks.
const (
	Safe        Risk = "safe"        // nothing anyone would miss changes: never asked about
	Reversible  Risk = "reversible"  // another operation takes it back
	Destructive Risk = "destructive" // something is gone afterwards
)

// Privilege says who may do it.
type Privilege string

// The privileges.
const (
	Anyone Privilege = "anyone"
	Owner  Privilege = "owner" // whoever may write the profile that is changed
	Root   Privilege = "root"  // the machine's administrator
)

// Argument describes one argument of an operation by its JSON name in
// [Arguments].
type Argument struct {
	Name     string `json:"name"`
	Required bool   `json:"required,omitempty"`
	Meaning  string `json:"meaning"`
}

// Spec declares an operation.
type Spec struct {
	Name      Name       `json:"operation"`
	Summary   string     `json:"summary"` // one line, beginning with a verb
	Example   string     `json:"example"` // what to type after ask-nix
	Changing  bool       `json:"changing"`
	Risk      Risk       `json:"risk"`
	Privilege Privilege  `json:"privilege"`
	Arguments []Argument `json:"arguments,omitempty"`
}

// Asks reports whether the operation must be confirmed by a person.
func (s Spec) Asks() bool { return s.Changing && s.Risk != Safe }

// All returns every operation there is, read-only ones first. The slice is
// shared: callers do not write to it.
func All() []Spec { return specs[:] }

// Lookup finds the declaration of an operation.
func Lookup(name Name) (Spec, bool) {
	for i := range specs {
		if specs[i].Name == name {
			return specs[i], true
		}
	}
	return Spec{}, false
}
