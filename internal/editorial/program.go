package editorial

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// How a program's request that names itself can be refused.
var (
	// ErrRequestRunning means that the same request is being worked on. It is an
	// ErrConflict.
	ErrRequestRunning = fmt.Errorf("%w: the request is being worked on", register.ErrConflict)
	// ErrRequestOther means that another request was named so before.
	ErrRequestOther = errors.New("another request was named so")
)

// Request is what a program asks for, once: the token by which it works, a word of
// its own (Idempotency-Key; empty: it is not named), and all that it asks.
type Request struct {
	Token, Key string
	Asked      []string // method, address, version, body
}

func (r *Request) sum() []byte {
	sum := sha256.New()
	for _, part := range r.Asked {
		_, _ = fmt.Fprintf(sum, "%d:%s;", len(part), part) // a hash takes everything
	}
	return sum.Sum(nil)
}

// Written is what a program's request came to.
type Written struct {
	Head    desk.Record
	Missing register.Problems // what the draft lacks to be published
}

// Answerer writes the answer to a program, without a word of the draft.
type Answerer func(w Written) (status int, answer string, err error)

// once does the work of a request in a transaction, with what is kept of it; one
// that was brought before is answered as it was then.
func (e *Editorial) once(ctx context.Context, r Request, answer Answerer, do func(q store.Querier) (register.Ref, error)) (desk.Reply, error) {
	var reply desk.Reply
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		known, err := e.known(ctx, d, r)
		if err != nil || known.Status != 0 {
			reply = known
			return err
		}
		id, err := do(q)
		if err != nil {
			return err
		}
		head, err := d.Record(ctx, id)
		if err != nil {
			return err
		}
		draft, err := load(ctx, d, head)
		if err != nil {
			return err
		}
		reply = desk.Reply{Record: id, Version: head.Version}
		if reply.Status, reply.Answer, err = answer(Written{Head: head, Missing: draft.validate()}); err != nil || r.Key == "" {
			return err
		}
		return d.KeepReply(ctx, r.Token, r.Key, r.sum(), reply, e.now())
	})
	return reply, err
}

// known is what came of a request before; the zero Reply for nothing.
func (e *Editorial) known(ctx context.Context, d *desk.Queries, r Request) (desk.Reply, error) {
	if r.Key == "" {
		return desk.Reply{}, nil
	}
	held, err := d.LockRequest(ctx, r.Token, r.Key)
	if err != nil {
		return desk.Reply{}, err
	}
	if !held {
		return desk.Reply{}, ErrRequestRunning
	}
	reply, sum, err := d.RequestReply(ctx, r.Token, r.Key)
	switch {
	case errors.Is(err, register.ErrNotFound):
		return desk.Reply{}, nil
	case err != nil:
		return desk.Reply{}, err
	case !bytes.Equal(sum, r.sum()):
		return desk.Reply{}, ErrRequestOther
	}
	return reply, nil
}

// WriteDraft writes a draft for a program as SaveEdit does, once for each request.
// The draft may point to records by their public references. It returns the errors
// of SaveEdit, Problems also for what the desk's forms would refuse,
// ErrRequestRunning and ErrRequestOther.
func (e *Editorial) WriteDraft(ctx context.Context, actor register.Actor, r Request, b Edit, answer Answerer) (desk.Reply, error) {
	if !actor.Role.Can(register.MayDraft) {
		return desk.Reply{}, register.ErrForbidden
	}
	b.Sources = reachable(b.Sources)
	b.Draft.reachable()
	for i := range b.Sources {
		b.Sources[i].Capture = nil // evidence is what this register has fetched itself
	}
	return e.once(ctx, r, answer, func(q store.Querier) (register.Ref, error) {
		d := e.sources(q)
		if err := pointByReference(ctx, d, &b.Draft); err != nil {
			return "", err
		}
		if err := e.judge(ctx, d, &b); err != nil {
			return "", err
		}
		if err := saveNewSources(ctx, d, actor, b.Sources); err != nil {
			return "", err
		}
		saved, err := saveBy(ctx, d, actor, b.Draft, map[string]any{"token": r.Token})
		if store.IsRefused(err) {
			err = fmt.Errorf("%w: %w", register.Problems{{Key: "problem.not-kept"}}, err)
		}
		return saved.ID, err
	})
}

// SendDraft sends a version of a record for review as SendBundle does, once for
// each request.
func (e *Editorial) SendDraft(ctx context.Context, actor register.Actor, r Request, v Version, note string, answer Answerer) (desk.Reply, error) {
	if !actor.Role.Can(register.MaySendToReview) {
		return desk.Reply{}, register.ErrForbidden
	}
	return e.once(ctx, r, answer, func(q store.Querier) (register.Ref, error) {
		_, err := e.sendBundle(ctx, desk.New(q), actor, v, nil, note)
		return v.ID, err
	})
}

// pointByReference puts identifiers in the place of public references. What names
// nothing is a problem at its field.
func pointByReference(ctx context.Context, d *desk.Queries, draft *Draft) error {
	var refs []register.Ref
	register.EachRef(draft.noun(), func(ref *register.Ref) { refs = append(refs, *ref) })
	known, err := d.Identified(ctx, refs)
	if err != nil {
		return err
	}
	var problems register.Problems
	for _, f := range fieldsOf(draft) {
		if f.Kind != revision.KindRecord && f.Kind != revision.KindClaim {
			continue
		}
		if ref, _, _ := strings.Cut(f.Value, "#"); known[register.Ref(ref)] == "" {
			problems = append(problems, register.Problem{Field: f.Path, Key: "problem.record-unknown", Value: ref})
		}
	}
	if err := problems.OrNil(); err != nil {
		return err
	}
	register.EachRef(draft.noun(), func(ref *register.Ref) {
		if id, ok := known[*ref]; ok {
			*ref = id
		}
	})
	return nil
}

func fieldsOf(draft *Draft) []revision.Field {
	switch draft.Type() {
	case register.TypeIncident:
		return revision.Flatten(draft.Incident)
	case register.TypeStatement:
		return revision.Flatten(draft.Statement)
	case register.TypeInstitution:
	}
	return revision.Flatten(draft.Institution)
}

// judge refuses what a draft cannot be kept with, unless it was so before; what is
// only missing keeps nobody from saving.
func (e *Editorial) judge(ctx context.Context, d *desk.Queries, b *Edit) error {
	terms, err := d.Terms(ctx)
	if err != nil {
		return err
	}
	b.Draft.terms = terms
	had := map[register.Problem]bool{}
	if b.Draft.ID != "" {
		head, err := d.Record(ctx, b.Draft.ID)
		if err != nil {
			return err
		}
		switch before, err := load(ctx, d, head); {
		case err != nil:
			return err
		case head.Type != b.Draft.Type():
			return register.ErrNotFound
		case head.Version != b.Draft.Version:
			return register.ErrConflict
		default:
			for _, p := range before.validate() {
				had[p] = true
			}
		}
	}
	var out register.Problems
	if !slices.Contains(register.Langs(), b.Draft.head().Language) {
		out = append(out, register.Problem{Field: "language", Key: "problem.language-unknown", Value: string(b.Draft.head().Language)})
	}
	for _, p := range b.Draft.validate() {
		if p.Unkeepable() && !had[p] {
			out = append(out, p)
		}
	}
	for i := range b.Sources {
		out = append(out, b.Sources[i].Validate()...)
	}
	return out.OrNil()
}

// ForgetRequests forgets what came of requests of programs that are older than two
// days.
func (e *Editorial) ForgetRequests(ctx context.Context, now time.Time) error {
	return desk.New(e.db.Querier()).ForgetRequests(ctx, now.AddDate(0, 0, -2))
}
