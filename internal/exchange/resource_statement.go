package exchange

import (
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// StatementResource is a statement: what somebody said, on an occasion, on a date.
type StatementResource struct {
	HeadResource
	Title      TextResource           `json:"title"`
	Summary    TextResource           `json:"summary"`
	Kind       register.StatementKind `json:"kind"`
	Official   bool                   `json:"official"`
	Issuer     *NamedResource         `json:"issuer,omitempty" doc:"The institution that speaks; absent for an attacker or a third party."`
	IssuerName TextResource           `json:"issuer_name,omitempty" doc:"Who speaks, where it is no institution."`
	OnBehalfOf []NamedResource        `json:"on_behalf_of,omitempty"`
	Speaker    *SpeakerResource       `json:"speaker,omitempty" doc:"The official who spoke; absent: nobody is named."`
	Occasion   TextResource           `json:"occasion,omitempty"`
	Channel    TextResource           `json:"channel,omitempty"`
	Said       *DateResource          `json:"said,omitempty" doc:"When it was said; absent: not stated."`
	Original   OriginalResource       `json:"original"`

	Renderings  []RenderingResource  `json:"renderings,omitempty" doc:"The statement in other languages, as a publisher gave it."`
	Differences []DifferenceResource `json:"differences,omitempty" doc:"Differences between renderings."`
	Documents   []DocumentResource   `json:"documents,omitempty"`
	Claims      []string             `json:"claims" doc:"Identifiers of its claims."`
	Relations   []RelationResource   `json:"relations,omitempty" doc:"Ties to other statements: version-of, amends, withdraws, replies-to."`
	Incidents   []string             `json:"incidents" doc:"Identifiers of the incidents that it concerns."`
	Sources     []string             `json:"sources" doc:"Identifiers of all sources that it cites."`
}

// SpeakerResource is a person in an office.
type SpeakerResource struct {
	Name   Labels       `json:"name"`
	Office TextResource `json:"office"`
}

// OriginalResource is what is known of a statement as it was said.
type OriginalResource struct {
	Language register.Lang `json:"language,omitempty" doc:"Absent: not stated."`
	Origin   Origin        `json:"origin"`
	NotSeen  bool          `json:"not_seen" doc:"Whether the statement is known only through others."`
	Text     string        `json:"text,omitempty" doc:"As it was said; absent when it was not seen, or belongs to others."`
}

// RenderingResource is a statement in one language, as one publisher gave it.
type RenderingResource struct {
	FactResource
	Language  register.Lang `json:"language"`
	Origin    Origin        `json:"origin" doc:"official, editorial, press or machine; a code of the vocabulary rendering."`
	Publisher string        `json:"publisher"`
	Text      string        `json:"text,omitempty" doc:"Absent when it belongs to its publisher."`
	FullText  bool          `json:"full_text" doc:"Whether all of it was read, so that what it does not say is known."`
	Note      TextResource  `json:"note,omitempty"`
}

// DifferenceResource is a recorded difference between renderings.
type DifferenceResource struct {
	FactResource
	Between  []string          `json:"between" doc:"Keys of the renderings."`
	Claims   []string          `json:"claims,omitempty" doc:"Identifiers of the claims that it concerns."`
	Note     TextResource      `json:"note"`
	Readings []ReadingResource `json:"readings,omitempty"`
}

// ReadingResource is what one rendering says.
type ReadingResource struct {
	Rendering string        `json:"rendering"`
	Language  register.Lang `json:"language"`
	Words     string        `json:"words"`
	Indirect  bool          `json:"indirect"`
}

// DocumentResource is a file that carries a statement.
type DocumentResource struct {
	FactResource
	Name      string        `json:"name"`
	MediaType string        `json:"media_type"`
	SHA256    string        `json:"sha256" pattern:"^[0-9a-f]{64}$"`
	Size      int64         `json:"size" doc:"In bytes."`
	URL       string        `json:"url" format:"uri" doc:"Where it is handed out, if the register holds it."`
	Language  register.Lang `json:"language,omitempty"`
	Text      string        `json:"text,omitempty" doc:"As a person confirmed it."`
}

// ClaimResource is one assertion inside a statement.
type ClaimResource struct {
	PartResource
	Statement StatementBriefResource `json:"statement"`
	Incidents []string               `json:"incidents" doc:"Identifiers of the incidents that the statement concerns."`
	Date      *DateResource          `json:"date,omitempty" doc:"When what is claimed happened, as the claim says; absent: not stated."`
	Topic     register.Topic         `json:"topic" doc:"A code of the vocabulary claim-topic."`

	Paraphrase TextResource        `json:"paraphrase" doc:"What is claimed, in the words of the register."`
	Quotes     []QuoteResource     `json:"quotes" doc:"The passages, one for each text that has it."`
	Value      *int64              `json:"value,omitempty"`
	Bound      string              `json:"bound,omitempty" enum:"about,over,under"`
	Unit       register.Unit       `json:"unit,omitempty"`
	Quantifier register.Quantifier `json:"quantifier"`
	Modality   register.Modality   `json:"modality"`

	ReportedFrom *SecondHandResource     `json:"reported_from,omitempty" doc:"Who says it, where the speaker says that somebody else does."`
	Relations    []ClaimRelationResource `json:"relations,omitempty" doc:"How it stands to earlier claims."`
	Sources      []string                `json:"sources,omitempty"`
	SaidIn       []string                `json:"said_in,omitempty"`
}

// PartResource is what parts of records have that are resources of their own.
type PartResource struct {
	ID          string    `json:"id" doc:"Reference of the record and key of the part, with a dot between."`
	Type        string    `json:"type" enum:"claim,referral"`
	Key         string    `json:"key" doc:"Names the part inside its record; stable over editions."`
	URL         string    `json:"url" format:"uri"`
	Pages       Labels    `json:"pages"`
	Edition     int       `json:"edition" doc:"Number of the current edition of the record."`
	SHA256      string    `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Hash of that edition."`
	PublishedAt time.Time `json:"published_at" doc:"When the first edition of the record was published."`
	UpdatedAt   time.Time `json:"updated_at" doc:"When the current edition of the record was published."`
}

// StatementBriefResource is the statement of a claim.
type StatementBriefResource struct {
	ID         string                 `json:"id"`
	Title      TextResource           `json:"title"`
	Kind       register.StatementKind `json:"kind"`
	Official   bool                   `json:"official"`
	Issuer     *NamedResource         `json:"issuer,omitempty"`
	IssuerName TextResource           `json:"issuer_name,omitempty"`
	Said       *DateResource          `json:"said,omitempty"`
}

// QuoteResource is the passage of a claim in one text.
type QuoteResource struct {
	Language  register.Lang `json:"language"`
	Text      string        `json:"text"`
	Origin    Origin        `json:"origin" doc:"original, or what the rendering is; editorial for words that the register itself translated."`
	Rendering string        `json:"rendering,omitempty" doc:"Key of the rendering; absent: the original."`
	Position  string        `json:"position,omitempty" doc:"Where the passage stands: a paragraph such as F3, or a range of characters such as 120-161."`
	Start     *int          `json:"start,omitempty" doc:"First character of such a range, from 0."`
	End       *int          `json:"end,omitempty" doc:"Character after its last."`
	Indirect  bool          `json:"indirect" doc:"Whether the text gives the words as reported speech."`
}

// SecondHandResource says from whom a reported claim comes.
type SecondHandResource struct {
	By     TextResource `json:"by"`
	SaidIn string       `json:"said_in,omitempty"`
}

// ClaimRelationResource ties a claim to an earlier one.
type ClaimRelationResource struct {
	Kind register.ClaimRelationKind `json:"kind" doc:"A code of the vocabulary claim-relation."`
	To   string                     `json:"to" doc:"Identifier of the claim, or of the statement."`
	Note TextResource               `json:"note,omitempty"`
}

// Statement makes the resource of a statement.
func (r *Resources) Statement(p register.Published) StatementResource {
	w, s := r.writer(p), p.Statement
	out := StatementResource{
		HeadResource: w.head(s.Slug), Title: w.text(s.Title), Summary: w.text(s.Summary), Kind: s.Kind, Official: s.Official,
		Issuer: w.maybe(s.Issuer), IssuerName: w.text(s.IssuerName), OnBehalfOf: w.allNamed(s.OnBehalfOf), Occasion: w.text(s.Occasion),
		Channel: w.text(s.Channel), Said: w.date(s.Dates), Claims: []string{}, Incidents: append([]string{}, r.Concerned[p.Reference]...),
		Original: OriginalResource{Language: s.OriginalLanguage, Origin: Original, NotSeen: s.OriginalNotSeen, Text: s.OriginalText},
		Sources:  sourceKeys(p.Sources),
	}
	if s.Speaker != nil {
		out.Speaker = &SpeakerResource{Name: r.chosen(s.Speaker.Name), Office: w.text(s.Speaker.Office)}
	}
	w.texts(s, &out)
	for i := range s.Claims {
		out.Claims = append(out.Claims, PartID(register.Ref(p.Reference), s.Claims[i].Key))
	}
	for _, x := range s.Relations {
		out.Relations = append(out.Relations, RelationResource{x.Kind, w.named(x.Statement), w.text(x.Note)})
	}
	return out
}

func (w writer) texts(s *register.Statement, out *StatementResource) {
	for i := range s.Renderings {
		x := &s.Renderings[i]
		out.Renderings = append(out.Renderings, RenderingResource{
			w.fact(&x.Fact), x.Language, Origin(x.Kind), x.Publisher, x.Text, x.FullText, w.text(x.Note),
		})
	}
	for i := range s.Differences {
		d := &s.Differences[i]
		difference := DifferenceResource{FactResource: w.fact(&d.Fact), Between: append([]string{}, d.Between...), Note: w.text(d.Note)}
		for _, key := range d.Claims {
			difference.Claims = append(difference.Claims, PartID(register.Ref(w.of.Reference), key))
		}
		for _, x := range d.Readings {
			difference.Readings = append(difference.Readings, ReadingResource{x.Rendering, x.Language, x.Words, x.Indirect})
		}
		out.Differences = append(out.Differences, difference)
	}
	for i := range s.Documents {
		d := &s.Documents[i]
		out.Documents = append(out.Documents, DocumentResource{
			w.fact(&d.Fact), d.Name, d.Type, d.SHA256, d.Size, w.Base + "/documents/" + d.SHA256, d.Language, d.Text,
		})
	}
}

// part is the beginning of the resource of a part; fragment is where the page of
// its record shows it.
func (w writer) part(kind, key, slug, fragment string) PartResource {
	id := PartID(register.Ref(w.of.Reference), key)
	return PartResource{
		ID: id, Type: kind, Key: key, URL: w.address(kind+"s", id), Pages: w.pages(w.of.Type, slug, "#"+fragment),
		Edition: w.of.Number, SHA256: w.of.SHA256, PublishedAt: w.of.FirstPublishedAt.UTC(), UpdatedAt: w.of.ChangedAt.UTC(),
	}
}

// Claim makes the resource of a claim of a published statement; ok is false when
// it has no such claim.
func (r *Resources) Claim(p register.Published, key string) (out ClaimResource, ok bool) {
	w, s := r.writer(p), p.Statement
	c := s.Claim(key)
	if c == nil {
		return out, false
	}
	out = ClaimResource{
		PartResource: w.part("claim", key, s.Slug, key),
		Statement: StatementBriefResource{
			p.Reference, w.text(s.Title), s.Kind, s.Official, w.maybe(s.Issuer), w.text(s.IssuerName), w.date(s.Dates),
		},
		Incidents: append([]string{}, r.Concerned[p.Reference]...), Date: w.date(c.Dates), Topic: c.Topic,
		Paraphrase: w.text(c.Paraphrase), Quotes: []QuoteResource{}, Value: c.Value, Bound: c.Bound, Unit: c.Unit,
		Quantifier: c.Quantifier, Modality: c.Modality, Sources: c.Sources, SaidIn: saidIn(c.SaidIn),
	}
	for _, q := range c.Quotes {
		out.Quotes = append(out.Quotes, quoteResource(s, q))
	}
	if c.ReportedFrom != nil {
		out.ReportedFrom = &SecondHandResource{w.text(c.ReportedFrom.By), claimID(c.ReportedFrom.SaidIn)}
	}
	for _, x := range c.Relations {
		out.Relations = append(out.Relations, ClaimRelationResource{x.Kind, claimID(x.To), w.text(x.Note)})
	}
	return out, true
}

func quoteResource(s *register.Statement, q register.Quote) QuoteResource {
	out := QuoteResource{Language: q.Language, Text: q.Text, Origin: Original, Rendering: q.Rendering, Position: q.Position, Indirect: q.Indirect}
	if rendering := s.Rendering(q.Rendering); rendering != nil {
		out.Origin = Origin(rendering.Kind)
	}
	if q.Translation {
		out.Origin = Origin(register.RenderingEditorial)
	}
	from, to, isRange := strings.Cut(q.Position, "-")
	start, err1 := strconv.Atoi(from)
	end, err2 := strconv.Atoi(to)
	if isRange && err1 == nil && err2 == nil {
		out.Start, out.End = &start, &end
	}
	return out
}
