//go:build unix

package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// apiDraft is a draft that a program of staff makes by the API.
type apiDraft struct {
	key, slug string
	location  string // as it was acknowledged; "" where it was not
}

// tool is a program that makes drafts while things are killed, and asks again,
// with the same Idempotency-Key, for what it does not know.
type tool struct {
	tokens []string
	sent   []*apiDraft
	again  int // asked a second time
	lost   int // of which the first answer did not arrive
}

// newTool makes tokens, more than one since each may ask so often in a minute.
func newTool(t *testing.T, db *store.DB, signing *auth.Auth) *tool {
	t.Helper()
	analyst, _, err := founding.Hire(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	owner := auth.Session{Session: desk.Session{Account: desk.Account{ID: analyst.ID, Role: analyst.Role}, ProvedAt: time.Now()}}
	m := &tool{}
	for n := range 8 {
		token, err := signing.MakeToken(t.Context(), owner, auth.NewToken{Name: fmt.Sprintf("tool %d", n), Scopes: []register.Scope{register.ScopeWrite}, Days: 7})
		if err != nil {
			t.Fatal(err)
		}
		m.tokens = append(m.tokens, token)
	}
	return m
}

// begin makes drafts, several at once, as fast as they are taken, until it has made
// its number or a kill ends that; wait for it with the group.
func (m *tool) begin(k *kills, n int) *sync.WaitGroup {
	var writers sync.WaitGroup
	token := m.tokens[n%len(m.tokens)]
	for range 2 {
		var mine []*apiDraft
		for range 4 {
			mine = append(mine, &apiDraft{key: rand.Text(), slug: "api-" + strings.ToLower(rand.Text()[:16])})
		}
		m.sent = append(m.sent, mine...)
		writers.Go(func() {
			for _, d := range mine {
				status, location, _ := m.ask(k, token, d)
				if status == http.StatusCreated {
					d.location = location
				}
			}
		})
	}
	return &writers
}

func (m *tool) ask(k *kills, token string, d *apiDraft) (status int, location string, replayed bool) {
	body, err := json.Marshal(map[string]any{"record": map[string]any{
		"language": "fr", "slug": d.slug, "kind": "agency", "names": []map[string]any{{"key": "n", "language": "fr", "kind": "official", "name": "Agence " + d.slug}},
	}})
	if err != nil {
		k.t.Error(err)
		return 0, "", false
	}
	r, err := http.NewRequestWithContext(k.t.Context(), http.MethodPost, k.site.JoinPath("/api/v1/drafts/institutions").String(), bytes.NewReader(body))
	if err != nil {
		k.t.Error(err)
		return 0, "", false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Idempotency-Key", d.key)
	w := httptest.NewRecorder()
	k.office.site.ServeHTTP(w, r)
	if w.Code >= http.StatusBadRequest && w.Code < http.StatusInternalServerError {
		k.t.Errorf("a draft by the API: status %d: %s", w.Code, w.Body)
	}
	return w.Code, w.Header().Get("Location"), w.Header().Get("Idempotency-Replayed") == "true"
}

// askAgain asks for all drafts of a round once more, as a program does that cannot
// know: each is there once, and what was acknowledged is what it was.
func (m *tool) askAgain(k *kills, n int) {
	k.t.Helper()
	token := m.tokens[n%len(m.tokens)]
	for _, d := range m.sent {
		status, location, replayed := m.ask(k, token, d)
		m.again++
		switch {
		case status != http.StatusCreated:
			k.t.Errorf("kill %d: the draft %s is asked for again: status %d", n, d.slug, status)
		case d.location != "" && (location != d.location || !replayed):
			k.t.Errorf("kill %d: the draft %s was acknowledged as %s, and is %s (replayed: %t)", n, d.slug, d.location, location, replayed)
		case d.location == "":
			m.lost++
		}
		var found int
		connection := k.connect()
		if err := connection.QueryRow(k.t.Context(), `SELECT count(*) FROM desk.records WHERE slug = $1`, d.slug).Scan(&found); err != nil || found != 1 {
			k.t.Errorf("kill %d: the draft %s is there %d times: %v", n, d.slug, found, err)
		}
		_ = connection.Close(k.t.Context())
	}
	m.sent = nil
}
