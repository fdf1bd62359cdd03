package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// python is Debian's, for which Debian packages Django.
const python = "/usr/bin/python3"

// startDjango starts the same page in Django, with gunicorn and four workers, as its
// manual has it.
func (b *bench) startDjango(ctx context.Context) error {
	if exec.CommandContext(ctx, python, "-c", "import django, gunicorn, psycopg2").Run() != nil {
		b.missing = append(b.missing, "Django (python3-django, python3-psycopg2, gunicorn)")
		return nil //nolint:nilerr // a peer that is not there is left out
	}
	if err := b.fillDjango(ctx); err != nil {
		return err
	}
	ours, _, err := fetch(ctx, "http://"+b.at(atTrim)+page40, "identity")
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.in("page-40.html"), ours, 0o600); err != nil {
		return err
	}
	u, err := url.Parse(b.postgres.URL(database, store.PublicLogin))
	if err != nil {
		return err
	}
	pid, err := b.start(ctx, []string{
		"BENCH_HOST=" + u.Query().Get("host"), "BENCH_PORT=" + u.Query().Get("port"), "BENCH_NAME=" + database, "BENCH_USER=" + u.User.Username(),
		"BENCH_PAGE=" + b.in("page-40.html"), "BENCH_SLUG=banc-40-1", "PYTHONDONTWRITEBYTECODE=1",
	}, python, "-m", "gunicorn", "--chdir", "internal/bench/django", "-w", "4", "-b", b.at(atDjango), "app:application")
	if err != nil {
		return err
	}
	b.add("django", atDjango, "/cold/banc-40-1", coldReaders, nil, pid, b.pgPID)
	b.each("django")
	b.add("django-cached", atDjango, "/cached/banc-40-1", 32, []string{"Accept-Encoding: gzip"}, pid, b.pgPID)
	if err := await(ctx, b.targets["django"].url); err != nil {
		return fmt.Errorf("django: %w; its log is %s", err, b.log(len(b.started)-1))
	}
	return nil
}

// fillDjango writes the incidents of forty entries into tables as Django likes them.
func (b *bench) fillDjango(ctx context.Context) error {
	db, err := store.Open(ctx, b.postgres.URL(database, localpg.Superuser), store.JobsSide)
	if err != nil {
		return err
	}
	defer db.Close()
	q := db.Querier()
	exec := func(sql string, args ...any) {
		if err == nil {
			_, err = q.Exec(ctx, sql, args...)
		}
	}
	const id = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
	exec("CREATE TABLE bench.incidents (" + id + ", slug text UNIQUE, title text, summary text, standing text)")
	exec("CREATE TABLE bench.kinds (" + id + ", incident_id bigint REFERENCES bench.incidents, code text)")
	exec("CREATE TABLE bench.sources (" + id + ", key text UNIQUE, publisher text, url text, gist text, kind text, language text, published date)")
	exec("CREATE TABLE bench.entries (" + id + ", incident_id bigint REFERENCES bench.incidents, key text, kind text, attestation text, day date, title text, body text)")
	exec("CREATE TABLE bench.citations (" + id + ", entry_id bigint REFERENCES bench.entries, source_id bigint REFERENCES bench.sources)")
	exec("CREATE INDEX ON bench.kinds (incident_id)")
	exec("CREATE INDEX ON bench.entries (incident_id, day)")
	exec("CREATE INDEX ON bench.citations (entry_id)")
	for n, s := range sources() {
		exec(`
			INSERT INTO bench.sources (key, publisher, url, gist, kind, language, published)
			VALUES ($1, $2, $3, $4, $5, $6, $7::text::date)`,
			s.Key, s.Publisher, s.URL, s.Gist["fr"], string(s.Kind), s.Language, day(n).String())
	}
	for which := 1; which <= alike; which++ {
		i := incident(40, which, b.institution)
		exec("INSERT INTO bench.incidents (slug, title, summary, standing) VALUES ($1, $2, $3, $4)", i.Slug, i.Title["fr"], i.Summary["fr"], string(i.Standing))
		exec("INSERT INTO bench.kinds (incident_id, code) VALUES ($1, $2)", which, string(i.Kinds[0]))
		for n := range i.Events {
			e := &i.Events[n]
			exec("INSERT INTO bench.entries (incident_id, key, kind, attestation, day, title, body) VALUES ($1, $2, $3, $4, $5::text::date, $6, $7)",
				which, e.Key, string(e.Kind), string(e.Attestation), day(n).String(), e.Title[register.French], e.Body[register.French])
			for _, key := range e.Sources {
				exec(`
					INSERT INTO bench.citations (entry_id, source_id)
					SELECT e.id, s.id FROM bench.entries AS e, bench.sources AS s
					WHERE e.incident_id = $1 AND e.key = $2 AND s.key = $3`, which, e.Key, key)
			}
		}
	}
	exec("GRANT SELECT ON ALL TABLES IN SCHEMA bench TO PUBLIC")
	exec("ANALYZE")
	return err
}
