package web_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/public"
)

// patience lets a test on a busy machine see what was published just now: how
// long a reader waits to be told is tested in the page cache.
const patience = 30 * time.Second

// realSite is the whole public side over a database with the founding record,
// read through the public role.
type realSite struct {
	*httptest.Server
	handler http.Handler
	db      *testkit.DB
	records *record.Store
	clock   *testkit.Clock
}

func newRealSite(tb testing.TB) *realSite {
	tb.Helper()
	s := &realSite{db: testkit.Founding(tb), clock: testkit.NewClock(testkit.FoundingDay())}
	s.records = record.NewStore(store.Wrap(s.db.Public()))
	s.Server = httptest.NewUnstartedServer(nil)
	// Canonical addresses are those of the test server, so that links can be
	// followed.
	s.handler = s.newHandler(tb, "http://"+s.Listener.Addr().String())
	s.Config.Handler = s.handler
	s.Start()
	tb.Cleanup(s.Close)
	return s
}

// newHandler makes a site over the same database whose cache is empty.
func (s *realSite) newHandler(tb testing.TB, base string) http.Handler {
	tb.Helper()
	handler, err := web.New(web.Config{
		BaseURL: base, Records: s.records, Exports: public.Exports{Source: s.records}, ExportRate: 10_000, Now: s.clock.Now, Patience: patience, Log: slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// starts are the addresses from which a crawl begins.
func starts() []string {
	return []string{"/", "/fr/", "/ar/", "/en/", "/fr/nothing", "/robots.txt", "/healthz", "/readyz", "/favicon.ico"}
}

// fewFilters keeps a crawl from all combinations of what lists and timelines let
// choose: two choices at once, one of files, one kind and one institution, and the same in
// another language, show every template that there is.
func fewFilters(u *url.URL) bool {
	if strings.Contains(u.Path, "/exports") && u.RawQuery != "" && !u.Query().Has("incident") {
		return true
	}
	most := 2
	if strings.HasSuffix(u.Path, ".csv") || strings.HasSuffix(u.Path, ".json") {
		most = 1
	}
	if to, err := url.Parse(u.Query().Get("to")); err == nil && to.RawQuery != "" {
		return fewFilters(to)
	}
	return len(u.Query()) > most || len(u.Query()["kind"]) > 1 || len(u.Query()["institution"]) > 1
}

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	testkit.SignLog(t, s.db, testkit.LogKeys(t), testkit.FoundingDay())
	answers := testkit.Crawl(t, s.handler, s.URL, fewFilters, starts()...)
	base, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	for target, a := range answers {
		if a.Status >= 400 && target != "/fr/nothing" {
			t.Errorf("%s: status %d", target, a.Status)
		}
		if a.Header.Get("Set-Cookie") != "" && !strings.HasPrefix(target, "/lang/") {
			t.Errorf("%s sets a cookie", target)
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		checkFragments(t, a, answers, base)
	}
	for _, lang := range register.Langs() {
		if answers["/"+string(lang)+"/incidents/cnss-2025"] == nil {
			t.Errorf("the founding record is not found from the front page in %s", lang)
		}
	}
	t.Logf("%d addresses", len(answers))
}

// checkFragments checks that the targets of links inside the site exist, and
// that every id is there once.
func checkFragments(t *testing.T, a *testkit.Answer, answers map[string]*testkit.Answer, base *url.URL) {
	t.Helper()
	ids := map[string]bool{}
	a.Page().Find("[id]").Each(func(_ int, e *goquery.Selection) {
		if id := e.AttrOr("id", ""); ids[id] {
			t.Errorf("%s: two elements with id %q", a.Target, id)
		} else {
			ids[id] = true
		}
	})
	for _, link := range a.Links(base) {
		target := answers[link.RequestURI()]
		if link.Fragment == "" || link.Host != base.Host || target == nil || !strings.HasPrefix(target.Header.Get("Content-Type"), "text/html") {
			continue
		}
		found := false
		target.Page().Find("[id]").Each(func(_ int, e *goquery.Selection) { found = found || e.AttrOr("id", "") == link.Fragment })
		if !found {
			t.Errorf("%s: %s leads to no element", a.Target, link)
		}
	}
}

// TestADraftNeverShows seeds drafts and looks for them in everything that the
// public side answers. Every text of a draft holds two words: one to ask for,
// and one that no request holds, so that it can come from the draft alone.
func TestADraftNeverShows(t *testing.T) {
	t.Parallel()
	const asked, secret = "qxzasked", "qxzsecret"
	s := newRealSite(t)
	seedDrafts(t, s, asked, asked+" "+secret)
	targets := starts()
	for _, lang := range register.Langs() {
		root := "/" + string(lang)
		targets = append(targets, root+"/incidents/"+asked, root+"/statements/"+asked, root+"/institutions/"+asked,
			"/lang/"+string(lang)+"?to=%2Fincidents%2F"+asked)
		for _, query := range []string{
			"", "q=" + asked, "institution=" + asked, "year=2025", "sort=published", "standing=suspected",
			"kind=malicious-code", "referral=none", "sector=other", "q=" + asked + "+CNSS", "q=%22" + asked + "%22", "after=" + asked,
		} {
			targets = append(targets, root+"/incidents?"+query)
		}
	}
	for _, list := range []string{"incidents", "statements", "institutions", "claims", "referrals", "sources", "editions"} {
		targets = append(targets, "/api/v1/"+list+"?limit=100", "/api/v1/"+list+"?limit=100&updated_since=2000-01-01", "/api/v1/"+list+"/"+asked)
	}
	for _, found := range register.SearchTypes() {
		targets = append(targets, "/api/v1/search?q="+asked+"&type="+string(found))
	}
	targets = append(targets, "/api/v1/incidents?institution="+asked, "/api/v1/claims?institution="+asked, "/api/v1/statistics", "/api/v1/vocabularies")
	answers := testkit.Crawl(t, s.handler, s.URL, fewFilters, targets...)
	for target, a := range answers {
		if strings.Contains(strings.ToLower(a.Body), secret) {
			t.Errorf("%s (status %d) shows a draft", target, a.Status)
		}
		for name, values := range a.Header {
			if strings.Contains(strings.ToLower(strings.Join(values, " ")), secret) {
				t.Errorf("%s: header %s shows a draft", target, name)
			}
		}
		if !strings.Contains(target, asked) && strings.Contains(strings.ToLower(a.Body), asked) {
			t.Errorf("%s (status %d) leads to a draft", target, a.Status)
		}
	}
	for target, a := range answers {
		if !strings.HasSuffix(target, "/"+asked) {
			continue
		}
		other := testkit.Ask(t, s.handler, strings.Replace(target, asked, "no-such-record", 1))
		if a.Status != http.StatusNotFound || a.Body != other.Body {
			t.Errorf("%s: status %d; a draft must look like nothing at all", target, a.Status)
		}
	}
	for target, a := range answers {
		if strings.Contains(target, "?q="+asked) && a.Status == http.StatusOK && a.Page().Find(`main a[href*="/incidents/"]`).Length() > 0 {
			t.Errorf("%s finds something", target)
		}
	}
}

// seedDrafts writes one draft of each type under a slug; all texts are words.
func seedDrafts(t *testing.T, s *realSite, slug, words string) {
	t.Helper()
	ctx := context.Background()
	deskDB := store.Wrap(s.db.Desk())
	account, err := desk.New(deskDB.Querier()).EnsureAccount(ctx, desk.Account{
		Email: "author@sijil.test", Name: words, Role: register.RoleAnalyst, Language: register.French,
	})
	if err != nil {
		t.Fatal(err)
	}
	text := register.Text{register.French: words, register.Arabic: words, register.English: words}
	desks := editorial.New(deskDB, s.clock.Now)
	actor := register.Actor{ID: account.ID, Role: register.RoleAnalyst}
	for _, draft := range []editorial.Draft{
		{Incident: &register.Incident{
			Language: register.French, Slug: slug, Title: text, Summary: text, Standing: "suspected", Country: "MA",
			Kinds:  []string{"malicious-code/infected-system"},
			Events: []register.Event{{Fact: register.Fact{Key: slug}, Kind: register.EventAttack, Attestation: register.Reported, Title: text, Body: text}},
		}},
		{Statement: &register.Statement{
			Language: register.French, Slug: slug, Title: text, Summary: text, Kind: register.StatementCommunique, Official: true,
			IssuerName: text, OriginalText: words,
		}},
		{Institution: &register.Institution{
			Language: register.French, Slug: slug, Kind: register.InstitutionOther, Sector: "other", Description: text,
			Names: []register.InstitutionName{{Key: "official", Language: register.French, Kind: register.NameOfficial, Name: words}},
		}},
	} {
		if _, err := desks.Save(ctx, actor, draft); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAStoppedDatabaseGivesAPage(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	line := testkit.NewLine(t, s.db.PublicURL())
	public, err := store.Open(t.Context(), line.URL, store.PublicSide)
	if err != nil {
		t.Fatal(err)
	}
	s.records = record.NewStore(public)
	handler := s.newHandler(t, s.URL)
	// The cache keeps no page before its first poll is answered, for which it
	// does not let a reader wait. Answers that it keeps have no id of a request.
	for kept := false; !kept; {
		a := testkit.Ask(t, handler, "/ar/incidents/cnss-2025")
		if a.Status != http.StatusOK {
			t.Fatalf("before: status %d", a.Status)
		}
		kept = a.Header.Get("X-Request-Id") == ""
	}
	line.Cut()
	s.clock.Advance(2 * time.Second)
	for _, target := range []string{"/fr/", "/ar/institutions/cnss", "/en/incidents?q=cnss", "/fr/incidents/no-such-record"} {
		a := testkit.Ask(t, handler, target)
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.Attr("html", "lang") != target[1:3] || a.Text("h1") == "" {
			t.Errorf("%s: status %d, lang %q", target, a.Status, a.Attr("html", "lang"))
		}
	}
	if a := testkit.Ask(t, handler, "/readyz"); a.Status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: status %d", a.Status)
	}
	if a := testkit.Ask(t, handler, "/ar/incidents/cnss-2025"); a.Status != http.StatusOK || a.Header.Get("Cache-Status") == "" {
		t.Errorf("the page in memory: status %d", a.Status)
	}
}

// TestTheTimeline holds the page against the record itself: order, content,
// counts and filters.
func TestTheTimeline(t *testing.T) {
	t.Parallel()
	s := newRealSite(t)
	edition, err := s.records.Incident(t.Context(), "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	timeline := register.NewTimeline(edition.Incident, edition.Statements)
	if timeline.Total < 10 {
		t.Fatalf("the founding record has %d entries", timeline.Total)
	}
	for _, lang := range register.Langs() {
		path := "/" + string(lang) + "/incidents/cnss-2025"
		whole := testkit.Ask(t, s.handler, path)
		sameEntries(t, whole, timeline.Entries)
		for i := range timeline.Entries {
			title, _, _ := timeline.Entries[i].Title.In(lang)
			item := whole.Text("#" + timeline.Entries[i].Anchor)
			if title == "" || !strings.Contains(plainText(item), plainText(title)) {
				t.Errorf("%s#%s does not say %q", path, timeline.Entries[i].Anchor, title)
			}
		}
		newest := timeline.Filter(register.TimelineFilter{Order: register.NewestFirst})
		sameEntries(t, testkit.Ask(t, s.handler, path+"?order=newest"), newest.Entries)
		for _, kind := range register.EntryKinds() {
			f := register.TimelineFilter{Kinds: []register.EntryKind{kind, register.EntryStatement}}
			filtered := testkit.Ask(t, s.handler, path+"?kind="+string(kind)+"&kind=statement")
			sameEntries(t, filtered, timeline.Filter(f).Entries)
		}
		checkChips(t, whole, timeline)
	}
}

// sameEntries checks that the page shows just these entries, in this order.
func sameEntries(t *testing.T, a *testkit.Answer, want []register.Entry) {
	t.Helper()
	var got, anchors []string
	a.Page().Find("li.entry").Each(func(_ int, e *goquery.Selection) { got = append(got, e.AttrOr("id", "")) })
	for i := range want {
		anchors = append(anchors, want[i].Anchor)
	}
	if !slices.Equal(got, anchors) {
		t.Errorf("%s shows\n%v, want\n%v", a.Target, got, anchors)
	}
}

// checkChips checks that each kind that occurs can be chosen, with its count.
func checkChips(t *testing.T, a *testkit.Answer, timeline register.Timeline) {
	t.Helper()
	for kind, count := range timeline.Counts {
		chip := a.Page().Find(`a.chip[href*="?kind=` + string(kind) + `"]`).First()
		if !strings.Contains(chip.Text(), itoa(count)) {
			t.Errorf("%s: chip of %s says %q, want %d", a.Target, kind, chip.Text(), count)
		}
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// plainText leaves out what typography adds: narrow and fixed spaces, isolates.
func plainText(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009':
			return ' '
		case '\u2066', '\u2067', '\u2068', '\u2069', '\u200e', '\u200f':
			return -1
		case '’':
			return '\''
		}
		return r
	}, s)
	return strings.ReplaceAll(strings.Join(strings.Fields(s), " "), " ", "")
}
