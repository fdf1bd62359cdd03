package editorial

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// Published names an edition that a publication made.
type Published struct {
	Reference string
	Number    int
	SHA256    string
	// Carried means that the record itself did not change: something that it
	// shows did.
	Carried bool
}

// Publish makes, in one transaction, an edition of each of the approved
// versions, and of every published record that shows one of them. What belongs
// together is published together: a record may point only to records that are
// public, or become so in the same publication.
//
// It returns ErrForbidden when the actor may not publish or a version was not
// approved by another person than its authors; ErrConflict when a version has
// moved on since; Problems when the content cannot be published; ErrNotFound.
func (e *Editorial) Publish(ctx context.Context, actor register.Actor, versions []Version, reason register.Text, options ...PublishOption) ([]Published, error) {
	if !actor.Role.Can(register.MayPublish) {
		return nil, register.ErrForbidden
	}
	if reason.IsZero() {
		return nil, register.Problems{{Field: "reason", Key: "problem.missing"}}
	}
	var out []Published
	err := e.db.InTx(ctx, func(q store.Querier) error {
		p := e.publication(q, actor, reason)
		for _, option := range options {
			option(p)
		}
		var err error
		out, err = p.run(ctx, versions)
		return err
	})
	return out, err
}

// PublishOption says more of a publication.
type PublishOption func(*publication)

// MaterialCorrection says that what is corrected may have misled a reader. It
// is kept with the edition. Without it a correction is one of form.
func MaterialCorrection() PublishOption {
	return func(p *publication) { p.correction = register.CorrectionMaterial }
}

// publication begins an act of publishing in a transaction.
func (e *Editorial) publication(q store.Querier, actor register.Actor, reason register.Text) *publication {
	w := record.NewWriter(q)
	// JSON keeps the second; what is hashed is what is stored.
	now := func() time.Time { return e.now().UTC().Truncate(time.Second) }
	at := now()
	return &publication{
		desk: desk.New(q), record: w, leaves: newLeaves(w), askToSign: e.askToSign(q, at), actor: actor, reason: reason,
		at: at, now: now,
		correction: register.CorrectionMinor,
		editions:   map[string]register.Edition{}, gone: map[string]bool{},
	}
}

// publication is one act of publishing while it runs.
type publication struct {
	desk   *desk.Queries
	record *record.Writer
	// leaves are what the public log is to hold of it, which is then to be signed.
	leaves    *leaves
	askToSign func(context.Context) error
	// approve, if there is one, approves the items, which somebody has to have done
	// before they are public.
	approve func(context.Context) error
	// counted: the new generation is.
	counted bool
	// busy says how what the transaction does meanwhile came out; nil: it does nothing.
	busy   chan error
	actor  register.Actor
	reason register.Text
	at     time.Time
	now    func() time.Time
	// correction is what a new edition of what is public already is.
	correction register.Correction

	items []*item
	// pending are editions that are made and not written yet.
	pending []record.NewEdition
	acts    []desk.Publication
	// references are the public references of every record that is public, or
	// becomes so now, by identifier.
	references map[register.Ref]string
	// editions are the editions made or read so far, by reference.
	editions map[string]register.Edition
	// gone are those of them that pages do not show: withdrawn or taken down.
	gone map[string]bool
	made []Published
	// shownBy are the published records that show one of those published now.
	shownBy []string
	// audits are written when everything else is done: whoever holds the end of the
	// audit's chain waits for nobody any more.
	audits []desk.AuditEntry
}

// item is one record that is being published.
type item struct {
	head         desk.Record
	draft        Draft
	author       string
	authorRole   register.AccountRole
	reviewer     string
	reviewerRole register.AccountRole
}

func (p *publication) run(ctx context.Context, versions []Version) ([]Published, error) {
	if err := p.count(ctx); err != nil {
		return nil, err
	}
	if err := p.load(ctx, versions); err != nil {
		return nil, err
	}
	p.sortItems()
	if err := p.validate(); err != nil {
		return nil, err
	}
	return p.make(ctx)
}

// count counts the new generation, once, and by that has this publication to itself
// until it is committed: what one shows, another may be changing. It is published at the
// time when its turn has come, and not when it began to wait: whoever copies the register
// by the times of its changes would miss one that comes after a later one.
func (p *publication) count(ctx context.Context) error {
	if p.counted {
		return nil
	}
	p.counted = true
	if err := p.record.BumpGeneration(ctx); err != nil {
		return err
	}
	p.at = p.now()
	return nil
}

// make publishes the items, which are valid, once the generation is counted.
func (p *publication) make(ctx context.Context) ([]Published, error) {
	p.sortItems()
	steps := []func() error{
		func() error { return p.lockShownBy(ctx) },
		func() error { return p.refer(ctx) },
		func() error { return p.publishAll(ctx) },
		func() error { return p.carry(ctx) },
		func() error { return p.closeReviews(ctx) },
		func() error { return p.appendLeaves(ctx) },
		func() error { return p.writeAudits(ctx) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return p.made, nil
}

// load locks the records and reads what is to be published.
func (p *publication) load(ctx context.Context, versions []Version) error {
	wanted := map[register.Ref]int{}
	ids := make([]register.Ref, 0, len(versions))
	for _, v := range versions {
		wanted[v.ID] = v.Version
		ids = append(ids, v.ID)
	}
	showing, err := p.showing(ctx, ids)
	if err != nil {
		return err
	}
	heads, err := p.desk.LockTogether(ctx, ids, showing)
	if err != nil {
		return err
	}
	if len(heads) != len(wanted) {
		return register.ErrNotFound
	}
	for _, head := range heads {
		if head.Version != wanted[head.ID] {
			return register.ErrConflict
		}
		item, err := p.loadItem(ctx, head)
		if err != nil {
			return fmt.Errorf("%s %s: %w", head.Type, head.Slug, err)
		}
		p.items = append(p.items, item)
	}
	return nil
}

// sortItems puts the items in the order in which records may show each other.
func (p *publication) sortItems() {
	slices.SortStableFunc(p.items, func(a, b *item) int {
		order := register.RecordTypes()
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.head.Type), slices.Index(order, b.head.Type)),
			cmp.Compare(a.head.Slug, b.head.Slug),
		)
	})
}

func (p *publication) loadItem(ctx context.Context, head desk.Record) (*item, error) {
	if head.State != desk.StateApproved {
		return nil, register.ErrForbidden
	}
	it := &item{head: head}
	var err error
	if it.reviewer, it.reviewerRole, err = p.desk.Approval(ctx, head.ID, head.Version); err != nil {
		return nil, err
	}
	if it.author, it.authorRole, err = p.desk.LastAuthor(ctx, head.ID); err != nil {
		return nil, err
	}
	it.draft, err = load(ctx, p.desk, head)
	return it, err
}

// closeReviews closes the reviews of which everything is public now.
func (p *publication) closeReviews(ctx context.Context) error {
	ids := make([]register.Ref, len(p.items))
	for i, it := range p.items {
		ids[i] = it.head.ID
	}
	return p.desk.ClosePublished(ctx, ids, p.actor.ID, p.at)
}

func (p *publication) validate() error {
	var problems register.Problems
	for _, it := range p.items {
		for _, found := range it.draft.validate() {
			found.Field = it.head.Slug + ": " + found.Field
			problems = append(problems, found)
		}
	}
	return problems.OrNil()
}

// refer gives every record its public reference, and puts public references in
// the place of identifiers.
func (p *publication) refer(ctx context.Context) error {
	var series []string
	for _, it := range p.items {
		if it.head.Reference == "" {
			series = append(series, it.series(p.at))
		}
	}
	given, err := p.record.NextReferences(ctx, series)
	if err != nil {
		return err
	}
	for _, it := range p.items {
		if it.head.Reference == "" {
			it.head.Reference, given = given[0], given[1:]
		}
	}
	var ids []register.Ref
	for _, it := range p.items {
		register.EachRef(it.draft.noun(), func(ref *register.Ref) { ids = append(ids, *ref) })
	}
	if p.references, err = p.desk.PublicReferences(ctx, ids); err != nil {
		return err
	}
	for _, it := range p.items {
		p.references[it.head.ID] = it.head.Reference
	}
	return p.translate()
}

func (p *publication) translate() error {
	var problems register.Problems
	for _, it := range p.items {
		register.EachRef(it.draft.noun(), func(ref *register.Ref) {
			public, ok := p.references[*ref]
			if !ok {
				problems = append(problems, register.Problem{Field: it.head.Slug, Key: "problem.not-published"})
			}
			*ref = register.Ref(public)
		})
	}
	return problems.OrNil()
}

// series is the series in which a record is numbered: by the year of what it
// is about where that is known, else by the year of publication.
func (it *item) series(at time.Time) string {
	year := at.Year()
	switch it.head.Type {
	case register.TypeInstitution:
		return "IN"
	case register.TypeStatement:
		if day, ok := it.draft.Statement.Dates.Date().LastDay(); ok {
			year = day.Year
		}
		return fmt.Sprintf("ST-%04d", year)
	case register.TypeIncident:
		if day, ok := it.draft.Incident.Occurred().LastDay(); ok {
			year = day.Year
		}
	}
	return fmt.Sprintf("SJ-%04d", year)
}

func (p *publication) publishAll(ctx context.Context) error {
	numbers, sources, err := p.known(ctx)
	if err != nil {
		return err
	}
	if err := p.readShown(ctx); err != nil {
		return err
	}
	if p.approve != nil {
		p.meanwhile(func() error { return p.approve(ctx) })
	}
	published, err := p.publishEach(ctx, numbers, sources)
	if failed := p.settle(); failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	if err := p.write(ctx); err != nil {
		return err
	}
	return p.desk.MarkPublished(ctx, published)
}

func (p *publication) publishEach(ctx context.Context, numbers map[string]int, sources map[string]register.Source) (map[register.Ref]string, error) {
	published := map[register.Ref]string{}
	for _, it := range p.items {
		if err := p.publish(ctx, it, numbers[it.head.Reference]+1, sources); err != nil {
			return nil, fmt.Errorf("publish %s %s: %w", it.head.Type, it.head.Slug, err)
		}
		published[it.head.ID] = it.head.Reference
	}
	return published, nil
}

// meanwhile has the transaction do something while the caller computes. Who wants
// something of it before settle says that it is done, has to wait there himself.
func (p *publication) meanwhile(work func() error) {
	busy := make(chan error, 1)
	p.busy = busy
	go func() { busy <- work() }()
}

// settle waits for what the transaction does meanwhile.
func (p *publication) settle() error {
	if p.busy == nil {
		return nil
	}
	err := <-p.busy
	p.busy = nil
	return err
}

// known reads the numbers of the last editions of the items, and all sources that
// they cite, by key.
func (p *publication) known(ctx context.Context) (map[string]int, map[string]register.Source, error) {
	references, keys := make([]string, len(p.items)), []string{}
	for i, it := range p.items {
		references[i] = it.head.Reference
		keys = append(keys, register.CitedSources(it.draft.noun())...)
	}
	slices.Sort(keys)
	list, err := p.desk.Sources(ctx, slices.Compact(keys))
	if err != nil {
		return nil, nil, err
	}
	sources := make(map[string]register.Source, len(list))
	for _, s := range list {
		sources[s.Key] = s
	}
	numbers, err := p.record.LastNumbers(ctx, references)
	return numbers, sources, err
}

func (p *publication) publish(ctx context.Context, it *item, number int, sources map[string]register.Source) error {
	var cited []register.Source
	for _, key := range register.CitedSources(it.draft.noun()) {
		if s, ok := sources[key]; ok {
			cited = append(cited, s)
		}
	}
	content := register.Content{
		Format: register.EditionFormat, Type: it.head.Type, Reference: it.head.Reference, Number: number,
		PublishedAt: p.at, AuthorRole: it.authorRole, ReviewerRole: it.reviewerRole, Reason: p.reason,
		Incident: it.draft.Incident, Statement: it.draft.Statement, Institution: it.draft.Institution,
		Sources: register.PublicSources(cited),
	}
	if number > 1 {
		content.Correction = p.correction
	}
	if err := p.pin(ctx, &content); err != nil {
		return err
	}
	act := desk.Publication{
		Record: it.head.ID, Version: it.head.Version, Author: it.author, Reviewer: it.reviewer,
	}
	if err := p.add(ctx, content, act); err != nil {
		return err
	}
	p.audit("publish", it.head.ID, it.head.Version, it.head.Reference, number)
	return nil
}

func (p *publication) audit(action string, record register.Ref, version int, reference string, number int) {
	p.audits = append(p.audits, desk.AuditEntry{
		Actor: p.actor.ID, Action: action, Record: record, Version: version,
		Detail: map[string]any{"reference": reference, "edition": number},
	})
}

func (p *publication) writeAudits(ctx context.Context) error { return p.desk.AuditAll(ctx, p.audits) }

// add makes an edition of a content by an act at the desk, to be written with
// others.
func (p *publication) add(ctx context.Context, content register.Content, act desk.Publication) error {
	canonical, sha, err := content.Canonical()
	if err != nil {
		return err
	}
	act.Reference, act.Number, act.PublishedAt = content.Reference, content.Number, content.PublishedAt
	if content.Statement != nil { // the documents that the log has of it are asked for
		if err := p.settle(); err != nil {
			return err
		}
	}
	salt := newSalt()
	edition := register.Edition{Content: content, SHA256: sha}
	if err := p.leaves.edition(ctx, &content, canonical, salt); err != nil {
		return err
	}
	p.editions[content.Reference] = edition
	delete(p.gone, content.Reference) // what was withdrawn is public again
	p.made = append(p.made, Published{
		Reference: content.Reference, Number: content.Number, SHA256: sha, Carried: act.Carried || act.Merged,
	})
	p.acts = append(p.acts, act)
	p.pending = append(p.pending, record.NewEdition{Edition: edition, Canonical: canonical, Salt: salt, Pinned: p.pinned(content)})
	return nil
}

// write writes the editions that were made: the acts at the desk, the immutable
// contents, and the projections that pages read.
func (p *publication) write(ctx context.Context) error {
	if len(p.pending) == 0 {
		return nil
	}
	p.meanwhile(func() error {
		if err := p.desk.InsertPublications(ctx, p.acts); err != nil {
			return err
		}
		return p.record.InsertEditions(ctx, p.pending)
	})
	projections := record.ProjectionsOf(p.pending)
	if err := p.settle(); err != nil {
		return err
	}
	if err := p.record.WriteProjections(ctx, projections); err != nil {
		return err
	}
	p.acts, p.pending = nil, nil
	return nil
}
