package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/store"
)

// Target is an empty installation into which a backup is to be restored.
type Target struct {
	// DatabaseURL is the database's address for the role that is to own
	// everything.
	DatabaseURL string
	Blobs       blob.Store
	// Programs are the folders in which pg_restore is looked for, in order.
	Programs []string
	// Purge takes down again what was taken down after the backup was made, in
	// the restored database and store, before anybody can read them. It is called
	// once; nil: there is nothing of that kind.
	Purge func(ctx context.Context) error
	// Say tells the operator what is being done; Progress how far a long part
	// of it is. Neither may be nil.
	Say      func(string)
	Progress func(what string) func(done, all int)
}

// Restore brings the backup in a folder into an empty installation. First every
// file is compared with the manifest. The database is marked while it is being
// restored, and no server starts on it; a restore that fails takes back what it
// did, and one that was killed is begun anew by the next. The error says so when
// the installation is not empty.
func Restore(ctx context.Context, dir string, t Target) (*Manifest, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if err := knows(m); err != nil {
		return nil, err
	}
	if err := m.check(ctx, dir, t.Progress("files of the backup verified")); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, t.DatabaseURL)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is pending
	r := &restoring{Target: t, dir: dir, manifest: m, conn: conn}
	if err := r.programs(ctx); err != nil {
		return nil, err
	}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	if err := r.run(ctx); err != nil {
		return nil, errors.Join(err, r.undo(context.WithoutCancel(ctx)))
	}
	return m, nil
}

// knows reports whether this program can work with what a backup holds.
func knows(m *Manifest) error {
	wanted, err := store.SchemaVersion()
	if err == nil && m.Migration > wanted {
		err = fmt.Errorf("the backup has schema version %d and this program knows %d: use the program that made it (%s), or a newer one",
			m.Migration, wanted, m.Program)
	}
	return err
}

// restoring is a restore under way.
type restoring struct {
	Target
	dir      string
	manifest *Manifest
	conn     *pgx.Conn
	tools    *programs
	again    bool     // after one that was cut short
	put      []string // contents that a restore has brought
}

func (r *restoring) programs(ctx context.Context) error {
	var major int
	err := r.conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::integer / 10000`).Scan(&major)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	r.tools, err = findPrograms(ctx, r.Programs, major, r.DatabaseURL)
	return err
}

// begin makes sure that there is nothing that could be overwritten, or only what
// a restore left that was killed, and marks the database.
func (r *restoring) begin(ctx context.Context) error {
	marked, err := isMarked(ctx, r.conn)
	if err != nil {
		return err
	}
	if marked {
		r.Say("An earlier restore was cut short: what it left in the database is removed.")
		r.again = true
		return r.clear(ctx)
	}
	if err := r.databaseIsEmpty(ctx); err != nil {
		return err
	}
	if err := r.storeIsEmpty(ctx); err != nil {
		return err
	}
	return mark(ctx, r.conn)
}

func (r *restoring) databaseIsEmpty(ctx context.Context) error {
	rows, err := r.conn.Query(ctx, `
		SELECT DISTINCT n.nspname::text || '.' || c.relname
		FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'v', 'm')
		ORDER BY 1 LIMIT 3`, schemas())
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if len(found) > 0 {
		return fmt.Errorf("the database is not empty (it has %s …): restore into a new one, "+
			"without running \"sijil migrate up\" before", strings.Join(found, ", "))
	}
	return nil
}

func (r *restoring) storeIsEmpty(ctx context.Context) error {
	errFound := errors.New("the store of files is not empty: point SIJIL_BLOBS at a new folder or bucket")
	err := r.Blobs.Each(ctx, func(blob.Info) error { return errFound })
	if err != nil && !errors.Is(err, errFound) {
		err = fmt.Errorf("restore: the store of files: %w", err)
	}
	return err
}

// run restores, and ends with taking the mark away.
func (r *restoring) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		r.roles, r.files, r.database, r.verify, r.migrate, r.purge, r.settle,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return unmark(ctx, r.conn)
}

// roles makes the groups that hold the rights, as the migrations do. Who logs in
// is the operator's matter.
func (r *restoring) roles(ctx context.Context) error {
	for _, group := range []string{"sijil_desk", "sijil_public", "sijil_takedown"} {
		var known bool
		err := r.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1)`, group).Scan(&known)
		if err == nil && !known {
			_, err = r.conn.Exec(ctx, "CREATE ROLE "+pgx.Identifier{group}.Sanitize()+" NOLOGIN")
		}
		if err != nil {
			return fmt.Errorf("the role %s is missing, and this role may not create it (%w): "+
				"let a superuser run CREATE ROLE %s NOLOGIN", group, err, group)
		}
	}
	return nil
}

// files brings the contents into the store.
func (r *restoring) files(ctx context.Context) error {
	from, err := blob.OpenFolder(filepath.Join(r.dir, blobsName))
	if err != nil {
		return err
	}
	progress := r.Progress("files restored")
	for i, f := range r.manifest.Files {
		if strings.HasPrefix(f.Path, blobsName+"/") {
			if err := r.file(ctx, from, f); err != nil {
				return fmt.Errorf("restore: file %s: %w", f.SHA256, err)
			}
		}
		progress(i+1, len(r.manifest.Files))
	}
	return nil
}

func (r *restoring) file(ctx context.Context, from *blob.Folder, f File) error {
	if info, err := r.Blobs.Stat(ctx, f.SHA256); err == nil && info.Size == f.Size {
		if r.again {
			r.put = append(r.put, f.SHA256)
		}
		return nil
	}
	content, _, err := from.Open(ctx, f.SHA256)
	if err != nil {
		return err
	}
	info, err := r.Blobs.Put(ctx, content, blob.MaxSize)
	if err == nil {
		r.put = append(r.put, info.SHA256)
	}
	return errors.Join(err, content.Close())
}

func (r *restoring) database(ctx context.Context) error {
	r.Say("Restoring the database …")
	if err := r.tools.restore(ctx, filepath.Join(r.dir, dumpName)); err != nil {
		return err
	}
	// What the dump says for its owner's name; see programs.contents.
	_, err := r.conn.Exec(ctx, `ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`)
	return err
}

// verify compares every row and the tree of the log with what was backed up.
func (r *restoring) verify(ctx context.Context) error {
	r.Say("Comparing every row with the backup …")
	got, err := tables(ctx, r.conn)
	if err != nil {
		return err
	}
	if err := compare(r.manifest.Tables, got); err != nil {
		return err
	}
	if r.manifest.Log.Size == 0 {
		return nil
	}
	head, err := logHead(ctx, r.conn)
	if err == nil && (head.Size != r.manifest.Log.Size || hexOf(head.Root[:]) != r.manifest.Log.Root) {
		err = errors.New("the public log is not the one that was backed up")
	}
	return err
}

// migrate brings the schema up to what this program needs.
func (r *restoring) migrate(ctx context.Context) error {
	wanted, err := store.SchemaVersion()
	if err != nil || r.manifest.Migration == wanted {
		return err
	}
	r.Say(fmt.Sprintf("Bringing the schema from version %d to %d …", r.manifest.Migration, wanted))
	return store.Migrator{URL: r.DatabaseURL}.Up(ctx)
}

func (r *restoring) purge(ctx context.Context) error {
	if r.Purge == nil {
		return nil
	}
	return r.Purge(ctx)
}

// settle ends all sessions and voids all links: some may have been ended or used
// after the backup. It gives the planner its statistics, which no dump has.
func (r *restoring) settle(ctx context.Context) error {
	for _, sql := range []string{`DELETE FROM desk.sessions`, `DELETE FROM desk.account_links`, `DELETE FROM desk.ceremonies`, `ANALYZE`} {
		if _, err := r.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("restore: %s: %w", sql, err)
		}
	}
	return nil
}

// undo takes back what was restored, so that nothing half is left.
func (r *restoring) undo(ctx context.Context) error {
	r.Say("The restore did not come to its end: what it did is taken back …")
	var problems []error
	for _, sha := range r.put {
		problems = append(problems, r.Blobs.Delete(ctx, sha))
	}
	// The connection may have been cut in the middle of a statement.
	conn, err := connect(ctx, r.DatabaseURL)
	if err != nil {
		return errors.Join(append(problems, err)...)
	}
	defer conn.Close(ctx) //nolint:errcheck // nothing is pending
	r.conn = conn
	if err := r.clear(ctx); err != nil {
		return errors.Join(append(problems, err)...)
	}
	return errors.Join(append(problems, unmark(ctx, conn))...)
}

// clear empties a marked database: all that is in it, a restore has put there.
func (r *restoring) clear(ctx context.Context) error {
	_, err := r.conn.Exec(ctx, `
		DROP SCHEMA IF EXISTS desk, record, jobs CASCADE;
		DROP TABLE IF EXISTS public.schema_migrations`)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}
