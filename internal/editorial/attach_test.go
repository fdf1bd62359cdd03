package editorial_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

func smallStatement(slug string) *register.Statement {
	return &register.Statement{
		Language: register.French, Slug: slug, Title: register.Text{"fr": "Communiqué"}, Kind: register.StatementCommunique,
		Documents: []register.Document{{
			Fact: register.Fact{Key: "document"}, Name: "communiqué.pdf", Type: "application/pdf", Size: 9,
			SHA256: "ab00000000000000000000000000000000000000000000000000000000000000",
		}},
	}
}

func smallIncident(slug string) *register.Incident {
	return &register.Incident{Language: register.French, Slug: slug, Title: register.Text{"fr": "Incident " + slug}, Standing: "suspected"}
}

func (h *house) statement(tb testing.TB, v editorial.Version) *register.Statement {
	tb.Helper()
	draft, _, err := h.editorial.Load(tb.Context(), h.editor, v.ID)
	must(tb, err)
	return draft.Statement
}

func TestAStatementIsAttachedInOneStep(t *testing.T) {
	h := newHouse(t)
	one := h.draft(t, editorial.Draft{Incident: smallIncident("un")})
	two := h.draft(t, editorial.Draft{Incident: smallIncident("deux")})
	attach := func(incidents ...register.Ref) (editorial.Version, error) {
		return h.editorial.AttachStatement(t.Context(), h.editor, editorial.Attachment{
			Statement: smallStatement("communique"), Issuer: smallInstitution("agence"), Incidents: incidents,
			Source: &register.Source{Kind: register.SourceOfficial, Publisher: "Agence", URL: "https://agence.example/communique"},
		})
	}
	first, err := attach(one.ID, two.ID, one.ID)
	must(t, err)
	second, err := attach(two.ID)
	must(t, err)

	a, b := h.statement(t, first), h.statement(t, second)
	if a.Slug != "communique" || b.Slug != "communique-2" || a.Issuer == "" || a.Issuer == b.Issuer {
		t.Errorf("slugs %s, %s; issuers %s, %s", a.Slug, b.Slug, a.Issuer, b.Issuer)
	}
	if len(a.Sources) != 1 || !slices.Equal(a.Sources, b.Sources) || !slices.Equal(a.Documents[0].Sources, a.Sources) {
		t.Errorf("one page is cited as %v and %v, its document with %v", a.Sources, b.Sources, a.Documents[0].Sources)
	}
	for _, c := range []struct {
		incident editorial.Version
		want     []register.Ref
		version  int
	}{{one, []register.Ref{first.ID}, 2}, {two, []register.Ref{first.ID, second.ID}, 3}} {
		draft, head, err := h.editorial.Load(t.Context(), h.editor, c.incident.ID)
		must(t, err)
		if !slices.Equal(draft.Incident.Statements, c.want) || head.Version != c.version {
			t.Errorf("version %d shows %v, want %d with %v", head.Version, draft.Incident.Statements, c.version, c.want)
		}
	}
	same, err := h.editorial.StatementsWithFile(t.Context(), h.analyst, a.Documents[0].SHA256)
	if err != nil || len(same) != 2 || same[0].ID != first.ID || same[0].Title["fr"] != "Communiqué" {
		t.Errorf("the file is attached to %v, %v", same, err)
	}
	shown, err := h.editorial.IncidentsWithStatement(t.Context(), h.analyst, first.ID)
	if err != nil || len(shown) != 2 || shown[0].ID != one.ID || shown[0].Title["fr"] != "Incident un" {
		t.Errorf("shown by %v, %v", shown, err)
	}
	beside, err := h.editorial.StatementsBeside(t.Context(), h.analyst, first.ID)
	if err != nil || len(beside) != 1 || beside[0].ID != second.ID || beside[0].Slug != "communique-2" {
		t.Errorf("beside %v, %v", beside, err)
	}
}

func TestNothingIsAttachedByHalves(t *testing.T) {
	h := newHouse(t)
	incident := h.draft(t, editorial.Draft{Incident: smallIncident("un")})
	cases := []struct {
		name string
		by   register.Actor
		a    editorial.Attachment
		want error
	}{
		{"by nobody", register.Actor{}, editorial.Attachment{Statement: smallStatement("a")}, register.ErrForbidden},
		{"to no incident", h.editor, editorial.Attachment{Statement: smallStatement("a"), Incidents: []register.Ref{incident.ID, "00000000-0000-0000-0000-000000000000"}}, register.ErrNotFound},
		{"to what is no identifier", h.editor, editorial.Attachment{Statement: smallStatement("a"), Incidents: []register.Ref{"x"}}, register.ErrNotFound},
		{"with a source without an address", h.editor, editorial.Attachment{Statement: smallStatement("a"), Source: &register.Source{Kind: "official", Publisher: "x", URL: "ftp://x"}}, nil},
	}
	for _, c := range cases {
		_, err := h.editorial.AttachStatement(t.Context(), c.by, c.a)
		if _, problems := errors.AsType[register.Problems](err); err == nil || c.want != nil && !errors.Is(err, c.want) || c.want == nil && !problems {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
	var count int
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.records WHERE type <> 'incident'`).Scan(&count))
	if count != 0 {
		t.Errorf("%d records are left of what failed", count)
	}
	_, head, err := h.editorial.Load(t.Context(), h.editor, incident.ID)
	if err != nil || head.Version != 1 {
		t.Errorf("the incident is at version %d, %v", head.Version, err)
	}
}

func addClaim(key string, topic register.Topic) func(*register.Statement) error {
	return func(s *register.Statement) error {
		s.Claims = append(s.Claims, register.Claim{
			Fact: register.Fact{Key: key}, Topic: topic, Paraphrase: register.Text{"fr": key},
			Quantifier: register.QuantifierUnstated, Modality: register.ModalityAsserts,
		})
		return nil
	}
}

// TestTwoPeopleMarkClaims lets two people work on one version at the same time.
func TestTwoPeopleMarkClaims(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Statement: smallStatement("communique")})
	var wg sync.WaitGroup
	for actor, key := range map[register.Actor]string{h.analyst: "fuite", h.editor: "saisine", h.editor2: "ampleur"} {
		wg.Go(func() {
			if _, err := h.editorial.ChangeStatement(t.Context(), actor, v, nil, addClaim(key, register.TopicScope)); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		})
	}
	wg.Wait()
	var keys []string
	for _, c := range h.statement(t, v).Claims {
		keys = append(keys, c.Key)
	}
	slices.Sort(keys)
	if !slices.Equal(keys, []string{"ampleur", "fuite", "saisine"}) {
		t.Errorf("of three claims there are %v", keys)
	}
}

func TestTheSameClaimCollides(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Statement: smallStatement("communique")})
	v, err := h.editorial.ChangeStatement(t.Context(), h.analyst, v, nil, addClaim("fuite", register.TopicScope))
	must(t, err)
	say := func(words string) func(*register.Statement) error {
		return func(s *register.Statement) error {
			s.Claim("fuite").Paraphrase = register.Text{"fr": words}
			return nil
		}
	}
	now, err := h.editorial.ChangeStatement(t.Context(), h.editor, v, nil, say("Une fuite, dit l’agence."))
	must(t, err)
	_, err = h.editorial.ChangeStatement(t.Context(), h.analyst, v, nil, say("Aucune fuite."))
	wantError(t, err, register.ErrConflict)
	collision, ok := errors.AsType[*editorial.CollisionError](err)
	if !ok || len(collision.Conflicts) != 1 || collision.Now != now || collision.Conflicts[0].Theirs.Value != "Une fuite, dit l’agence." {
		t.Fatalf("got %+v", collision)
	}
	if got := h.statement(t, v).Claim("fuite").Paraphrase["fr"]; got != "Une fuite, dit l’agence." {
		t.Errorf("the claim says %q", got)
	}
	_, err = h.editorial.ChangeStatement(t.Context(), h.analyst, now, nil, say("Aucune fuite."))
	must(t, err)
	broken := errors.New("broken")
	_, err = h.editorial.ChangeStatement(t.Context(), h.analyst, now, nil, func(*register.Statement) error { return broken })
	wantError(t, err, broken)
	_, err = h.editorial.ChangeStatement(t.Context(), register.Actor{}, now, nil, say(""))
	wantError(t, err, register.ErrForbidden)
	_, err = h.editorial.ChangeIncident(t.Context(), h.analyst, now, nil, func(*register.Incident) error { return nil })
	wantError(t, err, register.ErrNotFound)
}

// TestAClaimThatOthersPointToStays removes a claim on which a step rests.
func TestAClaimThatOthersPointToStays(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Statement: smallStatement("communique")})
	v, err := h.editorial.ChangeStatement(t.Context(), h.analyst, v, nil, addClaim("saisine", register.TopicReferral))
	must(t, err)
	incident := h.draft(t, editorial.Draft{Incident: smallIncident("un")})
	_, err = h.editorial.ChangeIncident(t.Context(), h.analyst, incident, nil, func(i *register.Incident) error {
		i.Statements = []register.Ref{v.ID}
		i.Events = []register.Event{{
			Fact: register.Fact{Key: "evenement", SaidIn: []register.ClaimRef{{Statement: v.ID, Claim: "saisine"}}},
			Kind: register.EventOther, Attestation: register.Asserted, Title: register.Text{"fr": "Saisine"},
		}}
		return nil
	})
	must(t, err)
	_, err = h.editorial.ChangeStatement(t.Context(), h.analyst, v, nil, func(s *register.Statement) error {
		s.Claims = nil
		return nil
	})
	problems, ok := errors.AsType[register.Problems](err)
	if !ok || problems[0].Key != "problem.claim-pointed-to" {
		t.Errorf("got %v", err)
	}
}

// TestTwoPeopleAddUnderOneKey: a key that both made of the same words names the
// thing of who came first, in whatever list; the other gets another key.
func TestTwoPeopleAddUnderOneKey(t *testing.T) {
	h := newHouse(t)
	v := h.draft(t, editorial.Draft{Incident: smallIncident("un")})
	cited := smallIncident("un").Sources
	_, err := h.editorial.ChangeIncident(t.Context(), h.editor, v, nil, func(i *register.Incident) error {
		i.Events = append(i.Events, register.Event{
			Fact: register.Fact{Key: "plainte", Sources: cited},
			Kind: register.EventOther, Attestation: register.Asserted, Title: register.Text{"fr": "Plainte"},
		})
		return nil
	})
	must(t, err)
	now, err := h.editorial.ChangeIncident(t.Context(), h.analyst, v, nil, func(i *register.Incident) error {
		i.Measures = append(i.Measures, register.Measure{
			Fact: register.Fact{Key: "plainte", Sources: cited}, Title: register.Text{"fr": "Dépôt de plainte"},
		})
		return nil
	})
	must(t, err)
	draft, _, err := h.editorial.Load(t.Context(), h.analyst, now.ID)
	must(t, err)
	i := draft.Incident
	if got := []string{i.Events[len(i.Events)-1].Key, i.Measures[len(i.Measures)-1].Key}; got[0] != "plainte" || got[1] != "plainte-2" {
		t.Errorf("keys %q", got)
	}
}
