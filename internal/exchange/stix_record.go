package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// stixRecord makes the objects of one record.
type stixRecord struct {
	*STIX
	writer
	self    string // identifier of the record
	objects []stixObject
}

// stixText is what an object says in words, by the property that says it.
type stixText map[string]register.Text

// add adds an object of the record with what it says; the other languages follow in
// an object of their own. The extension may be nil.
func (r *stixRecord) add(o stixObject, says stixText, extension thing) {
	created, modified := stixTime(r.of.FirstPublishedAt), stixTime(r.of.ChangedAt)
	o.CreatedByRef, o.Created, o.Modified, o.ObjectMarkingRefs = r.creator, created, &modified, []string{stixClear}
	others := map[string]stixSays{}
	for _, property := range slices.Sorted(maps.Keys(says)) {
		text := says[property]
		words, lang, found := text.In(r.written)
		if !found {
			continue
		}
		if o.Lang == "" {
			o.Lang = lang
		}
		o.say(property, words)
		for other, translated := range text {
			if other != lang && translated != "" {
				if others[string(other)] == nil {
					others[string(other)] = stixSays{}
				}
				others[string(other)][property] = translated
			}
		}
	}
	extension = stixExtended(extension)
	if o.Extensions == nil {
		o.Extensions = map[string]any{}
	}
	extension["extension_type"] = "property-extension"
	extension["reference"], extension["edition"], extension["sha256"] = r.of.Reference, r.of.Number, r.of.SHA256
	o.Extensions[stixExtension()] = extension
	r.objects = append(r.objects, o)
	if len(others) > 0 {
		r.objects = append(r.objects, stixObject{
			Type: "language-content", ID: r.partID(r.self, "language-content", o.ID), CreatedByRef: r.creator, Created: created, Modified: &modified,
			ObjectRef: o.ID, ObjectModified: &modified, Contents: others, ObjectMarkingRefs: []string{stixClear},
		})
	}
}

// say sets the property that a text belongs to.
func (o *stixObject) say(property, words string) {
	switch property {
	case "name":
		o.Name = words
	case "description":
		o.Description = words
	case "content":
		o.Content = words
	case "abstract":
		o.Abstract = words
	}
}

// stixExtended leaves of an extension what is stated: STIX has no empty values.
func stixExtended(extension thing) thing {
	out := thing{}
	for name, value := range extension {
		if !isEmpty(value) {
			out[name] = value
		}
	}
	return out
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case TextResource:
		return len(v) == 0
	case Labels:
		return len(v) == 0
	case []thing:
		return len(v) == 0
	case *DateResource:
		return v == nil
	case *int64:
		return v == nil
	case thing:
		return len(v) == 0
	}
	return value == nil
}

// fact is what the extension says of any part of a record.
func (r *stixRecord) fact(f *register.Fact, more thing) thing {
	out := thing{"key": f.Key, "date": r.date(f.Dates), "sources": f.Sources, "said_in": saidIn(f.SaidIn)}
	maps.Copy(out, more)
	return out
}

// references are the register's page of a record, or of a part of one, and the
// sources behind it.
func (r *stixRecord) references(slug, id, fragment string, sources []string) []stixReference {
	if fragment != "" {
		fragment = "#" + fragment
	}
	out := []stixReference{{SourceName: "Sijil", ExternalID: id, URL: r.pages(r.of.Type, slug, fragment)[register.English]}}
	for _, key := range sources {
		for i := range r.of.Sources {
			if s := &r.of.Sources[i]; s.Key == key {
				out = append(out, stixReference{SourceName: s.Publisher, Description: s.Title, URL: URI(s.URL), ExternalID: s.Key})
			}
		}
	}
	return slices.DeleteFunc(out, func(x stixReference) bool { return x.SourceName == "" })
}

// relate ties two objects. The name tells it apart from others of its kind between
// the two.
func (r *stixRecord) relate(kind, from, to, name string, description register.Text, extension thing) {
	r.add(stixObject{
		Type: "relationship", ID: r.partID(r.self, "relationship", kind, from, to, name), RelationshipType: kind, SourceRef: from, TargetRef: to,
	}, stixText{"description": description}, extension)
}

// claimant is the identity of somebody who is no institution of the register, as one
// record names him: whether two records mean the same, the register does not say.
func (r *stixRecord) claimant(key string, name register.Text) string {
	id := r.partID(r.self, "identity", key)
	r.add(stixObject{Type: "identity", ID: id, IdentityClass: "unknown"}, stixText{"name": name}, thing{"key": key})
	return id
}

// institutions are the identities of institutions.
func (r *stixRecord) institutions(refs []register.Ref) []string {
	out := make([]string, len(refs))
	for i, ref := range refs {
		out[i] = r.recordID(register.TypeInstitution, string(ref))
	}
	return out
}

// institution adds the identity that an institution is.
func (r *stixRecord) institution(i *register.Institution) {
	o := stixObject{
		Type: "identity", ID: r.self, IdentityClass: "organization", Sectors: stixSectors(i.Sector),
		Labels: []string{string(i.Kind)}, ExternalReferences: r.references(i.Slug, r.of.Reference, "", register.CitedSources(i)),
	}
	if address := URI(i.Website); address != "" {
		o.ExternalReferences = append(o.ExternalReferences, stixReference{SourceName: "website", URL: address})
	}
	var names []thing
	for _, n := range i.Names {
		name := thing{"language": n.Language, "kind": n.Kind, "name": n.Name}
		name.set("script", n.Script)
		name.set("from", n.From.String())
		name.set("until", n.Until.String())
		names = append(names, name)
	}
	name := i.NameText(register.NameOfficial)
	if name.IsZero() {
		name = i.ShortName()
	}
	if name.IsZero() { // only names of other times are known
		name = register.Text{register.English: r.of.Reference}
	}
	r.add(o, stixText{"name": name, "description": i.Description}, thing{
		"institution_kind": string(i.Kind), "sector": i.Sector, "country": i.Country, "names": names, "parent": string(i.Parent),
	})
	self := o.ID
	if i.Parent != "" {
		r.relate("part-of", self, r.recordID(register.TypeInstitution, string(i.Parent)), "", nil, nil)
	}
	for _, link := range i.Predecessors {
		r.relate("succeeds", self, r.recordID(register.TypeInstitution, string(link.Institution)), "", link.Note, thing{"since": link.On.String()})
	}
}

// stixSectors are sectors in the words of STIX's industry-sector-ov; none where it
// has no word for one.
func stixSectors(sector string) []string {
	words := map[string]string{
		"public-administration": "government-public-services", "social-protection": "government-public-services",
		"justice": "government", "security": "government", "parliament": "government", "education": "education", "health": "healthcare",
		"finance": "financial-services", "energy": "energy", "transport": "transportation", "communications": "communications",
		"industry": "manufacturing",
	}
	if word := words[sector]; word != "" {
		return []string{word}
	}
	return nil
}

// statement adds a report, a note for each claim, and what ties them.
func (r *stixRecord) statement(s *register.Statement) {
	self := r.self
	published := stixTime(r.of.FirstPublishedAt)
	report := stixObject{
		Type: "report", ID: self, Published: &published, Labels: []string{string(s.Kind)},
		ExternalReferences: r.references(s.Slug, r.of.Reference, "", register.CitedSources(s)),
	}
	if s.Official {
		report.Labels = append(report.Labels, "official")
	}
	issuer := r.partID(r.self, "identity", "issuer")
	if s.Issuer != "" {
		issuer = r.recordID(register.TypeInstitution, string(s.Issuer))
	}
	report.ObjectRefs = append([]string{issuer}, r.institutions(s.OnBehalfOf)...)
	for i := range s.Claims {
		report.ObjectRefs = append(report.ObjectRefs, r.partID(r.self, "note", s.Claims[i].Key))
	}
	report.ObjectRefs = distinct(report.ObjectRefs)
	r.add(report, stixText{"name": s.Title, "description": s.Summary}, r.stated(s))
	if s.Issuer == "" {
		r.claimant("issuer", s.IssuerName)
	}
	r.relate("issued-by", self, issuer, "", nil, nil)
	for _, id := range r.institutions(s.OnBehalfOf) {
		r.relate("issued-on-behalf-of", self, id, "", nil, nil)
	}
	for i := range s.Claims {
		r.claim(s, &s.Claims[i])
	}
	for i, x := range s.Relations {
		r.relate(x.Kind, self, r.recordID(register.TypeStatement, string(x.Statement)), fmt.Sprint(i), x.Note, nil)
	}
}

// distinct leaves of a list each value once.
func distinct(list []string) []string {
	var out []string
	for _, v := range list {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// stated is what the extension says of a statement.
func (r *stixRecord) stated(s *register.Statement) thing {
	out := thing{
		"statement_kind": string(s.Kind), "official": s.Official, "said": r.date(s.Dates), "original_language": string(s.OriginalLanguage),
		"original_not_seen": s.OriginalNotSeen, "original_text": s.OriginalText, "occasion": r.text(s.Occasion), "channel": r.text(s.Channel),
	}
	if s.Speaker != nil {
		out["speaker"] = thing{"name": r.chosen(s.Speaker.Name), "office": r.text(s.Speaker.Office)}
	}
	var renderings, documents []thing
	for i := range s.Renderings {
		x := &s.Renderings[i]
		rendering := thing{"key": x.Key, "language": x.Language, "origin": x.Kind, "publisher": x.Publisher, "full_text": x.FullText}
		rendering.set("text", x.Text)
		renderings = append(renderings, rendering)
	}
	for i := range s.Documents {
		d := &s.Documents[i]
		documents = append(documents, thing{"key": d.Key, "name": d.Name, "media_type": d.Type, "sha256": d.SHA256, "size": d.Size})
	}
	out["renderings"], out["documents"] = renderings, documents
	return out
}

// claim adds the note that a claim is, and how it stands to earlier ones.
func (r *stixRecord) claim(s *register.Statement, c *register.Claim) {
	self := r.partID(r.self, "note", c.Key)
	var quotes []thing
	var words strings.Builder
	for _, q := range c.Quotes {
		x := quoteResource(s, q)
		quote := thing{"language": x.Language, "text": x.Text, "origin": x.Origin, "indirect": x.Indirect}
		quote.set("rendering", x.Rendering)
		quote.set("position", x.Position)
		quotes = append(quotes, quote)
		fmt.Fprintf(&words, "\n\n[%s, %s] “%s”", x.Language, x.Origin, x.Text)
	}
	content := register.Text{}
	for lang, paraphrase := range c.Paraphrase {
		if paraphrase != "" {
			content[lang] = paraphrase + words.String()
		}
	}
	if content.IsZero() {
		content = register.Text{register.English: c.Key + words.String()}
	}
	extension := thing{
		"topic": string(c.Topic), "modality": string(c.Modality), "quantifier": string(c.Quantifier), "marks": marksOf(c), "quotes": quotes,
		"value": c.Value, "bound": c.Bound, "unit": string(c.Unit),
	}
	if c.ReportedFrom != nil {
		extension["reported_from"] = stixExtended(thing{"name": r.text(c.ReportedFrom.By), "said_in": claimID(c.ReportedFrom.SaidIn)})
	}
	r.add(stixObject{
		Type: "note", ID: self, Abstract: string(c.Topic) + ": " + string(c.Modality), Labels: []string{"claim", string(c.Topic), string(c.Modality)},
		ObjectRefs:         []string{r.self},
		ExternalReferences: r.references(s.Slug, PartID(register.Ref(r.of.Reference), c.Key), c.Key, c.Sources),
	}, stixText{"content": content}, r.fact(&c.Fact, extension))
	for i, x := range c.Relations {
		if to := r.claimID(x.To); to != self {
			r.relate(string(x.Kind), self, to, fmt.Sprint(i), x.Note, nil)
		}
	}
}

// marksOf are the marks that the ledger shows of a claim, which say how it stands to
// what was claimed before.
func marksOf(c *register.Claim) []string {
	var out []string
	for _, x := range c.Relations {
		out = append(out, string(register.MarkOf(x.Kind)))
	}
	if len(out) == 0 {
		out = append(out, string(register.MarkNew))
	}
	return distinct(out)
}
