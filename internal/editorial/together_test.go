package editorial_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// togetherVariable is how many acts each person of TestActsAtTheSameTime does; without
// it a few.
const togetherVariable = "SIJIL_TEST_TOGETHER"

// crowd is people who do everything that can be done with a few records at the same time.
type crowd struct {
	*house
	moment  atomic.Int64 // a clock that goes on whenever somebody looks at it
	records []register.Ref
	types   map[register.Ref]register.RecordType
	mu      sync.Mutex
	done    map[string]int // acts that were done, by name
	refused map[string]int
	counted atomic.Int64 // generations that were counted by acts that were done
	people  []register.Actor
}

// TestActsAtTheSameTime has people draft, send, approve, return, publish, set times,
// withdraw, bring back, merge, take down, attach, log and sign, all at the same time and
// with the same few records. Nobody is told of anything but what a person can understand,
// and above all of no deadlock; then the register is held to what must always be true of it.
func TestActsAtTheSameTime(t *testing.T) {
	acts := 20
	if n, err := strconv.Atoi(os.Getenv(togetherVariable)); err == nil {
		acts = n
	}
	c := newCrowd(t)
	before := c.generation(t)
	var all sync.WaitGroup
	for person := range 8 {
		all.Go(func() { c.work(t, person, acts) })
	}
	stop := make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() { c.read(t, stop) })
	all.Wait()
	close(stop)
	readers.Wait()
	t.Logf("done: %v; refused: %v", c.done, c.refused)
	c.judge(t, before)
}

func newCrowd(t *testing.T) *crowd {
	t.Helper()
	c := &crowd{house: newHouse(t), types: map[register.Ref]register.RecordType{}, done: map[string]int{}, refused: map[string]int{}}
	c.moment.Store(c.clock.Now().Unix())
	now := func() time.Time { return time.Unix(c.moment.Add(1), 0) }
	c.editorial = editorial.New(store.Wrap(c.db.Desk()), now).WithTakedown(store.Wrap(c.db.Takedown()), &shelf{})
	c.people = []register.Actor{c.analyst, c.editor, c.editor2, c.admin}
	source := register.Source{Key: "src-1", Kind: register.SourceOfficial, Publisher: "Agence", Title: "Page", URL: "https://agence.example/"}
	must(t, c.editorial.SaveSources(t.Context(), c.analyst, []register.Source{source}))
	var versions []editorial.Version
	add := func(d editorial.Draft) register.Ref {
		v := c.draft(t, d)
		versions = append(versions, v)
		c.records = append(c.records, v.ID)
		c.types[v.ID] = d.Type()
		return v.ID
	}
	var institutions, statements []register.Ref
	for i := range 5 {
		institutions = append(institutions, add(editorial.Draft{Institution: smallInstitution(fmt.Sprint("agence-", i))}))
	}
	for i := range 5 {
		statements = append(statements, add(editorial.Draft{Statement: &register.Statement{
			Language: "fr", Slug: fmt.Sprint("dit-", i), Title: inThree, Summary: inThree,
			Kind: register.StatementCommunique, Issuer: institutions[i], Sources: []string{"src-1"},
		}}))
	}
	for i := range 4 {
		add(editorial.Draft{Incident: &register.Incident{
			Language: "fr", Slug: fmt.Sprint("fuite-", i), Title: inThree, Summary: inThree,
			Standing: register.Standings()[0], Kinds: []string{"information-content-security/data-leak"}, Sources: []string{"src-1"},
			Affected:   []register.AffectedInstitution{{Fact: register.Fact{Key: "affected-1", Sources: []string{"src-1"}}, Institution: institutions[i]}},
			Statements: []register.Ref{statements[i], statements[i+1]},
		}})
	}
	c.publish(t, versions)
	return c
}

func (c *crowd) generation(t *testing.T) (n int64) {
	t.Helper()
	must(t, c.db.Owner().QueryRow(t.Context(), `SELECT generation FROM record.generations`).Scan(&n))
	return n
}

// work does so many acts, each of which may be refused for a reason.
func (c *crowd) work(t *testing.T, person, acts int) {
	t.Helper()
	random := rand.New(rand.NewPCG(uint64(person), 7)) // the same each time, as far as people are
	what := c.acts()
	names := slices.Sorted(maps.Keys(what))
	for range acts {
		name := names[random.IntN(len(names))]
		err := what[name](t.Context(), random)
		c.mu.Lock()
		if err == nil {
			c.done[name]++
		} else {
			c.refused[name]++
		}
		c.mu.Unlock()
		if why := rude(err); why != "" {
			t.Errorf("%s: %s: %v", name, why, err)
		}
	}
}

// rude says why an answer is none that a person can understand.
func rude(err error) string {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(pgErr.Code, "40") {
		return "a deadlock"
	}
	_, isProblem := errors.AsType[register.Problems](err)
	for _, kind := range []error{nil, register.ErrForbidden, register.ErrConflict, register.ErrNotFound, register.ErrWithdrawn} {
		if isProblem || errors.Is(err, kind) {
			return ""
		}
	}
	return "an error that nobody expects"
}

// act is something that somebody does, with what chance chooses.
type act func(ctx context.Context, random *rand.Rand) error

func (c *crowd) any(random *rand.Rand) register.Ref {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.records[random.IntN(len(c.records))]
}

func (c *crowd) anyOf(random *rand.Rand, of register.RecordType) register.Ref {
	for {
		if id := c.any(random); c.types[id] == of {
			return id
		}
	}
}

func (c *crowd) acts() map[string]act {
	reviewer := func(random *rand.Rand) register.Actor { return c.people[1+random.IntN(len(c.people)-1)] }
	// once has what is published counted.
	once := func(err error) error {
		if err == nil {
			c.counted.Add(1)
		}
		return err
	}
	edit := func(ctx context.Context, random *rand.Rand) (editorial.Version, error) {
		draft, _, err := c.editorial.Load(ctx, c.analyst, c.any(random))
		if err != nil {
			return editorial.Version{}, err
		}
		return c.editorial.Save(ctx, c.analyst, draft)
	}
	send := func(ctx context.Context, random *rand.Rand) (string, error) {
		v, err := edit(ctx, random)
		if err != nil {
			return "", err
		}
		return c.editorial.SendBundle(ctx, c.analyst, v, c.records, "")
	}
	bundle := func(ctx context.Context, random *rand.Rand) (string, error) {
		id, err := c.editorial.ReviewOf(ctx, c.editor, c.any(random))
		if err == nil && id == "" {
			return send(ctx, random)
		}
		return id, err
	}
	withBundle := func(do func(ctx context.Context, random *rand.Rand, id string) error) act {
		return func(ctx context.Context, random *rand.Rand) error {
			id, err := bundle(ctx, random)
			if err != nil {
				return err
			}
			return do(ctx, random, id)
		}
	}
	decide := func(ctx context.Context, id string, err error) error {
		if err != nil {
			return err
		}
		return once(c.editorial.Confirm(ctx, c.editor2, id))
	}
	return map[string]act{
		"edit": func(ctx context.Context, random *rand.Rand) error { _, err := edit(ctx, random); return err },
		"send": func(ctx context.Context, random *rand.Rand) error { _, err := send(ctx, random); return err },
		"publish": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			_, err := c.editorial.PublishBundle(ctx, reviewer(random), id, decision())
			return once(err)
		}),
		"publish one": func(ctx context.Context, random *rand.Rand) error {
			v, err := edit(ctx, random)
			if err != nil {
				return err
			}
			if err := c.editorial.SendForReview(ctx, c.analyst, v, ""); err != nil {
				return err
			}
			if err := c.editorial.Approve(ctx, c.editor, v); err != nil {
				return err
			}
			_, err = c.editorial.Publish(ctx, c.editor, []editorial.Version{v}, firstEdition)
			return once(err)
		},
		"approve": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			return c.editorial.ApproveBundle(ctx, reviewer(random), id, register.ReviewChecks())
		}),
		"return": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			return c.editorial.ReturnBundle(ctx, reviewer(random), id, "non")
		}),
		"claim": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			return c.editorial.Claim(ctx, reviewer(random), id, true)
		}),
		"set a time": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			dec := decision()
			dec.At = time.Unix(c.moment.Load(), 0).Add(20 * time.Second)
			_, err := c.editorial.PublishBundle(ctx, reviewer(random), id, dec)
			return err
		}),
		"unset a time": withBundle(func(ctx context.Context, random *rand.Rand, id string) error {
			return c.editorial.Unschedule(ctx, reviewer(random), id)
		}),
		"keep times": func(ctx context.Context, _ *rand.Rand) error {
			return c.editorial.PublishDue(ctx, time.Unix(c.moment.Load(), 0))
		},
		"withdraw": func(ctx context.Context, random *rand.Rand) error {
			id, err := c.editorial.ProposeWithdrawal(ctx, c.editor, editorial.Withdrawal{Record: c.any(random), Notice: inThree})
			return decide(ctx, id, err)
		},
		"merge": func(ctx context.Context, random *rand.Rand) error {
			of := []register.RecordType{register.TypeInstitution, register.TypeIncident}[random.IntN(2)]
			id, err := c.editorial.ProposeMerge(ctx, c.editor, editorial.Merge{Record: c.anyOf(random, of), Target: c.anyOf(random, of), Reason: inThree})
			return decide(ctx, id, err)
		},
		"take down": func(ctx context.Context, random *rand.Rand) error {
			id, err := c.editorial.RequestTakedown(ctx, c.admin, editorial.Takedown{Record: c.any(random), First: 1, Last: 1 + random.IntN(3), Reason: byLaw, Note: "Dossier"})
			return decide(ctx, id, err)
		},
		"attach": func(ctx context.Context, random *rand.Rand) error {
			_, err := c.editorial.AttachStatement(ctx, c.analyst, editorial.Attachment{
				Statement: smallStatement("communique"), Issuer: smallInstitution("agence"),
				Incidents: []register.Ref{c.anyOf(random, register.TypeIncident), c.anyOf(random, register.TypeIncident)},
				Source:    &register.Source{Kind: register.SourceOfficial, Publisher: "Agence", URL: "https://agence.example/communique"},
			})
			return err
		},
		"log": func(ctx context.Context, _ *rand.Rand) error {
			_, err := c.editorial.Log(ctx, c.analyst, editorial.NewIncident{
				Title: "Encore une fuite", Lang: "fr", NewInstitution: &editorial.NewInstitution{Name: "Office", Lang: "fr", Kind: register.InstitutionAgency},
				Kind: "information-content-security/data-leak", URL: "https://presse.example/", Publisher: "Presse",
			})
			return err
		},
		"save a source": func(ctx context.Context, _ *rand.Rand) error {
			return c.editorial.SaveSources(ctx, c.analyst, []register.Source{{Key: "src-1", Kind: register.SourceOfficial, Publisher: "Agence", Title: "Page", URL: "https://agence.example/"}})
		},
	}
}

// read asks for everything as readers do until it is stopped.
func (c *crowd) read(t *testing.T, stop chan struct{}) {
	t.Helper()
	for {
		select {
		case <-stop:
			return
		default:
		}
		for i := range 5 {
			_, errI := c.public.Institution(t.Context(), fmt.Sprint("agence-", i))
			_, errS := c.public.Statement(t.Context(), fmt.Sprint("dit-", i))
			_, errN := c.public.Incident(t.Context(), fmt.Sprint("fuite-", i))
			for _, err := range []error{errI, errS, errN} {
				_, moved := errors.AsType[*register.MovedError](err)
				if err != nil && !moved && !errors.Is(err, register.ErrWithdrawn) && !errors.Is(err, register.ErrNotFound) {
					t.Errorf("a reader: %v", err)
				}
			}
		}
	}
}

// judge holds the register to what must be true of it whatever was done.
func (c *crowd) judge(t *testing.T, before int64) {
	t.Helper()
	var kept int64
	must(t, c.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.scheduled_publications WHERE outcome = 'published'`).Scan(&kept))
	if got, want := c.generation(t)-before, c.counted.Load()+kept; got != want {
		t.Errorf("%d generations were counted for %d acts", got, want)
	}
	for what, sql := range map[string]string{
		"heads that are not at the newest edition": `
			SELECT count(*) FROM record.heads AS h WHERE h.number <> (SELECT max(number) FROM record.editions AS e WHERE e.reference = h.reference)`,
		"pins of current editions that lead to past ones": `
			SELECT count(*)
			FROM record.heads AS h
			JOIN record.pins AS p USING (reference, number)
			JOIN record.heads AS shown ON shown.reference = p.pinned_reference
			WHERE h.state = 'published' AND p.pinned_number <> shown.number`,
		"records whose last edition was published before an earlier one": `
			SELECT count(*) FROM record.editions AS e JOIN record.editions AS f ON f.reference = e.reference AND f.number = e.number - 1
			WHERE f.published_at > e.published_at`,
		"leaves that come before an earlier one in time": `
			SELECT count(*) FROM record.log_leaves AS l JOIN record.log_leaves AS m ON m.position = l.position - 1 WHERE m.logged_at > l.logged_at`,
		"editions that the audit does not name exactly once": `
			SELECT count(*) FROM record.editions AS e WHERE 1 <> (
			    SELECT count(*) FROM desk.audit AS a
			    WHERE a.action IN ('publish', 'carry') AND a.detail ->> 'reference' = e.reference AND (a.detail ->> 'edition')::int = e.number)`,
		"decisions that the audit does not name exactly once": `
			SELECT count(*) FROM desk.decisions AS d WHERE d.outcome = 'confirmed' AND 1 <> (
			    SELECT count(*) FROM desk.audit AS a WHERE a.action = d.kind AND a.detail ->> 'decision' = d.id::text)`,
		"versions that the audit does not name exactly once": `
			SELECT count(*) FROM desk.changes AS v WHERE 1 <> (
			    SELECT count(*) FROM desk.audit AS a WHERE a.action IN ('draft', 'change') AND a.record_id = v.record_id AND a.version = v.version)`,
		"published drafts that are not what is public": `
			SELECT count(*) FROM desk.records AS r JOIN record.heads AS h USING (reference)
			WHERE r.state = 'published' AND r.version <> r.published_version`,
		"open reviews of what is in no review": `
			SELECT count(*) FROM desk.bundles AS b JOIN desk.bundle_records AS m ON m.bundle_id = b.id JOIN desk.records AS r ON r.id = m.record_id
			WHERE b.outcome IS NULL AND (r.version <> m.version OR r.state NOT IN ('in-review', 'approved'))`,
	} {
		var n int
		if must(t, c.db.Owner().QueryRow(t.Context(), sql).Scan(&n)); n > 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	c.checkEditions(t, c.wholeLog(t))
	chain, err := desk.New(store.Wrap(c.db.Desk()).Querier()).CheckAudit(t.Context())
	if must(t, err); chain.Broken > 0 {
		t.Errorf("the audit is broken at line %d of %d", chain.Broken, chain.Lines)
	}
	c.projectAnew(t)
}

// projections are the tables that follow from what is published.
func projections() []string {
	return []string{
		"cited_sources", "claims", "documents", "incident_institutions", "incident_statements", "incidents", "institutions",
		"referral_parties", "referrals", "search_newest", "search_rows", "search_words", "statement_relations", "statements",
	}
}

// projectAnew throws what lists and searches read away, makes it anew of what is
// published, and compares.
func (c *crowd) projectAnew(t *testing.T) {
	t.Helper()
	before := c.projected(t)
	_, err := c.db.Owner().Exec(t.Context(), `
		DO $$
		DECLARE one record; -- they are made anew in no order
		BEGIN
		    FOR one IN SELECT conrelid::regclass AS of, conname FROM pg_constraint WHERE contype = 'f' AND confrelid = ANY (
		        ARRAY['record.incidents', 'record.statements', 'record.institutions', 'record.referrals']::regclass[])
		    LOOP
		        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.of, one.conname);
		    END LOOP;
		END
		$$;
		TRUNCATE record.`+strings.Join(projections(), `, record.`))
	must(t, err)
	must(t, store.Wrap(c.db.Desk()).InTx(t.Context(), func(q store.Querier) error {
		n, err := record.NewWriter(q).MakeFindable(t.Context(), 1000)
		t.Logf("%d records are public", n)
		return err
	}))
	for table, rows := range c.projected(t) {
		if was := before[table]; !slices.Equal(was, rows) {
			t.Errorf("%s holds\n%s\nand made anew\n%s", table, strings.Join(was, "\n"), strings.Join(rows, "\n"))
		}
	}
}

func (c *crowd) projected(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range projections() {
		rows, err := c.db.Owner().Query(t.Context(), `SELECT to_jsonb(x)::text FROM record.`+table+` AS x ORDER BY 1`)
		must(t, err)
		out[table], err = pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
	}
	return out
}
