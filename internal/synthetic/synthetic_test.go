package synthetic_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/synthetic"
)

// TestRegister looks at all of an invented register: it is valid, as large as it
// was asked for, and distributed as a real one.
func TestRegister(t *testing.T) {
	t.Parallel()
	const incidents = 3000
	g := synthetic.New(incidents, 7)
	for n := range g.Institutions() {
		if problems := g.NextInstitution(n).Validate(); len(problems) > 0 {
			t.Fatalf("institution %d: %v", n, problems)
		}
	}
	var made, statements, claims, referrals, uncertain int
	words := map[string]int{}
	count := func(text register.Text) {
		for _, s := range text {
			for w := range strings.FieldsSeq(strings.ToLower(s)) {
				words[strings.TrimRight(w, ".")]++
			}
		}
	}
	for group := g.Next(); group != nil; group = g.Next() {
		made++
		for _, s := range group.Sources {
			if problems := s.Validate(); len(problems) > 0 {
				t.Fatalf("source of %d: %v", made, problems)
			}
		}
		for _, s := range group.Statements {
			if problems := s.Validate(); len(problems) > 0 {
				t.Fatalf("statement of %d: %v", made, problems)
			}
			statements++
			claims += len(s.Claims)
			count(s.Summary)
		}
		if problems := group.Incident.Validate(); len(problems) > 0 {
			t.Fatalf("incident %d: %v", made, problems)
		}
		referrals += len(group.Incident.Referrals)
		count(group.Incident.Summary)
		if d := group.Incident.Occurred(); !strings.Contains(d.String(), "-") {
			uncertain++ // a year
		}
	}
	if made != incidents || statements != g.Statements() || statements != 3*incidents {
		t.Errorf("%d incidents and %d statements, want %d and %d", made, statements, incidents, g.Statements())
	}
	within := func(what string, got, least, most int) {
		if got < least || got > most {
			t.Errorf("%d %s, want %d to %d", got, what, least, most)
		}
	}
	within("claims", claims, statements, 3*statements)
	within("referrals", referrals, incidents/6, incidents/3)
	within("incidents dated by the year", uncertain, incidents/20, incidents/5)
	within("words", len(words), 20_000, 36_100)
	total := 0
	for _, n := range words {
		total += n
	}
	within("times the commonest word", words["de"], total/100, total/5)
}

func TestSameSeedSameRegister(t *testing.T) {
	t.Parallel()
	write := func(seed uint64) string {
		g := synthetic.New(5, seed)
		var out strings.Builder
		for group := g.Next(); group != nil; group = g.Next() {
			if err := json.NewEncoder(&out).Encode(group); err != nil {
				t.Fatal(err)
			}
		}
		return out.String()
	}
	first := write(1)
	if write(1) != first {
		t.Error("the same seed gave two registers")
	}
	if write(2) == first {
		t.Error("two seeds gave the same register")
	}
}
