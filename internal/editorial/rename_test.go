package editorial_test

import (
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func date(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	d, err := edtf.Parse(s)
	must(tb, err)
	return d
}

func TestARenamedInstitutionKeepsItsNames(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	head := h.head(t, register.TypeInstitution, "ministere-emploi")
	before, err := h.public.Institution(t.Context(), head.Slug)
	must(t, err)
	old := before.NameText(register.NameOfficial)
	at := editorial.Version{ID: head.ID, Version: head.Version}
	rename := editorial.Rename{
		Names: map[register.NameKind]register.Text{
			register.NameOfficial: {"fr": "Ministère du Travail", "ar": "وزارة الشغل", "en": "Ministry of Labour"},
		},
		From: date(t, "2027-03-01"), Sources: []string{"src-023"},
	}
	_, err = h.editorial.RenameInstitution(t.Context(), register.Actor{ID: h.analyst.ID}, at, rename)
	wantError(t, err, register.ErrForbidden)
	for _, bad := range []editorial.Rename{
		{From: rename.From, Sources: rename.Sources}, {Names: rename.Names, Sources: rename.Sources}, {Names: rename.Names, From: rename.From},
	} {
		if _, err := h.editorial.RenameInstitution(t.Context(), h.analyst, at, bad); err == nil {
			t.Errorf("accepted: %+v", bad)
		}
	}
	_, err = h.editorial.RenameInstitution(t.Context(), h.analyst, editorial.Version{ID: head.ID, Version: 9}, rename)
	wantError(t, err, register.ErrConflict)
	v, err := h.editorial.RenameInstitution(t.Context(), h.analyst, at, rename)
	must(t, err)
	h.publish(t, []editorial.Version{v})

	after, err := h.public.Institution(t.Context(), head.Slug)
	must(t, err)
	if got := after.NameText(register.NameOfficial); got["ar"] != "وزارة الشغل" || len(after.Names) != len(before.Names)+3 {
		t.Errorf("named %v, with %d names", got, len(after.Names))
	}
	for day, want := range map[edtf.Day]register.Text{
		{Year: 2027, Month: 2, Day: 28}: old,
		{Year: 2027, Month: 3, Day: 1}:  rename.Names[register.NameOfficial],
		{Year: 2030, Month: 1, Day: 1}:  rename.Names[register.NameOfficial],
	} {
		if got := after.NameOn(register.NameOfficial, day); got["fr"] != want["fr"] || got["ar"] != want["ar"] {
			t.Errorf("on %s it is named %v, want %v", day, got, want)
		}
	}
	if former := after.FormerNames(edtf.Day{Year: 2030, Month: 1, Day: 1}); len(former) != len(old) || former[0].Until.String() != "2027-03-01" {
		t.Errorf("former names: %+v", former)
	}
	if former := after.FormerNames(edtf.Day{Year: 2026, Month: 1, Day: 1}); len(former) != 0 {
		t.Errorf("former names before the day: %+v", former)
	}
}
