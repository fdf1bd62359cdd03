package auth_test

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

const (
	secret   = "0123456789abcdef0123456789abcdef"
	password = "quatre chevaux corrects"
)

// house is a desk with nobody in it yet.
type house struct {
	*auth.Auth
	t     *testing.T
	db    *testkit.DB
	clock *testkit.Clock
	post  *mailbag
}

// mailbag keeps letters instead of sending them.
type mailbag struct {
	mu      sync.Mutex
	letters []auth.Letter
}

func (*mailbag) Pretend(context.Context, store.Querier, auth.Letter) error { return nil }

func (m *mailbag) Send(_ context.Context, _ store.Querier, l auth.Letter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, l)
	return nil
}

// last returns the newest letter of a kind.
func (m *mailbag) last(t *testing.T, kind auth.LetterKind) auth.Letter {
	t.Helper()
	for _, v := range slices.Backward(m.letters) {
		if v.Kind == kind {
			return v
		}
	}
	t.Fatalf("no letter %q in %v", kind, m.letters)
	return auth.Letter{}
}

// cheap keeps tests quick; what a hash costs is tested apart.
func cheap() auth.Cost { return auth.Cost{Memory: 64, Time: 1, Threads: 1} }

func newHouse(t *testing.T, change ...func(*auth.Config)) *house {
	t.Helper()
	h := &house{
		t: t, db: testkit.Database(t), post: &mailbag{},
		clock: testkit.NewClock(time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)),
	}
	cfg := auth.Config{
		DB: store.Wrap(h.db.Desk()), Now: h.clock.Now, Secret: secret, Origin: "https://desk.example",
		Post: h.post, Cost: cheap(),
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if h.Auth, err = auth.New(cfg); err != nil {
		t.Fatal(err)
	}
	return h
}

// hire makes somebody who can sign in.
func (h *house) hire(email string, role register.AccountRole) {
	h.t.Helper()
	err := h.EnsureStaff(h.t.Context(), auth.Invitation{Email: email, Name: email, Role: role, Lang: register.French}, password)
	if err != nil {
		h.t.Fatal(err)
	}
}

func office() auth.From {
	return auth.From{Addr: netip.MustParseAddr("203.0.113.7"), Device: "Firefox"}
}

func elsewhere() auth.From {
	return auth.From{Addr: netip.MustParseAddr("2001:db8:1:2::3"), Device: "Chromium"}
}

// enter signs in with the password.
func (h *house) enter(email string) auth.Session {
	h.t.Helper()
	s, err := h.SignIn(h.t.Context(), email, password, office(), "")
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// enrol sets one-time codes up and returns the secret, the session that follows
// and the recovery codes.
func (h *house) enrol(s auth.Session) (shown string, next auth.Session, codes []string) {
	h.t.Helper()
	if err := h.BeginTOTP(h.t.Context(), s); err != nil {
		h.t.Fatal(err)
	}
	setup, err := h.PendingTOTP(h.t.Context(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	if !strings.HasPrefix(setup.Image, "data:image/png;base64,iVBOR") {
		h.t.Fatalf("the QR code is no PNG: %.60s", setup.Image)
	}
	next, codes, err = h.ConfirmTOTP(h.t.Context(), s, auth.CodeAt(setup.Secret, h.clock.Now()), office())
	if err != nil {
		h.t.Fatal(err)
	}
	return setup.Secret, next, codes
}

func (h *house) wantNoSession(token string) {
	h.t.Helper()
	if _, err := h.Session(h.t.Context(), token); !errors.Is(err, auth.ErrNoSession) {
		h.t.Errorf("the session lives: %v", err)
	}
}

func (h *house) audited(action string) (n int) {
	h.t.Helper()
	if err := h.db.Owner().QueryRow(h.t.Context(), `SELECT count(*) FROM desk.audit WHERE action = $1`, action).Scan(&n); err != nil {
		h.t.Fatal(err)
	}
	return n
}

func wantIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

func wantProblem(t *testing.T, what string, err error, key string) {
	t.Helper()
	var problems register.Problems
	if !errors.As(err, &problems) || problems[0].Key != key {
		t.Errorf("%s: got %v, want %s", what, err, key)
	}
}

func (h *house) store() *store.DB { return store.Wrap(h.db.Desk()) }
