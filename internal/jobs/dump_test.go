package jobs_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// night is a moment in Morocco.
func night(t *testing.T, clock string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04 -07", clock+" +01")
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestDumps takes dumps over some nights, has them from the site, and loses all of
// them with what is withdrawn.
func TestDumps(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	files, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	public := record.NewStore(store.Wrap(db.Public()))
	d := &jobs.Dumps{
		DB: store.Wrap(db.Desk()), Source: public, Blobs: files, Base: "https://sijil.test", Words: words.Localizer("fr"), Days: 2,
		Spool: func() (exchange.Spool, error) { return os.CreateTemp(t.TempDir(), "") },
	}
	take := func(clock string) []string {
		t.Helper()
		if err := d.Take(t.Context(), night(t, clock)); err != nil {
			t.Fatal(err)
		}
		list, err := public.Dumps(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var days []string
		for _, x := range list {
			days = append(days, x.Day.String())
		}
		return slices.Compact(days)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-10-30 01:59", ""},
		{"2026-10-30 02:00", "2026-10-30"},
		{"2026-10-30 23:00", "2026-10-30"},
		{"2026-10-31 03:00", "2026-10-31 2026-10-30"},
		{"2026-11-02 03:00", "2026-11-02 2026-10-30"},
		{"2026-11-03 03:00", "2026-11-03 2026-11-02 2026-10-30"},
		{"2026-11-09 03:00", "2026-11-09 2026-11-02 2026-10-30"},
	} {
		if got := strings.Join(take(c.at), " "); got != c.want {
			t.Errorf("%s: dumps of %s, want %s", c.at, got, c.want)
		}
	}
	site, err := web.New(web.Config{BaseURL: "https://sijil.test", Records: public, Blobs: files, Now: time.Now, Log: slog.New(slog.DiscardHandler), ExportRate: 1000})
	if err != nil {
		t.Fatal(err)
	}
	checkManifest(t, site)
	withdraw(t, db)
	if list, err := public.Dumps(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%d dumps hold what was withdrawn, %v", len(list), err)
	}
	// One that was being made meanwhile is refused, and what was stored of it is gone.
	uses := editorial.New(store.Wrap(db.Desk()), time.Now).WithFiles(files)
	if err := uses.ForgetFiles(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	d.Days = 10_000
	if err := d.Take(t.Context(), night(t, "2026-11-09 04:00")); err == nil {
		t.Error("a dump of before the withdrawal came in")
	}
	if n := count(t, files); n > 0 {
		t.Errorf("%d contents of dumps are left", n)
	}
	if err := d.Take(t.Context(), time.Now().AddDate(0, 0, 1).Truncate(24*time.Hour).Add(12*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, files); n == 0 {
		t.Error("the next night has no dump")
	}
}

// meanwhile has something done while an export is under way, and has seen its moment.
type meanwhile struct {
	exchange.ExportSource
	do func()
}

// Export implements exchange.ExportSource.
func (m *meanwhile) Export(ctx context.Context, scope register.ExportScope, begin register.ExportBegin) error {
	return m.ExportSource.Export(ctx, scope, func(state register.ExportState) (register.ExportSink, error) {
		m.do()
		return begin(state)
	})
}

// TestADumpKeepsNothingThatWasWithdrawnMeanwhile: a withdrawal that had begun before the
// dump, and so says an earlier time, is done while the dump is made of what was before.
func TestADumpKeepsNothingThatWasWithdrawnMeanwhile(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	files, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	words, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	public := record.NewStore(store.Wrap(db.Public()))
	var once sync.Once
	d := &jobs.Dumps{
		DB: store.Wrap(db.Desk()), Source: &meanwhile{public, func() { once.Do(func() { withdraw(t, db) }) }}, Blobs: files,
		Base: "https://sijil.test", Words: words.Localizer("fr"), Days: 2,
		Spool: func() (exchange.Spool, error) { return os.CreateTemp(t.TempDir(), "") },
	}
	later := time.Now().AddDate(0, 0, 1).Truncate(24 * time.Hour).Add(12 * time.Hour)
	if err := d.Take(t.Context(), later); !errors.Is(err, register.ErrConflict) {
		t.Errorf("a dump that holds what was withdrawn meanwhile came in: %v", err)
	}
	list, err := public.Dumps(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	formats := exchange.ExportFormats()
	first := formats[slices.IndexFunc(formats, func(f exchange.ExportFormat) bool { return f.Dumped })]
	if slices.ContainsFunc(list, func(kept register.Dump) bool { return kept.Format == first.Name }) {
		t.Errorf("the dump in %s holds what was withdrawn", first.Name)
	}
	if err := d.Take(t.Context(), later); err != nil {
		t.Errorf("the next one, which is made of what is public now: %v", err)
	}
}

func count(t *testing.T, files blob.Store) (n int) {
	t.Helper()
	err := files.Each(context.WithoutCancel(t.Context()), func(blob.Info) error {
		n++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkManifest has every file that the manifest names, and holds it to what that says.
func checkManifest(t *testing.T, site http.Handler) {
	t.Helper()
	page := testkit.Ask(t, site, "/ar/exports")
	var manifest struct {
		Dumps []struct {
			Name, URL, Day, Format, SHA256 string
			Size                           int
		}
	}
	if err := json.Unmarshal([]byte(testkit.Ask(t, site, "/exports/manifest.json").Body), &manifest); err != nil {
		t.Fatal(err)
	}
	formats := map[string]bool{}
	for _, d := range manifest.Dumps {
		formats[d.Format] = true
		target := strings.TrimPrefix(d.URL, "https://sijil.test")
		file := testkit.Ask(t, site, target)
		if file.Status != http.StatusOK || len(file.Body) != d.Size || register.HashOf([]byte(file.Body)) != d.SHA256 || file.Header.Get("ETag") != `"`+d.SHA256+`"` {
			t.Errorf("%s: status %d, %d bytes of %d", target, file.Status, len(file.Body), d.Size)
		}
		if page.Page().Find(`a[href="`+target+`"]`).Length() != 1 || !strings.Contains(page.Body, d.SHA256) {
			t.Errorf("the page does not show %s", target)
		}
		again := testkit.Ask(t, site, target, func(r *http.Request) { r.Header.Set("If-None-Match", file.Header.Get("ETag")) })
		head := testkit.Ask(t, site, target, func(r *http.Request) { r.Method = http.MethodHead })
		if again.Status != http.StatusNotModified || head.Status != http.StatusOK || again.Body+head.Body != "" {
			t.Errorf("%s: %d, then %d", target, again.Status, head.Status)
		}
		if d.Format == "jsonl" {
			wholeRegister(t, file.Body)
		}
	}
	for _, f := range exchange.ExportFormats() {
		if f.Dumped != formats[f.Name] {
			t.Errorf("%s is dumped: %v", f.Name, formats[f.Name])
		}
	}
	if a := testkit.Ask(t, site, "/exports/none.jsonl.gz"); a.Status != http.StatusNotFound {
		t.Errorf("a dump that there is not: %d", a.Status)
	}
}

// wholeRegister reads a dump as it would be read back.
func wholeRegister(t *testing.T, body string) {
	t.Helper()
	zip, err := gzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	r, err := exchange.NewRegisterReader(bytes.NewReader(all))
	n := 0
	for err == nil {
		var x *register.ExportedEdition
		if x, err = r.Next(); x == nil {
			break
		}
		n++
	}
	if err != nil || n < 10 {
		t.Errorf("%d editions, %v, %s", n, err, hex.EncodeToString(all[:min(len(all), 8)]))
	}
}

func withdraw(t *testing.T, db *testkit.DB) {
	t.Helper()
	staff := testkit.Staff(t, db)
	e := editorial.New(store.Wrap(db.Desk()), time.Now)
	head, err := desk.New(store.Wrap(db.Desk()).Querier()).RecordBySlug(t.Context(), register.TypeIncident, "cnss-2025")
	if err != nil {
		t.Fatal(err)
	}
	notice := register.Text{register.French: "Retiré.", register.Arabic: "سُحب.", register.English: "Withdrawn."}
	id, err := e.ProposeWithdrawal(t.Context(), staff[testkit.Editor], editorial.Withdrawal{Record: head.ID, Notice: notice})
	if err == nil {
		err = e.Confirm(t.Context(), staff[testkit.Editor2], id)
	}
	if err != nil {
		t.Fatal(err)
	}
}
