package capture_test

import (
	"log/slog"
	"testing"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// TestEveryWordHasMessages: problems and warnings are keys, which the desk
// shows in three languages.
func TestEveryWordHasMessages(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load(slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{
		register.FileRestricted, register.FileIrregular, register.FileNoText, register.FileTextFailed,
		register.FileTextReversed, register.FileTextDoubtful, register.FileTextCut, register.FileNameDiffers,
	}
	for _, m := range []register.ExtractionMethod{
		register.ExtractedFromText, register.ExtractedByPoppler, register.ExtractedFromGlyphs, register.ExtractedByBothTools,
	} {
		keys = append(keys, m.Key())
	}
	for _, problem := range []string{
		"active", "damaged", "empty", "encrypted", "pages", "pixels", "too-large", "truncated", "type", "unreadable",
	} {
		keys = append(keys, "problem.file-"+problem)
	}
	for _, problem := range []string{"fetch-failed", "fetch-page", "fetch-refused", "fetch-slow", "fetch-status", "url-malformed"} {
		keys = append(keys, "problem."+problem)
	}
	for _, lang := range i18n.Langs() {
		for _, key := range keys {
			if !catalog.Localizer(lang).Has(key) {
				t.Errorf("%s: %s has no message", lang, key)
			}
		}
	}
}
