package auth_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// meanwhile lets something that checks a password come as far as the check, does
// something else, and lets it go on.
func (h *house) meanwhile(slow, do func()) {
	h.t.Helper()
	release := h.FillHashSlots()
	var group sync.WaitGroup
	group.Go(slow)
	time.Sleep(300 * time.Millisecond) // it has read what it checks against, and waits
	do()
	release()
	group.Wait()
}

// replacePassword does what a change of the password does, without a hash: it gives
// the account that of another one.
func (h *house) replacePassword(account, like string) {
	h.t.Helper()
	err := h.store().InTx(h.t.Context(), func(q store.Querier) error {
		d := desk.New(q)
		hash, err := d.PasswordHash(h.t.Context(), accountID(h.t, h, like))
		return errors.Join(err, d.LockSessions(h.t.Context(), account), d.SetPasswordHash(h.t.Context(), account, hash, h.clock.Now()),
			d.UseLinks(h.t.Context(), account, h.clock.Now()), d.DeleteSessionsOf(h.t.Context(), account, ""))
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// TestAPasswordThatIsChangedMeanwhileLetsNobodyIn: who knows the old one signs in at
// the very moment in which it is replaced.
func TestAPasswordThatIsChangedMeanwhileLetsNobodyIn(t *testing.T) {
	for name, changed := range map[string]bool{"changed": true, "the control: not changed": false} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.hire("here@example.org", register.RoleEditor)
			h.hire("other@example.org", register.RoleEditor)
			here := accountID(t, h, "here@example.org")
			var err error
			h.meanwhile(func() { _, err = h.SignIn(t.Context(), "here@example.org", password, elsewhere(), "") }, func() {
				if changed {
					h.replacePassword(here, "other@example.org")
				}
			})
			sessions, errList := h.Sessions(t.Context(), here)
			if refused := errors.Is(err, auth.ErrCredentials); errList != nil || refused != changed || len(sessions) == 0 != changed {
				t.Errorf("%v, %d sessions, %v", err, len(sessions), errList)
			}
		})
	}
}

// TestASecondFactorThatIsSetUpMeanwhileIsAskedFor of who gave the password before.
func TestASecondFactorThatIsSetUpMeanwhileIsAskedFor(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	mine := h.enter("here@example.org")
	var s auth.Session
	var err error
	h.meanwhile(func() { s, err = h.SignIn(t.Context(), "here@example.org", password, elsewhere(), "") }, func() { h.enrol(mine) })
	if err != nil || s.Stage != auth.StageCode {
		t.Errorf("stage %q, %v", s.Stage, err)
	}
}

// TestAnAddressIsNotAskedForByASessionThatHasEnded: the link would outlive the
// password that was known.
func TestAnAddressIsNotAskedForByASessionThatHasEnded(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("other@example.org", register.RoleEditor)
	stolen := h.enter("here@example.org")
	var err error
	h.meanwhile(func() { _, err = h.AskEmail(t.Context(), stolen, "thief@example.org", password, elsewhere()) }, func() {
		h.replacePassword(stolen.Account.ID, "other@example.org")
	})
	wantIs(t, "asked", err, auth.ErrNoSession)
	for _, letter := range h.post.letters {
		if letter.Kind == auth.LetterEmail {
			t.Errorf("a link went to %s", letter.To)
		}
	}
}

// TestSignInsAtOnceWithAnOldHashAllCount: each of them renews the hash, one of them
// first.
func TestSignInsAtOnceWithAnOldHashAllCount(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	dearer, err := auth.New(auth.Config{
		DB: h.store(), Now: h.clock.Now, Secret: secret, Origin: "https://desk.example", Cost: auth.Cost{Memory: 128, Time: 1, Threads: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Auth = dearer
	errs := make([]error, 4)
	h.meanwhile(func() {
		var group sync.WaitGroup
		for i := range errs {
			group.Go(func() { _, errs[i] = dearer.SignIn(t.Context(), "here@example.org", password, office(), "") })
		}
		group.Wait()
	}, func() {})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
}

// TestAPasswordStandsInNoFactorsPlace: a session that awaits the second factor is not
// carried over it by the password, which it has given already.
func TestAPasswordStandsInNoFactorsPlace(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.enrol(h.enter("here@example.org"))
	s := h.enter("here@example.org")
	_, err := h.Prove(t.Context(), s, password, office())
	wantIs(t, "prove", err, auth.ErrNoSession)
	_, err = h.AskEmail(t.Context(), s, "thief@example.org", password, office())
	wantIs(t, "another address", err, auth.ErrNoSession)
	_, err = h.ChangePassword(t.Context(), s, password, "une tout autre phrase", office())
	wantIs(t, "another password", err, auth.ErrNoSession)
	if s, err = h.Session(t.Context(), s.Token); err != nil || s.Stage != auth.StageCode {
		t.Errorf("stage %q, %v", s.Stage, err)
	}
}

// TestARecoveryCodeIsTakenOnce in two sessions at once.
func TestARecoveryCodeIsTakenOnce(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	_, _, codes := h.enrol(h.enter("here@example.org"))
	for _, code := range codes[:4] {
		h.letsInOnce("here@example.org", code)
	}
}

// TestTheFirstAdminIsMadeOnce by two who have the code, and a letter sets one
// password.
func TestTheFirstAdminIsMadeOnce(t *testing.T) {
	h := newHouse(t)
	code, err := h.NewSetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 2)
	var group sync.WaitGroup
	for i, email := range []string{"a@example.org", "b@example.org"} {
		group.Go(func() {
			who := auth.Invitation{Email: email, Name: "A", Lang: register.French}
			_, errs[i] = h.Setup(t.Context(), code, who, password, office(), "")
		})
	}
	group.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two admins by one code: %v and %v", errs[0], errs[1])
	}
}

// TestWhatIsTypedForAnAddressNamesNobody: whatever stands where an address is typed, a
// lock is answered as one, and noted for no account that it happens to name.
func TestWhatIsTypedForAnAddressNamesNobody(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	for _, typed := range []string{"00000000-0000-0000-0000-000000000000", accountID(t, h, "here@example.org"), "' OR 1=1 --", "nobody@example.org"} {
		for range 10 {
			_, err := h.SignIn(t.Context(), typed, "wrong wrong wrong", elsewhere(), "")
			wantIs(t, typed, err, auth.ErrCredentials)
		}
		_, err := h.SignIn(t.Context(), typed, "wrong wrong wrong", elsewhere(), "")
		wantIs(t, typed, err, auth.ErrThrottled)
		if _, failed := errors.AsType[*pgconn.PgError](err); failed {
			t.Errorf("%s: %v", typed, err)
		}
	}
	var named int
	err := h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.audit WHERE action = 'locked-out' AND account_id IS NOT NULL`).Scan(&named)
	if err != nil || named != 0 {
		t.Errorf("%d locks are noted for an account, %v", named, err)
	}
}
