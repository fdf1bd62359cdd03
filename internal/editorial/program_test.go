package editorial_test

import (
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// TestAProgramBringsNoEvidence: what a source showed is what this register has fetched
// itself, or somebody has attached, and not what a program says of it.
func TestAProgramBringsNoEvidence(t *testing.T) {
	h := newHouse(t)
	source := register.Source{
		Key: "src-claimed", Kind: register.SourcePressReport, Publisher: "Un journal", Language: "fr", URL: "https://example.org/a",
		Capture: &register.Capture{SHA256: ownFile, Size: 8, Type: register.TypePDF},
	}
	_, err := h.editorial.WriteDraft(t.Context(), h.analyst, editorial.Request{}, editorial.Edit{
		Draft: editorial.Draft{Institution: smallInstitution("agence")}, Sources: []register.Source{source},
	}, func(editorial.Written) (int, string, error) { return 201, "", nil })
	must(t, err)
	kept, err := desk.New(store.Wrap(h.db.Desk()).Querier()).Sources(t.Context(), []string{source.Key})
	if err != nil || len(kept) != 1 || kept[0].URL != source.URL || kept[0].Capture != nil {
		t.Errorf("kept is %+v, %v", kept, err)
	}
}
