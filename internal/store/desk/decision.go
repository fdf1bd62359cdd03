package desk

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// DecisionKind is what two persons decide on.
type DecisionKind string

// The kinds of decisions.
const (
	DecideMerge      DecisionKind = "merge"
	DecideWithdrawal DecisionKind = "withdrawal"
	DecideTakedown   DecisionKind = "takedown"
)

// Outcomes of a decision.
const (
	OutcomeConfirmed = "confirmed"
	OutcomeRefused   = "refused"
)

// Decision is something that one person proposes and another one decides.
type Decision struct {
	ID     string
	Kind   DecisionKind
	Record Record
	Target Record // of a merge; else zero
	// First and Last are the editions that a takedown erases.
	First, Last int
	Reason      register.Text // public
	Note        string        // for the desk only
	ProposedBy  string
	Proposer    string // name
	ProposedAt  time.Time
	Outcome     string // empty while it waits
	DecidedBy   string
	Decider     string // name
	DecidedAt   time.Time
	Answer      string
	// PendingFiles are those that a takedown has still to remove.
	PendingFiles []string
}

// InsertDecision notes a proposal and returns its identifier. The database
// refuses one that is not the proposer's to make (ErrForbidden), about what is
// not public (ErrConflict), or beside an open one (Problems).
func (d *Queries) InsertDecision(ctx context.Context, x Decision) (string, error) {
	var id string
	err := d.q.QueryRow(ctx, `
		INSERT INTO desk.decisions (kind, record_id, target_id, first_edition, last_edition, reason, note, proposed_by)
		VALUES (@kind, @record, @target, @first, @last, @reason, @note, @by)
		RETURNING id`,
		pgx.StrictNamedArgs{
			"kind": x.Kind, "record": x.Record.ID, "target": store.Nullable(x.Target.ID),
			"first": nullableInt(x.First), "last": nullableInt(x.Last),
			"reason": store.TextColumn(x.Reason), "note": x.Note, "by": x.ProposedBy,
		}).Scan(&id)
	return id, store.Map(err)
}

const selectDecision = `
	SELECT d.id, d.kind, coalesce(d.first_edition, 0), coalesce(d.last_edition, 0), d.reason, d.note,
	       d.proposed_by, p.name, d.proposed_at, coalesce(d.outcome, ''), coalesce(d.decided_by::text, ''),
	       coalesce(c.name, ''), coalesce(d.decided_at, d.proposed_at), d.answer, d.pending_files,
	       r.id, r.type, r.slug, coalesce(r.reference, ''), r.language, r.version, r.state,
	       coalesce(r.published_version, 0),
	       coalesce(t.id::text, ''), coalesce(t.type, ''), coalesce(t.slug, ''), coalesce(t.reference, '')
	FROM desk.decisions AS d
	JOIN desk.records AS r ON r.id = d.record_id
	JOIN desk.accounts AS p ON p.id = d.proposed_by
	LEFT JOIN desk.accounts AS c ON c.id = d.decided_by
	LEFT JOIN desk.records AS t ON t.id = d.target_id`

func scanDecision(row pgx.CollectableRow) (Decision, error) {
	var x Decision
	r, t := &x.Record, &x.Target
	err := row.Scan(&x.ID, &x.Kind, &x.First, &x.Last, &x.Reason, &x.Note,
		&x.ProposedBy, &x.Proposer, &x.ProposedAt, &x.Outcome, &x.DecidedBy,
		&x.Decider, &x.DecidedAt, &x.Answer, &x.PendingFiles,
		&r.ID, &r.Type, &r.Slug, &r.Reference, &r.Language, &r.Version, &r.State, &r.PublishedVersion,
		&t.ID, &t.Type, &t.Slug, &t.Reference)
	return x, err
}

// Decision returns a decision; ErrNotFound, also for what is no identifier.
func (d *Queries) Decision(ctx context.Context, id string) (Decision, error) {
	return d.oneDecision(ctx, selectDecision+` WHERE d.id = @id`, id)
}

// LockDecision returns a decision and locks it until the end of the transaction.
func (d *Queries) LockDecision(ctx context.Context, id string) (Decision, error) {
	return d.oneDecision(ctx, selectDecision+` WHERE d.id = @id FOR NO KEY UPDATE OF d`, id)
}

func (d *Queries) oneDecision(ctx context.Context, sql, id string) (Decision, error) {
	if !store.IsID(id) {
		return Decision{}, register.ErrNotFound
	}
	rows, err := d.q.Query(ctx, sql, pgx.StrictNamedArgs{"id": id})
	if err != nil {
		return Decision{}, store.Map(err)
	}
	out, err := pgx.CollectExactlyOneRow(rows, scanDecision)
	return out, store.Map(err)
}

// OpenDecisions returns what waits for a second person, or for files to be
// removed, the oldest first.
func (d *Queries) OpenDecisions(ctx context.Context) ([]Decision, error) {
	rows, err := d.q.Query(ctx, selectDecision+`
		WHERE d.outcome IS NULL OR d.pending_files <> '{}'
		ORDER BY d.proposed_at, d.id`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanDecision)
	return out, store.Map(err)
}

// DecisionsOn returns all decisions on a record, the newest first.
func (d *Queries) DecisionsOn(ctx context.Context, record register.Ref) ([]Decision, error) {
	rows, err := d.q.Query(ctx, selectDecision+`
		WHERE d.record_id = @record
		ORDER BY d.proposed_at DESC, d.id`,
		pgx.StrictNamedArgs{"record": record})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanDecision)
	return out, store.Map(err)
}

// Decide closes an open decision. ErrConflict is returned when it was closed
// meanwhile or does not hold any more; ErrForbidden when it is not for this
// account to decide, such as its own proposal.
func (d *Queries) Decide(ctx context.Context, id, outcome, by, answer string) error {
	tag, err := d.q.Exec(ctx, `
		UPDATE desk.decisions
		SET outcome = @outcome, decided_by = @by, decided_at = clock_timestamp(), answer = @answer
		WHERE id = @id AND outcome IS NULL`,
		pgx.StrictNamedArgs{"id": id, "outcome": outcome, "by": by, "answer": answer})
	if err == nil && tag.RowsAffected() == 0 {
		return register.ErrConflict
	}
	return store.Map(err)
}

// SetPendingFiles notes which files a confirmed takedown has still to remove;
// none: it is done.
func (d *Queries) SetPendingFiles(ctx context.Context, id string, files []string) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.decisions SET pending_files = @files WHERE id = @id`,
		pgx.StrictNamedArgs{"id": id, "files": list(files)})
	return store.Map(err)
}

// MarkMerged makes a record stand still for good: another stands for it. Lists
// and pickers leave it out; its title stays for the drafts that name it.
func (d *Queries) MarkMerged(ctx context.Context, record, into register.Ref) error {
	_, err := d.q.Exec(ctx, `
		UPDATE desk.records SET merged_into = @into, updated_at = now() WHERE id = @record`,
		pgx.StrictNamedArgs{"record": record, "into": into})
	return store.Map(err)
}

// EraseRecord erases what the desk holds of what a decision takes down, and the
// sources with these keys where nothing else cites them. It returns the files
// (SHA-256), of these documents and of captures, that the desk names no more.
// The database refuses it without the decision, and to other roles.
func (d *Queries) EraseRecord(ctx context.Context, decision string, sources, documents []string) ([]string, error) {
	var files []string
	err := d.q.QueryRow(ctx, `SELECT desk.erase_record(@decision, @sources, @documents)`,
		pgx.StrictNamedArgs{"decision": decision, "sources": list(sources), "documents": list(documents)}).Scan(&files)
	return files, store.Map(err)
}

// AccountRole returns the role of an account; ErrNotFound when there is none.
func (d *Queries) AccountRole(ctx context.Context, id string) (register.AccountRole, error) {
	var role register.AccountRole
	err := d.q.QueryRow(ctx, `SELECT role FROM desk.accounts WHERE id = @id`, pgx.StrictNamedArgs{"id": id}).Scan(&role)
	return role, store.Map(err)
}

// Takedowns returns those that were confirmed, the oldest first.
func (d *Queries) Takedowns(ctx context.Context) ([]Decision, error) {
	rows, err := d.q.Query(ctx, selectDecision+`
		WHERE d.kind = 'takedown' AND d.outcome = 'confirmed'
		ORDER BY d.decided_at, d.id`)
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, scanDecision)
	return out, store.Map(err)
}

// ReplayTakedown writes a takedown that was decided after the backup which is
// being restored, as confirmed, and reports whether there is something that it
// is about: false where it is known already, or the record is not. The database
// refuses it unless it is being restored.
func (d *Queries) ReplayTakedown(ctx context.Context, x Decision) (bool, error) {
	var isNew bool
	err := d.q.QueryRow(ctx, `
		SELECT desk.replay_takedown(@id, @record, @first, @last, @reason, @proposed_by, @proposed_at, @decided_by, @decided_at)`,
		pgx.StrictNamedArgs{
			"id": x.ID, "record": x.Record.ID, "first": x.First, "last": x.Last, "reason": store.TextColumn(x.Reason),
			"proposed_by": x.ProposedBy, "proposed_at": x.ProposedAt, "decided_by": x.DecidedBy, "decided_at": x.DecidedAt,
		}).Scan(&isNew)
	return isNew, store.Map(err)
}
