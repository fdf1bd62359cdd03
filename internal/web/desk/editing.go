package desk

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// newItem stands for the key of an item that is still to be made.
const newItem = "new"

// recordTypes are the parts of the desk's addresses that name a type of record.
func recordTypes() map[string]register.RecordType {
	return map[string]register.RecordType{
		"incidents": register.TypeIncident, "statements": register.TypeStatement, "institutions": register.TypeInstitution,
	}
}

// segmentOf is the part of the address of a type of record.
func segmentOf(t register.RecordType) string { return string(t) + "s" }

// recordPath is the address of a record at the desk, after /{lang}.
func recordPath(t register.RecordType, id register.Ref) string {
	return "/desk/" + segmentOf(t) + "/" + string(id)
}

// editing is a record that somebody has before him, and the part of it that he
// changes.
type editing struct {
	desk  *Desk
	r     Request
	draft editorial.Draft
	head  store.Record
	part  *form.Part // nil: the record as a whole
	key   string     // of the item, for a part that is a list; newItem for a new one
}

// open loads the record that a request names, and finds the part. It returns
// ErrNotFound for a part that the record does not have.
func (d *Desk) open(ctx context.Context, r Request) (*editing, error) {
	segment, _, _ := strings.Cut(strings.TrimPrefix(r.Path, "/desk/"), "/")
	draft, head, err := d.editorial.Load(ctx, r.Who.Actor, register.Ref(r.Params["id"]))
	if err != nil {
		return nil, err
	}
	if recordTypes()[segment] != head.Type {
		return nil, register.ErrNotFound
	}
	e := &editing{desk: d, r: r, draft: draft, head: head}
	if name, ok := r.Params["part"]; ok {
		if e.part = e.find(name); e.part == nil {
			return nil, register.ErrNotFound
		}
	}
	key, ok := r.Params["key"]
	if ok != (e.part != nil && e.part.Item != nil) {
		return nil, register.ErrNotFound
	}
	e.key = key
	return e, nil
}

// openItem is open where the item must be there. A form that is sent may be
// that of an item which somebody has removed meanwhile.
func (d *Desk) openItem(ctx context.Context, r Request) (*editing, error) {
	e, err := d.open(ctx, r)
	if err == nil && e.item(nounOf(e.draft)) == nil {
		return nil, register.ErrNotFound
	}
	return e, err
}

// parts are those of the record's type.
func (e *editing) parts() []form.Part { return e.desk.parts[e.head.Type] }

func (e *editing) find(name string) *form.Part {
	parts := e.parts()
	if i := slices.IndexFunc(parts, func(p form.Part) bool { return p.Name == name }); i >= 0 {
		return &parts[i]
	}
	return nil
}

// form is that of the part, or of the item.
func (e *editing) form() *form.Form {
	if e.part.Item != nil {
		return e.part.Item
	}
	return e.part.Form
}

// item is what the form describes inside a record: the record itself, an item
// of it, or a new item, which is in no record yet; nil for an item that the
// record does not have.
func (e *editing) item(noun any) any {
	switch {
	case e.part.Item == nil:
		return noun
	case e.key == newItem && !e.part.Fixed:
		return e.part.New()
	}
	return e.part.Get(noun, e.key)
}

// path is the address of the record.
func (e *editing) path() string { return recordPath(e.head.Type, e.head.ID) }

// nounOf is the pointer to what a draft holds.
func nounOf(d editorial.Draft) any {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident
	case register.TypeStatement:
		return d.Statement
	case register.TypeInstitution:
		return d.Institution
	}
	return nil
}

// validate lists what is wrong with a record.
func validate(d editorial.Draft) register.Problems {
	switch d.Type() {
	case register.TypeIncident:
		return d.Incident.Validate()
	case register.TypeStatement:
		return d.Statement.Validate()
	case register.TypeInstitution:
		return d.Institution.Validate()
	}
	return nil
}

// seen is the version that the author of a form saw; 0 when the form does not
// say.
func seen(values url.Values) int {
	n, err := strconv.Atoi(values.Get("version"))
	if err != nil {
		return 0
	}
	return n
}

// submission is a form on its way into a record.
type submission struct {
	// values are what is shown again when the form is refused: what was typed,
	// with what was found for it in its place.
	values   url.Values
	problems register.Problems
	found    map[string][]store.Picked
	foundIn  map[string][]register.Source
	later    map[string]bool // where what was typed was not looked for: there is too much
	edit     editorial.Edit
	reading  url.Values // values with the new institutions and sources in their place
}

// mostLookups is how many of the searches of one form are done at once, and how many
// institutions are made with it: each asks the database. It is far more than anybody types.
const mostLookups = 200

// problemLater says that what was typed is still to be looked for.
const problemLater = "problem.searched-later"

// submit looks for what was searched for, and gathers what is made with the
// form.
func (e *editing) submit(ctx context.Context, values url.Values) (*submission, error) {
	s := &submission{values: maps.Clone(values), found: map[string][]store.Picked{}, foundIn: map[string][]register.Source{}, later: map[string]bool{}}
	for i, search := range e.form().Searches(values) {
		if i >= mostLookups {
			s.later[search.Path+".find"] = true
			continue
		}
		if err := e.search(ctx, s, search); err != nil {
			return nil, err
		}
	}
	s.reading = maps.Clone(s.values)
	for i, made := range e.form().Made(values) {
		if i >= mostLookups { // nothing of the form is kept, so that no more of them are refused one by one
			s.problems = append(s.problems, register.Problem{Field: made.Path + ".new.name", Key: form.ProblemTooMany})
			break
		}
		var err error
		if made.Type == form.SourceType {
			err = e.makeSource(ctx, s, made)
		} else {
			err = e.makeInstitution(ctx, s, made)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// search puts what was typed exactly as something is called in its place; what
// else was found is offered, and taken when it was chosen.
func (e *editing) search(ctx context.Context, s *submission, search form.Search) error {
	at := search.Path + ".find"
	var values []string
	exact := false
	if search.Type == form.SourceType {
		typed := lookalike.ASCII(search.Typed)
		found, err := e.desk.editorial.FindSources(ctx, e.r.Who.Actor, typed)
		if err != nil {
			return err
		}
		for _, source := range found {
			values = append(values, source.Key)
			exact = source.Key == typed || source.URL == typed
		}
		s.foundIn[at] = found
	} else {
		called, found, err := e.desk.editorial.Resolve(ctx, e.r.Who.Actor, register.RecordType(search.Type), search.Typed, mostFound)
		if err != nil {
			return err
		}
		if called != nil {
			exact, found = true, []store.Picked{*called}
		}
		for _, p := range found {
			values = append(values, string(p.ID))
		}
		s.found[at] = found
	}
	switch {
	case len(values) == 1 && exact:
		e.form().Choose(s.values, search.Path, values[0])
	case s.values.Get(search.Path+".offered") == search.Typed && slices.ContainsFunc(s.values[search.Path], func(value string) bool {
		record, _, _ := strings.Cut(value, "#")
		return slices.Contains(values, record)
	}):
		delete(s.values, at) // one of those that were offered
	}
	return nil
}

// makeInstitution takes an institution that is made with the form; one that
// there is already under exactly that name is taken instead.
func (e *editing) makeInstitution(ctx context.Context, s *submission, made form.NewOne) error {
	name, kind := strings.TrimSpace(made.Values.Get("name")), register.InstitutionKind(made.Values.Get("kind"))
	at := made.Path + ".new"
	if name == "" {
		s.problems = append(s.problems, register.Problem{Field: at + ".name", Key: "problem.missing"})
		return nil
	}
	known, _, err := e.desk.editorial.Resolve(ctx, e.r.Who.Actor, register.TypeInstitution, name, mostFound)
	if err != nil {
		return err
	}
	if known != nil {
		e.form().Choose(s.reading, made.Path, string(known.ID))
		return nil
	}
	if !slices.Contains(register.InstitutionKinds(), kind) {
		s.problems = append(s.problems, register.Problem{Field: at + ".kind", Key: "problem.missing"})
		return nil
	}
	i := slices.IndexFunc(s.edit.Institutions, func(x register.Institution) bool { return x.Names[0].Name == name })
	if i < 0 {
		i = len(s.edit.Institutions)
		s.edit.Institutions = append(s.edit.Institutions, newInstitution(name, kind, e.head.Language))
	}
	e.form().Choose(s.reading, made.Path, string(editorial.NewRef(i)))
	return nil
}

func newInstitution(name string, kind register.InstitutionKind, written register.Lang) register.Institution {
	if lang := scriptLanguage(name); lang != "" {
		written = lang
	}
	slug := form.Slug(name, 60)
	if slug == "" {
		slug = string(kind)
	}
	return register.Institution{
		Language: written, Slug: slug, Kind: kind,
		Names: []register.InstitutionName{{Key: "official", Language: written, Kind: register.NameOfficial, Name: name}},
	}
}

// scriptLanguage is the language that the letters of a name tell; "" where they
// do not.
func scriptLanguage(name string) register.Lang {
	for _, r := range name {
		if r >= 'ء' && r <= 'ي' {
			return register.Arabic
		}
	}
	return ""
}

// makeSource takes a source that is made with the form; one that there is
// already at that address is cited instead.
func (e *editing) makeSource(ctx context.Context, s *submission, made form.NewOne) error {
	if url := lookalike.ASCII(strings.TrimSpace(made.Values.Get("url"))); url != "" {
		known, err := e.desk.editorial.FindSources(ctx, e.r.Who.Actor, url)
		if err != nil {
			return err
		}
		if len(known) == 1 && known[0].URL == url {
			e.form().Choose(s.reading, made.Path, known[0].Key)
			return nil
		}
	}
	var source register.Source
	at := made.Path + ".new."
	problems := e.desk.source.Read(&source, made.Values, form.Reading{Noun: &source, Today: e.desk.today()})
	if !source.Published.IsZero() {
		source.PublishedBasis = register.BasisStated
	}
	source.Key = sourceKey(source)
	for _, p := range append(problems, source.Validate()...) {
		p.Field = at + p.Field[strings.LastIndexByte(p.Field, '.')+1:]
		if !slices.ContainsFunc(s.problems, func(x register.Problem) bool { return x.Field == p.Field }) {
			s.problems = append(s.problems, p)
		}
	}
	s.edit.Sources = append(s.edit.Sources, source)
	e.form().Choose(s.reading, made.Path, source.Key)
	return nil
}

// sourceKey names a source by who published what, with a part of the hash of
// its address, so that two of the same title do not meet.
func sourceKey(s register.Source) string {
	const words, digest = 50, 6
	hash := register.HashOf([]byte(s.URL + "\n" + s.Publisher + "\n" + s.Title + "\n" + s.Published.String()))
	return strings.TrimPrefix(form.Slug(s.Publisher+" "+s.Title, words)+"-"+hash[:digest], "-")
}
