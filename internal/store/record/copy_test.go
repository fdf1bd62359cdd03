package record_test

import (
	"context"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
)

// copying are the lists by which the register is copied, from a cursor on, so many
// rows at once; each returns the cursor of its next page.
func copying(s *record.Store, since time.Time) map[string]func(ctx context.Context, after string, most int) (string, error) {
	return map[string]func(ctx context.Context, after string, most int) (string, error){
		"incidents": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.ChangedIncidents(ctx, register.IncidentFilter{After: after, Most: most}, since)
			return l.Next, err
		},
		"statements": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.ChangedStatements(ctx, register.StatementFilter{After: after, Most: most}, since)
			return l.Next, err
		},
		"institutions": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.ChangedInstitutions(ctx, register.InstitutionFilter{Lang: register.French, After: after, Most: most}, since)
			return l.Next, err
		},
		"claims": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.Claims(ctx, register.ClaimFilter{Since: since, After: after, Most: most})
			return l.Next, err
		},
		"referrals": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.ChangedReferrals(ctx, register.ReferralFilter{Today: edtf.DayOf(testkit.FoundingDay()), After: after, Most: most}, since)
			return l.Next, err
		},
		"sources": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.Sources(ctx, register.SourceFilter{Since: since, After: after, Most: most})
			return l.Next, err
		},
		"editions": func(ctx context.Context, after string, most int) (string, error) {
			l, err := s.Editions(ctx, register.EditionFilter{Since: since, After: after, Most: most})
			return l.Next, err
		},
	}
}

func TestCopiesGoOnFromTheirOwnCursorsOnly(t *testing.T) {
	t.Parallel()
	s := record.NewStore(store.Wrap(testkit.Founding(t).Public()))
	encode := func(keys string) string { return base64.RawURLEncoding.EncodeToString([]byte(keys)) }
	for name, page := range copying(s, time.Unix(0, 0)) {
		next, err := page(t.Context(), "", 1)
		if err != nil || name != "incidents" && name != "editions" && next == "" {
			t.Errorf("%s: next %q, %v", name, next, err)
		}
		if next != "" {
			if again, err := page(t.Context(), next, 1); err != nil || again == next {
				t.Errorf("%s: after %q comes %q, %v", name, next, again, err)
			}
		}
		for _, after := range []string{
			"nonsense", "=", encode("a\x1fb\x1fc"), encode("2025-04-08\x1fSJ-2025-0001"), encode("0000-01-01T00:00:00Z\x1fx\x1f1"),
			encode("2025-04-08T00:00:00Z\x1fa\x1fb\x1fc\x1fd"), encode("2025-04-08T00:00:00Z\x1f\x00\x1f1"),
		} {
			if _, err := page(t.Context(), after, 1); !errors.Is(err, register.ErrInvalid) {
				t.Errorf("%s: cursor %q: %v", name, after, err)
			}
		}
	}
	if _, err := s.ChangedIncidents(t.Context(), register.IncidentFilter{Query: "CNSS"}, time.Unix(0, 0)); !errors.Is(err, register.ErrInvalid) {
		t.Errorf("a search for what has changed: %v", err)
	}
}

// BenchmarkCopy reads a page in the middle of a copy of 100,000 incidents:
//
//	go test -run '^$' -bench BenchmarkCopy -benchtime 20x -timeout 30m ./internal/store/record
func BenchmarkCopy(b *testing.B) {
	const most = 100
	d := testkit.Database(b)
	testkit.Crowd(b, d, testkit.CrowdSize{Institutions: 10_000, Published: 100_000})
	s := record.NewStore(store.Wrap(d.Public()))
	for name, page := range copying(s, time.Unix(0, 0)) {
		after := ""
		for range 100 {
			next, err := page(b.Context(), after, most)
			if err != nil {
				b.Fatal(err)
			}
			if next == "" {
				break
			}
			after = next
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := page(b.Context(), after, most); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
