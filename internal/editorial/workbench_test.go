package editorial_test

import (
	"net/url"
	"reflect"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

func TestEveryVersionIsKept(t *testing.T) {
	h := newHouse(t)
	first := smallInstitution("agence")
	v := h.draft(t, editorial.Draft{Institution: first})
	second := smallInstitution("agence")
	second.Names[0].Name = "Agence renommée"
	later := h.change(t, h.analyst, v, second)

	for version, want := range map[editorial.Version]*register.Institution{v: first, later: second} {
		got, err := h.editorial.Revision(t.Context(), h.editor, version)
		must(t, err)
		if !reflect.DeepEqual(got.Institution, want) {
			t.Errorf("version %d is %+v, want %+v", version.Version, got.Institution, want)
		}
	}
	_, err := h.editorial.Revision(t.Context(), h.editor, editorial.Version{ID: v.ID, Version: 9})
	wantError(t, err, register.ErrNotFound)
	_, err = h.editorial.Revision(t.Context(), register.Actor{ID: h.analyst.ID}, v)
	wantError(t, err, register.ErrForbidden)

	draft, head, err := h.editorial.Load(t.Context(), h.editor, v.ID)
	must(t, err)
	if head.Version != later.Version || draft.Institution.Names[0].Name != "Agence renommée" {
		t.Errorf("loaded version %d: %+v", head.Version, draft.Institution)
	}
	for _, id := range []register.Ref{"no-such-record", "00000000-0000-0000-0000-000000000000"} {
		_, _, err = h.editorial.Load(t.Context(), h.editor, id)
		wantError(t, err, register.ErrNotFound)
	}
}

// TestCatchUpFindsWhatIsMissing takes away what is kept beside the contents,
// as in a register from before it was kept.
func TestCatchUpFindsWhatIsMissing(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Institution: smallInstitution("agence")})
	for _, sql := range []string{`DELETE FROM desk.directory`, `DELETE FROM desk.revisions`} {
		_, err := h.db.Owner().Exec(t.Context(), sql)
		must(t, err)
	}
	must(t, h.editorial.CatchUp(t.Context()))
	must(t, h.editorial.CatchUp(t.Context()))
	if _, err := h.editorial.Revision(t.Context(), h.editor, v); err != nil {
		t.Errorf("revision: %v", err)
	}
	var folded string
	must(t, h.db.Desk().QueryRow(t.Context(), `SELECT folded FROM desk.directory WHERE record_id = $1`, v.ID).Scan(&folded))
	if folded != " agence agence" {
		t.Errorf("the directory says %q", folded)
	}
}

func TestWorksheetsAreTheirOwners(t *testing.T) {
	h := newHouse(t)
	const place = "/desk/incidents/new"
	form := url.Values{"title": {"Fuite à l’agence"}, "kinds": {"a", "b"}}
	_, err := h.editorial.KeepWorksheet(t.Context(), h.analyst, place, form)
	must(t, err)
	got, err := h.editorial.Worksheet(t.Context(), h.analyst, place)
	must(t, err)
	if !reflect.DeepEqual(got.Form, form) {
		t.Errorf("got %v, want %v", got.Form, form)
	}
	_, err = h.editorial.Worksheet(t.Context(), h.editor, place)
	wantError(t, err, register.ErrNotFound)
	must(t, h.editorial.DropWorksheet(t.Context(), h.editor, place))
	if list, err := h.editorial.Worksheets(t.Context(), h.analyst); err != nil || len(list) != 1 || list[0].Place != place {
		t.Errorf("worksheets: %v, %v", list, err)
	}
	must(t, h.editorial.DropWorksheet(t.Context(), h.analyst, place))
	_, err = h.editorial.Worksheet(t.Context(), h.analyst, place)
	wantError(t, err, register.ErrNotFound)
}
