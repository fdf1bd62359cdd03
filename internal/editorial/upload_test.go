package editorial_test

import (
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// TestAnUploadIsOfWhoeverUploadedIt: until he confirms it nobody else sees it, nobody
// else confirms it, and nothing is imported.
func TestAnUploadIsOfWhoeverUploadedIt(t *testing.T) {
	h := newHouse(t)
	id, err := h.editorial.KeepUpload(t.Context(), h.analyst, editorial.Upload{
		ImportRun: register.ImportRun{Format: register.ImportSTIX, Name: "bundle.json"}, Content: []byte("{}"),
	})
	must(t, err)
	_, err = h.editorial.Upload(t.Context(), h.editor, id)
	wantError(t, err, register.ErrNotFound)
	wantError(t, h.editorial.ConfirmUpload(t.Context(), h.editor, id, false), register.ErrNotFound)
	_, _, err = h.editorial.OpenUpload(t.Context(), id)
	wantError(t, err, register.ErrNotFound)
	must(t, h.editorial.ConfirmUpload(t.Context(), h.analyst, id, false))
	wantError(t, h.editorial.ConfirmUpload(t.Context(), h.analyst, id, false), register.ErrConflict)
	u, err := h.editorial.Upload(t.Context(), h.editor, id)
	if err != nil || string(u.Content) != "{}" {
		t.Errorf("once it is confirmed: %q, %v", u.Content, err)
	}
}

// TestAnUploadIsImportedForWhoMayDraft: the job comes later, and whoever uploaded the
// file may have left by then.
func TestAnUploadIsImportedForWhoMayDraft(t *testing.T) {
	h := newHouse(t)
	id, err := h.editorial.KeepUpload(t.Context(), h.analyst, editorial.Upload{
		ImportRun: register.ImportRun{Format: register.ImportSTIX, Name: "bundle.json"}, Content: []byte("{}"),
	})
	must(t, err)
	must(t, h.editorial.ConfirmUpload(t.Context(), h.analyst, id, false))
	for _, c := range []struct {
		name, sql string
		want      error
	}{
		{"as he is", `SELECT FROM desk.accounts WHERE id = $1`, nil},
		{"deactivated", `UPDATE desk.accounts SET deactivated_at = now() WHERE id = $1`, register.ErrForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := h.db.Owner().Exec(t.Context(), c.sql, h.analyst.ID)
			must(t, err)
			_, u, err := h.editorial.OpenUpload(t.Context(), id)
			if c.want != nil {
				wantError(t, err, c.want)
			} else if err != nil || string(u.Content) != "{}" {
				t.Errorf("%q, %v", u.Content, err)
			}
		})
	}
}
