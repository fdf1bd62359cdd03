package web_test

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// TestEachSideAlone asks a server of either side for every address: it has none of the
// other's. The control is the server of both, which has each address that needs no
// record. The desk alone reads what is published by its own role, and shows drafts.
func TestEachSideAlone(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	var working *desk.Config
	both := newDeskSite(t, db, func(c *desk.Config) { working = c })
	alone := func(c web.Config) http.Handler {
		c.BaseURL, c.Now, c.Blobs, c.Patience = "http://sijil.test", both.clock.Now, both.blobs, patience
		c.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
		site, err := web.New(c)
		if err != nil {
			t.Fatal(err)
		}
		return site
	}
	reads := alone(web.Config{Records: record.NewStore(store.Wrap(db.Public()))})
	works := alone(web.Config{Records: record.NewStore(store.Wrap(db.Desk())), Desk: working, DeskOnly: true})
	ofBoth := []string{"/healthz", "/readyz", "/favicon.ico", "/lang/{lang}", "/assets/*"}
	controls := 0
	for _, r := range web.Routes() {
		status := func(site http.Handler) int {
			if r.Method == http.MethodGet {
				return testkit.Ask(t, site, example(r.Pattern), testkit.As(testkit.Editor)).Status
			}
			return testkit.Post(t, site, example(r.Pattern), nil, testkit.As(testkit.Editor)).Status
		}
		own, other := reads, works
		if r.IsDesk() || r.IsProgram() {
			own, other = works, reads
		}
		if !slices.Contains(ofBoth, r.Pattern) {
			// Where nobody may send anything, that is what is said.
			if got := status(other); got != http.StatusNotFound && (r.Method == http.MethodGet || got != http.StatusMethodNotAllowed) {
				t.Errorf("%s %s on the other side: status %d", r.Method, r.Pattern, got)
			}
		}
		if strings.ContainsAny(strings.ReplaceAll(r.Pattern, "{lang}", ""), "{*") || r.Method != http.MethodGet {
			continue
		}
		alone, together := status(own), status(both)
		if alone != together {
			t.Errorf("%s: status %d on its own side, %d on the server of both", r.Pattern, alone, together)
		}
		if together != http.StatusNotFound {
			controls++
		}
	}
	if controls < 50 {
		t.Errorf("only %d addresses are there on the server of both", controls)
	}
	r := both.record(t, register.TypeIncident, "cnss-2025")
	if a := testkit.Ask(t, works, "/fr"+r.address+"/preview?lang=ar", testkit.As(testkit.Editor)); a.Status != http.StatusOK || a.Page().Find(".entry").Length() < 10 {
		t.Errorf("the desk alone shows no draft: status %d", a.Status)
	}
}
