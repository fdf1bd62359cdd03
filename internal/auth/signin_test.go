package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

func accountID(t *testing.T, h *house, email string) string {
	t.Helper()
	staff, err := h.AccountByEmail(t.Context(), auth.Operator(), email)
	if err != nil {
		t.Fatal(err)
	}
	return staff.ID
}

// TestNothingTellsWhetherAnAccountExists compares the answers, and the work,
// for everybody who cannot sign in.
func TestNothingTellsWhetherAnAccountExists(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	h.hire("gone@example.org", register.RoleAnalyst)
	h.hire("boss@example.org", register.RoleAdmin)
	if err := h.Deactivate(t.Context(), auth.Operator(), accountID(t, h, "gone@example.org")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invite(t.Context(), auth.Operator(), auth.Invitation{
		Email: "invited@example.org", Name: "I", Role: register.RoleEditor, Lang: register.Arabic,
	}); err != nil {
		t.Fatal(err)
	}
	tries := []struct{ who, email, password string }{
		{"wrong password", "here@example.org", "quatre chevaux faux"},
		{"unknown", "nobody@example.org", password},
		{"deactivated", "gone@example.org", password},
		{"not answered yet", "invited@example.org", ""},
		{"too long", "here@example.org", strings.Repeat("x", 2000)},
		{"no address", "", ""},
	}
	for _, c := range tries {
		before := h.audited("sign-in-failed")
		s, err := h.SignIn(t.Context(), c.email, c.password, office(), "")
		wantIs(t, c.who, err, auth.ErrCredentials)
		if s.Token != "" || h.audited("sign-in-failed") != before+1 {
			t.Errorf("%s: token %q, %d audited", c.who, s.Token, h.audited("sign-in-failed")-before)
		}
	}
	// The same work: where no hash can be made, nobody gets an answer.
	release := h.FillHashSlots()
	defer release()
	for _, c := range tries {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, err := h.SignIn(ctx, c.email, c.password, elsewhere(), "")
		cancel()
		wantIs(t, c.who+", no room", err, register.ErrUnavailable)
	}
}

func TestForgotTellsNothing(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	for _, email := range []string{"here@example.org", "nobody@example.org"} {
		for n := range 4 {
			err := h.Forgot(t.Context(), email, office())
			if throttled := errors.Is(err, auth.ErrThrottled); throttled != (n == 3) || (err != nil && !throttled) {
				t.Errorf("%s, time %d: %v", email, n, err)
			}
		}
	}
	if len(h.post.letters) != 3 || h.audited("ask-reset") != 6 {
		t.Errorf("%d letters, %d audited", len(h.post.letters), h.audited("ask-reset"))
	}
}

// TestWhoIsRefusedALetterHasOne: others ask for letters to an address all day, from
// everywhere. Whenever its owner is refused one, the last that he got lets him in.
func TestWhoIsRefusedALetterHasOne(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	refused := 0
	for n := range 24 * 12 {
		h.clock.Advance(5 * time.Minute)
		from := auth.From{Addr: netip.AddrFrom4([4]byte{198, byte(n / 256), byte(n), 1})}
		switch err := h.Forgot(t.Context(), "here@example.org", from); {
		case errors.Is(err, auth.ErrThrottled):
			refused++
		case err != nil:
			t.Fatal(err)
		}
		last := h.post.last(t, auth.LetterReset)
		if _, err := h.OpenLink(t.Context(), "reset", tokenIn(last.Path)); err != nil {
			t.Fatalf("after %d times, %d of them refused: %v", n+1, refused, err)
		}
	}
	if refused < 200 {
		t.Errorf("%d of %d were refused", refused, 24*12)
	}
}

func TestThrottlePerAccountRolls(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	for _, email := range []string{"here@example.org", "nobody@example.org"} {
		for n := range 10 {
			_, err := h.SignIn(t.Context(), email, "wrong wrong wrong", office(), "")
			wantIs(t, fmt.Sprint(email, n), err, auth.ErrCredentials)
			h.clock.Advance(time.Minute)
		}
		_, err := h.SignIn(t.Context(), email, password, elsewhere(), "")
		throttled, ok := errors.AsType[*auth.ThrottledError](err)
		if !ok || throttled.Wait != 5*time.Minute {
			t.Errorf("%s: %v, want a wait of 5 min", email, err)
		}
		h.clock.Advance(-10 * time.Minute)
	}
	h.clock.Advance(15*time.Minute + time.Second) // the first attempt has left the window
	if s := h.enter("here@example.org"); s.Stage != auth.StageFull {
		t.Errorf("stage %q", s.Stage)
	}
	// A right password forgives what went before.
	for n := range 9 {
		_, err := h.SignIn(t.Context(), "here@example.org", "wrong wrong wrong", office(), "")
		wantIs(t, fmt.Sprint(n), err, auth.ErrCredentials)
	}
	h.enter("here@example.org")
}

// TestThrottlePerNetwork tries many accounts from one network, each from an
// address of its own.
func TestThrottlePerNetwork(t *testing.T) {
	for name, at := range map[string]func(n int) netip.Addr{
		"v4/24": func(n int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(n)}) },
		"v6/56": func(n int) netip.Addr {
			return netip.MustParseAddr(fmt.Sprintf("2001:db8:0:%x::%x", n, n+1))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.hire("here@example.org", register.RoleAnalyst)
			var err error
			for n := range 101 {
				_, err = h.SignIn(t.Context(), fmt.Sprintf("a%d@example.org", n), "wrong wrong wrong", auth.From{Addr: at(n)}, "")
				if n < 100 && !errors.Is(err, auth.ErrCredentials) {
					t.Fatalf("attempt %d: %v", n, err)
				}
			}
			wantIs(t, "the 101st", err, auth.ErrThrottled)
			_, err = h.SignIn(t.Context(), "here@example.org", password, auth.From{Addr: netip.MustParseAddr("198.51.100.1")}, "")
			wantIs(t, "another network", err, nil)
		})
	}
}

// TestAttemptsAtOnceAreCounted: many guesses in one moment get no more tries
// than one after the other.
func TestAttemptsAtOnceAreCounted(t *testing.T) {
	h := newHouse(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	tried := 0
	for range 24 {
		group.Go(func() {
			_, err := h.SignIn(t.Context(), "nobody@example.org", "wrong wrong wrong", office(), "")
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, auth.ErrCredentials) {
				tried++
			} else if !errors.Is(err, auth.ErrThrottled) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if tried != 10 {
		t.Errorf("%d guesses were looked at, want 10", tried)
	}
}

func TestSessionsExpire(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	for _, c := range []struct {
		name  string
		steps []time.Duration
		lives bool
	}{
		{"used at once", nil, true},
		{"idle, just not", []time.Duration{30*time.Minute - time.Second}, true},
		{"idle", []time.Duration{30 * time.Minute}, false},
		{"idle since the last use", []time.Duration{20 * time.Minute, 20 * time.Minute}, true},
		{"absolute", repeat(25*time.Minute, 29), false}, // 12 h 5 min
		{"absolute, just not", repeat(25*time.Minute, 28), true},
	} {
		s := h.enter("here@example.org")
		var err error
		for _, step := range c.steps {
			h.clock.Advance(step)
			_, err = h.Session(t.Context(), s.Token)
		}
		if lives := err == nil; lives != c.lives {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func repeat(d time.Duration, n int) (out []time.Duration) {
	for range n {
		out = append(out, d)
	}
	return out
}

func TestTokensRotate(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	first := h.enter("here@example.org")
	second, err := h.SignIn(t.Context(), "here@example.org", password, office(), first.Token)
	if err != nil || second.Token == first.Token || second.Form == first.Form {
		t.Fatalf("sign-in: %v", err)
	}
	h.wantNoSession(first.Token) // the browser's session before
	shown, third, _ := h.enrol(second)
	h.wantNoSession(second.Token)
	h.clock.Advance(time.Minute)
	pending := h.enter("here@example.org")
	if pending.Stage != auth.StageCode {
		t.Fatalf("stage %q", pending.Stage)
	}
	full, err := h.GiveCode(t.Context(), pending.Token, auth.CodeAt(shown, h.clock.Now()), office())
	if err != nil || full.Stage != auth.StageFull {
		t.Fatalf("code: %v, stage %q", err, full.Stage)
	}
	h.wantNoSession(pending.Token)
	proved, err := h.Prove(t.Context(), full, password, office())
	if err != nil {
		t.Fatal(err)
	}
	h.wantNoSession(full.Token)
	for _, s := range []auth.Session{third, proved} {
		if _, err := h.Session(t.Context(), s.Token); err != nil {
			t.Error(err)
		}
	}
	var kept int
	row := h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.sessions WHERE encode(token_hash, 'escape') = $1`, proved.Token)
	if err := row.Scan(&kept); err != nil || kept != 0 {
		t.Errorf("the token itself is kept: %d, %v", kept, err)
	}
}

func TestTheCodeMustComeSoon(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleAnalyst)
	shown, _, _ := h.enrol(h.enter("here@example.org"))
	h.clock.Advance(time.Minute)
	s := h.enter("here@example.org")
	h.clock.Advance(10 * time.Minute)
	_, err := h.GiveCode(t.Context(), s.Token, auth.CodeAt(shown, h.clock.Now()), office())
	wantIs(t, "late code", err, auth.ErrNoSession)
}

// TestChangesEndSessions: who was deactivated, or has got another role, is out
// at once, even where only the row was changed.
func TestChangesEndSessions(t *testing.T) {
	for name, do := range map[string]func(h *house, id string) error{
		"deactivated": func(h *house, id string) error { return h.Deactivate(t.Context(), auth.Operator(), id) },
		"role": func(h *house, id string) error {
			return h.ChangeRole(t.Context(), auth.Operator(), id, register.RoleAnalyst)
		},
		"factors cleared": func(h *house, id string) error { return h.ClearFactors(t.Context(), auth.Operator(), id) },
		"role, by hand": func(h *house, id string) error {
			_, err := h.db.Owner().Exec(t.Context(), `UPDATE desk.accounts SET role = 'admin' WHERE id = $1`, id)
			return err
		},
		"deactivated, by hand": func(h *house, id string) error {
			_, err := h.db.Owner().Exec(t.Context(), `UPDATE desk.accounts SET deactivated_at = now() WHERE id = $1`, id)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.hire("here@example.org", register.RoleEditor)
			s := h.enter("here@example.org")
			if err := do(h, s.Account.ID); err != nil {
				t.Fatal(err)
			}
			h.wantNoSession(s.Token)
		})
	}
}

// TestNewDevicesAreTold: the first device is no news, and each other one once.
func TestNewDevicesAreTold(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	for _, from := range []auth.From{office(), office(), elsewhere(), elsewhere(), office()} {
		if _, err := h.SignIn(t.Context(), "here@example.org", password, from, ""); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.post.letters) != 1 {
		t.Fatalf("%d letters: %+v", len(h.post.letters), h.post.letters)
	}
	letter := h.post.last(t, auth.LetterDevice)
	if letter.To != "here@example.org" || letter.Device != "Chromium · 2001:db8:1::/56" || letter.Path != "/fr/desk/account" {
		t.Errorf("%+v", letter)
	}
}

func TestRevoke(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("other@example.org", register.RoleEditor)
	mine, stranger := h.enter("here@example.org"), h.enter("other@example.org")
	h.clock.Advance(time.Minute)
	phone, err := h.SignIn(t.Context(), "here@example.org", password, elsewhere(), "")
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.Sessions(t.Context(), mine.Account.ID)
	if err != nil || len(list) != 2 || list[0].Device != "Chromium" || list[0].Network != "2001:db8:1::/56" ||
		list[1].Network != "203.0.113.0/24" {
		t.Fatalf("%+v, %v", list, err)
	}
	wantIs(t, "a stranger's", h.Revoke(t.Context(), mine, stranger.ID), register.ErrNotFound)
	wantIs(t, "no identifier", h.Revoke(t.Context(), mine, "' OR true"), register.ErrNotFound)
	wantIs(t, "my own", h.Revoke(t.Context(), mine, phone.ID), nil)
	h.wantNoSession(phone.Token)
	phone, err = h.SignIn(t.Context(), "here@example.org", password, elsewhere(), "")
	if err != nil {
		t.Fatal(err)
	}
	wantIs(t, "others", h.RevokeOthers(t.Context(), mine), nil)
	h.wantNoSession(phone.Token)
	for _, s := range []auth.Session{mine, stranger} {
		if _, err := h.Session(t.Context(), s.Token); err != nil {
			t.Error(err)
		}
	}
	wantIs(t, "sign-out", h.SignOut(t.Context(), mine.Token), nil)
	h.wantNoSession(mine.Token)
	wantIs(t, "sign-out again", h.SignOut(t.Context(), mine.Token), nil)
}

// TestRehash: a password that is given is kept at today's cost.
func TestRehash(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	dearer := newHouseOn(t, h, auth.Cost{Memory: 128, Time: 1, Threads: 1})
	dearer.enter("here@example.org")
	var hash string
	if err := h.db.Owner().QueryRow(t.Context(), `SELECT hash FROM desk.passwords`).Scan(&hash); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=128,t=1,p=1$") {
		t.Error(hash)
	}
	dearer.enter("here@example.org")
}

func newHouseOn(t *testing.T, h *house, cost auth.Cost) *house {
	t.Helper()
	other := *h
	var err error
	if other.Auth, err = auth.New(auth.Config{
		DB: h.store(), Now: h.clock.Now, Secret: secret, Origin: "https://desk.example", Cost: cost,
	}); err != nil {
		t.Fatal(err)
	}
	return &other
}
