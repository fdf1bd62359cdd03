package editorial_test

import (
	"errors"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

var notice = register.Text{"fr": "Publié par erreur", "ar": "نُشر عن طريق الخطأ", "en": "Published by mistake"}

// withdraw takes a withdrawal the whole way.
func (h *house) withdraw(tb testing.TB, r desk.Record) {
	tb.Helper()
	id, err := h.editorial.ProposeWithdrawal(tb.Context(), h.editor, editorial.Withdrawal{Record: r.ID, Notice: notice})
	must(tb, err)
	must(tb, h.editorial.Confirm(tb.Context(), h.editor2, id))
}

func wantWithdrawn(tb testing.TB, err error, removed bool) {
	tb.Helper()
	var withdrawn *register.WithdrawnError
	if !errors.Is(err, register.ErrWithdrawn) || !errors.As(err, &withdrawn) {
		tb.Fatalf("got %v, want it withdrawn", err)
	}
	if withdrawn.Removed != removed || withdrawn.Notice["ar"] == "" || withdrawn.At.IsZero() {
		tb.Errorf("%+v, want removed: %v", withdrawn, removed)
	}
}

func TestAWithdrawnStatementIsGoneFromWhatShowsIt(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	head := h.head(t, register.TypeStatement, "cnss-communique-1")
	before, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	totals, err := h.public.Totals(t.Context())
	must(t, err)
	h.withdraw(t, head)

	_, err = h.public.Statement(t.Context(), "cnss-communique-1")
	wantWithdrawn(t, err, false)
	e, err := h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if e.Edition != before.Edition || e.StatementOf(register.Ref(head.Reference)) != nil || len(e.Gone) != 1 || e.Gone[0].Reference != head.Reference {
		t.Errorf("edition %d; gone: %+v", e.Edition, e.Gone)
	}
	now, err := h.public.Totals(t.Context())
	must(t, err)
	rows, err := h.public.Newest(t.Context())
	must(t, err)
	if now.Statements != totals.Statements-1 || now.Claims >= totals.Claims {
		t.Errorf("%d statements, %d claims are counted", now.Statements, now.Claims)
	}
	if was := register.NewIncidentRow(before).Entries[register.EntryStatement]; rows[0].Entries[register.EntryStatement] >= was {
		t.Errorf("the list counts %d statements, before %d", rows[0].Entries[register.EntryStatement], was)
	}
	view, err := h.public.Institution(t.Context(), "cnss")
	must(t, err)
	for _, s := range view.Statements {
		if s.Reference == head.Reference {
			t.Error("the issuer's page still lists it")
		}
	}

	// What shows it is published again without it; then it comes back in the
	// ordinary way.
	h.again(t, h.head(t, register.TypeIncident, "cnss-2025"))
	h.again(t, head)
	back, err := h.public.Statement(t.Context(), "cnss-communique-1")
	must(t, err)
	if back.Edition != 2 || back.Correction != register.CorrectionMinor {
		t.Errorf("edition %d is back: %q", back.Edition, back.Correction)
	}
	e, err = h.public.Incident(t.Context(), "cnss-2025")
	must(t, err)
	if len(e.Gone) != 0 || e.StatementOf(register.Ref(head.Reference)) == nil {
		t.Error("the incident does not show it again")
	}
}

// again saves a record as it is and publishes it.
func (h *house) again(tb testing.TB, r desk.Record) {
	tb.Helper()
	draft, _, err := h.editorial.Load(tb.Context(), h.analyst, r.ID)
	must(tb, err)
	v, err := h.editorial.Save(tb.Context(), h.analyst, draft)
	must(tb, err)
	h.publish(tb, []editorial.Version{v})
}

func TestAWithdrawnInstitutionIsNamedNoMore(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	head := h.head(t, register.TypeInstitution, "cnss")
	h.withdraw(t, head)
	_, err := h.public.Institution(t.Context(), "cnss")
	wantWithdrawn(t, err, false)
	for _, f := range []register.IncidentFilter{{Institution: "cnss"}, {Query: "Caisse nationale de sécurité sociale"}} {
		list, err := h.public.Incidents(t.Context(), f)
		must(t, err)
		if f.Institution != "" && list.Total != 0 {
			t.Errorf("%+v finds %d incidents", f, list.Total)
		}
	}
	s, err := h.public.Statement(t.Context(), "cnss-communique-1")
	must(t, err)
	if len(s.Gone) != 1 || s.Institution(register.Ref(head.Reference)) != nil {
		t.Errorf("the statement shows %+v; gone %+v", s.Institutions, s.Gone)
	}
	h.again(t, h.head(t, register.TypeStatement, "cnss-communique-1"))
}

// TestAnIncidentMayLoseAllItsInstitutions: one that was withdrawn, as a person's name may have
// to be, is not kept in public because an incident names nobody else.
func TestAnIncidentMayLoseAllItsInstitutions(t *testing.T) {
	h := newHouse(t)
	agency := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	source := register.Source{Key: "src-1", Kind: register.SourceOfficial, Publisher: "Agence", Title: "Page", URL: "https://agence.example/"}
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{source}))
	incident := h.draft(t, editorial.Draft{Incident: &register.Incident{
		Language: "fr", Slug: "fuite", Title: inThree, Summary: inThree, Standing: register.Standings()[0],
		Kinds: []string{"information-content-security/data-leak"}, Sources: []string{"src-1"},
		Affected: []register.AffectedInstitution{{Fact: register.Fact{Key: "affected-1", Sources: []string{"src-1"}}, Institution: agency.ID}},
	}})
	h.publish(t, []editorial.Version{agency, incident})
	h.withdraw(t, h.head(t, register.TypeInstitution, "agence"))
	for range 2 {
		e, err := h.public.Incident(t.Context(), "fuite")
		must(t, err)
		list, err := h.public.Incidents(t.Context(), register.IncidentFilter{})
		must(t, err)
		if len(e.Institutions) != 0 || len(e.Gone) != 1 || list.Total != 1 || len(list.Rows[0].Institutions) != 0 {
			t.Errorf("it names %v, %d are gone; the list %+v", e.Institutions, len(e.Gone), list.Rows)
		}
		h.again(t, h.head(t, register.TypeIncident, "fuite"))
	}
}

func TestAWithdrawnIncidentIsInNoList(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	h.withdraw(t, h.head(t, register.TypeIncident, "cnss-2025"))
	_, err := h.public.Incident(t.Context(), "cnss-2025")
	wantWithdrawn(t, err, false)
	for _, f := range []register.IncidentFilter{{}, {Query: "CNSS"}} {
		list, err := h.public.Incidents(t.Context(), f)
		must(t, err)
		if list.Total != 0 {
			t.Errorf("%+v finds %d", f, list.Total)
		}
	}
	totals, err := h.public.Totals(t.Context())
	must(t, err)
	rows, err := h.public.Newest(t.Context())
	must(t, err)
	if totals.Incidents != 0 || totals.Referrals != 0 || len(rows) != 0 {
		t.Errorf("home: %+v, %d rows", totals, len(rows))
	}
	h.again(t, h.head(t, register.TypeIncident, "cnss-2025"))
	if _, err := h.public.Incident(t.Context(), "cnss-2025"); err != nil {
		t.Error(err)
	}
}

func TestAWithdrawalIsForTwoPersons(t *testing.T) {
	h := newHouse(t)
	r := h.published(t, "agence")
	_, err := h.editorial.ProposeWithdrawal(t.Context(), h.analyst, editorial.Withdrawal{Record: r.ID, Notice: notice})
	wantError(t, err, register.ErrForbidden)
	_, err = h.editorial.ProposeWithdrawal(t.Context(), h.editor, editorial.Withdrawal{Record: r.ID, Notice: register.Text{"fr": "x"}})
	wantProblem(t, err, "problem.language-missing")
	draft := h.draft(t, editorial.Draft{Institution: smallInstitution("brouillon")})
	_, err = h.editorial.ProposeWithdrawal(t.Context(), h.editor, editorial.Withdrawal{Record: draft.ID, Notice: notice})
	wantProblem(t, err, "problem.not-published")
	id, err := h.editorial.ProposeWithdrawal(t.Context(), h.editor, editorial.Withdrawal{Record: r.ID, Notice: notice})
	must(t, err)
	wantError(t, h.editorial.Confirm(t.Context(), h.editor, id), register.ErrForbidden)
	wantError(t, h.editorial.Confirm(t.Context(), h.analyst, id), register.ErrForbidden)
	wantError(t, h.editorial.Refuse(t.Context(), h.analyst, id, "non"), register.ErrForbidden)

	// Nothing that is about to be published is withdrawn beside it.
	v := h.change(t, h.analyst, editorial.Version{ID: r.ID, Version: r.Version}, smallInstitution("agence"))
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	wantProblem(t, h.editorial.Confirm(t.Context(), h.editor2, id), "problem.decision-in-review")
	must(t, h.editorial.Return(t.Context(), h.editor2, v, "plus tard"))
	must(t, h.editorial.Confirm(t.Context(), h.editor2, id))

	for name, sql := range map[string]string{
		"public again without an edition": `UPDATE record.heads SET state = 'published', notice = '{}' WHERE reference = 'IN-0001'`,
		"another notice":                  `UPDATE record.heads SET notice = '{"fr": "autre"}' WHERE reference = 'IN-0001'`,
		"taken down by the desk":          `UPDATE record.editions SET content = NULL, salt = NULL, reason = '{}'`,
	} {
		if _, err := h.db.Desk().Exec(t.Context(), sql); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestACorrectionSaysHowMuchItChanges(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	for n, want := range []register.Correction{"", register.CorrectionMinor, register.CorrectionMaterial} {
		if n > 0 {
			v = h.change(t, h.analyst, v, smallInstitution("agence"))
		}
		must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
		must(t, h.editorial.Approve(t.Context(), h.editor, v))
		var options []editorial.PublishOption
		if want == register.CorrectionMaterial {
			options = append(options, editorial.MaterialCorrection())
		}
		_, err := h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, nil, options...)
		wantProblem(t, err, "problem.missing")
		_, err = h.editorial.Publish(t.Context(), h.editor, []editorial.Version{v}, notice, options...)
		must(t, err)
		got, err := h.public.Institution(t.Context(), "agence")
		must(t, err)
		if got.Edition != n+1 || got.Correction != want || got.Reason["fr"] != notice["fr"] {
			t.Errorf("edition %d is %q, want %q; reason %v", got.Edition, got.Correction, want, got.Reason)
		}
	}
}

// TestASetTimeKeepsHowMuchIsCorrected publishes a material correction at a set
// time.
func TestASetTimeKeepsHowMuchIsCorrected(t *testing.T) {
	h := newHouse(t)
	r := h.published(t, "agence")
	v := h.change(t, h.analyst, editorial.Version{ID: r.ID, Version: r.Version}, smallInstitution("agence"))
	bundle, err := h.editorial.SendBundle(t.Context(), h.analyst, v, nil, "")
	must(t, err)
	dec := decision()
	dec.At, dec.Material = tomorrow(), true
	_, err = h.editorial.PublishBundle(t.Context(), h.editor, bundle, dec)
	must(t, err)
	h.clock.Set(tomorrow().Add(time.Minute))
	must(t, h.editorial.PublishDue(t.Context(), tomorrow().Add(time.Minute)))
	got, err := h.public.Institution(t.Context(), "agence")
	must(t, err)
	if got.Edition != 2 || got.Correction != register.CorrectionMaterial {
		t.Errorf("edition %d is %q", got.Edition, got.Correction)
	}
}
