package register

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProblemKeys lists the keys of all problems that validation can find; each
// has a message in every language.
func ProblemKeys() []string {
	return []string{
		"problem.bad-character", "problem.bad-key", "problem.claim-unknown", "problem.code-malformed", "problem.code-taken", "problem.code-unknown", "problem.date-empty",
		"problem.date-not-preferred", "problem.date-preferred-twice", "problem.date-reason-missing",
		"problem.decision-in-review", "problem.decision-open", "problem.duplicate-key", "problem.editions-unknown",
		"problem.days-malformed", "problem.key-unknown", "problem.label-too-long", "problem.language-malformed", "problem.language-missing", "problem.mapping-malformed", "problem.no-bundle", "problem.merge-target", "problem.merged", "problem.missing",
		"problem.not-published", "problem.not-official", "problem.original-contradiction", "problem.position-malformed",
		"problem.slug-malformed", "problem.slug-taken", "problem.statement-not-shown", "problem.too-long",
		"problem.unknown-source", "problem.unsourced", "problem.url-host", "problem.url-malformed",
	}
}

// validator collects the problems of one record.
type validator struct {
	problems Problems
	terms    *Terms
}

func (v *validator) add(field, key, value string) {
	v.problems = append(v.problems, Problem{Field: field, Key: "problem." + key, Value: value})
}

// need asks for a text in the language in which the record was written.
func (v *validator) need(field string, t Text, written Lang) {
	if t[written] == "" {
		v.add(field, "language-missing", string(written))
	}
}

// code asks that a code is one of a list.
func code[T ~string](v *validator, field string, codes []T, c T) {
	if !isCode(codes, c) {
		v.add(field, "code-unknown", string(c))
	}
}

// term asks that a code is of a vocabulary that an admin edits.
func (v *validator) term(field string, vocabulary Vocabulary, c string) {
	if !v.terms.Has(vocabulary, c) {
		v.add(field, "code-unknown", c)
	}
}

// Validate returns everything that is wrong with a source.
func (s *Source) Validate() Problems {
	v := &validator{}
	at := "sources[" + s.Key + "]"
	code(v, at+".kind", SourceKinds(), s.Kind)
	if !isKey(s.Key) {
		v.add(at+".key", "bad-key", s.Key)
	}
	if s.Publisher == "" {
		v.add(at+".publisher", "missing", "")
	}
	v.webAddress(at+".url", s.URL)
	if s.CaptureOpen && s.URLWithheld {
		v.add(at+".capture_open", "capture-withheld", "")
	}
	v.characters(s)
	return v.problems
}

// Validate returns everything that is wrong with an institution.
func (i *Institution) Validate() Problems {
	v := &validator{}
	v.slug(i.Slug)
	code(v, "kind", InstitutionKinds(), i.Kind)
	if i.Sector != "" {
		code(v, "sector", Sectors(), i.Sector)
	}
	v.webAddress("website", i.Website)
	keys := newKeys(v)
	for _, n := range i.Names {
		keys.take("names", n.Key)
		code(v, field("names", n.Key, "kind"), NameKinds(), n.Kind)
		if n.Language == "" {
			v.add(field("names", n.Key, "language"), "missing", "")
		}
	}
	for _, o := range i.Officials {
		keys.take("officials", o.Key)
		v.official(field("officials", o.Key, ""), o, i.Language)
	}
	if i.NameText(NameOfficial).IsZero() {
		v.add("names", "missing", "")
	}
	v.characters(i)
	return v.problems
}

func (v *validator) official(at string, o Official, written Lang) {
	v.need(at+"name", o.Name, written)
	v.need(at+"office", o.Office, written)
}

// Validate returns everything that is wrong with a statement, by the codes with
// which a register begins.
func (s *Statement) Validate() Problems { return s.ValidateIn(nil) }

// ValidateIn returns everything that is wrong with a statement where the
// vocabularies have these terms.
func (s *Statement) ValidateIn(terms *Terms) Problems {
	v := &validator{terms: terms}
	v.slug(s.Slug)
	v.need("title", s.Title, s.Language)
	v.need("summary", s.Summary, s.Language)
	code(v, "kind", StatementKinds(), s.Kind)
	v.dates("dates", s.Dates)
	if s.Issuer == "" && s.IssuerName.IsZero() {
		v.add("issuer", "missing", "")
	}
	if len(s.Sources) == 0 && len(s.Documents) == 0 {
		v.add("sources", "unsourced", "")
	}
	if s.OriginalNotSeen && s.OriginalText != "" {
		v.add("original_not_seen", "original-contradiction", "")
	}
	keys := v.facts(s)
	if s.Speaker != nil {
		keys.take("speaker", s.Speaker.Key)
		v.official("speaker.", *s.Speaker, s.Language)
	}
	v.renderings(s)
	for i := range s.Claims {
		v.claim(s, &s.Claims[i])
	}
	for _, r := range s.Relations {
		code(v, "relations", StatementRelationKinds(), r.Kind)
	}
	v.characters(s)
	return v.problems
}

func (v *validator) renderings(s *Statement) {
	for _, r := range s.Renderings {
		v.term(field("renderings", r.Key, "kind"), VocabularyRendering, string(r.Kind))
	}
	for _, d := range s.Differences {
		for _, key := range d.Between {
			v.rendering(s, field("differences", d.Key, "between"), key)
		}
		for _, r := range d.Readings {
			v.rendering(s, field("differences", d.Key, "readings"), r.Rendering)
		}
		for _, key := range d.Claims {
			if s.Claim(key) == nil {
				v.add(field("differences", d.Key, "claims"), "claim-unknown", key)
			}
		}
		v.need(field("differences", d.Key, "note"), d.Note, s.Language)
	}
}

func (v *validator) rendering(s *Statement, at, key string) {
	if s.Rendering(key) == nil {
		v.add(at, "key-unknown", key)
	}
}

func (v *validator) claim(s *Statement, c *Claim) {
	at := func(name string) string { return field("claims", c.Key, name) }
	v.term(at("topic"), VocabularyTopic, string(c.Topic))
	code(v, at("quantifier"), Quantifiers(), c.Quantifier)
	code(v, at("modality"), Modalities(), c.Modality)
	if c.Unit != "" {
		code(v, at("unit"), Units(), c.Unit)
	}
	code(v, at("bound"), Bounds(), c.Bound)
	v.need(at("paraphrase"), c.Paraphrase, s.Language)
	for _, q := range c.Quotes {
		if q.Rendering != "" {
			v.rendering(s, at("quotes"), q.Rendering)
		}
	}
	for _, r := range c.Relations {
		v.term(at("relations"), VocabularyClaimRelation, string(r.Kind))
		if r.To.Claim == "" {
			v.add(at("relations"), "claim-unknown", "")
		}
	}
}

// Validate returns everything that is wrong with an incident, by the codes with
// which a register begins.
func (i *Incident) Validate() Problems { return i.ValidateIn(nil) }

// ValidateIn returns everything that is wrong with an incident where the
// vocabularies have these terms.
func (i *Incident) ValidateIn(terms *Terms) Problems {
	v := &validator{terms: terms}
	v.slug(i.Slug)
	v.need("title", i.Title, i.Language)
	v.need("summary", i.Summary, i.Language)
	v.term("standing", VocabularyStanding, i.Standing)
	if len(i.Kinds) == 0 {
		v.add("kinds", "missing", "")
	}
	for _, k := range i.Kinds {
		code(v, "kinds", IncidentKinds(), k)
	}
	if len(i.Affected) == 0 {
		v.add("affected", "missing", "")
	}
	v.facts(i)
	v.affected(i)
	v.exposures(i)
	v.events(i)
	v.referrals(i)
	v.shown(i)
	v.characters(i)
	return v.problems
}

func (v *validator) affected(i *Incident) {
	for _, a := range i.Affected {
		for _, r := range a.Roles {
			code(v, field("affected", a.Key, "roles"), Roles(), r)
		}
	}
	for _, s := range i.Systems {
		for _, n := range s.Names {
			code(v, field("systems", s.Key, "kind"), SystemKinds(), n.Kind)
			v.need(field("systems", s.Key, "name"), n.Name, i.Language)
		}
	}
	for _, m := range i.Measures {
		v.need(field("measures", m.Key, "title"), m.Title, i.Language)
		v.need(field("measures", m.Key, "reported_by"), m.ReportedBy, i.Language)
	}
	for _, r := range i.Relations {
		code(v, "relations", IncidentRelationKinds(), r.Kind)
	}
}

func (v *validator) exposures(i *Incident) {
	for _, x := range i.Exposures {
		at := func(name string) string { return field("exposures", x.Key, name) }
		for _, c := range x.DataClasses {
			code(v, at("data_classes"), DataClasses(), c)
		}
		if x.Place != "" {
			code(v, at("place"), ExposurePlaces(), x.Place)
		}
		for _, f := range x.Figures {
			code(v, field("figures", f.Key, "unit"), Units(), f.Unit)
			code(v, field("figures", f.Key, "claimant"), Claimants(), f.Claimant)
			code(v, field("figures", f.Key, "bound"), Bounds(), f.Bound)
		}
		for _, p := range x.Authenticity {
			for _, f := range p.Findings {
				code(v, field("authenticity", p.Key, "findings"), Findings(), f)
			}
		}
	}
}

func (v *validator) events(i *Incident) {
	for _, e := range i.Events {
		at := func(name string) string { return field("events", e.Key, name) }
		code(v, at("kind"), EventKinds(), e.Kind)
		code(v, at("attestation"), Attestations(), e.Attestation)
		v.need(at("title"), e.Title, i.Language)
		if e.Attestation == Acknowledged && len(e.SaidIn) == 0 {
			v.add(at("attestation"), "not-official", "")
		}
		known := func(x Exposure) bool { return x.Key == e.Exposure }
		if e.Exposure != "" && !slices.ContainsFunc(i.Exposures, known) {
			v.add(at("exposure"), "key-unknown", e.Exposure)
		}
		if e.Kind == EventContext && len(e.RelatedBy) == 0 {
			v.add(at("related_by"), "missing", "")
		}
	}
}

func (v *validator) referrals(i *Incident) {
	for _, r := range i.Referrals {
		at := func(name string) string { return field("referrals", r.Key, name) }
		code(v, at("kind"), ReferralKinds(), r.Kind)
		if len(r.By) == 0 && r.ByName.IsZero() {
			v.add(at("by"), "missing", "")
		}
		if r.To == "" && r.ToName.IsZero() {
			v.add(at("to"), "missing", "")
		}
		if len(r.Steps) == 0 {
			v.add(at("steps"), "missing", "")
		}
		for _, s := range r.Steps {
			v.term(field("steps", s.Key, "step"), VocabularyStep, s.Step)
			v.term(field("steps", s.Key, "level"), VocabularyLevel, string(s.Level))
			v.need(field("steps", s.Key, "title"), s.Title, i.Language)
		}
		for _, key := range r.PossiblySame {
			if !slices.ContainsFunc(i.Referrals, func(o Referral) bool { return o.Key == key && key != r.Key }) {
				v.add(at("possibly_same"), "key-unknown", key)
			}
		}
	}
}

// shown asks that the incident shows every statement on which it rests, so
// that a reader can always go and see.
func (v *validator) shown(i *Incident) {
	EachFact(i, func(f *Fact) {
		for _, said := range f.SaidIn {
			if !slices.Contains(i.Statements, said.Statement) {
				v.add(f.Key, "statement-not-shown", string(said.Statement))
			}
		}
	})
}

// facts checks what all facts of a noun have in common: a key of its own, at
// least one source or statement, and dates that make sense.
func (v *validator) facts(noun any) *keys {
	taken := newKeys(v)
	EachFact(noun, func(f *Fact) {
		taken.take("facts", f.Key)
		if !f.Sourced() {
			v.add(f.Key, "unsourced", "")
		}
		v.dates(f.Key+".dates", f.Dates)
	})
	return taken
}

// dates checks assertions of a date: each says something, with a known basis;
// where several disagree exactly one is preferred, for a reason.
func (v *validator) dates(at string, ds Dates) {
	preferred := 0
	for _, d := range ds {
		if d.EDTF.IsZero() && d.Wording.IsZero() {
			v.add(at, "date-empty", "")
		}
		v.term(at+".basis", VocabularyDateBasis, string(d.Basis))
		if d.Preferred {
			preferred++
			if len(ds) > 1 && d.Reason.IsZero() {
				v.add(at, "date-reason-missing", d.EDTF.String())
			}
		}
	}
	if len(ds) > 1 && preferred == 0 {
		v.add(at, "date-not-preferred", "")
	}
	if preferred > 1 {
		v.add(at, "date-preferred-twice", "")
	}
}

// keys are the keys that a record has used.
type keys struct {
	v    *validator
	seen map[string]bool
}

func newKeys(v *validator) *keys { return &keys{v: v, seen: map[string]bool{"record": true}} }

func (k *keys) take(at, key string) {
	if !isKey(key) {
		k.v.add(at, "bad-key", key)
	}
	if k.seen[key] {
		k.v.add(at, "duplicate-key", key)
	}
	k.seen[key] = true
}

func (v *validator) slug(slug string) {
	if !isKey(slug) {
		v.add("slug", "slug-malformed", slug)
	}
}

func field(list, key, name string) string { return fmt.Sprintf("%s[%s].%s", list, key, name) }

var keyForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// isKey reports whether a key or slug is lower-case Latin letters and digits
// in words joined by hyphens, at most 80 characters.
func isKey(key string) bool {
	return len(key) <= 80 && keyForm.MatchString(key)
}

// webAddress asks that an address, if there is one, is that of a page of the web. Of a
// host in other letters than ASCII, which was not made a name where it came in, it says
// what to do.
func (v *validator) webAddress(at, address string) {
	if address == "" || isWebAddress(address) {
		return
	}
	problem := "url-malformed"
	if u, err := url.Parse(address); err == nil && u.User == nil && strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		problem = "url-host"
	}
	v.add(at, problem, address)
}

// isWebAddress reports whether an address is http or https with a host.
// It holds no user name, and its host is ASCII (an international name in its
// xn-- form), so that it leads where it seems to lead.
func isWebAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		!strings.ContainsFunc(u.Host, func(r rune) bool { return r > unicode.MaxASCII }) &&
		!strings.ContainsFunc(address, deceives)
}

// deceives reports whether a character can make a text read as what it is not:
// a control other than the line break and tab, or one that turns the direction
// of writing (Unicode Technical Report 36, section 3.3).
func deceives(r rune) bool {
	return r != '\n' && r != '\t' && unicode.IsControl(r) || r == utf8.RuneError ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
}

// characters asks that no text in a noun deceives.
func (v *validator) characters(noun any) {
	each(reflect.ValueOf(noun), func(field reflect.Value) {
		switch field.Kind() {
		case reflect.String:
			if strings.ContainsFunc(field.String(), deceives) {
				v.add("text", "bad-character", strconv.QuoteToASCII(field.String()))
			}
		case reflect.Map:
			for _, lang := range field.MapKeys() {
				if s := field.MapIndex(lang).String(); strings.ContainsFunc(s, deceives) {
					v.add("text", "bad-character", strconv.QuoteToASCII(s))
				}
			}
		default: // numbers hold no text
		}
	})
}
