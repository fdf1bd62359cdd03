package exchange

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/register"
)

// MISP writes editions of incidents as events of MISP, by the schema of PyMISP: an
// event with attributes, each of which says who said it, since nothing is an
// indicator here. The schema knows no objects, so there are none. Identifiers follow
// from references and keys, and are the same in every edition.
type MISP struct {
	base      string
	namespace uuidBytes
}

// NewMISP returns an encoder for the register whose site has the origin base.
func NewMISP(base string) *MISP {
	return &MISP{base: base, namespace: urlNamespace().named(base).named("misp")}
}

type mispFile struct {
	Event mispEvent `json:"Event"`
}

// mispEvent is an event. Numbers are strings in it.
type mispEvent struct {
	UUID             string          `json:"uuid"`
	Info             string          `json:"info"`
	Date             string          `json:"date"`
	ThreatLevel      string          `json:"threat_level_id"`
	Analysis         string          `json:"analysis"`
	Distribution     string          `json:"distribution"`
	Published        bool            `json:"published"`
	Timestamp        string          `json:"timestamp"`
	PublishTimestamp string          `json:"publish_timestamp"`
	Org              mispOrg         `json:"Org"`
	Orgc             mispOrg         `json:"Orgc"`
	Attributes       []mispAttribute `json:"Attribute"`
	Tags             []mispTag       `json:"Tag"`
}

type mispOrg struct {
	Name string `json:"name"`
	UUID string `json:"uuid"`
}

type mispAttribute struct {
	UUID               string `json:"uuid"`
	Type               string `json:"type"`
	Category           string `json:"category"`
	Value              string `json:"value"`
	Comment            string `json:"comment,omitempty"`
	ToIDs              bool   `json:"to_ids"`
	DisableCorrelation bool   `json:"disable_correlation"`
	Distribution       string `json:"distribution"`
	Timestamp          string `json:"timestamp"`
}

type mispTag struct {
	Name   string `json:"name"`
	Colour string `json:"colour,omitempty"`
}

// The codes of MISP that are used.
const (
	mispUndefined    = "4" // no threat level: the register gives none
	mispCompleted    = "2" // what is published was reviewed
	mispEverybody    = "3" // distribution to all communities, as TLP:CLEAR
	mispInherited    = "5" // distribution of the event
	mispText         = "text"
	mispLink         = "link"
	mispAnalysis     = "External analysis"
	mispReference    = "Internal reference"
	mispTargets      = "Targeting data"
	mispOther        = "Other"
	mispColourOfTLP  = "#FFFFFF"
	mispOrganisation = "Sijil"
)

// Incident returns an incident as one line of JSON. An event has one day: that of the
// first public trace, where it is known to the day, else that of the edition; the
// date as it is known stands in an attribute.
func (m *MISP) Incident(e *register.IncidentEdition) ([]byte, error) {
	at := strconv.FormatInt(e.PublishedAt.Unix(), 10)
	org := mispOrg{Name: mispOrganisation, UUID: m.namespace.named("organisation").String()}
	w := &mispWriter{MISP: m, edition: e, at: at, seen: map[[3]string]bool{}}
	w.write()
	title, _, _ := e.Title.In(register.English)
	raw, err := json.Marshal(mispFile{mispEvent{
		UUID: m.namespace.named(e.Reference).String(), Info: e.Reference + " " + title, Date: mispDay(e), ThreatLevel: mispUndefined,
		Analysis: mispCompleted, Distribution: mispEverybody, Published: true, Timestamp: at, PublishTimestamp: at, Org: org, Orgc: org,
		Attributes: w.attributes, Tags: mispTags(e),
	}})
	if err != nil {
		return nil, fmt.Errorf("MISP: %w", err)
	}
	return append(raw, '\n'), nil
}

func mispDay(e *register.IncidentEdition) string {
	first, ok1 := e.Occurred().FirstDay()
	last, ok2 := e.Occurred().LastDay()
	if ok1 && ok2 && first == last {
		return first.String()
	}
	return e.PublishedAt.UTC().Format("2006-01-02")
}

// mispTags are TLP:CLEAR, that all of it is public, the classes of RSIT, and the
// standing of the incident.
func mispTags(e *register.IncidentEdition) []mispTag {
	out := []mispTag{{"tlp:clear", mispColourOfTLP}, {Name: "type:OSINT"}}
	for _, kind := range e.Kinds {
		class, value, typed := strings.Cut(kind, "/")
		name := "rsit:" + class
		if typed {
			name += `="` + value + `"`
		}
		out = append(out, mispTag{Name: name})
	}
	return append(out, mispTag{Name: `sijil:standing="` + e.Standing + `"`})
}

// mispWriter gathers the attributes of an event.
type mispWriter struct {
	*MISP
	edition    *register.IncidentEdition
	at         string
	attributes []mispAttribute
	seen       map[[3]string]bool
}

// add adds an attribute, unless it is empty or there already: MISP takes the same
// value once.
func (w *mispWriter) add(key, kind, category, value, comment string) {
	value = strings.TrimSpace(value)
	if value == "" || w.seen[[3]string{kind, category, value}] {
		return
	}
	w.seen[[3]string{kind, category, value}] = true
	w.attributes = append(w.attributes, mispAttribute{
		UUID: w.namespace.named(w.edition.Reference + "/" + key).String(), Type: kind, Category: category, Value: value, Comment: comment,
		DisableCorrelation: true, Distribution: mispInherited, Timestamp: w.at,
	})
}

func (w *mispWriter) write() {
	e := w.edition
	w.add("page", mispLink, mispReference, w.base+"/en/incidents/"+e.Slug, fmt.Sprintf("%s, edition %d, SHA-256 %s", e.Reference, e.Edition, e.SHA256))
	w.text("summary", e.Summary, "Summary")
	if d := e.Occurred(); !d.IsZero() {
		w.add("occurred", mispText, mispOther, d.String(), "Date of the first public trace (EDTF)")
	}
	for i := range e.Affected {
		a := &e.Affected[i]
		if inst := e.Institution(a.Institution); inst != nil {
			w.add(a.Key, "target-org", mispTargets, verisName(inst), inst.Reference+": "+joined(a.Roles))
		}
	}
	w.add("country", "target-location", mispTargets, e.Country, "ISO 3166-1")
	w.facts()
	w.statements()
	for i := range e.SourceList {
		s := &e.SourceList[i]
		w.add("source/"+s.Key, mispLink, mispAnalysis, URI(s.URL), strings.Trim(s.Publisher+": "+s.Title, ": "))
	}
}

// text adds a text in each language.
func (w *mispWriter) text(key string, t register.Text, comment string) {
	for _, lang := range register.Langs() {
		w.add(key+"/"+string(lang), mispText, mispAnalysis, t[lang], comment+" ("+string(lang)+")")
	}
}

// facts adds events, figures and steps of referrals, each with its date and on whose
// word it stands.
func (w *mispWriter) facts() {
	e := w.edition
	for i := range e.Events {
		x := &e.Events[i]
		w.add(x.Key, mispText, mispAnalysis, english(x.Title), comment("Event", string(x.Kind), string(x.Attestation), x.Dates.Date().String()))
	}
	for i := range e.Exposures {
		for j := range e.Exposures[i].Figures {
			f := &e.Exposures[i].Figures[j]
			number := strings.TrimSpace(f.Bound + " " + strconv.FormatInt(f.Value, 10) + " " + string(f.Unit))
			w.add(f.Key, mispText, mispAnalysis, number, comment("Figure of", string(f.Claimant), english(f.What), f.Dates.Date().String()))
		}
	}
	for i := range e.Referrals {
		for j := range e.Referrals[i].Steps {
			s := &e.Referrals[i].Steps[j]
			w.add(s.Key, mispText, mispAnalysis, english(s.Title), comment("Referral step", s.Step, string(s.Level), s.Dates.Date().String()))
		}
	}
}

// statements adds what was claimed, with who claimed it.
func (w *mispWriter) statements() {
	for i := range w.edition.Statements {
		s := &w.edition.Statements[i]
		issuer := english(s.IssuerName)
		if inst := w.edition.Institution(s.Issuer); inst != nil {
			issuer = english(inst.ShortName())
		}
		said := comment(s.Reference, string(s.Kind), "by "+issuer, s.Dates.Date().String())
		w.add(s.Reference, mispLink, mispReference, w.base+"/en/statements/"+s.Slug, said)
		for j := range s.Claims {
			c := &s.Claims[j]
			w.add(s.Reference+"/"+c.Key, mispText, mispAnalysis, english(c.Paraphrase), "Claim: "+comment(said, string(c.Topic), string(c.Modality)))
		}
	}
}

// english is a text in English, or in another language where there is none.
func english(t register.Text) string {
	words, _, _ := t.In(register.English)
	return words
}

// comment joins what is known.
func comment(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" && p != "by " {
			out = append(out, p)
		}
	}
	return strings.Join(out, "; ")
}

func joined(roles []register.Role) string {
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return strings.Join(out, ", ")
}
