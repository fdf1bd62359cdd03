package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/testkit"
)

// TestEverythingCanBeCited asks for the citations of an incident, an entry, a
// claim and an institution, in each format.
func TestEverythingCanBeCited(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	hash := testkit.Ask(t, s, "/fr/incidents/cnss-2025/history").Text("#e1 .sha")
	if len(hash) != 64 {
		t.Fatalf("the history says that the hash is %q", hash)
	}
	for _, c := range []struct {
		path, mediaType, name string
		holds                 []string
	}{
		{"/fr/incidents/cnss-2025/editions/1/cite/text", "text/plain; charset=utf-8", "sijil-sj-2025-0001-1.txt", []string{"édition 1", hash, "/fr/incidents/cnss-2025/editions/1."}},
		{"/ar/incidents/cnss-2025/editions/1/cite/bibtex?part=attack", "application/x-bibtex; charset=utf-8", "sijil-sj-2025-0001-1-attack.bib", []string{"@misc{", "langid       = {arabic}", "/ar/incidents/cnss-2025/editions/1#attack}", hash}},
		{"/en/incidents/cnss-2025/editions/1/cite/ris?part=cnss-communique-1", "application/x-research-info-systems; charset=utf-8", "sijil-sj-2025-0001-1-cnss-communique-1.ris", []string{"TI  - First CNSS communiqué", "ER  - "}},
		{"/fr/statements/cnss-communique-1/editions/1/cite/csl?part=authenticity", "application/vnd.citationstyles.csl+json", "", []string{`"type": "entry"`, "#authenticity"}},
		{"/fr/institutions/cnss/editions/1/cite/text", "text/plain; charset=utf-8", "", []string{"Caisse nationale", "/fr/institutions/cnss/editions/1"}},
	} {
		a := testkit.Ask(t, s, c.path)
		if a.Status != http.StatusOK || a.Header.Get("Content-Type") != c.mediaType || !strings.Contains(a.Header.Get("Content-Disposition"), c.name) {
			t.Errorf("%s: status %d, %s, %s", c.path, a.Status, a.Header.Get("Content-Type"), a.Header.Get("Content-Disposition"))
		}
		for _, want := range c.holds {
			if !strings.Contains(a.Body, want) {
				t.Errorf("%s: no %q in\n%s", c.path, want, a.Body)
			}
		}
	}
	for path, status := range map[string]int{
		"/fr/incidents/cnss-2025/editions/1/cite/word":           http.StatusNotFound,
		"/fr/incidents/cnss-2025/editions/9/cite":                http.StatusNotFound,
		"/fr/incidents/cnss-2025/editions/1/cite?part=nothing":   http.StatusNotFound,
		"/fr/incidents/cnss-2025/editions/1/cite?part=%7Battack": http.StatusBadRequest,
		"/fr/incidents/cnss-2025/editions/1/cite?part=attack":    http.StatusOK,
		"/ar/statements/cnss-communique-1/editions/1/cite":       http.StatusOK,
		"/en/institutions/cnss/editions/1/cite":                  http.StatusOK,
	} {
		if a := testkit.Ask(t, s, path); a.Status != status {
			t.Errorf("%s: status %d, want %d", path, a.Status, status)
		}
	}
	page := testkit.Ask(t, s, "/fr/incidents/cnss-2025")
	if to := page.Attr(`.side-box a[href$="/cite/bibtex"]`, "href"); to != "/fr/incidents/cnss-2025/editions/1/cite/bibtex" {
		t.Errorf("the page leads to %q", to)
	}
}
