package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
)

// LargestSTIX bounds a bundle, which is read whole: its objects point to each other.
const LargestSTIX = 64 << 20

// shortestObject is shorter than any object of STIX, which has a type and an identifier.
// In memory each takes ten times that: of a file of nothing but braces, hundreds of times
// what it is. As many as fewObjects may be shorter, and are reported one by one.
const (
	shortestObject = 40 // bytes
	fewObjects     = 1000
)

// STIXReader reads a bundle of STIX 2.1: incidents, organisations, and reports and notes
// as statements. What points to one of them (relationships, words in other languages)
// goes with it into its origin.
type STIXReader struct {
	rules   *verisRules
	objects []stixIn
	byID    map[string]*stixIn
	at      int
}

// stixIn is what is read of an object.
type stixIn struct {
	Type          string   `json:"type"`
	ID            string   `json:"id"`
	Lang          string   `json:"lang"`
	Name          string   `json:"name"`
	Abstract      string   `json:"abstract"`
	Description   string   `json:"description"`
	Content       string   `json:"content"`
	IdentityClass string   `json:"identity_class"`
	Aliases       []string `json:"aliases"`
	CreatedByRef  string   `json:"created_by_ref"`
	Published     string   `json:"published"`
	ObjectRef     string   `json:"object_ref"`
	ObjectRefs    []string `json:"object_refs"`
	SourceRef     string   `json:"source_ref"`
	TargetRef     string   `json:"target_ref"`
	Revoked       bool     `json:"revoked"`
	References    []struct {
		SourceName  string `json:"source_name"`
		Description string `json:"description"`
		URL         string `json:"url"`
	} `json:"external_references"`
	Contents map[string]struct {
		Name        string `json:"name"`
		Abstract    string `json:"abstract"`
		Description string `json:"description"`
		Content     string `json:"content"`
	} `json:"contents"`

	raw     json.RawMessage
	related []*stixIn // what points to it and is no record itself
	taken   bool      // it went into the origin of another
	number  int       // its place in the bundle, from 1
}

// ErrNoBundle is returned for what is no bundle of STIX 2.1.
var ErrNoBundle = errors.New("this is no bundle of STIX 2.1, or it is larger than 64 MiB")

// NewSTIXReader reads a bundle; ErrNoBundle when it is none.
func NewSTIXReader(file io.Reader) (*STIXReader, error) {
	rules, err := readVERISRules()
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, LargestSTIX+1))
	if err != nil {
		return nil, err
	}
	var bundle struct {
		Type    string            `json:"type"`
		Objects []json.RawMessage `json:"objects"`
	}
	if len(raw) > LargestSTIX || !utf8.Valid(raw) || json.Unmarshal(raw, &bundle) != nil || bundle.Type != "bundle" {
		return nil, ErrNoBundle
	}
	if len(bundle.Objects) > fewObjects+len(raw)/shortestObject {
		return nil, ErrNoBundle
	}
	r := &STIXReader{rules: rules, objects: make([]stixIn, len(bundle.Objects)), byID: map[string]*stixIn{}}
	for i, raw := range bundle.Objects {
		o := &r.objects[i]
		if len(raw) > longestValue || json.Unmarshal(raw, o) != nil {
			*o = stixIn{} // it is reported as unreadable
		}
		o.raw, o.number = raw, i+1
		if o.ID != "" && r.byID[o.ID] == nil {
			r.byID[o.ID] = o
		}
	}
	r.relate()
	return r, nil
}

// relate puts what only points to records with them.
func (r *STIXReader) relate() {
	for i := range r.objects {
		o := &r.objects[i]
		if o.Type != "relationship" && o.Type != "language-content" {
			continue
		}
		for _, id := range []string{o.ObjectRef, o.SourceRef, o.TargetRef} {
			if to := r.byID[id]; to != nil && to.isRecord() {
				to.related = append(to.related, o)
				o.taken = true
			}
		}
	}
}

// isRecord reports whether an object may become one.
func (o *stixIn) isRecord() bool {
	return slices.Contains([]string{"incident", "identity", "report", "note"}, o.Type) && o.ID != ""
}

// Next returns what the next object becomes; io.EOF behind the last. The line of one is
// its place in the bundle.
func (r *STIXReader) Next() (register.Arrival, error) {
	for r.at < len(r.objects) {
		o := &r.objects[r.at]
		r.at++
		if !o.taken {
			return r.arrival(o), nil
		}
	}
	return register.Arrival{}, io.EOF
}

// Again returns what an object becomes that was read before.
func (r *STIXReader) Again(o register.Origin) register.Arrival {
	if found := r.byID[o.ID]; found != nil {
		return r.arrival(found)
	}
	return register.Arrival{Origin: o, Skip: register.SkipUnreadable}
}

func (r *STIXReader) arrival(o *stixIn) register.Arrival {
	out := register.Arrival{Origin: register.Origin{Format: register.ImportSTIX, ID: o.ID, Line: o.number, Raw: o.origin()}}
	switch {
	case o.Type == "":
		out.Skip = register.SkipUnreadable
	case o.ID == "":
		out.Skip = register.SkipNoIdentifier
	case !o.isRecord() || o.Revoked:
		out.Skip, out.Detail = register.SkipNoPlace, o.Type
	case o.Type == "incident":
		r.incident(o, &out)
	case o.Type == "identity":
		i, ok := r.institution(o.ID)
		if !ok {
			out.Skip, out.Detail = register.SkipNoPlace, "identity: "+o.IdentityClass
			break
		}
		out.Institutions = []register.Institution{i}
	default:
		r.statement(o, &out)
	}
	return out
}

// origin is the object as it came, with what only points to it.
func (o *stixIn) origin() []byte {
	parts := []string{string(o.raw)}
	for _, other := range o.related {
		parts = append(parts, string(other.raw))
	}
	return []byte(`{"type":"bundle","objects":[` + strings.Join(parts, ",") + `]}`)
}

// lang is the language of an object's words; English where it names none of the
// register's, as STIX takes it for.
func (o *stixIn) lang() register.Lang {
	tag, _, _ := strings.Cut(strings.ToLower(o.Lang), "-")
	if slices.Contains(register.Langs(), register.Lang(tag)) {
		return register.Lang(tag)
	}
	return register.English
}

// says are words of an object in its languages: of the first field that it has.
func (o *stixIn) says(fields ...string) register.Text {
	out := register.Text{}
	pick := func(lang register.Lang, has map[string]string) {
		for _, f := range fields {
			if has[f] != "" {
				out[lang] = has[f]
				return
			}
		}
	}
	for _, other := range o.related {
		for tag, c := range other.Contents {
			if lang := register.Lang(strings.ToLower(tag)); slices.Contains(register.Langs(), lang) {
				pick(lang, map[string]string{"name": c.Name, "abstract": c.Abstract, "description": c.Description, "content": c.Content})
			}
		}
	}
	pick(o.lang(), map[string]string{"name": o.Name, "abstract": o.Abstract, "description": o.Description, "content": o.Content})
	if len(out) == 0 {
		return nil
	}
	return out
}

// cite adds the sources that an object names, and returns their keys.
func (o *stixIn) cite(out *register.Arrival) []string {
	var keys []string
	for _, ref := range o.References {
		s := register.Source{Kind: register.SourcePressReport, Publisher: tidy(ref.SourceName), Title: tidy(ref.Description), URL: lookalike.ASCII(ref.URL)}
		if s.URL == "" || len(keys) == mostReferences {
			continue
		}
		if s.Key = webKey(s.URL); len(s.Validate()) > 0 || slices.Contains(keys, s.Key) {
			continue
		}
		out.Sources, keys = append(out.Sources, s), append(keys, s.Key)
	}
	return keys
}

// institution is an organisation of the bundle. Natural persons are none.
func (r *STIXReader) institution(id string) (register.Institution, bool) {
	o := r.byID[id]
	if o == nil || o.Type != "identity" || o.IdentityClass == "individual" {
		return register.Institution{}, false
	}
	name := tidy(o.Name)
	if r.rules.isUnnamed(name) || r.rules.isPerson(name) {
		return register.Institution{}, false
	}
	i := register.Institution{
		Language: o.lang(), Slug: r.rules.institutionSlug("stix", name, ""), Kind: register.InstitutionOther,
		Names: []register.InstitutionName{{Key: "name-" + string(o.lang()), Language: o.lang(), Kind: register.NameOfficial, Name: name}},
	}
	for n, alias := range o.Aliases {
		if alias = tidy(alias); alias != "" && !r.rules.isPerson(alias) {
			i.Names = append(i.Names, register.InstitutionName{
				Key: fmt.Sprintf("alias-%d", n+1), Language: o.lang(), Kind: register.NameAlias, Name: alias,
			})
		}
	}
	return i, true
}

// fraction is that of a second, which dates of the register do not have.
var fraction = regexp.MustCompile(`\.\d+Z$`)

func stixSlug(o *stixIn) string { return lastSlug(strings.ReplaceAll(o.ID, "--", "-")) }

func (r *STIXReader) incident(o *stixIn, out *register.Arrival) {
	cited := o.cite(out)
	i := &register.Incident{
		Language: o.lang(), Slug: stixSlug(o), Title: o.says("name"), Summary: o.says("description"),
		Standing: register.Standings()[0], Sources: cited,
	}
	for _, link := range o.related {
		for _, id := range []string{link.SourceRef, link.TargetRef} {
			institution, ok := r.institution(id)
			known := func(x register.Institution) bool { return x.Slug == institution.Slug }
			if !ok || slices.ContainsFunc(out.Institutions, known) {
				continue
			}
			out.Institutions = append(out.Institutions, institution)
			i.Affected = append(i.Affected, register.AffectedInstitution{
				Fact: register.Fact{Key: fmt.Sprintf("affected-%d", len(i.Affected)+1), Sources: cited}, Institution: register.Ref(institution.Slug),
			})
		}
	}
	out.Incident = i
}

func (r *STIXReader) statement(o *stixIn, out *register.Arrival) {
	s := &register.Statement{
		Language: o.lang(), Slug: stixSlug(o), Kind: register.StatementThirdParty,
		Title: o.says("name", "abstract"), Summary: o.says("description", "content"), Sources: o.cite(out),
	}
	if d, err := edtf.Parse(fraction.ReplaceAllString(o.Published, "Z")); err == nil {
		s.Dates = register.Dates{{EDTF: d, Basis: register.BasisStated, Sources: s.Sources}}
	}
	if institution, ok := r.institution(o.CreatedByRef); ok {
		out.Institutions = []register.Institution{institution}
		s.Issuer = register.Ref(institution.Slug)
	}
	out.Statement = s
}
