package web_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	storedesk "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
	"github.com/sijil/sijil/internal/web/public"
)

// aviary is a site with both sides, the founding record, its log, its dumps; and
// later with drafts of which nothing may get out.
type aviary struct {
	*deskSite
	auth     *auth.Auth
	settings *desk.Config
	records  *record.Store
	canaries *testkit.Canaries
	token    string // of a program
	// hidden are names by which what is hidden could be asked for.
	hidden []string
	// sent is what waits for a review, with all its parts, and published the slug of
	// the incident in it, and word one of its title.
	sent, published, word string
	// given are the addresses of what is published to be saved, with the bytes.
	given map[string]string
}

func newAviary(tb testing.TB) *aviary {
	tb.Helper()
	a := &aviary{canaries: testkit.NewCanaries(tb)}
	a.deskSite = newDeskSite(tb, testkit.Founding(tb), func(c *desk.Config) { a.auth, a.settings = c.Auth, c })
	a.records = record.NewStore(store.Wrap(a.db.Public()))
	a.give(tb)
	testkit.SignLog(tb, a.db, testkit.LogKeys(tb), a.clock.Now())
	words, err := i18n.Load(nil)
	if err != nil {
		tb.Fatal(err)
	}
	dumps := jobs.Dumps{
		DB: store.Wrap(a.db.Desk()), Source: a.records, Blobs: a.blobs, Base: "http://sijil.test", Words: words.Localizer("fr"), Days: 2,
		Spool: func() (exchange.Spool, error) { return os.CreateTemp(tb.TempDir(), "") },
	}
	if err := dumps.Take(tb.Context(), a.clock.Now()); err != nil {
		tb.Fatal(err)
	}
	return a
}

// give publishes a document, and a copy of a page that its rights allow to give: the
// founding record has neither, and by nothing that is not given it is not proved that
// anything is.
func (a *aviary) give(tb testing.TB) {
	tb.Helper()
	const piece = "Une pièce que chacun peut lire."
	file := register.File{Name: "piece.txt", Type: register.TypeText, SHA256: register.HashOf([]byte(piece)), Size: int64(len(piece))}
	if _, err := a.editorial.AttachFile(tb.Context(), a.staff[testkit.Analyst], file, []byte(piece)); err != nil {
		tb.Fatal(err)
	}
	err := a.editorial.WithCaptures().SaveSources(tb.Context(), a.staff[testkit.Analyst], []register.Source{{
		Key: capturedSource, Kind: register.SourceOfficial, Publisher: "Le Fonds", Title: "Communiqué", Language: "fr",
		URL: "https://fonds.example/communique", CaptureOpen: true,
	}})
	if err != nil {
		tb.Fatal(err)
	}
	a.captured(tb, http.StatusOK, captureIs)
	a.corrected(tb, register.TypeStatement, "cnss-communique-1", func(d *editorial.Draft) {
		d.Statement.Sources = append(slices.Clone(d.Statement.Sources), capturedSource)
		d.Statement.Documents = append(slices.Clone(d.Statement.Documents), register.Document{
			Fact: register.Fact{Key: "piece", Sources: []string{capturedSource}}, Name: file.Name, Type: file.Type, SHA256: file.SHA256, Size: file.Size,
		})
	})
	_, kept, err := a.editorial.CaptureOf(tb.Context(), a.staff[testkit.Analyst], capturedSource)
	if err != nil || len(kept) != 1 {
		tb.Fatalf("%d copies, %v", len(kept), err)
	}
	content, _, err := a.blobs.Open(tb.Context(), kept[0].WARC)
	if err != nil {
		tb.Fatal(err)
	}
	warc, err := io.ReadAll(content)
	if err = errors.Join(err, content.Close()); err != nil {
		tb.Fatal(err)
	}
	a.given = map[string]string{"/documents/" + file.SHA256: piece, "/captures/" + kept[0].WARC: string(warc)}
}

// fresh is the site anew, with nothing in memory.
func (a *aviary) fresh(tb testing.TB) http.Handler {
	tb.Helper()
	handler, err := web.New(web.Config{
		BaseURL: "http://sijil.test", Records: a.records, Exports: public.Exports{Source: a.records}, Now: a.clock.Now, Patience: patience,
		APIRate: 1_000_000, ExportRate: 1_000_000, Blobs: a.blobs, Desk: a.settings,
		Log: slog.New(slog.NewTextHandler(tb.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return handler
}

// seed hides in the desk whatever can be hidden there: new records and changes of
// published ones, in every state, and all that staff write beside them.
func (a *aviary) seed(tb testing.TB) {
	tb.Helper()
	ctx, c := tb.Context(), a.canaries
	analyst, editor := a.staff[testkit.Analyst], a.staff[testkit.Editor]
	must := func(what string, err error) {
		tb.Helper()
		if err != nil {
			tb.Fatalf("%s: %v", what, err)
		}
	}
	a.point(tb)
	source := register.Source{}
	c.Fill(&source)
	source.CaptureOpen = true
	must("source", a.editorial.SaveSources(ctx, analyst, []register.Source{source}))
	c.Source = source.Key
	a.hide(source.Key, source.Capture.WARC, source.Capture.SHA256)
	for _, name := range []string{"in draft", "in review"} {
		st, in, i := &register.Statement{}, &register.Institution{}, &register.Incident{}
		c.Fill(st)
		statement := a.draft(tb, editorial.Draft{Statement: st})
		c.Fill(in)
		institution := a.draft(tb, editorial.Draft{Institution: in})
		c.Fill(i)
		i.Statements = append(i.Statements, statement.ID)
		i.Affected[0].Institution = institution.ID
		incident := a.draft(tb, editorial.Draft{Incident: i})
		if name == "in draft" {
			continue
		}
		bundle, err := a.editorial.SendBundle(ctx, analyst, incident, []register.Ref{statement.ID, institution.ID}, c.Word()+" note")
		must("send", err)
		a.sent, a.published, a.word = bundle, i.Slug, strings.Fields(i.Title[register.French])[0]
		a.hide(bundle)
		must("remark", a.editorial.Comment(ctx, editor, incident.ID, c.Word()+" remarque"))
		must("approve", a.editorial.ApproveBundle(ctx, editor, bundle, register.ReviewChecks()))
	}
	must("import", a.bring(tb))
	a.change(tb)
	for hash, content := range c.Contents {
		info, err := a.blobs.Put(ctx, strings.NewReader(content), int64(len(content)))
		must("content", err)
		if info.SHA256 != hash {
			tb.Fatal("a content has another hash")
		}
		a.hide(hash)
	}
	content := []byte(c.Word() + " pièce")
	file := register.File{Name: c.Word() + ".txt", Type: register.TypeText, SHA256: register.HashOf(content), Size: int64(len(content))}
	_, err := a.editorial.AttachFile(ctx, analyst, file, content)
	must("attach", err)
	a.hide(file.SHA256)
	_, err = a.editorial.KeepWorksheet(ctx, analyst, "/desk/incidents/new", url.Values{"title.fr": {c.Word() + " non enregistré"}})
	must("worksheet", err)
	must("wait", a.later(tb))
	a.token, err = a.auth.MakeToken(ctx, auth.Session{
		Session: storedesk.Session{Account: storedesk.Account{ID: analyst.ID, Role: analyst.Role}, ProvedAt: a.clock.Now()},
	}, auth.NewToken{Name: c.Word(), Scopes: register.Scopes(), Days: 7})
	must("token", err)
}

// point lets what is hidden point to records that are published.
func (a *aviary) point(tb testing.TB) {
	tb.Helper()
	for t, slug := range map[register.RecordType]string{
		register.TypeIncident: "cnss-2025", register.TypeStatement: "cnss-communique-1", register.TypeInstitution: "cnss",
	} {
		d := a.loaded(tb, t, slug)
		a.canaries.Refs[t] = d.ID
		if d.Statement != nil {
			a.canaries.Claim = d.Statement.Claims[0].Key
		}
	}
}

// draft saves one, and holds it against what comes back: a field that the desk
// does not keep would prove nothing.
func (a *aviary) draft(tb testing.TB, d editorial.Draft) editorial.Version {
	tb.Helper()
	v := a.saved(tb, d)
	again, head, err := a.editorial.Load(tb.Context(), a.staff[testkit.Analyst], v.ID)
	if err != nil {
		tb.Fatal(err)
	}
	sent, err := json.Marshal([]any{d.Incident, d.Statement, d.Institution})
	if err != nil {
		tb.Fatal(err)
	}
	kept, err := json.Marshal([]any{again.Incident, again.Statement, again.Institution})
	if err != nil {
		tb.Fatal(err)
	}
	for _, word := range a.canaries.Shows(string(sent)) {
		if !strings.Contains(string(kept), word) {
			tb.Errorf("%s: the desk has lost %s of %s", head.Type, word, sent)
		}
	}
	a.hide(string(v.ID), head.Slug)
	return v
}

// change hides changes of what is published.
func (a *aviary) change(tb testing.TB) {
	tb.Helper()
	i, st, in := a.loaded(tb, register.TypeIncident, "cnss-2025"), a.loaded(tb, register.TypeStatement, "cnss-communique-2"), a.loaded(tb, register.TypeInstitution, "cndp")
	extra := register.Incident{}
	a.canaries.Fill(&extra)
	slug := i.Incident.Slug
	*i.Incident = extra
	i.Incident.Slug, i.Incident.Relations = slug, nil
	renamed := register.Statement{}
	a.canaries.Fill(&renamed)
	st.Statement.Slug, st.Statement.Title, st.Statement.Summary = renamed.Slug, renamed.Title, renamed.Summary
	st.Statement.Documents = append(st.Statement.Documents, renamed.Documents...)
	names := register.Institution{}
	a.canaries.Fill(&names)
	in.Institution.Slug, in.Institution.Names = names.Slug, append(in.Institution.Names, names.Names...)
	a.saved(tb, i)
	a.hide(renamed.Slug, names.Slug)
	a.saved(tb, st)
	a.saved(tb, in)
}

// later sets a time at which something hidden is to be published, and proposes that
// something published goes.
func (a *aviary) later(tb testing.TB) error {
	tb.Helper()
	text := func() register.Text {
		w := a.canaries.Word()
		return register.Text{register.French: w, register.Arabic: w, register.English: w}
	}
	d := a.loaded(tb, register.TypeStatement, "question-tamni")
	if _, err := a.editorial.ProposeWithdrawal(tb.Context(), a.staff[testkit.Editor], editorial.Withdrawal{Record: d.ID, Notice: text(), Note: a.canaries.Word()}); err != nil {
		return err
	}
	_, err := a.editorial.PublishBundle(tb.Context(), a.staff[testkit.Editor], a.sent, editorial.Decision{
		Checks: register.ReviewChecks(), Reason: text(), At: a.clock.Now().Add(time.Hour),
	})
	return err
}

// hide remembers names by which what is hidden could be asked for.
func (a *aviary) hide(names ...string) {
	a.hidden = append(a.hidden, slices.DeleteFunc(names, func(n string) bool { return n == "" })...)
}

// bring hides what was imported, with what it was made of, word for word.
func (a *aviary) bring(tb testing.TB) error {
	tb.Helper()
	c, analyst := a.canaries, a.staff[testkit.Analyst]
	run, err := a.editorial.BeginImport(tb.Context(), analyst, nil, register.ImportRun{Name: c.Word() + ".csv", Format: register.ImportCSV})
	if err != nil {
		return err
	}
	incident := register.Incident{
		Language: register.French, Slug: c.Word(), Title: register.Text{register.French: c.Word()}, Kinds: []string{"other/other"}, Standing: "suspected",
	}
	a.hide(incident.Slug)
	_, err = a.editorial.Bring(tb.Context(), run, []register.Arrival{
		{Origin: register.Origin{Format: register.ImportCSV, ID: c.Word(), Line: 1, Raw: []byte(c.Word())}, Incident: &incident},
		{Origin: register.Origin{Format: register.ImportCSV, ID: c.Word(), Line: 2}, Skip: register.SkipUnreadable, Detail: c.Word()},
	})
	if err != nil {
		return err
	}
	return a.editorial.EndImport(tb.Context(), run, "")
}
