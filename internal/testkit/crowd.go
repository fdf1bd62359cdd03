package testkit

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// CrowdSize is how many records Crowd makes.
type CrowdSize struct {
	Institutions, Published, Drafts, InReview int
}

// mark stands in the texts of a model for the words that tell its copies apart.
const mark = "zzmark"

// Crowd fills a database with copies of small models, for benchmarks: a model
// goes the way of every record, and its rows are then copied by the database
// itself, with other identifiers, names, institutions and dates. It works as
// the owner, with triggers and foreign keys off, which only a test can do. The
// public log holds the models only.
// Statistics are up to date when it returns.
func Crowd(tb testing.TB, d *DB, size CrowdSize) {
	tb.Helper()
	c := &crowd{tb: tb, db: d, staff: Staff(tb, d), clock: NewClock(FoundingDay())}
	c.editorial = editorial.New(store.Wrap(d.Desk()), c.clock.Now)
	c.must(c.editorial.SaveSources(tb.Context(), c.staff[Analyst], []register.Source{
		{Key: "model-source", Kind: register.SourcePressReport, Publisher: "La presse", URL: "https://press.example/model"},
	}))
	institution := c.publish(editorial.Draft{Institution: modelInstitution()})
	published := c.publish(editorial.Draft{Incident: modelIncident("published", institution)})
	draft := c.save(editorial.Draft{Incident: modelIncident("draft", institution)})
	waiting := c.save(editorial.Draft{Incident: modelIncident("waiting", institution)})
	c.must(c.editorial.SendForReview(tb.Context(), c.staff[Analyst], waiting, ""))
	for _, batch := range []struct {
		model  register.Ref
		series string
		count  int
	}{
		{institution, "IN-C", size.Institutions},
		{published, "SJ-1999", size.Published},
		{draft.ID, "draft", size.Drafts},
		{waiting.ID, "waiting", size.InReview},
	} {
		c.copies(batch.model, batch.series, batch.count, size.Institutions)
	}
	for _, sql := range []string{countSearchWords, `VACUUM (ANALYZE)`} {
		_, err := d.Owner().Exec(tb.Context(), sql)
		c.must(err)
	}
}

// countSearchWords counts the words of all incidents, as publishing them does.
const countSearchWords = `
	INSERT INTO record.search_words (word, documents, trigrams)
	SELECT word, ndoc, ARRAY(
	    SELECT DISTINCT substr('  ' || word || ' ', at, 3)
	    FROM generate_series(1, length(word) + 1) AS at)
	FROM ts_stat('SELECT words FROM record.search_rows WHERE type = ''incident''')
	ON CONFLICT (word) DO UPDATE SET documents = EXCLUDED.documents`

type crowd struct {
	tb        testing.TB
	db        *DB
	staff     map[string]register.Actor
	clock     *Clock
	editorial *editorial.Editorial
}

func (c *crowd) must(err error) {
	c.tb.Helper()
	if err != nil {
		c.tb.Fatalf("testkit: crowd: %v", err)
	}
}

func (c *crowd) save(draft editorial.Draft) editorial.Version {
	c.tb.Helper()
	v, err := c.editorial.Save(c.tb.Context(), c.staff[Analyst], draft)
	c.must(err)
	return v
}

func (c *crowd) publish(draft editorial.Draft) register.Ref {
	c.tb.Helper()
	ctx := c.tb.Context()
	v := c.save(draft)
	c.must(c.editorial.SendForReview(ctx, c.staff[Analyst], v, ""))
	c.must(c.editorial.Approve(ctx, c.staff[Editor], v))
	_, err := c.editorial.Publish(ctx, c.staff[Editor], []editorial.Version{v}, register.Text{register.French: "Modèle."})
	c.must(err)
	return v.ID
}

func inEveryLanguage(s string) register.Text {
	return register.Text{register.French: s, register.Arabic: s, register.English: s}
}

func modelInstitution() *register.Institution {
	return &register.Institution{
		Language: register.French, Slug: "model-institution", Kind: register.InstitutionAgency, Sector: "health", Country: "MA",
		Names: []register.InstitutionName{
			{Key: "fr", Language: register.French, Kind: register.NameOfficial, Name: "Agence nationale " + mark},
			{Key: "ar", Language: register.Arabic, Kind: register.NameOfficial, Name: "الوكالة الوطنية " + mark},
		},
	}
}

func modelIncident(name string, institution register.Ref) *register.Incident {
	date, err := edtf.Parse("2024-03-15")
	if err != nil {
		panic(err)
	}
	dates := register.Dates{{EDTF: date, Basis: register.BasisStated}}
	by := inEveryLanguage("La presse")
	fact := func(key string) register.Fact {
		return register.Fact{Key: key, Dates: dates, Sources: []string{"model-source"}}
	}
	return &register.Incident{
		Language: register.French, Slug: "model-" + name, Standing: "suspected", Country: "MA",
		Title: inEveryLanguage("Fuite de données " + mark), Summary: inEveryLanguage("Des données circulent " + mark),
		Kinds:    []string{"information-content-security/data-leak"},
		Affected: []register.AffectedInstitution{{Fact: register.Fact{Key: "target", Sources: []string{"model-source"}}, Institution: institution, Roles: []register.Role{register.RoleTarget}}},
		Events: []register.Event{
			{Fact: fact("attack"), Kind: register.EventAttack, Attestation: register.Reported, Title: inEveryLanguage("Attaque " + mark)},
			{Fact: fact("leak"), Kind: register.EventDataPublication, Attestation: register.Reported, Title: inEveryLanguage("Publication " + mark)},
		},
		Referrals: []register.Referral{{
			Fact: register.Fact{Key: "referral", Sources: []string{"model-source"}}, Kind: register.ReferralJudicial,
			Title: inEveryLanguage("Saisine"), ByName: by, ToName: by,
			Steps: []register.Step{{Fact: fact("announced"), Step: "announced", Level: register.PressOnly, Title: inEveryLanguage("Saisine annoncée")}},
		}},
		Sources: []string{"model-source"},
	}
}

// copyTimeout is long: what is copied is large, and the machine is shared.
const copyTimeout = 10 * time.Minute

// copies multiplies all rows of a model in both schemas.
func (c *crowd) copies(model register.Ref, series string, count, institutions int) {
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(c.tb.Context(), copyTimeout)
	defer cancel()
	var reference string
	c.must(c.db.Owner().QueryRow(ctx, `SELECT coalesce(reference, '') FROM desk.records WHERE id = $1`, model).Scan(&reference))
	c.must(pgx.BeginFunc(ctx, c.db.Owner(), func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		tables, err := c.tables(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			if t.key == "reference" && reference == "" {
				continue
			}
			if _, err := tx.Exec(ctx, t.copySQL(), pgx.StrictNamedArgs{
				"model": model, "reference": reference, "series": series, "count": count, "institutions": max(institutions, 1),
			}); err != nil {
				return fmt.Errorf("copy %s: %w", t.name, err)
			}
		}
		return nil
	}))
}

// copiedTable is a table whose rows belong to a record.
type copiedTable struct {
	name    string // with its schema
	key     string // the column that names the record
	columns []copiedColumn
}

type copiedColumn struct{ name, kind string }

// tables lists the tables of both schemas whose rows belong to one record, by
// its identifier or its reference, with the columns that are to be copied.
func (c *crowd) tables(ctx context.Context, tx pgx.Tx) ([]copiedTable, error) {
	rows, err := tx.Query(ctx, `
		SELECT n.nspname || '.' || c.relname,
		       array_agg(a.attname::text ORDER BY a.attnum),
		       array_agg(format_type(a.atttypid, NULL) ORDER BY a.attnum)
		FROM pg_catalog.pg_class AS c
		JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_catalog.pg_attrdef AS d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
		WHERE c.relkind = 'r' AND n.nspname IN ('desk', 'record') AND c.relname NOT IN ('audit', 'reference_series', 'log_leaves')
		  AND a.attgenerated = '' AND a.attidentity = ''
		  -- identifiers that the table gives by itself are given anew
		  AND NOT (a.attname = 'id' AND c.relname NOT IN ('records', 'bundles') AND d.adbin IS NOT NULL)
		GROUP BY 1`)
	if err != nil {
		return nil, err
	}
	var out []copiedTable
	var name string
	var columns, kinds []string
	_, err = pgx.ForEachRow(rows, []any{&name, &columns, &kinds}, func() error {
		t := copiedTable{name: name}
		for i, column := range columns {
			t.columns = append(t.columns, copiedColumn{column, kinds[i]})
			switch {
			case column == "record_id", name == "desk.records" && column == "id":
				t.key = column
			case strings.HasPrefix(name, "record.") && (column == "reference" || column == "incident_reference"):
				t.key = column
			}
		}
		if t.key != "" {
			out = append(out, t)
		}
		return nil
	})
	return out, err
}

// isReference reports whether the record is named by its public reference.
func (t copiedTable) isReference() bool { return strings.HasSuffix(t.key, "reference") }

// copySQL is the statement that copies the model's rows.
func (t copiedTable) copySQL() string {
	names, values := make([]string, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i], values[i] = pgx.Identifier{c.name}.Sanitize(), t.value(c)
	}
	of := "@model::uuid"
	if t.isReference() {
		of = "@reference::text"
	}
	return fmt.Sprintf(`
		WITH named (model, reference, series, institutions, count) AS (
		    VALUES (@model::uuid, @reference::text, @series::text, @institutions::integer, @count::integer)
		)
		INSERT INTO %s (%s)
		SELECT %s
		FROM named
		CROSS JOIN generate_series(1, named.count) AS n
		CROSS JOIN %s AS m
		WHERE m.%s = %s`,
		t.name, strings.Join(names, ", "), strings.Join(values, ", "), t.name, pgx.Identifier{t.key}.Sanitize(), of)
}

// words tell copies apart as titles do: many share one, few share two.
const words = `(ARRAY['ministère','caisse','office','banque','hôpital','université','agence','régie','commune','société'])[1 + n % 10]
	|| ' ' || (ARRAY['رباط','فاس','Casablanca','Tanger','Agadir','Oujda','مراكش'])[1 + n % 7] || ' ' || n`

// folded are the same words as searches index them, at the places of the mark.
const folded = `regexp_replace(%s::text, '''` + mark + `'':(\S+)', format('''%%s'':\1 ''%%s'':\1 ''%%s'':\1',
	(ARRAY['ministere','caisse','office','banque','hopital','universite','agence','regie','commune','societe'])[1 + n %% 10],
	(ARRAY['رباط','فاس','casablanca','tanger','agadir','oujda','مراكش'])[1 + n %% 7], n))::tsvector`

// value is what a column of the copy holds.
func (t copiedTable) value(c copiedColumn) string {
	column := "m." + pgx.Identifier{c.name}.Sanitize()
	copyID := `md5(named.series || n)::uuid`
	copyReference := `named.series || '-' || (10000 + n)`
	institutionID := `md5('IN-C' || (1 + n % named.institutions))::uuid`
	switch {
	case c.name == t.key && !t.isReference():
		return copyID
	case c.name == t.key, t.name == "desk.records" && c.name == "reference", t.name == "desk.publications" && c.name == "reference":
		return `CASE WHEN ` + column + ` IS NULL THEN NULL ELSE ` + copyReference + ` END`
	case c.name == "bundle_id", t.name == "desk.bundles" && c.name == "id":
		return `md5(` + column + ` || named.series || n)::uuid`
	case c.name == "institution_id":
		return institutionID
	case c.name == "institution_reference":
		return `'IN-C-' || (10001 + n % named.institutions)`
	case t.name == "desk.directory" && c.name == "institutions":
		return `CASE WHEN cardinality(` + column + `) = 0 THEN ` + column + ` ELSE ARRAY[` + institutionID + `] END`
	case c.name == "slug":
		return column + ` || '-' || n`
	case c.kind == "timestamp with time zone":
		return column + ` - n * interval '7 minutes'`
	case t.name == "record.incidents" && c.name == "occurred": // the same day as that of the order
		return `(m.occurred_order + n % 4000 - 2000)::text`
	case c.kind == "date":
		return column + ` + n % 4000 - 2000`
	case c.kind == "tsvector":
		return fmt.Sprintf(folded, column)
	case c.kind == "text" || c.kind == "jsonb":
		return fmt.Sprintf(`replace(%s::text, '%s', %s)::%s`, column, mark, words, c.kind)
	}
	return column
}
