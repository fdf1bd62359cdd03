package exchange

import (
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// The resources of the API are made of the current edition of a record and of
// what is public beside it: what records that it names are called, when its first
// edition was published. Every field is named here: what is not named does not
// leave. The tags doc, pattern and format describe a field in the OpenAPI document, which
// is made of these types.
//
// One resource has one shape, in a list as alone. What is not stated is absent;
// a text says in each language where its words come from; a date is what the
// sources say, with its basis, and with all other assertions where they disagree.

// Origin says where the words of a text come from: original, or the kind of a
// rendering.
type Origin string

// Original are the words in the language in which they were written or said.
const Original Origin = "original"

// TextResource is a text in several languages.
type TextResource map[register.Lang]WordsResource

// WordsResource is a text in one language.
type WordsResource struct {
	Text   string `json:"text"`
	Origin Origin `json:"origin" doc:"Where the words come from: original is the language in which the register wrote them, editorial its own translation."`
}

// Labels are names, or short texts, of which the register does not say in which
// language they were written.
type Labels map[register.Lang]string

// NamedResource is another record, as it is called now. It has no name when it is not
// public any more.
type NamedResource struct {
	ID   string `json:"id"`
	Name Labels `json:"name,omitempty" doc:"Title of the record, or short name of the institution."`
}

// HeadResource is what all records have.
type HeadResource struct {
	ID          string              `json:"id" doc:"Reference of the record: it never changes, and is never used again."`
	Type        register.RecordType `json:"type"`
	URL         string              `json:"url" format:"uri" doc:"Address of this resource."`
	Pages       Labels              `json:"pages" doc:"Address of its page in each language."`
	Slug        string              `json:"slug" doc:"Readable end of the address of the page; it may change."`
	Language    register.Lang       `json:"language,omitempty" doc:"Language in which the register wrote its own texts."`
	Edition     int                 `json:"edition" doc:"Number of the current edition."`
	SHA256      string              `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Hash of the canonical JSON of the current edition."`
	Content     string              `json:"content" format:"uri" doc:"Address of that canonical JSON."`
	PublishedAt time.Time           `json:"published_at" doc:"When the first edition was published."`
	UpdatedAt   time.Time           `json:"updated_at" doc:"When the current edition was published."`
}

// DateResource is when something happened, as the sources say it.
type DateResource struct {
	EDTF         string             `json:"edtf,omitempty" doc:"The date in EDTF (ISO 8601-2); absent when there are only words for it, or when sources disagree and none is preferred."`
	Wording      TextResource       `json:"wording,omitempty" doc:"What is said of the date where EDTF cannot hold it."`
	Basis        register.DateBasis `json:"basis,omitempty" doc:"How the date is known; a code of the vocabulary date-basis."`
	Sources      []string           `json:"sources,omitempty" doc:"Sources that give it."`
	Reason       TextResource       `json:"reason,omitempty" doc:"Why it is preferred to the others."`
	Disputed     bool               `json:"disputed" doc:"Whether several assertions disagree."`
	Alternatives []AssertedResource `json:"alternatives,omitempty" doc:"The other assertions."`
}

// AssertedResource is one assertion of a date among several.
type AssertedResource struct {
	EDTF    string             `json:"edtf,omitempty"`
	Wording TextResource       `json:"wording,omitempty"`
	Basis   register.DateBasis `json:"basis"`
	Sources []string           `json:"sources,omitempty"`
}

// FactResource is what every dated or sourced part of a record has.
type FactResource struct {
	Key     string        `json:"key" doc:"Names the part inside its record; stable over editions; the fragment of its permalink."`
	Date    *DateResource `json:"date,omitempty" doc:"Absent: not stated."`
	Sources []string      `json:"sources,omitempty" doc:"Identifiers of the sources that carry it."`
	SaidIn  []string      `json:"said_in,omitempty" doc:"Identifiers of the statements, or of the claims in them, on which it rests."`
}

// Resources makes resources. Lang leaves of each text one language: that one, or
// the one in which the page would show it; empty: all.
type Resources struct {
	Base  string // origin of the site
	Lang  register.Lang
	Names map[register.Ref]register.Named
	// Rows are incidents as lists show them, by reference.
	Rows map[string]register.IncidentRow
	// Concerned are the incidents of statements, by reference.
	Concerned map[string][]string
	// Citing tells who cites a source, by its key.
	Citing map[string]register.Citing
}

// APIRoot is where the addresses of the API begin.
const APIRoot = "/api/v1"

// PartID is the identifier of a part of a record.
func PartID(record register.Ref, key string) string { return string(record) + "." + key }

// SplitPartID takes the identifier of a part apart.
func SplitPartID(id string) (reference, key string, ok bool) { return strings.Cut(id, ".") }

// Mentioned lists the records that a published one names.
func Mentioned(p register.Published) []register.Ref {
	var out []register.Ref
	visit := func(ref *register.Ref) { out = append(out, *ref) }
	switch p.Type {
	case register.TypeIncident:
		register.EachRef(p.Incident, visit)
	case register.TypeStatement:
		register.EachRef(p.Statement, visit)
	case register.TypeInstitution:
		register.EachRef(p.Institution, visit)
	}
	return out
}

// writer makes the parts of one record's resource.
type writer struct {
	*Resources
	of      register.Published
	written register.Lang
}

func (r *Resources) writer(p register.Published) writer {
	w := writer{Resources: r, of: p}
	switch p.Type {
	case register.TypeIncident:
		w.written = p.Incident.Language
	case register.TypeStatement:
		w.written = p.Statement.Language
	case register.TypeInstitution:
		w.written = p.Institution.Language
	}
	return w
}

// text is a text of the register's own.
func (w writer) text(t register.Text) TextResource {
	out := TextResource{}
	for lang, words := range w.chosen(t) {
		origin := Origin(register.RenderingEditorial)
		if lang == w.written {
			origin = Original
		}
		out[lang] = WordsResource{Text: words, Origin: origin}
	}
	return out
}

// chosen leaves of a text the language that is asked for.
func (r *Resources) chosen(t register.Text) Labels {
	out := Labels{}
	if r.Lang != "" {
		if words, lang, found := t.In(r.Lang); found {
			out[lang] = words
		}
		return out
	}
	for lang, words := range t {
		if words != "" {
			out[lang] = words
		}
	}
	return out
}

func (r *Resources) named(ref register.Ref) NamedResource {
	return NamedResource{ID: string(ref), Name: r.chosen(r.Names[ref].Name)}
}

// maybe is the record that is named, where one is.
func (r *Resources) maybe(ref register.Ref) *NamedResource {
	if ref == "" {
		return nil
	}
	out := r.named(ref)
	return &out
}

func (r *Resources) allNamed(refs []register.Ref) []NamedResource {
	out := make([]NamedResource, 0, len(refs))
	for _, ref := range refs {
		out = append(out, r.named(ref))
	}
	return out
}

// address is that of a resource.
func (r *Resources) address(collection, id string) string {
	return r.Base + APIRoot + "/" + collection + "/" + id
}

// collectionOf is where the resources of a type of record stand.
func collectionOf(t register.RecordType) string { return string(t) + "s" }

// pages are the addresses of a page in each language; fragment begins with #.
func (r *Resources) pages(t register.RecordType, slug, fragment string) Labels {
	out := Labels{}
	if slug == "" {
		return out
	}
	for _, lang := range register.Langs() {
		if r.Lang == "" || lang == r.Lang {
			out[lang] = r.Base + "/" + string(lang) + "/" + collectionOf(t) + "/" + slug + fragment
		}
	}
	return out
}

func (r *Resources) content(reference string, number int) string {
	return r.Base + "/editions/" + strings.ToLower(reference) + "/" + strconv.Itoa(number) + ".json"
}

func (w writer) head(slug string) HeadResource {
	p := w.of
	return HeadResource{
		ID: p.Reference, Type: p.Type, URL: w.address(collectionOf(p.Type), p.Reference), Pages: w.pages(p.Type, slug, ""), Slug: slug,
		Language: w.written, Edition: p.Number, SHA256: p.SHA256, Content: w.content(p.Reference, p.Number),
		PublishedAt: p.FirstPublishedAt.UTC(), UpdatedAt: p.ChangedAt.UTC(),
	}
}

// date is nil when nothing is stated.
func (w writer) date(ds register.Dates) *DateResource {
	if len(ds) == 0 {
		return nil
	}
	out := &DateResource{Disputed: ds.Disputed()}
	preferred, ok := ds.Preferred()
	if ok {
		out.EDTF, out.Wording, out.Basis = preferred.EDTF.String(), w.text(preferred.Wording), preferred.Basis
		out.Sources, out.Reason = preferred.Sources, w.text(preferred.Reason)
	}
	for i := range ds {
		if ok && (ds[i].Preferred || len(ds) == 1) {
			continue
		}
		out.Alternatives = append(out.Alternatives, AssertedResource{
			EDTF: ds[i].EDTF.String(), Wording: w.text(ds[i].Wording), Basis: ds[i].Basis, Sources: ds[i].Sources,
		})
	}
	return out
}

func (w writer) fact(f *register.Fact) FactResource {
	return FactResource{Key: f.Key, Date: w.date(f.Dates), Sources: f.Sources, SaidIn: saidIn(f.SaidIn)}
}

func saidIn(refs []register.ClaimRef) []string {
	var out []string
	for _, ref := range refs {
		out = append(out, claimID(ref))
	}
	return out
}

// claimID names a statement, or a claim in it; "" for neither.
func claimID(ref register.ClaimRef) string {
	if ref.Claim == "" {
		return string(ref.Statement)
	}
	return PartID(ref.Statement, ref.Claim)
}

// DaysResource is a number of days, or an interval where dates are imprecise.
type DaysResource struct {
	Min *int `json:"min,omitempty" doc:"Absent: not known."`
	Max *int `json:"max,omitempty" doc:"Absent: not known."`
}

func daysResource(d edtf.Days) *DaysResource {
	if !d.Known {
		return nil
	}
	return &DaysResource{Min: fewest(d), Max: most(d)}
}

// DepartureResource is a record that is shown no more: who keeps a copy lets it go.
type DepartureResource struct {
	ID        string              `json:"id"`
	Type      register.RecordType `json:"type"`
	State     string              `json:"state" enum:"withdrawn,removed,merged" doc:"withdrawn by the register; removed by law: its content exists no more; merged into another."`
	UpdatedAt time.Time           `json:"updated_at"`
	Into      string              `json:"into,omitempty" doc:"The record into which it was merged."`
	Notice    Labels              `json:"notice,omitempty" doc:"The public reason."`
}

// Departures are records that are shown no more.
func (r *Resources) Departures(gone []register.Departure) []DepartureResource {
	out := make([]DepartureResource, 0, len(gone))
	for _, g := range gone {
		out = append(out, DepartureResource{
			ID: g.Reference, Type: g.Type, State: stateOf(&g), UpdatedAt: g.At.UTC(), Into: g.Into, Notice: r.chosen(g.Notice),
		})
	}
	return out
}
