package web_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/internal/verify"
)

// answered is what a site answered at an address.
type answered struct {
	status int
	body   []byte
}

// recorder asks a site, and keeps what it answers.
type recorder struct {
	site http.Handler
	mu   sync.Mutex
	kept tape
}

// RoundTrip implements http.RoundTripper.
func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	request.RequestURI = request.URL.RequestURI()
	r.site.ServeHTTP(w, request)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept[request.URL.Path] = answered{w.Code, w.Body.Bytes()}
	return w.Result(), nil
}

// tape is what was kept of a site: it goes on answering that.
type tape map[string]answered

// RoundTrip implements http.RoundTripper.
func (t tape) RoundTrip(request *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	a, ok := t[request.URL.Path]
	if !ok {
		a.status = http.StatusNotFound
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
	return w.Result(), nil
}

func verified(t *testing.T, transport http.RoundTripper, o verify.Options) *verify.Report {
	t.Helper()
	site, err := verify.NewSite("http://sijil.test", transport)
	if err != nil {
		t.Fatal(err)
	}
	return verify.Log(t.Context(), site, o)
}

// eventful is a site on which all has happened that a log tells of: corrections
// that carry others along, a document, a merge, withdrawals, a removal.
func eventful(t *testing.T, s *deskSite) {
	t.Helper()
	s.correctedStatement(t)
	s.withDocument(t, "cnss-communique-1", "Communiqué : une série d’attaques.")
	s.clock.Advance(time.Hour)
	id, err := s.editorial.ProposeMerge(t.Context(), s.staff[testkit.Editor], editorial.Merge{
		Record: s.recordAt(t, register.TypeInstitution, "dgssi").ID, Target: s.recordAt(t, register.TypeInstitution, "cndp").ID,
		Reason: inWords("Doublon", "مكرر", "Duplicate"),
	})
	s.confirmed(t, id, err)
	s.clock.Advance(time.Hour)
	id, err = s.editorial.ProposeWithdrawal(t.Context(), s.staff[testkit.Editor], editorial.Withdrawal{
		Record: s.recordAt(t, register.TypeStatement, "cnss-communique-2").ID, Notice: inWords("Erreur", "خطأ", "Mistake"),
	})
	s.confirmed(t, id, err)
	s.clock.Advance(time.Hour)
	id, err = s.editorial.RequestTakedown(t.Context(), s.staff[testkit.Admin], editorial.Takedown{
		Record: s.recordAt(t, register.TypeStatement, "cnss-communique-1").ID, First: 1, Last: 1,
		Reason: inWords("Ordonnance du tribunal", "أمر من المحكمة", "Order of the court"),
	})
	s.confirmed(t, id, err)
}

// TestARealRegisterIsVerified from outside, before and after all that may happen
// to it, and with one byte changed of anything that it hands out.
func TestARealRegisterIsVerified(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	s := newDeskSite(t, db)
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, db, keys, s.clock.Now())
	young := &recorder{site: s, kept: tape{}}
	first := verified(t, young, verify.Options{})
	if first.Verdict() != verify.Proved || first.Editions < 10 || first.Removed+first.Withdrawn > 0 {
		t.Fatalf("%d editions: %+v", first.Editions, first.Problems)
	}

	eventful(t, s)
	testkit.SignLog(t, db, keys, s.clock.Now())
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	old := &recorder{site: s, kept: tape{}}
	r := verified(t, old, verify.Options{Since: first.Signed})
	if r.Verdict() != verify.Proved || r.Removed != 1 || r.Withdrawn == 0 || r.Documents != 1 || r.Trust != verify.TrustKept || r.Leaves[register.LeafCorrection] == 0 {
		t.Fatalf("%+v", r)
	}
	said := reportText(t, r)
	for _, want := range []string{"removed by law, with its public reason", "Order of the court", "withdrawn, not shown", "PROVED"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}

	// A database that was set back answers what it answered before.
	if r := verified(t, young.kept, verify.Options{}); r.Verdict() != verify.Proved {
		t.Errorf("set back, to who kept nothing: %+v", r.Problems)
	}
	back := verified(t, young.kept, verify.Options{Since: r.Signed})
	if back.Verdict() != verify.Broken || back.Problems[0].Kind != verify.KindRollback {
		t.Errorf("set back: %s %+v", back.Verdict(), back.Problems)
	}
	everyFileCounts(t, old.kept, keys)
}

// everyFileCounts changes a byte of each file that was read, at some places.
func everyFileCounts(t *testing.T, whole tape, keys *tlog.Keys) {
	t.Helper()
	const places = 4
	for _, path := range slices.Sorted(maps.Keys(whole)) {
		body := whole[path].body
		if whole[path].status != http.StatusOK {
			continue
		}
		for range places {
			at, by := rand.IntN(len(body)), byte(1+rand.IntN(255))
			changed := slices.Clone(body)
			changed[at] ^= by
			other := maps.Clone(whole)
			other[path] = answered{http.StatusOK, changed}
			if r := verified(t, other, verify.Options{Keys: keys.VerifierKeys()}); r.Verdict() != verify.Broken {
				t.Errorf("%s: byte %d of %d, changed by %#x, is %s", path, at, len(body), by, r.Verdict())
			}
		}
	}
}

func reportText(t *testing.T, r *verify.Report) string {
	t.Helper()
	catalog, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := r.Write(&out, catalog.Localizer("en")); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
