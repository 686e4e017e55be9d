package nixpkgs

import "luminousnix/nix/eval"

// meta reads the attribute meta.
func (r *reading) meta(p *Package) {
	meta := r.attr(r.derivation, "meta")
	if meta.Kind() != eval.KindAttrs {
		return
	}
	p.Description = r.text(meta, "description")
	p.LongDescription = r.text(meta, "longDescription")
	p.Homepage = r.texts(meta, "homepage")
	p.MainProgram = r.text(meta, "mainProgram")
	p.Position = r.text(meta, "position")
	p.Broken = r.bool(meta, "broken")
	p.Vulnerabilities = r.texts(meta, "knownVulnerabilities")
	p.Unfree = r.bool(meta, "unfree")
	r.license(p, r.attr(meta, "license"))
	if maintainers := r.attr(meta, "maintainers"); maintainers.Kind() == eval.KindList {
		p.Maintainers = len(maintainers.List())
	}
	p.Platforms = r.systems(r.attr(meta, "platforms"))
}

// license adds a license: one of lib.licenses, its name, or a list of them.
func (r *reading) license(p *Package, v eval.Value) {
	switch v.Kind() {
	case eval.KindList:
		for _, t := range v.List() {
			r.license(p, r.force(t))
		}
	case eval.KindString:
		name := text(v)
		p.Licenses = append(p.Licenses, name)
		p.Unfree = p.Unfree || name == "unfree" || name == "unfree-redistributable"
	case eval.KindAttrs:
		for _, name := range []string{"spdxId", "shortName", "fullName"} {
			if id := r.text(v, name); id != "" {
				p.Licenses = append(p.Licenses, id)
				break
			}
		}
		free := r.attr(v, "free")
		p.Unfree = p.Unfree || free.Kind() == eval.KindBool && !free.Bool()
	}
}
