package editorial_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

func day(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	d, err := edtf.Parse(s)
	must(tb, err)
	return d
}

// fund is a social fund with names in two scripts, and an acronym.
func fund() *register.Institution {
	name := func(key string, lang register.Lang, kind register.NameKind, name string) register.InstitutionName {
		return register.InstitutionName{Key: key, Language: lang, Kind: kind, Name: name}
	}
	return &register.Institution{
		Language: register.French, Slug: "cnss", Kind: register.InstitutionSocialFund,
		Names: []register.InstitutionName{
			name("fr", register.French, register.NameOfficial, "Caisse nationale de sécurité sociale"),
			name("ar", register.Arabic, register.NameOfficial, "الصندوق الوطني للضمان الاجتماعي"),
			name("short", register.French, register.NameAcronym, "CNSS"),
			name("alias", register.Arabic, register.NameAlias, "الضمان الإجتماعي"),
		},
	}
}

func TestLogMakesADraftInOneStep(t *testing.T) {
	h := newHouse(t)
	v, err := h.editorial.Log(t.Context(), h.analyst, editorial.NewIncident{
		Title: "Fuite de données à l’agence", Lang: register.French, Kind: "information-content-security/data-leak",
		NewInstitution: &editorial.NewInstitution{Name: "Agence du bassin", Lang: register.French, Kind: register.InstitutionAgency},
		Date:           day(t, "2025-04"), URL: "https://press.example/fuite", Publisher: "La Presse",
	})
	must(t, err)
	draft, head, err := h.editorial.Load(t.Context(), h.analyst, v.ID)
	must(t, err)
	i := draft.Incident
	if head.Slug != "fuite-de-donnees-a-l-agence" || head.State != desk.StateDraft || i.Standing != "suspected" {
		t.Errorf("head %+v, standing %q", head, i.Standing)
	}
	if i.Occurred().String() != "2025-04" || len(i.Affected) != 1 || len(i.Sources) != 1 {
		t.Errorf("%+v", i)
	}
	made, _, err := h.editorial.Load(t.Context(), h.analyst, i.Affected[0].Institution)
	must(t, err)
	if name, _, _ := made.Institution.Name(register.NameOfficial, register.French); name != "Agence du bassin" {
		t.Errorf("the institution is %q", name)
	}
	source, err := h.editorial.Source(t.Context(), h.analyst, i.Sources[0])
	must(t, err)
	if source.Publisher != "La Presse" || source.Accessed.String() != "2026-11-20" {
		t.Errorf("the source is %+v", source)
	}
}

func TestLogKeepsWhatIsThere(t *testing.T) {
	h := newHouse(t)
	institution := h.draft(t, editorial.Draft{Institution: fund()})
	n := editorial.NewIncident{
		Title: "اختراق الصندوق", Lang: register.Arabic, Kind: "intrusions", Institution: institution.ID,
		Date: day(t, "2025-04-08"), URL: "https://press.example/a", Publisher: "La Presse",
	}
	var slugs []string
	var sources []string
	for _, address := range []string{"https://press.example/a", "http://press.example/a/"} {
		n.URL = address
		v, err := h.editorial.Log(t.Context(), h.analyst, n)
		must(t, err)
		draft, head, err := h.editorial.Load(t.Context(), h.analyst, v.ID)
		must(t, err)
		slugs, sources = append(slugs, head.Slug), append(sources, draft.Incident.Sources...)
	}
	if !slices.Equal(slugs, []string{"cnss-2025", "cnss-2025-2"}) {
		t.Errorf("slugs %v", slugs)
	}
	if len(sources) != 2 || sources[0] != sources[1] {
		t.Errorf("one page became two sources: %v", sources)
	}
}

func TestLogSaysWhatIsMissing(t *testing.T) {
	h := newHouse(t)
	whole := func() editorial.NewIncident {
		return editorial.NewIncident{
			Title: "Fuite", Lang: register.French, Kind: "intrusions", URL: "https://press.example/a", Publisher: "La Presse",
			NewInstitution: &editorial.NewInstitution{Name: "Agence", Lang: register.French, Kind: register.InstitutionAgency},
		}
	}
	cases := map[string]func(*editorial.NewIncident){
		"title":                func(n *editorial.NewIncident) { n.Title = " " },
		"institution":          func(n *editorial.NewIncident) { n.NewInstitution = nil },
		"kind":                 func(n *editorial.NewIncident) { n.Kind = "" },
		"publisher":            func(n *editorial.NewIncident) { n.Publisher = "" },
		"url":                  func(n *editorial.NewIncident) { n.URL = "ftp://press.example" },
		"institution.new.name": func(n *editorial.NewIncident) { n.NewInstitution.Name = "" },
		"institution.new.kind": func(n *editorial.NewIncident) { n.NewInstitution.Kind = "" },
	}
	for field, spoil := range cases {
		n := whole()
		spoil(&n)
		_, err := h.editorial.Log(t.Context(), h.analyst, n)
		var problems register.Problems
		if !errors.As(err, &problems) || problems[0].Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	_, err := h.editorial.Log(t.Context(), register.Actor{ID: h.analyst.ID}, whole())
	wantError(t, err, register.ErrForbidden)
	rows, _, err := h.editorial.List(t.Context(), h.analyst, desk.ListFilter{Type: register.TypeInstitution}, "")
	if err != nil || len(rows) != 0 {
		t.Errorf("what was refused left %v, %v", rows, err)
	}
	n := whole()
	n.URL, n.Publisher = "", ""
	_, err = h.editorial.Log(t.Context(), h.analyst, n)
	must(t, err)
}

func TestPickFindsByAnyName(t *testing.T) {
	h := newHouse(t)
	h.draft(t, editorial.Draft{Institution: smallInstitution("cnss-amis")})
	v := h.draft(t, editorial.Draft{Institution: fund()})
	for _, typed := range []string{
		"CNSS", "cnss", "cns", "securite", "SÉCURITÉ sociale", "curit", "caisse nat", "الصندوق", "الضمان الاجتماعي", "الضمان الإجتماعي", "ضمان", "so",
	} {
		found, err := h.editorial.Pick(t.Context(), h.analyst, register.TypeInstitution, typed, 5)
		must(t, err)
		if len(found) == 0 || found[0].ID != v.ID {
			t.Errorf("%q finds %+v", typed, found)
		}
	}
	for typed, want := range map[string]int{"": 2, "zzz": 0, "sécurité zzz": 0, "%": 2, "_": 2, "nationale": 1} {
		found, err := h.editorial.Pick(t.Context(), h.analyst, register.TypeInstitution, typed, 5)
		if err != nil || len(found) != want {
			t.Errorf("%q finds %d, %v; want %d", typed, len(found), err, want)
		}
	}
	for _, other := range []register.RecordType{register.TypeIncident, register.TypeStatement} {
		if found, err := h.editorial.Pick(t.Context(), h.analyst, other, "cnss", 5); err != nil || len(found) != 0 {
			t.Errorf("as %s: %v, %v", other, found, err)
		}
	}
	_, err := h.editorial.Pick(t.Context(), register.Actor{}, register.TypeInstitution, "cnss", 5)
	wantError(t, err, register.ErrForbidden)
	entries, err := h.editorial.Entries(t.Context(), h.analyst, []register.Ref{"none", v.ID})
	if err != nil || len(entries) != 1 || entries[0].Short[register.French] != "CNSS" {
		t.Errorf("entries %+v, %v", entries, err)
	}
}

func TestPickFindsSources(t *testing.T) {
	h := newHouse(t)
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{
		{Key: "hespress-1", Kind: register.SourcePressReport, Publisher: "Hespress", Title: "Cyberattaque : la CNSS réagit", URL: "https://hespress.example/1"},
		{Key: "le360-1", Kind: register.SourcePressReport, Publisher: "Le360", Title: "بلاغ الصندوق"},
	}))
	_, err := h.db.Owner().Exec(t.Context(), `DELETE FROM desk.source_directory`)
	must(t, err)
	must(t, h.editorial.CatchUp(t.Context()))
	for typed, want := range map[string]string{"hesp": "hespress-1", "reagit": "hespress-1", "الصندوق": "le360-1", "hespress.example": "hespress-1", "le360": "le360-1"} {
		found, err := h.editorial.PickSources(t.Context(), h.analyst, typed, 5)
		if err != nil || len(found) != 1 || found[0].Key != want {
			t.Errorf("%q finds %+v, %v", typed, found, err)
		}
	}
	all, next, err := h.editorial.ListSources(t.Context(), h.analyst, "", "")
	if err != nil || len(all) != 2 || next != "" {
		t.Errorf("list %v, %q, %v", all, next, err)
	}
}

func TestDuplicatesAreFound(t *testing.T) {
	h := newHouse(t)
	institution := h.draft(t, editorial.Draft{Institution: fund()})
	other := h.draft(t, editorial.Draft{Institution: smallInstitution("autre")})
	first, err := h.editorial.Log(t.Context(), h.analyst, editorial.NewIncident{
		Title: "Fuite de données à la CNSS", Lang: register.French, Kind: "intrusions", Institution: institution.ID,
		Date: day(t, "2025-04-08"), URL: "https://press.example/a", Publisher: "La Presse",
	})
	must(t, err)
	source, place, title := editorial.SameSource, editorial.SamePlace, editorial.SimilarName
	cases := []struct {
		name string
		like editorial.Like
		want []editorial.DuplicateReason
	}{
		{"nothing known", editorial.Like{}, nil},
		{"the same page", editorial.Like{URL: "https://press.example/a"}, []editorial.DuplicateReason{source}},
		{"the same page, spelled otherwise", editorial.Like{URL: "http://press.example/a/"}, []editorial.DuplicateReason{source}},
		{"another page", editorial.Like{URL: "https://press.example/b"}, nil},
		{"within 14 days", editorial.Like{Institution: institution.ID, Date: day(t, "2025-04-22")}, []editorial.DuplicateReason{place}},
		{"a day more", editorial.Like{Institution: institution.ID, Date: day(t, "2025-04-23")}, nil},
		{"14 days before", editorial.Like{Institution: institution.ID, Date: day(t, "2025-03-25")}, []editorial.DuplicateReason{place}},
		{"a day more before", editorial.Like{Institution: institution.ID, Date: day(t, "2025-03-24")}, nil},
		{"a month that can be near", editorial.Like{Institution: institution.ID, Date: day(t, "2025-03")}, []editorial.DuplicateReason{place}},
		{"an open window", editorial.Like{Institution: institution.ID, Date: day(t, "2024-01-01/..")}, []editorial.DuplicateReason{place}},
		{"another year", editorial.Like{Institution: institution.ID, Date: day(t, "2024")}, nil},
		{"another institution", editorial.Like{Institution: other.ID, Date: day(t, "2025-04-08")}, nil},
		{"without a date", editorial.Like{Institution: institution.ID}, nil},
		{"a similar title", editorial.Like{Title: "fuite de donnees CNSS"}, []editorial.DuplicateReason{title}},
		{"another title", editorial.Like{Title: "Hameçonnage de clients d’une banque"}, nil},
		{"all three", editorial.Like{
			URL: "https://press.example/a", Institution: institution.ID, Date: day(t, "2025-04-09"), Title: "Fuite de données à la CNSS",
		}, []editorial.DuplicateReason{source, place, title}},
	}
	for _, c := range cases {
		found, err := h.editorial.Duplicates(t.Context(), h.analyst, c.like)
		must(t, err)
		switch {
		case c.want == nil && len(found) > 0:
			t.Errorf("%s: found %+v", c.name, found)
		case c.want != nil && (len(found) != 1 || found[0].ID != first.ID || !slices.Equal(found[0].Reasons, c.want)):
			t.Errorf("%s: found %+v, want %v", c.name, found, c.want)
		}
	}
	_, err = h.editorial.Duplicates(t.Context(), register.Actor{}, editorial.Like{})
	wantError(t, err, register.ErrForbidden)
}

func TestSimilarTitleInAnotherLanguage(t *testing.T) {
	h := newHouse(t)
	i := &register.Incident{
		Language: register.French, Slug: "fuite", Standing: "suspected", Kinds: []string{"intrusions"},
		Title: register.Text{register.French: "Fuite de données", register.Arabic: "تسريب معطيات الصندوق الوطني"},
	}
	v := h.draft(t, editorial.Draft{Incident: i})
	found, err := h.editorial.Duplicates(t.Context(), h.analyst, editorial.Like{Title: "تسريب مُعطيات الصندوق"})
	if err != nil || len(found) != 1 || found[0].ID != v.ID {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestListIsFilteredAndPaged(t *testing.T) {
	h := newHouse(t)
	var all []register.Ref
	for n := range register.PageSize + 3 {
		v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence-" + string(rune('a'+n)))})
		all = append(all, v.ID)
	}
	reviewed, err := h.editorial.Save(t.Context(), h.editor, editorial.Draft{Institution: fund()})
	must(t, err)
	must(t, h.editorial.SendForReview(t.Context(), h.editor, reviewed, ""))

	of := register.TypeInstitution
	first, next, err := h.editorial.List(t.Context(), h.analyst, desk.ListFilter{Type: of}, "")
	must(t, err)
	second, last, err := h.editorial.List(t.Context(), h.analyst, desk.ListFilter{Type: of, After: next}, "")
	must(t, err)
	if len(first) != register.PageSize || len(second) != 4 || last != "" || first[0].ID != reviewed.ID || second[3].ID != all[0] {
		t.Errorf("pages of %d and %d rows, then %q", len(first), len(second), last)
	}
	cases := map[string]struct {
		filter desk.ListFilter
		typed  string
		want   int
	}{
		"in review":    {desk.ListFilter{State: desk.StateInReview}, "", 1},
		"discarded":    {desk.ListFilter{State: desk.StateDiscarded}, "", 0},
		"the editor's": {desk.ListFilter{Mine: h.editor.ID}, "", 1},
		"assigned":     {desk.ListFilter{Assigned: h.editor.ID}, "", 0},
		"by a name":    {desk.ListFilter{}, "agence-b", 1},
		"by both":      {desk.ListFilter{State: desk.StateDraft}, "CNSS", 0},
	}
	for name, c := range cases {
		c.filter.Type = of
		rows, _, err := h.editorial.List(t.Context(), h.analyst, c.filter, c.typed)
		if err != nil || len(rows) != c.want {
			t.Errorf("%s: %d rows, %v; want %d", name, len(rows), err, c.want)
		}
	}
	if share := first[0].Share; share < 40 || share > 95 {
		t.Errorf("the fund is %d %% complete", share)
	}
	for _, cursor := range []string{"x", "!!", "MjAyNQ"} {
		_, _, err := h.editorial.List(t.Context(), h.analyst, desk.ListFilter{Type: of, After: cursor}, "")
		wantError(t, err, register.ErrInvalid)
	}
	_, _, err = h.editorial.List(t.Context(), register.Actor{}, desk.ListFilter{}, "")
	wantError(t, err, register.ErrForbidden)
}

func TestOverviewShowsWhatIsInHand(t *testing.T) {
	h := newHouse(t)
	mine := h.draft(t, editorial.Draft{Institution: fund()})
	returned := h.draft(t, editorial.Draft{Institution: smallInstitution("renvoyee")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, returned, "à voir"))
	waiting := h.draft(t, editorial.Draft{Institution: smallInstitution("en-attente")})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, waiting, "prête"))
	must(t, h.editorial.Return(t.Context(), h.editor, returned, "sans source"))
	i := &register.Incident{
		Language: register.French, Slug: "fuite", Standing: "suspected", Title: register.Text{register.French: "Fuite"},
		Referrals: []register.Referral{{
			Fact: register.Fact{Key: "saisine"}, Kind: register.ReferralJudicial,
			Steps: []register.Step{{
				Fact: register.Fact{Key: "annonce", Dates: register.Dates{{EDTF: day(t, "2026-10-20"), Basis: register.BasisStated}}},
				Step: "announced", Level: register.AnnouncedByParty,
			}},
		}},
	}
	stale := h.draft(t, editorial.Draft{Incident: i})
	unseen := h.draft(t, editorial.Draft{Statement: &register.Statement{
		Language: register.French, Slug: "communique", Title: register.Text{register.French: "Communiqué"},
		Kind: register.StatementCommunique, OriginalNotSeen: true,
	}})
	o, err := h.editorial.Overview(t.Context(), h.analyst, 30)
	must(t, err)
	if len(o.InHand) != 4 || o.InHand[0].ID != unseen.ID || o.InHand[3].ID != mine.ID {
		t.Errorf("in hand: %+v", o.InHand)
	}
	if len(o.Returned) != 1 || o.Returned[0].ID != returned.ID || o.Returned[0].Note != "sans source" || len(o.ToReview) != 0 {
		t.Errorf("returned: %+v, to review: %+v", o.Returned, o.ToReview)
	}
	if len(o.Stale) != 1 || o.Stale[0].ID != stale.ID || o.Stale[0].Since.String() != "2026-10-20" {
		t.Errorf("stale: %+v", o.Stale)
	}
	if len(o.NotSeen) != 1 || o.NotSeen[0].ID != unseen.ID || len(o.Activity) == 0 {
		t.Errorf("not seen: %+v, activity %d", o.NotSeen, len(o.Activity))
	}
	o, err = h.editorial.Overview(t.Context(), h.editor, 32)
	must(t, err)
	if len(o.ToReview) != 1 || o.ToReview[0].ID != waiting.ID || o.ToReview[0].Note != "prête" || len(o.InHand) != 0 || len(o.Stale) != 0 {
		t.Errorf("the editor sees %+v", o)
	}
	h.publishWaiting(t, waiting)
	if o, err = h.editorial.Overview(t.Context(), h.editor, 0); err != nil || len(o.Published) != 1 || o.Published[0].ID != waiting.ID || o.Published[0].Number != 1 {
		t.Errorf("published: %+v, %v", o.Published, err)
	}
	_, err = h.editorial.Overview(t.Context(), register.Actor{}, 30)
	wantError(t, err, register.ErrForbidden)
}

func (h *house) publishWaiting(t *testing.T, v editorial.Version) {
	t.Helper()
	must(t, h.editorial.Approve(t.Context(), h.editor, v))
	_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, firstEdition)
	must(t, err)
}
