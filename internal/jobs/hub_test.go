package jobs_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/testkit"
)

// TestAHubIsToldOfWhatIsPublished, and again where it did not take it.
func TestAHubIsToldOfWhatIsPublished(t *testing.T) {
	t.Parallel()
	d := testkit.Founding(t)
	told := make(chan []string, 10)
	refuse := make(chan struct{}, 1)
	refuse <- struct{}{}
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil || r.PostForm.Get("hub.mode") != "publish" {
			t.Errorf("the hub is sent %v, %v", r.PostForm, err)
		}
		select {
		case <-refuse:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			told <- r.PostForm["hub.url"]
			w.WriteHeader(http.StatusAccepted)
		}
	}))
	t.Cleanup(hub.Close)
	uses := editorial.New(store.Wrap(d.Desk()), time.Now).WithHub()
	start(t, store.Wrap(d.Desk()), jobs.Tasks{PingHub: (&jobs.Hub{Uses: uses, Address: hub.URL, BaseURL: "https://sijil.test"}).Ping}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	staff := testkit.Staff(t, d)
	head, err := desk.New(store.Wrap(d.Desk()).Querier()).RecordBySlug(t.Context(), register.TypeInstitution, "cndp")
	if err != nil {
		t.Fatal(err)
	}
	notice := register.Text{"fr": "Par erreur", "ar": "عن طريق الخطأ", "en": "By mistake"}
	id, err := uses.ProposeWithdrawal(t.Context(), staff[testkit.Editor], editorial.Withdrawal{Record: head.ID, Notice: notice})
	if err == nil {
		err = uses.Confirm(t.Context(), staff[testkit.Editor2], id)
	}
	if err != nil {
		t.Fatal(err)
	}
	select {
	case topics := <-told:
		for _, want := range []string{
			"https://sijil.test/feeds/fr/all.atom", "https://sijil.test/feeds/ar/all.json",
			"https://sijil.test/feeds/en/institutions/cndp.atom", "https://sijil.test/feeds/fr/authorities/cndp.json",
		} {
			if !slices.Contains(topics, want) {
				t.Errorf("the hub is not told of %s: %v", want, topics)
			}
		}
		if len(topics) != 18 {
			t.Errorf("the hub is told of %d feeds", len(topics))
		}
	case <-time.After(30 * time.Second):
		t.Fatal("the hub is told of nothing")
	}
}
