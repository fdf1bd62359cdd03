package exchange

import "github.com/sijil/sijil/internal/register"

// InstitutionResource is an institution.
type InstitutionResource struct {
	HeadResource
	Kind        register.InstitutionKind `json:"kind"`
	Sector      string                   `json:"sector,omitempty"`
	Country     string                   `json:"country,omitempty" doc:"ISO 3166-1 alpha-2."`
	Website     string                   `json:"website,omitempty"`
	Parent      *NamedResource           `json:"parent,omitempty"`
	Name        Labels                   `json:"name" doc:"Official name that is in use."`
	ShortName   Labels                   `json:"short_name" doc:"How it is called in running text."`
	Names       []NameResource           `json:"names" doc:"All names in all languages and scripts, with the time in which they were in use."`
	Description TextResource             `json:"description,omitempty"`
	Officials   []OfficialResource       `json:"officials,omitempty" doc:"Persons in an office, named for what they said or did in it."`

	Predecessors []SuccessionResource `json:"predecessors,omitempty"`
	Successors   []SuccessionResource `json:"successors,omitempty"`
	Sources      []string             `json:"sources" doc:"Identifiers of all sources that it cites."`
}

// NameResource is one name of an institution.
type NameResource struct {
	Key      string            `json:"key"`
	Language register.Lang     `json:"language"`
	Script   string            `json:"script,omitempty" doc:"ISO 15924, where the language does not say it."`
	Kind     register.NameKind `json:"kind"`
	Name     string            `json:"name"`
	From     string            `json:"from,omitempty" doc:"EDTF; absent: not stated."`
	Until    string            `json:"until,omitempty" doc:"EDTF; absent: in use."`
	Sources  []string          `json:"sources,omitempty"`
}

// OfficialResource is a person with an office at an institution.
type OfficialResource struct {
	Key     string       `json:"key"`
	Name    Labels       `json:"name"`
	Aliases []string     `json:"aliases,omitempty" doc:"Other spellings."`
	Office  TextResource `json:"office"`
	From    string       `json:"from,omitempty" doc:"EDTF."`
	Until   string       `json:"until,omitempty" doc:"EDTF."`
	Sources []string     `json:"sources,omitempty"`
}

// SuccessionResource points to a predecessor or successor.
type SuccessionResource struct {
	Institution NamedResource `json:"institution"`
	On          string        `json:"on,omitempty" doc:"EDTF."`
	Note        TextResource  `json:"note,omitempty"`
}

// Institution makes the resource of an institution.
func (r *Resources) Institution(p register.Published) InstitutionResource {
	w, i := r.writer(p), p.Institution
	out := InstitutionResource{
		HeadResource: w.head(i.Slug), Kind: i.Kind, Sector: i.Sector, Country: i.Country, Website: i.Website, Parent: w.maybe(i.Parent),
		Name: r.chosen(i.NameText(register.NameOfficial)), ShortName: r.chosen(i.ShortName()), Names: []NameResource{},
		Description: w.text(i.Description), Sources: sourceKeys(p.Sources),
		Predecessors: w.succession(i.Predecessors), Successors: w.succession(i.Successors),
	}
	for _, n := range i.Names {
		out.Names = append(out.Names, NameResource{n.Key, n.Language, n.Script, n.Kind, n.Name, n.From.String(), n.Until.String(), n.Sources})
	}
	for _, o := range i.Officials {
		out.Officials = append(out.Officials, OfficialResource{
			o.Key, r.chosen(o.Name), o.Aliases, w.text(o.Office), o.From.String(), o.Until.String(), o.Sources,
		})
	}
	return out
}

func (w writer) succession(links []register.InstitutionLink) []SuccessionResource {
	var out []SuccessionResource
	for _, l := range links {
		out = append(out, SuccessionResource{w.named(l.Institution), l.On.String(), w.text(l.Note)})
	}
	return out
}
