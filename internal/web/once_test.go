package web_test

import (
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
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
		result, again, err := e.Once(t.Context(), staff[who], word, url.Values{"title": {title}}, func() (string, error) {
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
		result, _, _ := e.Once(t.Context(), actor, "a-random-word", url.Values{}, func() (string, error) {
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
