package editorial_test

import (
	"errors"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// TestHostsAreKeptAsTheyAreAskedFor: an address whose host is in letters, Arabic or
// Latin, is kept with the name that is asked for, by every way that addresses come in;
// one that cannot be such a name is refused with what to do.
func TestHostsAreKeptAsTheyAreAskedFor(t *testing.T) {
	h := newHouse(t)
	const typed, kept = "https://مثال.المغرب/بلاغ?س=١", "https://xn--mgbh0fb.xn--mgbc0a9azcg/بلاغ?س=١"
	source := func(key, url string) register.Source {
		return register.Source{Key: key, Kind: register.SourcePressReport, Publisher: "مثال", URL: url}
	}
	wantKept := func(way, key, kept string) {
		t.Helper()
		if s, err := h.editorial.Source(t.Context(), h.analyst, key); err != nil || s.URL != kept {
			t.Errorf("%s: kept as %q, %v", way, s.URL, err)
		}
	}
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{source("alone", typed)}))
	wantKept("alone", "alone", kept)

	institution := smallInstitution("agence")
	institution.Website = "https://Société.example/"
	v, err := h.editorial.SaveEdit(t.Context(), h.analyst, editorial.Edit{
		Draft: editorial.Draft{Institution: institution}, Sources: []register.Source{source("with-a-draft", typed+"٢")},
	})
	must(t, err)
	wantKept("with a draft", "with-a-draft", kept+"٢")
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, v.ID)
	must(t, err)
	if draft.Institution.Website != "https://xn--socit-esab.example/" {
		t.Errorf("an institution is at %q", draft.Institution.Website)
	}

	// What is known by the name is found by the letters, and not kept twice.
	attached, err := h.editorial.AttachStatement(t.Context(), h.editor, editorial.Attachment{
		Statement: smallStatement("communique"), Issuer: smallInstitution("autre"),
		Source: &register.Source{Kind: register.SourceOfficial, Publisher: "مثال", URL: typed},
	})
	must(t, err)
	cited := h.statement(t, attached).Sources
	if len(cited) != 1 || cited[0] != "alone" {
		t.Errorf("cited are %v, want the source that is there", cited)
	}

	for _, url := range []string{"https://p\u0430ypal.example/", "https://مثالé.المغرب/", "https://é..example/"} {
		problems, _ := errors.AsType[register.Problems](h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{source("odd", url)}))
		if len(problems) != 1 || problems[0].Key != "problem.url-host" || problems[0].Value != url {
			t.Errorf("%q: %v", url, problems)
		}
	}
}
