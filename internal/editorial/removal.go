package editorial

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Removal is what is noted of a takedown outside of the database, beside the
// files, so that a backup from before it, once restored, can be purged again. It
// holds nothing of what was taken down.
type Removal struct {
	Format     string        `json:"format"`
	Decision   string        `json:"decision"`
	Record     register.Ref  `json:"record"`
	Reference  string        `json:"reference"`
	First      int           `json:"first"`
	Last       int           `json:"last"`
	Reason     register.Text `json:"reason"`
	ProposedBy string        `json:"proposed_by"`
	ProposedAt time.Time     `json:"proposed_at"`
	DecidedBy  string        `json:"decided_by"`
	DecidedAt  time.Time     `json:"decided_at"`
	Files      []string      `json:"files,omitempty"` // SHA-256
}

// removalFormat is the form of a Removal.
const removalFormat = "sijil-removal-1"

func removalOf(x desk.Decision) Removal {
	return Removal{
		Format: removalFormat, Decision: x.ID, Record: x.Record.ID, Reference: x.Record.Reference, First: x.First, Last: x.Last,
		Reason: x.Reason, ProposedBy: x.ProposedBy, ProposedAt: x.ProposedAt.UTC(), DecidedBy: x.DecidedBy, DecidedAt: x.DecidedAt.UTC(),
		Files: x.PendingFiles,
	}
}

// Notes is where removals are noted, by a name for each.
type Notes interface {
	Note(ctx context.Context, name string, text []byte) error
}

// NoteIn notes a removal; one that is noted already stays.
func (r Removal) NoteIn(ctx context.Context, notes Notes) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = notes.Note(ctx, r.Decision, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note that %s was taken down: %w", r.Reference, err)
	}
	return nil
}

// NoteRemovals notes every takedown that was confirmed, also those from before
// removals were noted and those whose note could not be written.
func NoteRemovals(ctx context.Context, db *store.DB, notes Notes) error {
	done, err := desk.New(db.Querier()).Takedowns(ctx)
	if err != nil {
		return err
	}
	for _, x := range done {
		if err := removalOf(x).NoteIn(ctx, notes); err != nil {
			return err
		}
	}
	return nil
}

// ReadRemovals reads removals as JSON values one after another, each once.
func ReadRemovals(r io.Reader) ([]Removal, error) {
	var out []Removal
	seen := map[string]bool{}
	for decoder := json.NewDecoder(bufio.NewReader(r)); ; {
		var one Removal
		switch err := decoder.Decode(&one); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("removals: %w", err)
		case one.Format != removalFormat:
			return nil, fmt.Errorf("removals: the form %q is not known, %q is", one.Format, removalFormat)
		}
		if !seen[one.Decision] {
			out = append(out, one)
			seen[one.Decision] = true
		}
	}
}

// Replay does a takedown again in a database that is being restored from an
// older backup, and reports whether there was something to erase. The database
// lets nobody do so at any other time. What was decided, and by whom, is what is
// noted; when it is erased is now.
func (e *Editorial) Replay(ctx context.Context, r Removal) (erased bool, err error) {
	known, err := desk.New(e.db.Querier()).Decision(ctx, r.Decision)
	switch {
	case ignoreNotFound(err) != nil:
		return false, err
	case known.Outcome == desk.OutcomeConfirmed:
		return false, nil
	case !e.CanTakeDown():
		return false, register.ErrNotConfigured
	}
	err = e.takedown.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		erased, err = d.ReplayTakedown(ctx, desk.Decision{
			ID: r.Decision, Record: desk.Record{ID: r.Record, Reference: r.Reference}, First: r.First, Last: r.Last, Reason: r.Reason,
			ProposedBy: r.ProposedBy, ProposedAt: r.ProposedAt, DecidedBy: r.DecidedBy, DecidedAt: r.DecidedAt,
		})
		if err != nil || !erased {
			return err
		}
		p := e.takingDown(q, register.Actor{ID: r.DecidedBy}) // signed when serving begins
		x, err := p.desk.LockDecision(ctx, r.Decision)
		if err != nil {
			return err
		}
		if err := p.count(ctx); err != nil {
			return err
		}
		if err := p.erase(ctx, x); err != nil {
			return fmt.Errorf("take down %s again: %w", r.Reference, err)
		}
		return p.finish(ctx, x)
	})
	if err != nil || !erased {
		return erased, err
	}
	return true, e.FinishTakedown(ctx, r.Decision)
}
