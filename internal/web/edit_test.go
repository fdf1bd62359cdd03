package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// recordAt is a record of the founding record, with its address at the desk.
type recordAt struct {
	desk.Record
	address string // after /{lang}
}

func (s *deskSite) record(t *testing.T, kind register.RecordType, slug string) recordAt {
	t.Helper()
	head, err := desk.New(store.Wrap(s.db.Desk()).Querier()).RecordBySlug(t.Context(), kind, slug)
	if err != nil {
		t.Fatalf("%s %s: %v", kind, slug, err)
	}
	return recordAt{head, "/desk/" + string(kind) + "s/" + string(head.ID)}
}

func (s *deskSite) whole(t *testing.T, r recordAt) (editorial.Draft, string) {
	t.Helper()
	draft, _, err := s.editorial.Load(t.Context(), s.staff[testkit.Analyst], r.ID)
	if err != nil {
		t.Fatal(err)
	}
	version := draft.Version
	draft.Version = 0
	raw, err := json.Marshal(draft)
	if err != nil {
		t.Fatal(err)
	}
	draft.Version = version
	return draft, string(raw)
}

// filled reads the form of a page as a browser would send it.
func filled(t *testing.T, a *testkit.Answer) url.Values {
	t.Helper()
	out := url.Values{}
	form := a.Page().Find("form.desk-form")
	if form.Length() != 1 {
		t.Fatalf("%s: status %d, %d forms", a.Target, a.Status, form.Length())
	}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, field *goquery.Selection) {
		name, _ := field.Attr("name")
		kind, _ := field.Attr("type")
		value, _ := field.Attr("value")
		_, checked := field.Attr("checked")
		switch {
		case (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(field) == "textarea":
			out.Add(name, strings.ReplaceAll(field.Text(), "\n", "\r\n"))
		case goquery.NodeName(field) == "select":
			value, _ = field.Find("option[selected]").Attr("value")
			out.Add(name, value)
		default:
			out.Add(name, value)
		}
	})
	return out
}

// editorPages are the addresses of the forms of all parts and items of a record.
func editorPages(r recordAt, draft editorial.Draft) []string {
	var noun any = draft.Incident
	switch r.Type {
	case register.TypeStatement:
		noun = draft.Statement
	case register.TypeInstitution:
		noun = draft.Institution
	case register.TypeIncident:
	}
	var out []string
	for _, p := range form.Parts(r.Type) {
		if p.Item == nil {
			out = append(out, r.address+"/"+p.Name)
			continue
		}
		for _, key := range p.Keys(noun) {
			out = append(out, r.address+"/"+p.Name+"/"+key)
		}
	}
	return out
}

// TestEveryPartIsSavedAsItWas opens the form of every part and item of a record
// of each type, sends it unchanged, and expects the record as it was.
func TestEveryPartIsSavedAsItWas(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	for kind, slug := range map[register.RecordType]string{
		register.TypeIncident: "cnss-2025", register.TypeStatement: "briefing-2025-04-10", register.TypeInstitution: "cnss",
	} {
		r := s.record(t, kind, slug)
		draft, before := s.whole(t, r)
		for i, page := range editorPages(r, draft) {
			lang := []string{"/fr", "/ar", "/en"}[i%3]
			sent := filled(t, testkit.Ask(t, s, lang+page, testkit.As(testkit.Analyst)))
			a := testkit.Post(t, s, lang+page, sent, testkit.As(testkit.Analyst))
			if a.Status != http.StatusSeeOther {
				t.Errorf("%s: status %d: %s", page, a.Status, a.Text(".error-summary"))
			}
		}
		if _, after := s.whole(t, r); after != before {
			at := firstDifference(after, before)
			t.Errorf("%s became\n%s\nfrom\n%s", r.address, after[at:min(at+300, len(after))], before[at:min(at+300, len(before))])
		}
	}
}

// firstDifference is a little before where two texts differ.
func firstDifference(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	return max(0, i-100)
}

func TestTheOverviewLeadsToEveryPart(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, _ := s.whole(t, r)
	a := testkit.Ask(t, s, "/fr"+r.address, testkit.As(testkit.Analyst))
	if a.Status != http.StatusOK {
		t.Fatalf("status %d", a.Status)
	}
	var links []string
	a.Page().Find("a[href]").Each(func(_ int, link *goquery.Selection) { links = append(links, link.AttrOr("href", "")) })
	for _, page := range append(editorPages(r, draft), r.address+"/events/new", r.address+"/preview?lang=ar") {
		if !slices.Contains(links, "/fr"+page) {
			t.Errorf("no link leads to %s", page)
		}
	}
}

// typedSomething lets everybody have typed something into a form of a record of
// each type, so that the desk's home leads there. The incident is a small one.
func typedSomething(t *testing.T, s *deskSite) {
	t.Helper()
	fund := s.record(t, register.TypeInstitution, "cnss")
	said := s.record(t, register.TypeStatement, "cnss-communique-2")
	saved, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], editorial.Draft{Incident: &register.Incident{
		Language: register.French, Slug: "panne-2026", Title: register.Text{register.French: "Panne"}, Standing: "suspected",
		Kinds: []string{"availability/outage"}, Statements: []register.Ref{said.ID},
		Affected: []register.AffectedInstitution{{Fact: register.Fact{Key: "fund"}, Institution: fund.ID}},
		Events: []register.Event{
			{Fact: register.Fact{Key: "outage"}, Kind: register.EventOther, Attestation: register.Reported},
			{Fact: register.Fact{Key: "restored"}, Kind: register.EventRestoration, Attestation: register.Reported},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	draft, _ := s.whole(t, said) // a draft of a statement, too
	if _, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], draft); err != nil {
		t.Fatal(err)
	}
	made, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], editorial.Draft{Institution: &register.Institution{
		Language: register.French, Slug: "agence-d-essai", Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{{Key: "official", Language: register.French, Kind: register.NameOfficial, Name: "Agence d’essai"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{fund.address + "/sources", said.address + "/speaker", "/desk/incidents/" + string(saved.ID) + "/sources", "/desk/institutions/" + string(made.ID) + "/sources"} {
		for _, email := range []string{testkit.Analyst, testkit.Editor, testkit.Admin} {
			if _, err := s.editorial.KeepWorksheet(t.Context(), s.staff[email], place, url.Values{"sources": {"src-001"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
