package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/jobs"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

// silent sends letters as usual, and for an address that nobody has does nothing.
type silent struct{ jobs.Post }

func (silent) Pretend(context.Context, store.Querier, auth.Letter) error { return nil }

// TestForgotAsksTheDatabaseTheSame whether the address that is typed has an account, a
// deactivated one, one whose invitation was not answered, or none: the same statements,
// as often and in the same order. With a way that does nothing where there is no account
// they are others: that is the control.
func TestForgotAsksTheDatabaseTheSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		post auth.Post
		same bool
	}{"as it is": {jobs.Post{}, true}, "control": {silent{}, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := testkit.Database(t)
			config, err := pgxpool.ParseConfig(db.DeskURL())
			if err != nil {
				t.Fatal(err)
			}
			config.ConnConfig.Tracer = tracer{}
			pool, err := pgxpool.NewWithConfig(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(pool.Close)
			d := newDoorOn(t, db, "http://sijil.test", func(cfg *auth.Config) { cfg.DB, cfg.Post = store.Wrap(pool), c.post })
			d.outcasts(t)
			statements := func(email string) []string {
				var all trace
				a := testkit.Post(t, d, "/fr/desk/forgot", url.Values{"email": {email}}, traced(&all))
				if a.Status != http.StatusOK {
					t.Errorf("%s: status %d", email, a.Status)
				}
				return all.texts
			}
			statements("first@example.org") // words of vocabularies are read once
			known := statements(testkit.Editor)
			if !slices.ContainsFunc(known, func(sql string) bool { return strings.Contains(sql, "INSERT INTO desk.mails") }) {
				t.Fatalf("no letter is written:\n%s", strings.Join(known, "\n"))
			}
			for email, same := range map[string]bool{"nobody@example.org": c.same, "gone@example.org": c.same, "invited@example.org": true} {
				if got := statements(email); slices.Equal(got, known) != same {
					t.Errorf("%s: want the same statements: %t\n%s\nand\n%s", email, same, strings.Join(got, "\n"), strings.Join(known, "\n"))
				}
			}
			// No letter is left but those to accounts.
			var letters []string
			if err := db.Owner().QueryRow(t.Context(), `SELECT array_agg(address || ' ' || kind ORDER BY address) FROM desk.mails`).Scan(&letters); err != nil {
				t.Fatal(err)
			}
			if want := []string{testkit.Editor + " password-reset", "invited@example.org invitation"}; !slices.Equal(letters, want) {
				t.Errorf("letters %q, want %q", letters, want)
			}
		})
	}
}

// outcasts are an account that was deactivated, and one that was only invited.
func (d *door) outcasts(t *testing.T) {
	t.Helper()
	idOf := func(email string) (id string) {
		t.Helper()
		if err := d.db.Owner().QueryRow(t.Context(), `SELECT id FROM desk.accounts WHERE email = $1`, email).Scan(&id); err != nil {
			t.Fatal(err)
		}
		return id
	}
	admin := register.Actor{ID: idOf(testkit.Admin), Role: register.RoleAdmin}
	err := d.auth.EnsureStaff(t.Context(), auth.Invitation{Email: "gone@example.org", Name: "Gone", Role: register.RoleAnalyst, Lang: register.French}, rightPassword)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.auth.Deactivate(t.Context(), admin, idOf("gone@example.org")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.auth.Invite(t.Context(), admin, auth.Invitation{Email: "invited@example.org", Name: "New", Role: register.RoleAnalyst, Lang: register.French}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.db.Owner().Exec(t.Context(), `DELETE FROM desk.mails`); err != nil {
		t.Fatal(err)
	}
}
