package nixpkgs_test

import (
	"encoding/json"
	"maps"
	"slices"

	"luminousnix/nix/nixpkgs"
	"luminousnix/nix/store"
)

// described is a package as nix-env prints it.
type described struct {
	Name       string                 `json:"name"`
	System     string                 `json:"system"`
	OutputName string                 `json:"outputName"`
	Outputs    map[string]*store.Path `json:"outputs"`
	DrvPath    store.Path             `json:"drvPath"`
	Meta       struct {
		Description     text            `json:"description"`
		LongDescription text            `json:"longDescription"`
		MainProgram     text            `json:"mainProgram"`
		Position        text            `json:"position"`
		Broken          flag            `json:"broken"`
		Unfree          flag            `json:"unfree"`
		Homepage        texts           `json:"homepage"`
		Platforms       texts           `json:"platforms"`
		Vulnerabilities texts           `json:"knownVulnerabilities"`
		License         licenses        `json:"license"`
		Maintainers     json.RawMessage `json:"maintainers"`
	} `json:"meta"`
}

func (d described) asPackage(attribute string) nixpkgs.Package {
	p := nixpkgs.Package{
		Attribute: attribute, Name: d.Name, System: d.System, DrvPath: d.DrvPath,
		Description: string(d.Meta.Description), LongDescription: string(d.Meta.LongDescription),
		MainProgram: string(d.Meta.MainProgram), Position: string(d.Meta.Position),
		Broken: bool(d.Meta.Broken), Unfree: bool(d.Meta.Unfree) || d.Meta.License.unfree,
		Homepage: d.Meta.Homepage, Platforms: d.Meta.Platforms, Vulnerabilities: d.Meta.Vulnerabilities,
		Licenses: d.Meta.License.names,
		Outputs:  slices.Sorted(maps.Keys(d.Outputs)),
	}
	if path := d.Outputs[d.OutputName]; path != nil {
		p.OutputPath = *path
	}
	var maintainers []json.RawMessage
	if json.Unmarshal(d.Meta.Maintainers, &maintainers) == nil {
		p.Maintainers = len(maintainers)
	}
	return p
}

// text is a string; anything else counts as absent.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*t = text(s)
	}
	return nil
}

// texts is a string, or the strings of a list.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one text
	var all []text
	if json.Unmarshal(raw, &all) != nil {
		_ = one.UnmarshalJSON(raw)
		all = []text{one}
	}
	for _, s := range all {
		if s != "" {
			*t = append(*t, string(s))
		}
	}
	return nil
}

// flag is true or "true".
type flag bool

func (f *flag) UnmarshalJSON(raw []byte) error {
	*f = string(raw) == "true" || string(raw) == `"true"`
	return nil
}

// licenses are one license or several, each a name or a set.
type licenses struct {
	names  []string
	unfree bool
}

func (l *licenses) UnmarshalJSON(raw []byte) error {
	var all []licenses
	if json.Unmarshal(raw, &all) == nil {
		for _, one := range all {
			l.names = append(l.names, one.names...)
			l.unfree = l.unfree || one.unfree
		}
		return nil
	}
	var name string
	if json.Unmarshal(raw, &name) == nil {
		l.names, l.unfree = []string{name}, name == "unfree" || name == "unfree-redistributable"
		return nil
	}
	var set struct {
		SPDX  text  `json:"spdxId"`
		Short text  `json:"shortName"`
		Full  text  `json:"fullName"`
		Free  *bool `json:"free"`
	}
	if json.Unmarshal(raw, &set) != nil {
		return nil
	}
	l.unfree = set.Free != nil && !*set.Free
	for _, name := range []text{set.SPDX, set.Short, set.Full} {
		if name != "" {
			l.names = []string{string(name)}
			break
		}
	}
	return nil
}
