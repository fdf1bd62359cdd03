package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// TestAnItemIsRemovedOnAnOldPage merges a removal with what others saved since,
// and asks where they changed what is to be removed.
func TestAnItemIsRemovedOnAnOldPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, _ := s.whole(t, r)
	page := "/fr" + r.address + "/measures/" + draft.Incident.Measures[0].Key
	removal := url.Values{"version": {testkit.Ask(t, s, page+"/remove", testkit.As(testkit.Analyst)).Attr(`main input[name="version"]`, "value")}}
	change := func(page, title string) {
		if a := testkit.Post(t, s, page, sent(t, s, page, url.Values{"title.fr": {title}}), testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d", a.Status)
		}
	}
	change("/fr"+r.address+"/basics", "Le leur")
	change(page, "Mesure de l’autre")
	measures := func() int {
		draft, _ := s.whole(t, r)
		return len(draft.Incident.Measures)
	}
	whole := measures()
	for _, c := range []struct {
		take string
		left int
	}{{"theirs", whole}, {"mine", whole - 1}, {"", whole - 1}} { // the last: it has gone already
		a := testkit.Post(t, s, page+"/remove", removal, testkit.As(testkit.Analyst))
		if c.take != "" {
			choice := a.Page().Find(`input[name^="take."]`).First().AttrOr("name", "")
			if a.Status != http.StatusConflict || choice == "" || !strings.Contains(a.Text("main"), "Mesure de l’autre") {
				t.Fatalf("status %d: %s", a.Status, a.Text("main"))
			}
			answer := filled(t, a)
			answer.Set(choice, c.take)
			a = testkit.Post(t, s, page+"/remove", answer, testkit.As(testkit.Analyst))
		}
		if got := measures(); a.Status != http.StatusSeeOther || got != c.left {
			t.Errorf("take %q: status %d, %d measures, want %d", c.take, a.Status, got, c.left)
		}
	}
	if draft, _ = s.whole(t, r); draft.Incident.Title["fr"] != "Le leur" {
		t.Errorf("the title that somebody else gave is %q now", draft.Incident.Title["fr"])
	}
}

// TestNoAddressOfAPartIsAFault asks for every part of every type of record, by the keys of
// items that are there, that are not, and that are yet to be made, and sends empty forms:
// a page that asks whether a new item is to be removed once had nothing to ask about.
func TestNoAddressOfAPartIsAFault(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	for kind, slug := range map[register.RecordType]string{
		register.TypeIncident: "cnss-2025", register.TypeStatement: "cnss-communique-1", register.TypeInstitution: "cnss",
	} {
		r := s.record(t, kind, slug)
		version := url.Values{"version": {strconv.Itoa(r.Version)}}
		for _, part := range form.Parts(kind) {
			for end, want := range map[string]int{
				"": http.StatusOK, "/new": http.StatusOK, "/not-there": http.StatusNotFound,
				"/new/remove": http.StatusNotFound, "/not-there/remove": http.StatusNotFound,
			} {
				page := "/fr" + r.address + "/" + part.Name + end
				if part.Item == nil && end != "" || end == "/new" && part.Fixed {
					want = http.StatusNotFound
				}
				if part.Item != nil && end == "" { // a list is shown with the record, claims in a page of theirs
					continue
				}
				if a := testkit.Ask(t, s, page, testkit.As(testkit.Analyst)); a.Status != want {
					t.Errorf("%s: status %d, want %d", page, a.Status, want)
				}
				if a := testkit.Post(t, s, page, version, testkit.As(testkit.Analyst)); a.Status >= http.StatusInternalServerError || want == http.StatusNotFound && a.Status < http.StatusBadRequest {
					t.Errorf("%s, an empty form: status %d", page, a.Status)
				}
			}
		}
	}
}

func TestItemsMove(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	r := s.record(t, register.TypeIncident, "cnss-2025")
	draft, _ := s.whole(t, r)
	first, second := draft.Incident.Answers[0].Key, draft.Incident.Answers[1].Key
	move := url.Values{"part": {"answers"}, "key": {second}, "move": {"up"}, "version": {"1"}}
	move.Set("version", testkit.Ask(t, s, "/fr"+r.address, testkit.As(testkit.Analyst)).Attr(`#answers input[name="version"]`, "value"))
	if a := testkit.Post(t, s, "/fr"+r.address, move, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	page := "/fr" + r.address + "/basics"
	if a := testkit.Post(t, s, page, sent(t, s, page, url.Values{"title.en": {"Theirs"}}), testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	if a := testkit.Post(t, s, "/fr"+r.address, move, testkit.As(testkit.Analyst)); a.Status != http.StatusSeeOther {
		t.Errorf("a second click: status %d", a.Status)
	}
	move.Set("key", draft.Incident.Answers[2].Key)
	if a := testkit.Post(t, s, "/fr"+r.address, move, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Errorf("a move in a page that is old: status %d", a.Status)
	}
	third := draft.Incident.Answers[2].Key
	draft, _ = s.whole(t, r)
	if i := draft.Incident; i.Answers[0].Key != first || i.Answers[1].Key != third || i.Answers[2].Key != second || i.Title["en"] != "Theirs" {
		t.Errorf("the order is %v, the title %q", i.Answers, i.Title["en"])
	}
}
