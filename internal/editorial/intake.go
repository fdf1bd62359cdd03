package editorial

import (
	"context"
	"errors"
	"fmt"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// importer is the account whose drafts an import at the command line makes: a part
// of the program that can never sign in, so that whoever publishes them is always
// the second.
func importer() desk.Account {
	return desk.Account{
		Email: "import@sijil.invalid", Name: "Import", Role: register.RoleAnalyst, Language: register.English, Service: true,
	}
}

// Importer returns the import's service account as an actor.
func (e *Editorial) Importer(ctx context.Context) (register.Actor, error) {
	account, err := desk.New(e.db.Querier()).EnsureAccount(ctx, importer())
	return register.Actor{ID: account.ID, Role: account.Role}, err
}

// ErrImportedElsewhere is returned while another program brings in the same file. It
// is ErrConflict.
var ErrImportedElsewhere = fmt.Errorf("the same file is being imported elsewhere: %w", register.ErrConflict)

// Importing is an import under way.
type Importing struct {
	register.ImportRun
	// Resumed means that an earlier run of the same file was broken off: what it has
	// dealt with, Items, is not to be read again.
	Resumed bool

	actor     register.Actor
	publisher register.Actor // zero: nothing is published
	reason    register.Text  // of the editions
}

// Publisher is who publishes what an import brings in, and with which public reason.
type Publisher struct {
	Actor  register.Actor
	Reason register.Text
}

// BeginImport begins the import of a file, or goes on with the one of the same file
// that was broken off. With a publisher, who must have the right to publish imports
// and be somebody else than the actor, what is valid is published. It returns
// ErrForbidden.
func (e *Editorial) BeginImport(ctx context.Context, actor register.Actor, by *Publisher, run register.ImportRun) (*Importing, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	out := &Importing{actor: actor}
	if by != nil {
		if !by.Actor.Role.Can(register.MayPublishImport) || by.Actor.ID == actor.ID {
			return nil, register.ErrForbidden
		}
		out.publisher, out.reason = by.Actor, by.Reason
	}
	run.StartedBy, run.PublishAs = actor.ID, out.publisher.ID
	run.StartedAt = e.now().UTC()
	run.ConfirmedAt = run.StartedAt
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		broken, err := d.BrokenRun(ctx, run)
		if err == nil {
			out.ImportRun, out.Resumed = broken, true
			return nil
		}
		if !errors.Is(err, register.ErrNotFound) {
			return err
		}
		if run.ID, err = d.InsertRun(ctx, run); err != nil {
			return err
		}
		out.ImportRun = run
		return d.Audit(ctx, out.acting(), "begin-import", "", 0, out.detail())
	})
	return out, err
}

// acting is who answers for the import: who publishes, where somebody does.
func (i *Importing) acting() string {
	if i.publisher.ID != "" {
		return i.publisher.ID
	}
	return i.actor.ID
}

func (i *Importing) detail() map[string]any {
	return map[string]any{"run": i.ID, "format": i.Format, "file": i.Name}
}

// EndImport notes that an import came to its end.
func (e *Editorial) EndImport(ctx context.Context, i *Importing, failure string) error {
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		if err := d.EndRun(ctx, i.ID, failure, e.now().UTC()); err != nil {
			return err
		}
		detail := i.detail()
		detail["made"], detail["published"] = i.Made, i.Published
		return d.Audit(ctx, i.acting(), "end-import", "", 0, detail)
	})
}

// Bring brings in the next lines of a file as drafts, in one transaction: all of them
// or, on an error, none. Lines that the database refuses fail the others with them; it
// is for the caller to bring them one by one. What it did is counted in the answer,
// and of i only how far it is. Where somebody
// publishes, PublishBrought is next.
func (e *Editorial) Bring(ctx context.Context, i *Importing, arrivals []register.Arrival) (*Brought, error) {
	var t *intake
	err := e.db.InTx(ctx, func(q store.Querier) error {
		t = e.intake(q, i)
		return t.run(ctx, arrivals)
	})
	if err != nil {
		return nil, err
	}
	i.Items += len(arrivals)
	if i.publisher.ID != "" {
		t.validate() // here, while the batch before is published
	}
	return &Brought{Counts: t.counts, t: t}, nil
}

// Brought is what a transaction of an import made.
type Brought struct {
	Counts register.ImportCounts
	t      *intake
}

// Origins are those of the records that were made.
func (b *Brought) Origins() []register.Origin {
	var out []register.Origin
	for _, a := range b.t.fresh {
		out = append(out, a.Origin)
	}
	return out
}

// intake is what a transaction of an import does.
type intake struct {
	*Importing
	e     *Editorial
	q     store.Querier
	desk  *desk.Queries
	terms *register.Terms

	counts register.ImportCounts
	notes  []register.ImportNote
	fresh  []*register.Arrival
	// ids are the identifiers of records by slug, those that the register has and those
	// that are made.
	ids map[register.Ref]register.Ref
	// found are the institutions that were recognised, by the slug under which they arrived.
	found   map[string]desk.NamedInstitution
	records []desk.NewRecord
	drafts  map[register.Ref]*Draft // of what is made, by identifier
	origins map[register.Ref]register.Origin
	held    map[*register.Arrival]bool
	wrong   map[register.Ref]register.Problems // of drafts
}

func (e *Editorial) intake(q store.Querier, i *Importing) *intake {
	return &intake{
		Importing: i, e: e, q: q, desk: e.sources(q),
		ids: map[register.Ref]register.Ref{}, found: map[string]desk.NamedInstitution{},
		drafts: map[register.Ref]*Draft{}, origins: map[register.Ref]register.Origin{}, held: map[*register.Arrival]bool{},
	}
}

func (t *intake) run(ctx context.Context, arrivals []register.Arrival) error {
	steps := []func() error{
		func() error { return t.begin(ctx) },
		func() error { return t.sort(ctx, arrivals) },
		func() error { return t.recognise(ctx) },
		func() error { return t.saveSources(ctx) },
		func() error { return t.prepare(ctx) },
		func() error { return t.insert(ctx) },
		func() error { return t.desk.AuditAll(ctx, t.audit()) },
		// Last of all, since who publishes counts in the same row.
		func() error { return t.advance(ctx, t.Items) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (t *intake) begin(ctx context.Context) (err error) {
	t.terms, err = t.desk.Terms(ctx)
	return err
}

// advance counts what was done, of a run that nobody else went on with.
func (t *intake) advance(ctx context.Context, done int) error {
	err := t.desk.AdvanceRun(ctx, t.ID, done, t.counts, t.notes)
	if errors.Is(err, register.ErrConflict) {
		return ErrImportedElsewhere
	}
	return err
}

func (t *intake) note(a *register.Arrival, reason register.ImportReason, detail string, draft bool) {
	t.notes = append(t.notes, register.ImportNote{
		Line: a.Origin.Line, OriginID: a.Origin.ID, Reason: reason, Detail: detail, Draft: draft,
	})
}

// hold keeps an arrival from being published; the reason is reported, once, where
// something is to be.
func (t *intake) hold(a *register.Arrival, reason register.ImportReason, detail string) {
	if t.publisher.ID == "" || t.held[a] {
		return
	}
	t.held[a] = true
	t.note(a, reason, detail, true)
}

// sort leaves what is to be skipped and what is known already.
func (t *intake) sort(ctx context.Context, arrivals []register.Arrival) error {
	t.counts.Items = len(arrivals)
	var ids []string
	slugs := map[register.RecordType][]string{}
	for i := range arrivals {
		ids = append(ids, arrivals[i].Origin.ID)
		if kind, slug := subject(&arrivals[i]); slug != "" && kind != register.TypeInstitution {
			slugs[kind] = append(slugs[kind], slug)
		}
	}
	known, err := t.desk.KnownOrigins(ctx, t.Format, ids)
	if err != nil {
		return err
	}
	taken := map[string]bool{}
	for kind, list := range slugs {
		heads, err := t.desk.RecordsBySlug(ctx, kind, list)
		if err != nil {
			return err
		}
		for _, head := range heads {
			taken[head.Slug], t.ids[register.Ref(head.Slug)] = true, head.ID
		}
	}
	for i := range arrivals {
		a := &arrivals[i]
		_, slug := subject(a)
		switch {
		case a.Skip != "":
			t.counts.Skipped++
			t.note(a, a.Skip, a.Detail, false)
		case known[a.Origin.ID] || taken[slug]:
			t.counts.Known++
		default:
			known[a.Origin.ID] = true
			t.fresh = append(t.fresh, a)
		}
	}
	return nil
}

// subject is the record that an arrival is about, which has its origin.
func subject(a *register.Arrival) (register.RecordType, string) {
	switch {
	case a.Incident != nil:
		return register.TypeIncident, a.Incident.Slug
	case a.Statement != nil:
		return register.TypeStatement, a.Statement.Slug
	case len(a.Institutions) > 0:
		return register.TypeInstitution, a.Institutions[0].Slug
	}
	return "", ""
}

// saveSources makes the sources that the register does not have. Others stay as they
// are, but an address that names a person is withheld from now on.
func (t *intake) saveSources(ctx context.Context) error {
	all := map[string]register.Source{}
	var keys []string
	for _, a := range t.fresh {
		for _, s := range a.Sources {
			had, ok := all[s.Key]
			if !ok {
				keys = append(keys, s.Key)
				had = s
			}
			had.URLWithheld = had.URLWithheld || s.URLWithheld
			all[s.Key] = had
		}
	}
	if len(keys) == 0 {
		return nil
	}
	known, err := t.desk.KnownSources(ctx, keys)
	if err != nil {
		return err
	}
	var fresh []register.Source
	var folded, withhold []string
	for _, key := range keys {
		s := all[key]
		withheld, has := known[key]
		switch {
		case has && s.URLWithheld && !withheld:
			withhold = append(withhold, key)
		case !has:
			fresh, folded = append(fresh, s), append(folded, sourceWords(s))
		}
	}
	if len(withhold) > 0 {
		if err := t.desk.WithholdAddresses(ctx, t.actor.ID, withhold); err != nil {
			return err
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return t.desk.InsertSources(ctx, t.actor.ID, fresh, folded)
}

// prepare gives identifiers to what is to be made, and lets it point to each other
// and to what there is.
func (t *intake) prepare(ctx context.Context) error {
	var drafts []Draft
	for _, a := range t.fresh {
		for n := range a.Institutions {
			i := &a.Institutions[n]
			if t.ids[register.Ref(i.Slug)] == "" {
				t.ids[register.Ref(i.Slug)] = "new"
				drafts = append(drafts, Draft{Institution: i})
			}
		}
		if a.Statement != nil {
			drafts = append(drafts, Draft{Statement: a.Statement})
		}
		if a.Incident != nil {
			drafts = append(drafts, Draft{Incident: a.Incident})
		}
	}
	ids, err := t.desk.NewIDs(ctx, len(drafts))
	if err != nil {
		return err
	}
	for i := range drafts {
		d := &drafts[i]
		d.ID, d.Version, d.terms = ids[i], 1, t.terms
		t.ids[register.Ref(d.head().Slug)] = d.ID
		t.drafts[d.ID] = d
	}
	if err := findInstitutions(ctx, t.desk, drafts, t.ids); err != nil {
		return err
	}
	if err := resolve(drafts, t.ids); err != nil {
		return err
	}
	for i := range drafts {
		d := &drafts[i]
		if d.Incident != nil {
			t.terms.PlaceSteps(d.Incident)
		}
		if d.Institution != nil {
			t.counts.InstitutionsMade++
		}
		t.records = append(t.records, desk.NewRecord{Head: d.head(), Noun: d.noun(), Entry: entryOf(*d)})
	}
	for _, a := range t.fresh {
		if _, slug := subject(a); slug != "" {
			id := t.ids[register.Ref(slug)]
			t.origins[id] = a.Origin
			if t.drafts[id] != nil {
				t.counts.Made++
			} else { // an institution that was recognised
				t.counts.Known++
			}
		}
	}
	return nil
}

// insert makes the drafts.
func (t *intake) insert(ctx context.Context) error {
	if len(t.records) > 0 {
		if err := t.desk.InsertRecords(ctx, t.actor.ID, t.records); err != nil {
			return err
		}
	}
	if len(t.origins) > 0 {
		return t.desk.InsertOrigins(ctx, t.ID, t.origins)
	}
	return nil
}

// audit is the line of what was made, which is written last of all.
func (t *intake) audit() []desk.AuditEntry {
	return []desk.AuditEntry{{
		Actor: t.actor.ID, Action: "import", Detail: map[string]any{"run": t.ID, "records": len(t.records)},
	}}
}

// EachNote calls do for everything that is to be reported of an import, in the order
// of its lines.
func (e *Editorial) EachNote(ctx context.Context, i *Importing, do func(register.ImportNote)) error {
	const page = 1000
	d := desk.New(e.db.Querier())
	for after := 0; ; after += page {
		notes, err := d.Notes(ctx, i.ID, after, page)
		if err != nil {
			return err
		}
		for _, n := range notes {
			do(n)
		}
		if len(notes) < page {
			return nil
		}
	}
}
