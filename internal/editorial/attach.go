package editorial

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Attachment is a statement as it is attached for the first time, with what is
// made together with it.
type Attachment struct {
	Statement *register.Statement
	// Issuer, when it is not nil, is an institution that is made as the issuer.
	Issuer *register.Institution
	// Source, when it is not nil, is the page or the file that carries the
	// statement, its documents and dates. It needs no key: the source with its
	// address is cited, or a new one made.
	Source *register.Source
	// Incidents are those that the statement concerns: it is added to their
	// drafts.
	Incidents []register.Ref
}

// AttachStatement saves a new statement, however incomplete, and adds it to the
// incidents that it concerns, in one step. Slugs that are taken get a number.
// It returns ErrForbidden; ErrNotFound for an incident that is not there;
// Problems, such as of the source's address.
func (e *Editorial) AttachStatement(ctx context.Context, actor register.Actor, a Attachment) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := e.sources(q)
		statement, err := copyOf(a.Statement)
		if err != nil {
			return err
		}
		if err := attachIssuer(ctx, d, actor, statement, a.Issuer); err != nil {
			return err
		}
		if err := attachSource(ctx, d, actor, statement, a.Source); err != nil {
			return err
		}
		if statement.Slug, err = freeSlug(ctx, d, register.TypeStatement, statement.Slug); err != nil {
			return err
		}
		if saved, err = save(ctx, d, actor, Draft{Statement: statement}); err != nil {
			return err
		}
		return showIn(ctx, d, actor, saved.ID, a.Incidents)
	})
	return saved, err
}

func attachIssuer(ctx context.Context, d *desk.Queries, actor register.Actor, s *register.Statement, issuer *register.Institution) error {
	if issuer == nil {
		return nil
	}
	made, err := copyOf(issuer)
	if err != nil {
		return err
	}
	if made.Slug, err = freeSlug(ctx, d, register.TypeInstitution, made.Slug); err != nil {
		return err
	}
	v, err := save(ctx, d, actor, Draft{Institution: made})
	s.Issuer = v.ID
	return err
}

func attachSource(ctx context.Context, d *desk.Queries, actor register.Actor, s *register.Statement, source *register.Source) error {
	if source == nil {
		return nil
	}
	made := *source
	made.URL = lookalike.ASCII(made.URL)
	key, err := "", register.ErrNotFound
	if made.URL != "" {
		key, err = d.SourceKeyByURL(ctx, made.URL)
	}
	if errors.Is(err, register.ErrNotFound) {
		made.Key = newSourceKey()
		if problems := made.Validate(); len(problems) > 0 {
			return problems
		}
		key, err = made.Key, saveSource(ctx, d, made, actor)
	}
	if err != nil {
		return err
	}
	if !slices.Contains(s.Sources, key) {
		s.Sources = append(s.Sources, key)
	}
	for i := range s.Documents {
		s.Documents[i].Sources = append(s.Documents[i].Sources, key)
	}
	for i := range s.Dates {
		s.Dates[i].Sources = append(s.Dates[i].Sources, key)
	}
	return nil
}

// newSourceKey is a key that no source has: keys are never reused, so that
// they are not counted but drawn.
func newSourceKey() string {
	var random [5]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	return "src-" + hex.EncodeToString(random[:])
}

// freeSlug returns the slug, with a number where it is taken. Two people who
// take the same one at the same moment are told apart by the database.
func freeSlug(ctx context.Context, d *desk.Queries, t register.RecordType, slug string) (string, error) {
	for n := 1; n < 100; n++ {
		free := slug
		if n > 1 {
			free += "-" + strconv.Itoa(n)
		}
		taken, err := d.SlugTaken(ctx, t, free)
		if err != nil || !taken {
			return free, err
		}
	}
	return "", register.Problems{{Field: "slug", Key: "problem.slug-taken", Value: slug}}
}

// showIn adds a statement to the drafts of incidents.
func showIn(ctx context.Context, d *desk.Queries, actor register.Actor, statement register.Ref, incidents []register.Ref) error {
	incidents = slices.Clone(incidents)
	slices.Sort(incidents)
	incidents = slices.Compact(incidents)
	for _, id := range incidents { // also refuses what is no identifier
		if _, err := d.Record(ctx, id); err != nil {
			return fmt.Errorf("incident %s: %w", id, err)
		}
	}
	// All at once: one after the other, with what is in review together with each, they
	// would be locked in an order of our own.
	if _, err := d.LockTogether(ctx, incidents, nil); err != nil {
		return err
	}
	for _, id := range incidents {
		draft, err := lockDraft(ctx, d, id, register.TypeIncident)
		if err != nil {
			return fmt.Errorf("incident %s: %w", id, err)
		}
		if slices.Contains(draft.Incident.Statements, statement) {
			continue
		}
		draft.Incident.Statements = append(draft.Incident.Statements, statement)
		if _, err := save(ctx, d, actor, draft); err != nil {
			return err
		}
	}
	return nil
}

// StatementsWithFile returns the statements to which a file is attached
// already.
func (e *Editorial) StatementsWithFile(ctx context.Context, actor register.Actor, sha256 string) ([]desk.Titled, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).StatementsWithFile(ctx, sha256)
}

// IncidentsWithStatement returns the incidents that a statement concerns.
func (e *Editorial) IncidentsWithStatement(ctx context.Context, actor register.Actor, id register.Ref) ([]desk.Titled, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).IncidentsWithStatement(ctx, id)
}

// mostBeside bounds the statements among which earlier claims are looked for:
// the newest, where an incident has more.
const mostBeside = 100

// StatementsBeside returns the other statements of the incidents that a
// statement concerns: those whose claims it may repeat or contradict.
func (e *Editorial) StatementsBeside(ctx context.Context, actor register.Actor, id register.Ref) ([]desk.StatementAt, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).StatementsBeside(ctx, id, mostBeside)
}

// RelayText returns the text of a press version as it was confirmed at the
// desk: its words belong to its outlet and are never shown in public, but
// claims are marked in them. It is found by what was saved of its sources;
// ErrNotFound when nothing was confirmed.
func (e *Editorial) RelayText(ctx context.Context, actor register.Actor, sources []string) (register.FileText, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.FileText{}, register.ErrForbidden
	}
	d := desk.New(e.db.Querier())
	saved, err := d.CaptureHashes(ctx, sources)
	if err != nil {
		return register.FileText{}, err
	}
	for _, hash := range saved {
		texts, err := d.FileTexts(ctx, hash)
		if err != nil {
			return register.FileText{}, err
		}
		if len(texts) > 0 {
			return texts[0], nil
		}
	}
	return register.FileText{}, register.ErrNotFound
}
