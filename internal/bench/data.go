package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/founding"
	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/synthetic"
)

// filler is how many incidents the register has besides those that are measured, as sijil
// gen makes them up: one of a few dozen would be in the caches of everything.
const (
	filler     = 2000
	fillerSeed = 1
)

// fill makes a database with a register that is made up and, published by the way that
// editors take, the founding record and incidents of 40 and of 200 entries; and the
// finished page of one as a stored blob, once for each.
func (b *bench) fill(ctx context.Context) error {
	owner := b.postgres.URL(database, localpg.Superuser)
	if err := store.EnsureDatabase(ctx, b.postgres.URL("postgres", localpg.Superuser), database); err != nil {
		return err
	}
	if err := errors.Join(store.Migrator{URL: owner}.Up(ctx), store.EnsureLogins(ctx, owner)); err != nil {
		return err
	}
	working, err := store.Open(ctx, b.postgres.URL(database, store.DeskLogin), store.DeskSide)
	if err != nil {
		return err
	}
	defer working.Close()
	say("making up %d incidents", b.filler)
	if _, err := synthetic.Fill(ctx, working, owner, b.filler, fillerSeed, time.Now, func(synthetic.Stage, int, int) {}); err != nil {
		return fmt.Errorf("the register that is made up: %w", err)
	}
	if _, err := founding.Publish(ctx, working, time.Now); err != nil {
		return err
	}
	analyst, editor, err := founding.Hire(ctx, working)
	if err != nil {
		return err
	}
	p := publisher{editorial.New(working, time.Now), analyst, editor}
	if err := p.editorial.SaveSources(ctx, analyst, sources()); err != nil {
		return err
	}
	published, err := p.publish(ctx, editorial.Draft{Institution: institution()})
	if err != nil {
		return fmt.Errorf("institution: %w", err)
	}
	b.institution = published.ID
	for _, entries := range []int{40, 200} {
		for copies := range alike {
			if _, err := p.publish(ctx, editorial.Draft{Incident: incident(entries, copies+1, b.institution)}); err != nil {
				return fmt.Errorf("incident of %d entries: %w", entries, err)
			}
		}
	}
	return b.storeBlob(ctx, owner)
}

// publisher takes drafts through review.
type publisher struct {
	editorial       *editorial.Editorial
	analyst, editor register.Actor
}

func (p publisher) publish(ctx context.Context, draft editorial.Draft) (editorial.Version, error) {
	v, err := p.editorial.Save(ctx, p.analyst, draft)
	if err != nil {
		return v, err
	}
	if err := p.editorial.SendForReview(ctx, p.analyst, v, ""); err != nil {
		return v, err
	}
	if err := p.editorial.Approve(ctx, p.editor, v); err != nil {
		return v, err
	}
	_, err = p.editorial.Publish(ctx, p.editor, []editorial.Version{v}, three("Une mesure.", "قياس.", "A measurement."))
	return v, err
}

func three(fr, ar, en string) register.Text { return register.Text{"fr": fr, "ar": ar, "en": en} }

// sourceCount is how many sources an incident has.
const sourceCount = 12

func sources() []register.Source {
	out := make([]register.Source, sourceCount)
	for i := range out {
		out[i] = register.Source{
			Key: fmt.Sprintf("banc-%d", i), Kind: register.SourcePressReport, Publisher: fmt.Sprintf("Journal %d", i+1), Language: "fr",
			URL: fmt.Sprintf("https://journal-%d.example/2025/04/09/un-titre-assez-long", i+1), Published: day(i).Date(),
			Gist: three("Rapporte l’attaque et cite le communiqué.", "يورد الهجوم ويستشهد بالبلاغ.", "Reports the attack and cites the communiqué."),
		}
	}
	return out
}

func day(n int) edtf.Day { return edtf.Day{Year: 2025, Month: time.April, Day: 1}.AddDays(n) }

func institution() *register.Institution {
	name := func(lang register.Lang, name string) register.InstitutionName {
		return register.InstitutionName{Key: "name-" + string(lang), Language: lang, Kind: register.NameOfficial, Name: name}
	}
	return &register.Institution{
		Language: register.French, Slug: "banc", Kind: register.InstitutionAgency, Sources: []string{"banc-0"},
		Names: []register.InstitutionName{
			name(register.French, "Agence de la mesure"), name(register.Arabic, "وكالة القياس"), name(register.English, "Agency of measurement"),
		},
	}
}

// alike is how many incidents there are of each length. Those who read cold pages ask
// for them in turn: of one page, readers who come at once would all get one made.
const alike = 32

// incident is one with n entries, of an institution, the which-th of its length.
func incident(n, which int, of register.Ref) *register.Incident {
	i := &register.Incident{
		Language: "fr", Slug: fmt.Sprintf("banc-%d-%d", n, which), Standing: "confirmed", Country: "MA",
		Title:   three("Un incident composé pour la mesure", "حادث مركب للقياس", "An incident composed for a measurement"),
		Summary: three("Ce qui en est dit tient en une phrase assez longue.", "ما قيل عنه يسعه سطر واحد طويل بعض الشيء.", "What is said of it fits one rather long sentence."),
		Kinds:   []string{"information-content-security/data-leak"},
		Affected: []register.AffectedInstitution{{
			Fact: register.Fact{Key: "target", Sources: []string{"banc-0"}}, Institution: of, Roles: []register.Role{register.RoleTarget},
		}},
	}
	for s := range sourceCount {
		i.Sources = append(i.Sources, fmt.Sprintf("banc-%d", s))
	}
	for e := range n {
		fact := register.Fact{Key: fmt.Sprintf("entry-%d", e), Dates: register.Dates{{EDTF: day(e).Date(), Basis: register.BasisStated}}}
		for s := range 3 {
			fact.Sources = append(fact.Sources, i.Sources[(e+5*s)%sourceCount])
		}
		i.Events = append(i.Events, register.Event{
			Fact: fact, Kind: register.EventAttack, Attestation: register.Reported,
			Title: three(fmt.Sprintf("Une entrée, la %d", e), fmt.Sprintf("مدخل رقم %d", e), fmt.Sprintf("An entry, number %d", e)),
			Body: three(
				"Plusieurs journaux rapportent ce qui suit, sans que l’institution l’ait confirmé au moment de la publication.",
				"تورد عدة صحف ما يلي دون أن تؤكده المؤسسة وقت النشر.",
				"Several papers report what follows, which the institution had not confirmed at the time of publication."),
		})
	}
	return i
}

// storeBlob makes the tables of the prototypes, in the private cluster of this run, and
// keeps the finished page as one row, for the one that reads it.
func (b *bench) storeBlob(ctx context.Context, owner string) error {
	s, err := cold(ctx, b.postgres.URL(database, store.PublicLogin))
	if err != nil {
		return err
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, page40, http.NoBody))
	if w.Code != http.StatusOK {
		return fmt.Errorf("%s: status %d", page40, w.Code)
	}
	stem := strings.TrimSuffix(page40, "1")
	db, err := store.Open(ctx, owner, store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	const id = " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
	for _, sql := range []string{
		"CREATE SCHEMA bench",
		"CREATE TABLE bench.pages (path text PRIMARY KEY, body bytea NOT NULL)",
		"CREATE TABLE bench.lines" + id + "body text NOT NULL)",
		"CREATE TABLE bench.records (id bigint PRIMARY KEY, version bigint NOT NULL)",
		"CREATE TABLE bench.statements" + id + "record_id bigint NOT NULL REFERENCES bench.records, body text NOT NULL)",
		"CREATE TABLE bench.timeline" + id + "record_id bigint NOT NULL REFERENCES bench.records, day date NOT NULL, title text NOT NULL)",
		"CREATE TABLE bench.audit" + id + "record_id bigint NOT NULL, action text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
		"INSERT INTO bench.records (id, version) SELECT n, 1 FROM generate_series(0, 15) AS n",
		"GRANT USAGE ON SCHEMA bench TO PUBLIC", "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA bench TO PUBLIC",
	} {
		if _, err := db.Querier().Exec(ctx, sql); err != nil {
			return err
		}
	}
	_, err = db.Querier().Exec(ctx, "INSERT INTO bench.pages (path, body) SELECT $1::text || n, $2 FROM generate_series(1, $3::int) AS n", stem, w.Body.Bytes(), alike)
	return err
}
