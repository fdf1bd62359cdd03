package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/desk"
)

// TestAFormSentTwiceWorksOnce sends forms at the same time and again later.
func TestAFormSentTwiceWorksOnce(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	staff := testkit.Staff(t, d)
	clock := testkit.NewClock(testkit.FoundingDay())
	e := editorial.New(store.Wrap(d.Desk()), clock.Now)
	var done atomic.Int64
	send := func(who, word, title string) (string, bool) {
		result, again, err := e.Once(t.Context(), staff[who], word, url.Values{"title": {title}}, func(context.Context) (string, error) {
			time.Sleep(100 * time.Millisecond) // so that the others come while it works
			return fmt.Sprintf("/desk/incidents/%d", done.Add(1)), nil
		})
		if err != nil {
			t.Error(err)
		}
		return result, again
	}
	var sending sync.WaitGroup
	for range 8 {
		sending.Go(func() {
			if result, _ := send(testkit.Analyst, "a-random-word", "Fuite"); result != "/desk/incidents/1" {
				t.Errorf("led to %s", result)
			}
		})
	}
	sending.Wait()
	if n := done.Load(); n != 1 {
		t.Fatalf("the work was done %d times", n)
	}
	for _, c := range []struct {
		name, who, word, title string
		again                  bool
	}{
		{"sent once more", testkit.Analyst, "a-random-word", "Fuite", true},
		{"changed and sent", testkit.Analyst, "a-random-word", "Fuite à l’agence", false},
		{"another form", testkit.Analyst, "another-random-word", "Fuite", false},
		{"somebody else's", testkit.Editor, "a-random-word", "Fuite", false},
		{"without a word", testkit.Analyst, "", "Fuite", false},
	} {
		if _, again := send(c.who, c.word, c.title); again != c.again {
			t.Errorf("%s: again is %t", c.name, again)
		}
	}
}

// TestAFormThatWasRefusedCanBeSentAgain: what led nowhere is not remembered.
func TestAFormThatWasRefusedCanBeSentAgain(t *testing.T) {
	t.Parallel()
	d := testkit.Database(t)
	actor := testkit.Staff(t, d)[testkit.Analyst]
	clock := testkit.NewClock(testkit.FoundingDay())
	e := editorial.New(store.Wrap(d.Desk()), clock.Now)
	calls := 0
	for _, outcome := range []struct {
		result string
		err    error
	}{{"", nil}, {"", register.ErrConflict}, {"/desk", nil}, {"", nil}} {
		result, _, _ := e.Once(t.Context(), actor, "a-random-word", url.Values{}, func(context.Context) (string, error) {
			calls++
			return outcome.result, outcome.err
		})
		if calls == 3 && result != "/desk" {
			t.Errorf("led to %q", result)
		}
	}
	if calls != 3 {
		t.Errorf("worked %d times, want 3", calls)
	}
}

// TestAFormOfAnotherAddressIsAnotherForm, though it has the same word and fields: what is
// said of one record is not done when it was said of another.
func TestAFormOfAnotherAddressIsAnotherForm(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	form := url.Values{"act": {"comment"}, "comment": {"À vérifier"}, desk.OnceField: {"a-random-word"}}
	incident := "/fr" + s.record(t, register.TypeIncident, "cnss-2025").address + "/history"
	institution := "/fr" + s.record(t, register.TypeInstitution, "cnss").address + "/history"
	for n, address := range []string{incident, institution} {
		a := testkit.Post(t, s, address, form, testkit.As(testkit.Editor))
		if a.Status != http.StatusSeeOther || a.Header.Get("Location") != address+"?done=history-comment" {
			t.Errorf("status %d, to %s", a.Status, a.Header.Get("Location"))
		}
		if have := remarks(t, s.db, "À vérifier"); have != n+1 {
			t.Errorf("%d remarks after %d forms", have, n+1)
		}
	}
}

// noNotes lets nobody note where a form led: the program was ended before it could.
const noNotes = `
	CREATE FUNCTION public.no_notes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'for a test'; END $$;
	CREATE TRIGGER no_notes BEFORE UPDATE OF result OR DELETE ON desk.submissions FOR EACH ROW EXECUTE FUNCTION public.no_notes();`

// breakOff ends the connection of who writes into a table.
const breakOff = `
	CREATE FUNCTION public.break_off() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER break_off AFTER INSERT ON `

// allWell takes both away.
const allWell = `DROP FUNCTION IF EXISTS public.no_notes, public.break_off CASCADE`

// TestAFormThatBrokeOffIsDoneOnce sends a remark while everything dies at some moment of
// it, and sends it again when all is well.
func TestAFormThatBrokeOffIsDoneOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, fault string
		before      int    // remarks when all is well again
		led         string // what the form that is sent again says is done
	}{
		{"after its commit", noNotes, 1, "sent-before"},
		{"while it works", noNotes + breakOff + `desk.comments FOR EACH ROW EXECUTE FUNCTION public.break_off()`, 0, "history-comment"},
		{"after its mark, before its commit", noNotes + breakOff + `desk.comments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.break_off()`, 0, "history-comment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newDeskSite(t, testkit.Founding(t))
			address := "/fr" + s.record(t, register.TypeIncident, "cnss-2025").address + "/history"
			form := url.Values{"act": {"comment"}, "comment": {"À vérifier"}, desk.OnceField: {"a-random-word"}}
			send := func() *testkit.Answer { return testkit.Post(t, s, address, form, testkit.As(testkit.Editor)) }

			execute(t, s.db, c.fault)
			if a := send(); a.Status < http.StatusInternalServerError {
				t.Fatalf("status %d while everything dies", a.Status)
			}
			execute(t, s.db, allWell)
			if n := remarks(t, s.db, "À vérifier"); n != c.before {
				t.Fatalf("%d remarks when all is well again, want %d", n, c.before)
			}

			s.clock.Advance(2 * time.Minute)
			for range 2 {
				if a := send(); a.Status != http.StatusSeeOther || a.Header.Get("Location") != address+"?done="+c.led {
					t.Errorf("sent again: status %d, to %s", a.Status, a.Header.Get("Location"))
				}
			}
			if n := remarks(t, s.db, "À vérifier"); n != 1 {
				t.Errorf("%d remarks after it was sent again", n)
			}
			form.Set(desk.OnceField, "another-random-word")
			if send(); remarks(t, s.db, "À vérifier") != 2 {
				t.Error("the same remark cannot be made on purpose")
			}
			if page := testkit.Ask(t, s, address+"?done="+c.led, testkit.As(testkit.Editor)); page.Text(".notice--ok") == "" {
				t.Error("nothing says that it is done")
			}
		})
	}
}

// TestAFormThatBrokeOffBetweenTwoCommitsIsDone: the text of a statement is kept as a file
// before the statement is made, which does not say that the form is done.
func TestAFormThatBrokeOffBetweenTwoCommitsIsDone(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	form := fields(testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor)), "#attach", map[string]string{
		"title": "Texte collé", "issuer.new.name": "Agence nationale", "issuer.new.kind": "agency", "text": "L’agence affirme que des documents sont faux.",
	})
	send := func() *testkit.Answer { return testkit.Post(t, s, attachPath, form, testkit.As(testkit.Editor)) }
	execute(t, s.db, noNotes+breakOff+`desk.statements FOR EACH ROW EXECUTE FUNCTION public.break_off()`)
	if a := send(); a.Status < http.StatusInternalServerError {
		t.Fatalf("status %d while everything dies: %s", a.Status, a.Text(".error-summary"))
	}
	execute(t, s.db, allWell)
	if files, made := rowsOf(t, s.db, "files"), rowsOf(t, s.db, "statements"); files != 1 || made != 0 {
		t.Fatalf("%d files and %d statements when all is well again", files, made)
	}
	s.clock.Advance(2 * time.Minute)
	for range 2 {
		if _, made := s.statementOf(t, send()); len(made.Documents) != 1 {
			t.Errorf("saved %+v", made)
		}
	}
	if files, made := rowsOf(t, s.db, "files"), rowsOf(t, s.db, "statements"); files != 1 || made != 1 {
		t.Errorf("%d files and %d statements after it was sent again", files, made)
	}
}

// TestALateFormIsNotCommitted lets a form be taken for broken off that only was slow:
// what it did is undone, and it leads where the other one led.
func TestALateFormIsNotCommitted(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	actor, record := s.staff[testkit.Editor], s.record(t, register.TypeIncident, "cnss-2025").ID
	comment := func(ctx context.Context, words string) (string, error) {
		return "/desk/" + words, s.editorial.Comment(ctx, actor, record, words)
	}
	result, again, err := s.editorial.Once(t.Context(), actor, "a-random-word", url.Values{}, func(ctx context.Context) (string, error) {
		s.clock.Advance(2 * time.Minute)
		result, again, err := s.editorial.Once(t.Context(), actor, "a-random-word", url.Values{}, func(ctx context.Context) (string, error) {
			return comment(ctx, "second")
		})
		if result != "/desk/second" || again || err != nil {
			t.Errorf("the second: %q, again %t, %v", result, again, err)
		}
		return comment(ctx, "first")
	})
	if result != "/desk/second" || !again || err != nil {
		t.Errorf("the first: %q, again %t, %v", result, again, err)
	}
	if first, second := remarks(t, s.db, "first"), remarks(t, s.db, "second"); first != 0 || second != 1 {
		t.Errorf("%d remarks of the first, %d of the second", first, second)
	}
}

// TestWhatAFormCommittedDecides ends a form in each way, with and without a commit, and
// sends it again at once.
func TestWhatAFormCommittedDecides(t *testing.T) {
	t.Parallel()
	unreachable := fmt.Errorf("%w: for a test", register.ErrUnavailable)
	for _, c := range []struct {
		name      string
		committed bool
		without   bool // the transaction is one before the work itself
		result    string
		err       error
		works     int // how often it works when it is sent twice
	}{
		{"accepted", true, false, "/desk", nil, 1},
		{"accepted, with nothing to write", false, false, "/desk", nil, 1},
		{"refused", false, false, "", nil, 2},
		{"refused, after something that stays", true, false, "", nil, 2},
		{"answered by an error, nothing committed", false, false, "", unreachable, 2},
		{"answered by an error after the commit", true, false, "", unreachable, 1},
		{"answered by an error after a commit before the work", true, true, "", unreachable, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := testkit.Database(t)
			actor := testkit.Staff(t, d)[testkit.Analyst]
			clock := testkit.NewClock(testkit.FoundingDay())
			db := store.Wrap(d.Desk())
			e := editorial.New(db, clock.Now)
			works := 0
			for n := range 2 {
				_, again, err := e.Once(t.Context(), actor, "a-random-word", url.Values{}, func(ctx context.Context) (string, error) {
					works++
					if c.without {
						ctx = store.WithoutReceipt(ctx)
					}
					if c.committed {
						if err := db.InTx(ctx, func(store.Querier) error { return nil }); err != nil {
							t.Errorf("transaction: %v", err)
						}
					}
					return c.result, c.err
				})
				if again != (n == 1 && c.works == 1) || !again && !errors.Is(err, c.err) || again && err != nil {
					t.Errorf("sent %d: again %t, %v", n+1, again, err)
				}
				clock.Advance(10 * time.Second) // nobody is going to note anything any more
			}
			if works != c.works {
				t.Errorf("worked %d times, want %d", works, c.works)
			}
		})
	}
}

// TestARefusedFormCanBeSentAgainAtOnce sends a remark that says nothing, twice, and then
// one that says something, all with the word of the same page.
func TestARefusedFormCanBeSentAgainAtOnce(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	address := "/fr" + s.record(t, register.TypeIncident, "cnss-2025").address + "/history"
	for _, c := range []struct {
		words  string
		status int
	}{{"", http.StatusUnprocessableEntity}, {"", http.StatusUnprocessableEntity}, {"À vérifier", http.StatusSeeOther}} {
		form := url.Values{"act": {"comment"}, "comment": {c.words}, desk.OnceField: {"a-random-word"}}
		if a := testkit.Post(t, s, address, form, testkit.As(testkit.Editor)); a.Status != c.status {
			t.Errorf("%q: status %d, want %d", c.words, a.Status, c.status)
		}
	}
	if n := remarks(t, s.db, "À vérifier"); n != 1 {
		t.Errorf("%d remarks", n)
	}
}

// TestEveryFormHasAPageToLookAt: where a form led is not known after a kill; there is
// a page of the desk all the same.
func TestEveryFormHasAPageToLookAt(t *testing.T) {
	for pattern, want := range map[string]string{
		"/{lang}/desk/incidents/{id}/history":             "/desk/incidents/{id}/history",
		"/{lang}/desk/incidents/{id}/{part}/{key}/remove": "/desk/incidents/{id}",
		"/{lang}/desk/incidents/new":                      "/desk/incidents/new",
		"/{lang}/desk/review/{id}/comments":               "/desk/review/{id}",
		"/{lang}/desk/autosave/discard":                   "/desk",
		"/{lang}/desk/accounts/{account}/link":            "/desk/accounts/{account}",
		"/{lang}/desk/sources/{key}/captures/{number}":    "/desk/sources/{key}/captures/{number}",
		"/{lang}/desk/account/second-factor/codes":        "/desk/account/second-factor",
		"/{lang}/desk/institutions/{id}/{part}":           "/desk/institutions/{id}",
		"/{lang}/desk/import/{run}":                       "/desk/import/{run}",
	} {
		if got := web.PageOf(pattern, strings.TrimPrefix(pattern, "/{lang}")); got != want {
			t.Errorf("%s: %s, want %s", pattern, got, want)
		}
	}
	for _, r := range web.Routes() {
		if path := strings.TrimPrefix(r.Pattern, "/{lang}"); r.IsDesk() && !strings.HasPrefix(web.PageOf(r.Pattern, path), "/desk") {
			t.Errorf("%s has no page", r.Pattern)
		}
	}
}

func execute(tb testing.TB, d *testkit.DB, sql string) {
	tb.Helper()
	if _, err := d.Owner().Exec(tb.Context(), sql); err != nil {
		tb.Fatal(err)
	}
}

// remarks counts the remarks with some words.
func remarks(tb testing.TB, d *testkit.DB, words string) (n int) {
	tb.Helper()
	if err := d.Owner().QueryRow(tb.Context(), `SELECT count(*) FROM desk.comments WHERE body = $1`, words).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// rowsOf counts the rows of a table of the desk.
func rowsOf(tb testing.TB, d *testkit.DB, table string) (n int) {
	tb.Helper()
	if err := d.Owner().QueryRow(tb.Context(), `SELECT count(*) FROM desk.`+table).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}
