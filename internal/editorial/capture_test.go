package editorial_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// capturing is a house with captures and one source that has an address.
func capturing(t *testing.T) (*house, blob.Store) {
	t.Helper()
	h := newHouse(t)
	blobs := withFiles(t, h)
	h.editorial = h.editorial.WithCaptures()
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{paperSource("https://example.org/communique")}))
	return h, blobs
}

func paperSource(address string) register.Source {
	return register.Source{Key: "src-paper", Kind: register.SourceOfficial, Publisher: "La caisse", Language: "fr", URL: address}
}

// waiting are the targets of which a job is to be done.
func (h *house) waiting(t *testing.T) []string {
	t.Helper()
	rows, err := h.db.Owner().Query(t.Context(), `
		SELECT args ->> 'target' FROM jobs.river_job WHERE kind = 'capture-source' AND state = 'available' ORDER BY id`)
	must(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return out
}

// done marks all jobs as done.
func (h *house) done(t *testing.T) {
	t.Helper()
	h.owner(t, `DELETE FROM jobs.river_job WHERE kind = 'capture-source'`)
}

func (h *house) capture(t *testing.T) (register.CaptureTarget, []register.KeptCapture) {
	t.Helper()
	target, kept, err := h.editorial.CaptureOf(t.Context(), h.analyst, "src-paper")
	must(t, err)
	return target, kept
}

// found is what a page shows: a status and a text.
func (h *house) found(status int, text string) register.KeptCapture {
	return register.KeptCapture{
		TakenAt: h.clock.Now(), Final: "https://example.org/communique", HTTPStatus: status, Type: "text/html",
		SHA256: register.HashOf([]byte("<p>" + text)), Size: int64(len(text)), Text: text, Title: "T",
		Hops: []register.CaptureHop{{URL: "https://example.org/communique", Status: status}},
	}
}

// keep captures a page as a job does, a day later.
func (h *house) keep(t *testing.T, found register.KeptCapture) register.CaptureState {
	t.Helper()
	h.clock.Advance(24 * time.Hour)
	found.TakenAt = h.clock.Now()
	target, _ := h.capture(t)
	address, wait, err := h.editorial.BeginCapture(t.Context(), target.ID)
	must(t, err)
	if address != target.Address || wait != 0 {
		t.Fatalf("%q %s", address, wait)
	}
	state, err := h.editorial.KeepCapture(t.Context(), target.ID, found, []byte(fmt.Sprint("WARC of ", found.TakenAt)))
	must(t, err)
	return state
}

// TestASavedAddressIsCapturedOnce: the job is in the transaction of the save,
// and there is one for each source and address.
func TestASavedAddressIsCapturedOnce(t *testing.T) {
	h, _ := capturing(t)
	for range 2 {
		must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{paperSource("https://example.org/communique")}))
	}
	target, kept := h.capture(t)
	if jobs := h.waiting(t); len(jobs) != 1 || jobs[0] != target.ID || target.State != register.CaptureWaiting || !target.Waits || len(kept) > 0 {
		t.Fatalf("jobs %q, %+v", jobs, target)
	}
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{paperSource("https://example.org/elsewhere")}))
	if moved, _ := h.capture(t); len(h.waiting(t)) != 2 || moved.ID == target.ID || moved.Address != "https://example.org/elsewhere" {
		t.Errorf("another address: %+v", moved)
	}
	if _, _, err := h.editorial.BeginCapture(t.Context(), target.ID); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("the address that the source has no more: %v", err)
	}
	bad := paperSource("https://example.org/never")
	bad.Key, bad.Kind = "src-other", "no such kind"
	if h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{paperSource("https://example.org/x"), bad}) == nil || len(h.waiting(t)) != 2 {
		t.Error("a save that failed asks for a capture")
	}
}

// TestNothingIsCapturedWhereCapturesAreOff: the demonstration and the founding
// record ask nobody for anything.
func TestNothingIsCapturedWhereCapturesAreOff(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{paperSource("https://example.org/communique")}))
	if jobs := h.waiting(t); len(jobs) > 0 {
		t.Errorf("%d jobs", len(jobs))
	}
	wantError(t, h.editorial.CaptureAgain(t.Context(), h.analyst, "src-paper"), register.ErrNotConfigured)
}

// TestAPageIsKeptAndWatched: the same again is no new copy; a change, a move, an
// end and a return each are.
func TestAPageIsKeptAndWatched(t *testing.T) {
	h, blobs := capturing(t)
	moved := h.found(200, "deux")
	moved.Final = "https://example.org/home"
	other := h.found(200, "un")
	other.SHA256 = register.HashOf([]byte("the same in other bytes"))
	for i, step := range []struct {
		found register.KeptCapture
		state register.CaptureState // what is found
		shown register.CaptureState // how the target then stands
		kept  int
	}{
		{h.found(200, "un"), register.CaptureKept, register.CaptureKept, 1},
		{other, register.CaptureKept, register.CaptureKept, 1},
		{h.found(200, "deux"), register.CaptureChanged, register.CaptureChanged, 2},
		{h.found(200, "deux"), register.CaptureKept, register.CaptureChanged, 2},
		{moved, register.CaptureMoved, register.CaptureMoved, 3},
		{h.found(404, ""), register.CaptureGone, register.CaptureGone, 4},
		{h.found(410, "x"), register.CaptureGone, register.CaptureGone, 4},
		{moved, register.CaptureKept, register.CaptureKept, 5},
		{h.found(200, "un"), register.CaptureChanged, register.CaptureKept, 6},
	} {
		if state := h.keep(t, step.found); state != step.state {
			t.Errorf("step %d: found %s, want %s", i, state, step.state)
		}
		target, kept := h.capture(t)
		if target.State != step.shown || len(kept) != step.kept || target.Waits || target.Shown != 1 || !target.CheckedAt.Equal(h.clock.Now()) {
			t.Errorf("step %d: %+v, %d copies", i, target, len(kept))
		}
		if step.kept > 0 {
			if _, content, err := h.editorial.CaptureFile(t.Context(), h.editor, "src-paper", kept[0].Number); err != nil || !strings.HasPrefix(string(content), "WARC of ") {
				t.Errorf("step %d: %q, %v", i, content, err)
			}
		}
	}
	files := 0
	must(t, blobs.Each(t.Context(), func(blob.Info) error { files++; return nil }))
	if files != 6 {
		t.Errorf("%d files, want 6", files)
	}
}

// TestAChangeIsToldWithItsHashes: the source says what it rests on, and what the
// page says since.
func TestAChangeIsToldWithItsHashes(t *testing.T) {
	h, _ := capturing(t)
	h.keep(t, h.found(200, "un"))
	h.keep(t, h.found(200, "deux"))
	_, kept := h.capture(t)
	s, err := h.editorial.Source(t.Context(), h.analyst, "src-paper")
	must(t, err)
	want := register.Capture{
		SHA256: h.found(200, "un").SHA256, Size: 2, Type: "text/html", CapturedAt: mustDate(t, "2026-11-21"), HTTPStatus: 200,
		LastCheck: mustDate(t, "2026-11-22"), ChangedSince: true, WARC: kept[1].WARC, State: register.CaptureChanged,
		Now: h.found(200, "deux").SHA256, NowSince: mustDate(t, "2026-11-22"),
	}
	if s.Capture == nil || *s.Capture != want {
		t.Errorf("%+v\nwant %+v", s.Capture, want)
	}
}

// TestWhatIsInReviewIsNotTold of a change until it is decided; the copy is kept
// at once.
func TestWhatIsInReviewIsNotTold(t *testing.T) {
	h, _ := capturing(t)
	s := lawful()
	s.Sources = []string{"src-paper"}
	v := h.draft(t, editorial.Draft{Statement: s})
	must(t, h.editorial.SendForReview(t.Context(), h.analyst, v, ""))
	h.keep(t, h.found(200, "un"))
	told := func() bool {
		s, err := h.editorial.Source(t.Context(), h.analyst, "src-paper")
		must(t, err)
		return s.Capture != nil
	}
	if _, kept := h.capture(t); len(kept) != 1 || told() {
		t.Fatalf("%d copies, told %t", len(kept), told())
	}
	must(t, h.editorial.AskDueCaptures(t.Context(), h.clock.Now()))
	if told() {
		t.Error("told while it is in review")
	}
	must(t, h.editorial.Return(t.Context(), h.editor, v, "Non."))
	must(t, h.editorial.AskDueCaptures(t.Context(), h.clock.Now()))
	if !told() {
		t.Error("not told after the review")
	}
}

// TestAFailureIsTriedAgainOrNot, by its reason.
func TestAFailureIsTriedAgainOrNot(t *testing.T) {
	h, _ := capturing(t)
	target, _ := h.capture(t)
	fail := func(reason register.CaptureReason, status int, last bool) bool {
		again, err := h.editorial.FailCapture(t.Context(), target.ID, reason, status, last)
		must(t, err)
		return again
	}
	if again := fail(register.CaptureBusy, 503, false); !again {
		t.Error("busy is not tried again")
	}
	if got, _ := h.capture(t); got.State != register.CaptureWaiting || !got.Waits || got.Tries != 1 || got.Reason != register.CaptureBusy || got.HTTPStatus != 503 {
		t.Errorf("%+v", got)
	}
	if again := fail(register.CaptureSlow, 0, true); again {
		t.Error("the last try is followed by another")
	}
	if got, _ := h.capture(t); got.State != register.CaptureFailed || got.Waits || got.Reason != register.CaptureSlow || got.NextCheck.IsZero() {
		t.Errorf("%+v", got)
	}
	must(t, h.editorial.CaptureAgain(t.Context(), h.analyst, "src-paper"))
	if again := fail(register.CaptureRefused, 0, false); again {
		t.Error("a private address is tried again")
	}
	// A page of which there is a copy keeps it, and its state.
	h.keep(t, h.found(200, "un"))
	fail(register.CaptureTooLarge, 0, false)
	if got, kept := h.capture(t); got.State != register.CaptureKept || got.Reason != register.CaptureTooLarge || len(kept) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestAHostHasPeace: one capture at a time, and a pause.
func TestAHostHasPeace(t *testing.T) {
	h, _ := capturing(t)
	second := paperSource("https://EXAMPLE.org/other")
	second.Key = "src-second"
	elsewhere := paperSource("https://example.com/")
	elsewhere.Key = "src-third"
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{second, elsewhere}))
	jobs := h.waiting(t)
	begin := func(job int) time.Duration {
		_, wait, err := h.editorial.BeginCapture(t.Context(), jobs[job])
		must(t, err)
		return wait
	}
	if begin(0) != 0 || begin(1) != 2*time.Minute || begin(2) != 0 {
		t.Fatal("not one at a time for each host")
	}
	if got, _ := h.capture(t); got.State != register.CaptureFetching {
		t.Errorf("%+v", got)
	}
	_, err := h.editorial.KeepCapture(t.Context(), jobs[0], h.found(200, "un"), []byte("x"))
	must(t, err)
	if wait := begin(1); wait != 5*time.Second {
		t.Errorf("the pause is %s", wait)
	}
	h.clock.Advance(5 * time.Second)
	if begin(1) != 0 {
		t.Error("no end of the pause")
	}
	// Whoever had it and ended in the middle does not keep it.
	h.clock.Advance(2 * time.Minute)
	if begin(0) != 0 {
		t.Error("a host is kept for ever")
	}
}

// TestAddressesAreLookedAtAgain, ever more rarely, and those that nobody asked
// for are found.
func TestAddressesAreLookedAtAgain(t *testing.T) {
	h, _ := capturing(t)
	h.editorial = editorial.New(store.Wrap(h.db.Desk()), h.clock.Now).WithFiles(withFiles(t, h)) // captures are off
	old := paperSource("https://example.org/old")
	old.Key = "src-old"
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{old}))
	h.done(t)
	h.keep(t, h.found(200, "un"))
	due := func(after time.Duration) int {
		h.clock.Advance(after)
		must(t, h.editorial.AskDueCaptures(t.Context(), h.clock.Now()))
		n := len(h.waiting(t))
		h.done(t)
		return n
	}
	const day = 24 * time.Hour
	if n := due(0); n != 1 {
		t.Fatalf("%d jobs for the source that nobody asked for", n)
	}
	h.owner(t, `UPDATE desk.capture_targets SET waits = false WHERE address LIKE '%old'`)
	for i, days := range []int{14, 28, 56, 112, 112} {
		if n := due(time.Duration(days)*day - time.Hour); n != 0 {
			t.Errorf("check %d comes too early", i)
		}
		if n := due(2 * time.Hour); n != 1 {
			t.Errorf("check %d: %d jobs", i, n)
		}
		if n := due(time.Hour); n != 0 {
			t.Errorf("check %d is asked for twice", i)
		}
		h.clock.Advance(-24 * time.Hour)
		h.keep(t, h.found(200, "un"))
	}
	h.owner(t, `UPDATE desk.capture_targets SET waits = true, asked_at = $1 WHERE address LIKE '%old'`, h.clock.Now().Add(-7*time.Hour))
	if n := due(0); n != 1 {
		t.Errorf("a lost job is asked for %d times", n)
	}
}

// TestATextThatWasConfirmedIsFoundBesideACapture: a capture of the page does not
// hide the file that was attached before.
func TestATextThatWasConfirmedIsFoundBesideACapture(t *testing.T) {
	h, _ := capturing(t)
	_, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper))
	must(t, err)
	s := paperSource("https://example.org/communique")
	s.Capture = &register.Capture{SHA256: register.HashOf([]byte(paper)), Size: 5, Type: register.TypePDF}
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{s}))
	_, err = h.editorial.ConfirmText(t.Context(), h.analyst, s.Capture.SHA256, 0, "Le texte.", "fr")
	must(t, err)
	h.keep(t, h.found(200, "un"))
	if text, err := h.editorial.RelayText(t.Context(), h.analyst, []string{"src-paper"}); err != nil || text.Text != "Le texte." {
		t.Errorf("%+v, %v", text, err)
	}
}

// TestATakedownErasesCaptures: texts, heads, addresses, jobs' targets and files.
func TestATakedownErasesCaptures(t *testing.T) {
	h, _, r := takedownHouse(t)
	blobs := withFiles(t, h)
	h.editorial = h.editorial.WithCaptures()
	must(t, h.editorial.CaptureAgain(t.Context(), h.analyst, "secret-source"))
	target, _, err := h.editorial.CaptureOf(t.Context(), h.analyst, "secret-source")
	must(t, err)
	found := h.found(200, secret)
	found.Title, found.Final = secret, "https://example.org/"+secret
	found.Hops = []register.CaptureHop{{URL: found.Final, Status: 200, Header: map[string][]string{"X": {secret}}}}
	_, _, err = h.editorial.BeginCapture(t.Context(), target.ID)
	must(t, err)
	_, err = h.editorial.KeepCapture(t.Context(), target.ID, found, []byte("a WARC file that says "+secret))
	must(t, err)
	_, err = h.editorial.KeepWorksheet(t.Context(), h.analyst, "/desk/sources/secret-source", map[string][]string{"title": {secret}})
	must(t, err)
	if where := strings.Join(h.find(t), " "); !strings.Contains(where, "kept_captures.words") || !strings.Contains(where, "capture_targets.address") {
		t.Fatalf("the search finds the secret only in %s", where)
	}
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw, Note: "Dossier 12/26"})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	if where := h.find(t); len(where) > 0 {
		t.Errorf("still there: %v", where)
	}
	must(t, blobs.Each(t.Context(), func(i blob.Info) error { t.Errorf("file %s is still there", i.SHA256); return nil }))
	if _, _, err := h.editorial.BeginCapture(t.Context(), target.ID); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("the job that waits finds %v", err)
	}
}

// TestACopyNeverChanges: not even for who may write to the desk.
func TestACopyNeverChanges(t *testing.T) {
	h, _ := capturing(t)
	h.keep(t, h.found(200, "un"))
	for _, sql := range []string{`UPDATE desk.kept_captures SET words = 'x'`, `DELETE FROM desk.kept_captures`, `TRUNCATE desk.kept_captures`} {
		if _, err := h.db.Owner().Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is done", sql)
		}
	}
	if _, err := h.db.Owner().Exec(t.Context(), `UPDATE desk.sources SET key = 'removed-x'`); err == nil {
		t.Error("a source's captures go without a takedown")
	}
}
