package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
)

// TestTheTrueUserGetsIn: somebody guesses at an account for days, from many
// networks, and its owner comes to work every morning.
func TestTheTrueUserGetsIn(t *testing.T) {
	const owner, days = "here@example.org", 2
	for _, c := range []struct {
		name string
		// from is where the owner comes from; known whether his browser is.
		from  auth.From
		known bool
		in    bool // he gets in each morning
	}{
		{"his usual browser, at the office", office(), true, true},
		{"his usual browser, elsewhere", elsewhere(), true, true},
		{"his usual browser, in a network of the attacker", auth.From{Addr: networkOf(0)}, true, true},
		// The control: without what the browser keeps he is like anybody else.
		{"another browser", office(), false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.hire(owner, register.RoleEditor)
			h.enter(owner)
			if c.known {
				c.from.Known = h.KnownBrowser(owner, "")
			}
			tried := 0
			guess := func(n int) bool {
				_, err := h.SignIn(t.Context(), owner, "wrong wrong wrong", auth.From{Addr: networkOf(n)}, "")
				if errors.Is(err, auth.ErrCredentials) {
					tried++
				} else if !errors.Is(err, auth.ErrThrottled) {
					t.Fatal(err)
				}
				return err != nil && !errors.Is(err, auth.ErrThrottled)
			}
			for quarter := range days * 24 * 4 {
				for n := quarter * 12; guess(n) && n < quarter*12+11; n++ { // until it is no use for now
				}
				if quarter%96 == 40 {
					_, err := h.SignIn(t.Context(), owner, password, c.from, "")
					if in := err == nil; in != c.in {
						t.Errorf("quarter %d: %v, want in: %t", quarter, err, c.in)
					}
				}
				h.clock.Advance(15 * time.Minute)
			}
			if tried > 51*days || tried < 40*days {
				t.Errorf("%d guesses were looked at in %d days, want about 50 a day", tried, days)
			}
		})
	}
}

// networkOf is an address in the nth of many networks.
func networkOf(n int) netip.Addr {
	return netip.MustParseAddr(fmt.Sprintf("2001:db8:%x:%x::1", n>>8, (n&0xff)<<8))
}

// TestWhatABrowserIsKnownBy: the token is of one address, for a time, and is no
// way to guess for ever.
func TestWhatABrowserIsKnownBy(t *testing.T) {
	h := newHouse(t)
	h.hire("here@example.org", register.RoleEditor)
	h.hire("there@example.org", register.RoleEditor)
	token := h.KnownBrowser("Here@example.org", "")
	full := func(email string) {
		t.Helper()
		for range 10 {
			_, err := h.SignIn(t.Context(), email, "wrong wrong wrong", elsewhere(), "")
			wantIs(t, "a guess", err, auth.ErrCredentials)
		}
	}
	full("here@example.org")
	full("there@example.org")
	enter := func(email, token string) error {
		from := office()
		from.Known = token
		_, err := h.SignIn(t.Context(), email, password, from, "")
		return err
	}
	wantIs(t, "known", enter("here@example.org", token), nil)
	wantIs(t, "of another account", enter("there@example.org", token), auth.ErrThrottled)
	changed := []byte(token)
	for i := range changed {
		was := changed[i]
		if changed[i] = 'A'; was == 'A' {
			changed[i] = 'B'
		}
		// The last letter has two bits that say nothing.
		if err := enter("here@example.org", string(changed)); i < len(changed)-1 && !errors.Is(err, auth.ErrThrottled) {
			t.Errorf("letter %d changed: %v", i, err)
		}
		changed[i] = was
	}
	for _, none := range []string{"", "x", token + "A", token[1:]} {
		wantIs(t, none, enter("here@example.org", none), auth.ErrThrottled)
	}
	wantIs(t, "as it was made before it was for passkeys, too", enter("here@example.org", beforeAnybody(t, token)), nil)
	again := h.KnownBrowser("here@example.org", token)
	from := office()
	from.Known = token
	for range 10 {
		_, err := h.SignIn(t.Context(), "here@example.org", "wrong wrong wrong", from, "")
		wantIs(t, "a guess in the known browser", err, auth.ErrCredentials)
	}
	wantIs(t, "too many there", enter("here@example.org", token), auth.ErrThrottled)
	wantIs(t, "the token that followed", enter("here@example.org", again), auth.ErrThrottled)
	h.clock.Advance(auth.KnownTime)
	full("here@example.org")
	wantIs(t, "long ago", enter("here@example.org", token), auth.ErrThrottled)
}
