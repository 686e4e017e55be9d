// Package nixpkgs lists the packages of a tree of nixpkgs, or of any other set of
// packages, by evaluating it in this process:
//
//	for p, err := range nixpkgs.Packages(ctx, nixpkgs.Options{Tree: "/etc/nixpkgs"}) {
//		var failed *nixpkgs.FailedError
//		if errors.As(err, &failed) {
//			continue // this package alone
//		}
//		if err != nil {
//			return err
//		}
//		fmt.Println(p.Attribute, p.Version)
//	}
//
// The packages are those of nix-env -qaP, in the same order and under the same
// attribute paths: sets that say recurseForDerivations are descended into, and of
// several attributes for one value only the first counts.
//
// What the tree says of a package (meta) can usually be read although the tree
// refuses to build it: because it is broken, insecure, unfree or made for other
// systems. Such a package has no DrvPath, and Refused says why. Trees before 18.03
// refuse to evaluate such a package at all; AllowAll has them do it.
//
// Files: walk.go shares the evaluation among goroutines, read.go and meta.go turn a
// derivation into a Package, platforms.go knows systems.
package nixpkgs

import (
	"context"
	"iter"
	"runtime"

	"luminousnix/nix/eval"
	"luminousnix/nix/store"
)

// AllowAll is a configuration of nixpkgs in which nothing is refused.
const AllowAll = `{
  allowBroken = true;
  allowUnfree = true;
  allowUnsupportedSystem = true;
  allowUnfreePredicate = _: true;
  allowInsecurePredicate = _: true;
}`

// Options say what to evaluate, and how.
type Options struct {
	// Tree is a file of Nix or a folder with a default.nix, which gives a set of
	// packages or a function that makes one, all arguments of which have defaults.
	Tree string
	// Config is the argument config, an expression. Without one the tree takes its
	// default, which for nixpkgs is the configuration of the user.
	Config string
	// Workers is how many packages are evaluated at once; GOMAXPROCS if 0.
	Workers int
	// WithoutPaths leaves DrvPath, OutputPath and Refused empty. Evaluation then
	// takes less than half of the time.
	WithoutPaths bool
	// Eval are the options of the evaluator. CurrentSystem is what the packages are
	// for. Parallel is set where it is needed.
	Eval eval.Options
}

// Package is what a tree says of a package. What it does not say is empty.
type Package struct {
	Attribute string `json:"attribute"` // such as python3Packages.numpy
	Name      string `json:"name"`      // such as hello-2.12.1
	PName     string `json:"pname"`     // the attribute pname or, without one, what Name says
	Version   string `json:"version,omitempty"`
	System    string `json:"system"` // that it is built on

	Description     string   `json:"description,omitempty"`
	LongDescription string   `json:"longDescription,omitempty"`
	Homepage        []string `json:"homepage,omitempty"`
	// Licenses are identifiers of SPDX; else short names, else full names.
	Licenses []string `json:"licenses,omitempty"`
	// Platforms are systems such as x86_64-linux. They are shared, not to be changed.
	Platforms   []string `json:"platforms,omitempty"`
	MainProgram string   `json:"mainProgram,omitempty"`
	Maintainers int      `json:"maintainers,omitempty"` // how many there are
	Position    string   `json:"position,omitempty"`    // file:line

	Broken bool `json:"broken,omitempty"`
	Unfree bool `json:"unfree,omitempty"`
	// Vulnerabilities are those for which nixpkgs calls it insecure.
	Vulnerabilities []string `json:"vulnerabilities,omitempty"`

	Outputs    []string   `json:"outputs"`              // names, the default one first
	OutputPath store.Path `json:"outputPath,omitempty"` // of the output that the attribute stands for
	DrvPath    store.Path `json:"drvPath,omitempty"`
	// Refused is why the tree will not have it built, in the words of the tree.
	Refused string `json:"refused,omitempty"`
}

// Insecure says that the package has known vulnerabilities.
func (p *Package) Insecure() bool { return len(p.Vulnerabilities) > 0 }

// FailedError means that a package cannot be evaluated. Others can.
type FailedError struct {
	Attribute string
	Err       error // an *eval.Error
}

func (e *FailedError) Error() string { return e.Attribute + ": " + e.Err.Error() }

func (e *FailedError) Unwrap() error { return e.Err }

// Packages evaluates the packages of a tree. An error that is a *FailedError is
// about the package that comes with it, of which at least Attribute is set and
// whatever else could be read; the packages after it follow. Any other error is the
// last element: the tree itself cannot be evaluated, ctx has ended, or
// Eval.MaxMemory is reached.
//
// When the loop over the packages ends, so do the goroutines that evaluate.
func Packages(ctx context.Context, o Options) iter.Seq2[Package, error] {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Eval.Parallel = o.Workers > 1
	return func(yield func(Package, error) bool) {
		w := newWalk(o)
		children, err := w.root(ctx, o)
		if err != nil {
			yield(Package{}, err)
			return
		}
		w.run(ctx, children, yield)
	}
}
